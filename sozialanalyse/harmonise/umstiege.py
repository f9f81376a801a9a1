"""Other cuts of areas: older boundaries, smaller units, grids; and what their counts become today.

Counts are shared out by the weights of a crosswalk, rates only through their counts, medians not at
all. Where a whole old area lies in a new one nothing is estimated and the sum is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from sozialanalyse.base import POSITION, RANG, Befund, Rohtabelle, zelltext
from sozialanalyse.harmonise import umrisse
from sozialanalyse.harmonise.keys import Schluesselbuch
from sozialanalyse.harmonise.sammlung import SPALTEN
from sozialanalyse.harmonise.symbols import lies_zahl
from sozialanalyse.region import DatensatzSeite, Region, Umstieg

ANTEILE = ["umstieg", "alt", "neu", "kommune", "basis", "anteil", "gueltig_bis", "modell"]
"""Columns of the table of shares: the share of an old area's count that belongs to a new area."""

GEOMETRIE = "geometrie"
"""Base of shares that come from shapes alone."""

_SPLITTER = 1e-3
"""Smaller shares of an overlay are slivers of drawing, not people."""
_GANZ = 0.95
"""An area covered at least so far lies in the region as a whole; what is missing is drawing."""


@dataclass(frozen=True)
class Gebietsstand:
    """One other cut: its areas and their shares in the areas of today."""

    id: str
    name: str
    gueltig_bis: str
    """Last day of the old boundaries; empty for units in use beside today's areas."""
    gebiete: pd.DataFrame
    """Indexed by old id; columns level, name, oberhalb, kuerzel, aliase, as the list of areas has."""
    anteile: pd.DataFrame
    """Columns of :data:`ANTEILE`; ``alt`` as ``cut:id``. Shares of one base add to one per old area."""

    def kennung(self, alt: str) -> str:
        """Id of an old area that cannot be taken for one of today."""
        return f"{self.id}:{alt}"

    def gilt(self, tag: str) -> bool:
        """Whether the cut was in use on a date (ISO text)."""
        return not self.gueltig_bis or tag <= self.gueltig_bis

    def ziele(self) -> dict[str, frozenset[tuple[str, str, float]]]:
        """Old id -> what becomes of it: new area, base and share."""
        start = len(self.kennung(""))
        return {
            str(alt)[start:]: frozenset(zip(part["neu"], part["basis"], part["anteil"].round(9), strict=True))
            for alt, part in self.anteile.groupby("alt")
        }


def anteile(staende: Sequence[Gebietsstand]) -> pd.DataFrame:
    """Shares of all cuts in one table, with the columns of :data:`ANTEILE`."""
    frames = [stand.anteile for stand in staende]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=ANTEILE)


def lies_umstieg(
    umstieg: Umstieg, quelle: Rohtabelle | gpd.GeoDataFrame, gebiete: pd.DataFrame, region: Region
) -> tuple[Gebietsstand, list[Befund]]:
    """Read a crosswalk, or derive one from shapes.

    Parameters
    ----------
    quelle
        The crosswalk as table, or the shapes where ``nur_geometrie`` is set.
    gebiete
        Areas of today; with geometry if shares come from shapes.

    Returns
    -------
    stand, findings
        Faults name the row of the crosswalk.
    """
    form = region.seite.schluessel.get("sozialraum")
    book = Schluesselbuch(
        gebiete, kuerzel_im_schluessel=bool(form and form.kuerzel), gattungen=region.gattungen
    )
    befunde: list[Befund] = []
    if isinstance(quelle, Rohtabelle):
        pairs = _pairs(umstieg, quelle, book, befunde)
    else:
        pairs = _overlay(umstieg, quelle, gebiete, befunde)
    until = umstieg.gueltig_bis.isoformat() if umstieg.gueltig_bis else ""
    shares = pairs.assign(
        umstieg=umstieg.id, alt=umstieg.id + ":" + pairs["alt"].astype("str"), modell=umstieg.nur_geometrie,
        kommune=pairs["neu"].map(gebiete["oberhalb"]), gueltig_bis=until,
    )  # fmt: skip
    areas = _areas(pairs, gebiete)
    return Gebietsstand(
        umstieg.id, umstieg.name, until, areas, shares[ANTEILE].reset_index(drop=True)
    ), befunde


