"""From a number on a page back to the cells it came from."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

FLAECHE = "gebiet.flaeche_qkm"

SPALTEN = [
    "rolle", "feld", "vorzeichen", "gebiet_id", "anteil", "wert", "status", "roh", "korrektur",
    "datei", "blatt", "zelle", "datenstand", "sha256",
]  # fmt: skip


def herkunft(
    gebiet: str,
    stichtag: str,
    glieder: dict[str, Sequence[tuple[int, str]]],
    merkmale: pd.DataFrame,
    gebiete: pd.DataFrame,
    umstiege: pd.DataFrame,
    dateien: pd.DataFrame,
) -> pd.DataFrame:
    """Every delivered cell that has a part in one value.

    Parameters
    ----------
    glieder
        Role (numerator, denominator) -> signed fields.
    merkmale, umstiege
        Delivered numbers and shares of areas of other cuts.
    dateien
        Delivered files with ``id`` and ``sha256``.

    Returns
    -------
    DataFrame
        Columns of ``SPALTEN``. ``gebiet_id`` is the area as delivered, ``anteil`` the share of its number
        that belongs to the area asked for. A Kommune or region without delivered total shows the cells
        of its parts.
    """
    day = merkmale[merkmale["stichtag"] == stichtag]
    parts = []
    for role, terms in glieder.items():
        for sign, feld in terms:
            if feld == FLAECHE:
                parts.append(pd.DataFrame({"gebiet_id": [gebiet], "feld": [feld], "anteil": [1.0], "status": ["wert"],
                                           "wert": [gebiete["flaeche_qkm"].get(gebiet)]}).assign(rolle=role, vorzeichen=sign))  # fmt: skip
                continue
            rows = _zellen(gebiet, day[day["feld"] == feld], gebiete, umstiege)
            parts.append(rows.assign(rolle=role, vorzeichen=sign))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SPALTEN)
    hashes = (
        dateien.drop_duplicates("id").set_index("id")["sha256"] if len(dateien) else pd.Series(dtype="str")
    )
    found["sha256"] = found["quelle_id"].map(hashes) if "quelle_id" in found else ""
    text = ["feld", "status", "roh", "korrektur", "datei", "blatt", "zelle", "datenstand", "sha256"]
    found = found.reindex(columns=SPALTEN)
    return found.assign(**{name: found[name].astype("str").fillna("") for name in text})


def _zellen(gebiet: str, rows: pd.DataFrame, gebiete: pd.DataFrame, umstiege: pd.DataFrame) -> pd.DataFrame:
    """Rows with a cell that make up one field of an area."""
    rows = rows.assign(gebiet_id=rows["gebiet_id"].astype("str"), quelle_id=rows["quelle_id"].astype("str"))
    own = rows[rows["gebiet_id"] == gebiet]
    if (own["zelle"] != "").any():
        return own.assign(anteil=1.0)
    if len(own):
        return _geteilt(gebiet, rows, umstiege)
    below = gebiete.index[gebiete["oberhalb"] == gebiet]
    parts = [_zellen(str(part), rows, gebiete, umstiege) for part in below]
    return pd.concat(parts, ignore_index=True) if parts else own.assign(anteil=1.0)


def _geteilt(gebiet: str, rows: pd.DataFrame, umstiege: pd.DataFrame) -> pd.DataFrame:
    """Cells of the areas of another cut that have a part in an area of today."""
    shares = umstiege[umstiege["neu"] == gebiet]
    joined = rows.merge(shares[["alt", "anteil", "basis"]], left_on="gebiet_id", right_on="alt")
    bases = joined["basis"].unique()
    converted = rows.loc[rows["gebiet_id"] == gebiet, "wert"].iloc[0]
    for basis in bases:  # of several bases the one that gives the stored number
        some = joined[joined["basis"] == basis]
        total = (some["wert"] * some["anteil"]).sum(skipna=False)
        if len(bases) == 1 or pd.isna(converted) or abs(total - converted) < 1e-6 * max(1, abs(converted)):
            return some
    return joined[joined["basis"] == bases[0]] if len(bases) else joined
