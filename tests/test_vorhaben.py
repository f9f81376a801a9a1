"""The register of projects as files, its history, what leaves the house, and what the page makes of it."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from seitenlauf import fuehre_aus

from sozialanalyse import build, geheimhaltung, store, vorhaben
from sozialanalyse.base.errors import ParameterFehler, PruefFehler
from sozialanalyse.cli import main
from sozialanalyse.publish.navigation import navigation
from sozialanalyse.seiten import laeufe, seite

PROJEKT = Path(__file__).parents[1]
KOPF = ("Nr.", "Art", "Titel", "Einfach", "Bereich", "Bedarf", "Gebiete", "Beginn", "Ende", "Euro", "Topf", "Wer", "Name", "Zweck",
        "Pflicht", "Bericht", "Anlass", "Umsetzung", "Status", "Text", "Dabei", "Idee")  # fmt: skip
FELDER = ("kennung", "art", "titel", "titel_einfach", "lebensbereich", "bedarfe", "gebiete", "beginn", "ende", "betrag", "topf",
          "traeger", "antragsteller", "zweck", "pflicht", "bericht", "anlass", "umsetzung", "status", "text")  # fmt: skip
REGISTER = {
    "titel": "Vorhaben",
    "lieferungen": {
        "alle": {
            "dateien": "vorhaben/*",
            "tabelle": {"format": "csv", "kopf": {"erkennbar_an": "Nr."}},
            "stand": {"aus": "dateiname"},
            "spalten": dict(zip(FELDER, KOPF, strict=False)),
            "worte": {
                "status": {"in Arbeit": "laeuft", "offen": "beantragt"},
                "traeger": {"Privat": "person"},
            },
            "punkte": {"idee": "Idee"},
            "zahlen": {"dabei": "Dabei"},
        }
    },
    "bedarfe": {"arbeit": {"name": "Arbeit", "personen": "ALO", "ab": 1.0}},
    "lebensbereiche": {"wohnen": {"name": "Wohnen", "umfeld": ["EW"]}, "arbeit": {"name": "Arbeit"}},
    "gremium": {"name": "Beirat", "sitzungen": ["2023-09-01", "2024-09-01"]},
    "toepfe": {
        "klein": {
            "name": "Kleine Mittel",
            "zeitraeume": [{"von": "2024-01-01", "bis": "2024-12-31", "betrag": 3000}],
            "hoechstens": 2000,
            "antragsteller": ["person", "verein"],
            "nachweis_monate": 3,
        },
        "fonds": {"name": "Fonds", "eigen": False, "gebiete": ["05999008"]},
    },
    "kriterien": {
        "ort": {"name": "Ort", "gewicht": 60, "aus": "bedarf"},
        "idee": {"name": "Idee", "gewicht": 40},
    },
    "zahlen": {"dabei": {"name": "Dabei", "personen": True}},
}
FRUEH = [
    ("M1", "Maßnahme", "Rampe bauen", "Eine Rampe", "Wohnen", "Arbeit", "A 2 | Würselheim", "01.01.2022", "", "", "", "", "", "", "jährlich", "", "ALO", "dabei", "in Arbeit", "", "", ""),
    ("M2", "Maßnahme", "Kurs", "Ein Kurs", "Arbeit", "", "", "01.01.2022", "", "", "", "", "", "", "nie", "", "", "", "geplant", "", "", ""),
]  # fmt: skip
SPAET = [
    ("M1", "Maßnahme", "Rampe bauen", "", "Wohnen", "Arbeit", "A 2 | Würselheim", "01.01.2022", "", "", "", "", "", "", "jährlich", "01.09.2023", "ALO", "dabei", "läuft", "Halb fertig", "3", ""),
    ("K1", "Kleinprojekt", "Fest im Hof", "", "", "Arbeit", "SI 1", "01.02.2024", "31.12.2024", "1.500,00 €", "Kleine Mittel", "Verein", "Hofverein e. V.", "Fest", "", "", "", "", "läuft", "", "", "4"),
    ("K2", "Kleinprojekt", "Garten hinterm Haus", "", "", "Arbeit", "SI 2", "01.06.2024", "31.12.2024", "800", "klein", "Privat", "Muster am Bach", "Garten", "", "", "", "", "offen", "Ein Text über Muster", "", "4"),
    ("K3", "Kleinprojekt", "Turnen", "", "", "Arbeit", "A 1a", "01.02.2024", "31.12.2024", "500", "klein", "privat", "Muster  am Bach", "Turnen", "", "", "", "", "läuft", "", "", ""),
    ("K4", "Kleinprojekt", "Zu teuer", "", "", "Arbeit", "SI 3a", "01.06.2024", "31.12.2024", "2500", "klein", "verein", "Andere e.V.", "Fest", "", "", "", "", "offen", "", "", "1"),
    ("K5", "Kleinprojekt", "Fest nebenan", "", "", "Arbeit", "SI 1", "01.05.2024", "31.07.2024", "900", "Fonds", "verein", "Hofverein e.V.", "Fest", "", "", "", "", "geplant", "", "", ""),
]  # fmt: skip


def lege(ordner: Path, tag: str, zeilen: list[tuple[str, ...]], kopf: tuple[str, ...] = KOPF) -> Path:
    path = ordner / "lieferungen" / "vorhaben" / f"Stand_{tag}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["Register", ";".join(kopf), *(";".join(row) for row in zeilen)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def schreibe(ordner: Path, page: dict) -> None:
    (ordner / vorhaben.DATEI).write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")


def geaendert(pfad: str, wert: object) -> dict:
    """The page with one entry changed; None drops it."""
    page = json.loads(json.dumps(REGISTER))
    *way, last = pfad.split(".")
    spot = page
    for name in way:
        spot = spot[name]
    if wert is None:
        spot.pop(last)
    else:
        spot[last] = wert
    return page


# --- the page of the region ---------------------------------------------------------------------

SPANNE = [{"von": "2024-01-01", "bis": "2024-12-31", "betrag": 1}]


@pytest.mark.parametrize(
    ("pfad", "wert", "worte"),
    [
        ("kriterien.ort.gewicht", 50, ["ergeben 90 statt 100"]),
        ("kriterien.ort.gewicht", -60, ["gewicht"]),
        ("toepfe.klein.zeitraeume", [*SPANNE, {"von": "2024-06-01", "bis": "2025-05-31", "betrag": 1}], ["überschneiden"]),
        ("toepfe.klein.zeitraeume", [{"von": "2024-12-31", "bis": "2024-01-01", "betrag": 1}], ["„von“ liegt nach „bis“"]),
        ("toepfe.klein.zeitraeume", [{"von": "2024-01-01", "bis": "2024-12-31", "betrag": -1}], ["betrag"]),
        ("toepfe.klein.mindestens", 5000, ["„mindestens“ liegt über „hoechstens“"]),
        ("toepfe.klein.eigenanteil", 120, ["eigenanteil"]),
        ("toepfe.klein.antragsteller", ["koenig"], ["koenig"]),
        ("toepfe.fonds.gebiete", ["05999009"], ["05999009", "gibt es nicht", "05999008"]),
        ("bedarfe.arbeit.personen", "MEDIAN", ["MEDIAN", "Fällen und Bezugsgröße"]),
        ("bedarfe.arbeit.ab", 0, ["ab"]),
        ("lebensbereiche.wohnen.umfeld", ["WEG"], ["WEG", "gibt es nicht"]),
        ("gremium.sitzungen", ["2024-09-01", "2024-09-01"], ["zweimal"]),
        ("gremium.sitzungen", [], ["sitzungen"]),
        ("lieferungen.alle.spalten.farbe", "Farbe", ["farbe", "gibt es nicht"]),
        ("lieferungen.alle.spalten.status", None, ["status"]),
        ("lieferungen.alle.fest", {"status": "laeuft"}, ["„spalten“ und unter „fest“"]),
        ("lieferungen.alle.fest", {"plan": "x9"}, ["x9", "gibt es nicht"]),
        ("lieferungen.alle.worte", {"status": {"x": "fertig"}}, ["fertig", "gibt es nicht"]),
        ("lieferungen.alle.punkte", {"ort": "Idee"}, ["ort", "gibt es nicht"]),
        ("lieferungen.alle.zahlen", {"rampen": "Idee"}, ["rampen", "gibt es nicht"]),
        ("lieferungen.alle.stand", {"aus": "spalte"}, ["„spalte“"]),
        ("lieferungen.alle.tabelle.format", "pdf", ["pdf"]),
        ("mindestzahl", 1, ["mindestzahl"]),
        ("loeschfrist", 3, ["loeschfrist"]),
        ("titel", None, ["titel"]),
    ],
)  # fmt: skip
def test_bad_pages_are_refused_with_their_place(tmp_path, pfad, wert, worte):
    schreibe(tmp_path, geaendert(pfad, wert))
    with pytest.raises(PruefFehler) as refused:
        vorhaben.lade(tmp_path, ["ALO", "EW", "MEDIAN"], ["ALO"], ["05999008", "A 2"])
    (finding, *_) = refused.value.befunde
    assert finding.zeile is not None
    said = str(refused.value)
    assert all(word in said for word in worte), said
    assert not re.search(r"\b(should|must|Input|valid|greater|field)\b", said)


def test_a_good_page_knows_its_meetings_and_periods(tmp_path):
    schreibe(tmp_path, REGISTER)
    page = vorhaben.lade(tmp_path, ["ALO", "EW"], ["ALO"], ["05999008"])
    assert page.sitzung(date(2024, 3, 31)) == date(2024, 9, 1)
    assert page.sitzung(date(2024, 9, 1)) is None
    assert page.sitzung_davor(date(2023, 9, 1)) == date(2023, 9, 1)
    assert page.toepfe["klein"].zeitraum(date(2026, 1, 1)).betrag == 3000
    assert page.toepfe["fonds"].zeitraum(date(2026, 1, 1)) is None


# --- deliveries ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vorlage(tmp_path_factory, kleinregion_typ):
    """The tiny region with a register of two deliveries, built once."""
    root = tmp_path_factory.mktemp("register")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(root / "daten"))
        place = kleinregion_typ(root / "musterland").schreibe()
        schreibe(place.ordner, REGISTER)
        lege(place.ordner, "2023-06-30", FRUEH)
        lege(place.ordner, "2024-03-31", SPAET)
        build.build(place.ordner)
    return place


@pytest.fixture
def register(vorlage, monkeypatch):
    """That region; nobody changes it."""
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(vorlage.ordner.parent / "daten"))
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(vorlage.ordner))
    monkeypatch.setenv("SOZIALANALYSE_STATISCH", "1")
    return vorlage


def lies(region, zeilen, kopf=KOPF, tag="2024-03-31"):
    """Findings of one delivery, with those of the register alone."""
    region.schreibe()
    schreibe(region.ordner, REGISTER)
    lege(region.ordner, tag, zeilen, kopf)
    place = build.lade_region(region.ordner)
    found = build._Register(place, build.lade_katalog(place))
    return found, "\n".join(map(str, found.befunde))


def mit(**werte: str) -> list[tuple[str, ...]]:
    """The first small project with some cells changed."""
    row = dict(zip(KOPF, SPAET[1], strict=True)) | werte
    return [tuple(row.values())]


@pytest.mark.parametrize(
    ("zeilen", "worte"),
    [
        (mit(Status="fertsch"), ["Zeile 3", "Status", "fertsch"]),
        (mit(Art=""), ["Zeile 3", "art"]),
        (mit(Gebiete="A 9"), ["Gebiet „A 9“ gibt es nicht", "Zeile 3"]),
        (mit(Bedarf="Sport"), ["Bedarf „Sport“"]),
        (mit(Topf="Kasse"), ["Topf „Kasse“"]),
        (mit(Anlass="WEG"), ["Indikator „WEG“"]),
        (mit(Euro="-5"), ["unter 0"]),
        (mit(Euro="viel"), ["keine Zahl"]),
        (mit(Idee="5"), ["höchstens 4"]),
        (mit(Beginn="31.02.2024"), ["kein Tag"]),
        (mit(Ende="01.01.2024"), ["Ende liegt vor dem Beginn"]),
        ([*mit(), *mit()], ["K1", "Zeile 3", "eigene Kennung"]),
        ([("", *SPAET[1][1:])], ["Kennung fehlt", "Zeile 3"]),
    ],
)  # fmt: skip
def test_faulty_rows_are_named_with_their_place(kleinregion, zeilen, worte):
    found, said = lies(kleinregion, zeilen)
    assert any(one.schwere == "fehler" for one in found.befunde)
    assert all(word in said for word in worte), said
    assert "Stand_2024-03-31.csv" in said


def test_who_delivers_the_register_gets_a_letter(kleinregion, tmp_path):
    """As for every other delivery: what to mend, where it stands, no name of a person, nothing about other files."""
    kleinregion.schreibe()
    page = geaendert("lieferungen.alle.lieferstelle", "Stabsstelle Inklusion")
    page["lieferungen"]["alle"]["name"] = "Liste der Vorhaben"
    schreibe(kleinregion.ordner, page)
    faulty = [*SPAET[:2], (*SPAET[2][:18], "fertsch", *SPAET[2][19:])]
    lege(kleinregion.ordner, "2024-03-31", faulty)
    lege(kleinregion.ordner, "2023-06-30", FRUEH)
    where = tmp_path / "post"
    assert main(["check", "--region", str(kleinregion.ordner), "--protokoll", str(where)]) == 1
    letter = (where / "vorhaben-alle.html").read_text(encoding="utf-8")
    for word in (
        "Stabsstelle Inklusion",
        "Liste der Vorhaben",
        "Stand_2024-03-31.csv",
        "fertsch",
        "5",
        "Vertraulich",
    ):
        assert word in letter, word
    assert "am Bach" not in letter
    book = openpyxl.load_workbook(where / "vorhaben-alle.xlsx")
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    assert any("fertsch" in str(cell) for row in rows for cell in row)
    assert "fertsch" not in "".join(
        path.read_text("utf-8") for path in where.glob("*.html") if "vorhaben" not in path.name
    )


def test_missing_columns_and_days_are_named(kleinregion):
    _, said = lies(kleinregion, SPAET, ("Nummer", *KOPF[1:]))
    assert "Nr." in said
    _, said = lies(kleinregion, SPAET, tag="ohne")
    assert "Der Stand steht nicht im Dateinamen" in said


def test_what_is_not_wrong_but_odd_is_a_warning(kleinregion):
    found, said = lies(kleinregion, [*mit(Wer="", Text="x"), *mit(**{"Nr.": "K9"}, Status="abgelehnt")])
    assert {one.schwere for one in found.befunde} == {"warnung"}
    assert "Privatperson" in said
    assert "fehlt der Grund" in said


def test_two_files_of_one_day_are_refused_and_a_lost_project_is_told(kleinregion):
    found, _ = lies(kleinregion, SPAET)
    lege(kleinregion.ordner, "2023-06-30", FRUEH)
    lege(kleinregion.ordner, "x_2024-03-31", SPAET[:1])
    place = build.lade_region(kleinregion.ordner)
    said = "\n".join(map(str, build._Register(place, build.lade_katalog(place)).befunde))
    assert "zum selben Stand" in said
    assert "Nicht mehr genannt: „M2“" in said


def test_workbooks_are_read_the_same_way(kleinregion):
    kleinregion.schreibe()
    page = geaendert(
        "lieferungen.alle.tabelle", {"format": "excel", "blatt": "Liste", "kopf": {"erkennbar_an": "Nr."}}
    )
    page["lieferungen"]["alle"]["stand"] = {"aus": "zelle"}
    schreibe(kleinregion.ordner, page)
    book = openpyxl.Workbook()
    book.active.title = "Liste"
    book.active.append(["Stand 31.03.2024"])
    book.active.append(KOPF)
    book.active.append([*SPAET[1][:7], date(2024, 1, 1), date(2024, 12, 31), 1500, *SPAET[1][10:]])
    path = kleinregion.ordner / "lieferungen" / "vorhaben" / "Register.xlsx"
    path.parent.mkdir(parents=True)
    book.save(path)
    place = build.lade_region(kleinregion.ordner)
    found = build._Register(place, build.lade_katalog(place))
    assert found.befunde == []
    ((state,),) = found.neu.values()
    assert (state["stand"], state["beginn"], state["betrag"]) == ("2024-03-31", "2024-01-01", 1500)


# --- persons ------------------------------------------------------------------------------------


@pytest.mark.parametrize("spalte", ["Geburtsdatum", "Anschrift", "Telefon", "Vorname", "E-Mail"])
def test_the_exception_for_names_opens_no_other_column(kleinregion, spalte):
    _, said = lies(kleinregion, [(*row, "x") for row in SPAET], (*KOPF, spalte))
    assert "einzelner Personen" in said


def test_names_of_applicants_are_refused_in_every_other_delivery(kleinregion):
    kleinregion.arbeit = [[*row, "x"] for row in kleinregion.arbeit]
    kleinregion.schreibe()
    path = kleinregion.ordner / "lieferungen" / "arbeit.csv"
    text = path.read_text(encoding="cp1252").replace(
        "Arbeitslose;Quote", "Arbeitslose;Quote;Name des Antragstellers"
    )
    path.write_text(text, encoding="cp1252")
    schreibe(kleinregion.ordner, REGISTER)
    with pytest.raises(PruefFehler, match="Namen einzelner Personen"):
        build.build(kleinregion.ordner)


def test_persons_never_leave_the_delivered_file(register):
    """Neither name nor title nor text, in no snapshot, no history and on no page of any audience."""
    there = [path for path in (register.ordner.parent / "daten").rglob("*") if path.is_file()]
    assert len(there) > 10
    for path in there:
        content = path.read_bytes()
        assert b"am Bach" not in content, path
        assert b"hinterm Haus" not in content, path
    inside = {one["kennung"]: one for one in store.load(register.ordner, "intern").vorhaben()}
    assert inside["K2"]["antragsteller"] == inside["K3"]["antragsteller"]
    assert inside["K1"]["antragsteller"] == "Hofverein e. V."
    for audience in ("intern", "oeffentlich"):
        book = fuehre_aus("vorhaben", {"audience": audience})
        said = str([out["data"] for cell in book.cells for out in cell.get("outputs", [])])
        assert "am Bach" not in said
        assert "Privatperson" in said


def test_the_public_reads_no_applications_no_points_and_no_small_numbers(register):
    public = store.load(register.ordner).vorhaben()
    assert {one["status"] for one in public} <= {"geplant", "laeuft"}
    keys = {one["kennung"] for one in public}
    assert {"M1", "M2", "K1", "K5"} <= keys
    assert not keys & {"K2", "K3", "K4"}
    assert all(not one["punkte"] and one["loeschen_am"] is None for one in public)
    assert [one["zahlen"] for one in public if one["kennung"] == "M1"] == [{}, {"dabei": None}]
    inside = store.load(register.ordner, "intern").vorhaben()
    assert {"dabei": 3} in [one["zahlen"] for one in inside]


def test_marks_of_persons_are_gone_on_their_day(register):
    page = vorhaben.lade(register.ordner, ["ALO", "EW"], ["ALO"], ["05999008"])
    inside = store.load(register.ordner, "intern").vorhaben()
    before = geheimhaltung.registerschutz.geloescht(inside, date(2027, 12, 27))
    after = geheimhaltung.registerschutz.geloescht(inside, date(2027, 12, 28))
    marks = [one["antragsteller"] for one in before if one["traeger"] == "person"]
    assert all(marks)
    assert not any(one["antragsteller"] for one in after if one["traeger"] == "person")
    assert [one for one in after if one["traeger"] != "person"] == [
        one for one in inside if one["traeger"] != "person"
    ]
    assert geheimhaltung.registerschutz.faellig(inside, page, date(2028, 1, 1)) == [
        "vorhaben/Stand_2024-03-31.csv"
    ]


# --- history ------------------------------------------------------------------------------------


def test_a_state_stays_when_its_file_goes(vorlage, tmp_path, monkeypatch):
    """The early delivery is removed: its states stay, and an old name is not needed for them."""
    import shutil

    shutil.copytree(vorlage.ordner.parent, tmp_path, dirs_exist_ok=True)
    ordner = tmp_path / "musterland"
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path / "daten"))
    first = store.load(ordner, "intern").vorhaben()
    (ordner / "lieferungen" / "vorhaben" / "Stand_2023-06-30.csv").unlink()
    result = build.build(ordner)
    assert store.load(ordner, "intern").vorhaben() == first
    lege(
        ordner,
        "2024-06-30",
        [("M1", "Maßnahme", "Rampe bauen", *SPAET[0][3:18], "umgesetzt", "Fertig", "9", "")],
    )
    later = build.build(ordner)
    assert later.bestand != result.bestand
    states = [
        (one["stand"], one["status"])
        for one in store.load(ordner, "intern").vorhaben()
        if one["kennung"] == "M1"
    ]
    assert states == [("2023-06-30", "laeuft"), ("2024-03-31", "laeuft"), ("2024-06-30", "umgesetzt")]
    assert build.build(ordner).neu is False
    entries = list((tmp_path / "daten" / "vorhaben" / "musterland").glob("*"))
    assert {oct(path.stat().st_mode & 0o777) for path in entries} == {"0o600"}


# --- the page -----------------------------------------------------------------------------------


def test_without_a_register_there_is_no_page(gebaut, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(gebaut.ordner))
    daten = store.load(gebaut.ordner)
    assert laeufe("vorhaben", daten, PROJEKT / "parameters") == []
    assert "vorhaben" not in {link.notebook for link in navigation("", {"varianz"})}
    assert daten.vorhaben() == []
    with pytest.raises(ParameterFehler, match="vorhaben.yml"):
        seite("vorhaben")(stichtag="neuester", daten=daten)


def text_von(anzeige) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", anzeige._repr_html_()))


def test_what_is_due_and_what_is_new(register):
    """M1 was last reported on 1 September 2023, so its report is owed at the meeting a year later."""
    bericht = seite("vorhaben")(stichtag="neuester")
    said = text_von(bericht.faellig())
    assert "Beirat am 01.09.2024" in said
    assert "M1 Rampe bauen Jahresbericht 01.09.2024" in said
    assert "Halb fertig" in text_von(bericht.neues())
    assert "M2" not in text_von(bericht.neues())
    assert "ein Bericht fällig" in text_von(bericht.kurzfassung())


def test_the_effect_is_never_claimed(register):
    """The sentence stands beside the numbers and in Einfache Sprache, whatever the numbers are."""
    bericht = seite("vorhaben")(stichtag="neuester")
    assert "Ob die Maßnahme dazu beigetragen hat, zeigen diese Zahlen nicht." in text_von(bericht.zahlen())
    assert "Die Zahlen zeigen nicht, ob eine Maßnahme geholfen hat." in text_von(bericht.einfach())
    assert "Dabei: geheim gehalten" in text_von(bericht.zahlen())
    inside = seite("vorhaben")(stichtag="neuester", audience="intern")
    assert "Dabei: 3" in text_von(inside.zahlen())


def test_white_spots_are_the_people_nothing_reaches(register):
    """By hand: an area needs work where its share is at least that of the region; what runs takes areas out."""
    bericht = seite("vorhaben")(stichtag="neuester")
    daten = bericht.daten
    count, base = (frame["ALO"] for frame in daten.faelle(["ALO"], bericht.stichtag))
    share = daten.matrix(["ALO"], bericht.stichtag)["ALO"]
    people = daten.bevoelkerung(bericht.stichtag)
    known = share.notna()
    region = (share * people)[known].sum() / people[known].sum()
    reached = {"A 2", "W 1", "W 2", "W 3", "SI 1", "A 1a"}
    expected = {area: count[area] for area in share.index[share >= region] if area not in reached}
    spots = bericht.flecken.set_index("area")
    assert set(spots.index) == set(expected)
    for area, persons in expected.items():
        if persons == persons:
            assert spots.at[area, "persons"] == persons
        else:
            assert spots.at[area, "estimated"]
    assert bericht.flecken["persons"].sum() == seite("vorhaben")(audience="intern").flecken["persons"].sum()


def test_the_jury_sees_reasons_apart_from_points(register):
    bericht = seite("vorhaben")(stichtag="neuester", audience="intern")
    said = text_von(bericht.jury())
    assert "1 von 2 Anträgen sind förderfähig" in said
    assert "über dem Höchstbetrag" in said
    assert "Ort (60)" in said
    assert bericht.rechnung.bewertung["K2"] in (40, 100)
    assert "K1 Fest im Hof" in text_von(bericht.doppelt())
    assert "derselbe Antragsteller und derselbe Zweck" in text_von(bericht.doppelt())
    assert "K2" in text_von(bericht.wahl())
    money = bericht.rechnung.kasse("klein")
    assert (money.bewilligt, money.frei) == (2000, 1000)
    assert "1.000 Euro" in text_von(bericht.wahl())
    outside = seite("vorhaben")(stichtag="neuester")
    assert "K2" not in "".join(text_von(one) for one in (outside.jury(), outside.doppelt(), outside.wahl()))
    assert "zusammen 100 Punkte" in text_von(outside.jury())


def test_gaps_are_told(register):
    said = text_von(seite("vorhaben")(stichtag="neuester").luecken())
    assert "Maßnahmen ohne Gebiet (1): M2 Kurs" in said
    assert "Lebensbereiche, in denen keine Maßnahme läuft (1): Arbeit" in said


def mit_weiteren(register, monkeypatch, *weitere: dict, **werte):
    """The page with further projects that are like K1 but for what is given."""
    bericht = seite("vorhaben")(stichtag="neuester", **werte)
    states = list(bericht.daten.vorhaben())
    like = next(one for one in states if one["kennung"] == "K1")
    more = [like | {"kennung": f"Z{number}"} | one for number, one in enumerate(weitere)]
    monkeypatch.setattr(bericht.daten, "vorhaben", lambda: [*states, *more])
    return bericht


@pytest.mark.parametrize("kommune", ["", "05999012"])
def test_money_granted_and_its_projects_are_of_one_period(register, monkeypatch, kommune):
    """Those of another year, given up or without amount are neither in the sum nor in the number."""
    page = mit_weiteren(
        register,
        monkeypatch,
        {"beginn": "2023-02-01", "ende": "2023-10-31", "betrag": 700.0},
        {"beginn": "2024-03-01", "betrag": 250.0},
        {"beginn": "2024-03-01", "betrag": None},
        {"beginn": None, "betrag": 60.0},
        {"beginn": "2024-03-01", "betrag": 90.0, "status": "verworfen"},
        kommune=kommune,
    )
    table = page.kassen().tabelle.set_index("name")
    assert table.loc["Kleine Mittel", ["bewilligt", "zahl", "frei"]].tolist() == [2250, 3, 750]
    said = text_von(page.kassen())
    assert "Ohne Beginn oder Betrag und darum nicht mitgezählt: 2 bewilligte Vorhaben." in said
    assert "alle Zeiträume" in said
    assert "eigener" not in said
    assert f"{page.kontext.region} " in said
    assert ("insgesamt" in page.kassen().titel) == bool(kommune)


def test_the_status_shown_is_the_one_that_is_counted(register, monkeypatch):
    """Reported as running, but over or still to come: it does not run, and the page says so wherever it stands."""
    page = mit_weiteren(
        register,
        monkeypatch,
        {"titel": "Vorbei", "beginn": "2023-02-01", "ende": "2023-10-31"},
        {"titel": "Kommt noch", "beginn": "2024-09-01"},
        {
            "titel": "Alte Maßnahme",
            "art": "massnahme",
            "lebensbereich": "wohnen",
            "ende": "2023-10-31",
            "topf": None,
        },
        {
            "titel": "Ohne Bereich",
            "art": "massnahme",
            "lebensbereich": None,
            "topf": None,
            "status": "dauerhaft",
        },
    )
    r = page.rechnung
    assert r.gezeigt[["Z0", "Z1", "Z2", "Z3"]].tolist() == ["beendet", "kommend", "beendet", "dauerhaft"]
    small = page.kleinprojekte().tabelle
    status = dict(zip(small["name"], small["status"], strict=True))
    assert (status["Vorbei"], status["Kommt noch"], status["Fest im Hof"]) == (
        "beendet",
        "beginnt erst",
        "läuft",
    )
    for frame in (page.letzte, page.massnahmen):
        assert r.laeuft(frame).sum() == r.gezeigt[frame.index].isin(vorhaben.LAUFEND).sum()
    assert page.lebensbereiche().titel == "2 von 4 Maßnahmen laufen, dauerhafte eingeschlossen"
    assert "Z2 Alte Maßnahme beendet" in text_von(page.massnahmen_tafel())


def test_the_number_of_the_page_says_at_least_before_it(register):
    page = seite("vorhaben")(stichtag="neuester")
    number = page.kennzahl()
    people = int(page.menschen_ohne.sum())
    assert people > 0
    assert number.satz.startswith(f"Mindestens {people} Menschen mit Bedarf leben, wo dafür nichts läuft")
    assert "dauerhaft" in text_von(page.kurzfassung())


def test_unknown_pots_and_projects_are_refused_in_german(register):
    with pytest.raises(ParameterFehler, match="Den Topf „kasse“ gibt es nicht"):
        seite("vorhaben")(topf="kasse")
    assert "Das Vorhaben „M9“ gibt es nicht" in text_von(seite("vorhaben")(vorhaben="M9").verlauf())
    assert "Halb fertig" in text_von(seite("vorhaben")(vorhaben="m1").verlauf())


def test_a_kommune_lists_its_own_projects(register):
    bericht = seite("vorhaben")(stichtag="neuester", kommune="05999012")
    assert set(bericht.letzte.index) == {"K1", "K5"}
    assert "keine_massnahmen" not in text_von(bericht.lebensbereiche())


def test_a_page_of_a_kommune_says_what_is_about_the_whole_region(register):
    own = seite("vorhaben")(stichtag="neuester", kommune="05999012", audience="intern")
    whole = seite("vorhaben")(stichtag="neuester", audience="intern")
    said = f"({own.worte['in_region']} insgesamt)"
    for name in ("kassen", "jury", "doppelt"):
        assert getattr(own, name)().titel == f"{getattr(whole, name)().titel} {said}"
    assert text_von(own.wahl()).count(said) >= 2
    assert said not in text_von(whole.wahl())


def test_check_names_the_faults_of_register_and_page(register, capsys, tmp_path):
    import shutil

    shutil.copytree(register.ordner, tmp_path / "r")
    assert main(["check", "--region", str(tmp_path / "r")]) == 0
    schreibe(tmp_path / "r", geaendert("toepfe.fonds.gebiete", ["05999009"]))
    assert main(["check", "--region", str(tmp_path / "r")]) != 0
    assert "05999009" in "".join(capsys.readouterr())


def test_the_page_of_the_guide_is_a_good_one(tmp_path):
    guide = (Path(vorhaben.__file__).parents[1] / "anleitung" / "planung.md").read_text(encoding="utf-8")
    first, second = re.findall(
        r"```yaml\n(.*?)```", guide.partition("### Vorhaben\n")[2].partition("\n## ")[0], re.S
    )
    (tmp_path / vorhaben.DATEI).write_text(first + second, encoding="utf-8")
    page = vorhaben.lade(tmp_path, ["SOZ03", "WOH02"], ["SOZ03"], [])
    assert page.toepfe["land"].eigen is False
    assert set(page.lieferungen["massnahmen"].spalten) <= set(vorhaben.FELDER)
