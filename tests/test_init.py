"""A new region: the skeleton says what is missing, filled in it builds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import oberau
import pytest
import yaml

import sozialanalyse
from sozialanalyse import cli
from sozialanalyse.base.errors import LaufFehler
from sozialanalyse.region import skeleton
from sozialanalyse.region.region import Sperrprofil, Symbol

UNDELIVERED = "liegt keine Lieferung vor"
GERUEST = Path(skeleton.__file__).parent / "geruest"


@pytest.fixture
def ordner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SOZIALANALYSE_REGION", "SOZIALANALYSE_DATEN", "SOZIALANALYSE_BESTAND"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "kreis-oberau"
    assert cli.main(["init", str(folder)]) == 0
    return folder


def check(ordner: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Exit code and the faults of ``check``."""
    capsys.readouterr()
    code = cli.main(["check", "--region", str(ordner)])
    return code, [line for line in capsys.readouterr().err.splitlines() if line.startswith("Fehler: ")]


def test_everything_missing_is_listed_at_once(ordner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, faults = check(ordner, capsys)
    assert code == 1
    places = [
        ("region.yml", "name: Bitte ausfüllen"),
        ("region.yml", "herausgeber: Bitte ausfüllen"),
        ("region.yml", "schluessel_region: Bitte ausfüllen"),
        ("gebiete.csv", "noch keine Kommunen"),
        ("sozialraeume.csv", "noch keine Sozialräume"),
        ("beispiel.yml", "quelle → anbieter: Bitte ausfüllen"),
        ("beispiel.yml", "quelle → lizenz: Bitte ausfüllen"),
    ]
    faults = [fault for fault in faults if UNDELIVERED not in fault]
    assert len(faults) == len(places)
    for fault, (file, sentence) in zip(faults, places, strict=True):
        assert file in fault
        assert sentence in fault


def test_every_placeholder_is_named_with_its_line(ordner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = {
        (path.name, number)
        for path in ordner.rglob("*.yml")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.fullmatch(r"\s*\w+: <[^<>]+>", line)
    }
    _, faults = check(ordner, capsys)
    found = {
        (match[1], int(match[2]))
        for fault in faults
        if (match := re.search(r"([\w.]+), Zeile (\d+): .*Bitte ausfüllen", fault))
    }
    assert written
    assert found == written


def test_placeholders_hide_no_other_fault(ordner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = ordner / "region.yml"
    page.write_text(page.read_text(encoding="utf-8").replace("herausgeber:", "herausgeberin:"), "utf-8")
    _, faults = check(ordner, capsys)
    assert any("herausgeber: Diese Angabe fehlt" in fault for fault in faults)
    assert any("quelle → anbieter: Bitte ausfüllen" in fault for fault in faults)


def test_build_refuses_a_page_with_placeholders(ordner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    oberau.fuelle(ordner)
    oberau.ersetze(ordner / "region.yml", ("herausgeber:", "herausgeber: <wer>"))
    assert cli.main(["build", "--region", str(ordner)]) == 1
    assert "herausgeber: Bitte ausfüllen (wer)." in capsys.readouterr().err
    assert not (ordner.parent / "bestand").exists()


def test_each_step_clears_its_faults(ordner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = [4, 3, 2, 0, 0]
    for schritt, expected in zip(oberau.SCHRITTE, left, strict=True):
        schritt(ordner)
        code, faults = check(ordner, capsys)
        assert len([fault for fault in faults if UNDELIVERED not in fault]) == expected, faults
        if schritt in (oberau.sozialraeume, oberau.seite):
            assert len([fault for fault in faults if UNDELIVERED in fault]) == 1, faults
        assert code == (1 if faults else 0)
    assert not faults
    assert not (ordner.parent / "bestand").exists()


def test_reminders_before_publishing(ordner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    oberau.fuelle(ordner)
    capsys.readouterr()
    assert cli.main(["check", "--region", str(ordner)]) == 0
    said = capsys.readouterr().err
    assert "impressum, datenschutz, barrierefreiheit, kontakt" in said
    assert (
        "Die Rechtsgrundlage fehlt bei ba_sgb, sozialamt, gesundheit, jugendhilfe, melde, umfrage, miete"
        in said
    )


def test_filled_region_builds_the_numbers_of_the_deliveries(ordner: Path) -> None:
    oberau.fuelle(ordner)
    assert cli.main(["build", "--region", str(ordner)]) == 0
    daten = sozialanalyse.load(ordner, "intern")
    assert daten.region.id == "kreis-oberau"
    matrix = daten.matrix(["EW", "U18", "SGB2"], "2023-12-31")
    assert matrix["EW"].to_dict() == {"O 1": 1250, "O 2": 2310, "O 3": 980, "U 1": 1840, "U 2": 1120}
    assert matrix["SGB2"].to_dict() == pytest.approx({"O 1": 10, "O 2": 20, "O 3": 5, "U 1": 5, "U 2": 15})
    assert matrix["U18"].drop("O 3").to_dict() == pytest.approx(
        {"O 1": 16, "O 2": 20, "U 1": 15, "U 2": 22.5}
    )
    gap = daten.werte("U18").set_index("gebiet_id").loc["O 3"]
    assert gap["status"] == "geheim"
    assert daten.kommune().to_dict()["U 2"] == "09999002"
    assert daten.namen().to_dict()["O 3"] == "O 3"


def test_lost_zeros_of_a_spreadsheet_are_reported(ordner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    oberau.fuelle(ordner)
    (ordner / "gebiete.csv").write_text(oberau.GEBIETE.replace("09999002", "9999002"), encoding="utf-8")
    code, faults = check(ordner, capsys)
    assert code == 1
    assert any("„9999002“ hat nicht die erwartete Form" in fault for fault in faults)


@pytest.mark.langsam
def test_reports_of_the_new_region(ordner: Path) -> None:
    oberau.fuelle(ordner)
    assert cli.main(["build", "--region", str(ordner)]) == 0
    command = [sys.executable, "-m", "sozialanalyse.cli", "run", "--region", str(ordner)]
    done = subprocess.run(
        [*command, "--only", "gesamt", "--jobs", "1"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = ordner.parent / "ergebnisse" / "kreis-oberau" / "oeffentlich"
    for notebook in ("cluster", "varianz"):
        assert "Kreis Oberau" in (results / notebook / "gesamt.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("folder", "kennung"),
    [("Kreis_Süd-West", "kreis-sued-west"), ("data2", "data2"), ("Öberau", "oeberau"), ("___", "region")],
)
def test_id_is_made_from_the_folder(tmp_path: Path, folder: str, kennung: str) -> None:
    skeleton.lege_an(tmp_path / folder)
    lines = (tmp_path / folder / "region.yml").read_text(encoding="utf-8").splitlines()
    assert f"id: {kennung}" in lines
    assert not any(skeleton.KENNUNG in line for line in lines)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notiz.txt").write_text("wichtig", encoding="utf-8")
    with pytest.raises(LaufFehler, match="gibt es schon"):
        skeleton.lege_an(tmp_path)
    with pytest.raises(LaufFehler, match="gibt es schon"):
        skeleton.lege_an(tmp_path / "notiz.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["notiz.txt"]


def test_deliveries_stay_out_of_version_control(tmp_path: Path) -> None:
    skeleton.lege_an(tmp_path / "neu")
    rules = (tmp_path / "neu" / "lieferungen" / ".gitignore").read_text(encoding="utf-8").split()
    assert rules == ["*", "!.gitignore", "!LIESMICH.md"]


def test_comments_name_every_status() -> None:
    page = (GERUEST / "region.yml").read_text(encoding="utf-8")
    listed = re.search(r"Möglich sind: ((?:[\w, ]|\n# )+)\.", page)
    assert listed
    known = set(get_args(Symbol.model_fields["status"].annotation)) - {"wert"}
    assert {word.strip("# \n") for word in listed[1].split(",")} == known


def test_comments_explain_every_rule_of_a_profile() -> None:
    page = (GERUEST / "region.yml").read_text(encoding="utf-8")
    for name in set(Sperrprofil.model_fields) - {"beschreibung", "rechtsgrundlage"}:
        assert re.search(rf"^#   (?:\w+, )*{name}[:,]", page, re.M), name
    profile = {
        name: Sperrprofil.model_validate(rules)
        for name, rules in yaml.safe_load(page)["sperrprofile"].items()
    }
    small = {name for name, rules in profile.items() if rules.mindestfallzahl_kommune}
    assert small == {"sozialamt", "gesundheit", "jugendhilfe"}
    assert all(profile[name].mindestfallzahl_kommune < profile[name].mindestfallzahl for name in small)  # type: ignore[operator]


def test_every_column_of_the_lists_is_explained() -> None:
    columns = {
        column
        for name in ("gebiete.csv", "sozialraeume.csv")
        for column in (GERUEST / name).read_text(encoding="utf-8").strip().split(";")
    }
    explained = set(
        re.findall(r"^\| `(\w+)` \|", (GERUEST / "LIESMICH.md").read_text(encoding="utf-8"), re.M)
    )
    assert columns == explained
