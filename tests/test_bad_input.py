"""Bad input through the command line: one German sentence with place and remedy, nothing lost."""

from __future__ import annotations

import random
import re
import shutil
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sozialanalyse import build, store
from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.cli import main


@pytest.fixture
def projekt(gebaut, tmp_path, monkeypatch):
    """A project folder of its own around the tiny region, with a good snapshot."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "parameters").mkdir()
    monkeypatch.chdir(tmp_path)
    return gebaut


def refused(capsys, region, *command: str) -> str:
    """Run a command that must fail properly; returns what the planner reads."""
    good = store.aktueller(region.bestand)
    before = sorted(p.relative_to(region.bestand) for p in region.bestand.rglob("*"))
    capsys.readouterr()
    assert main([*command, "--region", str(region.ordner)]) == 1
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert store.aktueller(region.bestand) == good
    assert sorted(p.relative_to(region.bestand) for p in region.bestand.rglob("*")) == before
    lines = [line for line in err.splitlines() if not re.match(r"(Lieferungen|Berichte) \d|Warnung: ", line)]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("komune: '05999004'", "komune: Diese Angabe ist unbekannt. Gemeint ist vielleicht: „kommune“."),
        (
            "kommune: 05999004",
            "„05999004“ beginnt mit einer Null und würde als Zahl gelesen. Bitte in Anführungszeichen setzen",
        ),
        ("kommune: 05315000", 'Bitte in Anführungszeichen setzen: "05315000".'),
        (
            "kommune: 1415680",
            "kommune: „1415680“ ist eine Zahl. Erwartet wird ein achtstelliger Amtlicher Gemeindeschlüssel. Bitte",
        ),
        ("kommune: '5999004'", "Erwartet wird ein achtstelliger Amtlicher Gemeindeschlüssel."),
        (
            "kommune: '05999999'",
            "„05999999“ gibt es in Kreis Musterland nicht. Es gibt: „05999004 (Ahausen)“",
        ),
        ("sozialraum: B 1", "sozialraum: Das Gebiet „B 1“ gibt es nicht. Gemeint ist vielleicht: „W 1“"),
    ],
)
def test_parameters(projekt, capsys, tmp_path, values, sentence):
    (tmp_path / "parameters" / "cluster.yml").write_text(
        f"runs:\n  - name: a\n    werte: {{{values}}}\n", encoding="utf-8"
    )
    line = refused(capsys, projekt, "run")
    assert sentence in line
    assert re.search(r"cluster\.yml, Zeile [23]: ", line)
    assert not (tmp_path / "daten" / "ergebnisse").exists()


def test_missing_sheet(projekt, capsys):
    projekt.blatt = "Bestnd"
    del projekt.register["2021-12-31"]
    (projekt.lieferungen / "register" / "Register_2021-12-31.xlsx").unlink()
    projekt.schreibe()
    assert refused(capsys, projekt, "build") == (
        "Fehler: register/Register_2023-12-31.xlsx: Das Blatt „Bestand“ fehlt. Gemeint ist vielleicht: „Bestnd“."
    )


def test_text_where_numbers_belong(projekt, capsys):
    for row in projekt.register["2023-12-31"]:
        row[1] = f"Ort {row[0]}"
    projekt.schreibe()
    line = refused(capsys, projekt, "build")
    assert line.startswith(
        "Fehler: register/Register_2023-12-31.xlsx, Blatt „Bestand“, Spalte B „Einwohner | insgesamt“: "
    )
    assert "In der Spalte stehen Texte wie „Ort A 1a“, wo Zahlen erwartet werden. Bitte prüfen" in line


def test_unknown_area(projekt, capsys):
    projekt.arbeit.append(["B 1", "31.12.2023", "5", "1,0"])
    projekt.schreibe()
    assert refused(capsys, projekt, "build") == (
        "Fehler: arbeit.csv, Zeile 22, Spalte 1 „Kennung“: „B 1“ ist kein bekanntes Gebiet. "
        "Bitte die Schreibweise berichtigen oder in der Gebietsliste als Alias eintragen."
    )


@pytest.mark.parametrize("content", [b"", b"\n\n", b"Arbeitslose\n\nKennung;Stichtag;Arbeitslose;Quote\n"])
def test_empty_delivery(projekt, capsys, content):
    (projekt.lieferungen / "arbeit.csv").write_bytes(content)
    line = refused(capsys, projekt, "build")
    assert "arbeit.csv: " in line
    assert "die Lieferung ist leer" in line.replace("Die", "die")
    assert line.endswith("Bitte beim Lieferanten neu anfordern.")


def test_missing_delivery(projekt, capsys):
    (projekt.lieferungen / "arbeit.csv").unlink()
    line = refused(capsys, projekt, "build")
    assert (
        "lieferungen: Zu „Arbeitslosigkeit“ liegt keine Lieferung vor (gesucht: arbeit.csv). Bitte die Dateien ablegen"
        in line
    )


def test_missing_column_and_ambiguous_column(projekt, capsys):
    path = projekt.lieferungen / "arbeit.csv"
    good = path.read_text("cp1252")
    path.write_text(good.replace("Arbeitslose;Quote", "Arbeitslos;Quote"), "cp1252")
    assert "arbeit.csv: Die Spalte „Arbeitslose“ fehlt. Gemeint ist vielleicht: „Arbeitslos“." in refused(
        capsys, projekt, "build"
    )
    path.write_text(good.replace("Stichtag;Arbeitslose;Quote", "Stichtag;Arbeitslose;Stichtag"), "cp1252")
    line = refused(capsys, projekt, "build")
    assert (
        "gibt es 2-mal. Bitte auf der Datensatzseite durch ihren Buchstaben sagen, welche gilt: {buchstabe: B} oder"
        in line
    )


def test_same_area_twice(projekt, capsys):
    first = next(row for row in projekt.arbeit if row[:2] == ["A 1a", "01.01.2024"])
    projekt.arbeit.append(["A1a", first[1], "61", first[3]])
    projekt.schreibe()
    line = refused(capsys, projekt, "build")
    assert (
        "arbeit.csv, Zeile 22, Spalte 1 „Kennung“: „A 1a“ steht mehrmals, verschieden, in den Zeilen 13 und 22; "
        "die Zeilen unterscheiden sich in „Arbeitslose“." in line
    )
    projekt.arbeit[-1] = ["A1a", first[1], first[2], "99,9"]  # the number is the same, the row is not
    projekt.schreibe()
    assert "die Zeilen unterscheiden sich in „Quote“" in refused(capsys, projekt, "build")
    projekt.arbeit[-1] = ["A1a", *first[1:]]
    projekt.schreibe()
    assert main(["build", "--region", str(projekt.ordner)]) == 0
    assert main(["check", "--region", str(projekt.ordner)]) == 0
    assert "„A 1a“ steht mehrmals, ganz gleich, in den Zeilen 13 und 22." in capsys.readouterr().err


def test_snapshot_of_an_older_version(projekt, capsys, tmp_path):
    page = projekt.bestand / store.aktueller(projekt.bestand) / "bestand.json"
    page.write_text(page.read_text("utf-8").replace(f'"format": {store.FORMAT}', '"format": 0'), "utf-8")
    (tmp_path / "parameters" / "cluster.yml").write_text("runs: [{name: a}]\n", "utf-8")
    line = refused(capsys, projekt, "run")
    assert (
        f"hat das Format 0, gebraucht wird {store.FORMAT}. Bitte mit „sozialanalyse build“ neu erzeugen; die Lieferungen bleiben unverändert."
        in line
    )


def test_region_with_broken_yaml(projekt, capsys):
    page = projekt.ordner / "region.yml"
    page.write_text(page.read_text("utf-8").replace("ebenen:\n", "ebenen:\n [\n"), "utf-8")
    for command in ("build", "check", "run"):
        line = refused(capsys, projekt, command)
        assert re.search(
            r"region\.yml, Zeile \d+: Das ist kein gültiges YAML\. Bitte Einrückung, Doppelpunkte", line
        )


def test_no_snapshot_yet(projekt, capsys, tmp_path):
    shutil.rmtree(projekt.bestand)
    projekt.bestand.mkdir()
    assert "noch keinen Datenbestand. Bitte zuerst „sozialanalyse build“ ausführen." in refused(
        capsys, projekt, "run"
    )


@pytest.mark.parametrize("command", [["bild"], ["build", "--regio"], ["run", "--jobs", "viele"], []])
def test_misspelt_command_is_explained_in_german(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
    assert "error" not in capsys.readouterr().err


# --- a good delivery, disturbed: the same numbers or a problem, never other numbers ---------------

SCHREIBWEISEN = [
    str.lower, str.upper, lambda k: k.replace(" ", ""), lambda k: k.replace(" ", "\u00a0"), lambda k: f" {k} ",
    lambda k: k.replace(" ", " 0"), lambda k: k[0] + "\u00ad" + k[1:], lambda k: k[:-1], lambda k: k + "x",
    lambda k: k.replace(" ", ", "), lambda k: k.split()[-1], lambda k: f"{k}, {k}", lambda k: k.encode().decode("cp1252"),
    lambda k: unicodedata.normalize("NFD", k), lambda k: k.replace("ü", "ue"), lambda k: k.split(" (")[0],
]  # fmt: skip
ZAHLEN = [
    lambda n: f"{n},0", lambda n: f"{n}.0", lambda n: f"{n} %", lambda n: f"0{n}", lambda n: f"{n}¹", lambda n: f"ca. {n}",
    lambda n: f"({n})", lambda n: f"{n} (r)", lambda n: f"0.{n}", lambda n: f"{n} 000", lambda n: f"{n}.000",
    lambda n: "<10", lambda n: "*", lambda n: "", lambda n: f"{n}-{n}", lambda n: f"\u00a0{n}\u200b", lambda n: f"+{n}",
]  # fmt: skip


@pytest.fixture
def gut(gebaut):
    """Values of the good delivery."""
    return gebaut.daten().werte("ALO", level=None).set_index(["gebiet_id", "stichtag"])


@given(
    seed=st.integers(0, 2**32),
    encoding=st.sampled_from(["cp1252", "utf-8", "utf-8-sig", "utf-16", "cp850"]),
    sign=st.sampled_from(";\t|,"),
)
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_disturbed_delivery_never_gives_another_number(gebaut, gut, seed, encoding, sign):
    chance = random.Random(seed)
    disturbed = type(gebaut)(gebaut.ordner)
    disturbed.kodierung, disturbed.trennzeichen = encoding, sign
    disturbed.seiten["arbeit"] = disturbed.seiten["arbeit"].replace("  kodierung: cp1252\n", "")
    disturbed.arbeit.append(["Würselheim (Rhld.)", "31.12.2023", "152", ""])
    for row in [*chance.sample(disturbed.arbeit, 2), disturbed.arbeit[-1]]:
        row[0] = chance.choice(SCHREIBWEISEN)(row[0])
    row = chance.choice(disturbed.arbeit)
    row[2] = chance.choice(ZAHLEN)(row[2])
    try:
        disturbed.build()
    except (PruefFehler, UnicodeEncodeError):
        return
    found = disturbed.daten().werte("ALO", level=None).set_index(["gebiet_id", "stichtag"]).loc[gut.index]
    known = found["status"].isin(["wert", "korrigiert", "geschaetzt"])
    assert known.sum() >= 26 - 3  # at most the disturbed cell and the sums it belongs to
    for column in ("wert", "zaehler", "nenner"):
        assert found.loc[known, column].tolist() == pytest.approx(gut.loc[known, column].tolist())


def test_notes_below_a_table_are_told_from_unknown_areas(kleinregion):
    """Also where a note goes on in further cells; a row of numbers is an area until its words say otherwise."""
    for line in (
        ["Quelle: Agentur", "31.12.2023", "2023", ""],
        ["1) ohne Wohnheime", "31.12.2023", "12", "1,0"],
        ["Nur Personen, die am Stichtag im Bezirk gemeldet waren", "31.12.2023", "5", ""],
        ["Vertraulich", "31.12.2023", "nicht weitergeben", "an Dritte"],
        ["Neudorf", "31.12.2023", "5", "1,0"],
        ["Altdorf", "31.12.2023", "*", "*"],
    ):
        kleinregion.arbeit.append(line)
    kleinregion.schreibe()
    with pytest.raises(PruefFehler) as caught:
        build.pruefe(kleinregion.region)
    told = [one.abhilfe for one in caught.value.befunde if one.regel == "gebiet"]
    assert ["„ende“" in words for words in told] == [True, True, True, True, False, False]
