"""A county at random: everything a region folder may hold, drawn from a seed together with its truth.

Nothing in it is likely and everything is allowed: one Kommune or four hundred, ids and names of every
kind, dates with gaps, indicators that are constant, empty or hidden, tables in several forms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import umrisse
import yaml
from lieferung import FORMEN, Satz, schreibe_csv

LUECKEN = {"geheim": "*", "unbekannt": "k. A.", "nicht_sinnvoll": "x", "null_exakt": "-"}
"""Signs of the suppliers: what they mean -> sign."""

WORTE = {
    "region": [("Kreis", "Kreise", "Kreisen", "m"), ("Stadt", "Städte", "Städten", "f"), ("Landkreis", "Landkreise", "Landkreisen", "m"),
               ("Bundesland", "Bundesländer", "Bundesländern", "n")],
    "kommune": [("Kommune", "Kommunen", "Kommunen", "f"), ("Stadtbezirk", "Stadtbezirke", "Stadtbezirken", "m"), ("Amt", "Ämter", "Ämtern", "n"),
                ("Verbandsgemeinde", "Verbandsgemeinden", "Verbandsgemeinden", "f")],
    "sozialraum": [("Sozialraum", "Sozialräume", "Sozialräumen", "m"), ("Viertel", "Viertel", "Vierteln", "n"),
                   ("Ortsgemeinde", "Ortsgemeinden", "Ortsgemeinden", "f"), ("Statistischer Bezirk", "Statistische Bezirke", "Statistischen Bezirken", "m")],
}  # fmt: skip

NAMEN = (
    "Aue", "Ober-Aue", "Bad Märzhofen", "Zum Alten Zoll", "Straßdorf (Nord)", "Röhrig/Süd", "Fisch & Söhne", 'Am "Tor"',
    "Hof < Wald", "Tal > Berg", "St. Ägidien", "Ümmeln", "Öd", "Groß-Ö", "Innenstadt", "Nord", "Süd", "Mitte", "Ost-West",
    "Siedlung am ehemaligen Güterbahnhof zwischen Hauptstraße und Kanal, westlicher Teil einschließlich Kleingärten",
    "L'Abbaye", "1. Ring", "B 54", "100 %", "Ortsteil ohne besonderen Namen", "{Klammer}", "a_b", "*Stern*", "#7", "Ost; West",
    "<script>alert(1)</script>", "</table><b>", "=1+1", "@SUMME(A1)", "-5", "A\\B", "$x^2$", "%s {0}", "U\u0308ber dem Berg", "東京", "Łódź", "Nord\u00a0West",
    "–", "[Link](x)", "`Code`", "&amp;", "R&D’s “Hof”", "2023", "Ort\u200bschaft",
)  # fmt: skip

KENNUNGEN: dict[str, Any] = {
    "amtlich": lambda k, i: f"{k:02}{i:04}",
    "kurz": lambda k, i: f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[k % 26]}{k // 26 or ''} {i}",
    "punkt": lambda k, i: f"{k}.{i}",
    "strich": lambda k, i: f"{k}-{i}",
    "schraeg": lambda k, i: f"{k}/{i}",
    "buchstaben": lambda k, i: f"Q{k}{'abcdefghijklmnopqrstuvwxyz'[(i - 1) % 26]}{(i - 1) // 26 or ''}",
    "umlaut": lambda k, i: f"Ö{k}Ä{i}",
    "unterstrich": lambda k, i: f"DE_{k}_{i:03}",
    "lang": lambda k, i: f"gebiet-{k:03}-{i:03}-0000-4000-8000-{k * 1000 + i:012}",
    "gross_klein": lambda k, i: f"{'Nn'[i % 2]}{k} {(i + 1) // 2}x",
    "zeichen": lambda k, i: f"{k}#{i}+",
    "spitz": lambda k, i: f"<{k}&{i}>",
    "strichlein": lambda k, i: f"{k}'{i}\"",
    "komma": lambda k, i: f"{k},{i};x",
    "frage": lambda k, i: f"{k}?{i}%20=y",
    "potenz": lambda k, i: f"{k}e{i}z",
    "pfad": lambda k, i: f"../{k}/..{i}",
    "klammer": lambda k, i: f"[{k}] {{{i}}}",
}
"""How ids of small areas may look: number of the Kommune and of the area in it -> id."""


@dataclass
class Merkmal:
    """One delivered field of the truth and the indicator made of it."""

    feld: str
    indikator: str
    art: str
    """anzahl, quote or wert."""
    name: str
    nachkommastellen: int
    einheit: str
    thema: str
    polaritaet: str
    nenner: str = ""
    index: dict[str, float] = field(default_factory=dict)


@dataclass
class Stelle:
    """A supplier with its fields, dates and the form of its tables."""

    id: str
    form: str
    tage: list[str]
    merkmale: list[Merkmal]
    mindestfallzahl: int
    kodierung: str
    trennzeichen: str
    dezimal: str
    tausender: bool
    summen: bool
    neujahr: bool = False
    """Whether 31 December is called 1 January of the year after."""
    alt: bool = False
    """Whether the office counts in areas of another cut, which lie within those of today."""
    teilweise: str = ""
    """A day of which the office has delivered some areas so far."""

    def tag(self, day: str) -> str:
        """A day as the office calls it."""
        return _neujahr(day) if self.neujahr else day


@dataclass
class Kreis:
    """A region and its truth.

    Attributes
    ----------
    wahrheit
        gebiet, feld (``stelle.feld``), stichtag, wert (NaN where there is none), status.
    """

    seed: int
    id: str
    worte: dict[str, tuple[str, str, str, str]]
    kommunen: pd.Series
    """Name per id."""
    gebiete: pd.DataFrame
    """Indexed by id with columns name and kommune."""
    formen: gpd.GeoSeries | None
    crs: str
    umrissformat: str
    """Ending of the file of outlines."""
    tage: list[str]
    neujahr: bool
    """Whether the region page calls 31 December 1 January of the year after."""
    teile: dict[str, list[str]]
    """Ids of the other cut by area of today."""
    themen: list[str]
    stellen: list[Stelle]
    wahrheit: pd.DataFrame
    bevoelkerung: str
    kern: list[str]
    bestaende: list[str] | str
    synthetisch: bool
    reporte: dict[str, list[str]]

    @property
    def ohne_genus(self) -> bool:
        """Whether the region leaves it to the words whether they are der, die or das."""
        return len(self.gebiete) % 2 == 1

    @property
    def merkmale(self) -> list[Merkmal]:
        return [merkmal for stelle in self.stellen for merkmal in stelle.merkmale]

    def kurz(self) -> str:
        """The region in one line, for the report."""
        kinds = "+".join(sorted({merkmal.art for merkmal in self.merkmale}))
        shapes = "ohne Umrisse" if self.formen is None else self.crs
        return (
            f"{len(self.kommunen)} Kommunen, {len(self.gebiete)} Gebiete, {shapes}, {len(self.tage)} Tage{', 1. Januar' if self.neujahr else ''}, "
            f"{len(self.stellen)} Stellen ({', '.join(sorted({s.form for s in self.stellen}))}), "
            f"{len(self.merkmale)} Merkmale ({kinds}){', Umstieg' if any(s.alt for s in self.stellen) else ''}"
            f"{', Stichtag in Teilen' if any(s.teilweise for s in self.stellen) else ''}, Kennungen wie „{self.gebiete.index[0]}“"
        )

    # --- the folder ---------------------------------------------------------------------------

    def schreibe(self, ordner: Path) -> None:
        """The whole region folder, deliveries included."""
        for name in ("indikatoren", "lieferungen", "themen"):
            (ordner / name).mkdir(parents=True, exist_ok=True)
        levels = {
            level: dict(
                zip(("einzahl", "mehrzahl", "dativ", "genus")[: 4 - self.ohne_genus], words, strict=False)
            )
            for level, words in self.worte.items()
        }
        page: dict[str, Any] = {
            "id": self.id, "name": f"{self.worte['region'][0]} Zufall", "herausgeber": "Kreis Zufall & Söhne",
            "synthetisch": self.synthetisch, "ebenen": levels, "schluessel_region": "GANZ",
            "gebiete": [
                {"ebene": "kommune", "datei": "kommunen.csv", "id": "id", "name": "name", "trennzeichen": "|"},
                {"ebene": "sozialraum", "datei": "gebiete.csv", "id": "id", "name": "name", "oberhalb": "kommune", "trennzeichen": "|"},
            ],
            "stichtage": [_neujahr(day) for day in self.tage] if self.neujahr else self.tage, "themen": [{"id": thema, "name": thema.capitalize()} for thema in self.themen],
            "symbolprofile": {"amt": {sign: {"status": status} for status, sign in LUECKEN.items()}},
            "sperrprofile": {
                f"ab{n}": {"mindestfallzahl": n, "komplement": False} for n in {s.mindestfallzahl for s in self.stellen}
            },
        }  # fmt: skip
        if self.bevoelkerung:
            page["bevoelkerung"] = self.bevoelkerung
        if self.kern:
            page["kernindikatoren"] = self.kern
        if self.bestaende:
            page["kommunen_bestaende"] = self.bestaende
        if self.formen is not None:
            page["geometrie"] = [
                self._umrisse(ordner, "sozialraum", self.formen, self.umrissformat, self.crs)
            ]
            if (
                self.seed % 7 == 0 and self.formen.notna().all()
            ):  # the Kommunen in a file and a system of their own
                town = shapely.make_valid(self.formen.to_numpy())
                whole = (
                    gpd.GeoSeries(town, index=self.formen.index, crs=self.formen.crs)
                    .groupby(self.gebiete["kommune"])
                    .agg(shapely.unary_union)
                )
                page["geometrie"].append(
                    self._umrisse(
                        ordner, "kommune", gpd.GeoSeries(whole, crs=self.formen.crs), "geojson", "EPSG:4326"
                    )
                )
        if any(stelle.alt for stelle in self.stellen):
            page["umstiege"] = [
                {"id": "anders", "name": "andere Einheiten", "datei": "umstieg.csv", "trennzeichen": ";"}
            ]
            pairs = [[old, key] for key, olds in self.teile.items() for old in olds]
            schreibe_csv(ordner / "umstieg.csv", [["alt", "neu"], *pairs], ";")
        _yaml(ordner / "region.yml", page)
        schreibe_csv(ordner / "kommunen.csv", [["id", "name"], *self.kommunen.items()], "|")
        rows = [
            [key, area.name_, area.kommune]
            for key, area in zip(
                self.gebiete.index, self.gebiete.rename(columns={"name": "name_"}).itertuples(), strict=True
            )
        ]
        schreibe_csv(ordner / "gebiete.csv", [["id", "name", "kommune"], *rows], "|")
        for report, keys in self.reporte.items():
            questions = [{"frage": f"Wie steht es um {key}?", "indikatoren": [key]} for key in keys]
            _yaml(
                ordner / "themen" / f"{report}.yml",
                {
                    "id": report,
                    "titel": f"Bericht {report}",
                    "frage": "Wie ist die Lage?",
                    "fragen": questions,
                },
            )
        for stelle in self.stellen:
            _yaml(ordner / "indikatoren" / f"{stelle.id}.yml", self._seite(stelle))
            self._lieferung(stelle, ordner / "lieferungen" / stelle.id)

    def _umrisse(
        self, ordner: Path, ebene: str, formen: gpd.GeoSeries, ending: str, crs: str
    ) -> dict[str, str]:
        """Write outlines; what the region page says about them."""
        frame = gpd.GeoDataFrame({"kennung": formen.index}, geometry=formen.to_numpy(), crs=formen.crs)
        driver = {"gpkg": "GPKG", "geojson": "GeoJSON", "shp": "ESRI Shapefile"}[ending]
        name = f"formen_{ebene}.{ending}"
        frame.to_crs("EPSG:4326" if ending == "geojson" else crs).to_file(
            ordner / name,
            driver=driver,
            encoding="utf-8",
            geometry_type="MultiPolygon",
            promote_to_multi=True,
        )  # else a shapefile whose first area has no outline becomes one of lines
        return {"ebene": ebene, "datei": name, "schluessel": "kennung"}

    def _seite(self, stelle: Stelle) -> dict[str, Any]:
        form = FORMEN[stelle.form]
        table: dict[str, Any] = {"schluessel": {"spalten": ["Gebiet"]}} | form.seite
        if table["format"] in ("csv", "excel"):
            table["kopf"] = {"erkennbar_an": "Gebiet"}
        if stelle.summen:
            table["schluessel"] = table["schluessel"] | {"summen": "^Summe"}
        if form.endung == "csv":
            table |= {"kodierung": stelle.kodierung, "dezimal": stelle.dezimal}
        if table["format"] == "csv":
            table["trennzeichen"] = stelle.trennzeichen
        prefix = "zahlen." if stelle.form == "geojson" else ""
        fields = {
            m.feld: {"spalte": prefix + m.feld.capitalize()} | ({} if m.art != "wert" else {"einheit": m.einheit, "summierbar": False, "min": None})
            for m in stelle.merkmale
        }  # fmt: skip
        indicators = {}
        for m in stelle.merkmale:
            entry: dict[str, Any] = {
                "name": m.name, "thema": m.thema, "art": m.art, "zaehler": m.feld, "einheit": m.einheit,
                "nachkommastellen": m.nachkommastellen, "polaritaet": m.polaritaet,
            }  # fmt: skip
            if m.nenner:
                entry["nenner"] = m.nenner
            if m.index:
                entry["index"] = m.index
            indicators[m.indikator] = entry
        more: dict[str, Any] = {"gebietsstand": "anders"} if stelle.alt else {}
        if stelle.teilweise:
            more["vollstaendig"] = False
        return more | {
            "id": stelle.id, "name": f"Lieferung {stelle.id}", "zeile_ist": "ein Gebiet",
            "quelle": {"anbieter": f"Amt {stelle.id.upper()}", "lizenz": "frei"},
            "dateien": f"{stelle.id}/*.{form.endung}", "symbolprofil": "amt",
            "sperrprofil": f"ab{stelle.mindestfallzahl}", "tabelle": table, "felder": fields, "indikatoren": indicators,
            "pruefungen": {"sprung": None},
        }  # fmt: skip

    def _lieferung(self, stelle: Stelle, ordner: Path) -> None:
        """All files of one supplier."""
        ordner.mkdir(parents=True, exist_ok=True)
        mine = self.wahrheit[self.wahrheit["stelle"] == stelle.id]
        cells = dict(zip(zip(mine["stichtag"], mine["gebiet"], mine["feld"], strict=True),
                         zip(mine["wert"], mine["status"], strict=True), strict=True))  # fmt: skip
        form = FORMEN[stelle.form]
        days: dict[str, list[list[Any]]] = {}
        for day in stelle.tage:
            rows = days[stelle.tag(day)] = []
            for key in self.gebiete.index:
                own = [cells.get((day, key, f"{stelle.id}.{m.feld}")) for m in stelle.merkmale]
                if own[0] is None:  # not delivered so far
                    continue
                for old, parts in self._geteilt(stelle, key, own):
                    shown = [
                        _zelle(*cell, m, stelle, form.text)
                        for cell, m in zip(parts, stelle.merkmale, strict=True)
                    ]
                    rows.append([old, *shown])
        heads = [m.feld.capitalize() for m in stelle.merkmale]
        form.schreibe(ordner, Satz(heads, stelle.kodierung, stelle.trennzeichen, stelle.summen), days)

    def _geteilt(self, stelle: Stelle, key: str, cells: list[Any]) -> list[tuple[str, list[Any]]]:
        """Rows of an area: itself, or its parts in the other cut with whole numbers that add up to its own."""
        if not stelle.alt:
            return [(key, cells)]
        olds = self.teile[key]
        n = len(olds)
        return [
            (old, [(value // n + (value % n if i == 0 else 0), status) for value, status in cells])
            for i, old in enumerate(olds)
        ]


def _zelle(value: float, status: str, merkmal: Merkmal, stelle: Stelle, text: bool) -> Any:
    if status != "wert":
        return LUECKEN[status]
    value = float(value)
    if not text:
        return int(value) if value == int(value) else value
    places = merkmal.nachkommastellen if merkmal.art == "wert" else 0
    shown = f"{value:,.{places}f}" if stelle.tausender and merkmal.art != "wert" else f"{value:.{places}f}"
    return shown.translate(str.maketrans({",": ".", ".": ","})) if stelle.dezimal == "," else shown


def _neujahr(day: str) -> str:
    return f"{int(day[:4]) + 1}-01-01" if day.endswith("12-31") else day


class _Schreiber(yaml.SafeDumper):
    """Writes as the guide asks: ids that look like numbers stand in quotation marks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="'" if re.fullmatch(r"0\d+", text) else None
    )


