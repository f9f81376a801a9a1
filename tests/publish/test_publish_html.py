"""Static pages: what of a notebook reaches a reader, and the frame around it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import nbformat
import pytest

from sozialanalyse.publish import runs
from sozialanalyse.publish.html import (
    Menuepunkt,
    Rahmen,
    ganze_seite,
    mit_inhalt,
    mit_worten,
    notebook_inhalt,
    umrisse_einmal,
)
from sozialanalyse.seiten import Lauf
from sozialanalyse.seiten.cluster import ClusterParameter
from sozialanalyse.seiten.varianz import VarianzParameter

RAHMEN = Rahmen(
    titel="Typen <1>",
    region="Kreis & Stadt",
    herausgeber="Kreis",
    stand="Stand",
    stil=".x{}",
    marke="Demodaten – frei erfunden",
    wurzel="../",
    navigation=[Menuepunkt("index.html", "Übersicht"), Menuepunkt("cluster/gesamt.html", "Typen", True)],
    interaktiv="/live/cluster?themen=a,b&typen=3",
)


def notebook(*outputs: dict[str, object]) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell("geheim = 1")
    cell.outputs = [nbformat.from_dict(output) for output in outputs]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## Frage\n\nText"), cell])


def display(**data: str) -> dict[str, object]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {k.replace("__", "/"): v for k, v in data.items()},
    }


def test_prose_and_results_without_code_or_logs() -> None:
    stream = {"output_type": "stream", "name": "stderr", "text": "Warnung aus der Bibliothek"}
    page = notebook_inhalt(notebook(stream, display(text__html="<p>Karte</p>", text__plain="<Objekt>")))
    assert "<h2>Frage</h2>" in page
    assert "<p>Karte</p>" in page
    assert not re.search(r"geheim|Warnung aus|Objekt", page)


def test_widgets_are_left_out_and_text_is_escaped() -> None:
    widget = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "Dropdown()"},
    }
    page = notebook_inhalt(notebook(widget, display(text__plain="a < b")))
    assert "Dropdown" not in page
    assert "<pre>a &lt; b</pre>" in page


def test_the_frame_is_german_escaped_marked_and_asks_no_other_host() -> None:
    page = ganze_seite("<p>Inhalt</p>", RAHMEN)
    assert '<html lang="de">' in page
    assert "<title>Typen &lt;1&gt; – Kreis &amp; Stadt</title>" in page
    assert page.count("Demodaten – frei erfunden") == 2
    assert 'href="#inhalt"' in page
    assert 'id="inhalt"' in page
    assert '<a href="../cluster/gesamt.html" aria-current="page">' in page
    assert 'href="/live/cluster?themen=a,b&amp;typen=3"' in page
    assert not re.search(r"https?://|<script|@import|url\(", page)


@pytest.mark.parametrize(
    ("lauf", "link"),
    [
        (Lauf("cluster", "x", ClusterParameter()), "/live/cluster"),
        (
            Lauf("cluster", "x", ClusterParameter(themen=["a", "b"], typen=3)),
            "/live/cluster?themen=a%2Cb&typen=3",
        ),
        (Lauf("varianz", "x", VarianzParameter(kommune="05334002")), "/live/varianz?kommune=05334002"),
    ],
)
def test_the_live_link_holds_what_differs_from_the_defaults(lauf: Lauf, link: str) -> None:
    assert runs.rahmen_fuer(lauf, RAHMEN, "Titel").interaktiv == link


def test_dates_of_links_are_read_again_by_the_model() -> None:
    lauf = Lauf("cluster", "x", ClusterParameter(stichtag=date(2023, 12, 31)))  # type: ignore[arg-type]
    assert runs.rahmen_fuer(lauf, RAHMEN, "Titel").interaktiv == "/live/cluster?stichtag=2023-12-31"


LANG = "M0 0l10 0 0 10 10 0 0 10-10 0 0 10 10 0 0 10 10 0 0 10-30 0 0-10z"


def test_shared_outline_stands_once_and_bears_nothing() -> None:
    """The first drawing keeps its outlines, the others refer to them and keep colour, id and title."""
    area = f'<path d="{LANG}" fill="{{}}" data-gebiet="A 1"><title>{{}}</title></path>'
    small = f'<defs><path d="{LANG}" id="v1-0"/></defs><use href="#v1-0"/>'
    alone = f'<path d="{LANG[:-1]} 1 1z" fill="#123"/>'
    made = umrisse_einmal(area.format("#fff", "eins") + alone + area.format("#000", "zwei") + small)
    assert made.count(LANG) == 1
    assert f'<g fill="#fff" data-gebiet="A 1"><title>eins</title><path id="u-0" d="{LANG}"/></g>' in made
    assert '<use href="#u-0" fill="#000" data-gebiet="A 1"><title>zwei</title></use>' in made
    assert made.endswith('<defs></defs><use href="#u-0"/>')
    assert alone in made


def test_chapters_are_listed_after_the_first_screen_and_can_be_linked() -> None:
    first = '<div class="sa sa-auftakt"><div><h2>Kurz</h2></div></div>'
    chapters = (
        '<h2>Wo &amp; wann</h2><p>x</p><section><h2 id="eigen">Wer</h2></section><h2>Wie</h2><h2>Warum</h2>'
    )
    page = mit_inhalt(f"{first}{chapters}")
    assert page.startswith(f"{first}<nav")
    assert re.findall(r'<a href="#([^"]+)">([^<]+)</a>', page) == [
        ("k-1", "Wo &amp; wann"), ("eigen", "Wer"), ("k-3", "Wie"), ("k-4", "Warum")
    ]  # fmt: skip
    assert page.count('id="eigen"') == 1
    assert '<h2 id="k-1">Wo &amp; wann</h2>' in page
    assert mit_inhalt(f"{first}<h2>Wo</h2>") == f"{first}<h2>Wo</h2>", "few chapters need no list"
    assert mit_inhalt(chapters) == chapters, "nor has a page without a first screen one"


WOERTER = {"Typ": "typ", "Typen": "typ", "Spanne": "spanne", "A & B": "ab", "im Rahmen des Zufalls": "zufall"}


def verlinkt(inhalt: str, **rahmen: object) -> str:
    return mit_worten(inhalt, replace(RAHMEN, woerter=WOERTER, wurzel="../", **rahmen))


@pytest.mark.parametrize(
    "art", ["sa sa-klappe sa-methode", "sa sa-hinweis sa-hinweis-info", "sa sa-text sa-text-klein"]
)
@pytest.mark.parametrize("name", ["details", "div"])
def test_the_first_use_of_a_word_in_methods_and_notes_leads_to_the_glossary(art: str, name: str) -> None:
    page = verlinkt(
        f'<p>Typ</p><{name} class="{art}" id="x"><div><p>Typen und Typ. A &amp; B</p></div></{name}><p>Spanne</p>'
    )
    assert page == (
        f'<p>Typ</p><{name} class="{art}" id="x"><div><p><a href="../glossar.html#typ">Typen</a> und Typ. '
        f'<a href="../glossar.html#ab">A &amp; B</a></p></div></{name}><p>Spanne</p>'
    )


def test_words_are_linked_once_a_page_whole_and_never_inside_a_link_or_a_heading() -> None:
    block = (
        '<details class="sa sa-methode"><summary>Typ</summary><h3>Typ</h3><p>Typologie, Kunden-Typ, '
        '<a href="#x"><em>Typ</em></a>, <strong>Typ</strong>, im Rahmen des Zufalls</p></details>'
    )
    page = verlinkt(f'{block}<div class="sa-hinweis">Typ, Spanne</div>')
    assert re.findall(r'glossar.html#(\w+)">([^<]+)', page) == [
        ("typ", "Typ"), ("zufall", "im Rahmen des Zufalls"), ("spanne", "Spanne"),
    ]  # fmt: skip
    assert '<strong><a href="../glossar.html#typ">Typ</a></strong>' in page
    assert verlinkt(block, allein=True) == block, "no glossary beside it"
    assert mit_worten(block, RAHMEN) == block
