"""The rule of funding as a file, and what the page makes of it."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml
from seitenlauf import fuehre_aus

from sozialanalyse import foerderung, store
from sozialanalyse.base.errors import ParameterFehler, PruefFehler
from sozialanalyse.cli import main
from sozialanalyse.publish.navigation import navigation
from sozialanalyse.seiten import laeufe, seite

PROJEKT = Path(__file__).parents[1]
REGEL = {
    "titel": "Freiwillige Mittel",
    "fassung": "1",
    "zeitraum": {"von": "2025-01-01", "bis": "2025-12-31"},
    "gewichtung": "gebiete",
    "bedarfe": {
        "armut": {
            "name": "Armut",
            "indikatoren": {"X1": 1},
            "personen": "X1",
            "regel": {"art": "rampe", "von": 0, "bis": 0.5},
            "anteil": 100,
        }
    },
    "mittel": {"betrag": 10_000, "runden": 100},
}


def geaendert(pfad: str, wert: object) -> dict:
    """The rule with one entry changed; None drops it."""
    page = yaml.safe_load(yaml.safe_dump(REGEL))
    *way, last = pfad.split(".")
    spot = page
    for name in way:
        spot = spot.setdefault(name, {})
    if wert is None:
        spot.pop(last)
    else:
        spot[last] = wert
    return page


def lies(ordner: Path, page: dict, gebiete: tuple[str, ...] = ("A 1", "A 2")) -> foerderung.FoerderSeite:
    (ordner / foerderung.DATEI).write_text(yaml.safe_dump(page, allow_unicode=True), encoding="utf-8")
    return foerderung.lade(ordner, ["X1", "X2"], ["X1"], gebiete)


@pytest.mark.parametrize(
    ("pfad", "wert", "worte"),
    [
        ("bedarfe.armut.anteil", 90, ["ergeben 90 statt 100"]),
        ("bedarfe.armut.indikatoren", {"X9": 1}, ["X9", "gibt es nicht"]),
        ("bedarfe.armut.indikatoren", {"X1": 0}, ["Gewicht 0"]),
        ("bedarfe.armut.indikatoren", {}, ["indikatoren"]),
        ("bedarfe.armut.personen", "X2", ["X2", "Fällen und Bezugsgröße"]),
        ("bedarfe.armut.regel", {"art": "rampe", "von": 1, "bis": 0}, ["„von“", "„bis“"]),
        ("bedarfe.armut.regel", {"art": "schwelle", "ein": 0.4, "aus": 0.6}, ["„aus“"]),
        ("bedarfe.armut.regel", {"art": "los"}, ["los"]),
        ("bedarfe.armut.regel", {"art": "quote", "anteil": 120}, ["anteil"]),
        ("mittel.betrag", -5, ["betrag"]),
        ("mittel.betrag", ".nan", ["betrag"]),
        ("mittel.sockel", 20_000, ["„sockel“ liegt über „betrag“"]),
        ("mittel.sockel", -1, ["sockel"]),
        ("mittel.deckel", 0, ["deckel"]),
        ("zeitraum", {"von": "2026-01-01", "bis": "2025-01-01"}, ["„von“ liegt nach „bis“"]),
        ("vorher", [{"von": "2024-06-01", "bis": "2025-03-01", "betraege": {"A 1": 5}}], ["überschneiden"]),
        (
            "vorher",
            [{"von": "2024-01-01", "bis": "2024-12-31", "betraege": {"A 9": 5}}],
            ["A 9", "gibt es nicht"],
        ),
        ("vorher", [{"von": "2024-01-01", "bis": "2024-12-31", "betraege": {"A 1": -5}}], ["betraege"]),
        (
            "von_hand",
            [
                {
                    "gebiet": "A 1",
                    "bedarf": "armut",
                    "entscheidung": "ja",
                    "grund": "",
                    "beschlossen": "Ausschuss",
                }
            ],
            ["grund"],
        ),
        (
            "von_hand",
            [
                {
                    "gebiet": "A 1",
                    "bedarf": "wohnen",
                    "entscheidung": "ja",
                    "grund": "Anlass",
                    "beschlossen": "Rat",
                }
            ],
            ["„wohnen“ gibt es nicht"],
        ),
        ("betrag", 5, ["betrag"]),
        ("titel", None, ["titel"]),
    ],
)
def test_bad_rules_are_refused_with_their_place(tmp_path, pfad, wert, worte):
    with pytest.raises(PruefFehler) as refused:
        lies(tmp_path, geaendert(pfad, wert))
    (finding, *_) = refused.value.befunde
    assert finding.zeile is not None
    said = str(refused.value)
    assert all(word in said for word in worte), said
    assert not re.search(r"\b(should|must|Input|valid|greater|field)\b", said)


def test_a_good_rule_knows_its_last_period(tmp_path):
    spans = [
        {"von": "2023-01-01", "bis": "2023-12-31", "betraege": {"A 1": 1}},
        {"von": "2024-01-01", "bis": "2024-12-31", "betraege": {"A 2": 2}},
    ]
    page = lies(tmp_path, geaendert("vorher", spans))
    assert page.letzte is not None
    assert page.letzte.betraege == {"A 2": 2}


def test_yes_and_no_of_yaml_are_words(tmp_path):
    hand = [
        {"gebiet": "A 1", "bedarf": "armut", "entscheidung": True, "grund": "Anlass", "beschlossen": "Rat"}
    ]
    assert lies(tmp_path, geaendert("von_hand", hand)).von_hand[0].entscheidung == "ja"


# --- the page -----------------------------------------------------------------------------------


@pytest.fixture
def gefoerdert(gebaut, monkeypatch):
    """The tiny region with a rule on one of its shares."""
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(gebaut.ordner))
    monkeypatch.setenv("SOZIALANALYSE_STATISCH", "1")
    daten = store.load(gebaut.ordner)
    katalog = daten.indikatoren()
    count, _ = daten.faelle(list(katalog.index[katalog["anteil"]]))
    key = str(count.notna().sum().idxmax())
    page = geaendert("bedarfe.armut", REGEL["bedarfe"]["armut"] | {"indikatoren": {key: 1}, "personen": key})
    (gebaut.ordner / foerderung.DATEI).write_text(yaml.safe_dump(page, allow_unicode=True), encoding="utf-8")
    return gebaut


def test_without_a_rule_there_is_no_page(gebaut, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(gebaut.ordner))
    daten = store.load(gebaut.ordner)
    assert laeufe("foerderkulisse", daten, PROJEKT / "parameters") == []
    assert "foerderkulisse" not in {link.notebook for link in navigation("", {"varianz"})}
    with pytest.raises(ParameterFehler, match="foerderung.yml"):
        seite("foerderkulisse")(stichtag="neuester", daten=daten)


def test_the_page_divides_the_whole_sum(gefoerdert):
    book = fuehre_aus("foerderkulisse", {})
    said = "".join(str(out["data"]) for cell in book.cells for out in cell.get("outputs", []))
    assert "10.000 Euro" in said
    assert "Traceback" not in said
    bericht = seite("foerderkulisse")(stichtag="neuester", betrag=5_000.0)
    assert bericht.rechnung.betraege.sum() == 5_000
    assert (bericht.rechnung.betraege % 100 == 0).all()
    assert main(["check", "--region", str(gefoerdert.ordner)]) == 0


def test_every_audience_gets_the_amounts_of_public_numbers(gefoerdert):
    public = seite("foerderkulisse")(stichtag="neuester").rechnung.betraege
    inside = seite("foerderkulisse")(stichtag="neuester", audience="intern").rechnung.betraege
    pd.testing.assert_series_equal(public, inside)


def test_a_decision_by_hand_is_shown_with_its_reason(gefoerdert):
    page = yaml.safe_load((gefoerdert.ordner / foerderung.DATEI).read_text(encoding="utf-8"))
    bericht = seite("foerderkulisse")(stichtag="neuester")
    share = bericht.rechnung.bedarfe["armut"].share
    area = str(share.index[(share == 0).to_numpy()][0])
    page["von_hand"] = [
        {
            "gebiet": area,
            "bedarf": "armut",
            "entscheidung": "ja",
            "grund": "Unterkunft neu belegt",
            "beschlossen": "Ausschuss",
        }
    ]
    (gefoerdert.ordner / foerderung.DATEI).write_text(
        yaml.safe_dump(page, allow_unicode=True), encoding="utf-8"
    )
    after = seite("foerderkulisse")(stichtag="neuester", gebiet=area)
    assert after.rechnung.betraege[area] > 0
    assert "Unterkunft neu belegt" in after.von_hand()._repr_html_()
    assert "von Hand" in after.warum()._repr_html_()


def test_an_unknown_indicator_is_found_by_check(gefoerdert, capsys):
    path = gefoerdert.ordner / foerderung.DATEI
    path.write_text(path.read_text(encoding="utf-8").replace("personen:", "personen: XX #"), encoding="utf-8")
    assert main(["check", "--region", str(gefoerdert.ordner)]) != 0
    assert "„XX“ ist kein Indikator" in "".join(capsys.readouterr())


def test_hidden_persons_are_estimated_from_the_kommune(gefoerdert, monkeypatch):
    bericht = seite("foerderkulisse")(stichtag="neuester")
    work = bericht.rechnung
    key = bericht.regel.bedarfe["armut"].personen
    count, base = work.daten.faelle([key], work.stichtag)
    area = count[key].dropna().index[0]
    town = work.kommune == work.kommune[area]
    count.loc[area, key] = np.nan
    monkeypatch.setattr(work.daten, "faelle", lambda *_: (count, base))
    persons, estimated = work._personen(key)
    assert estimated[area]
    rest = count[key].notna() & town
    if rest.any():
        rate = count[key][rest].sum() / base[key][rest].sum()
        assert persons[area] == round(rate * base[key][area])


def test_a_weight_that_is_tried_moves_areas_and_is_never_taken_for_the_rule(gefoerdert):
    """The whole need rests on one indicator, so leaving it out is refused; another weight of it changes nothing."""
    key = str(next(iter(seite("foerderkulisse")().regel.bedarfe["armut"].indikatoren)))
    plain = seite("foerderkulisse")()
    tried = seite("foerderkulisse")(zutat=f"armut {key}", faktor=2.0)
    assert "Probe, nicht beschlossen" in tried.kurzfassung().html
    assert "Probe" not in plain.kurzfassung().html
    pd.testing.assert_series_equal(tried.rechnung.betraege, plain.rechnung.betraege)
    with pytest.raises(ParameterFehler, match="nicht mehr zu erkennen"):
        _ = seite("foerderkulisse")(zutat=f"armut {key}", faktor=0.0).regel
    with pytest.raises(ParameterFehler, match="armut X8"):
        _ = seite("foerderkulisse")(zutat="armut X8", faktor=2.0).regel
    path = gefoerdert.ordner / foerderung.DATEI
    page = yaml.safe_load(path.read_text(encoding="utf-8"))
    other = next(
        k for k in plain.daten.indikatoren().index if k != key and plain.daten.matrix([k])[k].nunique() > 3
    )
    page["bedarfe"]["armut"]["indikatoren"][str(other)] = 1
    path.write_text(yaml.safe_dump(page, allow_unicode=True), encoding="utf-8")
    two = seite("foerderkulisse")()
    moved = seite("foerderkulisse")(zutat=f"armut {other}", faktor=0.0)
    assert not two.rechnung.betraege.equals(moved.rechnung.betraege)
    pd.testing.assert_series_equal(moved.rechnung.betraege, plain.rechnung.betraege)
    assert list(moved.beschlossen.bedarfe["armut"].indikatoren) == [key, str(other)]


def test_a_decision_is_filed_with_data_rule_and_reasons(gefoerdert, tmp_path):
    """The workbook beside the page: amounts to the euro, snapshot, version, hash and wording of the rule."""
    path = gefoerdert.ordner / foerderung.DATEI
    page = yaml.safe_load(path.read_text(encoding="utf-8"))
    hand = {
        "gebiet": "A 1a",
        "bedarf": "armut",
        "entscheidung": "ja",
        "grund": "Unterkunft",
        "beschlossen": "Rat",
    }
    path.write_text(yaml.safe_dump(page | {"von_hand": [hand]}, allow_unicode=True), encoding="utf-8")
    bericht = seite("foerderkulisse")()
    files = bericht.anhang().dateien
    assert files["docx"].startswith(b"PK")
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    cells = [
        str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    ]
    said = " ".join(cells)
    assert bericht.daten.bestand["bestand"] in said
    assert "Grund: Unterkunft. Beschlossen: Rat." in said
    written = next(cell for cell in cells if cell.startswith("{"))
    assert foerderung.FoerderSeite.model_validate_json(written) == bericht.regel
    assert hashlib.sha256(written.encode()).hexdigest() in said
    tried = seite("foerderkulisse")(betrag=5_000.0).anhang().dateien["xlsx"]
    rows = [
        row
        for sheet in openpyxl.load_workbook(io.BytesIO(tried))
        for row in sheet.iter_rows(values_only=True)
    ]
    assert any("Probe, nicht beschlossen" in str(cell) for row in rows for cell in row)