_Schreiber.add_representer(str, _text)


def _yaml(pfad: Path, content: object) -> None:
    pfad.write_text(
        yaml.dump(content, Dumper=_Schreiber, allow_unicode=True, sort_keys=False, width=10_000),
        encoding="utf-8",
    )


# --- drawing --------------------------------------------------------------------------------------

GROESSEN = (
    (0.08, (1, 1), (1, 1)), (0.12, (1, 1), (2, 20)), (0.10, (2, 2), (1, 6)), (0.12, (3, 12), (1, 1)),
    (0.42, (2, 7), (1, 8)), (0.12, (4, 12), (2, 10)), (0.02, (1, 3), (30, 40)), (0.01, (30, 400), (1, 3)),
    (0.005, (13, 30), (1, 40)),
)  # fmt: skip
"""Weight, range of the number of Kommunen, range of areas in each."""


def ziehe(seed: int, groesse: tuple[tuple[int, int], tuple[int, int]] | None = None) -> Kreis:
    """Region of a seed; ``groesse`` (Kommunen, areas in each, both as ranges) instead of a drawn one."""
    rng = np.random.default_rng([20_240, seed])
    weights = np.array([weight for weight, _, _ in GROESSEN])
    _, many, each = GROESSEN[rng.choice(len(GROESSEN), p=weights / weights.sum())]
    many, each = groesse or (many, each)
    k = int(rng.integers(many[0], many[1] + 1))
    sizes = rng.integers(each[0], each[1] + 1, size=k)
    form = str(rng.choice(list(KENNUNGEN)))
    ags = (
        str(rng.choice(["05{:06}", "K{}", "{:02}", "K&{}<", "Ä/{}", "O'{}"]))
        if form != "amtlich"
        else "05{:06}"
    )
    kommunen = pd.Series({ags.format(i + 1): _name(rng) or f"Ort {i + 1}" for i in range(k)}, dtype=object)
    entries = [
        (KENNUNGEN[form](i + 1, j + 1), _name(rng) if rng.random() < 0.9 else "", kommune)
        for i, (kommune, size) in enumerate(zip(kommunen.index, sizes, strict=True))
        for j in range(int(size))
    ]
    gebiete = pd.DataFrame(entries, columns=["id", "name", "kommune"]).set_index("id")
    if set(gebiete.index) & set(kommunen.index):
        kommunen.index = [f"G-{key}" for key in kommunen.index]
        gebiete["kommune"] = "G-" + gebiete["kommune"]
    formen = umrisse.zufaellige(rng, gebiete["kommune"]) if rng.random() < 0.7 else None
    if formen is not None and formen.isna().all():
        formen = None
    tage, neujahr = _tage(rng), bool(rng.random() < 0.2)
    themen = [f"thema{n}" for n in range(1, int(rng.integers(1, 5)) + 1)]
    stellen = _stellen(rng, tage, themen, gross=len(gebiete) > 300)
    teile = {
        key: [f"alt:{number}.{part}" for part in range(int(rng.integers(1, 4)))]
        for number, key in enumerate(gebiete.index)
    }
    tage = sorted({*tage, *(stelle.teilweise for stelle in stellen)} - {""})
    wahrheit = _wahrheit(rng, stellen, gebiete)
    keys = [m.indikator for s in stellen for m in s.merkmale]
    counts = [m.indikator for s in stellen for m in s.merkmale if m.art == "anzahl"]
    compared = [m.indikator for s in stellen for m in s.merkmale if m.art != "anzahl"]
    return Kreis(
        seed=seed,
        id=f"zufall-{seed}",
        worte={level: choices[rng.integers(len(choices))] for level, choices in WORTE.items()},
        kommunen=kommunen,
        gebiete=gebiete,
        formen=formen,
        crs=str(rng.choice(["EPSG:25832", "EPSG:4326", "EPSG:31467", "EPSG:3857", "EPSG:25833", "EPSG:3035", "EPSG:4258", "EPSG:5676"])),
        umrissformat=str(rng.choice(["gpkg", "gpkg", "geojson", "shp"])),
        tage=tage,
        neujahr=neujahr,
        teile=teile,
        themen=themen,
        stellen=stellen,
        wahrheit=wahrheit,
        bevoelkerung=counts[0] if counts and rng.random() < 0.8 else "",
        kern=[str(key) for key in rng.choice(compared, min(3, len(compared)), replace=False)] if compared and rng.random() < 0.4 else [],
        bestaende=[str(rng.choice(kommunen.index))] if rng.random() < 0.2 else [],
        synthetisch=bool(rng.random() < 0.5),
        reporte={"bericht": [str(key) for key in rng.choice(keys, min(3, len(keys)), replace=False)]} if rng.random() < 0.5 else {},
    )  # fmt: skip


