"""An outsider attacks the stores: of the shipped region, of a tiny one, of real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bestaende import DEMO, REGIONEN, datenordner, geladen
from leser import Leser
from scipy.optimize import linprog
from seitenlauf import lege_seite

from sozialanalyse import build, store
from sozialanalyse.geheimhaltung.regeln import Regeln
from sozialanalyse.geheimhaltung.system import system
from sozialanalyse.geheimhaltung.wissen import Wissen, Zaehlfelder
from sozialanalyse.geheimhaltung.zelltafel import rest
from sozialanalyse.region.catalogue import lade_katalog
from sozialanalyse.region.region import lade_region


def fremder_angriff(
    inside: store.Daten, public: store.Daten, region_ordner: Path, days: list[str] | None = None
) -> list[str]:
    """Hidden small counts an attacker narrows too far; knows only the public store, uses plain programs.

    The system is that of the areas, the catalogue and all sums that can be found; which cells are known is read off the public values.
    """
    region = lade_region(region_ordner)
    katalog = lade_katalog(region)
    gebiete = inside._gebiete
    regeln = Regeln(region.seite.sperrprofile, katalog, "oeffentlich", np.zeros(len(gebiete), dtype=bool))
    delivered = inside.merkmale()
    known = Wissen.aus_merkmalen(delivered, gebiete, katalog, inside.umstiege())
    broken = []
    for day in days or inside.stichtage:
        true = inside.werte(stichtag=day, level=None)
        seen = public.werte(stichtag=day, level=None)
        built = system(true, gebiete, regeln, Zaehlfelder.aus(delivered, day), (), known)
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


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Stores of the shipped region, for us and for the public."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(datenordner(tmp_path_factory, DEMO)))
        patch.setenv("SOZIALANALYSE_REGION", str(DEMO))
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        yield store.load(DEMO, "intern"), store.load(DEMO, "oeffentlich")


@pytest.mark.langsam
def test_shipped_region_withstands_a_plain_attacker(demo):
    inside, public = demo
    assert inside.schutz("ziele")["geschuetzt"].all()
    assert set(inside.schutz("ziele")["stichtag"]) == set(inside.stichtage)
    assert fremder_angriff(inside, public, DEMO) == []
    one, true = (
        daten.werte(["GES06", "BEH01", "BEH02", "BEH03"], level=None).set_index(
            ["gebiet_id", "stichtag", "indikator_id"]
        )
        for daten in (public, inside)
    )
    hidden = one["wert"].isna()
    secret = hidden & (true["zaehler"].between(1, 9) | (true["status"] == "geheim"))
    missing = hidden.groupby(level=[0, 1]).sum()
    alone = secret.groupby(level=[0, 1]).any() & (missing == 1)
    assert (missing > 1).any()
    assert not alone.any(), "the one that is missing would be the difference of the others"
    gone = public.werte(level=None)
    assert gone.loc[gone["wert"].isna(), ["zaehler", "nenner"]].isna().all(axis=None)


@pytest.mark.langsam
def test_pages_of_the_shipped_region_withstand_a_reader(demo, tmp_path):
    """A few of the pages `benchmarks/seitenangriff.py` reads; then one number too many, and it is noticed."""
    inside, public = demo
    pages = [("atlas", {"indikator": "SOZ04"}), ("kommunalprofil", {"kommune": "05334024"}),
             ("sozialraumprofil", {"sozialraum": "M 1"})]  # fmt: skip
    for number, (notebook, values) in enumerate(pages):
        lege_seite(public, tmp_path, notebook, f"seite-{number}", **values)
    attacker, day = Leser(inside, public, {}), inside.stichtage[-1]
    reader = attacker.leser().lies(tmp_path)
    found = attacker.urteile(reader, day, hoechstens=40)
    assert found.gelesen > 600
    assert found.verraten == ()
    assert found.zu_eng == ()
    assert found.engste >= 1
    known = inside.werte(stichtag=day).set_index(["gebiet_id", "indikator_id"])["zaehler"].dropna()
    secret = inside.schutz("ziele").query(f"stichtag == '{day}' and art == 'zahl'")
    area, key = next(
        pair for pair in zip(secret["gebiet_id"], secret["indikator_id"], strict=True) if pair in known.index
    )
    line = f"{area},{key},{day},{known[area, key]:.0f}"
    (tmp_path / "leck.csv").write_text(f"Kennung,indikator_id,stichtag,Fälle\n{line}\n", "utf-8")
    found = attacker.urteile(reader.lies(tmp_path / "leck.csv"), day, gebiet=area)
    assert [(one.gebiet, one.indikator) for one in found.verraten] == [(area, key)]
    assert any(line.startswith(f"{area} {key} ") for line in found.zu_eng)


def test_stores_of_a_small_region_withstand_a_plain_attacker(kleinregion):
    kleinregion.schreibe()
    build.build(kleinregion.ordner)
    inside, public = store.load(kleinregion.ordner, "intern"), store.load(kleinregion.ordner, "oeffentlich")
    assert fremder_angriff(inside, public, kleinregion.ordner) == []


@pytest.mark.realdaten
@pytest.mark.langsam
@pytest.mark.parametrize("name", ["zuid-limburg", "berlin"])
def test_real_regions(name, realdaten, tmp_path_factory):
    """Open data are published as their publishers protected them: whatever is small is theirs to hide."""
    ordner = REGIONEN / name
    inside, public = (geladen(tmp_path_factory, ordner, audience) for audience in ("intern", "oeffentlich"))
    assert inside.schutz("ziele")["geschuetzt"].all() if len(inside.schutz("ziele")) else True
    assert fremder_angriff(inside, public, ordner, [inside.stichtage[-1]]) == []
