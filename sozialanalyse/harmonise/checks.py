"""Declared checks: what must hold for counts and indicators, reported all at once."""

from __future__ import annotations

from string import ascii_uppercase, digits

import numpy as np
import pandas as pd

from sozialanalyse.catalogue import DatensatzSeite, Katalog
from sozialanalyse.errors import Befund


def pruefe_merkmale(merkmale: pd.DataFrame, seite: DatensatzSeite, gebiete: pd.DataFrame) -> list[Befund]:
    """Check the counts of one dataset: completeness and sums.

    Parameters
    ----------
    merkmale
        Long table of this dataset.

    Returns
    -------
    list of Befund
        Faults for missing areas (where the page demands all), warnings for totals that differ.
    """
    befunde: list[Befund] = []
    if merkmale.empty:
        befunde.append(Befund("fehler", f"{seite.name}: Keine Zeile der Lieferungen gehört zu einem Stichtag der Berichterstattung.",
                              "Bitte „stichtage“ in region.yml und „stichtag“ auf der Datensatzseite prüfen.",
                              regel="stichtag"))  # fmt: skip
    areas = gebiete.index[gebiete["level"] == "sozialraum"]
    for day, frame in merkmale.groupby("stichtag", sort=True):
        missing = areas.difference(pd.Index(frame["gebiet_id"]))
        if len(missing):
            befunde.append(Befund(
                "fehler" if seite.vollstaendig else "warnung",
                f"{seite.name}, Stichtag {day}: {len(missing)} von {len(areas)} Gebieten fehlen "
                f"({', '.join(missing[:8])}{' …' if len(missing) > 8 else ''}).",
                "Bitte nachliefern lassen oder „vollstaendig: false“ auf der Datensatzseite setzen.",
                datei=", ".join(sorted(set(frame["datei"]))[:3]), regel="vollstaendig"))  # fmt: skip
    summed = [f"{seite.id}.{name}" for name, feld in seite.felder.items() if feld.summierbar]
    return befunde + _totals(merkmale[merkmale["feld"].isin(summed)], gebiete)


def _totals(merkmale: pd.DataFrame, gebiete: pd.DataFrame) -> list[Befund]:
    """Delivered totals of a Kommune against the sum of its areas; suppressed cells give bounds."""
    befunde: list[Befund] = []
    level = merkmale["gebiet_id"].map(gebiete["level"])
    totals = merkmale[(level == "kommune") & merkmale["wert"].notna()]
    if totals.empty:
        return befunde
    parts = merkmale[level == "sozialraum"].assign(
        kommune=lambda frame: frame["gebiet_id"].map(gebiete["oberhalb"]),
        luecke=lambda frame: frame["wert"].isna(),
    )
    sums = parts.groupby(["kommune", "feld", "stichtag"]).agg(
        summe=("wert", "sum"), luecken=("luecke", "sum")
    )
    joined = totals.join(sums, on=["gebiet_id", "feld", "stichtag"])
    too_small = joined["wert"] < joined["summe"] - 0.5
    differs = (joined["luecken"] == 0) & ((joined["wert"] - joined["summe"]).abs() > 0.5)
    odd = joined[too_small | differs].assign(abstand=lambda frame: frame["wert"] - frame["summe"])
    for (day, more), frame in odd.groupby(["stichtag", odd["abstand"] > 0], sort=True):
        worst = frame.iloc[int(frame["abstand"].abs().argmax())]
        befunde.append(Befund(
            "hinweis" if more else "warnung",
            f"Stichtag {day}: In {len(frame)} Fällen liegt die gelieferte Summe einer Kommune "
            f"{'über' if more else 'unter'} der Summe ihrer Gebiete, am weitesten bei {worst['feld']} in "
            f"{worst['gebiet_id']}.",
            "Meist sind Fälle ohne Zuordnung der Grund." if more else "Bitte beim Lieferanten klären.",
            datei=str(worst["datei"]), blatt=str(worst["blatt"]), zeile=int(worst["zelle"].lstrip(ascii_uppercase)), spalte=worst["zelle"].rstrip(digits), regel="summe"))  # fmt: skip
    return befunde


def pruefe_werte(werte: pd.DataFrame, katalog: Katalog, gebiete: pd.DataFrame) -> list[Befund]:
    """Check the indicators: numerator within denominator, plausible range, constant columns.

    Returns
    -------
    list of Befund
        A fault where a part exceeds its whole, else warnings. Values of small cells are never named.
    """
    befunde: list[Befund] = []
    small = werte["gebiet_id"].map(gebiete["level"]) == "sozialraum"
    for (key, day), levels in werte.groupby(["indikator_id", "stichtag"], sort=True):
        frame = levels[small[levels.index]]
        page = katalog.indikatoren[str(key)].seite
        name = f"{key} {page.name}, Stichtag {day}"
        if page.art == "quote" and page.anteil:
            over = levels[levels["zaehler"] > levels["nenner"] + 1e-9]
            if len(over):
                befunde.append(Befund("fehler", f"{name}: In {_names(over)} ist der Zähler größer als der Nenner.",
                                      "Bitte prüfen, ob Spalten vertauscht oder Stichtage gemischt sind.",
                                      regel="zaehler_im_nenner"))  # fmt: skip
        if page.bereich:
            low, high = page.bereich
            odd = frame[(frame["wert"] < low) | (frame["wert"] > high)]
            if len(odd):
                befunde.append(Befund("warnung", f"{name}: {len(odd)} Werte liegen außerhalb des üblichen Bereichs "
                                      f"von {low:g} bis {high:g} ({_names(odd)}).",
                                      "Bitte auf Sondereffekte oder falsche Bezugsgrößen prüfen.", regel="bereich"))  # fmt: skip
        values = frame["wert"].dropna().to_numpy()
        if len(values) > 4 and np.ptp(values) == 0:
            befunde.append(Befund("warnung", f"{name}: Alle Gebiete haben denselben Wert.",
                                  "Bitte prüfen, ob die Spalte wirklich kleinräumig geliefert ist.", regel="konstant"))  # fmt: skip
        if not len(values):
            befunde.append(Befund("warnung", f"{name}: Kein einziges Gebiet hat einen Wert.",
                                  "Bitte Symbolprofil und Mindestnenner prüfen.", regel="leer"))  # fmt: skip
    return befunde


def _names(frame: pd.DataFrame) -> str:
    ids = list(frame["gebiet_id"])
    return ", ".join(ids[:6]) + (f" und {len(ids) - 6} weiteren" if len(ids) > 6 else "")
