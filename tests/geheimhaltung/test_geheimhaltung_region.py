"""An outsider attacks what was really published: pages, exports and their metadata, and the stores."""

from __future__ import annotations

import html
import re
import zipfile
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


def alles_lesbare(ordner: Path) -> dict[str, str]:
    """Every text a reader can get out of a folder of results, also from inside archives."""
    found = {}
    for path in sorted(ordner.rglob("*")):
        if not path.is_file() or "intern" in path.relative_to(ordner).parts:
            continue
        if zipfile.is_zipfile(path):  # workbooks: all sheets, hidden ones, comments, properties
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    found[f"{path.name}!{name}"] = archive.read(name).decode("utf-8", "replace")
        else:
            found[path.relative_to(ordner).as_posix()] = html.unescape(path.read_text("utf-8", "replace"))
    return found


def test_what_can_be_read_is_found(tmp_path):
    (tmp_path / "a.html").write_text('<p title="A&nbsp;1" data-wert="7"><!-- 8 --></p>', encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("xl/worksheets/sheet2.xml", "<v>9</v>")
    (tmp_path / "intern").mkdir()
    (tmp_path / "intern" / "c.html").write_text("10", encoding="utf-8")
    found = alles_lesbare(tmp_path)
    assert set(found) == {"a.html", "b.xlsx!xl/worksheets/sheet2.xml"}
    assert 'data-wert="7"' in found["a.html"]


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


def test_pages_really_made_show_no_hidden_value():
    """Numbers of hidden rates, to all their digits, in nothing that lies among the public results."""
    ordner = PROJEKT / "data" / "staedteregion-aachen"
    results = PROJEKT / "data" / "ergebnisse" / "staedteregion-aachen"
    if not (results / "index.html").exists():
        pytest.skip("Keine Ergebnisse: Bitte zuerst „sozialanalyse run“ ausführen.")
    inside, public = store.load(ordner), store.load(ordner, "oeffentlich")
    keys = ["gebiet_id", "indikator_id", "stichtag"]
    both = inside.werte(level=None).merge(
        public.werte(level=None)[[*keys, "wert"]], on=keys, suffixes=("", "_frei")
    )
    secret = both[both["wert"].notna() & both["wert_frei"].isna() & (both["wert"] % 1 != 0)]["wert"]
    shown = {f"{value:.6g}" for value in both["wert_frei"].dropna()}
    wanted = {f"{value:.6g}" for value in secret} - shown
    number = re.compile(r"\d+[.,]\d{3,}")
    for name, content in alles_lesbare(results).items():
        found = {f"{float(text.replace(',', '.')):.6g}" for text in number.findall(content)}
        assert not found & wanted, name
