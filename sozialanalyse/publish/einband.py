"""The pages around the reports: their frame and titles, the start page, what several pages share."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from sozialanalyse import store
from sozialanalyse.base import text
from sozialanalyse.present import theme
from sozialanalyse.publish import runs, uebersicht
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import BEILAGE, Rahmen, beilagen, notebook_inhalt
from sozialanalyse.publish.navigation import navigation
from sozialanalyse.region import Region
from sozialanalyse.seiten import START, Lauf, glossarziele


def rahmen(region: Region, daten: store.Daten, mit_gesamt: Collection[str] | None = None) -> Rahmen:
    """Frame of the pages of a region; ``mit_gesamt`` names the notebooks that have an overall report."""
    style, script, _ = beilagen(theme.stylesheet())
    stand = text("publish.stand", stand=daten.kontext().stand, datum=f"{date.today():%d.%m.%Y}")
    return Rahmen(
        titel=region.name,
        region=region.name,
        herausgeber=region.seite.herausgeber,
        stand=stand,
        stil_datei=style,
        skripte=[script],
        marke=region.marke,
        navigation=navigation(START, mit_gesamt),
        woerter=glossarziele(daten),
    )


def lege_beilagen(oeffentlich: Ablage) -> None:
    """Put stylesheet and scripts beside the pages; older ones stay for pages that were not made anew."""
    for name, content in beilagen(theme.stylesheet()).items():
        if not oeffentlich.hat(name):
            oeffentlich.schreibe(name, content)


def raeume_beilagen(ablage: Ablage) -> None:
    """Remove stylesheets, scripts and typefaces of earlier versions that no page of any audience links any more.

    A page that cannot be read may need any of them; then all stay.
    """
    oeffentlich = ablage.unter(runs.bereich("oeffentlich"))
    there = ablage.namen()
    kept = {name for name in oeffentlich.namen() if BEILAGE.fullmatch(name)}
    old = kept - set(beilagen(theme.stylesheet()))
    pages = sorted(name for name in there if name.endswith(".html"))
    for start in range(0, len(pages), 50):
        if not old:
            return
        try:
            contents = ablage.lies_alle(pages[start : start + 50])
        except (OSError, UnicodeError):
            return
        old -= {name for content in contents.values() for name in BEILAGE.findall(content)}
    for style in (name for name in kept - old if name.endswith(".css")):
        old -= set(BEILAGE.findall(oeffentlich.lies(style) or ""))
    for name in old:
        oeffentlich.loesche(name)


def raeume_berichte(ablage: Ablage, alle: Sequence[Lauf]) -> None:
    """Remove reports that nobody asks for any more, such as those of a topic that was taken out of the region.

    Only what a batch has made is touched: files beside the record of a run, of the audiences that are asked
    for. An overall report stays, also where its data are missing for a while.
    """
    wanted = {runs.platz(lauf) for lauf in alle}
    for folder in {f"{runs.bereich(lauf.parameter.audience)}{lauf.notebook}" for lauf in alle}:
        there = ablage.namen(folder)
        made = {
            f"{folder}/{name.rpartition('/')[2]}".removesuffix(".json")
            for name in there
            if name.endswith(".json")
        }
        gone = {one.removesuffix(".fehler") for one in made} - wanted
        for name in there:
            stem = f"{folder}/{name.rpartition('/')[2].partition('.')[0]}"
            if stem in gone and not stem.endswith("/gesamt"):
                ablage.loesche(f"{folder}/{name.rpartition('/')[2]}")


def schreibe_uebersicht(oeffentlich: Ablage, region: Region, daten: store.Daten, alle: Sequence[Lauf]) -> str:
    """Write the start page, the glossary and the legal page; returns the address of the start page."""
    there = oeffentlich.namen()
    made = [_entry(lauf, daten) for lauf in alle if _open_page(there, lauf)]
    whole = {entry.lauf.notebook for entry in made if entry.lauf.name == "gesamt"}
    frame = replace(rahmen(region, daten, whole), titel=text("publish.nav_start"))
    page = uebersicht.startseite(made, region, daten.kontext(), frame, _start(oeffentlich, there))
    oeffentlich.schreibe("index.html", page)
    words = replace(frame, titel=text("publish.glossar.titel"), navigation=navigation("", whole))
    oeffentlich.schreibe("glossar.html", uebersicht.glossar(daten, words, there))
    legal = replace(frame, titel=text("publish.rechtliches"), navigation=navigation("", whole))
    oeffentlich.schreibe("rechtliches.html", uebersicht.rechtliches(region, legal))
    return oeffentlich.adresse("index.html")


def gesamtberichte(alle: Sequence[Lauf]) -> set[str]:
    """Notebooks that have an overall report."""
    return {lauf.notebook for lauf in alle if lauf.name == "gesamt"}


def _start(oeffentlich: Ablage, there: Collection[str]) -> str:
    """Content of the start notebook, its links seen from the folder of all pages; empty before it was run.

    A link to a report that has not been made leads to the part of the page that says so.
    """
    import nbformat

    source = oeffentlich.lies(f"{START}/gesamt.ipynb")
    if source is None:
        return ""
    content = notebook_inhalt(nbformat.reads(source, as_version=4)).replace('href="../', 'href="')
    return re.sub(
        r'href="((\w+)/[^"#]+\.html)"',
        lambda link: link[0] if link[1] in there else f'href="#f-{link[2]}"',
        content,
    )


def _entry(lauf: Lauf, daten: store.Daten) -> uebersicht.Eintrag:
    """What the list of all reports calls a run: what it is about, the Kommune before all."""
    named = lauf.parameter.genannte(daten)
    if not named or lauf.parameter.gefragte_themen:
        return uebersicht.Eintrag(lauf, lauf.name)
    return uebersicht.Eintrag(lauf, *named[-1 if lauf.parameter.kommune else 0])


def _open_page(there: Collection[str], lauf: Lauf) -> bool:
    """Whether the page of a run exists and is for everybody."""
    return lauf.parameter.audience == "oeffentlich" and f"{lauf.schluessel}.html" in there
