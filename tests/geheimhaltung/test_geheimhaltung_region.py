"""An outsider attacks the stores: of the shipped region, of a tiny one, of real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from sozialanalyse import build, store
from sozialanalyse.catalogue import lade_katalog
from sozialanalyse.geheimhaltung.regeln import Regeln
from sozialanalyse.geheimhaltung.system import system
from sozialanalyse.geheimhaltung.tafel import rest
from sozialanalyse.region import lade_region

PROJEKT = Path(__file__).parents[2]


def fremder_angriff(
    inside: store.Daten, public: store.Daten, region_ordner: Path, days: list[str] | None = None
) -> list[str]:
    """Hidden small counts an attacker narrows too far; knows only the public store, uses plain programs.

    The system is that of the areas and the catalogue; which cells are known is read off the public values.
    """
    region = lade_region(region_ordner)
    katalog = lade_katalog(region)
    gebiete = inside._gebiete
    regeln = Regeln(region.seite.sperrprofile, katalog, "oeffentlich", np.zeros(len(gebiete), dtype=bool))
    broken = []
    for day in days or inside.stichtage:
        true = inside.werte(stichtag=day, level=None)
        seen = public.werte(stichtag=day, level=None)
        built = system(true, gebiete, regeln)
        tafel = built.tafel
        row, first, second = built.zeilen.T
        key = ["gebiet_id", "indikator_id"]
        shown = pd.MultiIndex.from_frame(seen[seen["wert"].notna()][key])
        printed = np.asarray(pd.MultiIndex.from_frame(true[key]).isin(shown))
        pairs = {(int(a), int(b)) for a, b in zip(first[printed[row]], second[printed[row]], strict=True)}
        pairs |= {(b, a) for a, b in pairs}
        visible = np.zeros(len(tafel.werte), dtype=bool)
        for cell, a, b in tafel.nutzung:
            visible[cell] |= (int(a), int(b)) in pairs
        visible &= ~np.isnan(tafel.werte)
        left = rest(tafel, visible)
        rng = np.random.default_rng(0)
        for target in rng.permutation(left.ziele.shape[0])[:25]:
            row_ = left.ziele[[target]].toarray().ravel()
            ends = [
                linprog(
                    sign * row_, A_eq=left.gleich, b_eq=left.gleich_wert, A_ub=-left.ungleich,
                    b_ub=-left.ungleich_wert, bounds=(0, 1e6),
                ).fun
                for sign in (1, -1)
            ] if row_.any() else [0.0, 0.0]  # fmt: skip
            bound = tafel.ziel_hoechstens[target]
            width = tafel.breite[target]
            if bound >= 0 and visible[bound]:
                width = min(width, tafel.werte[bound])
            if -ends[1] - ends[0] < width - 1e-3:
                broken.append(f"{day} {built.ziel.iloc[target].to_dict()}")
    return broken


@pytest.mark.langsam
def test_shipped_region_withstands_a_plain_attacker(tmp_path, monkeypatch):
    ordner = PROJEKT / "data" / "staedteregion-aachen"
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path))
    build.build(ordner)
    inside, public = store.load(ordner), store.load(ordner, "oeffentlich")
    assert inside.schutz("ziele")["geschuetzt"].all()
    assert set(inside.schutz("ziele")["stichtag"]) == set(inside.stichtage)
    assert fremder_angriff(inside, public, ordner) == []
    gone = public.werte(level=None)
    assert gone.loc[gone["wert"].isna(), ["zaehler", "nenner"]].isna().all(axis=None)


def test_stores_of_a_small_region_withstand_a_plain_attacker(kleinregion):
    kleinregion.schreibe()
    build.build(kleinregion.ordner)
    inside, public = store.load(kleinregion.ordner), store.load(kleinregion.ordner, "oeffentlich")
    assert fremder_angriff(inside, public, kleinregion.ordner) == []


@pytest.mark.realdaten
@pytest.mark.langsam
@pytest.mark.parametrize("name", ["zuid-limburg", "berlin"])
def test_real_regions(name, realdaten, tmp_path, monkeypatch):
    """Open data are published as their publishers protected them: whatever is small is theirs to hide."""
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path))
    monkeypatch.setenv("SOZIALANALYSE_REALDATEN", str(realdaten))
    ordner = PROJEKT / "tests" / "regionen" / name
    build.build(ordner)
    inside, public = store.load(ordner), store.load(ordner, "oeffentlich")
    assert inside.schutz("ziele")["geschuetzt"].all() if len(inside.schutz("ziele")) else True
    assert fremder_angriff(inside, public, ordner, [inside.stichtage[-1]]) == []
