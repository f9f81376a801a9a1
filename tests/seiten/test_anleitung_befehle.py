"""Recipes of the planners' guide, typed as they stand there: commands that read or draft, and runs chosen by --only."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import sozialanalyse
from sozialanalyse import cli, seiten, store
from sozialanalyse.base import yamlio
from sozialanalyse.publish import batch
from sozialanalyse.region import redaktion

GUIDE = Path(sozialanalyse.__file__).parent / "anleitung" / "planung.md"
PROJEKT = GUIDE.parents[2]
TEXT = GUIDE.read_text(encoding="utf-8")
PROSE = re.sub(r"^```.*?^```", "", TEXT, flags=re.M | re.S)
TYPED = dict.fromkeys(
    [line.strip() for line in PROSE.splitlines() if line.startswith("    sozialanalyse ")]
    + [" ".join(word.split()) for word in re.findall(r"`(sozialanalyse [^`]+)`", PROSE)]
)
COMMANDS = [shlex.split(line)[1:] for line in TYPED]
WHOLE = [
    argv
    for argv in COMMANDS
    if argv[0] in {"redaktion", "snapshots", "vorschlag", "schutz"}
    and argv != ["schutz"]
    and "--zuruecknehmen" not in argv
    and not any(re.fullmatch("[A-Z]+", word) for word in argv)
]
CHOSEN = [argv for argv in COMMANDS if argv[0] == "run" and "--only" in argv]


@pytest.mark.parametrize("argv", WHOLE, ids=" ".join)
def test_recipes_that_read_end_well(argv, demo, monkeypatch, capsys):
    monkeypatch.chdir(PROJEKT)
    assert cli.main(argv) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("argv", CHOSEN, ids=" ".join)
def test_recipes_of_one_page_mean_one_page(argv, demo, intern):
    data = store.load(demo)
    assert len(batch._gemeint(seiten.laeufe(argv[1], data, PROJEKT / "parameters"), argv[3])) == 1


def test_there_are_recipes_of_every_kind():
    assert {argv[0] for argv in WHOLE} == {"redaktion", "snapshots", "vorschlag", "schutz"}
    assert {argv[1] for argv in CHOSEN} >= {"varianz", "sozialraumprofil"}


def test_pages_of_editors_name_what_exists(demo, intern, tmp_path):
    """Topic report and own text of the guide against the shipped region."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.M | re.S)
    (outline,) = (block for block in blocks if block.startswith("id: jugend"))
    (change,) = (block for block in blocks if block.startswith("aenderungen:"))
    for name, block in (("themen/jugend.yml", outline), ("redaktion/texte.yml", change)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(block, encoding="utf-8")
    assert set(redaktion.themen(tmp_path)["jugend"].indikatoren) <= set(intern.indikatoren().index)
    (entry,) = yamlio.pruefen(
        redaktion.Aenderungsseite, yamlio.lesen(tmp_path / "redaktion" / "texte.yml")
    ).aenderungen
    assert entry.ort in intern.verzeichnis("sozialraum").index
    assert entry.baustein in intern.region.themen
