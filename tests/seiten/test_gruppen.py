"""Own groupings of areas: figures from what can be seen one by one, a page, twins, and what is wrong in the file."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sozialanalyse import build, store
from sozialanalyse.base import ParameterFehler, PruefFehler
from sozialanalyse.region import gebietsgruppen
from sozialanalyse.seiten import seite

SEITE = """\
gruppen:
  - {id: nord, name: Versorgungsquartier Nord, gebiete: [A 1a, A 2, W 1], zweck: Planung der Pflege.}
  - {id: sued, name: Schulbezirk Süd, gebiete: ["W 2", "W 3", "SI 1"]}
"""


@pytest.fixture
def ort(gebaut, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(gebaut.ordner))
    (gebaut.ordner / gebietsgruppen.DATEI).write_text(SEITE, encoding="utf-8")
    return gebaut


def test_figures_are_sums_of_cases(gebaut):
    data = gebaut.daten()
    values = data.werte(stichtag="2023-12-31").set_index(["gebiet_id", "indikator_id"])
    found = data.gruppenwerte({"x": ["A 1a", "A 2"]}).set_index("indikator_id")
    own = values.loc[["A 1a", "A 2"]].xs("AB65", level=1)
    assert found.at["AB65", "wert"] == pytest.approx(100 * own["zaehler"].sum() / own["nenner"].sum())
    assert found.at["EW", "wert"] == values.loc[[("A 1a", "EW"), ("A 2", "EW")], "wert"].sum()
    assert found.at["MEDIAN", "status"] == "nicht_sinnvoll"
    assert np.isnan(found.at["MEDIAN", "wert"])


def test_no_group_shows_what_its_areas_hide(gebaut):
    """Whatever is grouped, a public number of a group follows from public numbers of its areas."""
    for row in gebaut.arbeit:
        if row[0] == "W 3":
            row[2] = 5
    gebaut.schreibe()
    build.build(gebaut.ordner)
    data = gebaut.daten("oeffentlich")
    hidden = data.werte(["ALO"], "2023-12-31").set_index("gebiet_id")["zaehler"].isna()
    assert hidden["W 3"]
    areas = list(hidden.index)
    groups = {"+".join(some): some for some in itertools.combinations(areas, 2)}
    found = data.gruppenwerte(groups, "ALO").set_index("gebiet_id")
    for name, some in groups.items():
        if hidden[list(some)].any():
            assert found.loc[name, ["wert", "zaehler"]].isna().all()
            assert found.at[name, "status"] == "geheim"
        else:
            assert found.at[name, "zaehler"] > 0


def test_an_area_without_a_row_leaves_a_gap(gebaut):
    data = gebaut.daten()
    missing = data.gruppenwerte({"x": ["A 1a", "A 2", "gibt es nicht"]}, "AB65")
    assert missing["wert"].isna().all()
    assert list(missing["status"]) == ["unbekannt"]


def test_page_names_groups_shows_numbers_and_twins(ort):
    page = seite("gruppen")()
    said = page.kurzfassung().html
    assert "„Versorgungsquartier Nord“ besteht aus 3" in said
    chapters = page.gruppenkapitel().html
    assert "Planung der Pflege." in chapters
    assert "Am ähnlichsten sind:" in chapters
    twins = page.zwillinge["nord"]
    assert not set(twins["zwilling"]) & {"A 1a", "A 2", "W 1"}
    table = page._tafel("nord", page.gruppen["nord"]).tafel
    assert list(table.werte.columns[1:]) == ["gruppe", "zaehler", "nenner", "region"]
    assert page.anhang().dateien["xlsx"]


def test_without_the_file_there_is_no_page(gebaut):
    kind = seite("gruppen")
    stock = store.load(gebaut.ordner)
    assert not kind.moeglich(stock)
    with pytest.raises(ParameterFehler, match="keine eigenen Gruppen festgelegt"):
        kind(daten=stock)


@pytest.mark.parametrize(
    ("alt", "neu", "satz"),
    [
        ("W 1]", "W 99]", "Das Gebiet „W 99“ gibt es nicht"),
        ("id: sued", "id: nord", "gibt es schon"),
        ("[A 1a, A 2, W 1]", "[A 1a, A 1a]", "Mehrfach genannt: A 1a"),
        ("[A 1a, A 2, W 1]", "[A 1a]", "gebiete"),
        ("name: Schul", "nahme: Schul", "nahme"),
    ],
)
def test_what_is_wrong_in_the_file_is_told(ort, alt, neu, satz):
    path = ort.ordner / gebietsgruppen.DATEI
    path.write_text(SEITE.replace(alt, neu), encoding="utf-8")
    with pytest.raises(PruefFehler, match=satz) as caught:
        gebietsgruppen.lade(ort.ordner, dict.fromkeys(ort.gebiete, ""))
    assert all(one.zeile for one in caught.value.befunde if "gibt es" in str(one))