def _name(rng: np.random.Generator) -> str:
    name = NAMEN[rng.integers(len(NAMEN))]
    return name if rng.random() < 0.4 else f"{name} {rng.integers(1, 40)}"


def _tage(rng: np.random.Generator) -> list[str]:
    years = sorted(rng.choice(np.arange(2011, 2026), size=int(rng.integers(1, 7)), replace=False))
    end = str(rng.choice(["12-31", "12-31", "06-30", "02-28"]))
    return [f"{year}-{end}" for year in years]


def _stellen(rng: np.random.Generator, tage: list[str], themen: list[str], gross: bool) -> list[Stelle]:
    kind = rng.choice(["beides", "zahlen", "anteile", "werte"], p=[0.5, 0.2, 0.1, 0.2])
    n = int(rng.choice([1, 2, 3, 5]))
    out: list[Stelle] = []
    base = ""
    for number in range(n):
        some = (
            sorted(rng.choice(tage, size=int(rng.integers(1, len(tage) + 1)), replace=False))
            if number
            else tage
        )
        name = f"amt{number + 1}"
        merkmale: list[Merkmal] = []
        for i in range(int(rng.integers(1, 3 if gross else 6))):
            art = {"zahlen": "anzahl", "werte": "wert", "anteile": "quote"}.get(
                str(kind), str(rng.choice(["quote", "quote", "wert", "anzahl"]))
            )
            if kind in ("beides", "anteile") and not base:
                art = "anzahl"  # the base of the shares comes first
            places = (
                int(rng.integers(0, 4))
                if art == "wert"
                else 0
                if art == "anzahl"
                else int(rng.integers(0, 3))
            )
            unit = {"anzahl": "Personen", "quote": "%"}.get(
                art, str(rng.choice(["€/m²", "Jahre", "%", "Punkte", "Tage"]))
            )
            feld = f"f{number + 1}{i + 1}"
            merkmale.append(
                Merkmal(
                    feld, f"{rng.choice(['X', 'AB', 'ind', 'Q'])}{number + 1}{i + 1:02}", art,
                    str(rng.choice([f"Anteil {feld}", f"Menschen mit {feld} & mehr", f"Größe {feld} <18", "Ein sehr langer Name, der alles erklärt und "
                                    f"auch noch sagt, was {feld} nicht ist, obwohl das niemand wissen wollte"])),
                    places, unit, str(rng.choice(themen)), str(rng.choice(["+", "-", "0"])), base if art == "quote" else "",
                )
            )  # fmt: skip
            if art == "anzahl" and not base:
                base = f"{name}.{feld}"
        for m in merkmale:
            if m.art != "anzahl" and m.polaritaet != "0" and rng.random() < 0.5:
                m.index = {m.thema: float(rng.choice([1, 1, 2]))}
        form = str(rng.choice(list(FORMEN)))
        sign = str(rng.choice([";", ",", "\t"])) if form != "ffcsv" else ";"
        decimal = "." if sign == "," else str(rng.choice([",", ","]))
        out.append(
            Stelle(
                name, form, [str(day) for day in some], merkmale, int(rng.choice([0, 3, 10])),
                str(rng.choice(["utf-8", "utf-8-sig", "utf-16"])), sign, decimal, bool(sign == ";" and form != "ffcsv" and rng.random() < 0.3),
                bool(rng.random() < 0.3 and form in ("xlsx_breit", "xlsx_blatt", "xlsx_zelle")), neujahr=bool(rng.random() < 0.2),
            )
        )  # fmt: skip
        counted = all(m.art != "wert" for m in merkmale)
        if counted and number and rng.random() < 0.3:
            out[-1].alt, out[-1].summen = True, False
    last = out[-1]
    if n > 1 and last.form != "csv_kopf" and not last.alt and rng.random() < 0.3:
        last.teilweise, last.summen = f"{int(tage[-1][:4]) + 1}{tage[-1][4:]}", False
        last.tage.append(last.teilweise)
    return out


