"""Person-level data stay outside: deliveries that look like records of persons are refused.

The workbench works on counts of areas. A column of names, birth dates, addresses or case numbers, or one
row per person, does not belong here, whoever sent it; the delivery is refused with the reason and nothing
of it is read any further.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from sozialanalyse.base import Befund, Rohtabelle, vergleichsform

WOERTER = {
    "Namen": r"(vor|nach|familien|zu|geburts|ruf)namen?|name(des|der)?(kindes|person|versicherten|antragstellers?)",
    "Geburtsdaten": r"geburts(datum|tag|dat)|geb(dat|datum|am)|geboren(am)?|dob|dateofbirth",
    "Anschriften": r"(wohn)?anschrift|adresse|strasse(undhausnummer|undhausnr|hausnr|hausnummer)?|hausn(ume?|umme)?r|"
    r"wohnadresse|telefon(nummer)?|handy|e?mail(adresse)?",
    "Aktenzeichen": r"aktenzeichen|az|fall(nummer|nr|id)|bg(nummer|nr)|bedarfsgemeinschaftsnummer|kunden(nummer|nr|id)|"
    r"personen(nummer|nr|id|kennzeichen)|(kranken)?versichert?en(nummer|nr)|versicherungsnummer|"
    r"(renten|sozial)versicherungsnummer|steuer(id|nummer|identifikationsnummer)|ausweis(nummer|nr)|patienten(nummer|nr|id)",
}
"""What headings of columns with data of persons look like, in the comparable form of words."""

_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.(19|20)\d\d|(19|20)\d\d-\d\d-\d\d")
_NUMBER = re.compile(r"[+-]?\d[\d.,\u00a0 ]*%?")
MINDESTZEILEN = 20
PROBE = 3000
"""So many rows are looked at."""
EIN_FALL = 0.95
"""Share of zeros and ones among the numbers from which a row looks like one person."""
REGEL = "personen"
ABHILFE = (
    "Das System rechnet nur mit zusammengefassten Zahlen je Gebiet. Bitte die Datei löschen und bei der "
    "Lieferstelle solche Zahlen anfordern."
)


def pruefe(
    tabelle: Rohtabelle,
    schluessel: Sequence[str],
    einteilung: Sequence[str] = (),
    ausnahme: Collection[str] | None = None,
) -> list[Befund]:
    """Findings if a delivered table looks like records of persons; empty if it does not.

    Parameters
    ----------
    schluessel
        Headings of the columns that name the area.
    einteilung
        Headings of columns of which an area has a row for each word, such as the field or the date.
    ausnahme
        Headings of the register of projects, where a row is a project: names of applicants, file numbers and
        days may stand in these columns, and in no other. The only exception there is.
    """
    found: list[Befund] = []
    allowed = {column for text in ausnahme or () for column in tabelle.finde(text)}
    key_columns = [column for text in schluessel for column in tabelle.finde(text)]
    for position, title in enumerate(tabelle.kopf):
        word = vergleichsform(title).replace(" ", "")
        if not word or position in key_columns or position in allowed:
            continue
        kind = next((kind for kind, pattern in WOERTER.items() if re.fullmatch(pattern, word)), "")
        if kind:
            text = f"Die Spalte sieht nach {kind} einzelner Personen aus."
            found.append(tabelle.befund("fehler", text, ABHILFE, spalte=position, regel=REGEL))
        elif _birth_dates(tabelle, position):
            text = "Die Spalte enthält viele verschiedene Tage und sieht nach Geburtsdaten aus."
            found.append(tabelle.befund("fehler", text, ABHILFE, spalte=position, regel=REGEL))
    apart = [column for text in einteilung for column in tabelle.finde(text)]
    if ausnahme is None and not found and _row_per_person(tabelle, key_columns, apart):
        text = (
            "Jede Zeile sieht nach einer einzelnen Person aus: viele Zeilen je Gebiet, gezählt wird nirgends."
        )
        found.append(tabelle.befund("fehler", text, ABHILFE, regel=REGEL))
    return found


def _birth_dates(tabelle: Rohtabelle, position: int) -> bool:
    """Mostly days, and most of them different; a reporting date is the same in many rows."""
    cells = [_text(cell) for cell in tabelle.spalte(position)[:PROBE]]
    dates = [cell for cell in cells if _DAY.match(cell)]
    return (
        len(cells) >= MINDESTZEILEN and len(dates) > 0.8 * len(cells) and len(set(dates)) > 0.5 * len(dates)
    )


def _row_per_person(tabelle: Rohtabelle, key_columns: Sequence[int], apart: Sequence[int] = ()) -> bool:
    """Several rows for every area (and word of ``apart``), and nothing counted but ones."""
    rows = tabelle.zeilen[:PROBE]
    if not key_columns or len(rows) < MINDESTZEILEN:
        return False
    areas = {tuple(_text(row[i]) if i < len(row) else "" for i in (*key_columns, *apart)) for row in rows}
    if len(rows) < 3 * len(areas):
        return False
    cells = [_text(cell) for row in rows for i, cell in enumerate(row) if i not in key_columns]
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    ones = sum(cell in {"0", "1", "0.0", "1.0"} for cell in numbers)
    return ones >= EIN_FALL * len(numbers)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
