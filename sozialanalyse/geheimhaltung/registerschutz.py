"""What of a register of projects is kept, and what others than the planners are told of.

Names of persons stay in the delivered file. What is kept says only that two projects have the same applicant,
by a mark nobody can compute without the key of the region, and forgets even that on the day of deletion.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date
from typing import Any

from sozialanalyse import vorhaben
from sozialanalyse.base import vergleichsform
from sozialanalyse.vorhaben import VorhabenSeite

Stand = dict[str, Any]

ERZAEHLT = ("titel", "titel_einfach", "text", "beteiligte", "leitlinie")
"""Free texts, in which a person may be named."""
INTERN = ("antragsteller", "punkte", "loeschen_am", "eingang", "datei", "eigenanteil")
ZEICHEN = "p-"
"""How marks of persons begin."""


def ist_person(stand: Stand) -> bool:
    """Whether a project is one of a person; an applicant of unknown kind is taken for one."""
    return stand["traeger"] == vorhaben.PERSON or bool(stand["antragsteller"] and not stand["traeger"])


def ohne_personen(staende: Iterable[Stand], seite: VorhabenSeite, schluessel: bytes) -> list[Stand]:
    """States without anything that names a person, with the day on which their mark is deleted.

    Parameters
    ----------
    schluessel
        Secret of the region, so that a mark cannot be found by trying names.
    """
    kept = []
    for stand in staende:
        if not ist_person(stand):
            kept.append(stand)
            continue
        name = vergleichsform(stand["antragsteller"] or "")
        mark = _mark(name, schluessel) if name else None
        bare = stand | dict.fromkeys(ERZAEHLT) | {"traeger": vorhaben.PERSON, "antragsteller": mark}
        kept.append(bare | {"loeschen_am": loeschtag(stand, seite)})
    return kept


def loeschtag(stand: Stand, seite: VorhabenSeite) -> str:
    """Day in ISO form from which nothing may point to the person: as delivered, else some years after the end."""
    if stand["loeschen_am"]:
        return str(stand["loeschen_am"])
    last = date.fromisoformat(stand["ende"] or stand["beginn"] or stand["stand"])
    years, months = int(seite.loeschen_nach_jahren), round(seite.loeschen_nach_jahren % 1 * 12)
    month = last.month - 1 + months
    return date(last.year + years + month // 12, month % 12 + 1, min(last.day, 28)).isoformat()


def geloescht(staende: Iterable[Stand], heute: date) -> list[Stand]:
    """States as they are kept from a day on: marks whose time is over are gone."""
    return [
        stand | {"antragsteller": None}
        if ist_person(stand) and stand["loeschen_am"] and stand["loeschen_am"] <= heute.isoformat()
        else stand
        for stand in staende
    ]


def faellig(staende: Iterable[Stand], seite: VorhabenSeite, heute: date) -> list[str]:
    """Files that still hold names of persons whose day of deletion has come."""
    due = heute.isoformat()
    return sorted({one["datei"] for one in staende if ist_person(one) and loeschtag(one, seite) <= due})


def oeffentlich(staende: Iterable[Stand], seite: VorhabenSeite, schluessel: bytes) -> list[Stand]:
    """What everybody may read: granted and planned projects, organisations by name, persons not at all.

    Numbers of people below the least number of the page are hidden; applications and refusals are left out.
    """
    shown = []
    for stand in staende:
        if stand["status"] in vorhaben.NUR_INTERN:
            continue
        person = ist_person(stand)
        hidden = {
            key: None
            for key, value in stand["zahlen"].items()
            if seite.zahlen[key].personen and 0 < value < seite.mindestzahl
        }
        organisation = None if person else stand["antragsteller"]
        bare = stand | dict.fromkeys(INTERN) | {"punkte": {}, "antragsteller": organisation}
        bare |= {"zahlen": stand["zahlen"] | hidden}
        # a file number may hold initials or lead to a file
        shown.append(bare | ({"kennung": _mark(stand["kennung"], schluessel)} if person else {}))
    return shown


def _mark(text: str, schluessel: bytes) -> str:
    return ZEICHEN + hmac.new(schluessel, text.encode(), hashlib.sha256).hexdigest()[:12]