def _pairs(umstieg: Umstieg, table: Rohtabelle, book: Schluesselbuch, befunde: list[Befund]) -> pd.DataFrame:
    """Old area, new area, base and share, one row per pair and base."""
    wanted: dict[str, str] = {"alt": umstieg.alt, "neu": umstieg.neu}
    wanted |= {str(basis): name for basis, name in umstieg.gewichte.items()}
    wanted |= {"aliase": umstieg.aliase} if umstieg.aliase else {}
    missing = [name for name in wanted.values() if name not in table.kopf]
    if missing:
        befunde.append(table.befund("fehler", f"Im Umstieg „{umstieg.name}“ fehlt die Spalte „{missing[0]}“.",
                                    f"Vorhanden: {', '.join(name for name in table.kopf if name)}."))  # fmt: skip
        return pd.DataFrame(columns=["alt", "neu", "basis", "anteil", "aliase"])
    column = {role: list(table.kopf).index(name) for role, name in wanted.items()}
    rows = []
    for number in range(len(table.zeilen)):
        cells = {role: table.spalte(index)[number] for role, index in column.items()}
        old, new = zelltext(cells["alt"]), book.finde(cells["neu"], ebene="sozialraum")
        if not old or new is None:
            place = "alt" if not old else "neu"
            befunde.append(table.befund("fehler", f"„{zelltext(cells[place])}“ ist kein bekanntes Gebiet.",
                                        "Bitte die Kennung im Umstieg berichtigen.", zeile=number, spalte=column[place]))  # fmt: skip
            continue
        for basis in umstieg.gewichte:
            weight = lies_zahl(cells[basis], {})
            if weight.fehler or not weight.wert >= 0:
                befunde.append(table.befund("fehler", f"Das Gewicht „{zelltext(cells[basis])}“ ist keine Zahl ab 0.",
                                            "Bitte ergänzen.", zeile=number, spalte=column[basis]))  # fmt: skip
                continue
            rows.append((old, new, basis, weight.wert, zelltext(cells.get("aliase"))))
        if not umstieg.gewichte:
            rows.append((old, new, "einwohner", 1.0, zelltext(cells.get("aliase"))))
    frame = pd.DataFrame(rows, columns=["alt", "neu", "basis", "anteil", "aliase"])
    return _normed(frame, umstieg, table, befunde)


def _normed(frame: pd.DataFrame, umstieg: Umstieg, table: Rohtabelle, befunde: list[Befund]) -> pd.DataFrame:
    """Weights as shares; one of 0 is no part, unless a new area has no other: then it counts nothing."""
    if frame.empty:
        return frame
    twice = frame[frame.duplicated(["alt", "neu", "basis"])]
    parts = frame.groupby("alt")["neu"].nunique()
    if not umstieg.gewichte and (parts > 1).any():
        befunde.append(table.befund("fehler", f"„{parts.idxmax()}“ ist auf {parts.max()} Gebiete verteilt, Gewichte fehlen aber.",
                                    "Bitte „gewichte“ in region.yml und die Spalten im Umstieg ergänzen."))  # fmt: skip
    if len(twice):
        befunde.append(table.befund("fehler", f"Das Paar „{twice['alt'].iloc[0]}“ und „{twice['neu'].iloc[0]}“ steht zweimal im Umstieg.",
                                    "Jedes Paar darf nur einmal vorkommen."))  # fmt: skip
    total = frame.groupby(["alt", "basis"])["anteil"].transform("sum")
    alone = frame.groupby(["alt", "basis"])["neu"].transform("size") == 1
    empty = (total == 0) & ~alone
    if empty.any():
        row = frame[empty].iloc[0]
        befunde.append(table.befund("fehler", f"Zu „{row['alt']}“ sind alle Gewichte „{row['basis']}“ null.",
                                    "Bitte Gewichte eintragen, nach denen verteilt werden kann."))  # fmt: skip
    shared = frame.assign(anteil=np.where(alone, 1.0, frame["anteil"] / total.where(total > 0, 1)))
    takes = shared.groupby(["neu", "basis"])["anteil"].transform("max") > 0
    return shared[(shared["anteil"] > 0) | ~takes]


