"""What is planted: types of areas, totals, rates by type and between-municipality shares.

Nothing here describes a real Sozialraum. Types are dealt out without regard to what is known of
the places; only municipal totals and areas follow published facts (``eckwerte.csv``).
"""

from __future__ import annotations

from typing import NamedTuple

SAAT = 20161231
STICHTAGE = ("2019-12-31", "2021-12-31", "2023-12-31")

TYPEN = {
    "P": "dicht, jung, hoher Unterstützungsbedarf",
    "G": "gemischt städtisch",
    "F": "Familien am Stadtrand",
    "L": "ländlich, älter",
    "W": "wohlhabend",
}

# Types of the areas of one Kommune, in the order of their ids.
TYPENFOLGE = {
    "AC": "GPWGFPGWGPFGWP",
    "A": "GPFGPFLFGPWFGP",
    "B": "LGFPFGW",
    "E": "FLPGFPWLGPFLPGF",
    "H": "LFGWGFPGWFG",
    "M": "LL",
    "R": "FW",
    "SI": "LFL",
    "S": "PGLFPGWLPGFLGPFWL",
    "W": "FGPWGFWF",
}

# Boundary change: until this day one area; offices that do not look up addresses again deliver it undivided.
ZUSCHNITT_BIS = "2019-12-31"
GETEILT = {"A 1": ("A 1a", "A 1b")}

# Inhabitants on 31.12.2021 as published; Aachen, Baesweiler and Würselen: 2013 value times 1.024,
# the growth that brings the region to the published 555,000.
EINWOHNER_2021 = {
    "AC": 247_480, "A": 47_678, "B": 27_130, "E": 55_784, "H": 46_290,
    "M": 11_645, "R": 8_658, "SI": 15_614, "S": 56_103, "W": 38_590,
}  # fmt: skip
# 2019: between 552,472 (2016) and 555,000 (2021); 2023: 564,444 published.
FAKTOR = {"2019-12-31": 0.9982, "2021-12-31": 1.0, "2023-12-31": 564_444 / 554_972}
# Upper and lower bound of inhabitants per area and the size of an area by type.
GRENZEN = {"AC": (6_000, 22_500)}
GRENZEN_SONST = (720, 8_400)
STREUUNG = {"AC": 0.22}
STREUUNG_SONST = 0.5
"""Standard deviation of the size of areas, log scale."""
GROESSE = {"P": 1.15, "G": 1.2, "F": 1.0, "L": 0.45, "W": 0.7}
WACHSTUM = {"P": 0.004, "G": 0.0, "F": 0.012, "L": -0.010, "W": 0.002}
"""Relative growth of an area in two years beyond that of its Kommune."""
DICHTE = {"P": 6500, "G": 3400, "F": 1500, "L": 230, "W": 800}
"""Inhabitants per square kilometre, scaled so that each Kommune keeps its official area."""

# Structure that is not planted as an indicator, by type.
STRUKTUR = {
    "anteil_18_24": {"P": 0.17, "G": 0.14, "F": 0.11, "L": 0.09, "W": 0.10},  # of 18 to 64
    "anteil_25_44": {"P": 0.56, "G": 0.50, "F": 0.45, "L": 0.36, "W": 0.39},  # of 25 to 64
    "personen_je_haushalt": {"P": 1.92, "G": 1.88, "F": 2.38, "L": 2.22, "W": 2.20},
    "mietanteil": {"P": 0.84, "G": 0.66, "F": 0.36, "L": 0.26, "W": 0.32},
    "wohnungen_je_gebaeude": {"P": 4.6, "G": 3.1, "F": 1.5, "L": 1.25, "W": 1.5},
}


class Rate(NamedTuple):
    """One planted quantity: level by type, bounds, between-municipality share, drift.

    ``kontrast`` shrinks the distance between types where the share is large; ``anteil`` is the
    structural share on the middle date and moves by ``wandel`` from date to date; ``trend`` is the
    relative change of the level from date to date.
    """

    id: str
    P: float
    G: float
    F: float
    L: float
    W: float
    unten: float
    oben: float
    anteil: float
    wandel: float = 0.0
    trend: float = 0.0
    kontrast: float = 1.0


