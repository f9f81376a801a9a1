"""The rule of funding as a file, and what the page makes of it."""

from __future__ import annotations

import hashlib
import html
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
from sozialanalyse.analyse import funding
from sozialanalyse.base.errors import ParameterFehler, PruefFehler
from sozialanalyse.cli import main
from sozialanalyse.present import formats
from sozialanalyse.publish.navigation import navigation
from sozialanalyse.seiten import laeufe, seite
from sozialanalyse.seiten.teile import foerderzahlen

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
            "vorher",
            [
                {
                    "von": "2024-01-01",
                    "bis": "2024-12-31",
                    "betraege": {"A 1": 5},
                    "bedarfe": {"A 9": ["armut"]},
                }
            ],
            ["A 9", "gibt es nicht"],
        ),
        (
            "vorher",
            [
                {
                    "von": "2024-01-01",
                    "bis": "2024-12-31",
                    "betraege": {"A 1": 5},
                    "bedarfe": {"A 1": ["armuth"]},
                }
            ],
            ["armuth", "gibt es nicht", "armut"],
        ),
        ("mittel.betrag", "viel", ["betrag"]),
        ("mittel.uebergang", {"ab": 120, "auf": 10}, ["ab"]),
        ("mittel.runden", 0, ["runden"]),
        ("zeitraum.bis", "2025-02-30", ["bis"]),
        ("bedarfe.armut.anteil", -100, ["anteil"]),
        ("bedarfe.armut.staerke", {"je_einheit": -1}, ["je_einheit"]),
        ("bedarfe.armut.mindestens", {"leute": 30}, ["leute"]),
        (
            "bedarfe.armut.regel",
            {"art": "merkmal", "indikator": "X7", "grenze": 1.3},
            ["X7", "gibt es nicht"],
        ),
        ("bedarfe.armut.regel", {"art": "rampe", "von": 0.4}, ["bis"]),
        ("gewichtung", "flaeche", ["gewichtung"]),
        ("bedarfe", {}, ["bedarfe"]),
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


# --- what was before ----------------------------------------------------------------------------


def aendere(gefoerdert, **mehr: object) -> None:
    path = gefoerdert.ordner / foerderung.DATEI
    page = yaml.safe_load(path.read_text(encoding="utf-8"))
    page["bedarfe"]["armut"] |= mehr.pop("bedarf", {})
    path.write_text(yaml.safe_dump(page | mehr, allow_unicode=True), encoding="utf-8")


def test_who_was_funded_stays_until_the_lower_limit(gefoerdert):
    """The rule says so in words; an area between both limits keeps its need only if it had money for this one."""
    score = seite("foerderkulisse")().rechnung.bedarfe["armut"].score.sort_values()
    low, area, high = score.index[-4], score.index[-3], score.index[-2]
    limits = {"ein": float(score[high]), "aus": float((score[low] + score[area]) / 2)}
    aendere(gefoerdert, bedarf={"regel": {"art": "schwelle", **limits}})
    share = seite("foerderkulisse")().rechnung.bedarfe["armut"].share
    assert share[area] == 0
    span = {"von": "2024-01-01", "bis": "2024-12-31", "betraege": {area: 500, str(low): 500}}
    aendere(gefoerdert, vorher=[span])
    after = seite("foerderkulisse")(gebiet=area)
    assert after.rechnung.bedarfe["armut"].share[[area, low]].tolist() == [1, 0]
    assert after.rechnung.gewissheit["armut"].table["anteil"][area] == 1
    assert "Liegt um" in after.warum()._repr_html_()
    aendere(gefoerdert, vorher=[span | {"bedarfe": {area: []}}])
    assert seite("foerderkulisse")().rechnung.bedarfe["armut"].share[area] == 0


