"""Kill -9, a full disk, several builds at once: the last good snapshot stays current and whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.langsam,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="dieses System kann Prozesse nicht verzweigen"),
]


@pytest.fixture
def absturz(gebaut):
    def run(mode: str, count: int) -> dict:
        gebaut.schreibe()
        command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("absturz.py")), mode, str(gebaut.ordner), str(count)]  # fmt: skip
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, env=environment)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_killed_at_any_moment_of_a_build(absturz):
    found = absturz("kill", 16)
    assert found["bad"] == []
    assert found["killed"] == 16
    assert (found["last"], found["whole"], found["litter"]) == (0, True, [])


def test_killed_at_every_file_operation_of_writing(absturz):
    found = absturz("write", 80)
    assert found["bad"] == []
    assert found["deaths"] >= 10
    assert found["through"]
    assert found["moved"]


def test_full_disk(absturz):
    found = absturz("disk", 10)
    assert found["bad"] == []
    assert 3 <= found["told"] < 10
    assert found["litter"] == []


def test_several_builds_at_once(absturz):
    found = absturz("twice", 2)
    assert found["codes"] == [0]
    assert found["whole"]
    assert found["all"]
    assert found["litter"] == []
    assert found["snapshots"] == 1 + 2 * 2
