"""Topic indices as the catalogue defines them, with what they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from sozialanalyse import analyse, present
from sozialanalyse.base import DatenFehler, Zwischenspeicher, text
from sozialanalyse.present import Anzeige, Spalte
from sozialanalyse.seiten.grundlage import Seite
from sozialanalyse.store import Daten

SICHER = 0.8
DRAWS = 500
ZEHN = 10
Z90 = 1.6448536269514722
"""Half of a 90 % range in standard deviations."""


@dataclass(frozen=True)
class Rezept:
    """What an index is made of: weight, direction per ingredient, ingredients it cannot do without."""

    gewichte: dict[str, float]
    richtung: dict[str, float]
    pflicht: tuple[str, ...]


def rezepte(katalog: pd.DataFrame, themen: list[str]) -> dict[str, Rezept]:
    """Topic -> recipe, for the topics with at least two ingredients.

    An indicator that is neither good nor bad counts as more need where its weight is positive, as less
    where it is negative; the others count by their polarity.
    """
    parts: dict[str, dict[str, float]] = {}
    for key, weights in katalog["index"].items():
        for topic, weight in weights.items():
            parts.setdefault(topic, {})[str(key)] = float(weight)
    found = {}
    for topic in themen:
        weights = parts.get(topic, {})
        if len(weights) >= 2:
            sign = {
                key: float(katalog.at[key, "polaritaet"]) or (1.0 if weight > 0 else -1.0)
                for key, weight in weights.items()
            }
            needed = tuple(key for key in weights if katalog.at[key, "index_pflicht"])
            found[topic] = Rezept({key: abs(weight) for key, weight in weights.items()}, sign, needed)
    return found


def themenindizes(
    daten: Daten, speicher: Zwischenspeicher, stichtag: str, draws: int = DRAWS
) -> dict[str, analyse.indices.IndexResult]:
    """Topic -> index at a date, on the scale of the earliest date that has every ingredient.

    Only for internal readers the middle of its interval stands for a hidden ingredient, see
    :func:`geschaetzt`.
    """
    katalog = daten.indikatoren()
    found = {}
    for topic, recipe in rezepte(katalog, list(daten.region.themen)).items():
        keys = list(recipe.gewichte)
        now = daten.matrix(keys, stichtag)
        if daten.audience == "intern":
            now = now.fillna(daten.mitten(keys, stichtag))
        keys = [key for key in keys if now[key].notna().sum() >= 3]
        if len(keys) < 2 or not set(recipe.pflicht) <= set(keys):
            continue
        base_year = next((m for m in (daten.matrix(keys, day) for day in daten.stichtage) if _fit(m)), None)
        count, base = daten.faelle(keys, stichtag)
        try:
            found[topic] = speicher.hole(
                analyse.indices.topic_index,
                now[keys],
                {key: recipe.richtung[key] for key in keys},
                weights={key: recipe.gewichte[key] for key in keys},
                required=recipe.pflicht,
                base_year=base_year,
                count=count,
                base=base,
                draws=draws,
            )
        except DatenFehler:  # nothing varies: there is no index to show
            continue
    return found


def geschaetzt(daten: Daten, keys: list[str], stichtag: str) -> pd.Series:
    """Whether the middle of an interval stands for an ingredient of an area; never but for ``intern``."""
    if daten.audience != "intern":
        return pd.Series(False, index=daten.kommune().index)
    return daten.mitten(keys, stichtag).notna().any(axis=1)


def _fit(matrix: pd.DataFrame) -> bool:
    """Whether a date can be the base: every ingredient is there for most areas, and varies."""
    return bool((matrix.notna().mean() >= analyse.indices.NEEDED).all() and (matrix.nunique() > 1).all())


class Indizes:
    """Displays of all topic indices of a report's date."""

    def __init__(self, bericht: Seite[Any]) -> None:
        self.b = bericht
        topics = bericht.daten.region.themen
        self.themen = {key: thema.kurz or thema.name for key, thema in topics.items()}

    @cached_property
    def ergebnisse(self) -> dict[str, analyse.indices.IndexResult]:
        return themenindizes(self.b.daten, self.b.speicher, self.b.stichtag)

    @cached_property
    def alternativen(self) -> dict[str, pd.DataFrame]:
        """Topic -> sensitivity table."""
        keep = self.b.speicher.hole
        return {topic: keep(analyse.indices.sensitivity, result) for topic, result in self.ergebnisse.items()}

    def _kurz(self, key: object) -> str:
        return str(self.b.daten.indikatoren().at[key, "kurz"])

    def uebersicht(self) -> Anzeige:
        """One row per index."""
        if not self.ergebnisse:
            return present.keine_daten(self._text("keine"))
        rows = []
        for topic, result in self.ergebnisse.items():
            other = self.alternativen[topic]
            sure = None if result.uncertainty is None else result.uncertainty["klasse_sicher"]
            rows.append(
                {
                    "name": self.themen[topic],
                    "zutaten": ", ".join(self._kurz(key) for key in result.weights.index),
                    "gebiete": int(result.values.notna().sum()),
                    "alpha": result.alpha,
                    "erklaert": 100 * result.component.explained,
                    "spearman": other["spearman"].min(),
                    "klassenwechsel": other["klassenwechsel"].max(),
                    "sicher": None
                    if sure is None
                    else 100 * (sure >= SICHER).sum() / max(sure.notna().sum(), 1),
                    "oberste": self._oberste(result),
                }
            )
        columns = {
            "name": Spalte(text("berichte.thema")),
            "zutaten": Spalte(self._text("zutaten")),
            "gebiete": Spalte(self.b.kontext.sozialraum.mehrzahl, "", 0),
            "alpha": Spalte(self._text("alpha"), "", 2),
            "erklaert": Spalte(self._text("erklaert"), "%", 0),
            "spearman": Spalte(self._text("spearman_tief"), "", 2),
            "klassenwechsel": Spalte(self._text("klassenwechsel_hoch"), "", 0),
            "sicher": Spalte(self._text("sicher"), "%", 0),
            "oberste": Spalte(self._text("oberste"), "", 0),
        }
        return self._tafel(pd.DataFrame(rows), "titel", columns)

    def _oberste(self, result: analyse.indices.IndexResult) -> int | None:
        """How many areas could be among the ten highest, given the noise of small counts; None if unknown."""
        if result.uncertainty is None or result.values.notna().sum() <= ZEHN:
            return None
        error = (result.uncertainty["hoch"] - result.uncertainty["tief"]) / (2 * Z90)
        ranks = self.b.speicher.hole(analyse.disparity.rank_sets, result.values, error=error, top=ZEHN)
        return int(ranks.table["moeglich"].sum())

    def werte(self, areas: pd.Index) -> Anzeige | None:
        """One row per area, one column per index, and where the class is not sure."""
        if not self.ergebnisse:
            return None
        frame = pd.DataFrame(
            {topic: result.values.reindex(areas) for topic, result in self.ergebnisse.items()}
        )
        unsure = {
            self.themen[topic]: result.uncertainty["klasse_sicher"].reindex(areas) < SICHER
            for topic, result in self.ergebnisse.items()
            if result.uncertainty is not None
        }
        frame["unsicher"] = [", ".join(name for name, flag in unsure.items() if flag[area]) for area in areas]
        guessed = {
            self.themen[topic]: geschaetzt(self.b.daten, list(result.weights.index), self.b.stichtag)
            for topic, result in self.ergebnisse.items()
        }
        if any(flag[areas].any() for flag in guessed.values()):
            frame["geschaetzt"] = [
                ", ".join(name for name, flag in guessed.items() if flag[area]) for area in areas
            ]
        frame.insert(0, "kommune", self.b.kommune[areas].map(self.b.kommunen["name"]))
        frame.index = pd.Index(self.b.namen[areas], name="name")
        columns = {
            "name": Spalte(self.b.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.b.kontext.kommune.einzahl),
            **{topic: Spalte(self.themen[topic], "", 0) for topic in self.ergebnisse},
            "unsicher": Spalte(self._text("unsicher")),
            **({"geschaetzt": Spalte(self._text("geschaetzt"))} if "geschaetzt" in frame else {}),
        }
        return self._tafel(frame, "werte", columns)

    def empfindlichkeit(self) -> Anzeige | None:
        """One row per index and alternative: agreement, areas in another class, largest jump."""
        if not self.ergebnisse:
            return None
        parts = [
            table.reset_index().assign(
                name=self.themen[topic], alternative=[self._alternative(word) for word in table.index]
            )
            for topic, table in self.alternativen.items()
        ]
        frame = pd.concat(parts, ignore_index=True).assign(erklaert=lambda t: 100 * t["erklaert"])
        columns = {
            "name": Spalte(text("berichte.thema")),
            "alternative": Spalte(self._text("alternative")),
            "spearman": Spalte(self._text("spearman"), "", 2),
            "klassenwechsel": Spalte(self._text("klassenwechsel"), "", 0),
            "groesster_rangsprung": Spalte(self._text("rangsprung"), "", 0),
        }
        return self._tafel(frame, "empfindlichkeit", columns)

    def _alternative(self, word: object) -> str:
        """Name of an alternative; an ingredient left out is called by its name."""
        name = str(word)
        return f"ohne {self._kurz(name[5:])}" if name.startswith("ohne ") else name

    def _tafel(self, frame: pd.DataFrame, key: str, columns: dict[str, Spalte]) -> Anzeige:
        return present.tabelle(frame, titel=self._text(key), kontext=self.b.kontext, spalten=columns)

    def _text(self, key: str) -> str:
        return text(f"berichte.indizes.{key}", **self.b.worte)
