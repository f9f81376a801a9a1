"""Whether delivered outlines are surfaces and lie where the region can be, before anything is measured with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from sozialanalyse.base import Befund, zahl, zahl_knapp, zelltext

_GRAD = pyproj.CRS("EPSG:4326")
_RAND = 6.0
"""Degrees an outline may lie beyond the area a coordinate system is made for: whole countries use one zone."""
_UEBLICH = (4326, 25832, 25833, 31466, 31467, 31468, 31469, 3857, 3035, 4647, 5650, 3045, 3046, 32632, 32633, 2056, 21781,
            31287, 31254, 31255, 31256, 28992, 31370, 2154, 2169)  # fmt: skip
"""EPSG codes that are tried on coordinates out of place, to name what they probably are."""
_KREUZUNGEN = 50
"""So many others an edge may lie beside on average; in drawn borders it is three to ten."""
_WEIT = 6
"""An area so many times further from the middle than three quarters of all is told."""
_VERZERRT = 0.03
"""Share by which a coordinate system may distort areas."""


def umgerechnet(
    frame: gpd.GeoDataFrame, spalte: str, datei: str, system: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, list[Befund]]:
    """Outlines in another coordinate system, with what is wrong about them.

    Parameters
    ----------
    frame
        Outlines as delivered, with their coordinate system.
    spalte
        Column with the ids, for messages.
    datei
        File, for messages.
    system
        Coordinate system in metres; the area it is made for, and 6 degrees around it, is where a region can lie.

    Returns
    -------
    frame, findings
        Plane polygons only (heights dropped, lines and points of a collection too), None where none was delivered;
        without any row if a finding is a fault: coordinates that are not finite or out of place, shapes that are no
        surfaces.
    """
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    names = [zelltext(key) for key in frame[spalte]]
    flat = np.array(
        [_flaechen(shape) if here else None for shape, here in zip(shapes, there, strict=True)], dtype=object
    )
    befunde = []

    def fault(text: str, remedy: str) -> None:
        befunde.append(Befund("fehler", text, remedy, datei=datei, spalte=spalte, regel="umrisse"))

    none = there & shapely.is_missing(flat)
    endless = there & ~none & ~np.array([_endlich(shape) for shape in flat], dtype=bool)
    if not there.any():
        fault("Die Datei enthält keine einzige Form.", "Bitte mit Umrissen liefern lassen.")
    elif none.any():
        kinds = " und ".join(
            sorted({_WORT.get(shape.geom_type, "Formen ohne Fläche") for shape in shapes[none]})
        )
        fault(f"Statt Flächen enthält die Datei {kinds}: {_einige(names, none)}.",
              "Bitte als Flächen (Polygone) liefern lassen; aus Grenzlinien macht sie jedes GIS mit „Polygonisieren“.")  # fmt: skip
    elif endless.any():
        fault(
            f"Koordinaten ohne Zahl (unendlich oder leer): {_einige(names, endless)}.",
            "Bitte neu ausgeben lassen.",
        )
    elif (tangled := np.array([_verknaeult(shape) for shape in flat], dtype=bool)).any():
        fault(f"Umrisse, die sich tausendfach selbst kreuzen: {_einige(names, tangled)}.",
              "Vermutlich ist die Reihenfolge der Ecken verloren; bitte neu ausgeben lassen.")  # fmt: skip
    else:
        outside = there & ~_am_ort(flat, frame.crs, system)
        if outside.any():
            fault(*_am_falschen_ort(flat, outside, names, frame.crs, system))
    if not befunde:
        result = gpd.GeoDataFrame(
            {spalte: frame[spalte]}, geometry=gpd.GeoSeries(flat, frame.index, crs=frame.crs)
        ).to_crs(system)
        lost = there & ~np.isfinite(shapely.bounds(result.geometry.to_numpy())).all(axis=1)
        if not lost.any():
            return result, befunde
        fault(f"In {_kurz(system)} haben Koordinaten keine Zahl: {_einige(names, lost)}.", _ANGABE)
    return gpd.GeoDataFrame({spalte: []}, geometry=gpd.GeoSeries([], crs=system)), befunde


_ANGABE = (
    "Bitte das Koordinatensystem der Datei mit „koordinaten: EPSG:…“ bei der Geometrie in region.yml angeben."
)
_WORT = {
    "Point": "Punkte", "MultiPoint": "Punkte", "LineString": "Linien", "MultiLineString": "Linien", "LinearRing": "Linien",
}  # fmt: skip


def _flaechen(shape: shapely.Geometry) -> shapely.Geometry | None:
    """The surfaces of a shape; None where it has none."""
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        parts = shapely.get_parts(shapely.get_parts(shape))
        parts = parts[shapely.get_dimensions(parts) == 2]
        shape = shapely.union_all(parts) if len(parts) else None
    if shape is None or not _endlich(shape):
        return shape
    return shape if shape.area > 0 or shapely.make_valid(shape).area > 0 else None


def _verknaeult(shape: shapely.Geometry | None) -> bool:
    """Whether edges lie across each other by the thousand; mending such a shape would take hours and all memory."""
    if shape is None or shape.is_valid:
        return False
    edges = []
    for ring in shapely.get_rings(shape):
        corners = shapely.get_coordinates(ring)
        edges.append(shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1)))
    lines = np.concatenate(edges)
    tree, found = shapely.STRtree(lines), 0
    for start in range(0, len(lines), 500):
        found += tree.query(lines[start : start + 500]).shape[1]
        if found > _KREUZUNGEN * len(lines) + 10_000:
            return True
    return False


def _endlich(shape: shapely.Geometry | None) -> bool:
    """Whether every coordinate of a shape is a number."""
    return bool(np.isfinite(shapely.get_coordinates(shape)).all())


def _am_ort(shapes: np.ndarray, crs: pyproj.CRS, system: pyproj.CRS, rand: float = _RAND) -> np.ndarray:
    """Whether each shape lies where both coordinate systems are made for; False for shapes without place."""
    corners = shapely.bounds(shapes)[:, [0, 1, 0, 3, 2, 1, 2, 3]].reshape(-1, 4, 2)
    if crs.is_projected and np.nanmax(np.abs(corners)) <= 180:
        return np.zeros(len(shapes), dtype=bool)  # degrees: no place on earth is so near the origin
    with np.errstate(invalid="ignore"):
        place = pyproj.Transformer.from_crs(crs, _GRAD, always_xy=True)
        lon, lat = place.transform(corners[..., 0], corners[..., 1])
        fine = (np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)).all(axis=1)
        fine &= np.ptp(lon, axis=1) < 180  # a shape around the earth crosses the date line
        for area in (crs.area_of_use, system.area_of_use):
            if area is not None:
                west, east = area.west - rand, area.east + rand
                across = area.west > area.east
                inside = (lon >= west) | (lon <= east) if across else (lon >= west) & (lon <= east)
                fine &= (inside & (lat >= area.south - rand) & (lat <= area.north + rand)).all(axis=1)
    return fine


def _am_falschen_ort(
    shapes: np.ndarray, outside: np.ndarray, names: Sequence[str], crs: pyproj.CRS, system: pyproj.CRS
) -> tuple[str, str]:
    """What is probably the matter, and what to do about it."""
    some = shapes[outside]
    what = (
        "Die Koordinaten liegen"
        if outside.sum() == (~shapely.is_missing(shapes)).sum()
        else "Einige Umrisse liegen"
    )
    text = f"{what} außerhalb der Region (als {_kurz(crs)} gelesen): {_einige(names, outside)}"
    swapped = _vertauscht(some)
    if _am_ort(swapped, crs, system).all():
        pair = "Länge und Breite" if crs.is_geographic else "Rechtswert und Hochwert"
        return (
            f"{text}; vermutlich sind die Achsen vertauscht ({pair}).",
            f"Bitte mit {pair} in dieser Reihenfolge ausgeben lassen.",
        )
    if crs.is_projected and _am_ort(shapely.transform(some, lambda xy: 1000 * xy), crs, system).all():
        return (
            f"{text}; vermutlich stehen sie in Kilometern statt Metern.",
            "Bitte in Metern neu ausgeben lassen.",
        )
    for candidate in dict.fromkeys([system, *map(pyproj.CRS.from_epsg, _UEBLICH)]):
        if candidate == crs:
            continue
        for turned, note in ((some, ""), (swapped, ", mit vertauschten Achsen")):
            if _am_ort(turned, candidate, system, 2.0).all():
                unit = "Grad" if candidate.is_geographic else "Metern"
                own = "Grad" if crs.is_geographic else "Metern"
                other = f"in {unit} statt {own} geschrieben, " if unit != own else ""
                text = f"{text}; vermutlich sind sie {other}in {_kurz(candidate)}{note}{'' if other else ' geschrieben'}."
                if note:
                    return text, "Bitte mit Rechtswert vor Hochwert (Länge vor Breite) neu ausgeben lassen."
                return (
                    text,
                    f"Bitte „koordinaten: {_code(candidate)}“ bei der Geometrie in region.yml angeben.",
                )
    if outside.sum() < (~shapely.is_missing(shapes)).sum():
        return f"{text}.", "Bitte diese Umrisse in der Datei berichtigen lassen."
    return f"{text}.", _ANGABE


def _vertauscht(shapes: np.ndarray) -> np.ndarray:
    return shapely.transform(shapes, lambda xy: xy[:, ::-1])


def _code(crs: pyproj.CRS) -> str:
    return f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else crs.name


def _kurz(crs: pyproj.CRS) -> str:
    return f"{crs.name} ({_code(crs)})" if crs.to_epsg() else crs.name


def _einige(names: Sequence[str], which: np.ndarray) -> str:
    chosen = [name for name, here in zip(names, which, strict=True) if here]
    return ", ".join(chosen[:5]) + (f" und {len(chosen) - 5} weitere" if len(chosen) > 5 else "")


_LAENDER = {
    "01": (7.8, 53.3, 11.4, 55.1), "02": (8.4, 53.3, 10.4, 54.0), "03": (6.6, 51.2, 11.7, 54.0), "04": (8.4, 53.0, 9.0, 53.7),
    "05": (5.8, 50.3, 9.5, 52.6), "06": (7.7, 49.3, 10.3, 51.7), "07": (6.1, 48.9, 8.6, 51.0), "08": (7.5, 47.5, 10.5, 49.8),
    "09": (8.9, 47.2, 13.9, 50.6), "10": (6.3, 49.1, 7.5, 49.7), "11": (13.0, 52.3, 13.8, 52.7), "12": (11.2, 51.3, 14.8, 53.6),
    "13": (10.5, 53.1, 14.5, 54.7), "14": (11.8, 50.1, 15.1, 51.7), "15": (10.5, 50.9, 13.2, 53.1), "16": (9.8, 50.2, 12.7, 51.7),
}  # fmt: skip
"""First digits of a German official key -> degrees in which its Land lies (west, south, east, north)."""
_LANDRAND = 0.3


def im_land(
    kommune: pd.Series, areas: gpd.GeoSeries, frame: gpd.GeoDataFrame, datei: str
) -> Iterable[Befund]:
    """Outlines that lie in another part of the country than the official keys of their Kommunen say.

    A wrong coordinate system may lead to a place that is good in itself: a map for the web taken for UTM lies in
    Scandinavia, zone 33 taken for 32 lies six degrees further west. A fault where another system puts most of them
    into the right Land, else a warning.

    Parameters
    ----------
    kommune
        Official key of the Kommune of every area; anything but eight digits says nothing.
    areas
        Outlines as read, by area.
    frame
        The file as delivered, with its coordinate system.
    """
    told = kommune[
        kommune.astype("str").str.fullmatch(r"\d{2}[0-8]\d{5}") & kommune.astype("str").str[:2].isin(_LAENDER)
    ]
    shapes = areas.reindex(told.index).dropna()
    if len(shapes) < max(1, 0.9 * areas.notna().sum()):
        return
    boxes = np.array([_LAENDER[str(key)[:2]] for key in told[shapes.index]])
    middles = shapely.get_coordinates(shapely.centroid(shapes.to_crs(_GRAD).to_numpy()))
    if _drin(middles, boxes).mean() > 0.5:
        return
    lon, lat = np.median(middles, axis=0)
    keys = ", ".join(sorted({f"{str(key)[:2]}…" for key in told[shapes.index]})[:3])
    text = (
        f"Die Umrisse liegen nicht in dem Land, das die Gemeindeschlüssel nennen ({keys}), sondern bei {zahl(lat, 1)}° Nord, "
        f"{zahl(lon, 1)}° Ost (als {_kurz(frame.crs)} gelesen)"
    )
    delivered = shapely.force_2d(frame.geometry.dropna().to_numpy())
    around = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])[None]
    for candidate in map(pyproj.CRS.from_epsg, _UEBLICH):
        if candidate == frame.crs or not _am_ort(delivered, candidate, candidate, 2.0).all():
            continue
        places = gpd.GeoSeries(delivered, crs=candidate).to_crs(_GRAD).to_numpy()
        if _drin(shapely.get_coordinates(shapely.centroid(places)), around).mean() > 0.5:
            yield Befund("fehler", f"{text}; vermutlich sind sie in {_kurz(candidate)} geschrieben.",
                         f"Bitte „koordinaten: {_code(candidate)}“ bei der Geometrie in region.yml angeben.", datei=datei, regel="umrisse")  # fmt: skip
            return
    yield Befund("warnung", f"{text}.", f"Bitte Umrisse und Schlüssel prüfen. {_ANGABE}", datei=datei, regel="umrisse")  # fmt: skip


def _drin(places: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Whether places in degrees lie in boxes, with a little around them."""
    return np.all((places >= boxes[:, :2] - _LANDRAND) & (places <= boxes[:, 2:] + _LANDRAND), axis=1)


