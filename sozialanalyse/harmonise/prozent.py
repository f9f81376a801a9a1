"""Percentages that are all below 1: are they percent, or shares of 1 that nobody multiplied by 100?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund, zahl_knapp
from sozialanalyse.harmonise.fundorte import Fundorte
from sozialanalyse.region import DatensatzSeite, Feld

_HUNDERT = (30, 300)
"""A middle so many times larger the date before was in percent where this one is in shares of 1, or the other way round."""
_GENAU = 3
"""Percentages are hardly ever delivered with so many decimals, shares of 1 often are."""


def kleine_prozente(
    zahlen: pd.Series, davor: pd.Series, name: str, tag: str, seite: DatensatzSeite, places: Fundorte
) -> Iterator[Befund]:
    """What is to be said of a column of percentages none of which is above 1.

    Nothing where page, a sign in a cell or the date before tells that they are percent; a fault where the
    date before, or more decimals than the page shows, speak for shares of 1; else a question. A heading in
    percent answers it, but not against such decimals: shares of 1 stand below headings like "Quote in %" too.

    Parameters
    ----------
    zahlen, davor
        Numbers of the areas on this date and the one before, without gaps.
    """
    feld = seite.felder[name.split(".")[1]]
    if not feld.prozent or feld.faktor != 1 or not 0 < zahlen.max() <= 1 or (zahlen % 1 == 0).all():
        return
    rows = places.zeilen(zahlen.index, name, tag)
    if _gesagt(feld, rows):
        return
    largest = zahl_knapp(zahlen.max(), 4)
    start = f"Stichtag {tag}: Alle Prozentwerte von {name} liegen zwischen 0 und 1"
    both = zahlen.index.intersection(davor.index)
    ratio = davor[both].median() / max(zahlen[both].median(), 1e-12) if len(both) else np.nan
    if _HUNDERT[0] <= ratio <= _HUNDERT[1]:
        yield places.befund("fehler", f"{start}, am Stichtag davor waren sie etwa hundertmal so groß; offenbar sind Anteile von 1 geliefert.",
                            "Bitte Prozentwerte liefern lassen; stimmen die Zahlen so, „faktor: 1“ am Feld eintragen.", rows, regel="prozent")  # fmt: skip
        return
    if davor.max() > 1 and ratio < _HUNDERT[0]:
        return
    wanted = f"„faktor: 100“ am Feld heißt Anteile von 1 (bis {zahl_knapp(100 * zahlen.max(), 4)} %), „faktor: 1“ heißt Prozente (bis {largest} %)."
    places_told, places_shown = _stellen(zahlen), _gezeigt(name, seite)
    if feld.kopf_in_prozent and places_told <= places_shown:
        return
    if not feld.kopf_in_prozent and places_told >= _GENAU and places_told > places_shown:
        yield places.befund("fehler", f"{start} und haben bis zu {places_told} Nachkommastellen; offenbar sind Anteile von 1 geliefert.",
                            f"Bitte eintragen, was gemeint ist: {wanted}", rows, regel="prozent")  # fmt: skip
    else:
        yield places.befund("warnung", f"{start}. Sind es Prozente oder Anteile von 1? Gelesen sind Prozente, also höchstens {largest} %.",
                            f"Bitte eintragen, was gemeint ist: {wanted}", rows, regel="prozent")  # fmt: skip


def _gesagt(feld: Feld, rows: pd.DataFrame) -> bool:
    """Whether the page or a cell says that the numbers are percent."""
    return "faktor" in feld.model_fields_set or bool(rows["roh"].str.contains("%", regex=False).any())


def _gezeigt(name: str, seite: DatensatzSeite) -> int:
    """Decimals that the page shows of a field; one where no indicator shows it as it is."""
    own = [
        one.nachkommastellen
        for one in seite.indikatoren.values()
        if one.art == "wert" and one.zaehler in (name, name.split(".")[1])
    ]
    return max(own, default=1)


def _stellen(zahlen: pd.Series) -> int:
    """Decimals that the numbers were written with, up to 6."""
    numbers = zahlen.to_numpy()
    return next((n for n in range(6) if np.allclose(numbers, numbers.round(n), rtol=0, atol=1e-9)), 6)
