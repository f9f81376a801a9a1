"""A region from a folder of files: which column names the smallest areas, which the Kommune above, where the shapes are."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import geopandas as gpd

from sozialanalyse import build, sources
from sozialanalyse.base import Befund, LaufFehler, PruefFehler, glatt, zahl, zelltext
from sozialanalyse.formate import FORMATE
from sozialanalyse.region import Region, lade_region, skeleton
from sozialanalyse.vorschlag import wortliste
from sozialanalyse.vorschlag.ansicht import Ansicht, ansichten, leer
from sozialanalyse.vorschlag.entwurf import Entwurf, entwirf
from sozialanalyse.vorschlag.lage import zahlig
from sozialanalyse.vorschlag.lesart import Lesart
from sozialanalyse.vorschlag.musterbau import gestalt
from sozialanalyse.vorschlag.seitenentwurf import fluss, skalar

UMRISSE = {".geojson", ".gpkg", ".shp"}
TABELLEN = {ending for kind in FORMATE.values() for ending in kind.ENDUNGEN} - UMRISSE
_KENNUNG = re.compile(r"[A-Z]{0,4}[ _-]?\d[\dA-Za-z ._/-]{0,15}|[A-Z]{1,4}[A-Z0-9_-]{0,12}")
_DARUEBER = re.compile(
    r"(?:name_?)?(?:gemeinde|kommune|stadt|ort|bezirk|stadtbezirk|municipality|gem)[ _-]?(?:name|nr|id)?",
    re.IGNORECASE,
)
"""Headings of a column with the area above, by name where no ids are."""
_MASZ = re.compile(r"-?\d+[.,]\d+")
_TAG = re.compile(r"(?:19|20)\d{2}(?:[-/.]\d{2}){0,2}|\d{1,2}\.\d{1,2}\.\d{4}")
HOECHSTENS_STICHTAGE = 12
EINE = "gesamt"
"""Id of the single Kommune where the files tell none."""


@dataclass(frozen=True)
class Textspalten:
    """The columns of one file or layer as texts."""

    pfad: Path
    layer: str
    """Layer or sheet, "" if there is only one."""
    werte: Mapping[str, Sequence[str]] = field(repr=False)
    umrisse: bool = False
    grenzen: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees, of shapes."""
    system: str = ""
    """EPSG code of shapes if it is in metres."""

    @property
    def ort(self) -> str:
        return self.pfad.name + (f", {self.layer}" if self.layer else "")


@dataclass(frozen=True)
class Gliederung:
    """The areas found: which column of which file names them, and what it says of them."""

    quelle: Textspalten
    kennung: str
    name: str
    """Column with the names, "" if there is none."""
    oberhalb: str
    """Column with the Kommune, "" if there is none."""
    oberhalb_name: str
    gebiete: Mapping[str, tuple[str, str]] = field(repr=False)
    """Id -> name, id of the Kommune."""
    kommunen: Mapping[str, str] = field(repr=False)
    """Id -> name."""
    bestaetigt_von: tuple[str, ...]
    """Other files with the same areas."""


@dataclass(frozen=True)
class Gruendung:
    """What was written, and what is open."""

    gliederung: Gliederung
    entwuerfe: Mapping[str, Entwurf]
    """Page written -> draft."""
    ungelesen: tuple[str, ...]
    """Files that became no page, each with the reason."""
    offen: tuple[str, ...]
    bestaetigen: tuple[str, ...]


def gruende(
    aus: Path, ordner: Path, *, melder: Callable[[str, int, int], None] = lambda *_: None
) -> Gruendung:
    """Write a region folder from the files of another: area lists, ``region.yml``, a page per delivery.

    Parameters
    ----------
    aus
        Folder with deliveries, shapes or both; nothing in it is changed. It becomes the folder of the deliveries.
    ordner
        New or empty folder.
    melder
        Called with (what, done, of how many).

    Raises
    ------
    LaufFehler
        If a folder is missing or not empty.
    PruefFehler
        If no file names areas.
    """
    if not aus.is_dir():
        raise LaufFehler(f"Den Ordner „{aus}“ gibt es nicht. Bitte den Ordner mit den Dateien nennen.")
    paths = sorted(
        path for path in aus.rglob("*") if path.is_file() and not path.name.startswith((".", "~$"))
    )
    read = [part for path in paths for part in _columns(path)]
    found = gliedere(read)
    if found is None:
        raise PruefFehler(
            [Befund("fehler", "In keiner Datei ist eine Spalte mit Kennungen von Gebieten zu erkennen.",
                    "Gebraucht wird eine Tabelle oder ein Geodatensatz mit einer Zeile je Gebiet und einer eindeutigen Kennung.",
                    datei=str(aus))]
        )  # fmt: skip
    shapes = _shapes(found, read)
    skeleton.lege_an(ordner)
    offen, bestaetigen = _questions(found, shapes)
    _write_lists(ordner, found)
    _write_region(ordner, aus, found, shapes)
    (ordner / "indikatoren" / "beispiel.yml").unlink()
    tables = [path for path in paths if path.suffix.lower() in TABELLEN]
    drafts, left = _pages(ordner, tables, offen, melder)
    return Gruendung(found, drafts, tuple(left), tuple(offen), tuple(bestaetigen))