# --- all outlines together --------------------------------------------------------------------------


def auffaellige_lage(areas: gpd.GeoSeries, datei: str) -> Iterable[Befund]:
    """Areas far from all others; an island may be, a wrong digit is more likely."""
    centres = shapely.get_coordinates(shapely.centroid(areas.dropna().to_numpy()))
    if len(centres) < 4:
        return
    away = np.hypot(*(centres - np.median(centres, axis=0)).T)
    usual = float(np.quantile(away, 0.75, method="lower"))
    far = away > _WEIT * usual
    if usual > 0 and far.any():
        names = [str(key) for key in areas.dropna().index]
        subject = "Ein Umriss liegt" if far.sum() == 1 else f"{far.sum()} Umrisse liegen"
        yield Befund("warnung", f"{subject} weit ab von allen anderen: {_einige(names, far)} ({zahl_knapp(away.max() / 1000, 3)} km von der "
                     f"Mitte, drei Viertel der Gebiete höchstens {zahl_knapp(usual / 1000, 3)} km).",
                     "Bitte prüfen, ob die Koordinaten stimmen; eine Insel darf so liegen.", datei=datei, regel="umrisse")  # fmt: skip


def aufeinander(areas: gpd.GeoSeries, datei: str) -> Iterable[Befund]:
    """Areas of which one lies on the other, as a copy does; borders drawn twice may overlap a little."""
    shapes = areas.dropna()
    points = shapely.point_on_surface(shapes.to_numpy())
    inner, outer = shapely.STRtree(shapes.to_numpy()).query(points, predicate="within")
    pairs = sorted(
        {(min(a, b), max(a, b)) for a, b in zip(inner.tolist(), outer.tolist(), strict=True) if a != b}
    )
    if pairs:
        names = [f"{shapes.index[a]} und {shapes.index[b]}" for a, b in pairs]
        more = f" und {len(names) - 5} weitere Paare" if len(names) > 5 else ""
        yield Befund("warnung", f"Umrisse liegen aufeinander: {', '.join(names[:5])}{more}.",
                     "Bitte prüfen, ob ein Umriss doppelt ist oder eine Kennung falsch; Flächen und Dichten dieser Gebiete sind sonst falsch.",
                     datei=datei, regel="umrisse")  # fmt: skip


