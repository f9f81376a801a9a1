"""What a computation returns prints as what it says, not as all it holds."""

from __future__ import annotations

import textwrap

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
