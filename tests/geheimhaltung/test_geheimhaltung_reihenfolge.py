"""What is hidden does not depend on the order of files, rows, areas and pages: the whole way from the delivery."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sozialanalyse import build, store

ALTER = """\
id: alter
name: Arbeitslose nach Alter
zeile_ist: ein Sozialraum zu einem Stichtag
quelle: {anbieter: Agentur, lizenz: Liefervertrag}
dateien: alter*.csv
symbolprofil: agentur
sperrprofil: agentur
tabelle:
  format: csv
  kopf: {erkennbar_an: Kennung}
  schluessel: {spalten: [Kennung]}
  stichtag: {aus: spalte, spalte: Stichtag, hoechstens_tage: 31}
felder:
  jung: {spalte: Unter 25}
  aelter: {spalte: Ab 25}
indikatoren:
  JUNG: {name: Arbeitslose unter 25, thema: arbeit, zaehler: jung, nenner: register.einwohner}
  AELTER: {name: Arbeitslose ab 25, thema: arbeit, zaehler: aelter, nenner: register.einwohner}
"""


def place(kleinregion: Any, seed: int) -> Any:
    """The tiny region with small counts, a sum over two datasets and a gap that was delivered twice, differently."""
    rng = np.random.default_rng(seed)
    kleinregion.region_yml = kleinregion.region_yml.replace(
        'agentur: {"*": {status: geheim}}', 'agentur: {"*": {status: geheim}, "x": {status: unbekannt}}'
    )
    kleinregion.seiten["arbeit"] = kleinregion.seiten["arbeit"].replace("arbeit.csv", "arbeit*.csv")
    kleinregion.seiten["alter"] = ALTER
    for row in kleinregion.arbeit:
        row[2] = int(rng.integers(2, 40))
    return kleinregion


def deliver(region: Any, order: np.random.Generator | None) -> pd.DataFrame:
    """Write everything in some order and build; what the public sees of it."""
    shuffled: Callable[[list[Any]], list[Any]] = (
        (lambda rows: list(rows))
        if order is None
        else (lambda rows: [rows[i] for i in order.permutation(len(rows))])
    )
    region.gebiete = dict(shuffled(list(region.gebiete.items())))
    region.register = {day: shuffled(rows) for day, rows in region.register.items()}
    region.schreibe()
    delivered: Path = region.lieferungen
    young = [[key, day, alo // 3, alo - alo // 3] for key, day, alo, _ in region.arbeit]
    gap = [[*region.arbeit[2][:2], sign, ""] for sign in ("*", "x")]
    files = {
        "arbeit": (["Kennung", "Stichtag", "Arbeitslose", "Quote"], [row for i, row in enumerate(region.arbeit) if i != 2], gap),
        "alter": (["Kennung", "Stichtag", "Unter 25", "Ab 25"], young, []),
    }  # fmt: skip
    (delivered / "arbeit.csv").unlink()
    for name, (head, rows, twice) in files.items():
        rows = shuffled(rows)
        halves, twice = shuffled([rows[: len(rows) // 2], rows[len(rows) // 2 :]]), shuffled(twice)
        for number, half in enumerate(halves):
            lines = [head, *shuffled([*half, *twice[number : number + 1]])]
            text = "\n".join(";".join(str(cell) for cell in line) for line in lines)
            (delivered / f"{name}{number}.csv").write_text(text + "\n", encoding="cp1252")
    pages = region.ordner / "indikatoren"
    if order is not None:
        for number, path in enumerate(shuffled(sorted(pages.glob("*.yml")))):
            head, *blocks = re.split(r"(felder|indikatoren):\n", path.read_text(encoding="utf-8"))
            blocks = [
                block
                if block in ("felder", "indikatoren")
                else ":\n" + "\n".join(shuffled(block.splitlines())) + "\n"
                for block in blocks
            ]
            path.write_text(head + "".join(blocks), encoding="utf-8")
            path.rename(pages / f"{number}_{path.name}")
        for path, letter in zip(shuffled(sorted((delivered / "register").glob("*.xlsx"))), "ab", strict=True):
            path.rename(path.with_name(f"{letter}_{path.name}"))
    build.build(region.ordner)
    keys = ["stichtag", "indikator_id", "gebiet_id"]
    values = store.load(region.ordner, "oeffentlich").werte(level=None)
    return values.sort_values(keys).set_index(keys)[["wert", "zaehler", "nenner", "status"]]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_never_changes_what_is_hidden(neue_region: Callable[..., Any], seed: int) -> None:
    plain = deliver(place(neue_region(), seed), None)
    assert (plain["status"] == "geheim").sum() > 20
    assert (plain["wert"].notna() & plain.index.isin(["ALO", "JUNG"], level="indikator_id")).any()
    other = deliver(place(neue_region("anders"), seed), np.random.default_rng(seed))
    pd.testing.assert_frame_equal(plain, other)