def test_what_became_of_funded_areas_is_told_beside_what_chance_brings(gefoerdert):
    plain = seite("foerderkulisse")()
    assert plain.seither()._repr_html_() == ""
    first, last = plain.daten.stichtage[0], plain.daten.stichtage[-1]
    key = plain.regel.bedarfe["armut"].personen
    pairs = [plain.daten.faelle([key], day) for day in (first, last)]
    known = (pairs[0][0][key].notna() & pairs[1][0][key].notna()).pipe(lambda flags: list(flags.index[flags]))
    day = (pd.Timestamp(first) + pd.Timedelta(days=1)).date().isoformat()
    span = {"von": day, "bis": last, "betraege": dict.fromkeys(known[:2], 500.0)}
    aendere(gefoerdert, vorher=[span])
    page = seite("foerderkulisse")()
    got = pd.Series([float(area in known[:2]) for area in plain.kommune.index], index=plain.kommune.index)
    count, base = (tuple(pair[i][key] for pair in pairs) for i in (0, 1))
    expected = funding.evaluate_funded(count, base, got)
    said = page.seither()._repr_html_()
    assert expected.summary() in said
    assert "auch ohne Hilfe" in said
    aendere(gefoerdert, vorher=[span | {"von": "2020-01-01", "bis": "2020-12-31"}])
    assert "noch nicht sagen" in seite("foerderkulisse")().seither()._repr_html_()


# --- area by area -------------------------------------------------------------------------------


def test_the_named_value_is_the_one_that_reaches_the_limit(gefoerdert):
    """Put into the numbers, with mean and spread as they are, it brings the score to the limit."""
    work = seite("foerderkulisse")().rechnung
    katalog = work.katalog
    keys = [key for key in katalog.index if work.daten.matrix([key], work.stichtag)[key].nunique() > 3][:3]
    aendere(
        gefoerdert,
        bedarf={
            "indikatoren": {str(key): 1 + i for i, key in enumerate(keys)},
            "regel": {"art": "rampe", "von": 0.2, "bis": 0.6},
        },
    )
    work = seite("foerderkulisse")().rechnung
    need, one = work.seite.bedarfe["armut"], work.bedarfe["armut"]
    told = 0
    for area in one.werte.index:
        lever = work.hebel("armut", area)
        if lever is None or pd.isna(one.score[area]):
            continue
        key, value = lever
        other = one.werte.copy()
        other.loc[area, key] = value
        score, _ = funding.need_scores(
            other, work.richtung(need), work.gewichte(need), population=work._people, reference=one.werte
        )
        assert score[area] == pytest.approx(0.2, abs=1e-6)
        assert one.werte[key].min() <= value <= one.werte[key].max()
        told += 1
    assert told > 1


def test_a_page_of_a_kommune_says_for_each_area_why(gefoerdert, monkeypatch):
    page = seite("foerderkulisse")()
    town = str(page.kommune.iloc[0])
    own = seite("foerderkulisse")(kommune=town)
    said = own.gebiete_einzeln()._repr_html_()
    for area in page.kommune.index[page.kommune == town]:
        assert html.escape(str(page.namen[area])) in said
    assert "Was anders sein müsste" in said
    runs = {run.name for run in laeufe("foerderkulisse", page.daten, PROJEKT / "parameters")}
    linked = re.findall(r'href="([^"#]+)[.]html', page.gebiete_einzeln()._repr_html_())
    assert linked
    assert set(linked) <= runs
    profile = seite("sozialraumprofil")(sozialraum=str(page.kommune.index[0])).mehr()._repr_html_()
    address = re.search(r'href="[.][.]/foerderkulisse/([^"#]+)[.]html#([^"]+)"', profile)
    assert address
    assert address[1] in runs
    assert f'id="{address[2]}"' in said


