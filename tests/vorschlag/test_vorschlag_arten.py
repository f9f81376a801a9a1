"""Drafts of invented files, one kind each: right numbers, or a question; never a guess that nobody hears of."""

from __future__ import annotations

import contextlib
import json
import random
import re
from pathlib import Path

import openpyxl
import pytest
from conftest import EW, GEBIETE, KINDER, Probekreis

from sozialanalyse import cli
from sozialanalyse.base.errors import PruefFehler

SOLL = dict(zip(GEBIETE, map(float, EW), strict=True))
KIND = dict(zip(GEBIETE, map(float, KINDER), strict=True))


def zeilen(trenner: str = ";", zahl=str) -> list[str]:
    return [
        trenner.join([key, zahl(people), zahl(kids)])
        for key, people, kids in zip(GEBIETE, EW, KINDER, strict=True)
    ]


def fragen(draft) -> str:
    return "\n".join([*draft.offen, *draft.bestaetigen])


# --- how a file is written -----------------------------------------------------------------------


@pytest.mark.parametrize("kodierung", ["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("trenner", [";", ",", "\t", "|"])
def test_encoding_and_delimiter_are_found(kreis: Probekreis, kodierung, trenner):
    head = trenner.join(["Gebiet", "Einwohner gesamt", "unter 18 Jährige"])
    path = kreis.text(
        "bev_2023-12-31.csv", ["Bevölkerung der Südstadt und Nordstadt", head, *zeilen(trenner)], kodierung
    )
    draft = kreis.entwirf(path)
    assert kreis.zahlen(draft, "einwohner_gesamt") == SOLL
    assert kreis.zahlen(draft, "unter_18_jaehrige") == KIND


def test_commas_in_names_do_not_split(kreis: Probekreis):
    lines = ["Gebiet;Lage;Einwohner"]
    lines += [f"{key};Ost, West, Süd, Nord, {i};{people}" for i, (key, people) in enumerate(SOLL.items())]
    draft = kreis.entwirf(kreis.text("a_31.12.2023.csv", [line.replace(".0", "") for line in lines]))
    assert draft.seite.tabelle.trennzeichen == ";"
    assert kreis.zahlen(draft, "einwohner") == SOLL


def test_thousands_are_told_from_decimals_by_what_stands_beside(kreis: Probekreis):
    def grouped(number: int) -> str:
        return f"{number:,}".replace(",", ".")

    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", ["Gebiet;Einwohner;Kinder", *zeilen(zahl=grouped)]))
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert draft.seite.tabelle.dezimal == ","


def test_ambiguous_numbers_are_asked_about(kreis: Probekreis):
    lines = ["Gebiet;Miete", *(f"{key};{7 + i}.{125 + i}" for i, key in enumerate(GEBIETE))]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    assert "kann mit Tausender- oder mit Dezimalzeichen gemeint sein" in "\n".join(draft.offen)
    assert not re.search("^  dezimal:", draft.text, re.M)


# --- where the table stands ----------------------------------------------------------------------


def test_title_heading_of_two_rows_notes_and_totals(kreis: Probekreis):
    north, south = (
        list(zip(GEBIETE, EW, KINDER, strict=True))[:4],
        list(zip(GEBIETE, EW, KINDER, strict=True))[4:],
    )
    rows: list[list[object]] = [
        ["Einwohner nach Alter"], ["Stand: 31.12.2023"], [],
        ["Gebiet", "Bevölkerung", None], [None, "insgesamt", "darunter unter 18"],
        ["Probekreis", sum(EW), sum(KINDER)],
        *map(list, north), ["Nordstadt insgesamt", sum(r[1] for r in north), sum(r[2] for r in north)],
        *map(list, south), ["Südstadt insgesamt", sum(r[1] for r in south), sum(r[2] for r in south)],
        ["ohne Zuordnung", 12, 3], [], ["Quelle: Einwohnermeldeamt", None, None], ["* geheim", None, None],
    ]  # fmt: skip
    draft = kreis.entwirf(kreis.mappe("alter.xlsx", {"Deckblatt": [["Inhalt"]], "Tab 1": rows}, ("B4:C4",)))
    assert kreis.zahlen(draft, "bevoelkerung_insgesamt") == SOLL
    assert kreis.zahlen(draft, "bevoelkerung_darunter_unter_18") == KIND
    table = draft.seite.tabelle
    assert (table.kopf.hoehe, table.blatt) == (2, "Tab 1")
    assert re.search(table.schluessel.summen, "Nordstadt insgesamt")
    assert re.search(table.schluessel.nicht_zuordenbar, "ohne Zuordnung")
    assert [q for q in draft.offen if not q.startswith("quelle")] == []
    assert draft.seite.quelle.anbieter == "Einwohnermeldeamt"
    stored = draft.probe.merkmale
    town = stored[
        (stored["gebiet_id"].astype(str) == "09999001") & stored["feld"].astype(str).str.endswith("insgesamt")
    ]
    assert town["wert"].tolist() == [sum(EW[:4])]  # totals are read to be checked
    share = next(i for i in draft.seite.indikatoren.values() if i.zaehler.endswith("unter_18"))
    assert share.nenner == "bevoelkerung_insgesamt"


def test_a_total_that_does_not_add_up_is_still_called_so(kreis: Probekreis):
    lines = ["Gebiet;Einwohner;Kinder", *zeilen(), "Summe Nordstadt;4990;855", "Summe Südstadt;9999;1378"]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    assert draft.seite.tabelle.schluessel.summen == "^Summe "
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert any(found.regel == "summe" for found in draft.probe.befunde)


def test_kommune_from_the_file_name(kreis: Probekreis):
    for town, first, last in (("Nordstadt", 0, 4), ("Südstadt", 4, 9)):
        rows = [[key.split()[1], people] for key, people in list(zip(GEBIETE, EW, strict=True))[first:last]]
        kreis.mappe(
            f"EW_{town}_2023.xlsx",
            {"T": [["Nr", "Einwohner"], *rows, ["Insgesamt", sum(r[1] for r in rows)]]},
        )
    draft = kreis.entwirf(kreis.lieferungen / "EW_Nordstadt_2023.xlsx")
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert draft.seite.dateien == "EW_*.xlsx"
    assert len(draft.dateien) == 2


def test_kommune_beside_a_name_that_two_kommunen_share(kreis: Probekreis):
    lines = ["Stadt;Stadtteil;Einwohner"]
    lines += [
        f"{KOMMUNE[town]};{name};{people}" for (name, town), people in zip(GEBIETE.values(), EW, strict=True)
    ]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert draft.seite.tabelle.schluessel.kommune_aus == "spalte"


KOMMUNE = {"09999001": "Nordstadt", "09999002": "Südstadt"}


@pytest.mark.parametrize("verbunden", [True, False])
def test_key_only_in_the_first_row_of_its_block(kreis: Probekreis, verbunden):
    rows: list[list[object]] = [["Kürzel", "Nr", "Einwohner"]]
    for key, people in zip(GEBIETE, EW, strict=True):
        short, number = key.split()
        rows.append([short if number == "1" else None, int(number), people])
    draft = kreis.entwirf(
        kreis.mappe("a_2023-12-31.xlsx", {"T": rows}, ("A2:A5", "A6:A10") if verbunden else ())
    )
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert draft.seite.tabelle.schluessel.auffuellen is not verbunden


def test_columns_without_heading_or_with_the_same(kreis: Probekreis):
    lines = [";Anzahl;Anzahl", *zeilen()]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    first, second = draft.seite.felder
    assert kreis.zahlen(draft, first) == SOLL
    assert kreis.zahlen(draft, second) == KIND
    assert "gibt es mehrmals" in fragen(draft)


# --- which day -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "titel", ["Stand 31.12.2023", "Bevölkerung zum 31.12.2023", "Dezember 2023", "Berichtsjahr 2023", "Stichtag: 1.1.2024",
              "Zeitraum 01.01.2021 bis 31.12.2023"],
)  # fmt: skip
def test_day_above_the_table(kreis: Probekreis, titel):
    draft = kreis.entwirf(kreis.text("a.csv", [titel, "Gebiet;Einwohner;Kinder", *zeilen()]))
    assert kreis.zahlen(draft, "einwohner") == SOLL