# --- what the files hold --------------------------------------------------------------------------


def _columns(pfad: Path) -> list[Textspalten]:
    """Columns of a file as texts; nothing if it cannot be read, which the page's own reading tells better."""
    kind = pfad.suffix.lower()
    try:
        if kind in UMRISSE:
            return list(_layers(pfad))
        if kind in TABELLEN:
            return [part for view in ansichten(pfad) if (part := _sheet(pfad, view)) is not None]
    except PruefFehler:
        return []
    return []


def _layers(pfad: Path) -> Iterator[Textspalten]:
    """Every layer of a geographic file that has outlines."""
    names = sources.layernamen(pfad)
    if len(names) < 2:
        yield _layer(pfad, "")
        return
    for name in names:
        with suppress(PruefFehler):  # a table without outlines, or one without coordinate system
            yield _layer(pfad, name)


def _layer(pfad: Path, layer: str) -> Textspalten:
    frame = sources.lies_geometrie(pfad, None, layer=layer or None)
    texts = {
        str(name): [zelltext(value) for value in frame[name]]
        for name in frame.columns
        if name != frame.geometry.name
    }
    degrees = frame.to_crs(4326).total_bounds
    epsg = frame.crs.to_epsg() if frame.crs is not None and frame.crs.is_projected else None
    west, south, east, north = (float(value) for value in degrees)
    return Textspalten(pfad, layer, texts, True, (west, south, east, north), f"EPSG:{epsg}" if epsg else "")


def _sheet(pfad: Path, view: Ansicht) -> Textspalten | None:
    """A table whose heading is the first row that is about as full as most others."""
    rows = [row for _, row in view.zeilen]
    sizes = Counter(sum(not leer(cell) for cell in row) for row in rows)
    if not sizes:
        return None
    usual = max(sizes, key=lambda size: (sizes[size] * min(size, 4), size))
    start = next(
        (i for i, row in enumerate(rows) if sum(not leer(c) for c in row) >= max(2, usual * 0.6)), None
    )
    if start is None or any(zahlig(cell) and not isinstance(cell, str) for cell in rows[start]):
        return None
    heading, body = rows[start], [row for row in rows[start + 1 :] if _names_area(row)]
    texts = {
        glatt(name): [zelltext(row[c]) if c < len(row) else "" for row in body]
        for c, name in enumerate(heading)
        if not leer(name)
    }
    return Textspalten(pfad, view.blatt.name, texts) if body and len(texts) > 1 else None


def _names_area(row: Sequence[object]) -> bool:
    """Whether a row may name an area: it is no total, has a place, and says more than one thing."""
    cells = [cell for cell in row if not leer(cell)]
    first = next((cell for cell in cells if isinstance(cell, str) and not zahlig(cell)), "")
    total = wortliste.trifft("summe", first).strip()
    alone = re.search(rf"(?<!\w){re.escape(total)}(?!\w)", first) if total else None
    return len(cells) > 1 and alone is None and not wortliste.trifft("ohne", first)


# --- areas ----------------------------------------------------------------------------------------


def gliedere(spalten: Sequence[Textspalten]) -> Gliederung | None:
    """The smallest areas that the files agree on, with names and Kommunen; None if no column names any."""
    candidates = [
        (part, name, distinct)
        for part in spalten
        for name, values in part.werte.items()
        if len(distinct := _ids(values)) >= 2
    ]
    best, score = None, 0.0
    for part, name, distinct in candidates:
        agree = {
            other.pfad for other, _, theirs in candidates if other.pfad != part.pfad and len(distinct & theirs) >= 0.8 * len(distinct)
        }  # fmt: skip
        value: float = 4 * min(len(agree), 3) + 3 * part.umrisse + 2 * (len(set(map(gestalt, distinct))) == 1)
        value += _once(part.werte[name]) + 2 * bool(_above(part, name)) + bool(_named(part, name))
        value += min(len(distinct), 200) / 100
        if value > score:
            best, score = (part, name, distinct, agree), value
    return None if best is None else _with_names(_structure(*best), spalten)


