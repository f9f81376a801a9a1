"""Records of all runs as one table, and what changed in their key results from snapshot to snapshot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sozialanalyse.base import text, zahl_knapp
from sozialanalyse.publish.ablage import Ablage

if TYPE_CHECKING:
    import pandas as pd

SPALTEN = (
    *("beginn", "notebook", "name", "audience", "status", "bestand", "sekunden", "zellzeit", "speicher_mb"),
    *("versuche", "version", "grund", "zelle", "fehler", "abhilfe", "parameter", "ergebnis", "fingerabdruck"),
)


def tabelle(ablage: Ablage, audience: str = "oeffentlich") -> pd.DataFrame:
    """All records of an audience, the newest first.

    Returns
    -------
    DataFrame
        One row per run and snapshot, columns :data:`SPALTEN`. ``beginn`` is a time (UTC), ``sekunden`` and
        ``zellzeit`` are seconds, ``speicher_mb`` megabytes (missing where the system does not tell);
        ``parameter``, ``ergebnis`` and ``fingerabdruck`` are dicts. Records that cannot be read are left out.
    """
    import pandas as pd

    from sozialanalyse.publish.runs import bereich

    names = ablage.namen(f"{bereich(audience)}protokolle")
    rows = []
    for content in ablage.lies_alle(name for name in names if name.endswith(".json")).values():
        try:
            row = json.loads(content)
            rows.append({**row, "bestand": row["fingerabdruck"]["bestand"]})
        except (json.JSONDecodeError, KeyError, TypeError):
            continue
    table = pd.DataFrame(rows, columns=list(SPALTEN))
    table["beginn"] = pd.to_datetime(table["beginn"], utc=True)
    return table.sort_values(["beginn", "notebook", "name"], ascending=[False, True, True], ignore_index=True)


def aenderungen(protokolle: pd.DataFrame) -> pd.DataFrame:
    """Key results that differ between the newest and the previous snapshot of the same run.

    Parameters
    ----------
    protokolle
        As from :func:`tabelle`; failed runs are not compared.

    Returns
    -------
    DataFrame
        Columns ``notebook``, ``name``, ``groesse``, ``vorher``, ``jetzt`` (missing where there was or is
        none), ``differenz`` (missing unless both are numbers), ``bestand_vorher``, ``bestand``.
    """
    import pandas as pd

    rows = []
    good = protokolle[protokolle["status"] == "fertig"].sort_values("beginn", ascending=False)
    for (notebook, name), group in good.groupby(["notebook", "name"], sort=True):
        if len(group) < 2:
            continue
        new, old = group.iloc[0], group.iloc[1]
        for key in {**old["ergebnis"], **new["ergebnis"]}:
            before, now = old["ergebnis"].get(key), new["ergebnis"].get(key)
            if before != now and not (before != before and now != now):
                numbers = _number(before) and _number(now)
                rows.append(
                    {
                        **{
                            "notebook": notebook,
                            "name": name,
                            "groesse": key,
                            "vorher": before,
                            "jetzt": now,
                        },
                        "differenz": now - before if numbers else None,
                        **{"bestand_vorher": old["bestand"], "bestand": new["bestand"]},
                    }
                )
    columns = ["notebook", "name", "groesse", "vorher", "jetzt", "differenz", "bestand_vorher", "bestand"]
    return pd.DataFrame(rows, columns=columns)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def schreibe(protokolle: pd.DataFrame, datei: Path) -> None:
    """Write a table of records as Parquet, CSV or JSON lines, by the ending of the file.

    Raises
    ------
    ValueError
        If the ending is none of ``.parquet``, ``.csv``, ``.jsonl``.
    """
    flat = protokolle.copy()
    for column in ("parameter", "ergebnis", "fingerabdruck"):
        if column in flat:
            flat[column] = [json.dumps(value, ensure_ascii=False) for value in flat[column]]
    match datei.suffix:
        case ".parquet":
            flat.to_parquet(datei, index=False)
        case ".csv":
            flat.to_csv(datei, index=False)
        case ".jsonl":
            protokolle.to_json(datei, orient="records", lines=True, date_format="iso", force_ascii=False)
        case _:
            raise ValueError(datei.suffix)


def zeilen(protokolle: pd.DataFrame) -> list[str]:
    """Records as lines for a terminal, one run each."""
    width = max((len(f"{row.notebook}/{row.name}") for row in protokolle.itertuples(index=False)), default=0)
    lines = []
    for row in protokolle.itertuples(index=False):
        when = row.beginn.to_pydatetime().astimezone().strftime("%d.%m.%Y %H:%M")
        memory = (
            ""
            if row.speicher_mb != row.speicher_mb or row.speicher_mb is None
            else f"{row.speicher_mb:5.0f} MB"
        )
        told = ", ".join(f"{key} {_value(value)}" for key, value in list(row.ergebnis.items())[:4])
        if row.status == "fehler":
            told = text("publish.protokolle.fehler", satz=" ".join(filter(None, [row.zelle, row.fehler])))
        key = f"{row.notebook}/{row.name}"
        lines.append(
            f"{when}  {key:<{width}}  {_value(row.sekunden):>6} s  {memory:>8}  {row.bestand}  {told}".rstrip()
        )
    return lines


def zeilen_der_aenderungen(geaendert: pd.DataFrame, anzahl: int) -> list[str]:
    """Changes as lines for a terminal, the first ``anzahl`` of them."""
    if geaendert.empty:
        return [text("publish.protokolle.keine_aenderung")]
    lines = [text("publish.protokolle.aenderungen", anzahl=len(geaendert))]
    for row in geaendert.head(anzahl).itertuples(index=False):
        change = (
            f" ({'+' if row.differenz > 0 else ''}{zahl_knapp(row.differenz, 3)})"
            if row.differenz == row.differenz and row.differenz is not None
            else ""
        )
        lines.append(
            f"{row.notebook}/{row.name}: {row.groesse} {_value(row.vorher)} → {_value(row.jetzt)}{change}"
        )
    return lines


def _value(value: object) -> str:
    """A key result as a German reader writes it."""
    if value is None or value != value:
        return "–"
    return zahl_knapp(value, 3) if isinstance(value, float) else str(value)