def verzerrung(areas: gpd.GeoSeries) -> float:
    """How many times its size on the ground the map shows the areas; 1 where none has an outline."""
    shapes = areas.dropna().iloc[:200]
    if shapes.empty:
        return 1.0
    geod = shapes.crs.get_geod() or pyproj.Geod(ellps="GRS80")
    ground = sum(abs(geod.geometry_area_perimeter(shape)[0]) for shape in shapes.to_crs(_GRAD))
    return float(shapes.area.sum()) / ground if ground else 1.0


def verzerrt(areas: gpd.GeoSeries, system: pyproj.CRS, datei: str) -> Iterable[Befund]:
    """A coordinate system that shows areas larger or smaller than they are."""
    factor = verzerrung(areas)
    if abs(factor - 1) > _VERZERRT:
        yield Befund("fehler", f"koordinaten: {_kurz(system)} zeigt Flächen hier {zahl_knapp(factor, 3)}-mal so groß, wie sie sind; "
                     "Flächen und Dichten würden falsch.",
                     "Bitte ein flächentreues oder amtliches System eintragen, zum Beispiel EPSG:25832.",
                     datei=datei, regel="umrisse")  # fmt: skip


def gegen_gelieferte(geliefert: pd.Series, gemessen: pd.Series, datei: str) -> Iterable[Befund]:
    """Delivered areas against those of the outlines, both in square kilometres."""
    both = pd.DataFrame({"liste": geliefert, "umriss": gemessen}).dropna()
    both = both[(both > 0).all(axis=1)]
    if both.empty:
        return
    ratio = both["liste"] / both["umriss"]
    middle = float(ratio.median())
    for factor, unit in ((100, "Hektar"), (1e6, "Quadratmetern")):
        if len(both) > 1 and abs(middle / factor - 1) < 0.1:
            yield Befund("fehler", f"Die Flächen der Gebietsliste sind {zahl_knapp(middle, 3)}-mal so groß wie die der Umrisse; offenbar stehen sie in {unit}.",
                         "Bitte in Quadratkilometern eintragen.", datei=datei, regel="flaeche")  # fmt: skip
            return
    alike = ((ratio / middle - 1).abs() < 0.1).mean() > 0.8
    if len(both) > 3 and alike and not 1 / 1.25 <= middle <= 1.25:
        yield Befund("fehler", f"Alle Umrisse sind {zahl_knapp(1 / middle, 3)}-mal so groß wie die Flächen der Gebietsliste. Vermutlich ist das "
                     "Koordinatensystem der Umrisse falsch angegeben, oder die Liste rechnet in einer anderen Einheit.",
                     f"{_ANGABE} Flächen gehören in Quadratkilometern in die Gebietsliste.", datei=datei, regel="flaeche")  # fmt: skip
        return
    off = ratio[(ratio > 1.25) | (ratio < 1 / 1.25)]
    if off.empty:
        return
    worst = str(off.apply(lambda one: abs(np.log(one))).idxmax())
    one = both.loc[worst]
    subject = (
        "Bei einem Gebiet weicht" if len(off) == 1 else f"Bei {len(off)} von {len(both)} Gebieten weicht"
    )
    yield Befund("warnung", f"{subject} die Fläche der Gebietsliste um mehr als ein Viertel von der des Umrisses ab, am weitesten bei {worst}: "
                 f"{zahl_knapp(one['liste'], 3)} statt {zahl_knapp(one['umriss'], 3)} km².",
                 "Bitte Fläche und Umriss prüfen; Dichten rechnen mit der Gebietsliste.", datei=datei, regel="flaeche")  # fmt: skip


