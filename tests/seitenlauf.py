"""Finished pages without a kernel: a notebook's cells run here, its results in the frame of the service."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from sozialanalyse import store
from sozialanalyse.publish import arbeit, einband, pdf, runs
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import ganze_seite, notebook_inhalt
from sozialanalyse.seiten import Lauf, seite

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def fuehre_aus(notebook: str, werte: dict[str, Any]) -> nbformat.NotebookNode:
    """Run a notebook in this process; parameters replace those of its cell."""
    book = nbformat.read(seite(notebook).quelle(NOTEBOOKS), as_version=4)
    names: dict[str, Any] = {}
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        if "parameters" in cell.metadata.get("tags", []):
            exec(cell.source, names)
            names.update(werte)
            continue
        names["display"] = lambda *shown, cell=cell: cell.outputs.extend(map(_ausgabe, shown))
        *lines, last = ast.parse(cell.source).body
        if not isinstance(last, ast.Expr):
            lines, last = [*lines, last], ast.Expr(ast.Constant(None))
        exec(compile(ast.Module(lines, []), notebook, "exec"), names)
        shown = eval(compile(ast.Expression(last.value), notebook, "eval"), names)
        if shown is not None:
            cell.outputs.append(_ausgabe(shown))
    return book


def _ausgabe(shown: Any) -> nbformat.NotebookNode:
    bundle = getattr(shown, "_repr_mimebundle_", None)
    data = {"text/html": shown._repr_html_()} if hasattr(shown, "_repr_html_") else {}
    data |= (bundle() if bundle else None) or {}
    return nbformat.v4.new_output("display_data", data=data)


def lege_seite(
    daten: store.Daten,
    ausgabe: Path,
    notebook: str,
    name: str = "gesamt",
    *,
    papier: bool = False,
    **werte: Any,
) -> Path:
    """Write one page with its files as the batch does, its PDF only if asked for; returns the page."""
    place = Ablage(ausgabe)
    einband.lege_beilagen(place.unter("oeffentlich"))
    lauf = Lauf(notebook, name, seite(notebook).parameter(**werte))
    book = fuehre_aus(notebook, werte)
    for ending, content in arbeit.beigaben(book).items():
        place.schreibe(f"{runs.platz(lauf)}{ending}", content)
    frame = runs.rahmen_fuer(lauf, einband.rahmen(daten.region, daten), notebook)
    content = notebook_inhalt(book).replace(f'href="{arbeit.PLATZHALTER}.', f'href="{name}.')
    place.schreibe(f"{runs.platz(lauf)}.html", ganze_seite(content, frame))
    if papier and lauf.seite.pdf:
        place.schreibe(f"{runs.platz(lauf)}.pdf", pdf.erzeuge(content, frame))
    return ausgabe / f"{runs.platz(lauf)}.html"


def lege_alle(daten: store.Daten, ausgabe: Path, seiten: Sequence[Lauf]) -> dict[str, Path]:
    """Write pages with their files and PDFs, and the start page above them; returns them by notebook/name."""
    pages = {
        lauf.schluessel: lege_seite(
            daten,
            ausgabe,
            lauf.notebook,
            lauf.name,
            papier=True,
            **lauf.parameter.model_dump(exclude_defaults=True),
        )
        for lauf in seiten
    }
    return {**pages, "start": lege_startseite(daten, ausgabe, seiten)}


def lege_startseite(daten: store.Daten, ausgabe: Path, laeufe: Sequence[str | Lauf]) -> Path:
    """Write the composed start page over reports that lie in the folder, the overall ones by name; returns it."""
    place = Ablage(ausgabe).unter("oeffentlich")
    place.schreibe("index/gesamt.ipynb", nbformat.writes(fuehre_aus("index", {})))
    made = [one if isinstance(one, Lauf) else Lauf(one, "gesamt", seite(one).parameter()) for one in laeufe]
    einband.schreibe_uebersicht(place, daten.region, daten, made)
    return ausgabe / "oeffentlich" / "index.html"