def _ids(values: Sequence[str]) -> set[str]:
    """Different entries of a column if they look like ids, else nothing."""
    distinct = {value for value in values if value}
    if not distinct or len(distinct) > 50_000:
        return set()
    sample = list(distinct)[:500]
    if any(_MASZ.fullmatch(value) for value in sample) or all(map(_TAG.fullmatch, sample)):
        return set()
    fits = sum(_KENNUNG.fullmatch(value) is not None for value in sample)
    if fits < 0.98 * len(sample):
        return set()
    if all(value.isdecimal() for value in sample) and (
        len({len(value) for value in sample}) > 1 or len(sample[0]) < 2
    ):
        return set()  # numbers of different length are counts
    return distinct


def _once(values: Sequence[str]) -> int:
    """2 where each area stands in one row, 1 where all stand equally often."""
    often = set(Counter(value for value in values if value).values())
    return 2 if often == {1} else 1 if len(often) == 1 else 0


def _depends(values: Sequence[str], on: Sequence[str]) -> dict[str, str] | None:
    """``on`` -> value, if each entry of ``on`` goes with one value only."""
    found: dict[str, str] = {}
    for key, value in zip(on, values, strict=True):
        if key and value and found.setdefault(key, value) != value:
            return None
    return found


def _above(part: Textspalten, key: str) -> str:
    """Column with the ids of the areas above, the best of those that depend on the small areas."""
    own = part.werte[key]
    small = {value for value in own if value}
    best, score = "", 0.0
    for name, values in part.werte.items():
        if name == key:
            continue
        distinct = {value for value in values if value}
        if not 2 <= len(distinct) <= len(small) / 1.5 or any(_MASZ.fullmatch(value) for value in distinct):
            continue
        above = _depends(values, own)
        if above is None or len(above) < len(small):
            continue
        inside = sum(below.startswith(up) for below, up in above.items()) / len(above)
        ids = bool(_ids(values)) or all(
            value.isdecimal() and len(value) == len(min(distinct)) for value in distinct
        )
        value = 3 * inside + 2 * ids + bool(_named(part, name)) + (len(set(map(gestalt, distinct))) == 1)
        value += 2 * (_DARUEBER.fullmatch(name) is not None)
        if value > max(score, 1.5):
            best, score = name, value
    return best


def _named(part: Textspalten, key: str) -> str:
    """Column with the names of the areas of a key, "" if none; one name an area, letters and not another key."""
    best, score = "", 0.0
    own = part.werte[key]
    number = len({value for value in own if value})
    for name, values in part.werte.items():
        named = _depends(values, own) if name != key and not _ids(values) else None
        if not named or len(named) < 0.8 * number:
            continue
        letters = sum(any(map(str.isalpha, value)) for value in named.values()) / len(named)
        different = len(set(named.values())) / len(named)
        if letters < 0.95 or different < 0.7:
            continue
        said = re.search(r"name|naam|bezeichnung|gen$|titel", name, re.IGNORECASE) is not None
        value = different + said + (name[:2].casefold() == key[:2].casefold()) * 0.5
        if value > score:
            best, score = name, value
    return best


def _structure(part: Textspalten, key: str, distinct: set[str], agree: Iterable[Path]) -> Gliederung:
    own = part.werte[key]
    above, name = _above(part, key), _named(part, key)
    names = _depends(part.werte[name], own) or {} if name else {}
    towns = _depends(part.werte[above], own) or {} if above else dict.fromkeys(distinct, EINE)
    town_name = _named(part, above) if above else ""
    town_names = _depends(part.werte[town_name], part.werte[above]) or {} if town_name else {}
    order = list(dict.fromkeys(value for value in own if value))
    return Gliederung(
        part, key, name, above, town_name,
        {area: (names.get(area, ""), towns[area]) for area in order},
        {town: town_names.get(town, town) for town in dict.fromkeys(towns[area] for area in order)},
        tuple(sorted(path.name for path in agree)),
    )  # fmt: skip