@pytest.mark.parametrize(
    "name", ["a_2023.csv", "a_31.12.2023.csv", "a_20231231.csv", "a_2023-12-31_neu.csv", "a 31-12-2023.csv"]
)
def test_day_in_the_file_name(kreis: Probekreis, name):
    draft = kreis.entwirf(kreis.text(name, ["Gebiet;Einwohner;Kinder", *zeilen()]))
    assert kreis.zahlen(draft, "einwohner") == SOLL


def test_day_in_a_column(kreis: Probekreis):
    lines = ["Jahr;Gebiet;Einwohner"]
    lines += [
        f"{year};{key};{people + year}"
        for year in (2021, 2022, 2023)
        for key, people in zip(GEBIETE, EW, strict=True)
    ]
    draft = kreis.entwirf(kreis.text("reihe.csv", lines))
    for year in (2021, 2023):
        assert kreis.zahlen(draft, "einwohner", f"{year}-12-31") == {
            key: value + year for key, value in SOLL.items()
        }


@pytest.mark.parametrize("form", ["{}", "Einwohner {}", "31.12.{}", "EW ({})"])
def test_days_in_headings(kreis: Probekreis, form):
    lines = ["Gebiet;" + ";".join(form.format(year) for year in (2021, 2022, 2023))]
    lines += [f"{key};{people - 20};{people - 10};{people}" for key, people in zip(GEBIETE, EW, strict=True)]
    draft = kreis.entwirf(kreis.text("reihe.csv", lines))
    (feld,) = draft.seite.felder
    assert draft.seite.tabelle.stichtag.aus == "kopf"
    assert kreis.zahlen(draft, feld) == SOLL
    assert kreis.zahlen(draft, feld, "2021-12-31") == {key: value - 20 for key, value in SOLL.items()}