def _overlay(
    umstieg: Umstieg, shapes: gpd.GeoDataFrame, gebiete: pd.DataFrame, befunde: list[Befund]
) -> pd.DataFrame:
    """Shares by area of intersection, where nothing but shapes is known."""
    from tobler.area_weighted import area_interpolate

    targets = gpd.GeoDataFrame(gebiete[gebiete["level"] == "sozialraum"])
    targets = targets[targets.geometry.notna()][["geometry"]]
    sources, found = umrisse.umgerechnet(shapes, umstieg.alt, umstieg.datei, targets.crs)
    befunde += found
    if sources.empty or targets.empty:
        return pd.DataFrame(columns=["alt", "neu", "basis", "anteil", "aliase"])
    sources["alt"] = [zelltext(key) for key in sources[umstieg.alt]]
    sources = sources.dissolve("alt")[["geometry"]]
    rows = []
    for start in range(0, len(sources), 200):
        some = sources.iloc[start : start + 200].copy()
        names = [f"_{number}" for number in range(len(some))]
        some[names] = np.eye(len(some))
        shared = area_interpolate(some, targets, extensive_variables=names, allocate_total=False)
        for name, old in zip(names, some.index, strict=True):
            found = shared[name][shared[name] > _SPLITTER]
            rows += [(old, new, GEOMETRIE, share, "") for new, share in found.items()]
    frame = pd.DataFrame(rows, columns=["alt", "neu", "basis", "anteil", "aliase"])
    covered = frame.groupby("alt")["anteil"].sum().reindex(sources.index, fill_value=0.0)
    outside = covered[covered < _GANZ]
    if len(outside):
        befunde.append(Befund("hinweis", f"Umstieg „{umstieg.name}“: {len(outside)} von {len(sources)} Gebieten liegen nicht "
                              f"ganz in der Region ({', '.join(map(str, outside.index[:6]))}).",
                              "Nur ihr Flächenanteil innerhalb wird umgerechnet.", datei=umstieg.datei))  # fmt: skip
    whole = frame["alt"].map(covered).where(lambda share: share >= _GANZ, 1.0)
    return frame.assign(anteil=frame["anteil"] / whole)


def _areas(pairs: pd.DataFrame, gebiete: pd.DataFrame) -> pd.DataFrame:
    """Old areas in the form of the list of areas; each belongs to the Kommune of its largest part."""
    largest = pairs.sort_values("anteil", ascending=False, kind="stable").drop_duplicates("alt")
    owner = largest["neu"].map(gebiete["oberhalb"])
    frame = pd.DataFrame({"level": "sozialraum", "name": "", "oberhalb": owner.to_numpy(), "kuerzel": "",
                          "aliase": largest["aliase"].to_numpy()}, index=pd.Index(largest["alt"], name="gebiet_id"))  # fmt: skip
    return frame.sort_index()


def rechne_um(
    merkmale: pd.DataFrame, seite: DatensatzSeite, staende: Sequence[Gebietsstand]
) -> tuple[pd.DataFrame, list[Befund]]:
    """Counts of other cuts in the areas of today.

    Parameters
    ----------
    merkmale
        Long table as delivered; rows of other cuts have ids ``cut:id``.

    Returns
    -------
    frame, findings
        Rows to add, with the columns of ``merkmale``; ``umgerechnet`` is 0 where whole old areas make
        up the new one, 1 where one was divided within its Kommune, 2 where it was divided between
        Kommunen. A new area of which a part is missing is a gap, as is a median that would have to be
        mixed (``nicht_sinnvoll``).
    """
    frames, befunde = [], []
    for stand in staende:
        own = merkmale[merkmale["gebiet_id"].astype("str").str.startswith(f"{stand.id}:")]
        for name, feld in seite.felder.items():
            rows = own[own["feld"] == f"{seite.id}.{name}"]
            if rows.empty:
                continue
            bases = set(stand.anteile["basis"])
            basis = next(iter(bases)) if bases <= {GEOMETRIE} or len(bases) == 1 else feld.umrechnung
            if basis not in bases:
                befunde.append(Befund("fehler", f"{seite.name}: Im Umstieg „{stand.name}“ fehlen Gewichte „{basis}“ für „{name}“.",
                                      "Bitte „gewichte“ in region.yml oder „umrechnung“ am Feld ergänzen.", regel="umstieg"))  # fmt: skip
                continue
            shares = stand.anteile[stand.anteile["basis"] == basis]
            frames.append(_shared_out(rows, shares) if feld.summierbar else _kept(rows, shares))
    result = pd.concat(frames, ignore_index=True) if frames else merkmale.iloc[:0]
    missing = result[result["status"] == "unvollstaendig"] if len(frames) else result
    for day, frame in missing.groupby("stichtag"):
        names = sorted(set(frame["gebiet_id"]))
        subject = "Ein Gebiet lässt" if len(names) == 1 else f"{len(names)} Gebiete lassen"
        befunde.append(Befund("warnung", f"{seite.name}, Stichtag {day}: {subject} sich nicht umrechnen, "
                              f"weil Teile fehlen ({', '.join(names[:6])}{' …' if len(names) > 6 else ''}).",
                              "Bitte die fehlenden Teilgebiete nachliefern lassen.", regel="umstieg"))  # fmt: skip
    return result, befunde