def nicht_aufeinander(kommune: pd.Series, shapes: pd.Series, names: tuple[str, str]) -> Iterable[Befund]:
    """Areas whose outline does not even touch that of their Kommune, where both were delivered.

    Parameters
    ----------
    kommune
        Kommune of every small area.
    shapes
        Delivered outline of every area that has one.
    names
        Files of the small areas and of the Kommunen.
    """
    own = kommune[[key in shapes.index and town in shapes.index for key, town in kommune.items()]]
    if own.empty:
        return
    inside = (
        shapely.area(shapely.intersection(shapes[own.index].to_numpy(), shapes[own.to_numpy()].to_numpy()))
        > 0
    )
    if inside.all():
        return
    listed = _einige([str(key) for key in own.index], ~inside)
    if (~inside).mean() > 0.5:
        yield Befund("fehler", f"Die Umrisse in {names[0]} und {names[1]} liegen nicht aufeinander: {listed} liegen ganz außerhalb ihrer Kommune.",
                     f"Vermutlich hat eine der Dateien ein falsches Koordinatensystem. {_ANGABE}", datei=names[0], regel="umrisse")  # fmt: skip
    else:
        yield Befund("warnung", f"Ganz außerhalb des Umrisses ihrer Kommune: {listed}.",
                     "Bitte Umriss, Kennung und Zuordnung prüfen.", datei=names[0], regel="umrisse")  # fmt: skip