def test_days_in_headings_and_categories_in_rows(kreis: Probekreis):
    lines = ["Gebiet;Gruppe;2022;2023"]
    for key, people, kids in zip(GEBIETE, EW, KINDER, strict=True):
        lines += [f"{key};alle;{people - 5};{people}", f"{key};unter 18;{kids - 5};{kids}"]
    draft = kreis.entwirf(kreis.text("reihe.csv", lines))
    assert kreis.zahlen(draft, "alle") == SOLL
    assert kreis.zahlen(draft, "unter_18") == KIND


def test_no_day_anywhere_is_asked(kreis: Probekreis):
    draft = kreis.entwirf(kreis.text("a.csv", ["Gebiet;Einwohner;Kinder", *zeilen()]))
    assert any("Von welchem Tag" in question for question in draft.offen)
    assert "wert: '<Stichtag" in draft.text


def test_two_days_are_told(kreis: Probekreis):
    draft = kreis.entwirf(
        kreis.text("a_2022.csv", ["Stand 31.12.2023", "Gebiet;Einwohner;Kinder", *zeilen()])
    )
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert "im Dateinamen 31.12.2022" in fragen(draft)


def test_a_day_the_region_does_not_report_is_told(kreis: Probekreis):
    draft = kreis.entwirf(kreis.text("a_2015.csv", ["Gebiet;Einwohner;Kinder", *zeilen()]))
    assert any("31.12.2015 steht nicht unter „stichtage“" in question for question in draft.offen)


# --- what the numbers are ------------------------------------------------------------------------