def test_a_page_of_a_kommune_leads_with_the_kommune(gefoerdert):
    """Number, sentences and map are about the Kommune; those of all of them together give the region."""
    whole = seite("foerderkulisse")()
    number, total = whole.kennzahl(), whole.rechnung.betraege
    assert number is not None
    parts = 0.0
    for town in sorted(whole.kommune.unique()):
        page = seite("foerderkulisse")(kommune=str(town))
        name = str(page.kommunen["name"][town])
        own = total[whole.kommune == town].sum()
        parts += own
        figure = page.kennzahl()
        assert figure is not None
        assert figure.wert == formats.wert(own, "€", 0)
        assert name in figure.worte
        assert number.wert in figure.vergleich
        said = list(page.kurzfassung().saetze)
        assert said[0].startswith(f"{name}: ")
        assert f"{formats.zahl(own)} Euro" in said[0]
        assert not any("Fünftel" in sentence or "bleiben übrig" in sentence for sentence in said)
        assert any(formats.zahl(own) in sentence and name in sentence for sentence in page.einfache_saetze())
        if own > 0:
            assert page.karte().titel.startswith(f"{name}: ")
    assert parts == total.sum()


def test_einfache_sprache_and_the_ten(gefoerdert, monkeypatch):
    page = seite("foerderkulisse")()
    said = page.einfach()._repr_html_()
    assert "Das Geld ist für Menschen" in said
    assert "Versuch" not in said
    assert "Versuch" in seite("foerderkulisse")(betrag=5_000.0).einfach()._repr_html_()
    assert page.rechnung.raenge == {}  # nine areas have no ten
    monkeypatch.setattr(foerderzahlen, "ZEHN", 2)
    ranks = seite("foerderkulisse")()
    found = ranks.rechnung.raenge["armut"]
    assert found["moeglich"].sum() >= 2 >= found["sicher"].sum()
    assert "vielleicht unter den zehn" in ranks.gewissheit()._repr_html_()
    blind = seite("foerderkulisse")()
    count, base = blind.daten.faelle(list(blind.regel.bedarfe["armut"].indikatoren))
    _ = blind.rechnung.gewissheit
    monkeypatch.setattr(blind.rechnung.daten, "faelle", lambda *_: (count * np.nan, base))
    assert blind.rechnung.raenge == {}, "rates without counts scatter nobody knows how much"


# --- whom a table is about ----------------------------------------------------------------------


def text_von(anzeige) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", anzeige._repr_html_())))


@pytest.fixture
def mit_grenzen(gefoerdert):
    """The same rule with floor and cap, so that both bind somewhere."""
    path = gefoerdert.ordner / foerderung.DATEI
    page = yaml.safe_load(path.read_text(encoding="utf-8"))
    page["mittel"] |= {"sockel": 900, "deckel": 40}
    path.write_text(yaml.safe_dump(page, allow_unicode=True), encoding="utf-8")
    return gefoerdert


def test_every_table_of_a_kommune_says_whom_it_is_about(gefoerdert):
    """Its title names the Kommune or says that it is about the whole region; no page has one of neither kind."""
    whole = seite("foerderkulisse")()
    town = str(whole.kommune.iloc[0])
    page = seite("foerderkulisse")(kommune=town)
    name, region = str(page.kommunen["name"][town]), f"{page.worte['in_region']} insgesamt"
    book = fuehre_aus("foerderkulisse", {"kommune": town})
    shown = "".join(str(out["data"]) for cell in book.cells for out in cell.get("outputs", []))
    titles = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<caption>(.*?)</caption>", shown)]
    assert len(titles) >= 6
    for title in titles:
        assert name in title or region in title, title
    assert f"<h2>Kommt das Geld {region} beim Bedarf an?</h2>" in shown
    assert "<h2>Kommt das Geld beim Bedarf an?</h2>" in whole.fuenftel()._repr_html_()
    assert name in text_von(page.von_hand())
    assert region in page.anhang().titel


