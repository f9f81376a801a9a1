"""Register of publications: what the public has seen once is known for ever.

One file per publication in a folder of the region, never changed again: the cells that were shown, with
their values, the snapshot and the day. The next protection takes them as known: a cell once published
stays published, and what is hidden stays hidden from readers who kept the older publications. Areas that
have been divided since count as the sum of their successors. A number corrected since is not known any
more, but an older total still tells the sum of those of its parts that were not seen to change.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from sozialanalyse.base import settings, zahl

SPALTEN = ["gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner"]


ZURUECK = "zurueckgenommen"
"""Folder of entries of what nobody outside could see after all."""


def verzeichne(ordner: Path, werte: pd.DataFrame, *, bestand: str, audience: str, am: date) -> Path | None:
    """Enter a publication; the entry is on the disk when this returns.

    Parameters
    ----------
    ordner
        Folder of the register; made if missing.
    werte
        Values as the audience sees them; those without value are no publication.

    Returns
    -------
    Path or None
        The new entry; None if this snapshot was entered for this audience before.

    Raises
    ------
    OSError
        If it cannot be written; nothing is entered then.
    """
    if eintrag(ordner, bestand, audience):
        return None
    settings.eigener_ordner(ordner)
    target = ordner / f"{am.isoformat()}_{bestand}_{settings.audience_name(audience)}.parquet"
    beside = ordner / f".neu-{uuid.uuid4().hex[:12]}"
    try:
        werte.dropna(subset="wert")[SPALTEN].to_parquet(beside, index=False)
        beside.chmod(0o600)
        with beside.open("rb+") as stream:
            os.fsync(stream.fileno())
        beside.replace(target)
        settings.sync_folder(ordner)
    finally:
        beside.unlink(missing_ok=True)
    return target


def nimm_zurueck(ordner: Path, eintrag: Path, *, grund: str, name: str, am: date) -> Path:
    """Say that nobody outside could see a publication, a trial for instance; it counts as known no more.

    The entry is kept in a folder of its own, with who said so, when and why beside it.

    Returns
    -------
    Path
        Where the entry lies now.

    Raises
    ------
    OSError
        If it cannot be moved; it counts as before then.
    """
    aside = ordner / ZURUECK
    aside.mkdir(exist_ok=True)
    target = aside / f"{eintrag.stem}_{uuid.uuid4().hex[:6]}.parquet"
    words = {"zurueckgenommen": am.isoformat(), "von": name, "grund": grund}
    target.with_suffix(".json").write_text(json.dumps(words, ensure_ascii=False, indent=1), encoding="utf-8")
    eintrag.replace(target)
    settings.sync_folder(ordner)
    return target


def zuruecknahmen(ordner: Path) -> pd.DataFrame:
    """Publications taken back: datum, bestand, audience, zurueckgenommen, von, grund."""
    rows = []
    for path in sorted((ordner / ZURUECK).glob("*_*_*.parquet")):
        day, stock, audience = path.stem.rpartition("_")[0].split("_", 2)
        said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        audience = settings.audience_of(audience)
        rows.append((day, stock, audience, said["zurueckgenommen"], said["von"], said["grund"]))
    return pd.DataFrame(rows, columns=["datum", "bestand", "audience", "zurueckgenommen", "von", "grund"])


def eintrag(ordner: Path, bestand: str, audience: str) -> Path | None:
    """File of the entry of a snapshot for an audience, None if it was not entered."""
    return next(ordner.glob(f"*_{bestand}_{settings.audience_name(audience)}.parquet"), None)


def eintraege(ordner: Path) -> pd.DataFrame:
    """Publications so far, oldest first: datum, bestand, audience, zellen, datei."""
    rows = []
    for path in sorted(ordner.glob("*_*_*.parquet")):
        day, stock, audience = path.stem.split("_", 2)
        count = len(pd.read_parquet(path, columns=["wert"]))
        rows.append((day, stock, settings.audience_of(audience), count, path.name))
    return pd.DataFrame(rows, columns=["datum", "bestand", "audience", "zellen", "datei"])


def bekannt(ordner: Path, audience: str = "oeffentlich") -> pd.DataFrame:
    """Every cell an audience has ever seen, once for each value it had, with the publication it stood in.

    Returns
    -------
    DataFrame
        Columns of ``SPALTEN`` and ``bestand``, oldest publication first.
    """
    parts = [
        pd.read_parquet(path).assign(bestand=path.stem.split("_")[1])
        for path in sorted(ordner.glob(f"*_{settings.audience_name(audience)}.parquet"))
    ]
    if not parts:
        return pd.DataFrame(columns=[*SPALTEN, "bestand"])
    return pd.concat(parts, ignore_index=True)


def andere(ordner: Path, bestand: str, audience: str = "oeffentlich") -> list[str]:
    """Entries of the register that a snapshot has to respect: all but those it, or one of the same deliveries, made."""
    return [
        path.name
        for path in sorted(ordner.glob(f"*_{settings.audience_name(audience)}.parquet"))
        if path.stem.split("_")[1].partition("-")[0] != bestand
    ]


def nachfolger(umstiege: pd.DataFrame) -> dict[str, list[str]]:
    """Former areas that consist of whole areas of today.

    Parameters
    ----------
    umstiege
        Shares of former areas in those of today (columns umstieg, alt, neu, basis; ``alt`` as
        ``cut:id``). Where an area of today has parts of several former ones, no sum is exact.
    """
    found: dict[str, list[str]] = {}
    for _, cut in umstiege.groupby(["umstieg", "basis"]):
        shared = set(cut.loc[cut["neu"].duplicated(keep=False), "neu"])
        for former, part in cut.groupby("alt"):
            if not shared & set(part["neu"]):
                found[str(former).partition(":")[2]] = [str(area) for area in part["neu"]]
    return found


def gruende(offen: pd.DataFrame, frueher: pd.DataFrame, nachfolge: Mapping[str, Sequence[str]]) -> list[str]:
    """Why a quantity cannot be protected, one German sentence for each.

    Parameters
    ----------
    offen
        Rows of :attr:`.Schutz.ziele`.
    frueher
        What was published before (:func:`bekannt`).
    nachfolge
        Former areas and those they were divided into (:func:`nachfolger`).
    """
    sentences = []
    divided = {new: old for old, parts in nachfolge.items() for new in parts}
    for row in offen.itertuples():
        about = f"{row.indikator_id} in {row.gebiet_id} zum {row.stichtag}"
        same = frueher[(frueher["indikator_id"] == row.indikator_id) & (frueher["stichtag"] == row.stichtag)]
        if not row.schon_bekannt:
            why = "mit dem, was neu gezeigt würde oder ohnehin bekannt ist, ließe sich der gesperrte Wert eingrenzen"
        elif row.gebiet_id in divided and (same["gebiet_id"] == divided[row.gebiet_id]).any():
            why = f"das frühere Gebiet {divided[row.gebiet_id]} ist bereits veröffentlicht; die Differenz ergäbe den gesperrten Wert"
        elif (same["gebiet_id"] == row.gebiet_id).any():
            why = "zu diesem Gebiet ist bereits ein Wert veröffentlicht"
        else:
            why = "zusammen mit früher Veröffentlichtem ließe sich der gesperrte Wert eingrenzen"
        sentences.append(f"{about}: {why} (Spanne {zahl(row.weite)}, verlangt {zahl(row.breite)}).")
    return sentences