def test_long_table_of_several_categories(kreis: Probekreis):
    lines = ["Gebiet;Geschlecht;Alter;Anzahl"]
    for key, people, kids in zip(GEBIETE, EW, KINDER, strict=True):
        for sex, share in (("weiblich", 2), ("männlich", 3)):
            lines += [f"{key};{sex};alle;{people // share}", f"{key};{sex};unter 18;{kids // share}"]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    assert kreis.zahlen(draft, "weiblich_alle") == {key: value // 2 for key, value in SOLL.items()}
    assert kreis.zahlen(draft, "maennlich_unter_18") == {key: value // 3 for key, value in KIND.items()}


def test_sums_between_columns_are_found(kreis: Probekreis):
    lines = ["Gebiet;Einwohner insgesamt;männlich;weiblich"]
    lines += [
        f"{key};{people};{people // 2 - i};{people - people // 2 + i}"
        for i, (key, people) in enumerate(zip(GEBIETE, EW, strict=True))
    ]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    assert draft.seite.pruefungen.summen == {"einwohner_insgesamt": "maennlich + weiblich"}


def test_shares_do_not_add_up(kreis: Probekreis):
    lines = ["Gebiet;Einwohner;Quote in %;Durchschnittsalter"]
    lines += [
        f"{key};{people};{i + 3},5;4{i},2" for i, (key, people) in enumerate(zip(GEBIETE, EW, strict=True))
    ]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    share, age = draft.seite.felder["quote_in"], draft.seite.felder["durchschnittsalter"]
    assert (share.einheit, share.summierbar, share.max) == ("%", False, 100)
    assert (age.einheit, age.summierbar) == ("Jahre", False)
    assert draft.seite.felder["einwohner"].summierbar


def test_signs_that_profiles_explain_differently_are_asked(kreis: Probekreis):
    rows = zeilen()
    rows[0], rows[1] = "N 1;x;210", "N 2;-;150"
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", ["Gebiet;Einwohner;Kinder", *rows]))
    assert "sagen Verschiedenes" in fragen(draft)
    assert kreis.zahlen(draft, "einwohner")["N 2"] == 0


def test_signs_explained_in_the_file_choose_the_profile(kreis: Probekreis):
    rows = zeilen()
    rows[0] = "N 1;x;210"
    lines = ["Gebiet;Einwohner;Kinder", *rows, "x = Zahlenwert geheim, weniger als 3 Fälle"]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    assert draft.seite.symbolprofil == "anders"
    assert "sagen Verschiedenes" not in fragen(draft)


def test_unknown_sign_stays_open(kreis: Probekreis):
    rows = zeilen()
    rows[0] = "N 1;¤;210"
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", ["Gebiet;Einwohner;Kinder", *rows]))
    assert any("„¤“ kennt kein Symbolprofil" in question for question in draft.offen)
    assert 'in region.yml ergänzen: "¤"' in draft.text


def test_unknown_area_stays_open_and_the_rest_is_read(kreis: Probekreis):
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", ["Gebiet;Einwohner;Kinder", *zeilen(), "Z 9;77;7"]))
    assert any("„Z 9“ (Zeile 11): kein bekanntes Gebiet" in question for question in draft.offen)
    assert draft.seite.tabelle.schluessel.ueberlesen is None
    assert kreis.zahlen(draft, "einwohner") == SOLL


def geteilt(total: str) -> list[str]:
    """Each area in two rows, as a register of streets writes it, with a total below."""
    rows = [
        f"{key};{part};{part // 9}"
        for key, people in zip(GEBIETE, EW, strict=True)
        for part in (people // 3, people - people // 3)
    ]
    counted = [row.split(";") for row in rows]
    sums = ";".join(str(sum(int(row[place]) for row in counted)) for place in (1, 2))
    return ["Gebiet;Einwohner;Kinder", *rows, *([f"{total};{sums}"] if total else [])]


@pytest.mark.parametrize("total", ["Insgesamt", "Kreis zusammen", "Probekreis"])
def test_rows_that_add_up_to_a_total_are_added(kreis: Probekreis, total):
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", geteilt(total)))
    assert draft.seite.tabelle.zusammenfassen == "summe"
    assert "erst alle Zeilen zusammen ergeben" in draft.text
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert not any("mehrmals" in question for question in draft.offen)


def test_rows_without_a_total_or_with_a_mean_stay_open(kreis: Probekreis):
    assert "stehen mehrmals" in " ".join(kreis.entwirf(kreis.text("a_2023-12-31.csv", geteilt(""))).offen)
    lines = geteilt("Insgesamt")
    lines = [
        f"{lines[0]};Durchschnittsalter",
        *(f"{line};{40 + i % 7},5" for i, line in enumerate(lines[1:])),
    ]
    assert "stehen mehrmals" in " ".join(kreis.entwirf(kreis.text("b_2023-12-31.csv", lines)).offen)


@pytest.mark.parametrize("wort", ["insgesamt", "99"])
def test_the_row_that_is_the_sum_of_its_area_is_chosen(kreis: Probekreis, wort):
    """Ages are numbers, so they are no categories; the last row of each block is the whole."""
    rows = []
    for key, people in zip(GEBIETE, EW, strict=True):
        parts = [people // 2, people // 5, people - people // 2 - people // 5]
        rows += [f"{key};{age};{n}" for age, n in zip((0, 1, 2, wort), (*parts, people), strict=True)]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", ["Gebiet;Alter;Einwohner", *rows]))
    assert draft.seite.tabelle.nur == {"Alter": wort}
    assert list(draft.seite.felder) == ["einwohner"]
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert not any("mehrmals" in question for question in draft.offen)
    rows[3] = "N 1;1;7"
    draft = kreis.entwirf(kreis.text("b_2023-12-31.csv", ["Gebiet;Alter;Einwohner", *rows]))
    assert any("mehrmals" in question for question in draft.offen)


def test_two_rows_of_an_area_stay_open(kreis: Probekreis):
    draft = kreis.entwirf(
        kreis.text("a_2023-12-31.csv", ["Gebiet;Einwohner;Kinder", *zeilen(), "N 1;1300;205"])
    )
    assert any("mehrmals" in question and "„N 1“" in question for question in draft.offen)


def test_numbers_of_areas_ids_and_running_numbers_are_no_counts(kreis: Probekreis):
    lines = ["lfd. Nr.;AGS;Gebiet;Einwohner;Code"]
    lines += [
        f"{i};{town};{key};{people};007{i}"
        for i, ((key, (_, town)), people) in enumerate(zip(GEBIETE.items(), EW, strict=True), 1)
    ]
    draft = kreis.entwirf(kreis.text("a_2023-12-31.csv", lines))
    assert list(draft.seite.felder) == ["einwohner"]


# --- the command ---------------------------------------------------------------------------------


def test_draft_passes_check_once_it_is_filled_in(kreis: Probekreis, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path / "daten"))
    path = kreis.text("einwohner_2023-12-31.csv", ["Gebiet;Einwohner insgesamt;darunter unter 18", *zeilen()])
    page = kreis.ordner / "indikatoren" / "einwohner.yml"
    assert cli.main(["vorschlag", str(path), "--region", str(kreis.ordner), "--out", str(page)]) == 0
    told = capsys.readouterr().err
    assert "Gelesen wurden 18 Zahlen" in told
    assert "quelle → anbieter" in told
    assert cli.main(["check", "--region", str(kreis.ordner)]) == 1
    faults = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Fehler")]
    assert len(faults) == 2
    assert all("Bitte ausfüllen" in fault for fault in faults)
    page.write_text(re.sub(r"'<[^>]+>'", "Amt", page.read_text(encoding="utf-8")), encoding="utf-8")
    assert cli.main(["build", "--region", str(kreis.ordner)]) == 0


def test_nothing_is_overwritten(kreis: Probekreis, capsys):
    path = kreis.text("a_2023.csv", ["Gebiet;Einwohner;Kinder", *zeilen()])
    page = kreis.ordner / "indikatoren" / "a.yml"
    page.write_text("bleibt", encoding="utf-8")
    assert cli.main(["vorschlag", str(path), "--region", str(kreis.ordner), "--out", str(page)]) == 1
    assert page.read_text(encoding="utf-8") == "bleibt"
    assert "gibt es schon" in capsys.readouterr().err


@pytest.mark.parametrize("lines", [["a;b", "x;1", "y;2"], ["nur Text"], []])
def test_a_file_without_areas_is_refused_in_words(kreis: Probekreis, lines):
    path = kreis.lieferungen / "x.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PruefFehler) as caught:
        kreis.entwirf(path)
    assert "x.csv" in str(caught.value)


def test_a_sheet_for_each_year(kreis: Probekreis):
    sheets: dict[str, list[list[object]]] = {"Hinweise": [["Quelle: Amt"]]}
    for year in (2021, 2022, 2023):
        sheets[f"Jahr {year}"] = [
            ["Gebiet", "Einwohner"],
            *([key, people + year - 2023] for key, people in zip(GEBIETE, EW, strict=True)),
        ]
    draft = kreis.entwirf(kreis.mappe("reihe.xlsx", sheets))
    assert draft.seite.tabelle.stichtag.aus == "blatt"
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert kreis.zahlen(draft, "einwohner", "2021-12-31") == {key: value - 2 for key, value in SOLL.items()}


def test_a_sheet_for_each_kommune(kreis: Probekreis):
    rows = {town: [["Nr", "Einwohner"]] for town in KOMMUNE}
    for (key, (_, town)), people in zip(GEBIETE.items(), EW, strict=True):
        rows[town].append([key.split()[1], people])
    draft = kreis.entwirf(kreis.mappe("a_2023.xlsx", {KOMMUNE[town]: part for town, part in rows.items()}))
    assert draft.seite.tabelle.schluessel.kommune_aus == "blatt"
    assert kreis.zahlen(draft, "einwohner") == SOLL


def test_sheets_that_no_name_tells_apart_are_not_mixed(kreis: Probekreis):
    sheets = {name: [["Gebiet", "Einwohner"], *([key, people // part] for key, people in zip(GEBIETE, EW, strict=True))]
              for name, part in (("gesamt", 1), ("weiblich", 2))}  # fmt: skip
    draft = kreis.entwirf(kreis.mappe("a_2023.xlsx", sheets))
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert "weiblich" in fragen(draft)


def test_year_and_quarter_in_two_columns(kreis: Probekreis):
    lines = ["Jahr;Quartal;Gebiet;Einwohner"]
    lines += [
        f"2023;{q};{key};{people - 4 + q}"
        for q in (1, 2, 3, 4)
        for key, people in zip(GEBIETE, EW, strict=True)
    ]
    draft = kreis.entwirf(kreis.text("q.csv", lines))
    assert kreis.zahlen(draft, "einwohner") == SOLL  # the fourth quarter, none of those before
    assert draft.seite.tabelle.stichtag.hoechstens_tage == 0


@pytest.mark.parametrize("code", ["999", "-9", "-1", "9999,0"])
def test_numbers_that_may_stand_for_a_gap_are_asked_about(kreis: Probekreis, code):
    shares = [f"{7 + i / 10:.1f}".replace(".", ",") for i in range(len(GEBIETE))]
    shares[2] = code
    lines = ["Gebiet;Quote in %", *(f"{key};{share}" for key, share in zip(GEBIETE, shares, strict=True))]
    draft = kreis.entwirf(kreis.text("q_2023.csv", lines))
    assert f"Hier steht {code.removesuffix(',0')} und passt nicht zu den übrigen Zahlen" in fragen(draft)
    assert draft.seite.felder["quote_in"].min == 0, "a code below zero is no reason to allow such numbers"
    lines[3] = f"{list(GEBIETE)[2]};8,1"
    assert "passt nicht zu den übrigen" not in fragen(kreis.entwirf(kreis.text("r_2023.csv", lines)))


def test_households_with_children_are_no_children(kreis: Probekreis):
    lines = ["Gebiet;Haushalte;mit Kindern", *zeilen()]
    fields = kreis.entwirf(kreis.text("h_2023.csv", lines)).seite.felder
    assert {feld.einheit for feld in fields.values()} == {"Haushalte"}


def test_rounded_counts_are_told(kreis: Probekreis):
    lines = ["Jahr;Gebiet;Einwohner;Kinder"]
    lines += [
        f"{year};{key};{5 * people};{5 * kids}"
        for year in (2022, 2023)
        for key, people, kids in zip(GEBIETE, EW, KINDER, strict=True)
    ]
    draft = kreis.entwirf(kreis.text("q.csv", lines))
    assert draft.seite.gerundet_auf == 5
    assert (
        kreis.entwirf(kreis.text("r_2023.csv", ["Gebiet;Einwohner;Kinder", *zeilen()])).seite.gerundet_auf
        == 0
    )


@pytest.mark.parametrize(("format_", "wert"), [("0.0%", 0.125), ('0.0"%"', 12.5), ("0.0", 12.5)])
def test_shares_in_cells_of_any_number_format(kreis: Probekreis, format_, wert):
    rows: list[list[object]] = [
        ["Gebiet", "Anteil in %"],
        *([key, wert + i / 1000] for i, key in enumerate(GEBIETE)),
    ]
    path = kreis.mappe("a_2023.xlsx", {"T": rows})
    book = openpyxl.load_workbook(path)
    for row in book["T"].iter_rows(min_row=2, min_col=2):
        row[0].number_format = format_
    book.save(path)
    draft = kreis.entwirf(path)
    (feld,) = draft.seite.felder
    assert kreis.zahlen(draft, feld)["N 1"] == pytest.approx(12.5)
    assert draft.seite.felder[feld].einheit == "%"


def test_apostrophes_between_thousands(kreis: Probekreis):
    draft = kreis.entwirf(
        kreis.text(
            "a_2023.csv", ["Gebiet;Einwohner;Kinder", *zeilen(zahl=lambda n: f"{n:,}".replace(",", "'"))]
        )
    )
    assert kreis.zahlen(draft, "einwohner") == SOLL


def test_a_row_longer_than_the_heading_is_told(kreis: Probekreis):
    rows = zeilen(",")
    rows[2] += ",5"
    draft = kreis.entwirf(kreis.text("a_2023.csv", ["Gebiet,Einwohner,Kinder", *rows]))
    assert any("Zeile 4" in question and "Zellen" in question for question in draft.offen)


@pytest.mark.parametrize("zufall", range(8))
def test_strange_files_are_answered_in_words(kreis: Probekreis, zufall):
    rng = random.Random(zufall)
    words = [*GEBIETE, "Nordstadt", "Summe", "", "Gebiet", "Einwohner 2023", "1.250", "8,75", "*", "…", "31.12.2023", "12 %", "Z 1",
             2022, 0, 17.5, None, "* = geheim", "darunter", "=A1", "nan"]  # fmt: skip
    rows = [[rng.choice(words) for _ in range(rng.randrange(1, 7))] for _ in range(rng.randrange(1, 25))]
    with contextlib.suppress(PruefFehler):
        kreis.entwirf(kreis.mappe("a_2023.xlsx", {"T": rows}))
    lines = [";".join("" if cell is None else str(cell) for cell in row) for row in rows]
    with contextlib.suppress(PruefFehler):
        kreis.entwirf(kreis.text("b_2023.csv", lines))


# --- formats of interfaces ------------------------------------------------------------------------


def _stat() -> str:
    places = {"index": list(GEBIETE), "label": {key: name for key, (name, _) in GEBIETE.items()}}
    kinds = {"index": ["E", "K"], "label": {"E": "Einwohner", "K": "unter 18"}}
    axes = {"geo": places, "was": kinds, "zeit": {"index": ["2023"]}}
    return json.dumps({
        "version": "2.0", "class": "dataset", "id": list(axes), "size": [9, 2, 1], "value": [n for pair in zip(EW, KINDER, strict=True) for n in pair],
        "dimension": {name: {"category": category} for name, category in axes.items()},
    })  # fmt: skip


def _geojson() -> str:
    features = [
        {"type": "Feature", "id": i, "geometry": None, "properties": {"gebiet": key, "Einwohner": people, "unter 18": kids}}
        for i, (key, people, kids) in enumerate(zip(GEBIETE, EW, KINDER, strict=True))
    ]  # fmt: skip
    return json.dumps(
        {"type": "FeatureCollection", "timeStamp": "2023-12-31T10:00:00Z", "features": features}
    )


def _ffcsv() -> str:
    heading = "time_code;time_label;time;1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;2_variable_code;2_variable_label;2_variable_attribute_code;2_variable_attribute_label;value;value_unit;value_variable_label"
    rows = [
        f"STAG;Stichtag;31.12.2023;GEB;Gebiete;{key};{GEBIETE[key][0]};ALT;Alter;{code};{word};{number};Anzahl;Bevölkerung"
        for key, people, kids in zip(GEBIETE, EW, KINDER, strict=True)
        for code, word, number in (("E", "Einwohner", people), ("K", "unter 18", kids))
    ]
    return "\n".join([heading, *rows, ""])


@pytest.mark.parametrize(
    ("name", "text", "format_"),
    [("a.json", _stat, "json-stat"), ("a.geojson", _geojson, "geojson"), ("flach.csv", _ffcsv, "ffcsv")],
)
def test_formats_of_interfaces(kreis: Probekreis, name, text, format_):
    path = kreis.lieferungen / name
    path.write_text(text(), encoding="utf-8")
    draft = kreis.entwirf(path)
    assert draft.seite.tabelle.format == format_
    assert kreis.zahlen(draft, "einwohner") == SOLL
    assert kreis.zahlen(draft, "unter_18") == KIND
    assert all(question.startswith("quelle") for question in draft.offen)
    assert "Zeile -" not in draft.text


def test_files_that_all_end_without_a_line_break(kreis: Probekreis):
    for year in (2022, 2023):
        path = kreis.lieferungen / f"ew_{year}.csv"
        path.write_text(
            "\n".join(["Gebiet;Einwohner", *(f"{key};{n:.0f}" for key, n in SOLL.items())]), encoding="utf-8"
        )
    draft = kreis.entwirf(path)
    assert draft.seite.tabelle.ohne_zeilenende
    assert "keine der 2 Dateien endet mit einem Zeilenende" in draft.text
    assert kreis.zahlen(draft, "einwohner") == SOLL
    (kreis.lieferungen / "ew_2022.csv").unlink()  # one file alone may be cut
    draft = kreis.entwirf(path)
    assert any("ohne_zeilenende: true" in question for question in draft.offen)


@pytest.mark.parametrize(
    ("lines", "ebene"),
    [
        (["Name;Art;Einwohner", "Nordstadt;Kommune;5000", "Nordstadt;Sozialraum;1250"], {"aus": "spalte", "spalte": "Art"}),
        (["Name;Nr;Einwohner", "Nordstadt;a;5000", "Nordstadt;b;1250"], {"aus": "reihenfolge", "zuerst": "kommune"}),
        (["Name;Nr;Einwohner", "Nordstadt;b;1250", "Nordstadt;a;5000"], {"aus": "reihenfolge", "zuerst": "sozialraum"}),
    ],
)  # fmt: skip
def test_one_name_on_two_levels(kreis: Probekreis, lines, ebene):
    text = (kreis.ordner / "g.csv").read_text(encoding="utf-8").replace("N 1;Anger", "N 1;Nordstadt")
    (kreis.ordner / "g.csv").write_text(text, encoding="utf-8")
    word = "Sozialraum" if ebene["aus"] == "spalte" else "x"
    more = [f"{key};{word};{n:.0f}" for key, n in SOLL.items() if key != "N 1"]
    draft = kreis.entwirf(kreis.text("a_31.12.2023.csv", [*lines, *more]))
    told = draft.seite.tabelle.schluessel.ebene
    assert {key: getattr(told, key) for key in ebene} == ebene
    assert kreis.zahlen(draft, "einwohner") == SOLL
