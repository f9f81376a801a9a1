"""What people see: findings, progress, lists and comparisons of snapshots."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sozialanalyse.base import Befund, zahl_knapp

if TYPE_CHECKING:
    import pandas as pd

    from sozialanalyse import store


def viele(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def kurz(path: Path) -> str:
    """Path from here if it lies below, else in full."""
    full = path.resolve() if not path.is_symlink() else path.absolute()
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(full)


def aufruf() -> str:
    """How this program was called, as a reader would type it again."""
    found, own = shutil.which("sozialanalyse"), Path(sys.argv[0])
    if own.name != "sozialanalyse" or (found and Path(found).resolve() == own.resolve()):
        return "sozialanalyse"
    return kurz(own)


JE_ART = {"fehler": 10, "warnung": 3, "hinweis": 2}
"""Findings of one kind that are shown one by one."""


def _art(befund: Befund) -> tuple[str, ...]:
    """What findings of one kind share: rule and remedy, or the sentence without numbers and names."""
    plain = re.sub(r"„[^“]*“|\([^)]*\)|\S*\d\S*", "", befund.text)
    return (befund.schwere, befund.regel, befund.abhilfe) if befund.regel else (befund.schwere, plain)


def zeige_befunde(findings: Sequence[Befund], *, briefly: bool = False, alle: bool = True) -> None:
    """Faults first; with ``briefly`` only the faults and how many others there are.

    Unless ``alle``, findings of one kind stand together, and of many only the first.
    """
    order = {"fehler": 0, "warnung": 1, "hinweis": 2}
    kinds: dict[tuple[str, ...], list[Befund]] = {}
    for place, befund in enumerate(sorted(findings, key=lambda found: order[found.schwere])):
        if not briefly or befund.schwere == "fehler":
            kinds.setdefault((befund.schwere, str(place)) if alle else _art(befund), []).append(befund)
    for group in kinds.values():
        shown = group if len(group) <= JE_ART[group[0].schwere] + 1 else group[: JE_ART[group[0].schwere]]
        for befund in shown:
            if Path(befund.datei).is_absolute():
                befund = replace(befund, datei=kurz(Path(befund.datei)))
            print(f"{befund.schwere.capitalize()}: {befund}", file=sys.stderr)
        if hidden := len(group) - len(shown):
            print(f"  … und {hidden} weitere dieser Art; jeden zeigt „check --alle“.", file=sys.stderr)
    others = sum(befund.schwere != "fehler" for befund in findings)
    if briefly and others:
        number = viele(others, "Warnung oder Hinweis", "Warnungen und Hinweise")
        print(f"{number}; alle zeigt „sozialanalyse check“.", file=sys.stderr)


def bestaende(known: pd.DataFrame) -> str:
    if known.empty:
        return "Es gibt noch keinen Datenbestand; „sozialanalyse build“ legt einen an."
    rows = []
    for row in known.itertuples():
        created = (
            f"{datetime.fromisoformat(row.erstellt).astimezone():%d.%m.%Y %H:%M}"
            if row.erstellt
            else "unbekannt"
        )
        mark = " ".join(
            filter(None, ["← aktuell" if row.aktuell else "", "" if row.lesbar else "beschädigt"])
        )
        rows.append((row.bestand, created, str(row.dateien), str(row.zeilen), mark))
    return "\n".join(_spalten(("Bestand", "erstellt", "Dateien", "Werte", ""), rows, links=(0, 1, 4)))


def _spalten(
    heading: Sequence[str], rows: Sequence[Sequence[str]], *, links: Collection[int]
) -> Iterator[str]:
    """Lines of a table whose columns are as wide as their longest text; numbers stand to the right."""
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    for row in (heading, *rows):
        cells = (
            text.ljust(width) if number in links else text.rjust(width)
            for number, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def vergleich(found: store.Bestandsvergleich) -> str:
    lines = [f"Von {found.alt} nach {found.neu}:"]
    lines += [f"  Lieferung {row.art}: {row.datei}" for row in found.dateien.itertuples()]
    if found.werte.empty:
        return "\n".join([*lines, "  Kein Wert hat sich geändert."])
    heading = ("Indikator", "Stichtag", "neu", "entfallen", "geändert", "Status", "größte Differenz")
    rows = [
        (row.indikator_id, row.stichtag, *map(str, (row.neu, row.entfallen, row.wert, row.status)),
         zahl_knapp(row.groesste, fehlt=""))
        for row in found.uebersicht().itertuples()
    ]  # fmt: skip
    lines += _spalten(heading, rows, links=(0, 1))
    return "\n".join(
        [*lines, f"{viele(len(found.werte), 'Wert', 'Werte')} verschieden; jeden einzeln zeigt --json."]
    )


class Fortschritt:
    """Progress: a bar with time left on a terminal, plain lines in a log."""

    FORM = "{desc} {n_fmt}/{total_fmt} |{bar:24}| {elapsed}, noch {remaining} {postfix}"

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()
        self._began = time.monotonic()

    def sage(self, satz: str) -> None:
        """One line that stays, outside the bar."""
        print(f"{self._name}: {satz}", file=sys.stderr, flush=True)

    def set(self, what: str, done: int, total: int) -> None:
        if not self._terminal:
            print(
                f"{self._name} {done}/{total}: {what}{self._left(done, total)}", file=sys.stderr, flush=True
            )
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, desc=self._name, bar_format=self.FORM, leave=True)
        self._bar.set_postfix_str(what[:40])
        self._bar.update(done - self._bar.n)

    def _left(self, done: int, total: int) -> str:
        """Time left in words, every tenth line."""
        if done == 0 or done == total or done % 10:
            return ""
        seconds = (time.monotonic() - self._began) / done * (total - done)
        return f" (noch etwa {seconds / 60:.0f} min)" if seconds > 90 else f" (noch etwa {seconds:.0f} s)"

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