def test_counts_of_the_kommunen_give_those_of_the_region(gefoerdert):
    """How sure decisions are, and what other rules would bring, is told for the areas of the Kommune alone."""
    whole = seite("foerderkulisse")()
    towns = [seite("foerderkulisse")(kommune=str(town)) for town in sorted(whole.kommune.unique())]
    for number in (0, 1):
        own = whole.gewissheit().teile[number].tabelle
        parts = [page.gewissheit().teile[number].tabelle for page in towns]
        for column in own.columns.difference(["name", "menschen"]):
            assert sum(int(part[column].sum()) for part in parts) == own[column].sum(), column
    areas = sum(page.andere().tabelle["anzahl"] for page in towns)
    assert areas.tolist() == whole.andere().tabelle["anzahl"].tolist()
    euro = sum(page.andere().tabelle["betrag"] for page in towns)
    rules = whole.rechnung.andere_regeln()
    assert euro.tolist() == pytest.approx([rule.sum() for rule in rules.values()])
    assert (towns[0].andere().tabelle["gegen_eigene"].iloc[0]) == 0


def test_floor_and_cap_are_told_where_the_rule_has_them(mit_grenzen):
    page = seite("foerderkulisse")()
    said = text_von(page.regelwerk())
    assert "mindestens 900 Euro im Jahr" in said
    assert "höchstens 40 %" in said
    assert "mindestens 900 Euro im Jahr" in text_von(page.gebiete_tafel())
    assert "ohne Sockel, Deckel und Übergang" in text_von(page.andere())
    euro = page.rechnung.je_bedarf["armut"]
    kinds = {area: page.rechnung.grenze("armut", area) for area in euro.index}
    assert set(kinds.values()) >= {"", "sockel"}
    for area, kind in kinds.items():
        expected = "sockel" if euro[area] == 900 else "deckel" if euro[area] == 4_000 else ""
        assert kind == expected
        told = text_von(seite("foerderkulisse")(gebiet=str(area)).warum())
        assert ("Der Betrag ist der Sockel der Regel (900 Euro)" in told) == (kind == "sockel")
        assert ("Der Betrag ist der Deckel der Regel" in told) == (kind == "deckel")


def test_without_floor_and_cap_none_is_told(gefoerdert):
    page = seite("foerderkulisse")()
    said = text_von(page.regelwerk()) + text_von(page.gebiete_tafel()) + text_von(page.andere())
    assert "Sockel" not in said
    assert "Deckel" not in said


def test_a_finished_page_names_a_weight_only_where_one_is_tried(gefoerdert):
    page = seite("foerderkulisse")()
    page.auswahl()
    assert "Gewicht" not in text_von(page.gewaehltes)
    assert "Summe im Jahr (Euro) 10.000" in text_von(page.gewaehltes)
    name = f"armut {page.indikatoren[0]}"
    tried = seite("foerderkulisse")(zutat=name, faktor=2.0)
    tried.auswahl()
    assert "Dieses Gewicht malnehmen mit 2,00" in text_von(tried.gewaehltes)


def test_euro_stand_behind_the_name_and_the_kommune_once(gefoerdert):
    whole = seite("foerderkulisse")()
    town = str(whole.kommune[whole.rechnung.betraege.idxmax()])
    page = seite("foerderkulisse")(kommune=town)
    assert list(whole.gebiete_tafel().tafel.schluessel)[:4] == ["name", "betrag", "je_kopf", "kommune"]
    assert list(page.gebiete_tafel().tafel.schluessel)[:2] == ["name", "betrag"]
    assert "kommune" not in page.gebiete_tafel().tafel.schluessel
    name = str(page.kommunen["name"][town])
    assert page.karte().titel.count(name) == 1
    areas = page.gebiete_einzeln()._repr_html_()
    assert "sa-stapelbar" in areas
    tags = re.findall(r"<(table|thead|tbody|tr|th|td)\b([^>]*)>", areas)
    assert all("role=" in rest for _, rest in tags)
    assert "role=" not in "".join(
        rest for _, rest in re.findall(r"<(table|tr|td)\b([^>]*)>", page.fuenftel().html)
    )
    assert 'data-kopf="im Jahr (€)"' in areas
    assert html.unescape(areas).count(name) <= 3  # caption and labels of the scrolling region
