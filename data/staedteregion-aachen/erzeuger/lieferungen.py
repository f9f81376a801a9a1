"""The deliveries, each in the shape its supplier is known for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from dateien import Blatt, Zelle, bereich, schreibe_csv, schreibe_gpkg, schreibe_xlsx
from zaehlungen import BAND

MARKE = "Demodaten – frei erfunden"
NBSP = "\u00a0"
ALTERSGRUPPEN = (
    "unter 3", "3 bis unter 6", "6 bis unter 15", "15 bis unter 18", "18 bis unter 20", "20 bis unter 25",
    "25 bis unter 45", "45 bis unter 65", "65 bis unter 80", "80 und älter",
)  # fmt: skip


class Region:
    """Areas and counts, and the ways suppliers write names and dates.

    Parameters
    ----------
    gebiete
        Index area ids; columns ``kuerzel``, ``name``, ``kommune`` (AGS), ``kommune_name``, ``ba``.
    zahlen
        Counts per date, indexed like ``gebiete``.
    saat
        Seed of what deliveries add: cases without address, gaps.
    """

    def __init__(self, gebiete: pd.DataFrame, zahlen: dict[str, pd.DataFrame], saat: int) -> None:
        self.gebiete, self.zahlen, self.saat = gebiete, zahlen, saat

    @property
    def kommunen(self) -> list[tuple[str, pd.DataFrame]]:
        return [(str(name), part) for name, part in self.gebiete.groupby("kuerzel", sort=False)]

    def zahl(self, stichtag: str, gebiet: str, feld: str) -> int:
        return int(self.zahlen[stichtag].at[gebiet, feld])

    def summe(self, stichtag: str, part: pd.DataFrame, feld: str) -> int:
        return int(self.zahlen[stichtag].loc[part.index, feld].sum())


def kurz(gebiet: str) -> str:
    """Id without its Kommune."""
    return gebiet.split(" ")[1]


def mit_abstand(gebiet: str) -> str:
    """``11 a`` for ``A 11a``."""
    return re.sub(r"(\d)([ab])$", r"\1 \2", kurz(gebiet))


def tag(stichtag: str) -> str:
    year, month, day = stichtag.split("-")
    return f"{day}.{month}.{year}"


def tausender(number: float) -> str:
    """German thousands points."""
    return f"{int(number):,}".replace(",", ".")


def komma(number: float, stellen: int) -> str:
    return f"{number:.{stellen}f}".replace(".", ",")


def alle(region: Region, formen: gpd.GeoDataFrame, ziel: Path) -> None:
    """Write every delivery below ``ziel``."""
    for stichtag in region.zahlen:
        for write in (
            melderegister,
            haushalte,
            ba_akg,
            sozialamt,
            jugendamt,
            gesundheitsamt,
            schwerbehinderung,
            integration,
            bewegungen,
            wohnen,
        ):
            write(region, stichtag, ziel)
    schulamt(region, ziel)
    geometrie(region, formen, ziel)


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


# Bundesagentur für Arbeit: small-area workbook with pseudo keys, secret cells and remainder row.

BA_MERKMALE = {
    "ALO_INSG": "alo", "ALO_SGB3": "alo_sgb3", "ALO_SGB2": "alo_sgb2", "ALO_15U25": "alo_15_24", "ALO_LANGZEIT": "alo_lang",
    "ALO_AUSL": "alo_ausl", "SVB_WO_15U65": "svb", "SVB_WO_15U65_W": "svb_frauen", "AGB_WO_15U65": "agb",
    "BG_INSG": "bg", "BG_ALLEINERZ": "bg_alleinerz", "BG_KDU": "bg_kdu", "BG_KDU_UEBER": "bg_kdu_ueber",
    "RLB_INSG": "rlb", "RLB_AUSL": "rlb_ausl", "NEF_U15": "nef_u15", "ELB_INSG": "elb", "ELB_15U25": "elb_15_24",
    "ELB_ERWERBST": "elb_erwerbstaetig", "ELB_LZB": "elb_lang",
}  # fmt: skip


def ba_akg(region: Region, stichtag: str, ziel: Path) -> None:
    rng = np.random.default_rng([region.saat, 7, int(stichtag[:4])])
    month = int(stichtag[:4] + stichtag[5:7])
    rows: list[list[Zelle]] = [["Berichtsmonat", "AGS", "Gliederung", "Name", *BA_MERKMALE]]

    def secret(count: int) -> Zelle:
        return "-" if count == 0 else "*" if count < 10 else count

    for _, part in region.kommunen:
        ags = part["kommune"].iloc[0]
        counts = (
            region.zahlen[stichtag].loc[part.index, [f"ba_akg.{f}" for f in BA_MERKMALE.values()]].astype(int)
        )
        keys = [ba.split("/")[1] for ba in part["ba"]]
        base = pd.Series([key[:3] for key in keys], index=part.index)
        rest = counts.sum().map(lambda c: int(rng.binomial(int(c), 0.012)))
        for gebiet, key in zip(part.index, keys, strict=True):
            cells = [secret(c) for c in counts.loc[gebiet]]
            rows.append([month, ags, key, part.at[gebiet, "name"] or None, *cells])
            rows.append([month, ags, key[:6] + "SUM", None, *cells])
            if gebiet == base[base == base[gebiet]].index[-1]:
                rows.append(
                    [
                        month,
                        ags,
                        key[:3] + "SUMSUM",
                        None,
                        *[secret(c) for c in counts[base == base[gebiet]].sum()],
                    ]
                )
        rows.append([month, ags, "999999999", "keine Angabe", *[secret(c) for c in rest]])
        rows.append(
            [month, ags, "SUMSUMSUM", part["kommune_name"].iloc[0], *[secret(c) for c in counts.sum() + rest]]
        )
    notes: list[list[Zelle]] = [
        ["Auswertung nach kleinräumiger Gliederung"], [MARKE], [],
        ["* = Werte kleiner 10 und größer 0, statistische Geheimhaltung"],
        ["SUM = Summe über die jeweilige Gliederungsstufe"],
        ["keine Angabe = nicht zugeordnet (Anschrift unbekannt oder fehlerhaft)"],
    ]  # fmt: skip
    log: list[list[Zelle]] = [
        ["Straße (Kategorie)", "Anzahl nicht zugeordneter Fälle"],
        ["Schreibweise unbekannt", 61],
        ["ohne festen Wohnsitz", 38],
    ]
    schreibe_xlsx(
        ziel / "ba_akg" / f"AkG_StaedteRegion_{month}.xlsx",
        Blatt("Hinweise", notes), Blatt("AkG", rows), Blatt("Fehlerprotokoll", log),
    )  # fmt: skip


# Sozialämter: numbers as text, totals between the rows, dashes and "k. A.".


def sozialamt(region: Region, stichtag: str, ziel: Path) -> None:
    columns = {
        "Grundsicherung im Alter": "gsia", "Grundsicherung bei Erwerbsminderung": "gsie",
        "Hilfe zum Lebensunterhalt (a. v. E.)": "hlu", "Regelleistungen AsylbLG": "asylblg",
        "Hilfe zur Pflege": "hzp", "Wohngeldhaushalte": "wohngeld",
    }  # fmt: skip
    rows: list[list[Zelle]] = [
        ["Leistungen nach SGB XII, AsylbLG und WoGG"],
        ["Personen (Wohngeld: Haushalte) am Stichtag, Wohnortprinzip", None, MARKE],
        [],
        ["Sozialraum", "Bezeichnung", *columns],
    ]

    def shown(kuerzel: str, feld: str, count: int) -> str:
        # Two offices could not deliver everything in the first year.
        if stichtag.startswith("2019") and (kuerzel, feld) in (("R", "wohngeld"), ("M", "hzp")):
            return "k. A."
        return "–" if count == 0 else tausender(count)

    for kuerzel, part in region.kommunen:
        for gebiet in part.index:
            key = (
                gebiet
                if kuerzel != "A"
                else f"A {kurz(gebiet):0>3}"
                if gebiet[-1] in "ab"
                else f"A {kurz(gebiet):0>2}"
            )
            rows.append(
                [
                    f"{key} ",
                    part.at[gebiet, "name"] or None,
                    *[
                        shown(kuerzel, f, region.zahl(stichtag, gebiet, f"sozialamt.{f}"))
                        for f in columns.values()
                    ],
                ]
            )
        name = part["kommune_name"].iloc[0]
        rows.append(
            [
                f"{name} insgesamt",
                None,
                *[
                    shown(kuerzel, f, region.summe(stichtag, part, f"sozialamt.{f}"))
                    for f in columns.values()
                ],
            ]
        )
    file = f"SGB12_AsylbLG_Wohngeld_{stichtag}.xlsx"
    schreibe_xlsx(ziel / "sozialamt" / file, Blatt("Auswertung", rows, leere_spalten=3))


# Seven Jugendämter, seven forms.

_JUGENDAEMTER = {
    "Aachen": ("AC",), "Alsdorf": ("A",), "Eschweiler": ("E",), "Herzogenrath": ("H",),
    "StaedteRegion": ("B", "M", "R", "SI"), "Stolberg": ("S",), "Wuerselen": ("W",),
}  # fmt: skip
_KITA_KOPF = (
    (
        "Betreute Kinder",
        (
            "unter 3 Jahren",
            "3 Jahre bis Schuleintritt",
            "nichtdeutsche Familiensprache",
            "mit Eingliederungshilfe",
        ),
    ),
    ("Kinder in Kita und Kindertagespflege", ("U3", "Ü3", "Familiensprache nicht deutsch", "Inklusion")),
)


def jugendamt(region: Region, stichtag: str, ziel: Path) -> None:
    date = f"{int(stichtag[:4]) + 1}-03-01"
    fields = ("kita_u3", "kita_ue3", "kita_sprache", "kita_inklusion")
    for number, (office, kuerzel) in enumerate(_JUGENDAEMTER.items()):
        group, columns = _KITA_KOPF[number % 2]
        part = region.gebiete[region.gebiete["kuerzel"].isin(kuerzel)]
        rows: list[list[Zelle]] = [
            [
                f"Jugendamt {office.replace('StaedteRegion', 'der StädteRegion').replace('Wuerselen', 'Würselen')}: Kindertagesbetreuung nach Wohnort der Kinder"
            ],
            [f"Auswertung aus KiBiz.web zum {tag(date)}; {MARKE}"],
            ["Sozialraum", group, None, None, None],
            [None, *columns],
        ]
        for gebiet in part.index:
            counts = [region.zahl(stichtag, gebiet, f"jugendamt.{f}") for f in fields]
            key = gebiet.upper() if number % 3 == 0 else gebiet.replace(" ", "")
            rows.append([key, *["-" if c == 0 else "." if c < 3 else c for c in counts]])
        rows.append(
            ["Jugendamtsbezirk insgesamt", *[region.summe(stichtag, part, f"jugendamt.{f}") for f in fields]]
        )
        merged = [bereich(3, 1, 1, 4), bereich(3, 2, 5)]
        schreibe_xlsx(
            ziel / "jugendamt" / f"Kita_{office}_{date}.xlsx", Blatt(f"Stand {tag(date)}", rows, merged)
        )


# Gesundheitsamt: three school years pooled, explanation below the table.


def gesundheitsamt(region: Region, stichtag: str, ziel: Path) -> None:
    year = int(stichtag[:4])
    columns = {
        "Untersuchte Kinder": "untersucht", "Übergewicht oder Adipositas": "uebergewicht",
        "Sprachkompetenz auffällig": "sprache", "Visuomotorik oder Koordination auffällig": "motorik",
        "Vorsorgeheft vorgelegt": "heft", "U3 bis U9 vollständig": "heft_vollstaendig",
        "Impfausweis vorgelegt": "impfausweis", "Masern zweimal geimpft": "masern",
        "Zahnärztlich untersucht": "zahn_untersucht", "Zähne behandlungsbedürftig": "zahn_behandlung",
    }  # fmt: skip
    rows: list[list[Zelle]] = [
        ["Schuleingangsuntersuchung und zahnärztliche Untersuchung"],
        [
            f"Drei Einschulungsjahrgänge zusammen, Schuljahre {year - 2}/{str(year - 1)[2:]} bis {year}/{str(year + 1)[2:]}"
        ],
        [MARKE],
        ["Sozialraum", "Name", *columns],
    ]
    for kuerzel, part in region.kommunen:
        for gebiet in part.index:
            cells: list[Zelle] = []
            for field in columns.values():
                count = region.zahl(stichtag, gebiet, f"gesundheitsamt.{field}")
                # While examinations were cut short, coordination was not tested everywhere.
                gap = field == "motorik" and year == 2021 and kuerzel in ("M", "SI")
                cells.append("/" if gap else "–" if count == 0 else "." if count < 3 else count)
            rows.append([gebiet.replace(" ", NBSP), part.at[gebiet, "name"] or None, *cells])
    rows += [
        [],
        ["Erläuterung: – = nichts vorhanden, . = unter 3 Fällen, / = nicht sicher genug"],
        ["Wohnortprinzip; nicht alle Kinder wurden untersucht."],
    ]
    file = f"SEU_{year - 2}-{str(year - 1)[2:]}_bis_{year}-{str(year + 1)[2:]}.xlsx"
    schreibe_xlsx(ziel / "gesundheitsamt" / file, Blatt("SEU", rows))


# Schulamt: one long file over all dates.

SCHULMERKMALE = {
    "Übergänge 4 nach 5": "uebergaenge", "Übergänge 4 nach 5, Gymnasium": "uebergaenge_gym",
    "Schülerinnen und Schüler Primarstufe und Sekundarstufe I": "schueler",
    "mit sonderpädagogischem Unterstützungsbedarf": "schueler_spu",
    "mit sonderpädagogischem Unterstützungsbedarf, allgemeine Schule": "schueler_spu_gl",
    "Grundschulkinder": "grundschule", "Grundschulkinder, offener Ganztag": "ogs",
}  # fmt: skip


def schulamt(region: Region, ziel: Path) -> None:
    rows: list[list[Zelle]] = [[MARKE], ["Schuljahr", "Gebiet", "Merkmal", "Wert", "Bemerkung"]]
    for stichtag in region.zahlen:
        year = int(stichtag[:4])
        for gebiet in region.gebiete.index:
            for label, field in SCHULMERKMALE.items():
                count = region.zahl(stichtag, gebiet, f"schulamt.{field}")
                secret = 0 < count < 3
                rows.append(
                    [
                        f"{year}/{str(year + 1)[2:]}",
                        gebiet,
                        label,
                        "*" if secret else count,
                        "unter 3 Fällen" if secret else None,
                    ]
                )
    schreibe_csv(ziel / "schulamt" / "Schulstatistik_Wohnort.csv", rows, "utf-8-sig")


# Schwerbehinderung: two-row heading, totals under the key of the Kommune.


def schwerbehinderung(region: Region, stichtag: str, ziel: Path) -> None:
    fields = ("sb", "sb_u18", "sb_18_64", "sb_65plus", "sb_ag")
    rows: list[list[Zelle]] = [
        [f"Schwerbehinderte Menschen mit gültigem Ausweis am {tag(stichtag)}"],
        [f"Zuordnung nach Anschrift. {MARKE}"],
        ["Gebiet", "Schwerbehinderte Menschen (GdB 50 und mehr)", None, None, None, "Merkzeichen"],
        [None, "zusammen", "unter 18 Jahre", "18 bis 64 Jahre", "65 Jahre und älter", "aG"],
    ]
    for _, part in region.kommunen:
        for gebiet in part.index:
            counts = [region.zahl(stichtag, gebiet, f"schwerbehinderung.{f}") for f in fields]
            rows.append([gebiet.replace(" ", ""), *["-" if c == 0 else "x" if c < 3 else c for c in counts]])
        ags = part["kommune"].iloc[0]
        key: Zelle = int(ags) if stichtag.startswith("2019") else ags
        rows.append([key, *[region.summe(stichtag, part, f"schwerbehinderung.{f}") for f in fields]])
    merged = [bereich(3, 1, 1, 4), bereich(3, 2, 5)]
    schreibe_xlsx(
        ziel / "schwerbehinderung" / f"SB_Statistik_{tag(stichtag)}.xlsx",
        Blatt("Auswertung", rows, merged, 2),
    )


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
