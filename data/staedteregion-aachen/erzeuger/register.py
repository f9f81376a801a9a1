"""Deliveries of the registers and statistics offices: inhabitants, households, movements, housing, shapes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import plan
from dateien import Blatt, Zelle, bereich, schreibe_csv, schreibe_gpkg, schreibe_xlsx
from schreibweisen import MARKE, NBSP, Region, komma, kurz, mit_abstand, tag, tausender
from zaehlungen import BAND

ALTERSGRUPPEN = (
    "unter 3", "3 bis unter 6", "6 bis unter 15", "15 bis unter 18", "18 bis unter 20", "20 bis unter 25",
    "25 bis unter 45", "45 bis unter 65", "65 bis unter 80", "80 und älter",
)  # fmt: skip

# Melderegister: one workbook per Kommune, three-row merged heading, own ways to write an area.

_DATEINAME = {
    "AC": "Stadt Aachen", "A": "Alsdorf", "B": "Baesweiler", "E": "05334012", "H": "Herzogenrath",
    "M": "Monschau", "R": "Gemeinde Roetgen", "SI": "Simmerath", "S": "Stolberg", "W": "Wuerselen",
}  # fmt: skip
_SCHREIBWEISE: dict[str, Callable[[str], str]] = {
    "AC": lambda g: f"{int(kurz(g)):02d}",
    "A": mit_abstand,
    "B": lambda g: f"Sozialraum {kurz(g)}",
    "E": lambda g: g,
    "H": lambda g: f"SR {kurz(g)}",
    "M": lambda g: f"Sozialraum {kurz(g)}",
    "R": lambda g: f"SR{NBSP}{kurz(g)}",
    "SI": lambda g: g.replace(" ", ""),
    "S": lambda g: f"S{NBSP}{kurz(g).upper()}",
    "W": kurz,
}


def melderegister(region: Region, stichtag: str, ziel: Path) -> None:
    rng = np.random.default_rng([region.saat, 6, int(stichtag[:4])])
    for kuerzel, part in region.kommunen:
        name = part["kommune_name"].iloc[0]
        # The state of 31 December is called 1 January of the next year by some.
        date = f"01.01.{int(stichtag[:4]) + 1}" if kuerzel == "H" else tag(stichtag)
        head: list[list[Zelle]] = [
            [f"Einwohnermeldewesen {name}: Einwohner am Ort der Hauptwohnung"],
            [f"{'Stand' if kuerzel == 'H' else 'Stichtag'}: {date}"],
            [f"Auszug aus dem Melderegister, ohne Nebenwohnungen. {MARKE}."],
            [],
        ]
        first, second, third, merged = _dreizeilig(
            len(head) + 1, "Ausländer" if kuerzel in ("AC", "S") else "Nichtdeutsche"
        )
        rows = [
            [
                _SCHREIBWEISE[kuerzel](gebiet),
                part.at[gebiet, "name"] or None,
                *_alterszeile(region.zahlen[stichtag].loc[gebiet]),
            ]
            for gebiet in part.index
        ]
        total = region.zahlen[stichtag].loc[part.index].sum()
        missing = pd.Series(
            {f: rng.binomial(int(v), 0.002) for f, v in total.items() if str(f).startswith("roh.")}
        )
        rows.append(["o. f. W.", "ohne festen Wohnsitz", *_alterszeile(missing)])
        rows.append(["Insgesamt", None, *_alterszeile(total.filter(like="roh.") + missing)])
        sheet = Blatt(
            "Tabelle1" if kuerzel != "AC" else "Bestand HW", [*head, first, second, third, *rows], merged, 2
        )
        file = f"EWO_{_DATEINAME[kuerzel]}_{tag(stichtag).replace('.', '-')}.xlsx"
        schreibe_xlsx(ziel / "melderegister" / file, sheet)


def _dreizeilig(zeile: int, auslaender: str) -> tuple[list[Zelle], list[Zelle], list[Zelle], list[str]]:
    """Heading: nationality, sex, age; merged cells as clerks make them."""
    first: list[Zelle] = ["Sozialraum", "Bezeichnung", "Medianalter\nin Jahren"]
    second: list[Zelle] = [None, None, None]
    third: list[Zelle] = [None, None, None]
    merged = [bereich(zeile, column, column, zeile + 2) for column in (1, 2, 3)]
    width = len(ALTERSGRUPPEN) + 1
    for nationality in ("Deutsche", auslaender, "Insgesamt"):
        start = len(first) + 1
        first += [nationality, *[None] * (3 * width - 1)]
        merged.append(bereich(zeile, start, start + 3 * width - 1))
        for number, sex in enumerate(("männlich", "weiblich", "zusammen")):
            second += [sex, *[None] * (width - 1)]
            merged.append(bereich(zeile + 1, start + number * width, start + (number + 1) * width - 1))
            third += [g.replace(" bis unter ", f"{NBSP}bis unter ") for g in ALTERSGRUPPEN]
            third.append("alle Altersgruppen")
    return first, second, third, merged


def _alterszeile(zahlen: pd.Series) -> list[Zelle]:
    """All cells of a row; the median age only where it was computed."""

    def block(*groups: str) -> list[int]:
        counts = [sum(int(zahlen[f"roh.{group}_{band}"]) for group in groups) for band in BAND]
        return [*counts, sum(counts)]

    median = zahlen.get("melderegister.medianalter")
    row: list[Zelle] = [None if median is None else round(float(median), 1)]
    for origin in (("dt",), ("ausl",), ("dt", "ausl")):
        for sex in (("m",), ("w",), ("m", "w")):
            row += block(*[f"{o}_{s}" for o in origin for s in sex])
    return row


# Haushalte: statistics office style CSV, cp1252, six-digit keys, footer with legend.


def haushalte(region: Region, stichtag: str, ziel: Path) -> None:
    fields = ("hh", "hh_1", "hh_1_65plus", "hh_kind", "hh_alleinerz", "hh_kind3")
    head = [
        "Haushalte nach Gebieten (Haushaltegenerierung aus dem Melderegister)", f"Stichtag: {tag(stichtag)}",
        MARKE, "",
        "Gemeindeschlüssel;Gebiet;Haushalte insgesamt;Einpersonenhaushalte;darunter Person 65 Jahre und älter;"
        "Haushalte mit Kindern unter 18 Jahren;darunter Alleinerziehende;darunter mit 3 und mehr Kindern;"
        "Einpersonenhaushalte in %;",
    ]  # fmt: skip
    rows: list[list[Zelle]] = [[line] for line in head]
    for _, part in region.kommunen:
        key = part["kommune"].iloc[0][2:]
        for label, counts in [
            *((kurz(g), [region.zahl(stichtag, g, f"haushalte.{f}") for f in fields]) for g in part.index),
            ("insgesamt", [region.summe(stichtag, part, f"haushalte.{f}") for f in fields]),
        ]:
            share = komma(100 * counts[1] / counts[0], 1)
            rows.append([key, label, *[tausender(c) if c else "-" for c in counts], share, None])
    rows += [
        ["__________"],
        ["- = nichts vorhanden"],
        [". = Zahlenwert unbekannt oder geheim zu halten"],
        [f"(C)opyright: {MARKE}"],
    ]
    schreibe_csv(ziel / "haushalte" / f"Haushalte_{stichtag[:4]}.csv", rows, "cp1252")


def integration(region: Region, stichtag: str, ziel: Path) -> None:
    columns = {
        "Einwohner mit Migrationshintergrund": "mhg", "darunter unter 18 Jahre": "mhg_u18",
        "Ausländer mit mindestens 5 Jahren Aufenthalt": "ausl_5j",
        "Einbürgerungen in drei Jahren": "einbuergerungen",
    }  # fmt: skip
    rows: list[list[Zelle]] = [
        ["Migration und Einbürgerung"],
        [f"Stand {tag(stichtag)}; Migrationshintergrund abgeleitet mit MigraPro; {MARKE}"],
        [],
        ["Sozialraum", "Bezeichnung", *columns],
    ]
    for gebiet in region.gebiete.index:
        counts = [region.zahl(stichtag, gebiet, f"integration.{f}") for f in columns.values()]
        key = gebiet.replace("SI ", "Si ") if stichtag.startswith("2021") else gebiet
        rows.append([key, region.gebiete.at[gebiet, "name"] or None, *["-" if c == 0 else c for c in counts]])
    schreibe_xlsx(ziel / "integration" / f"Migration_{stichtag[:4]}.xlsx", Blatt("Tabelle", rows))


def bewegungen(region: Region, stichtag: str, ziel: Path) -> None:
    fields = ("zuzuege", "fortzuege", "ausland", "geburten", "sterbefaelle")
    year = int(stichtag[:4])
    rows: list[list[Zelle]] = [
        ["Bewegungen im Melderegister"], [f"Zeitraum 01.01.{year - 2} bis {tag(stichtag)}, drei Jahre zusammen"], [MARKE],
        ["Kürzel", "Nr.", "Zuzüge", "Fortzüge", "Zuzüge aus dem Ausland", "Geburten", "Sterbefälle"],
    ]  # fmt: skip
    for kuerzel, part in region.kommunen:
        for gebiet in part.index:
            rows.append(
                [kuerzel, kurz(gebiet), *[region.zahl(stichtag, gebiet, f"bewegungen.{f}") for f in fields]]
            )
        rows.append([kuerzel, "gesamt", *[region.summe(stichtag, part, f"bewegungen.{f}") for f in fields]])
    schreibe_csv(ziel / "bewegungen" / f"Bewegungen_{year - 2}-{year}.txt", rows, "utf-8", "\t")


def wohnen(region: Region, stichtag: str, ziel: Path) -> None:
    columns = {
        "Wohnungen": "wohnungen", "leer stehend": "leerstand", "Mietwohnungen": "mietwohnungen",
        "preisgebundene Mietwohnungen": "gebunden", "Bindung endet in 10 Jahren": "bindung_endet",
        "Wohngebäude": "gebaeude", "mit 1 oder 2 Wohnungen": "gebaeude_1_2", "Wohnfläche in m²": "flaeche_qm",
        "Haushalte mit WBS-Vormerkung": "wbs", "Fertiggestellte Wohnungen in 5 Jahren": "fertiggestellt",
        "Mietinserate": "inserate",
    }  # fmt: skip
    rows: list[list[Zelle]] = [
        ["Wohnungsbestand und Wohnungsmarkt nach Gebieten"], [f"Stand: {tag(stichtag)}"], [MARKE], [],
        ["Gebiet", *columns, "Angebotsmiete nettokalt (Median) in €/m²", None],
    ]  # fmt: skip
    for _, part in region.kommunen:
        name = part["kommune_name"].iloc[0].replace(" (Rhld.)", "")
        spelled = name.replace("ü", "ue") if stichtag.startswith("2021") else name
        for gebiet in part.index:
            counts = [region.zahl(stichtag, gebiet, f"wohnen.{f}") for f in columns.values()]
            rent = "/" if counts[-1] < 20 else komma(region.zahlen[stichtag].at[gebiet, "wohnen.miete"], 2)
            rows.append(
                [f"{spelled} {kurz(gebiet)}", *["–" if c == 0 else tausender(c) for c in counts], rent, None]
            )
        sums = [region.summe(stichtag, part, f"wohnen.{f}") for f in columns.values()]
        rows.append([f"Summe {name}", *[tausender(c) for c in sums], "x", None])
    rows += [
        ["__________"],
        ["– = nichts vorhanden"],
        ["/ = keine Angabe, da weniger als 20 Inserate"],
        ["x = Nachweis nicht sinnvoll"],
    ]
    schreibe_csv(ziel / "wohnen" / f"Wohnen_{stichtag[:4]}.csv", rows, "cp1252")


def geometrie(region: Region, formen: gpd.GeoDataFrame, ziel: Path) -> None:
    """Shapes with clerks' ids and the size as text, and the municipalities they make up."""
    areas = gpd.GeoDataFrame(
        {
            "kennung": [g.replace(" ", "") for g in formen.index],
            "bezeichnung": [f"Sozialraum {mit_abstand(str(g))}" for g in formen.index],
            "flaeche_m2": [tausender(round(a)) for a in formen.area],
            "herkunft": MARKE,
        },
        geometry=formen.geometry.to_numpy(), crs=formen.crs,
    )  # fmt: skip
    union = formen.dissolve(region.gebiete["kommune"].to_numpy())
    names = region.gebiete.drop_duplicates("kommune").set_index("kommune")["kommune_name"]
    kommunen = gpd.GeoDataFrame(
        {"ags": union.index.to_list(), "name": names[union.index].to_list(), "herkunft": MARKE},
        geometry=union.geometry.to_numpy(), crs=formen.crs,
    )  # fmt: skip
    schreibe_gpkg(ziel / "geometrie" / "sozialraeume.gpkg", {"sozialraeume": areas, "kommunen": kommunen})


def umstieg(region: Region, ziel: Path) -> None:
    """Which areas of today the former ones were divided into, and how many people lived in each part."""
    counts = region.zahlen[plan.ZUSCHNITT_BIS]
    young = counts[[f"melderegister.ew_{band}" for band in BAND[: BAND.index("18_19")]]].sum(axis=1)
    rows: list[list[Zelle]] = [["alt", "neu", "ew", "ew_u18", "herkunft"]]
    for old, parts in plan.GETEILT.items():
        rows += [[old, new, int(counts.at[new, "melderegister.ew"]), int(young[new]), MARKE] for new in parts]
    schreibe_csv(ziel / "geometrie" / "umstieg_bis2019.csv", rows, "utf-8")
