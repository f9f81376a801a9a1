"""What a computation returns prints as what it says, not as all it holds."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from sozialanalyse.base.zahlform import zahl

if TYPE_CHECKING:
    import pandas as pd

ZEILEN, BREITE = 20, 100
"""A screen of a terminal."""


class Ergebnis:
    """Base of results with a ``summary``: shown at a prompt or in a notebook they say it, on a screen at most."""

    def summary(self) -> str:
        """What a reader should know, in German sentences."""
        raise NotImplementedError

    def __repr__(self) -> str:
        lines = textwrap.wrap(self.summary(), BREITE)
        return "\n".join([*lines[:ZEILEN], *(["…"] if len(lines) > ZEILEN else [])])


def tabelle_html(table: pd.DataFrame, nachkommastellen: int = 2, **options: Any) -> str:
    """Table of a result for a notebook: German numbers, a dash for a gap; ``options`` as in ``to_html``."""
    return str(
        table.to_html(
            float_format=lambda value: zahl(value, nachkommastellen), na_rep="–", border=0, **options
        )
    )
