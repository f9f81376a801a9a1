"""What was made: the records of all runs, and how results differ from those of the snapshot before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sozialanalyse import store
from sozialanalyse.base import LaufFehler, settings
from sozialanalyse.publish import protokolltafel as tafel
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.batch import passt
from sozialanalyse.region import lade_region


def protokolle(
    region: str | Path | None = None,
    *,
    audience: store.Audience = "oeffentlich",
    out: str | Path | None = None,
) -> pd.DataFrame:
    """Records of all runs, see :func:`sozialanalyse.publish.protokolltafel.tabelle`."""
    if out is None:
        place = lade_region(settings.regionsordner(region))
        out = settings.ergebnisordner(place.ordner, place.id)
    return tafel.tabelle(Ablage(out), audience)


def zeige(
    region: str | Path | None = None,
    *,
    notebooks: Sequence[str] = (),
    only: str | None = None,
    limit: int = 20,
    failed: bool = False,
    changes: bool = False,
    audience: store.Audience = "oeffentlich",
    table: Path | None = None,
    out: str | Path | None = None,
) -> int:
    """Print the last runs and what changed in the results, or write all records as a table.

    Raises
    ------
    LaufFehler
        If the ending of the table's file is none that can be written.
    """
    found = protokolle(region, audience=audience, out=out)
    if notebooks:
        found = found[found["notebook"].isin([name.removesuffix(".ipynb") for name in notebooks])]
    if only:
        found = found[[passt(row, only) for row in found.itertuples()]]
    if failed:
        found = found[found["status"] == "fehler"]
    if table is not None:
        try:
            tafel.schreibe(found, table)
        except ValueError:
            raise LaufFehler(f"„{table.name}“: Die Endung muss .parquet, .csv oder .jsonl sein.") from None
        print(f"{len(found)} Läufe in {table}.")
        return 0
    if not changes:
        print("\n".join(tafel.zeilen(found.head(limit))) or "Es gibt noch keine Läufe dieser Auswahl.")
        print()
    print("\n".join(tafel.zeilen_der_aenderungen(tafel.aenderungen(found), limit)))
    return 0