def _with_names(found: Gliederung, read: Sequence[Textspalten]) -> Gliederung:
    """Names that another file knows: of areas, and of Kommunen where it puts the same areas into the same."""
    for part in read:
        key = next(
            (
                n
                for n, values in part.werte.items()
                if len(set(values) & set(found.gebiete)) > 0.8 * len(found.gebiete)
            ),
            "",
        )
        if not key:
            continue
        name = "" if found.name else _named(part, key)
        if name:
            names = _depends(part.werte[name], part.werte[key]) or {}
            areas = {area: (names.get(area, ""), town) for area, (_, town) in found.gebiete.items()}
            found = replace(found, name=name, gebiete=areas)
        towns = {area: town for area, (_, town) in found.gebiete.items()}
        above = next(
            (
                n
                for n, values in part.werte.items()
                if n != key and _same(_depends(values, part.werte[key]), towns)
            ),
            "",
        )
        if above and found.oberhalb and not found.oberhalb_name and (name := _named(part, above)):
            names = _depends(part.werte[name], part.werte[above]) or {}
            found = replace(
                found, oberhalb_name=name, kommunen={town: names.get(town, town) for town in found.kommunen}
            )
    return found


def _same(there: Mapping[str, str] | None, here: Mapping[str, str]) -> bool:
    both = there.keys() & here.keys() if there else set()
    return there is not None and len(both) > 0.8 * len(here) and all(there[key] == here[key] for key in both)


@dataclass(frozen=True)
class Umriss:
    """Shapes of the areas: file, key column, how many areas have one."""

    spalten: Textspalten
    schluessel: str
    zahl: int


def _shapes(found: Gliederung, read: Sequence[Textspalten]) -> Umriss | None:
    best: Umriss | None = None
    for part in read:
        for name, values in part.werte.items() if part.umrisse else ():
            number = len(set(values) & set(found.gebiete))
            if number > (best.zahl if best else 0):
                best = Umriss(part, name, number)
    return best


# --- what is written ------------------------------------------------------------------------------


def _questions(found: Gliederung, shapes: Umriss | None) -> tuple[list[str], list[str]]:
    offen = ["region.yml: name, herausgeber und schluessel_region sagt keine Datei."]
    agree = f"; dieselben in {', '.join(found.bestaetigt_von[:4])}" if found.bestaetigt_von else ""
    confirm = [
        f"{len(found.gebiete)} Gebiete aus {found.quelle.ort}, Spalte „{found.kennung}“{agree}. Sind das die kleinsten Gebiete "
        "der Auswertung?"
    ]
    if found.oberhalb:
        example = next(iter(found.gebiete.items()))
        confirm.append(
            f"{len(found.kommunen)} Kommunen aus Spalte „{found.oberhalb}“: Zu jedem Gebiet gehört genau eine, zum Beispiel "
            f"„{example[0]}“ zu „{example[1][1]}“."
        )
    else:
        offen.append(
            "Zu welcher Kommune die Gebiete gehören, sagt keine Datei; vorerst gehören alle zu einer."
        )
    if not found.name:
        offen.append("Namen der Gebiete sagt keine Datei; in sozialraeume.csv ist die Spalte leer.")
    if shapes is None:
        offen.append("Umrisse fehlen; ohne sie entstehen keine Karten.")
    elif shapes.zahl < len(found.gebiete):
        confirm.append(
            f"Umrisse aus {shapes.spalten.ort} für {shapes.zahl} von {len(found.gebiete)} Gebieten."
        )
    return offen, confirm


def _write_lists(ordner: Path, found: Gliederung) -> None:
    towns = [["ags", "name", "kuerzel", "aliase", "flaeche_qkm", "sondereffekt"]]
    towns += [[key, name, "", "", "", ""] for key, name in found.kommunen.items()]
    areas = [["id", "name", "kommune", "aliase", "flaeche_qkm", "sondereffekt"]]
    areas += [
        [key, "" if name == key else name, town, "", "", ""] for key, (name, town) in found.gebiete.items()
    ]
    for name, rows in (("gebiete.csv", towns), ("sozialraeume.csv", areas)):
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\n").writerows(rows)
        (ordner / name).write_text(text.getvalue(), encoding="utf-8")


def _form(ids: Collection[str]) -> str:
    shapes = sorted(set(map(gestalt, ids)))
    told = all(any(map(str.isdigit, key)) for key in ids)  # words of one length would be chance
    return shapes[0] if len(shapes) == 1 and told else ".+"


def _system(shapes: Umriss | None) -> tuple[str, str]:
    """Coordinate system in metres, and the reason."""
    if shapes is None or shapes.spalten.grenzen is None:
        return "EPSG:25832", "vorbelegt; die Dateien enthalten keine Umrisse"
    part = shapes.spalten
    if part.system:
        return part.system, f"das von {part.pfad.name}"
    west, south, east, north = shapes.spalten.grenzen
    middle = (west + east) / 2
    where = f"die Umrisse liegen bei {zahl(middle, 1)}° östlicher Länge"
    if 5.5 <= middle <= 15.5 and 47 <= (south + north) / 2 <= 55.5:
        return ("EPSG:25832" if middle < 12 else "EPSG:25833"), where
    box = gpd.GeoSeries.from_wkt([f"LINESTRING ({west} {south}, {east} {north})"], crs=4326)
    return f"EPSG:{box.estimate_utm_crs().to_epsg()}", where


