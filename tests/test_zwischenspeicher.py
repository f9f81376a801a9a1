"""Kept results: found again by content, never by chance, and never in the way."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from sozialanalyse.base import codestand
from sozialanalyse.base.zwischenspeicher import TAGE, Zwischenspeicher

RUFE: list[object] = []


def summe(frame: pd.DataFrame, *, mal: int = 1) -> float:
    RUFE.append(frame)
    return float(frame.to_numpy().sum()) * mal


def test_same_inputs_are_computed_once(tmp_path: Path) -> None:
    RUFE.clear()
    speicher = Zwischenspeicher(tmp_path)
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=["x", "y"])
    assert [speicher.hole(summe, frame, mal=2), speicher.hole(summe, frame.copy(), mal=2)] == [6.0, 6.0]
    assert len(RUFE) == 1


def test_any_other_input_is_computed_anew(tmp_path: Path) -> None:
    RUFE.clear()
    speicher = Zwischenspeicher(tmp_path)
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=["x", "y"])
    for other in (frame + 1e-12, frame.rename(index={"x": "z"}), frame.rename(columns={"a": "b"})):
        speicher.hole(summe, frame)
        speicher.hole(summe, other)
    speicher.hole(summe, frame, mal=3)
    assert len(RUFE) == 5


def test_a_damaged_entry_is_replaced(tmp_path: Path) -> None:
    speicher = Zwischenspeicher(tmp_path)
    frame = pd.DataFrame({"a": [1.0]})
    speicher.hole(summe, frame)
    entry = next(tmp_path.glob("*.pickle"))
    entry.write_bytes(entry.read_bytes()[:20])
    assert speicher.hole(summe, frame) == 1.0
    assert Zwischenspeicher(tmp_path).hole(summe, frame) == 1.0


def test_where_nothing_can_be_written_all_is_computed(tmp_path: Path) -> None:
    (tmp_path / "datei").write_text("kein Ordner", encoding="utf-8")
    assert Zwischenspeicher(tmp_path / "datei").hole(summe, pd.DataFrame({"a": [2.0]})) == 2.0


def test_old_entries_are_dropped(tmp_path: Path) -> None:
    speicher = Zwischenspeicher(tmp_path)
    for value in (1.0, 2.0):
        speicher.hole(summe, pd.DataFrame({"a": [value]}))
    old, young = sorted(tmp_path.glob("*.pickle"))
    long_ago = time.time() - (TAGE + 1) * 86_400
    os.utime(old, (long_ago, long_ago))
    speicher.raeume_auf()
    assert list(tmp_path.glob("*.pickle")) == [young]


def test_other_code_and_other_libraries_are_computed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    RUFE.clear()
    speicher, frame = Zwischenspeicher(tmp_path), pd.DataFrame({"a": [1.0]})
    for name in ("of_package", "of_environment"):
        speicher.hole(summe, frame)
        monkeypatch.setattr(codestand, name, lambda: "anders")
        speicher.hole(summe, frame)
    assert len(RUFE) == 3


def test_two_who_ask_for_the_same_at_once_compute_it_once(tmp_path: Path) -> None:
    RUFE.clear()
    both = threading.Barrier(2)

    def ask(_: int) -> float:
        both.wait()
        return Zwischenspeicher(tmp_path).hole(langsam, 2.0)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, range(2))) == [4.0, 4.0]
    assert len(RUFE) == (1 if sys.platform != "win32" else 2)


def langsam(zahl: float) -> float:
    RUFE.append(zahl)
    time.sleep(0.2)
    return 2 * zahl