RATEN = (
    # Demographie
    Rate("DEM05", 7.2, 5.6, 6.5, 4.4, 4.9, 2.5, 9.5, 0.04),
    Rate("DEM06", 20.2, 15.4, 19.8, 14.6, 16.8, 11.5, 24.5, 0.04, trend=0.004),
    Rate("DEM07", 14.0, 19.0, 18.4, 27.5, 24.0, 9.0, 33.0, 0.06, 0.02, 0.012),
    Rate("DEM08", 3.8, 6.0, 4.9, 8.6, 7.6, 2.2, 12.5, 0.04, trend=0.02),
    Rate("DEM12", -6.0, 2.0, 8.0, 1.0, 5.0, -24.0, 38.0, 0.07, trend=0.0),
    Rate("DEM14", 50.0, 47.0, 28.0, 30.0, 31.0, 18.0, 70.0, 0.08, trend=0.006),
    Rate("DEM15", 39.0, 36.0, 27.0, 28.5, 26.0, 18.0, 46.0, 0.05),
    Rate("DEM16", 32.0, 24.5, 16.5, 14.5, 13.0, 9.0, 43.0, 0.04),
    Rate("DEM17", 19.0, 12.0, 12.0, 10.0, 11.0, 5.0, 26.0, 0.04),
    Rate("DEM18", 15.0, 10.8, 7.0, 5.6, 7.2, 3.8, 30.0, 0.12, 0.02),
    # Sozioökonomie
    Rate("SOZ03", 38.0, 21.0, 9.0, 6.5, 4.2, 1.2, 56.0, 0.06, 0.02, 0.01),
    Rate("SOZ04", 17.0, 10.0, 5.2, 3.8, 2.4, 0.8, 30.0, 0.04, 0.0, 0.01),
    Rate("ELB25", 18.0, 10.5, 4.6, 3.6, 2.3, 0.8, 30.0, 0.05, 0.01, 0.01),
    Rate("SOZ05", 9.0, 5.6, 2.7, 2.0, 1.5, 0.5, 16.0, 0.09, 0.0, 0.03),
    Rate("SOZ06", 2.4, 1.6, 0.95, 0.9, 0.6, 0.3, 4.2, 0.11),
    Rate("SOZ07", 11.0, 7.2, 4.0, 3.3, 2.7, 1.0, 16.5, 0.05, -0.01, -0.01),
    Rate("SOZ08", 5.8, 4.1, 2.6, 2.1, 1.7, 0.5, 10.0, 0.05),
    Rate("SOZ09", 44.0, 40.0, 33.0, 35.0, 29.0, 20.0, 60.0, 0.10),
    Rate("SOZ10", 51.0, 57.0, 62.5, 61.0, 55.5, 36.0, 71.0, 0.26, 0.0, 0.006),
    Rate("SOZ11", 45.0, 52.5, 58.0, 57.0, 51.0, 31.0, 67.0, 0.24, 0.0, 0.008),
    Rate("SOZ12", 7.0, 7.9, 8.6, 9.5, 8.1, 5.0, 12.0, 0.12),
    Rate("SOZ13", 56.0, 42.0, 29.0, 26.0, 19.0, 13.0, 72.0, 0.06),
    Rate("SOZ14", 21.0, 24.0, 28.0, 27.0, 27.5, 14.0, 36.0, 0.05),
    Rate("SOZ15", 66.0, 62.0, 55.0, 56.5, 50.0, 39.0, 76.0, 0.07),
    Rate("SOZ16", 32.0, 24.0, 14.0, 12.0, 7.5, 4.0, 62.0, 0.17, 0.03, 0.06, 0.8),
    Rate("HLU", 4.0, 3.0, 1.6, 1.5, 1.0, 0.4, 9.0, 0.08),
    Rate("ASYL", 9.0, 6.2, 4.2, 3.6, 2.5, 1.0, 20.0, 0.12, 0.0, 0.04),
    # Bildung
    Rate("BIL01", 26.0, 32.0, 40.0, 35.0, 45.0, 14.0, 60.0, 0.42, -0.03, 0.03, 0.75),
    Rate("BIL02", 86.0, 90.0, 94.0, 94.5, 96.0, 75.0, 99.5, 0.16, 0.0, 0.004, 0.9),
    Rate("BIL03", 55.0, 33.0, 14.0, 7.5, 13.0, 2.0, 76.0, 0.05, 0.0, 0.02),
    Rate("BIL04", 36.0, 27.0, 18.5, 17.0, 13.0, 8.0, 46.0, 0.04, 0.0, 0.02),
    Rate("BIL05", 27.0, 38.0, 50.0, 43.0, 64.0, 14.0, 77.0, 0.10),
    Rate("BIL07", 9.5, 7.2, 5.3, 5.4, 4.0, 2.8, 14.5, 0.17, 0.0, 0.02, 0.8),
    Rate("BIL08", 54.0, 55.0, 45.0, 36.0, 57.0, 22.0, 82.0, 0.60, -0.03, 0.03, 0.7),
    # Gesundheit
    Rate("GES01", 15.5, 11.5, 8.2, 8.9, 5.8, 4.0, 22.0, 0.04, 0.0, 0.02),
    Rate("GES02", 27.0, 20.0, 13.0, 14.0, 9.0, 5.0, 40.0, 0.08),
    Rate("GES03", 77.0, 84.0, 90.0, 90.0, 93.5, 60.0, 98.0, 0.07),
    Rate("GES04", 18.0, 14.0, 10.0, 10.5, 8.0, 5.0, 26.0, 0.04),
    Rate("GES05", 93.0, 94.5, 96.2, 95.3, 96.0, 87.0, 99.3, 0.22, 0.0, 0.001, 0.9),
    Rate("GES08", 20.0, 14.0, 8.2, 7.5, 6.0, 3.0, 31.0, 0.24),
    # Integration
    Rate("INT01", 29.0, 16.5, 7.2, 4.2, 8.0, 2.0, 41.0, 0.08, 0.0, 0.03),
    Rate("MHG_DT", 28.0, 18.0, 11.5, 6.5, 12.5, 3.0, 42.0, 0.07, 0.0, 0.02),
    Rate("INT03", 70.0, 45.0, 26.0, 15.0, 26.0, 7.5, 87.0, 0.06, 0.0, 0.02),
    Rate("INT04", 37.0, 24.0, 14.0, 11.5, 7.0, 3.0, 60.0, 0.04),
    Rate("INT05", 14.0, 10.0, 6.8, 5.8, 4.5, 2.8, 25.0, 0.04),
    Rate("INT06", 13.0, 17.0, 21.0, 18.0, 25.0, 5.0, 42.0, 0.30, 0.0, 0.05, 0.85),
    Rate("INT07", 45.0, 25.0, 11.0, 7.0, 14.0, 2.0, 92.0, 0.12, 0.0, 0.03),
    # Wohnen
    Rate("WOH01", 8.1, 8.7, 8.6, 7.2, 10.0, 5.5, 13.0, 0.38, 0.02, 0.04, 0.8),
    Rate("WOH02", 24.0, 15.0, 5.0, 2.6, 2.0, 0.4, 46.0, 0.12, 0.0, -0.03),
    Rate("WOH03", 42.0, 48.0, 53.0, 55.0, 50.0, 10.0, 90.0, 0.25),
    Rate("WOH04", 38.0, 52.0, 82.0, 92.0, 84.0, 19.0, 98.5, 0.05),
    Rate("WOH05", 36.0, 40.5, 47.0, 50.5, 54.0, 31.0, 62.0, 0.05, 0.0, 0.006),
    Rate("WOH06", 4.5, 4.0, 2.4, 4.3, 2.0, 1.0, 10.0, 0.13),
    Rate("WOH08", 19.0, 16.5, 13.0, 11.0, 13.5, 5.0, 41.0, 0.28, 0.0, 0.0, 0.85),
    Rate("WOH09", 22.0, 15.0, 7.0, 4.2, 4.8, 2.0, 50.0, 0.28, 0.0, 0.02),
    Rate("WOH10", 1.2, 1.9, 5.0, 2.6, 3.6, 0.3, 12.5, 0.09),
    # Behinderung
    Rate("BEH01", 1.9, 1.6, 1.2, 1.2, 0.9, 0.5, 3.2, 0.04),
    Rate("BEH02", 8.2, 6.8, 5.0, 5.6, 4.1, 3.0, 11.2, 0.04, 0.0, 0.005),
    Rate("BEH03", 29.0, 25.5, 21.5, 22.5, 18.5, 14.5, 36.0, 0.05),
    Rate("BEH04", 14.0, 12.0, 9.0, 12.0, 8.6, 4.8, 26.0, 0.07),
    Rate("BEH06", 42.0, 45.0, 50.0, 52.0, 55.0, 24.0, 77.0, 0.35, 0.0, 0.04, 0.7),
    Rate("BEH07", 4.8, 3.9, 3.0, 2.8, 2.4, 1.0, 8.2, 0.25, 0.0, 0.03, 0.8),
)

# Quantities that follow the same municipality effects as the one named.
FAMILIE = {
    "DEM08": "DEM07", "SOZ04": "SOZ03", "ELB25": "SOZ03", "SOZ07": "SOZ03", "SOZ08": "SOZ03", "INT04": "SOZ03", "INT05": "SOZ03", "HLU": "SOZ05",
    "SOZ11": "SOZ10", "INT03": "INT01", "MHG_DT": "INT01", "BEH03": "BEH02",
}  # fmt: skip