def _write_region(ordner: Path, aus: Path, found: Gliederung, shapes: Umriss | None) -> None:
    """Fill the skeleton's ``region.yml``: what the files tell stands there, the rest stays open."""
    system, why = _system(shapes)
    area, town = next(iter(found.gebiete)), next(iter(found.kommunen))
    entries = {
        "koordinaten: .*": f"koordinaten: {system}   # {why}",
        r"    muster: '\.\+'": f"    muster: {_quoted(_form(found.gebiete))}",
        r"    muster: '\\d\{8\}'": f"    muster: {_quoted(_form(found.kommunen))}",
        "    beschreibung: ein Amtlicher.*": f"    beschreibung: {skalar(f'die Kennung der Kommune, zum Beispiel {town}')}",
        "    beschreibung: die Kennung aus.*": f"    beschreibung: {skalar(f'die Kennung des Gebiets, zum Beispiel {area}')}",
        "bevoelkerung: .*": "bevoelkerung: ''   # der Indikator mit der Zahl der Einwohner, sobald es ihn gibt",
        "lieferungen: .*": f"lieferungen: {skalar(_relative(aus, ordner))}",
    }
    if shapes is not None:
        place = shapes.spalten.pfad.relative_to(aus).as_posix()
        layer = {"layer": shapes.spalten.layer} if shapes.spalten.layer else {}
        source = fluss({"ebene": "sozialraum", "datei": place, **layer, "schluessel": shapes.schluessel})
        entries[r"# geometrie:\n#   - .*"] = f"geometrie:\n  - {source}"
    _fill(ordner / "region.yml", entries)
    own = ordner / "lieferungen"
    if own.is_dir() and own.resolve() != aus.resolve():
        for path in own.iterdir():
            path.unlink()
        own.rmdir()


def _fill(page: Path, entries: Mapping[str, str]) -> None:
    """Replace lines of the skeleton, each named by a pattern.

    Raises
    ------
    LaufFehler
        If a line is not there.
    """
    text = page.read_text(encoding="utf-8")
    for pattern, line in entries.items():
        text, number = re.subn(f"^{pattern}$", lambda _, line=line: line, text, count=1, flags=re.MULTILINE)  # type: ignore[misc]
        if not number:
            raise LaufFehler(
                f"In {page.name} fehlt die Zeile „{pattern}“; das Gerüst ist nicht das erwartete."
            )
    page.write_text(text, encoding="utf-8")


def _quoted(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"


def _relative(aus: Path, ordner: Path) -> str:
    try:
        return Path(os.path.relpath(aus.resolve(), ordner.resolve())).as_posix()
    except ValueError:  # another drive
        return aus.resolve().as_posix()


def _pages(
    ordner: Path,
    paths: Sequence[Path],
    offen: list[str],
    melder: Callable[[str, int, int], None],
) -> tuple[dict[str, Entwurf], list[str]]:
    """Draft the pages; first all dates are collected, so that each page finds its own in ``region.yml``."""
    region = lade_region(ordner)
    gebiete = build.lies_gebiete(region)
    days: set[date] = set()
    firsts: list[Path] = []
    left, taken = [], set[Path]()
    for number, path in enumerate(paths):
        melder(path.name, number, 2 * len(paths))
        if path.resolve() in taken:
            continue
        try:
            lesart = Lesart(path, region, gebiete)
        except PruefFehler as error:
            left.append(f"{path.name}: {error.befunde[0].text}")
            continue
        days |= lesart.zeit.tage
        taken |= set(lesart.lieferung.pfade)
        firsts.append(path)
    if days:
        known = sorted(day.isoformat() for day in days)[-HOECHSTENS_STICHTAGE:]
        _fill(ordner / "region.yml", {r"stichtage: \[.*\]": f"stichtage: [{', '.join(known)}]"})
    else:
        offen.append(
            "Von welchem Tag die Zahlen sind, sagt keine Datei; in region.yml steht vorerst 2023-12-31."
        )
    drafts: dict[str, Entwurf] = {}
    for number, path in enumerate(firsts):
        melder(path.name, len(paths) + number, len(paths) + len(firsts))
        draft = entwirf(path, Region(region.ordner, lade_region(ordner).seite))
        name = f"{draft.seite.id}.yml"
        (ordner / "indikatoren" / name).write_text(draft.text, encoding="utf-8")
        drafts[name] = draft
    return drafts, left
