"""The operators' guide, typed in a folder that stands for the root of a machine: what needs no administrator."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import sozialanalyse

GUIDE = Path(sozialanalyse.__file__).parent / "anleitung" / "betrieb.md"
AS_SERVICE = [
    shlex.split(line)[3]
    for line in GUIDE.read_text(encoding="utf-8").splitlines()
    if line.startswith("    su sozialanalyse -c ")
]


@pytest.fixture
def wurzel(gebaut, tmp_path: Path) -> Path:
    """Root with the program and a small region where the guide has them."""
    home = tmp_path / "srv" / "sozialanalyse"
    (home / ".venv" / "bin").mkdir(parents=True)
    program = home / ".venv" / "bin" / "sozialanalyse"
    program.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m sozialanalyse.cli "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    shutil.copytree(gebaut.ordner, home / "data" / "staedteregion-aachen")
    shutil.copytree(tmp_path / "daten" / "bestand", home / "data" / "bestand")
    (home / "data" / "veroeffentlichungen" / "staedteregion-aachen").mkdir(parents=True)
    (home / "data" / "veroeffentlichungen" / "staedteregion-aachen" / "eintrag.json").write_text(
        "{}", encoding="utf-8"
    )
    return tmp_path


def typed(command: str, root: Path) -> None:
    here = re.sub(r"(?<![\w.])/(srv|etc)/", lambda found: f"{root}/{found[1]}/", command)
    environment = {**os.environ, "SOZIALANALYSE_DATEN": str(root / "srv" / "sozialanalyse" / "data")}
    done = subprocess.run(
        ["sh", "-c", here], capture_output=True, text=True, env=environment, check=False, cwd=root
    )
    assert (done.returncode, done.stderr) == (0, ""), here


def test_files_of_the_services_are_written(wurzel: Path) -> None:
    commands = [command for command in AS_SERVICE if " deploy " in command]
    assert len(commands) >= 3
    for command in commands:
        folder = wurzel / "srv" / "sozialanalyse" / re.search(r" deploy (\S+)", command)[1]  # type: ignore[index]
        typed(command, wurzel)
        assert any(folder.iterdir())


def test_a_backup_holds_what_cannot_be_made_again_and_only_its_owner_reads_it(wurzel: Path) -> None:
    (command,) = (command for command in AS_SERVICE if "tar -c" in command)
    typed(command, wurzel)
    archive = wurzel / "srv" / "sozialanalyse" / "sicherung.tar.gz"
    assert archive.stat().st_mode & 0o077 == 0
    shutil.rmtree(wurzel / "srv" / "sozialanalyse" / "data")
    with tarfile.open(archive) as held:
        held.extractall(archive.parent, filter="data")
    for name in ("staedteregion-aachen/region.yml", "veroeffentlichungen/staedteregion-aachen/eintrag.json"):
        assert (archive.parent / "data" / name).is_file()
