"""Types of areas: every result of ``analyse.clusters`` the page and its tests need, made once."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Any, Literal, get_args

import pandas as pd

from sozialanalyse import analyse
from sozialanalyse.base import DatenFehler, SozialanalyseFehler
from sozialanalyse.region import redaktion
from sozialanalyse.seiten.grundlage import Seite
from sozialanalyse.seiten.teile import typnamen

WENIGSTENS = 5
"""Areas with values that types need: fewer are no groups, whatever the method says."""


class Typen(Seite[Any]):
    """Input and results of ``cluster.ipynb``, without any display."""

    @cached_property
    def indikatoren(self) -> list[str]:
        return self.daten.auswahl(self.p.themen, self.p.indikatoren, self.stichtag)

    @cached_property
    def _eingabe(self) -> dict[str, Any]:
        count, base = self.daten.faelle(self.indikatoren, self.stichtag)
        return {"topics": self.katalog["thema"], "count": count, "base": base}

    @cached_property
    def matrix(self) -> pd.DataFrame:
        return self.daten.matrix(self.indikatoren, self.stichtag)

    @property
    def hindernis(self) -> str:
        return self._hindernis

    @cached_property
    def _hindernis(self) -> str:
        try:
            usable = int(self.ergebnis.labels.notna().sum())
            if not usable:
                return self.text("hindernis")
            return (
                ""
                if usable >= WENIGSTENS
                else self.text("hindernis_wenige", zahl=usable, wenigstens=WENIGSTENS)
            )
        except DatenFehler as error:
            return str(error)

    @cached_property
    def ergebnis(self) -> analyse.clusters.ClusterResult:
        return self.speicher.hole(
            analyse.clusters.cluster,
            self.matrix,
            k=self.p.typen,
            method=self.p.verfahren,
            groups=self.kommune,
            polarity=self.katalog["polaritaet"],
            labels=self.katalog["kurz"],
            **self._eingabe,
        )

    @cached_property
    def zwillinge(self) -> pd.DataFrame:
        return self.speicher.hole(
            analyse.clusters.twins, self.matrix, self.kommune, labels=self.katalog["kurz"], **self._eingabe
        )

    @cached_property
    def quer(self) -> analyse.clusters.CrosscutResult:
        return self.speicher.hole(
            analyse.clusters.crosscut,
            self.ergebnis.labels,
            self.kommune,
            matrix=self.matrix,
            **self._eingabe,
        )

    @cached_property
    def typnamen(self) -> dict[int, str]:
        """Name of each type: as an editor says, else by rule; where need is not known, from what marks it."""
        found = {int(str(key)): str(name) for key, name in self.ergebnis.names.items()}
        if self.ergebnis.k < 2:
            return found
        rule = typnamen.vorschlag(
            self.ergebnis.profile_z,
            self.katalog["polaritaet"],
            self.katalog["thema"].to_dict(),
            self.katalog["kurz"].to_dict(),
        )
        return found | {int(str(key)): name for key, name in rule.items()} | self.redigierte_namen

    @cached_property
    def redigierte_namen(self) -> dict[int, str]:
        """Names of editors, for the types of all topics: a name holds for the type of the area it was given for."""
        if self.p.themen or self.p.indikatoren:
            return {}
        named = redaktion.typnamen(self.daten.region.ordner, dict(self.namen))
        labels = self.ergebnis.labels
        return {
            int(labels[area]): name
            for area, name in named.items()
            if area in labels and pd.notna(labels[area])
        }

    @cached_property
    def _kurz(self) -> dict[str, str]:
        """Short name -> indicator, where the name is unique."""
        short = self.katalog["kurz"]
        return {str(name): str(key) for key, name in short[~short.duplicated(keep=False)].items()}

    @cached_property
    def _luecken_je_gebiet(self) -> dict[Hashable, int]:
        """Area -> number of missing values."""
        return dict(self.ergebnis.missing["gebiet"].value_counts())

    # --- checks -------------------------------------------------------------------------------

    @cached_property
    def kriterien(self) -> pd.DataFrame:
        """Table of every criterion for every number of types, also where the number was given."""
        if self.ergebnis.choice is not None:
            return self.ergebnis.choice
        return self.speicher.hole(
            analyse.clusters.choose_k, self.matrix, method=self.p.verfahren, **self._eingabe
        )

    @cached_property
    def verfahren(self) -> pd.DataFrame:
        """Other methods and the consensus at the same k: ``ari`` and share of areas in the same type."""
        return self.speicher.hole(
            _compare_methods, self.matrix, self.ergebnis.labels, self.p.verfahren, **self._eingabe
        )

    @cached_property
    def jahre(self) -> analyse.clusters.YearsResult | None:
        """Types of every reference date on the yardstick of the chosen one; None with a single date."""
        return self._jahre("massstab")

    @cached_property
    def jahre_neu(self) -> analyse.clusters.YearsResult | None:
        """Types formed anew at every reference date and matched."""
        return self._jahre("neu")

    def _jahre(self, mode: Literal["massstab", "neu"]) -> analyse.clusters.YearsResult | None:
        days = [day for day in self.daten.stichtage if self._vorhanden(day)]
        if len(days) < 2 or self.stichtag not in days or self.ergebnis.k < 2:
            return None
        cases = {day: self.daten.faelle(self.indikatoren, day) for day in days}
        try:
            return self.speicher.hole(
                analyse.clusters.years,
                {day: self.daten.matrix(self.indikatoren, day) for day in days},
                k=self.ergebnis.k,
                mode=mode,
                reference=self.stichtag,
                counts={day: pair[0] for day, pair in cases.items()},
                bases={day: pair[1] for day, pair in cases.items()},
                method=self.p.verfahren,
                topics=self.katalog["thema"],
                gate=0,
                bootstrap=0,
            )
        except (
            SozialanalyseFehler
        ):  # no indicator is there at every date, or fewer areas differ than there are types
            return None

    def _vorhanden(self, day: str) -> bool:
        """Whether most of the indicators have values at a date."""
        there = self.daten.matrix(self.indikatoren, day).notna().any()
        return bool(there.mean() >= 0.5)

    @cached_property
    def planungsraeume(self) -> analyse.clusters.PlanningAreas | None:
        """As many contiguous areas as there are Kommunen; None where shapes are missing."""
        if self.nachbarn is None or self.kommune.nunique() < 2:
            return None
        try:
            return self.speicher.hole(
                analyse.clusters.constrained,
                self.matrix,
                self.nachbarn,
                self.kommune.nunique(),
                **self._eingabe,
            )
        except DatenFehler:  # the region falls into more parts than that
            return None


def _compare_methods(matrix: pd.DataFrame, labels: pd.Series, own: str, **options: Any) -> pd.DataFrame:
    """One row per other method, and the consensus of resamples up to 1,000 areas."""
    k = int(labels.max())
    rows = {}
    for method in get_args(analyse.clusters.Method):
        if method != own:
            other = analyse.clusters.cluster(
                matrix,
                k=k,
                method=method,
                bootstrap=0,
                gate=0,
                **options,
            )
            rows[method] = analyse.clusters.match(labels, other.labels)
    if 1 < k < len(matrix) <= 1_000:
        agreed = analyse.clusters.consensus(matrix, k, method=own, **options)
        rows["konsens"] = analyse.clusters.match(labels, agreed.labels)
    return pd.DataFrame({name: {"ari": m.ari, "gleich": m.kept} for name, m in rows.items()}).T
