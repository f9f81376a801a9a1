"""What has to stand beside a number on every kind of page: chance and interval beside a share of the differences,
cases or the number of areas beside a rate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seitenlauf import fuehre_aus

from sozialanalyse.publish._baum import Knoten, lies
from sozialanalyse.publish.html import notebook_inhalt
from sozialanalyse.seiten import seiten
from sozialanalyse.store import Daten

pytestmark = pytest.mark.langsam
WERTE: dict[str, dict[str, Any]] = {
    "atlas": {"indikator": "SOZ03", "vergleich": "DEM05"},
    "kommunalprofil": {"kommune": "05334020"},
    "sozialraumprofil": {"sozialraum": "A 6"},
    "themenreport": {"report": "kinder-und-familien"},
}
SEITEN = [name for name in seiten() if name != "gruppen"]  # the shipped region declares no own groupings
SAETZE = ("p", "li", "dd", "figcaption", "caption")
ANTEIL = re.compile(r"\d+\s(?:%|Prozent)(?: der Unterschiede)?[^.;]*\b(?:zwischen|auf|innerhalb|erklär)\w*[^.;]*\b(?:Kommunen|ihnen)\b"
                    r"|\bKommunen\b[^.;]*\d+\s(?:%|Prozent)[^.;]*der Unterschiede|Anteil zwischen den Kommunen[^.;]*\d+\s(?:%|Prozent)")  # fmt: skip
"""A share of the differences in a sentence."""
ZUFALL = re.compile(r"Zufall")
SPANNE = re.compile(r"Spanne|unsicher|Sicherheit|lässt sich[^.]*nicht angeben")
TEILE = {"eta2": "eta2_null", "eta2_weighted": "eta2_weighted_null", "share_structural": "", "punkt": "zufall",
         "vorher": "", "jetzt": "", "icc": ""}  # fmt: skip
"""Columns of shares in a table -> the column with what chance alone would give; empty where chance is taken out."""
ENDEN = ({"unten", "oben"}, {"share_low", "share_high"}, {"icc_low", "icc_high"}, {"spanne"})


OHNE_WERTE = ("varianz", "datenstand")
"""Pages whose rows tell something about an indicator, not its values; those stand in columns."""


def knoten(node: Knoten, *names: str) -> Iterator[Knoten]:
    """Elements of some names at any depth, in order."""
    for kind in node.elemente:
        if kind.name in names:
            yield kind
        yield from knoten(kind, *names)


@pytest.fixture(scope="module")
def baeume(demo: Path) -> dict[str, Knoten]:
    """Every kind of page as a tree; drawings are left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        pages = {
            name: fuehre_aus(name, {"audience": "oeffentlich", **WERTE.get(name, {})}) for name in SEITEN
        }
    return {name: lies(notebook_inhalt(book))[0] for name, book in pages.items()}


def maengel_der_anteile(tree: Knoten) -> Iterator[str]:
    """Shares of the differences that stand without chance or interval."""
    for node in knoten(tree, *SAETZE):
        if not ANTEIL.search(node.worte):
            continue
        if not ZUFALL.search(node.worte):
            yield f"without chance: {node.worte}"
        if not SPANNE.search(node.worte):
            yield f"without interval: {node.worte}"
    for table in knoten(tree, "table"):
        keys = {head.attribute.get("data-k", "") for head in knoten(table, "th")}
        for share in keys & set(TEILE):
            if TEILE[share] and TEILE[share] not in keys:
                yield f"{share} without chance: {titel(table)}"
            if not any(ends <= keys for ends in ENDEN):
                yield f"{share} without interval: {titel(table)}"


def titel(table: Knoten) -> str:
    caption = table.erstes("caption")
    return caption.worte if caption else ""


def tafeln(tree: Knoten) -> Iterator[tuple[Knoten, Knoten]]:
    """Tables, each with the block it stands in."""
    for block in knoten(tree, "figure", "div"):
        if block.klassen & {"sa-abb", "sa-tafel"}:
            yield from ((table, block) for table in knoten(block, "table"))