def _wahrheit(rng: np.random.Generator, stellen: list[Stelle], gebiete: pd.DataFrame) -> pd.DataFrame:
    """Every cell of every delivery: the number or why there is none."""
    n = len(gebiete)
    frames = []
    people = np.round(np.exp(rng.normal(rng.choice([5.0, 7.5, 9.0]), rng.choice([0.2, 1.0, 2.0]), n))) + 1
    for stelle in stellen:
        for m in stelle.merkmale:
            style = str(
                rng.choice(
                    [
                        "gewoehnlich",
                        "gewoehnlich",
                        "gewoehnlich",
                        "konstant",
                        "leer",
                        "fast_leer",
                        "schief",
                        "null",
                        "gitter",
                    ]
                )
            )
            first = m.art == "anzahl" and f"{stelle.id}.{m.feld}" == _basis(stellen)
            level = rng.beta(2, 6, n)
            for t, tag in enumerate(stelle.tage):
                drift = np.clip(level + rng.normal(0, 0.02 * t, n), 0, 1)
                if first:
                    values = np.round(people * (1 + 0.02 * t))
                    style = "gewoehnlich"
                elif m.art in ("anzahl", "quote"):
                    whole = np.round(
                        people * (1 + 0.02 * (stellen[0].tage.index(tag) if tag in stellen[0].tage else 0))
                    )
                    values = np.floor(whole * drift)
                else:
                    values = np.round(100 * drift, m.nachkommastellen)
                values = _art(rng, style, values, people)
                status = np.full(n, "wert", dtype=object)
                gap = rng.random(n) < {"leer": 1.0, "fast_leer": 0.97}.get(
                    style, float(rng.choice([0, 0, 0.1]))
                )
                status[gap] = rng.choice(["geheim", "unbekannt", "nicht_sinnvoll"], size=int(gap.sum()))
                if first or stelle.alt:
                    status[:] = "wert"
                elif style == "null" or rng.random() < 0.1:
                    status[(values == 0) & ~gap] = "null_exakt"
                frames.append(
                    pd.DataFrame(
                        {
                            "gebiet": gebiete.index, "stelle": stelle.id, "feld": f"{stelle.id}.{m.feld}", "stichtag": tag,
                            "wert": np.where(status == "wert", values, np.where(status == "null_exakt", 0.0, np.nan)), "status": status,
                        }
                    )
                )  # fmt: skip
    out = pd.concat(frames, ignore_index=True)
    for stelle in stellen:
        if stelle.teilweise:
            there = set(gebiete.index[rng.random(n) < 0.6]) or {gebiete.index[0]}
            late = (out["stelle"] == stelle.id) & (out["stichtag"] == stelle.teilweise)
            out = out[~late | out["gebiet"].isin(there)]
    return out.reset_index(drop=True)


def _basis(stellen: list[Stelle]) -> str:
    return next((f"{s.id}.{m.feld}" for s in stellen for m in s.merkmale if m.art == "anzahl"), "")


def _art(rng: np.random.Generator, style: str, values: np.ndarray, people: np.ndarray) -> np.ndarray:
    if style == "konstant":
        return np.full(len(values), min(float(values[0]), float(people.min())))
    if style == "null":
        return np.zeros(len(values))
    if style == "schief":
        out = np.minimum(values, 1.0)
        out[0] = values[0]
        return out
    return np.minimum(values, 7.0) if style == "gitter" else values
