"""What the report on differences computes, kept between runs; the blocks that show it build on this."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from sozialanalyse import analyse
from sozialanalyse.base import SozialanalyseFehler
from sozialanalyse.seiten.grundlage import ALLE, Seite

TYPEN = 5
"""Number of types for the bridge; their number hardly changes what they explain."""
BRUECKE = [*(f"{part}_adjusted" for part in ("only_group", "only_type", "shared", "rest")), "q_type"]
"""What the page shows of the bridge."""
VOLLSTAENDIG = 0.9
"""Indicators with a value for fewer areas stay out of the analysis of all indicators together."""


class VarianzRechnung(Seite[Any]):
    """Results of the analyses for the chosen topic and reference date."""

    @cached_property
    def indikatoren(self) -> list[str]:
        topics = None if self.p.thema == ALLE else [self.p.thema]
        return self.daten.auswahl(topics, None, self.stichtag)

    @cached_property
    def _alle_indikatoren(self) -> list[str]:
        return self.daten.auswahl(None, None, self.stichtag)

    @property
    def hindernis(self) -> str:
        return self._hindernis

    @cached_property
    def _hindernis(self) -> str:
        """Nothing can be split without two Kommunen, or where no area has another one beside it."""
        if self.kommune.nunique() < 2:
            return self.text("hindernis.eine_kommune")
        if self.ergebnis.table["share_structural"].notna().any():
            return ""
        known = self.daten.matrix(self.indikatoren, self.stichtag).notna()
        alone = (known.groupby(self.kommune).sum() <= 1).all(axis=None)
        return self.text(f"hindernis.{'je_ein_gebiet' if alone else 'zu_wenig'}")

    def _gewichte(self, indikatoren: list[str], stichtag: str) -> pd.DataFrame:
        """The indicator's own denominator, else the population; where both are unknown every area counts once."""
        _, base = self.daten.faelle(indikatoren, stichtag)
        named = self.daten.region.seite.bevoelkerung
        people = self.daten.bevoelkerung(stichtag) if named else pd.Series(float("nan"), index=base.index)
        found = base.apply(lambda column: column.fillna(people))
        known = self.daten.matrix(indikatoren, stichtag).notna()
        gaps = (known & ~(found > 0)).any()
        return found.mask(pd.DataFrame(dict.fromkeys(found.index, gaps)).T, 1.0)

    @cached_property
    def ungewichtet(self) -> list[str]:
        """Indicators whose areas count once each because nobody knows their people."""
        weights = self._gewichte(self.indikatoren, self.stichtag)
        _, base = self.daten.faelle(self.indikatoren, self.stichtag)
        return [key for key in self.indikatoren if (weights[key] == 1).all() and base[key].isna().all()]

    def _faelle(self, indikatoren: list[str], stichtag: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Cases and bases; an indicator without a single case has no chance to be told from its noise."""
        count, base = self.daten.faelle(indikatoren, stichtag)
        none = count.columns[~(count.sum() > 0)]
        count[none] = base[none] = float("nan")
        return count, base

    def zerlege(
        self, stichtag: str, indikatoren: list[str], permutationen: int
    ) -> analyse.variance.VarianceResult:
        """Decompose one reference date."""
        count, base = self._faelle(indikatoren, stichtag)
        return self.speicher.hole(
            _decompose,
            self.daten.matrix(indikatoren, stichtag),
            self.kommune,
            weights=self._gewichte(indikatoren, stichtag),
            count=count,
            base=base,
            neighbours=self.nachbarn if permutationen else None,
            places=self.lage if permutationen else None,
            permutations=permutationen,
            ebenen=(self.kontext.sozialraum, self.kontext.kommune),
        )

    @cached_property
    def ergebnis(self) -> analyse.variance.VarianceResult:
        return self.zerlege(self.stichtag, self.indikatoren, 9999)

    @property
    def anteil(self) -> str:
        """Column of the measured share the reader has chosen."""
        return "eta2_weighted" if self.gewichtet else "eta2"

    @property
    def gewichtet(self) -> bool:
        """Whether areas count by their people in the measured share: bars, sentences and tables alike."""
        return self.p.gewichtung == "bevoelkerung"

    @cached_property
    def entschieden(self) -> list[str]:
        """Indicators that tell where the differences lie, from the largest to the smallest measured share."""
        table = self.ergebnis.table[self.anteil][self.ergebnis.decidable]
        return [str(key) for key in table.dropna().sort_values(ascending=False, kind="stable").index]

    @cached_property
    def folge(self) -> list[str]:
        """Indicators with a measured share: those that tell in their order, then the others as in the catalogue."""
        known = self.ergebnis.table[self.anteil].dropna().index
        return [*self.entschieden, *(str(key) for key in known if key not in set(self.entschieden))]

    @cached_property
    def jahre(self) -> pd.DataFrame:
        """Structural share per indicator and reference date with its interval, long."""
        frames = []
        for day in self.daten.stichtage:
            keys = self._auch_am(day)
            if not keys:
                continue
            result = self.ergebnis if day == self.stichtag else self.zerlege(day, keys, 0)
            table = result.table[["share_structural", "share_low", "share_high"]]
            table.columns = pd.Index(["wert", "unten", "oben"])
            frames.append(table.rename_axis("indikator_id").reset_index().assign(stichtag=day))
        return pd.concat(frames, ignore_index=True)

    def _auch_am(self, stichtag: str) -> list[str]:
        held = set(self.daten.matrix(stichtag=stichtag).columns)
        return [key for key in self.indikatoren if key in held]

    @cached_property
    def frueher(self) -> str | None:
        """The last reference date before the chosen one."""
        earlier = [day for day in self.daten.stichtage if day < self.stichtag]
        return earlier[-1] if earlier else None

    @cached_property
    def veraendert(self) -> pd.DataFrame:
        """Change of share and components since :attr:`frueher`, per indicator; ``q_change`` adjusted over them."""
        assert self.frueher is not None
        keys = self._auch_am(self.frueher)
        days = (self.frueher, self.stichtag)
        counts, bases = zip(*(self.daten.faelle(keys, day) for day in days), strict=True)
        counted = [key for key in keys if all(count[key].notna().any() for count in counts)]
        parts = []
        if counted:
            first, second = (count[counted] for count in counts)
            persons = (bases[0][counted], bases[1][counted])
            parts.append(
                self.speicher.hole(analyse.variance.compare_years, first, second, self.kommune, base=persons)
            )
        rest = [key for key in keys if key not in counted]
        if rest:
            first, second = (self.daten.matrix(rest, day) for day in days)
            parts.append(self.speicher.hole(analyse.variance.compare_years, first, second, self.kommune))
        if not parts:
            return pd.DataFrame()
        found = pd.concat(parts).reindex(keys)
        found["q_change"] = analyse.variance.false_discovery(found["p_change"].to_numpy())
        return found

    @cached_property
    def bruecke_tabelle(self) -> pd.DataFrame:
        """Only Kommune, only type, either, neither: for the chosen indicators."""
        return self._bruecke_alle[0].reindex(self.indikatoren)

    @cached_property
    def bruecke_mitte(self) -> pd.DataFrame:
        """The bridge in the middle of the indicators that tell something, with intervals."""
        keys = [key for key in self.entschieden if key in self._bruecke_alle[1]]
        if not keys:
            return pd.DataFrame(
                float("nan"), index=["only_group", "only_type"], columns=["share", "low", "high"]
            )
        matrix = self.daten.matrix(keys, self.stichtag)
        return self.speicher.hole(
            analyse.variance.bridge_spread, matrix, self.kommune, self._bruecke_alle[1][keys]
        )

    @cached_property
    def _bruecke_alle(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The bridge of all indicators, and the types it was made with."""
        keys = self._alle_indikatoren
        try:
            return self.speicher.hole(
                _bridge,
                self.daten.matrix(keys, self.stichtag),
                self.kommune,
                self.daten.indikatoren()["thema"].loc[keys],
            )
        except SozialanalyseFehler:  # no types without the topic, or of too few areas
            return pd.DataFrame(columns=BRUECKE, dtype=float), pd.DataFrame()

    @cached_property
    def gemeinsam(self) -> analyse.variance.PermanovaResult | None:
        """All indicators together, every topic with the same weight; None if too few areas are complete."""
        if self.hindernis:
            return None
        matrix = self.daten.matrix(self.indikatoren, self.stichtag)
        spread = matrix.std() > 0
        matrix = matrix.loc[:, (matrix.notna().mean() >= VOLLSTAENDIG) & spread]
        complete = matrix.dropna()
        if matrix.shape[1] < 2 or len(complete) < len(matrix) / 2:
            return None
        varies = complete.std() > 1e-12 * complete.abs().max()  # rounding of a constant is no difference
        if not 2 <= self.kommune[complete.index].nunique() < len(complete) or not varies.all():
            return None
        topic = self.katalog["thema"].reindex(matrix.columns)
        return self.speicher.hole(
            analyse.variance.permanova,
            matrix,
            self.kommune,
            weights=1 / topic.groupby(topic).transform("size"),
            permutations=999,
            ebenen=(self.kontext.sozialraum, self.kontext.kommune),
        )

    @cached_property
    def weitere(self) -> pd.DataFrame:
        """Per indicator: Moran's I, dissimilarity without its noise, Theil index and its part between."""
        keys = self.folge
        count, base = self._faelle(keys, self.stichtag)
        return self.speicher.hole(
            _more,
            self.daten.matrix(keys, self.stichtag),
            self.kommune,
            self._gewichte(keys, self.stichtag),
            count,
            base,
            self.katalog["anteil"].reindex(keys).astype(bool),
            self.nachbarn,
        )

    @cached_property
    def zusammensetzungen(self) -> dict[str, analyse.variance.Segregation]:
        """Segregation of each composition of the catalogue, split between and within the Kommunen."""
        found = {}
        marked = self.katalog[self.katalog["komposition"].fillna("") != ""]
        for name, rows in marked.groupby("komposition"):
            count, base = self.daten.faelle([str(key) for key in rows.index], self.stichtag)
            whole = base.max(axis=1)
            rest = whole - count.sum(axis=1, skipna=False)
            parts = count.assign(uebrige=rest)
            if (rest.dropna() >= 0).all() and parts.notna().all(axis=1).any() and rest.sum() > 0:
                found[str(name)] = self.speicher.hole(analyse.variance.segregation_m_h, parts, self.kommune)
        return found


def _decompose(y: pd.DataFrame, groups: pd.Series, **options: Any) -> analyse.variance.VarianceResult:
    """Decompose and work out what a report shows of it, so that all of it is kept."""
    result = analyse.variance.decompose(y, groups, **options)
    if options["permutations"]:
        _ = result.messages, result.odds, result.loo, result.aggregation, result.logit_share
    return result


def _bridge(matrix: pd.DataFrame, groups: pd.Series, topics: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The bridge with types that were built without the indicator's own topic, and these types."""

    def types_of(rest: pd.DataFrame) -> pd.Series:
        own = topics.reindex(rest.columns)
        return analyse.clusters.cluster(
            rest, k=min(TYPEN, len(rest) - 1), bootstrap=0, gate=0, topics=own
        ).labels

    types = analyse.variance.types_without_topic(matrix, topics, types_of)
    return analyse.variance.bridge(matrix, groups, types), types


def _more(
    y: pd.DataFrame,
    groups: pd.Series,
    weights: pd.DataFrame,
    count: pd.DataFrame,
    base: pd.DataFrame,
    share: pd.Series,
    neighbours: dict[str, list[str]] | None,
) -> pd.DataFrame:
    table = pd.DataFrame(index=y.columns)
    if neighbours is not None:
        table[["moran", "moran_q"]] = analyse.variance.morans_i(y, neighbours=neighbours)[["i", "q"]]
    uneven = {
        key: analyse.variance.dissimilarity(count[key], base[key], groups, draws=199)
        for key in count.columns[count.notna().any() & share]
    }
    if uneven:
        found = pd.DataFrame(uneven).T
        table[["d", "d_zwischen"]] = found[["corrected", "between"]].reindex(table.index).to_numpy()
    scale = y.columns[(y.min() >= 0) & (y.max() > 0) & ~share]
    if len(scale):
        theil = analyse.variance.theil(y[scale], groups, weights[scale]).table
        table[["theil", "theil_zwischen"]] = theil[["total", "share_between"]].reindex(table.index).to_numpy()
    return table.reindex(columns=["moran", "moran_q", "d", "d_zwischen", "theil", "theil_zwischen"])