def maengel_der_quoten(tree: Knoten, quoten: set[str], zeilen: bool = True) -> Iterator[str]:
    """Rates in tables without cases: neither beside them, nor in another table of the page, nor the number of areas.

    Parameters
    ----------
    quoten
        Short names of all rates.
    zeilen
        Whether rows hold values of the rate they are named after.
    """
    told = {
        next(knoten(row, "th")).worte.rpartition(" (")[0]
        for table, _ in tafeln(tree)
        if {"zaehler", "nenner"} <= {head.attribute.get("data-k") for head in knoten(table, "th")}
        for row in knoten(table, "tr")
    }
    for table, block in tafeln(tree):
        heads = [head for head in knoten(table, "th") if head.attribute.get("scope") == "col"]
        keys = {head.attribute.get("data-k", "") for head in heads}
        units = re.compile(r"\s*(?:%|je [\d.]+ \w+)\s*$")
        shown = {units.sub("", head.worte) for head in heads}
        if zeilen:
            shown |= {next(knoten(row, "th")).worte.partition(" (")[0] for row in knoten(table, "tr")}
        rates = shown & quoten
        if not rates or {"zaehler", "nenner"} <= keys or {"n"} & keys:
            continue
        foot = " ".join(node.worte for node in knoten(block, "p") if "sa-fuss" in node.klassen)
        if not re.search(r"\d+ (?:von \d+ |bis \d+ )?Sozialräumen?\b", foot) and rates - told:
            yield f"{titel(table)}: {sorted(rates - told)}"


@pytest.mark.parametrize("name", SEITEN)
def test_every_share_stands_beside_chance_and_interval(baeume: dict[str, Knoten], name: str) -> None:
    assert list(maengel_der_anteile(baeume[name])) == []


@pytest.mark.parametrize("name", SEITEN)
def test_every_rate_stands_beside_its_cases(baeume: dict[str, Knoten], intern: Daten, name: str) -> None:
    table = intern.indikatoren()
    counted = table[(table["art"] == "quote") & (table["faktor"] != 1)]
    assert list(maengel_der_quoten(baeume[name], set(counted["kurz"]), name not in OHNE_WERTE)) == []


def test_the_shares_and_rates_of_the_pages_are_seen(baeume: dict[str, Knoten], intern: Daten) -> None:
    """The looks above look at something: sentences and tables of every page that has them."""
    assert sum(bool(ANTEIL.search(node.worte)) for node in knoten(baeume["varianz"], *SAETZE)) > 60
    assert any(ANTEIL.search(node.worte) for node in knoten(baeume["index"], *SAETZE))
    keys = {head.attribute.get("data-k") for head in knoten(baeume["varianz"], "th")}
    assert set(TEILE) <= keys
    rates = set(intern.indikatoren()["kurz"])
    blind = lies(re.sub(r' data-k="(zaehler|nenner|n)"', "", _als_html(baeume["kommunalprofil"])))[0]
    assert len(list(maengel_der_quoten(blind, rates))) >= 7, "a table of each topic"


def _als_html(node: Knoten) -> str:
    inner = "".join(kind if isinstance(kind, str) else _als_html(kind) for kind in node.kinder)
    names = "".join(f' {key}="{value}"' for key, value in node.attribute.items())
    return inner if node.name == "wurzel" else f"<{node.name}{names}>{inner}</{node.name}>"


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("Im mittleren Fall liegen 19 Prozent der Unterschiede zwischen den Kommunen.", 2),
        ("61 % der Unterschiede liegen zwischen ihnen, den Zufall herausgerechnet (Spanne 31 bis 85 %).", 0),
        ("Die Kommunen erklären 17 % der Unterschiede; durch Zufall wären es 12 %.", 1),
        ("Bei 56 von 60 Indikatoren liegen die Unterschiede eher innerhalb der Kommunen.", 0),
    ],
)
def test_a_share_without_its_company_is_noticed(words: str, missing: int) -> None:
    assert len(list(maengel_der_anteile(lies(f"<p>{words}</p>")[0]))) == missing
