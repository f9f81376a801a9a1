"""Deliveries of the offices: social assistance, youth, health, school, disability."""

from __future__ import annotations

from pathlib import Path

from dateien import Blatt, Zelle, bereich, schreibe_csv, schreibe_xlsx
from schreibweisen import MARKE, NBSP, Region, kurz, tag, tausender

# Sozialämter: numbers as text, totals between the rows, dashes and "k. A.".


def sozialamt(region: Region, stichtag: str, ziel: Path) -> None:
    region = region.damals(stichtag)
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
    region = region.damals(stichtag)
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
