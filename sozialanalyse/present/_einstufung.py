"""Values of a map with their classes, colours, words and legend; the same for every map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._gebiete import lueckensaetze, spannensaetze
from sozialanalyse.present._histogramm import Stufe
from sozialanalyse.present._zeichnung import muster, swatch
from sozialanalyse.present.abbildung import Legende
from sozialanalyse.present.klassen import Klassen, Methode, einteilen
from sozialanalyse.present.tafel import Spalte

Skala = Literal["sequenziell", "divergierend"]


@dataclass(frozen=True)
class Einstufung:
    """What a map shows of each area.

    Attributes
    ----------
    werte
        Numbers that may be shown, missing otherwise.
    status
        Status per area.
    spalte
        How they are called and printed.
    klassen, farben
        Limits, and a colour per class.
    fuellung
        Colour per area, "missing" or "hidden" for areas without a number.
    ruhig, ruhig_wort
        Areas that take the colour of the middle class whatever their value, and why; None for no such areas.
    richtung
        1 where a higher value means more need, -1 where a lower one does, 0 where nobody says.
    """

    werte: pd.Series
    status: pd.Series
    spalte: Spalte
    klassen: Klassen
    farben: Sequence[str]
    fuellung: pd.Series
    ruhig: pd.Series | None = None
    ruhig_wort: str = ""
    richtung: int = 0
    skala: Skala = "sequenziell"

    @property
    def einheit(self) -> str:
        """Unit of the values."""
        return self.spalte.einheit

    @property
    def nachkommastellen(self) -> int:
        """Decimals of the values and of the limits of their classes."""
        return self.klassen.nachkommastellen

    @property
    def farbsatz(self) -> str:
        """What the strongest colour means, for the line below a title; empty where nobody says."""
        if not self.richtung:
            return ""
        return text(f"present.karte.bedarf_{self.skala}")

    def fuer(self, gebiete: pd.Index) -> Einstufung:
        """The same for the areas of a map, in their order; one nobody gave a value for is a gap."""
        quiet = None if self.ruhig is None else self.ruhig.reindex(gebiete, fill_value=False)
        values = self.werte.reindex(gebiete)
        states = formats.status_von(values, self.status.reindex(gebiete))
        fill = self.fuellung.reindex(gebiete, fill_value="missing")
        return replace(self, werte=values, status=states, fuellung=fill, ruhig=quiet)

    @property
    def worte(self) -> list[str]:
        """Value with unit, or the reason for the gap, per area."""
        said = [
            formats.wert(value, self.einheit, self.nachkommastellen)
            if pd.notna(value)
            else formats.status_wort(state)
            for value, state in zip(self.werte, self.status, strict=True)
        ]
        if self.ruhig is None:
            return said
        return [
            f"{word} ({self.ruhig_wort})" if quiet else word
            for word, quiet in zip(said, self.ruhig, strict=True)
        ]

    def stufen(self, prefix: str) -> list[Stufe]:
        """Classes and gaps with their areas; ``prefix`` names the patterns of the drawing."""
        loud = self.werte if self.ruhig is None else self.werte.mask(self.ruhig)
        found = self.klassen.zuordnen(loud)
        names = zip(self.farben, self.klassen.beschriftung(self.einheit), strict=True)
        middle = self.klassen.anzahl // 2
        steps = [
            Stufe(colour, name, found.index[found.eq(i).fillna(False)])
            for i, (colour, name) in enumerate(names)
        ]
        if self.ruhig is not None:
            if steps[middle].gebiete.empty:
                del steps[middle]
            steps.append(Stufe(self.farben[middle], self.ruhig_wort, self.ruhig.index[self.ruhig]))
        return [*steps, *luecken(self.werte, self.status, prefix)]

    def klassenfelder(self, prefix: str, status: pd.DataFrame) -> Legende:
        """Classes without counts and the kinds of gaps that occur, for several maps with one legend."""
        names = zip(self.farben, self.klassen.beschriftung(self.einheit), strict=True)
        own = f"{prefix}l"  # patterns of its own: on a phone those of the wide drawing are not painted
        used = [s for s in pd.unique(status.to_numpy().ravel()) if s in formats.OHNE_WERT]
        kinds = sorted(used, key=lambda state: (state != "geheim", formats.status_wort(state)))
        gaps = [
            (
                swatch(f"url(#{own}-{'g' if s == 'geheim' else 'f'})", defs=muster(own) if i == 0 else ""),
                formats.status_wort(s),
            )
            for i, s in enumerate(kinds)
        ]
        return [*((swatch(colour), name) for colour, name in names), *gaps]

    def beschreibung(self, names: pd.Series, kontext: Kontext) -> str:
        """Alternative text: how many areas and classes, highest, lowest, gaps."""
        first = text(
            "present.karte.werte",
            anzahl=formats.zahl(len(self.werte)),
            gebiete=kontext.sozialraum.mehrzahl,
            klassen=formats.zahl(self.klassen.anzahl),
        )
        span = spannensaetze(self.werte, names, self.einheit, self.nachkommastellen)
        quiet = (
            []
            if self.ruhig is None
            else [text("present.karte.ruhig", wort=self.ruhig_wort, anzahl=formats.zahl(self.ruhig.sum()))]
        )
        return " ".join([first, *span, *quiet, *lueckensaetze(self.werte, self.status)])


def luecken(werte: pd.Series, status: pd.Series, prefix: str) -> list[Stufe]:
    """Kinds of gaps with their areas."""
    return [
        Stufe(
            f"url(#{prefix}-{'g' if state == 'geheim' else 'f'})",
            formats.status_wort(state),
            werte.index[werte.isna() & (status == state)],
        )
        for state in formats.luecken(werte, status)
    ]


def einstufen(
    werte: pd.Series,
    spalte: Spalte,
    *,
    status: pd.Series | None = None,
    klassen: Klassen | None = None,
    methode: Methode = "quantil",
    anzahl: int = 5,
    skala: Skala = "sequenziell",
    richtung: int = 0,
    ruhig: pd.Series | None = None,
    ruhig_wort: str = "",
) -> Einstufung:
    """Class the values that may be shown.

    Parameters
    ----------
    werte
        Number per area; missing where there is none.
    spalte
        How they are called and printed; one decimal where it leaves that open.
    status
        Why a number is missing; a number whose status forbids showing it appears nowhere.
    klassen
        Fixed classes, for instance of all years; otherwise found by ``methode`` and ``anzahl``.
    skala
        ``sequenziell``, or ``divergierend`` for values around a middle.
    richtung
        1 where a higher value means more need, -1 where a lower one does: that side has the strongest colour.
        0 where nobody says.
    ruhig, ruhig_wort
        Areas whose value means nothing by itself, say a change within chance: they take the colour of the
        middle class whatever their value, and the legend counts them apart under these words. One without a
        number stays a gap.
    """
    states = formats.status_von(werte, status)
    shown = formats.sichtbar(werte, states)
    digits = 1 if spalte.nachkommastellen is None else spalte.nachkommastellen
    classes = klassen or einteilen(shown, methode, anzahl, nachkommastellen=digits)
    column = replace(spalte, nachkommastellen=classes.nachkommastellen)
    colours = (theme.divergierend if skala == "divergierend" else theme.sequenziell)(classes.anzahl, richtung)
    found = classes.zuordnen(shown)
    fill = found.map(dict(enumerate(colours)), na_action="ignore").astype(object)
    fill = fill.where(found.notna(), "missing").mask(states == "geheim", "hidden")
    quiet = None if ruhig is None else ruhig.reindex(shown.index, fill_value=False).eq(True) & shown.notna()
    if quiet is None or not quiet.any():
        return Einstufung(shown, states, column, classes, colours, fill, richtung=richtung, skala=skala)
    fill = fill.mask(quiet, colours[classes.anzahl // 2])
    return Einstufung(shown, states, column, classes, colours, fill, quiet, ruhig_wort, richtung, skala)
