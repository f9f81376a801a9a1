"""Declared checks: what must hold for counts and indicators, reported all at once.

Values of small cells are never named, only the cells that hold them: findings may be read by others
than those who may see the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund, zahl_knapp
from sozialanalyse.harmonise.auffaellig import auffaelliges
from sozialanalyse.harmonise.fundorte import Fundorte, dateien
from sozialanalyse.harmonise.pruefregeln import pruefe_regeln
from sozialanalyse.harmonise.summen import summenbefunde, summenprobe
from sozialanalyse.region import DatensatzSeite, Katalog, Summe


def pruefe_merkmale(
    merkmale: pd.DataFrame,
    seite: DatensatzSeite,
    gebiete: pd.DataFrame,
    ohne: pd.DataFrame | None = None,
    davor: pd.DataFrame | None = None,
    summen: pd.DataFrame | None = None,
) -> list[Befund]:
    """Check the counts of one dataset: completeness, sums, declared rules, conspicuous columns.

    Parameters
    ----------
    merkmale
        Long table of this dataset.
    ohne
        Cases without an area, in the same form.
    davor
        Numbers of the date before the first of ``merkmale``, areas x fields
        (:func:`sozialanalyse.harmonise.breit`).
    summen
        Differences of sums (:func:`sozialanalyse.harmonise.summenprobe`), if they are known already.

    Returns
    -------
    list of Befund
        Faults for missing areas (where the page demands all) and for too many cases without an area,
        warnings for totals that differ and for what is conspicuous, each with the cell.
    """
    befunde: list[Befund] = []
    if merkmale.empty:
        return [Befund("fehler", f"{seite.name}: Keine Zeile der Lieferungen gehört zu einem Stichtag der Berichterstattung.",
                       "Bitte „stichtage“ in region.yml und „stichtag“ auf der Datensatzseite prüfen.",
                       regel="stichtag")]  # fmt: skip
    known = merkmale["gebiet_id"].isin(gebiete.index)
    today = merkmale if known.all() else merkmale[known]
    areas = gebiete.index[gebiete["level"] == "sozialraum"]
    level = today["gebiet_id"].map(gebiete["level"]).astype("str")
    for day, frame in today.groupby("stichtag", sort=True, observed=True):
        missing = areas.difference(pd.Index(frame["gebiet_id"]))
        if not (level[frame.index] == "sozialraum").any() and not seite.vollstaendig:
            continue  # a delivery of totals only
        befunde += _missing(missing, areas, frame, seite, gebiete, str(day))
    places = Fundorte(merkmale)
    summed = [f"{seite.id}.{name}" for name, feld in seite.felder.items() if feld.summierbar]
    counted = today.loc[today["feld"].isin(summed), ["stichtag", "feld", "wert"]]
    befunde += summenbefunde(
        summenprobe(today, seite, gebiete, ohne) if summen is None else summen, gebiete, seite
    )
    befunde += pruefe_regeln(today, seite, places)
    befunde += auffaelliges(today, gebiete, seite, places, davor)
    befunde += _ohne_zuordnung(counted[level[counted.index] == "sozialraum"], ohne, seite)
    return befunde


def _missing(
    missing: pd.Index,
    areas: pd.Index,
    frame: pd.DataFrame,
    seite: DatensatzSeite,
    gebiete: pd.DataFrame,
    day: str,
) -> Iterator[Befund]:
    """Areas without a row on a date, told together, or by Kommune where each delivers files of its own."""
    town = gebiete["oberhalb"].where(
        gebiete["level"] == "sozialraum", pd.Series(gebiete.index, gebiete.index)
    )
    apart = seite.tabelle.schluessel.kommune_aus == "dateiname"
    for kommune, lost in missing.to_series().groupby(
        town.reindex(missing) if apart else pd.Series("", missing)
    ):
        all_ = areas[town.reindex(areas) == kommune] if apart else areas
        rows = frame[frame["gebiet_id"].map(town) == kommune] if apart else frame
        place = f" in {gebiete.at[kommune, 'name'] or kommune}" if apart else ""
        yield Befund(
            "fehler" if seite.vollstaendig else "warnung",
            f"{seite.name}, Stichtag {day}: {len(lost)} von {len(all_)} Gebieten fehlen{place} "
            f"({', '.join(lost[:8])}{' …' if len(lost) > 8 else ''}).",
            "Bitte nachliefern lassen oder „vollstaendig: false“ auf der Datensatzseite setzen.",
            datei=", ".join(dateien(rows)[:3]), dateien=dateien(rows), regel="vollstaendig")  # fmt: skip


def _ohne_zuordnung(
    merkmale: pd.DataFrame, ohne: pd.DataFrame | None, seite: DatensatzSeite
) -> Iterator[Befund]:
    """Share of cases without an area, per field and date; the worst field of a date speaks for it."""
    if ohne is None or ohne.empty:
        return
    keys = ["stichtag", "feld"]
    shares = pd.DataFrame(
        {
            "ohne": ohne.groupby(keys, observed=True)["wert"].sum(),
            "mit": merkmale.groupby(keys, observed=True)["wert"].sum(),
        }
    ).dropna()
    shares["anteil"] = 100 * shares["ohne"] / (shares["ohne"] + shares["mit"]).where(lambda total: total > 0)
    limits = seite.pruefungen.ohne_zuordnung
    large = shares[(shares["anteil"] > limits.warnung) & (shares["ohne"] + shares["mit"] >= 100)]
    for day, frame in large.groupby("stichtag", observed=True):
        feld, share = frame["anteil"].idxmax()[1], float(frame["anteil"].max())
        rows = ohne[(ohne["stichtag"] == day) & (ohne["feld"] == feld)]
        yield Fundorte(ohne).befund(
            "fehler" if share > limits.fehler else "warnung",
            f"Stichtag {day}: {_prozent(share)} der Fälle von {feld} sind keinem Gebiet zugeordnet "
            f"(erwartet höchstens {_prozent(limits.fehler if share > limits.fehler else limits.warnung)}).",
            "Bitte Anschriften nachbearbeiten; verteilt wird nichts.", rows, regel="ohne_zuordnung")  # fmt: skip


def _prozent(share: float) -> str:
    return f"{zahl_knapp(round(share, 1))}\u00a0%"


def pruefe_gleich(merkmale: pd.DataFrame, katalog: Katalog) -> list[Befund]:
    """Compare quantities that two datasets hold, as declared on the pages."""
    befunde: list[Befund] = []
    for name, seite in katalog.datensaetze.items():
        for feld, ausdruck in seite.pruefungen.gleich.items():
            key = ["gebiet_id", "stichtag"]
            own = merkmale[merkmale["feld"] == f"{name}.{feld}"]
            signs = {field: sign for sign, field in Summe.lesen(ausdruck, name).glieder}
            rest = merkmale[merkmale["feld"].isin(list(signs))]
            parts = rest["wert"] * rest["feld"].astype("str").map(signs).astype(float)
            whole = parts.groupby([rest[k].astype("str") for k in key]).agg(["sum", "count"])
            there = whole.loc[whole["count"] == len(signs), "sum"].rename("wert_dort").reset_index()
            both = own.astype(dict.fromkeys(key, "str")).merge(there, on=key)
            apart = (both["wert"] - both["wert_dort"]).abs()
            odd = both[apart > both["wert_dort"].abs() * seite.pruefungen.toleranz / 100 + 0.5]
            for day, frame in odd.groupby("stichtag"):
                befunde.append(Fundorte(merkmale).befund(
                    "warnung", f"{seite.name}, Stichtag {day}: {feld} weicht in {_names(frame)} von {ausdruck} ab.",
                    "Bitte klären, welche Bezugsgröße gilt; Nenner dürfen in einer Zeitreihe nicht wechseln.",
                    frame, regel="gleich"))  # fmt: skip
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
        page, found = katalog.indikatoren[str(key)].seite, []
        name = f"{key} {page.name}, Stichtag {day}"
        if page.art == "quote" and page.anteil:
            fields = katalog.indikatoren[str(key)]
            slack = katalog.rundung(fields.zaehler.felder + (fields.nenner.felder if fields.nenner else ()))
            above = levels["zaehler"] - levels["nenner"]
            over, rounded = levels[above > slack + 1e-9], levels[(above > 1e-9) & (above <= slack + 1e-9)]
            if len(rounded):
                found.append(Befund("hinweis", f"{name}: In {_names(rounded)} ist der Zähler größer als der Nenner, so weit es die "
                                      "Rundung der Lieferung erklärt.", "Solche Anteile liegen über 100 %.",
                                      regel="zaehler_im_nenner"))  # fmt: skip
            if len(over):
                found.append(Befund("fehler", f"{name}: In {_names(over)} ist der Zähler größer als der Nenner.",
                                      "Bitte prüfen, ob Spalten vertauscht oder Stichtage gemischt sind.",
                                      regel="zaehler_im_nenner"))  # fmt: skip
        if page.bereich:
            low, high = page.bereich
            odd = frame[(frame["wert"] < low) | (frame["wert"] > high)]
            if len(odd):
                subject = "Ein Wert liegt" if len(odd) == 1 else f"{len(odd)} Werte liegen"
                found.append(Befund("warnung", f"{name}: {subject} außerhalb des üblichen Bereichs "
                                      f"von {zahl_knapp(low)} bis {zahl_knapp(high)} ({_names(odd)}).",
                                      "Bitte auf Sondereffekte oder falsche Bezugsgrößen prüfen.", regel="bereich"))  # fmt: skip
        values = frame["wert"].dropna().to_numpy()
        if len(values) > 4 and np.ptp(values) == 0:
            found.append(Befund("warnung", f"{name}: Alle Gebiete haben denselben Wert.",
                                  "Bitte prüfen, ob die Spalte wirklich kleinräumig geliefert ist.", regel="konstant"))  # fmt: skip
        if not len(values):
            found.append(Befund("warnung", f"{name}: Kein einziges Gebiet hat einen Wert.",
                                  "Bitte Symbolprofil und Mindestnenner prüfen.", regel="leer"))  # fmt: skip
        befunde += [replace(befund, datensatz=katalog.indikatoren[str(key)].datensatz) for befund in found]
    return befunde


def _names(frame: pd.DataFrame) -> str:
    ids = list(frame["gebiet_id"])
    return ", ".join(ids[:6]) + (f" und {len(ids) - 6} weiteren" if len(ids) > 6 else "")
