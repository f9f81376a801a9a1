"""Random linked tables: fields that add up to each other on several levels, cells a supplier hides, and an attacker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from sozialanalyse.geheimhaltung import Schutz, schuetze
from sozialanalyse.region.catalogue import DatensatzSeite, Indikator, IndikatorSeite, Katalog, Summe
from sozialanalyse.region.region import Sperrprofil

TAG = "2023-12-31"
K = 10
GROSS = 1e5


@dataclass
class Verbund:
    """Counts of small areas with everything that is true of them.

    Attributes
    ----------
    zahlen
        Counts, small areas x fields.
    wahr
        Identities as factors over the fields.
    gezeigt
        What is published as a number of its own: sums of fields.
    verdeckt
        Cells the supplier hides.
    ebenen
        1: small areas only, 2: with their region, 3: with Kommunen too, 4: with Kommunen and delivered totals.
    """

    gebiete: pd.DataFrame
    zahlen: pd.DataFrame
    wahr: np.ndarray
    gezeigt: dict[str, str]
    verdeckt: pd.DataFrame
    ebenen: int

    def katalog(self) -> Katalog:
        pages = {}
        for key, text in self.gezeigt.items():
            page = IndikatorSeite.model_validate(
                {"name": key, "thema": "t", "zaehler": text, "art": "anzahl"}
            )
            pages[key] = Indikator(key, "d", page, Summe.lesen(text, "d"), None, "p")
        return Katalog(dict[str, DatensatzSeite](), pages, {})

    def merkmale(self) -> pd.DataFrame:
        """As delivered: hidden cells without number, totals where the supplier tells them."""
        long = self.zahlen.mask(self.verdeckt).stack(future_stack=True).rename("wert").reset_index()
        long.columns = ["gebiet_id", "feld", "wert"]
        status = np.where(long["wert"].isna(), "geheim", "wert")
        long = long.assign(status=status, stichtag=TAG, umgerechnet=0)
        totals = []
        for area in self._oben():
            for name in self.zahlen.columns:
                totals.append((area, name, self.zahlen.loc[self._unter(area), name].sum(), "wert", TAG, 0))
        more = pd.DataFrame(
            totals, columns=["gebiet_id", "feld", "wert", "status", "stichtag", "umgerechnet"]
        )
        return pd.concat([long, more], ignore_index=True) if totals else long

    def werte(self) -> pd.DataFrame:
        rows = []
        for key, text in self.gezeigt.items():
            terms = Summe.lesen(text, "d").glieder
            for area in self.gebiete.index:
                level = self.gebiete.at[area, "level"]
                if level != "sozialraum" and area not in self._oben():
                    continue
                under = self._unter(area)
                true = sum(sign * self.zahlen.loc[under, name].sum() for sign, name in terms)
                gone = level == "sozialraum" and self.verdeckt.loc[area, [name for _, name in terms]].any()
                count = np.nan if gone else float(true)
                rows.append((area, key, TAG, count, count, np.nan, "geheim" if gone else "wert"))
        columns = ["gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner", "status"]
        return pd.DataFrame(rows, columns=columns)

    def _oben(self) -> list[str]:
        levels = {1: set(), 2: {"region"}, 3: {"region", "kommune"}, 4: {"region", "kommune"}}[self.ebenen]
        return list(self.gebiete.index[self.gebiete["level"].isin(levels)])

    def _unter(self, area: str) -> list[str]:
        small = self.gebiete.index[self.gebiete["level"] == "sozialraum"]
        owner = self.gebiete["oberhalb"]
        return [one for one in small if area in (one, owner[one], owner.get(owner[one], ""))]

    def schutz(self, **options: object) -> Schutz:
        profile = {"p": Sperrprofil(mindestfallzahl=K)}
        return schuetze(
            self.werte(), self.gebiete, self.katalog(), profile, "oeffentlich", merkmale=self.merkmale(), **options
        )  # fmt: skip

    def angriff(self, found: Schutz) -> dict[tuple[str, str], float]:
        """How wide every secret number stays for somebody who knows all true identities: (area, shown sum) -> width."""
        fields, small = list(self.zahlen.columns), list(self.zahlen.index)
        size = len(fields) * len(small)
        place = {
            (name, area): f * len(small) + a for f, name in enumerate(fields) for a, area in enumerate(small)
        }

        def row(area: str, terms: tuple[tuple[int, str], ...]) -> np.ndarray:
            vector = np.zeros(size)
            for sign, name in terms:
                for one in self._unter(area):
                    vector[place[name, one]] += sign
            return vector

        words = {key: Summe.lesen(text, "d").glieder for key, text in self.gezeigt.items()}
        shown = found.werte.dropna(subset="wert")
        rows = [row(r.gebiet_id, words[r.indikator_id]) for r in shown.itertuples()]
        right = list(shown["wert"])
        for factors in self.wahr:
            for area in small:
                vector = np.zeros(size)
                for factor, name in zip(factors, fields, strict=True):
                    vector[place[name, area]] = factor
                rows.append(vector)
                right.append(0.0)
        widths = {}
        true = self.zahlen.to_numpy().T.ravel()
        for key, terms in words.items():
            for area in self.gebiete.index:
                goal = row(area, terms)
                count = float(goal @ true)
                secret = (
                    self.gebiete.at[area, "level"] == "sozialraum"
                    and self.verdeckt.loc[area, [name for _, name in terms]].any()
                )
                if not (0 < count < K or secret) or area not in (*small, *self._oben()):
                    continue
                ends = [
                    linprog(
                        sign * goal, A_eq=np.array(rows), b_eq=right, bounds=(0, GROSS), method="highs"
                    ).fun
                    for sign in (1, -1)
                ]
                widths[area, key] = -ends[1] - ends[0]
        return widths


def verbund(seed: int) -> Verbund:
    """A random one: 1 to 4 levels, 2 to 5 identities, some cells hidden by the supplier."""
    rng = np.random.default_rng(seed)
    levels = int(rng.integers(1, 5))
    towns = int(rng.integers(2, 4))
    names = [f"K{t}.{i}" for t in range(towns) for i in range(int(rng.integers(3, 6)))]
    rows = [("R", "region", "")] + [(f"K{t}", "kommune", "R") for t in range(towns)]
    rows += [(name, "sozialraum", name.partition(".")[0]) for name in names]
    gebiete = pd.DataFrame(rows, columns=["gebiet_id", "level", "oberhalb"]).set_index("gebiet_id")
    base = int(rng.integers(3, 6))
    counts = {
        f"d.f{i}": rng.poisson(rng.lognormal(np.log(rng.choice([8, 25, 80])), 0.5, len(names)))
        for i in range(base)
    }
    identities = []
    for number in range(int(rng.integers(2, 6))):
        parts = rng.choice(list(counts), size=int(rng.integers(2, 4)), replace=False)
        name = f"d.s{number}"
        counts[name] = sum(counts[part] for part in parts)
        identities.append({name: -1.0} | dict.fromkeys(map(str, parts), 1.0))
    table = pd.DataFrame(counts, index=pd.Index(names, name="gebiet_id"), dtype=float)
    wahr = np.array([[one.get(name, 0.0) for name in table.columns] for one in identities])
    shown = {f"I{i}": name.partition(".")[2] for i, name in enumerate(table.columns) if rng.random() < 0.85}
    hidden = (table < 6) & (rng.random(table.shape) < (0.3 if levels == 4 else 0.0))
    return Verbund(gebiete, table, wahr, shown or {"I0": "f0"}, hidden, levels)
