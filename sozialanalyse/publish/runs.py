"""Which reports have to be made, and why: orders and records.

A report is found out of date by content: its notebook, parameters, snapshot, package or environment is
no longer the one its record names. Making it is the task of :mod:`.arbeit`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from sozialanalyse.base import VERSION, codestand, settings, text, write_beside
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import Menuepunkt, Rahmen
from sozialanalyse.seiten import Lauf

__all__ = ["Auftrag", "Protokoll", "fingerabdruck", "plane", "platz", "rahmen_fuer", "write_beside"]

ZEITGRENZE = 600
"""Seconds a single cell may take."""


@dataclass(frozen=True)
class Auftrag:
    """A run with everything a worker needs; plain data, so it can travel to another machine."""

    lauf: Lauf
    quelle: str
    """The notebook itself, as its file holds it."""
    ziel: str
    """Name of the output without ending; ``.ipynb``, ``.html`` and ``.json`` are added."""
    rahmen: Rahmen
    kern: str
    fingerabdruck: dict[str, str]
    grund: str
    umgebung: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of the kernel: region, snapshot."""
    ablage: str = ""
    """Where the worker writes by itself; empty if the result is to come back."""
    zeitgrenze: float = ZEITGRENZE
    speicher: int = 0
    """Bytes of private memory the kernel may take; 0 for what the kernelspec says."""
    erwartet: float = float("inf")
    """Seconds it took last time; infinite if nobody knows."""


@dataclass(frozen=True)
class Protokoll:
    """Record of one run."""

    notebook: str
    name: str
    audience: str
    parameter: dict[str, Any]
    status: Literal["fertig", "fehler"]
    grund: str
    beginn: str
    sekunden: float
    fingerabdruck: dict[str, str]
    version: str = VERSION
    zellzeit: float = 0.0
    """Seconds in the cells alone."""
    speicher_mb: float | None = None
    versuche: int = 1
    zelle: str = ""
    fehler: str = ""
    abhilfe: str = ""
    ergebnis: dict[str, Any] = field(default_factory=dict)
    """Key results the report has handed out."""

    @property
    def schluessel(self) -> str:
        return f"{self.notebook}/{self.name}"

    @property
    def bestand(self) -> str:
        return self.fingerabdruck.get("bestand", "")

    @property
    def satz(self) -> str:
        """What went wrong: cell, cause and remedy."""
        return " ".join(filter(None, [f"{self.zelle}:" if self.zelle else "", self.fehler, self.abhilfe]))


def fingerabdruck(
    lauf: Lauf, quelle: str, bestand: str, redaktion: str = "", region: str = ""
) -> dict[str, str]:
    """What a report depends on: notebook, parameters, snapshot, region, texts of editors, package, environment."""
    values = json.dumps(lauf.parameter.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return {
        "notebook": _hash(quelle),
        "parameter": _hash(values),
        "bestand": bestand,
        "region": region,
        "redaktion": redaktion,
        "paket": codestand.of_package(),
        "umgebung": codestand.of_environment(),
    }


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def grund(
    vorher: dict[str, Any] | None, neu: dict[str, str], *, da: bool = True, erzwingen: bool = False
) -> str:
    """Why a report has to be made; empty if it is up to date.

    Parameters
    ----------
    vorher
        Its record; None if there is none.
    neu
        What it depends on now.
    da
        Whether its page exists.
    erzwingen
        Whether it was asked for anyway.
    """
    if erzwingen:
        return text("publish.lauf.grund_erzwungen")
    if vorher is None or vorher.get("status") != "fertig" or not da:
        return text("publish.lauf.grund_erstmals")
    before = vorher.get("fingerabdruck", {})
    changed = [text(f"publish.lauf.marke.{name}") for name, mark in neu.items() if before.get(name) != mark]
    return text("publish.lauf.grund_geaendert", was=", ".join(changed)) if changed else ""


def plane(
    laeufe: Iterable[Lauf],
    *,
    notebooks: Path,
    ablage: Ablage,
    bestand: str,
    rahmen: Callable[[Lauf], Rahmen],
    kern: str,
    erzwingen: bool = False,
    umgebung: Mapping[str, str] | None = None,
    schreibt_selbst: bool = False,
    redaktion: str = "",
    region: str = "",
) -> tuple[list[Auftrag], list[Lauf]]:
    """Split runs into those to be made, with the reason and the long ones first, and those up to date.

    Parameters
    ----------
    umgebung
        Environment variables of the kernels.
    schreibt_selbst
        Whether workers write to the place of results themselves instead of sending them back.
    redaktion, region
        State of the texts editors wrote, and of the page of the region.
    """
    wanted = list(laeufe)
    kinds = {lauf.notebook: lauf.seite for lauf in wanted}
    sources = {name: kind.quelle(notebooks).read_text("utf-8") for name, kind in kinds.items()}
    records = {
        name: _record(content)
        for name, content in ablage.lies_alle(platz(w) + ".json" for w in wanted).items()
    }
    there = ablage.namen() if wanted else set()
    todo, current = [], []
    for lauf in wanted:
        ziel = platz(lauf)
        record = records.get(f"{ziel}.json")
        marks = fingerabdruck(lauf, sources[lauf.notebook], bestand, redaktion, region)
        reason = grund(record, marks, da=f"{ziel}.html" in there, erzwingen=erzwingen)
        if not reason:
            current.append(lauf)
            continue
        todo.append(
            Auftrag(
                lauf,
                sources[lauf.notebook],
                ziel,
                rahmen(lauf),
                kern,
                marks,
                reason,
                dict(umgebung or {}),
                str(ablage) if schreibt_selbst else "",
                erwartet=(record or {}).get("sekunden", float("inf")),
            )
        )
    return sorted(todo, key=_first), current


def _first(auftrag: Auftrag) -> tuple[float, bool]:
    """Long runs first, so that none is left alone at the end; unknown ones and overall reports before all."""
    return -auftrag.erwartet, auftrag.lauf.name != "gesamt"


def _record(content: str) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def platz(lauf: Lauf) -> str:
    """Where a report goes, without ending: in the folder of its audience."""
    return f"{bereich(lauf.parameter.audience)}{lauf.notebook}/{lauf.name}"


def bereich(audience: str) -> str:
    """Folder of an audience within the results, with its slash; audiences lie side by side."""
    return f"{settings.audience_name(audience)}/"


def beigelegt(lauf: Lauf) -> list[Menuepunkt]:
    """Other forms of a page that lie beside it, seen from it."""
    kinds = filter(None, ("pdf" if lauf.seite.pdf else "", lauf.seite.papier))
    return [Menuepunkt(f"{lauf.name}.{kind}", text(f"publish.als_{kind}")) for kind in kinds]


def rahmen_fuer(lauf: Lauf, vorlage: Rahmen, titel: str) -> Rahmen:
    """Frame of the page of one run: title, navigation, link to the live page."""
    query = lauf.parameter.anfrage()
    live = f"/live/{lauf.notebook}" + (f"?{urlencode(query)}" if query else "")
    root = "../" if lauf.parameter.audience == "oeffentlich" else f"../../{bereich('oeffentlich')}"
    return replace(
        vorlage,
        titel=titel,
        stil_datei=f"{root}{vorlage.stil_datei}" if vorlage.stil_datei else "",
        skripte=[f"{root}{name}" for name in vorlage.skripte],
        wurzel=root,
        navigation=[replace(link, aktuell=link.notebook == lauf.notebook) for link in vorlage.navigation],
        interaktiv=live,
        dateien=beigelegt(lauf),
        knapp=lauf.seite.pdf == "blatt",
    )
