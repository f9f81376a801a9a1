"""Files that belong to a page: beside a finished page, inside a notebook that is being edited."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

MIME = "application/vnd.sozialanalyse.dateien+json"
"""Kind of output that carries files, as ending -> base64; the engine lays them beside the page."""
PLATZHALTER = "sa-seite"
"""Stands in links for the name of the page, which a notebook does not know."""
ARTEN = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv;charset=utf-8",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Anhang:
    """Links to files of the page.

    Attributes
    ----------
    dateien
        Ending -> content.
    worte
        Ending -> what the reader calls it.
    titel
        Heading of the list.
    """

    dateien: Mapping[str, bytes]
    worte: Mapping[str, str]
    titel: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        static = bool(os.environ.get("SOZIALANALYSE_STATISCH") or os.environ.get("SOZIALANALYSE_DATEIEN"))
        coded = {ending: base64.b64encode(content).decode() for ending, content in self.dateien.items()}
        items = []
        for ending, words in self.worte.items():
            address = f"{PLATZHALTER}.{ending}" if static else f"data:{ARTEN[ending]};base64,{coded[ending]}"
            name = "" if static else f'="daten.{ending}"'
            size = max(1, round(len(self.dateien[ending]) / 1024))
            items.append(f'<li><a href="{address}" download{name}>{escape(words)}</a> ({size}\u00a0kB)</li>')
        html = (
            f'<section class="sa sa-anhang"><h3>{escape(self.titel)}</h3><ul>{"".join(items)}</ul></section>'
        )
        return {"text/html": html, "text/plain": self.titel, **({MIME: coded} if static else {})}
