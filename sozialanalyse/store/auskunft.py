"""What data can say about themselves: origin, bounds of what is hidden, areas that hold for all dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sozialanalyse.base import DatenFehler, vorschlag
from sozialanalyse.store import gemeinsam, herkunft
from sozialanalyse.store.bestand import GRENZEN, MERKMALE


class Auskunft:
    """Answers that need more than the values; part of :class:`sozialanalyse.store.Daten`."""

    if TYPE_CHECKING:
        audience: Any
        bestand: dict[str, Any]
        _gebiete: pd.DataFrame
        _indikatoren: pd.DataFrame

        @cached_property
        def stichtage(self) -> tuple[str, ...]: ...
        def _datei(self, name: str) -> Path: ...
        def _known(self, indikatoren: str | list[str]) -> list[str]: ...
        def stichtag(self, angabe: str | date | None = None) -> str: ...
        def werte(self, *args: Any, **options: Any) -> pd.DataFrame: ...
        def matrix(self, *args: Any, **options: Any) -> pd.DataFrame: ...
        def umstiege(self) -> pd.DataFrame: ...

    def _nur_intern(self, was: str) -> None:
        if self.audience != "intern":
            raise DatenFehler(f"{was} nur intern zugänglich.")

    @cached_property
    def _merkmale(self) -> pd.DataFrame:
        return pd.read_parquet(self._datei(MERKMALE))

    def merkmale(self) -> pd.DataFrame:
        """Every delivered number with its cell, the long table behind all values; internal only.

        Raises
        ------
        DatenFehler
            If the data were loaded for others.
        """
        self._nur_intern("Die gelieferten Zahlen sind")
        return self._merkmale.copy()

    @cached_property
    def _verbindungen(self) -> pd.DataFrame:
        """Old areas and those of today they lie in."""
        return pd.read_parquet(self._datei("umstiege.parquet"))

    def herkunft(self, gebiet: str, indikator: str, stichtag: str | date | None = None) -> pd.DataFrame:
        """Every delivered cell a value was made from; internal only.

        Returns
        -------
        DataFrame
            rolle (zaehler, nenner), feld, vorzeichen, gebiet_id (as delivered), anteil (share of its
            number that belongs to the area), wert, status, roh (text as delivered), korrektur (id of a
            correction record), datei, blatt, zelle, datenstand, sha256 of the file.

        Raises
        ------
        DatenFehler
            If area, indicator or date is unknown, or the data were loaded for others.
        """
        self._nur_intern("Die Herkunft aus den Lieferungen ist")
        if gebiet not in self._gebiete.index:
            raise DatenFehler(
                f"Das Gebiet „{gebiet}“ gibt es nicht. {vorschlag(gebiet, self._gebiete.index)}"
            )
        page = self._indikatoren.loc[self._known(indikator)[0]]
        terms = {
            role: [(int(sign), str(name)) for sign, name in page[role]] for role in ("zaehler", "nenner")
        }
        return herkunft.herkunft(
            gebiet,
            self.stichtag(stichtag),
            {role: glieder for role, glieder in terms.items() if glieder},
            self._merkmale,
            self._gebiete,
            self.umstiege(),
            pd.DataFrame(self.bestand["quellen"]),
        )

    def grenzen(
        self, indikatoren: str | list[str] | None = None, stichtag: str | date | None = None
    ) -> pd.DataFrame:
        """Bounds of values that rest on hidden numbers, on every level; internal only.

        Returns
        -------
        DataFrame
            gebiet_id, indikator_id, stichtag, unten, oben, zaehler_unten, zaehler_oben; ``oben`` is NaN
            where nothing bounds it.
        """
        self._nur_intern("Grenzen geheimer Werte sind")
        if GRENZEN not in self.bestand["dateien"]:  # nothing is hidden
            return pd.DataFrame(
                columns=[
                    "gebiet_id",
                    "indikator_id",
                    "stichtag",
                    "unten",
                    "oben",
                    "zaehler_unten",
                    "zaehler_oben",
                ]
            )
        frame = pd.read_parquet(self._datei(GRENZEN))
        if indikatoren is not None:
            frame = frame[frame["indikator_id"].isin(self._known(indikatoren))]
        if stichtag is not None:
            frame = frame[frame["stichtag"] == self.stichtag(stichtag)]
        return frame.reset_index(drop=True)

    def mitten(
        self, indikatoren: str | list[str] | None = None, stichtag: str | date | None = None
    ) -> pd.DataFrame:
        """Middle of the interval of every hidden value of a small area at one date; internal only.

        No value: an aid for an index that would otherwise leave the area out, and to be marked as such.

        Returns
        -------
        DataFrame
            Areas x indicators; NaN where the value is known, missing, or its interval has no upper end.
        """
        known = self.matrix(indikatoren, stichtag)
        bounds = self.grenzen(indikatoren, self.stichtag(stichtag))
        bounds["mitte"] = (bounds["unten"] + bounds["oben"]) / 2
        middle = bounds.pivot(index="gebiet_id", columns="indikator_id", values="mitte")
        return middle.reindex(index=known.index, columns=known.columns).astype(float).where(known.isna())

    def korrekturen(self) -> pd.DataFrame:
        """Numbers mended by a record: korrektur, gebiet_id, feld, stichtag, roh, wert, datei, blatt, zelle."""
        self._nur_intern("Korrekturen sind")
        mended = self._merkmale[self._merkmale["korrektur"].astype("str") != ""]
        columns = ["korrektur", "gebiet_id", "feld", "stichtag", "roh", "wert", "datei", "blatt", "zelle"]
        return mended[columns].reset_index(drop=True)

    def gemeinsame_gebiete(self, seit: str | date | None = None) -> pd.Series:
        """Group of every small area that holds for all dates from ``seit`` (default the first).

        Areas that an older area was divided into stay together, so long series need no estimate.
        """
        first = self.stichtag(seit) if seit is not None else self.stichtage[0]
        areas = self._gebiete.index[self._gebiete["level"] == "sozialraum"]
        return gemeinsam.gruppen(areas, self._verbindungen, first)

    def gemeinsame_werte(
        self, indikatoren: str | list[str] | None = None, seit: str | date | None = None
    ) -> pd.DataFrame:
        """Long series on areas that hold for all dates, from counts.

        Returns
        -------
        DataFrame
            gebiet_id (group, such as "A 1a + A 1b"), indikator_id, stichtag, wert, zaehler, nenner, status,
            umgerechnet, gebiete (number of areas). Medians of several areas make no sense and are a gap.
        """
        first = self.stichtag(seit) if seit is not None else self.stichtage[0]
        frame = self.werte(indikatoren)
        frame = frame[frame["stichtag"] >= first]
        return gemeinsam.zusammengefasst(frame, self.gemeinsame_gebiete(first), self._indikatoren)

    def gruppenwerte(
        self,
        gruppen: Mapping[str, Collection[str]],
        indikatoren: str | list[str] | None = None,
        stichtag: str | date | None = None,
    ) -> pd.DataFrame:
        """Werte eigener Gruppen von Sozialräumen an einem Stichtag, aus Fällen und Bezugsgrößen.

        A number of a group is the sum of numbers that can be seen one by one, or there is none: so nothing
        can be computed from a group that its areas do not show already, however many groups overlap.

        Parameters
        ----------
        gruppen
            Name -> ids of its areas.
        stichtag
            Default the latest.

        Returns
        -------
        DataFrame
            As :meth:`gemeinsame_werte`; ``gebiet_id`` is the name of the group. Medians and delivered rates
            are gaps, as is everything an area of the group hides or lacks.
        """
        frame = self.werte(indikatoren, self.stichtag(stichtag))
        found = []
        for name, areas in gruppen.items():
            own = frame[frame["gebiet_id"].isin(areas)]
            made = gemeinsam.zusammengefasst(own, pd.Series(name, index=list(areas)), self._indikatoren)
            lacking = made["gebiete"] < len(set(areas))
            made.loc[lacking, ["wert", "zaehler", "nenner"]] = float("nan")
            made.loc[lacking, "status"] = "unbekannt"
            found.append(made)
        return pd.concat(found, ignore_index=True)
