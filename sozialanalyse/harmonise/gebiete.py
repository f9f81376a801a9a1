"""The areas of a region: one row per area and level, with shapes where they are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from sozialanalyse.base import Befund, PruefFehler, Rohtabelle, Schwere, glatt, muster
from sozialanalyse.harmonise import umrisse
from sozialanalyse.harmonise.keys import Schluesselbuch
from sozialanalyse.harmonise.symbols import Zahl, lies_zahl
from sozialanalyse.region import GebieteQuelle, Region

TEXTE = ("name_status", "kuerzel", "aliase", "sondereffekt", "gueltig_von", "gueltig_bis")
SPALTEN = ["level", "name", "oberhalb", *TEXTE, "flaeche_qkm"]


def gebietsliste(region: Region, tabellen: Mapping[str, Rohtabelle]) -> tuple[pd.DataFrame, list[Befund]]:
    """List of areas from the tables named in ``region.yml``.

    Parameters
    ----------
    tabellen
        Level -> table as read.

    Returns
    -------
    frame, findings
        Areas indexed by ``gebiet_id`` (region first, then Kommunen, then small areas, each in delivered
        order) with the columns of ``SPALTEN``; ``flaeche_qkm`` in square kilometres, NaN where unknown.
    """
    befunde: list[Befund] = []
    top = region.seite.schluessel_region
    rows: list[dict[str, Any]] = [
        dict.fromkeys(SPALTEN, "") | {"gebiet_id": top, "level": "region", "name": region.name}
    ]
    sources = {source.ebene: source for source in region.seite.gebiete}
    for level in ("kommune", "sozialraum"):
        rows += _rows(sources[level], tabellen[level], top, befunde)
    frame = pd.DataFrame(rows).set_index("gebiet_id")[SPALTEN]
    frame["flaeche_qkm"] = pd.to_numeric(frame["flaeche_qkm"], errors="coerce")
    _check(frame, region, tabellen, befunde)
    return frame, befunde


def _rows(
    source: GebieteQuelle, table: Rohtabelle, top: str, befunde: list[Befund]
) -> list[dict[str, object]]:
    position = {}
    for role in ("id", "name", "oberhalb", *TEXTE, "flaeche_qkm"):
        heading = getattr(source, role, None)
        if heading is None:
            continue
        if heading not in table.kopf:
            befunde.append(
                table.befund("fehler", f"Die Spalte „{heading}“ ({role}) fehlt in der Gebietsliste.",
                             f"Vorhanden: {', '.join(name for name in table.kopf if name)}.")
            )  # fmt: skip
            return []
        position[role] = table.kopf.index(heading)
    rows: dict[str, dict[str, object]] = {}
    for number, cells in enumerate(table.zeilen):
        entry: dict[str, object] = dict.fromkeys(SPALTEN, "")
        for role, column in position.items():
            entry[role] = glatt(cells[column]) if column < len(cells) and cells[column] is not None else ""
        key = str(entry.pop("id"))
        if not key:
            befunde.append(
                table.befund(
                    "fehler", "Die Kennung fehlt.", "Bitte ergänzen.", zeile=number, spalte=position["id"]
                )
            )
            continue
        if "flaeche_qkm" in position:
            area = _area(str(entry["flaeche_qkm"]))
            entry["flaeche_qkm"] = area.wert if area.status == "wert" else ""
            if area.fehler:
                befunde.append(table.befund("fehler", f"„{key}“: {area.fehler}.", "Bitte die Fläche in km² eintragen.",
                                            zeile=number, spalte=position["flaeche_qkm"]))  # fmt: skip
        entry |= {"gebiet_id": key, "level": source.ebene}
        if source.ebene == "kommune":
            entry["oberhalb"] = top
        known = rows.setdefault(key, entry)
        if known != entry:
            befunde.append(
                table.befund("fehler", f"Die Kennung „{key}“ steht mehrmals mit verschiedenen Angaben in der Gebietsliste.",
                             "Jedes Gebiet darf nur einmal vorkommen.", zeile=number, spalte=position["id"])
            )  # fmt: skip
    return list(rows.values())


def _area(text: str) -> Zahl:
    return lies_zahl(text, {}, dezimal="," if "," in text else ".")


def _check(
    frame: pd.DataFrame, region: Region, tabellen: Mapping[str, Rohtabelle], befunde: list[Befund]
) -> None:
    areas = frame[frame["level"] == "sozialraum"]
    kommunen = set(frame.index[frame["level"] == "kommune"])
    table = tabellen["sozialraum"]
    for gebiet, parent in areas["oberhalb"].items():
        if parent not in kommunen:
            befunde.append(table.befund("fehler", f"„{gebiet}“ gehört zu „{parent}“, das nicht in der Liste der Kommunen steht.",
                                        "Bitte die Zuordnung berichtigen."))  # fmt: skip
    for level, form in region.seite.schluessel.items():
        ids = frame.index[frame["level"] == level].to_series()
        odd = [str(one) for one in ids if not muster.passt(form.muster, one)]
        remedy = (
            f"Erwartet wird {form.beschreibung}. Sehen Kennungen bei Ihnen anders aus, bitte „schluessel → {level}“ in "
            "region.yml anpassen."
        )
        if len(odd) == len(ids) > 1:  # the rule is meant for other ids
            some = ", ".join(f"„{one}“" for one in odd[:3])
            words = f"Keine der {len(odd)} Kennungen hat die erwartete Form ({some}{' …' if len(odd) > 3 else ''})."
            befunde.append(tabellen[level].befund("fehler", words, remedy))
            continue
        befunde += [
            tabellen[level].befund("fehler", f"Die Kennung „{one}“ hat nicht die erwartete Form.", remedy)
            for one in odd
        ]
    _tell_ambiguous(frame, region, tabellen, befunde)
    if frame.index.duplicated().any():
        twice = sorted(set(frame.index[frame.index.duplicated()]))
        befunde.append(table.befund("fehler", f"Kennungen gibt es auf zwei Ebenen zugleich: {', '.join(twice[:5])}.",
                                    "Kennungen müssen über alle Ebenen eindeutig sein."))  # fmt: skip


_MEHRDEUTIG: dict[str, tuple[Schwere, str, str, str]] = {
    "kennung": (
        "warnung",
        "Zwei Kennungen unterscheiden sich nur in führenden Nullen oder Trennzeichen",
        "{n} Kennungen unterscheiden sich nur in führenden Nullen oder Trennzeichen von einer anderen",
        "Tabellenprogramme schneiden Nullen ab; Lieferungen ohne sie brauchen dann „ebene“ auf ihrer Seite.",
    ),
    "alias": (
        "warnung",
        "Eine Schreibweise ist mehrdeutig",
        "{n} Schreibweisen sind mehrdeutig",
        "Bitte die Aliase unterscheidbar machen; sonst braucht jede Lieferung, die sie benutzt, „kommune_aus“ oder "
        "„ebene“ auf ihrer Seite.",
    ),
    "name": (
        "hinweis",
        "Ein Name steht für mehrere Gebiete",
        "{n} Namen stehen für mehrere Gebiete",
        "Lieferungen mit solchen Namen brauchen „kommune_aus“ oder „ebene“ auf ihrer Seite, oder Kennungen.",
    ),
}


def _tell_ambiguous(
    frame: pd.DataFrame, region: Region, tabellen: Mapping[str, Rohtabelle], befunde: list[Befund]
) -> None:
    """Spellings that lead to more than one area, with the areas."""
    if frame.index.duplicated().any():
        return
    book = Schluesselbuch(frame, kuerzel_im_schluessel=_prefixed(region), gattungen=region.gattungen)
    found = book.mehrdeutige()
    for kind, (grade, one_case, many, remedy) in _MEHRDEUTIG.items():
        cases = [one for one in found if one.art == kind]
        if not cases:
            continue
        shown = [
            f"„{one.schreibweise}“ kann {_either([book.benannt(area) for area in one.gebiete])} sein"
            for one in cases
        ]
        more = f" … und {len(cases) - 5} weitere" if len(cases) > 5 else ""
        text = f"{one_case if len(cases) == 1 else many.format(n=len(cases))}: {'; '.join(shown[:5])}{more}."
        befunde.append(tabellen["sozialraum"].befund(grade, text, remedy, regel="mehrdeutig"))


def _either(names: list[str]) -> str:
    return (
        " oder ".join([", ".join(names[:-1]), names[-1]])
        if len(names) < 5
        else f"{', '.join(names[:4])} oder weitere"
    )


def mit_geometrie(
    gebiete: pd.DataFrame, formen: Mapping[str, tuple[gpd.GeoDataFrame, str, str]], region: Region
) -> tuple[gpd.GeoDataFrame, list[Befund]]:
    """Add shapes in the region's coordinate system.

    Parameters
    ----------
    formen
        Level -> (shapes, key column, file name). Kommunen and region are dissolved from the level below
        where no shapes of their own are given; areas without shape keep None.

    Returns
    -------
    frame, findings
        Areas with geometry; missing areas in square kilometres are measured from the shapes.

    Raises
    ------
    PruefFehler
        If the region's coordinate system is none in metres.
    """
    befunde: list[Befund] = []
    book = Schluesselbuch(gebiete, kuerzel_im_schluessel=_prefixed(region), gattungen=region.gattungen)
    shapes = pd.Series([None] * len(gebiete), index=gebiete.index, dtype=object)
    system = _metric_system(region)
    for level, (frame, column, name) in formen.items():
        placed, found = umrisse.umgerechnet(frame, column, name, system)
        befunde += found
        _place(shapes, placed, column, name, level, book, befunde)
    own = shapes.dropna()
    for level, below in (("kommune", "sozialraum"), ("region", "kommune")):
        for gebiet in gebiete.index[gebiete["level"] == level]:
            if shapes[gebiet] is None:
                parts = shapes[(gebiete["oberhalb"] == gebiet) & (gebiete["level"] == below)].dropna()
                shapes[gebiet] = shapely.union_all(list(parts)) if len(parts) else None
    result = gpd.GeoDataFrame(gebiete.copy(), geometry=gpd.GeoSeries(shapes, crs=system))
    measured = result.geometry.area / 1e6
    if not any(befund.schwere == "fehler" for befund in befunde):
        befunde += _check_places(result, measured, own, formen, system, region)
        _check_shapes(result, formen, befunde)
    result["flaeche_qkm"] = result["flaeche_qkm"].fillna(measured.where(measured > 0))
    return result, befunde


def _check_places(
    frame: gpd.GeoDataFrame,
    measured: pd.Series,
    own: pd.Series,
    formen: Mapping[str, tuple[gpd.GeoDataFrame, str, str]],
    system: pyproj.CRS,
    region: Region,
) -> Iterator[Befund]:
    """Outlines against each other, against the ground and against delivered areas."""
    page = str(region.ordner / "region.yml")
    lists: dict[str, str] = {source.ebene: source.datei for source in region.seite.gebiete}
    for level, (delivered, _, name) in formen.items():
        areas = frame[(frame["level"] == level) & frame.index.isin(own.index)]
        kommune = areas["oberhalb"] if level == "sozialraum" else areas.index.to_series()
        yield from umrisse.im_land(kommune, areas.geometry, delivered, name)
        yield from umrisse.auffaellige_lage(areas.geometry, name)
        yield from umrisse.aufeinander(areas.geometry, name)
        yield from umrisse.gegen_gelieferte(areas["flaeche_qkm"], measured[areas.index], lists[level])
    yield from umrisse.verzerrt(frame.loc[own.index].geometry, system, page)
    if {"kommune", "sozialraum"} <= formen.keys():
        kommune = frame.loc[frame["level"] == "sozialraum", "oberhalb"]
        yield from umrisse.nicht_aufeinander(kommune, own, (formen["sozialraum"][2], formen["kommune"][2]))


def _metric_system(region: Region) -> pyproj.CRS:
    written = region.seite.koordinaten
    try:
        system = pyproj.CRS(written)
    except pyproj.exceptions.CRSError:
        system = None
    if (
        system is not None
        and system.is_projected
        and {axis.unit_name for axis in system.axis_info} == {"metre"}
    ):
        return system
    raise PruefFehler([Befund("fehler", f"koordinaten: „{written}“ ist kein Koordinatensystem in Metern.",
                              "Bitte einen EPSG-Code eintragen, zum Beispiel EPSG:25832.",
                              datei=str(region.ordner / "region.yml"))])  # fmt: skip


def _prefixed(region: Region) -> bool:
    form = region.seite.schluessel.get("sozialraum")
    return bool(form and form.kuerzel)


def _place(
    shapes: pd.Series,
    frame: gpd.GeoDataFrame,
    column: str,
    name: str,
    level: str,
    book: Schluesselbuch,
    befunde: list[Befund],
) -> None:
    unknown = []
    for written, shape in zip(frame[column], frame.geometry, strict=True):
        gebiet = book.finde(written, ebene=level)
        if gebiet is None:
            unknown.append(str(written))
        elif shape is not None and not shape.is_empty:
            valid = shape if shape.is_valid else shapely.make_valid(shape)
            shapes[gebiet] = valid if shapes[gebiet] is None else shapely.union(shapes[gebiet], valid)
    if unknown:
        befunde.append(Befund("warnung", f"{len(unknown)} Formen tragen eine Kennung, die nicht in der Gebietsliste steht: "
                              f"{', '.join(unknown[:5])}.", "Sie bleiben ungenutzt.", datei=name, spalte=column))  # fmt: skip


def _check_shapes(
    frame: gpd.GeoDataFrame, formen: Mapping[str, tuple[gpd.GeoDataFrame, str, str]], befunde: list[Befund]
) -> None:
    if "sozialraum" not in formen:
        return
    name = formen["sozialraum"][2]
    areas = frame[frame["level"] == "sozialraum"]
    without = list(areas.index[areas.geometry.isna()])
    if without:
        befunde.append(Befund("warnung", f"{len(without)} Gebiete haben keine Form: {', '.join(without[:10])}.",
                              "Sie stehen in Tabellen, aber nicht auf Karten.", datei=name))  # fmt: skip
    shapes = areas.geometry.dropna().to_numpy()
    if len(shapes) and not shapely.coverage_is_valid(shapes):
        befunde.append(Befund("hinweis", "Die Formen überlappen sich oder lassen schmale Lücken.",
                              "Für Karten genügt das; Nachbarschaften werden mit Toleranz bestimmt.", datei=name))  # fmt: skip