def _shared_out(rows: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Sums of shared counts per new area; needs every old area that has a part in it."""
    delivered = rows.assign(
        gebiet_id=rows["gebiet_id"].astype("str"), rang=rows["status"].map(POSITION).astype(int)
    )
    joined = delivered.merge(
        shares[["alt", "neu", "kommune", "anteil", "modell"]], left_on="gebiet_id", right_on="alt"
    )
    gap, part = joined["wert"].isna(), joined["anteil"] > 0
    for column in ("wert", "unten", "oben"):
        count = joined["wert"].where(~gap, joined[column])
        joined[column] = (count * joined["anteil"]).where(part, 0.0)  # nothing of a hidden number is nothing
    joined["rang"] = joined["rang"].where(part, POSITION["wert"])
    across = shares[shares["anteil"] > 0].groupby("alt")["kommune"].nunique() > 1
    divided = part & (joined["anteil"] < 1 - 1e-9)
    joined["umgerechnet"] = divided.astype(int) + (divided & joined["alt"].map(across))
    grouped = joined.groupby(["neu", "stichtag"], sort=True, observed=True)
    found = grouped.agg(
        rang=("rang", "min"), umgerechnet=("umgerechnet", "max"), teile=("alt", "nunique"), modell=("modell", "any"),
        datenstand=("datenstand", "first"), datei=("datei", "first"), blatt=("blatt", "first"), quelle_id=("quelle_id", "first"),
    )  # fmt: skip
    sums = grouped[["wert", "unten", "oben"]].sum()
    found[sums.columns] = sums.where(grouped[["wert", "unten", "oben"]].count().eq(grouped.size(), axis=0))
    found = found.reset_index()
    needed = shares.groupby("neu")["alt"].nunique()
    whole = found["teile"] >= found["neu"].map(needed)
    status = np.array(RANG, dtype=object)[found["rang"]]
    status[found["modell"].to_numpy(dtype=bool) & (status == "wert")] = "geschaetzt"
    found["status"] = np.where(whole, status, "unvollstaendig")
    found.loc[~whole, ["wert", "unten", "oben"]] = np.nan
    return _rows(found, rows)


def _kept(rows: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Medians and rates pass only where an old area is a new one; else they make no sense."""
    parts_new = shares[shares["anteil"] > 0].groupby("neu")["alt"].nunique()
    same = shares[(shares["anteil"] > 1 - 1e-9) & (shares["neu"].map(parts_new) == 1)]
    joined = rows.assign(gebiet_id=rows["gebiet_id"].astype("str")).merge(
        shares[shares["anteil"] > 0][["alt", "neu"]], left_on="gebiet_id", right_on="alt"
    )
    kept = joined["alt"].isin(set(same["alt"]))
    joined["wert"] = joined["wert"].where(kept)
    joined["status"] = np.where(kept, joined["status"].astype("str"), "nicht_sinnvoll")
    joined["umgerechnet"] = 0
    return _rows(joined.drop_duplicates(["neu", "stichtag"]), rows)


def _rows(found: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """In the shape of the long table; converted numbers stand in no cell."""
    plain = found.assign(gebiet_id=found["neu"], feld=like["feld"].iloc[0], roh="", korrektur="", zelle="")
    return plain[SPALTEN].astype(like.dtypes.to_dict())
