"""Publishing: runs of notebooks in batches, finished pages and PDFs, records, what is protected and taken back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sozialanalyse.base import tuer

if TYPE_CHECKING:
    from sozialanalyse.publish import kern, schutz
    from sozialanalyse.publish.ablage import FUER_LESENDE, Ablage
    from sozialanalyse.publish.batch import Anzeiger, BatchErgebnis, auf_rechner, passt, run
    from sozialanalyse.publish.einband import rahmen
    from sozialanalyse.publish.html import SKRIPTE, Menuepunkt, Rahmen, ganze_seite, skriptordner
    from sozialanalyse.publish.laufauskunft import protokolle, zeige
    from sozialanalyse.publish.nachfrage import Bestellung, Gescheitert, Nachfrage, Voll, schluessel
    from sozialanalyse.publish.navigation import menue
    from sozialanalyse.publish.runs import Auftrag, Protokoll, beigelegt, fingerabdruck
    from sozialanalyse.publish.schutz import nimm_zurueck, pruefe_schutz
    from sozialanalyse.publish.uebersicht import glossar, rechtliches
    from sozialanalyse.publish.weitergabe import exportiere

__all__ = [
    "FUER_LESENDE",
    "SKRIPTE",
    "Ablage",
    "Anzeiger",
    "Auftrag",
    "BatchErgebnis",
    "Bestellung",
    "Gescheitert",
    "Menuepunkt",
    "Nachfrage",
    "Protokoll",
    "Rahmen",
    "Voll",
    "auf_rechner",
    "beigelegt",
    "exportiere",
    "fingerabdruck",
    "ganze_seite",
    "glossar",
    "kern",
    "menue",
    "nimm_zurueck",
    "passt",
    "protokolle",
    "pruefe_schutz",
    "rahmen",
    "rechtliches",
    "run",
    "schluessel",
    "schutz",
    "skriptordner",
    "zeige",
]

__getattr__ = tuer(
    __name__,
    {
        "Ablage": "ablage",
        "Nachfrage": "nachfrage",
        "Auftrag": "runs",
        "Bestellung": "nachfrage",
        "BatchErgebnis": "batch",
        "FUER_LESENDE": "ablage",
        "Anzeiger": "batch",
        "Gescheitert": "nachfrage",
        "Protokoll": "runs",
        "Rahmen": "html",
        "SKRIPTE": "html",
        "Menuepunkt": "html",
        "Voll": "nachfrage",
        "auf_rechner": "batch",
        "beigelegt": "runs",
        "exportiere": "weitergabe",
        "fingerabdruck": "runs",
        "ganze_seite": "html",
        "kern": "",
        "menue": "navigation",
        "nimm_zurueck": "schutz",
        "passt": "batch",
        "protokolle": "laufauskunft",
        "pruefe_schutz": "schutz",
        "rahmen": "einband",
        "glossar": "uebersicht",
        "rechtliches": "uebersicht",
        "run": "batch",
        "schluessel": "nachfrage",
        "schutz": "",
        "skriptordner": "html",
        "zeige": "laufauskunft",
    },
)

# jsonschema's optional check of web addresses compiles a grammar for a second at every start; notebooks
# have no use for it, and jsonschema does without where it is missing.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
