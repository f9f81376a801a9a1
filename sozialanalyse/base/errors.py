"""Errors that a planner may see: one German sentence, a place, a remedy.

Every foreseeable fault is a :class:`SozialanalyseFehler`. Command line, notebooks and web pages
show its text as it is; anything else is a defect of this package and keeps its traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Schwere = Literal["fehler", "warnung", "hinweis"]


class SozialanalyseFehler(Exception):
    """Base of all faults with a message in German for the person in front of the screen."""


class RegionFehler(SozialanalyseFehler):
    """The region folder is incomplete or contradicts itself."""


class ParameterFehler(SozialanalyseFehler):
    """A run parameter is unknown, ill-typed or names something that does not exist."""


class LieferungFehler(SozialanalyseFehler):
    """A delivery cannot be read as its dataset page says."""


class BestandFehler(SozialanalyseFehler):
    """The stored snapshot is missing, damaged or of another version."""


class DatenFehler(SozialanalyseFehler):
    """Something was asked for that the data do not hold."""


class LaufFehler(SozialanalyseFehler):
    """A report could not be produced."""


LAENGSTES_ZITAT = 200
"""So many characters of a cell or heading a message repeats."""
_ZITAT = re.compile(rf"„([^“]{{{LAENGSTES_ZITAT}}})[^“]{{2,}}“")


@dataclass(frozen=True)
class Befund:
    """One finding of a check, with its place in the delivery.

    ``zeile`` counts from 1 as the spreadsheet program shows it; ``spalte`` is the letter or the
    heading. Empty places are left out of the text.
    """

    schwere: Schwere
    text: str
    abhilfe: str = ""
    datei: str = ""
    blatt: str = ""
    zeile: int | None = None
    spalte: str = ""
    regel: str = ""
    datensatz: str = ""
    """Dataset it belongs to; empty for findings about pages of the region."""
    stelle: str = ""
    """Place within the file in the words of its format, where these know no rows and columns."""
    dateien: tuple[str, ...] = ()
    """Every file whose rows it tells about, where it tells about more than its place; see :attr:`erzaehlt_von`."""

    def __post_init__(self) -> None:
        for name in ("text", "abhilfe", "spalte"):
            written = getattr(self, name)
            if len(written) > LAENGSTES_ZITAT:  # a cell may hold a novel
                object.__setattr__(self, name, _ZITAT.sub("„\\1 …“", written))

    @property
    def erzaehlt_von(self) -> frozenset[str]:
        """Files whose content the words tell about: whoever delivered only some of them must not read it."""
        return frozenset(self.dateien or filter(None, [self.datei]))

    @property
    def ort(self) -> str:
        """Place in words: file, sheet, row, column."""
        parts = [
            self.datei,
            f"Blatt „{self.blatt}“" if self.blatt else "",
            f"Zeile {self.zeile}" if self.zeile is not None else "",
            f"Spalte {self.spalte}" if self.spalte else "",
            self.stelle,
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        place = f"{self.ort}: " if self.ort else ""
        remedy = f" {self.abhilfe}" if self.abhilfe else ""
        return f"{place}{self.text}{remedy}"


class PruefFehler(SozialanalyseFehler):
    """A check found at least one fault; ``befunde`` holds all of them."""

    def __init__(self, befunde: Iterable[Befund]) -> None:
        self.befunde = tuple(befunde)
        super().__init__("\n".join(str(befund) for befund in self.befunde))


def vorschlag(wort: str, bekannt: Iterable[str], anzahl: int = 3) -> str:
    """Sentence that names the closest known words, or some of the known ones."""
    names = [str(name) for name in bekannt]
    folded = {name.casefold(): name for name in reversed(names)}
    close = [folded[one] for one in get_close_matches(wort.casefold(), list(folded), n=anzahl, cutoff=0.6)]
    if close:
        return "Gemeint ist vielleicht: " + ", ".join(f"„{name}“" for name in close) + "."
    if not names:
        return ""
    shown = ", ".join(f"„{name}“" for name in names[:12])
    more = f" und {len(names) - 12} weitere" if len(names) > 12 else ""
    return f"Es gibt: {shown}{more}."
