"""Corrections are records with a guard; nothing is mended silently, and nothing twice."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
import yaml

from sozialanalyse import build, harmonise, pruefprotokoll, store
from sozialanalyse.base.errors import Befund, PruefFehler
from sozialanalyse.base.rohtabelle import Prozent, Rohtabelle
from sozialanalyse.cli import main
from sozialanalyse.harmonise.korrekturen import Korrektur, Korrekturbuch
from sozialanalyse.region.catalogue import lade_katalog

ZAHL = {
    "id": "w-2-zahlendreher", "datei": "register/*2023-12-31.xlsx", "blatt": "Bestand", "zelle": "B9", "geliefert": "5200",
    "richtig": "2.500", "warum": "Zahlendreher, von der Meldebehörde bestätigt.", "seit": "2024-02-01",
}  # fmt: skip


def mit(region, *records, **aenderung):
    (region.ordner / "korrekturen").mkdir(parents=True, exist_ok=True)
    rows = [{**record, **aenderung} for record in records]
    (region.ordner / "korrekturen" / "melde.yml").write_text(
        yaml.safe_dump({"korrekturen": rows}, allow_unicode=True), encoding="utf-8"
    )
    return region


def falsch(region):
    region.register["2023-12-31"][4][1] = 5200
    return region


def test_a_record_mends_its_cell_and_says_so(kleinregion):
    mit(falsch(kleinregion), ZAHL)
    result = kleinregion.build()
    told = [b for b in result.befunde if b.regel == "korrektur"]
    assert [str(b) for b in told] == [
        "register/Register_2023-12-31.xlsx, Blatt „Bestand“, Zeile 9, Spalte B „Einwohner | insgesamt“: "
        "Korrektur „w-2-zahlendreher“ seit 01.02.2024: „5200“ gilt als „2.500“. Zahlendreher, von der Meldebehörde "
        "bestätigt. Bitte in der nächsten Lieferung berichtigen."
    ]
    daten = kleinregion.daten()
    row = daten.werte("EW", "2023-12-31").set_index("gebiet_id").loc["W 2"]
    assert (row["wert"], row["status"]) == (2500, "korrigiert")
    counts = pd.read_parquet(next(kleinregion.bestand.glob("*/intern/merkmale.parquet")))
    cell = counts[(counts["korrektur"] == "w-2-zahlendreher")].iloc[0]
    assert (cell["wert"], cell["roh"], cell["zelle"]) == (2500, "5200", "B9")


@pytest.mark.parametrize("now", [2500, "2.500", None])
def test_the_guard_fails_once_the_supplier_has_mended(kleinregion, now):
    mit(kleinregion, ZAHL)
    kleinregion.register["2023-12-31"][4][1] = now
    with pytest.raises(PruefFehler) as caught:
        kleinregion.build()
    found = [b for b in caught.value.befunde if b.regel == "korrektur"]
    assert len(found) == 1
    assert found[0].datei.endswith("melde.yml")
    assert found[0].zeile == 2
    assert "steht nicht mehr „5200“, sondern „" in found[0].text
    assert "offenbar berichtigt; bitte prüfen und die Korrektur entfernen" in found[0].abhilfe


def test_a_gap_instead_of_a_wrong_number(kleinregion):
    mit(falsch(kleinregion), {k: v for k, v in ZAHL.items() if k != "richtig"})
    kleinregion.build()
    row = kleinregion.daten().werte("EW", "2023-12-31").set_index("gebiet_id").loc["W 2"]
    assert pd.isna(row["wert"])
    assert row["status"] == "unbekannt"


def test_keys_and_dates_can_be_mended_too(kleinregion):
    kleinregion.register["2023-12-31"][4][0] = "W2 neu"
    mit(kleinregion, ZAHL, zelle="A9", geliefert="W2 neu", richtig="W 2")
    kleinregion.build()
    assert kleinregion.daten().matrix("EW", "2023-12-31").loc["W 2", "EW"] == 2500


def test_a_record_without_delivery_is_a_warning(kleinregion):
    mit(kleinregion, ZAHL, datei="register/Register_2019.xlsx")
    assert [b.schwere for b in kleinregion.build().befunde if b.regel == "korrektur"] == ["warnung"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"zelle": "9B"}, "zelle"),
        ({"richtig": "5200"}, "diese Korrektur bewirkt nichts"),
        ({"warum": "falsch"}, "warum"),
        ({"seit": "irgendwann"}, "seit"),
        ({"wehr": "Amt"}, "Diese Angabe ist unbekannt"),
    ],
)
def test_a_bad_record_is_refused(kleinregion, change, sentence):
    mit(kleinregion, ZAHL, **change)
    with pytest.raises(PruefFehler, match=sentence):
        kleinregion.build()


def test_ids_are_unique(kleinregion):
    mit(kleinregion, ZAHL, ZAHL)
    with pytest.raises(PruefFehler, match="gibt es zweimal"):
        kleinregion.build()


def test_a_changed_record_makes_a_new_snapshot(kleinregion):
    mit(falsch(kleinregion), ZAHL)
    first = kleinregion.build().bestand
    mit(kleinregion, ZAHL, richtig="2501")
    assert build.build(kleinregion.ordner).bestand != first
    assert store.load(kleinregion.ordner, "intern", first).matrix("EW", "2023-12-31").loc["W 2", "EW"] == 2500


# --- protocols for suppliers ---------------------------------------------------------------------


def test_protocol_for_the_supplier(kleinregion, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    mit(falsch(kleinregion), ZAHL)
    kleinregion.arbeit[3][2] = "sieben"
    kleinregion.schreibe()
    folder = tmp_path / "post"
    assert main(["check", "--region", str(kleinregion.ordner), "--protokoll", str(folder)]) == 1
    assert sorted(p.name for p in folder.glob("[!.]*")) == [
        "arbeit.html",
        "arbeit.xlsx",
        "register.html",
        "register.xlsx",
    ]
    page = (folder / "arbeit.html").read_text("utf-8")
    assert "vielen Dank für Ihre Lieferung „Arbeitslosigkeit“." in page
    assert "bitten wir Sie um Berichtigung an einer Stelle." in page
    assert "„sieben“ ist keine Zahl." in page
    assert "Demodaten – frei erfunden" in page
    book = openpyxl.load_workbook(folder / "arbeit.xlsx")
    assert book.sheetnames == ["Anschreiben", "Befunde", "Dateien"]
    rows = list(book["Befunde"].iter_rows(values_only=True))
    assert rows[0] == ("Nr.", "Art", "Datei", "Blatt", "Zelle", "Was uns auffiel", "Unsere Bitte")
    assert rows[1][:5] == (1, "bitte berichtigen", "arbeit.csv", None, "Zeile 7, Spalte 3")
    assert [row[0] for row in book["Dateien"].iter_rows(min_row=2, values_only=True)] == ["arbeit.csv"]
    register = (folder / "register.html").read_text("utf-8")
    assert "Zu Ihrer Kenntnis nennen wir eine Stelle;" in register
    assert "B9" in register
    assert str(tmp_path) not in page + register


def test_a_supplier_reads_german_days_and_the_headings_of_the_delivery():
    fields = {
        "bg": SimpleNamespace(spalten=["BG_INSG"]),
        "bg_kdu": SimpleNamespace(spalten=["BG_KDU", "KDU"]),
    }
    page = SimpleNamespace(id="ba_akg", felder=fields)
    words = "Stichtag 2021-12-31: H 8 ba_akg.bg (N176), H 8 ba_akg.bg_kdu (P176)."
    told = pruefprotokoll.gelesen(words, page)
    assert told == "Stichtag 31.12.2021: H 8 „BG_INSG“ (N176), H 8 „BG_KDU“ (P176)."


def test_protocol_tells_how_the_delivery_was_read(kleinregion, tmp_path):
    """What a page tells about its rows, its source and its columns reaches the supplier."""
    page = kleinregion.seiten["arbeit"]
    page = page.replace(
        "zeile_ist: ein Sozialraum zu einem Stichtag",
        "zeile_ist: ein Sozialraum am Monatsende\ndokumentation: Mit Nebenwohnsitzen",
    )
    page = page.replace("quelle: {", "quelle: {hinweis: Wohnortprinzip, vertraulich: true, ")
    kleinregion.seiten["arbeit"] = page.replace(
        "alo: {spalte: Arbeitslose", "alo: {beschreibung: arbeitslos gemeldet, spalte: Arbeitslose"
    )
    kleinregion.schreibe()
    folder = tmp_path / "post"
    assert main(["check", "--region", str(kleinregion.ordner), "--protokoll", str(folder)]) == 0
    told = (folder / "arbeit.html").read_text("utf-8")
    assert "Eine Zeile ist ein Sozialraum am Monatsende. Wohnortprinzip. Mit Nebenwohnsitzen." in told
    assert "Vertraulich: bitte nur in Ihrer Stelle weitergeben." in told
    assert "arbeitslos gemeldet" in told
    book = openpyxl.load_workbook(folder / "arbeit.xlsx")
    assert book.sheetnames == ["Anschreiben", "Befunde", "Aufbau", "Dateien"]
    assert [cell.value for cell in book["Aufbau"][2]] == ["Arbeitslose", "arbeitslos gemeldet", "Personen"]
    assert "Vertraulich" not in (folder / "register.html").read_text("utf-8")


def test_build_leaves_protocols_also_when_it_refuses(kleinregion, tmp_path):
    kleinregion.register["2023-12-31"][3][0] = "=W 9"
    with pytest.raises(PruefFehler):
        kleinregion.build()
    folder = tmp_path / "daten" / "pruefprotokolle" / "musterland"
    assert "Hier steht eine Formel ohne gespeichertes Ergebnis („=W 9“)" in (
        folder / "register.html"
    ).read_text("utf-8")
    assert "nichts aufgefallen; Sie brauchen nichts zu tun." in (folder / "arbeit.html").read_text("utf-8")
    assert not list(folder.glob(".*.neu"))


@pytest.mark.parametrize("told", ["1234,5", "1.234,5", "1234.5", 1234.5, "1.234,50", "1234,50"])
@pytest.mark.parametrize("right", ["1334,5", "1.334,5", 1334.5, "1334.5"])
def test_a_number_is_written_as_the_sheet_shows_it(told, right):
    from sozialanalyse.harmonise.korrekturen import _mended, _stands

    assert _stands(1234.5, told)
    assert not _stands(1234.6, told)
    assert not _stands(12345, told)
    assert _mended(right, 1234.5) == 1334.5


def test_a_mended_number_is_one_whatever_the_page_takes_for_the_decimal_sign():
    """A page with „dezimal: .“ would refuse the text "1334,5" in a column of numbers."""
    table = Rohtabelle("d.xlsx", "T", ["Nr", "a"], [["A 1", 1234.5]], [2], [])
    entry = Korrektur.model_validate(
        {
            "id": "k",
            "datei": "d.xlsx",
            "zelle": "B2",
            "geliefert": "1234,5",
            "richtig": "1334,5",
            "seit": "2024-01-01",
            "warum": "Tippfehler im Bogen",
        }
    )
    found: list = []
    mended = Korrekturbuch(((entry, "k.yml", 1),)).berichtige(table, found)
    assert mended.zeilen[0][1] == 1334.5
    assert [one.schwere for one in found] == ["hinweis"]


@pytest.mark.parametrize(
    ("cell", "told", "stands"),
    [
        (Prozent(12.5), "12,5 %", True),
        (Prozent(12.5), "12,5", True),
        (0.125, "12,5 %", False),
        (1234.5678, "1.234,57", True),
        (1234.5678, "1.234,56", False),
        (1234.5678, "1235", False),
        (5200, "5.200", True),
        ("5.200", "5.200", True),
        ("5.200", "5200", False),  # the guard of a text is the text
        (None, "", True),
        (datetime(2023, 12, 31), "31.12.2023", True),
        (True, "1", False),
    ],
)
def test_the_guard_knows_cells_as_they_are_shown(cell, told, stands):
    from sozialanalyse.harmonise.korrekturen import _stands

    assert _stands(cell, told) is stands


def test_file_names_with_brackets_and_addresses_in_words():
    from sozialanalyse.formate.csvtext import STELLEN
    from sozialanalyse.harmonise.korrekturen import Korrektur, Korrekturbuch

    table = Rohtabelle(
        "e/Stand [neu] 2023.csv", "", ["Nr", "a"], [["A 1", "5"], ["A 2", "7"]], [2, 3], stellen=STELLEN
    )
    for name in ("e/Stand [neu] 2023.csv", "e/Stand [neu]*.csv", "e/*"):
        for cell in ("B3", "Zeile 3, Spalte 2"):
            record = Korrektur(
                id="x",
                datei=name,
                zelle=cell,
                geliefert="7",
                richtig=8,
                warum="Zahlendreher.",
                seit=date(2024, 1, 1),
            )
            found: list = []
            book = Korrekturbuch(((record, "k.yml", 1),))
            assert book.berichtige(table, found).zeilen[1] == ["A 2", 8]
            assert [b.schwere for b in found] == ["hinweis"]
    other = Korrektur(
        id="x",
        datei="e/Stand n 2023.csv",
        zelle="B3",
        geliefert="7",
        warum="Zahlendreher.",
        seit=date(2024, 1, 1),
    )
    assert Korrekturbuch(((other, "k.yml", 1),)).berichtige(table, []) is table


@pytest.mark.parametrize(
    ("abhilfe", "bitte"),
    [
        ("Bitte nachliefern lassen oder „vollstaendig: false“ auf der Datensatzseite setzen.", "Bitte berichtigt neu liefern."),
        ("Bitte die Spalte als Text liefern lassen.", "Bitte die Spalte als Text liefern."),
        ("Bitte klären. In der Gebietsliste als Alias eintragen.", "Bitte klären."),
        ("", "Bitte berichtigt neu liefern."),
    ],
)  # fmt: skip
def test_suppliers_are_asked_only_for_what_they_can_do(abhilfe, bitte):
    assert pruefprotokoll._bitte(Befund("fehler", "x", abhilfe)) == bitte


def test_each_kommune_gets_its_own_letter_with_a_place_in_every_row(kleinregion, tmp_path):
    """One file per Kommune and date, named in two ways; a fault in one is told to that one only."""
    kleinregion.schreibe()
    page = kleinregion.ordner / "indikatoren" / "register.yml"
    page.write_text(
        page.read_text("utf-8").replace("  schluessel: {", "  schluessel: {kommune_aus: dateiname, ", 1),
        "utf-8",
    )
    seite = lade_katalog(kleinregion.region).datensaetze["register"]
    gebiete = build.lies_gebiete(kleinregion.region)
    names = ["Ahausen.xlsx", "05999004.xlsx", "Amt.xlsx"]
    assert [build._stelle(seite, f"register/{name}", gebiete.tabelle, gebiete.bund) for name in names] == [
        "Ahausen",
        "Ahausen",
        "Amt",
    ]
    quellen = tuple(store.Quelldatei(name, "register", name, "0" * 64, 1) for name in names)
    found = [Befund("warnung", "hier", datei="Amt.xlsx", zeile=4, spalte="B", datensatz="register"),
             Befund("warnung", "beide", datei="Amt.xlsx", datensatz="register", dateien=("Ahausen.xlsx", "Amt.xlsx")),
             Befund("warnung", "ohne Stelle", datensatz="register")]  # fmt: skip
    letters = build._pruefungen(
        lade_katalog(kleinregion.region), quellen, found, pd.DataFrame(), gebiete.tabelle, gebiete.bund
    )
    told = {one.name: ([b.text for b in one.befunde], len(one.dateien)) for one in letters}
    assert told == {"register-ahausen": ([], 2), "register-amt": (["hier"], 1)}
    pruefprotokoll.schreibe(letters, kleinregion.region, tmp_path / "post", date(2024, 1, 2))
    assert "Lieferstelle: " in (tmp_path / "post" / "register-ahausen.html").read_text("utf-8")
    (tmp_path / "post" / "notiz.html").write_text("eigenes", "utf-8")
    pruefprotokoll.schreibe(letters[1:], kleinregion.region, tmp_path / "post", date(2024, 1, 3))
    left = {path.name for path in (tmp_path / "post").glob("[!.]*")}
    assert left == {"register-amt.html", "register-amt.xlsx", "notiz.html"}  # what holds no longer is gone


def test_what_is_told_of_several_files_names_all_of_them(kleinregion):
    """Missing areas by Kommune where each delivers its own; findings about many rows bear all their files."""
    kleinregion.schreibe()
    seite = lade_katalog(kleinregion.region).datensaetze["register"]
    key = seite.tabelle.schluessel.model_copy(update={"kommune_aus": "dateiname"})
    seite = seite.model_copy(update={"tabelle": seite.tabelle.model_copy(update={"schluessel": key})})
    gebiete = build.lies_gebiete(kleinregion.region).tabelle
    areas = [key for key, level in gebiete["level"].items() if level == "sozialraum"]
    rows = pd.DataFrame(
        [
            (key, f"register.{feld}", "2023-12-31", 7.0, "wert", f"{gebiete.at[key, 'oberhalb']}.xlsx", "", f"B{i}")
            for feld in ("einwohner", "alte")
            for i, key in enumerate(areas)
            if key not in ("A 1a", "W 2")
        ],
        columns=["gebiet_id", "feld", "stichtag", "wert", "status", "datei", "blatt", "zelle"],
    )  # fmt: skip
    found = harmonise.pruefe_merkmale(rows, seite, gebiete)
    missing = [(b.text, b.erzaehlt_von) for b in found if b.regel == "vollstaendig"]
    assert [files for _, files in missing] == [{"05999004.xlsx"}, {"05999008.xlsx"}]
    assert "1 von" in missing[0][0]
    assert "fehlen in Ahausen (A 1a)" in missing[0][0]
    together = [b for b in found if b.regel == "konstant"]
    assert together
    assert all(len(b.erzaehlt_von) == 3 for b in together)
