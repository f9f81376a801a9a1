"""The first screen of a page: one large number, the answer in sentences, and a picture beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sozialanalyse.base import text
from sozialanalyse.present._markup import esc, fragment_id, tag
from sozialanalyse.present.anzeige import Anzeige


@dataclass(frozen=True)
class Kennzahl:
    """The one number of a page as it is read: value with unit, what it counts, and what it compares with."""

    wert: str
    worte: str
    vergleich: str = ""

    @property
    def satz(self) -> str:
        """The same in one line."""
        return f"{self.wert} {self.worte}" + (f" ({self.vergleich})" if self.vergleich else "")


def auftakt(
    antwort: Anzeige, *, kennzahl: Kennzahl | None = None, bild: Anzeige | None = None, hinweis: str = ""
) -> Anzeige:
    """Number and answer beside the picture where there is room, else number, picture, answer.

    Parameters
    ----------
    antwort
        Sentences that answer the question of the page.
    bild
        Map or figure; without one the answer takes the whole width.
    hinweis
        Remark in small type below the answer.
    """
    number = "" if kennzahl is None else _kennzahl(kennzahl)
    first = (
        ()
        if kennzahl is None
        else (Anzeige(titel=text("present.auf_einen_blick"), html=number, saetze=(kennzahl.satz,)),)
    )
    picture = tag("div", bild.html, klasse="sa-auftakt-bild") if bild is not None and bild.html else ""
    note = tag("p", esc(hinweis), klasse="sa-redaktion") if hinweis else ""
    words = tag("div", antwort.html, note, klasse="sa-auftakt-wort")
    kind = "sa sa-auftakt" if picture else "sa sa-auftakt sa-ohne-bild"
    return Anzeige(
        titel=antwort.titel,
        html=tag("div", number, picture, words, klasse=kind),
        tabelle=antwort.tabelle,
        teile=(*first, antwort, *((bild,) if picture and bild is not None else ())),
    )


def _kennzahl(kennzahl: Kennzahl) -> str:
    more = tag("span", esc(kennzahl.vergleich), klasse="sa-kennzahl-vergleich") if kennzahl.vergleich else ""
    return tag(
        "p",
        tag("strong", esc(kennzahl.wert)),
        " ",
        tag("span", esc(kennzahl.worte), klasse="sa-kennzahl-worte"),
        " " if more else "",
        more,
        klasse="sa-kennzahl",
    )


def klappe(teile: Sequence[Anzeige | None], *, titel: str = "", ebene: int = 2, klasse: str = "") -> Anzeige:
    """Several pieces folded under a heading; print shows them all. Nothing if there is nothing inside.

    Parameters
    ----------
    titel
        Words to open it by; those for specialists when left out.
    ebene
        Level of the heading, so that it stands in the contents of the page.
    klasse
        One more class.
    """
    heading = titel or text("present.klappe")
    body = "".join(teil.html for teil in teile if teil is not None)
    if not body:
        return Anzeige(titel=heading, html="")
    head = tag("summary", tag(f"h{ebene}", esc(heading)))
    name = fragment_id("klappe", heading, body)
    kind = f"sa sa-klappe {klasse}".strip()
    shown = next((teil.tabelle for teil in teile if teil is not None), pd.DataFrame())
    html = tag("details", head, body, klasse=kind, id=name)
    return Anzeige(
        titel=heading, html=html, tabelle=shown, teile=tuple(filter(None, teile)), kapitel=ebene == 2
    )
