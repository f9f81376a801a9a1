"""Static pages: an executed notebook becomes one small accessible HTML file, complete without scripts."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import mistune
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from sozialanalyse.base import keys, text, vorlage

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Menuepunkt:
    """A link: where to, what it is called, whether it is the page shown."""

    ziel: str
    name: str
    aktuell: bool = False
    gruppe: str = ""
    """Heading in the menu under which neighbours of the same group are folded; empty for none."""
    notebook: str = ""


@dataclass(frozen=True)
class Rahmen:
    """What stands around the content of every page."""

    titel: str
    region: str
    herausgeber: str
    stand: str
    stil: str = ""
    """Stylesheet that stands in the page itself; empty where ``stil_datei`` names a file."""
    stil_datei: str = ""
    skripte: Sequence[str] = ()
    """Addresses of the stylesheet and the scripts beside the page."""
    marke: str = ""
    wurzel: str = ""
    """Relative path to the folder of all pages, such as ``../``."""
    navigation: Sequence[Menuepunkt] = ()
    interaktiv: str = ""
    """Link to the live page with the same parameters; empty for none."""
    dateien: Sequence[Menuepunkt] = ()
    """Other forms of the page beside it, such as its PDF."""
    allein: bool = False
    """Whether no other page lies beside it, so nothing is linked."""
    woerter: Mapping[str, str] = field(default_factory=dict)
    """Forms of the words of the glossary, and the place of each there."""
    knapp: bool = False
    """Whether the PDF is set tightly, for a sheet of two pages."""

    @property
    def menue(self) -> list[tuple[str, list[Menuepunkt]]]:
        """Navigation in groups; a link without group, or alone in its group, stands for itself."""
        groups = [(name, list(links)) for name, links in groupby(self.navigation, key=lambda v: v.gruppe)]
        return [
            pair
            for name, links in groups
            for pair in ([(name, links)] if name and len(links) > 1 else [("", [link]) for link in links])
        ]


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(files(__package__).joinpath("seite.html.j2").read_text(encoding="utf-8"))


SKRIPTE = ("grund.js", "gebiete.js", "dateien.js")
"""Scripts of every page, in this order; they are files so that no page needs an inline script."""


BEILAGE = re.compile(r"sa-[0-9a-f]{12}\.(?:css|js|woff2)")
"""Names of the files that :func:`beilagen` gives."""


def skriptordner() -> Path:
    """Folder of the scripts."""
    return Path(str(files(__package__).joinpath("statisch")))


@cache
def beilagen(stil: str) -> dict[str, str | bytes]:
    """Files that all finished pages share: name with the hash of the content -> content; style, script, typeface.

    They lie beside the pages and are linked relatively, so a folder of reports works from any host, from a
    drive, and offline.
    """
    parts = [skriptordner().joinpath(name).read_text(encoding="utf-8") for name in SKRIPTE]
    face = files(__package__).joinpath("schrift", "netz", "roboto.woff2").read_bytes()
    named = _hashed(face, "woff2")
    style = f"{_SCHRIFT % named}{stil}{_frame_style()}"
    script = "\n".join([f"window.SA_WORTE = {_words()};", *parts])
    return {_hashed(style.encode(), "css"): style, _hashed(script.encode(), "js"): script, named: face}


_SCHRIFT = '@font-face { font-family: Roboto; src: url(%s) format("woff2"); font-weight: 400 700; font-display: swap; }\n'
"""Roboto (SIL Open Font Licence, ``schrift/netz/OFL.txt``): Latin letters, weights 400 to 700, figures of one width."""


def _hashed(content: bytes, kind: str) -> str:
    return f"sa-{hashlib.sha256(content).hexdigest()[:12]}.{kind}"


@cache
def _words() -> str:
    """Words of the scripts as JSON."""
    names = [key.rpartition(".")[2] for key in keys() if key.startswith("publish.skript.")]
    found = {name: vorlage(f"publish.skript.{name}") for name in names}
    return json.dumps(found, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


@cache
def _frame_style() -> str:
    return files(__package__).joinpath("rahmen.css").read_text(encoding="utf-8")


_UMRISS = re.compile(
    r'<path(?P<vor>[^<>]*) d="(?P<d>[^"]{30,})"(?P<nach>[^<>]*?)(?:/>|>(?P<titel><title>[^<]*</title>)</path>)'
)


def umrisse_einmal(inhalt: str) -> str:
    """Content in which an outline that several drawings share stands once, in the first; the others refer to it.

    So the first map draws at once, and each further map costs a line per area. What an area bears besides its
    outline (colour, id, title) moves to a group around it, where a reference does not find it.
    The script of the page puts the outlines back into a drawing that leaves as a file.
    """
    often = Counter(found["d"] for found in _UMRISS.finditer(inhalt))
    names: dict[str, str] = {}
    renamed: dict[str, str] = {}

    def refer(found: re.Match[str]) -> str:
        path, inner = found["d"], found["titel"] or ""
        bears = found["vor"] + found["nach"]
        own = re.search(r' id="([^"]+)"', bears)
        if often[path] < 2:
            return found[0]
        if path not in names:
            names[path] = own[1] if own else f"u-{len(names)}"
            return found[0] if own else f'<g{bears}>{inner}<path id="{names[path]}" d="{path}"/></g>'
        if own:
            renamed[own[1]] = names[path]
            return ""
        return f'<use href="#{names[path]}"{bears}>{inner}</use>'

    shared = _UMRISS.sub(refer, inhalt)
    return re.sub(r'href="#([^"]+)"', lambda found: f'href="#{renamed.get(found[1], found[1])}"', shared)


_KAPITEL = re.compile(r"<h2(?P<bears>[^>]*)>(?P<words>.*?)</h2>", re.DOTALL)
_AUFTAKT = re.compile(r'<div class="sa sa-auftakt[^"]*">')
WENIGE_KAPITEL = 4
"""Pages of fewer chapters have no list of them."""


def mit_inhalt(inhalt: str) -> str:
    """Content with a list of its chapters after the first screen, and an id on each of their headings.

    What belongs to the first screen is no chapter; nor has a page of few chapters a list.
    """
    start = _AUFTAKT.search(inhalt)
    if start is None:
        return inhalt
    end = _ende(inhalt, start.start())
    chapters: list[tuple[str, str]] = []

    def name(found: re.Match[str]) -> str:
        known = re.search(r'\bid="([^"]+)"', found["bears"])
        own = known[1] if known else f"k-{len(chapters) + 1}"
        chapters.append((own, re.sub(r"<[^>]+>", "", found["words"]).strip()))
        return found[0] if known else f'<h2 id="{own}"{found["bears"]}>{found["words"]}</h2>'

    rest = _KAPITEL.sub(name, inhalt[end:])
    if len(chapters) < WENIGE_KAPITEL:
        return inhalt
    links = Markup("").join(
        Markup('<li><a href="#{}">{}</a></li>').format(own, Markup(words)) for own, words in chapters
    )
    listed = Markup(
        '<nav class="sa sa-inhalt" aria-label="{0}"><details><summary>{0}</summary><ul>{1}</ul></details></nav>'
    ).format(text("publish.auf_dieser_seite"), links)
    return f"{inhalt[:end]}{listed}{rest}"


def _ende(inhalt: str, start: int, name: str = "div") -> int:
    """Where the element ends that begins at ``start``."""
    depth = 0
    for found in re.compile(rf"<(/?){name}\b").finditer(inhalt, start):
        depth += -1 if found[1] else 1
        if not depth:
            return inhalt.index(">", found.end()) + 1
    return len(inhalt)


_NUR_PAPIER = re.compile(r'<details class="[^"]*\bsa-nur-papier\b.*?</details>', re.DOTALL)


def mit_glossar(inhalt: str, wurzel: str) -> str:
    """Content with a link to the glossary in the place of the words a page on paper explains itself."""
    link = Markup('<p class="sa sa-text">{} <a href="{}glossar.html">{}</a>.</p>').format(
        text("publish.glossar.verweis"), wurzel, text("publish.glossar.titel")
    )
    return _NUR_PAPIER.sub(str(link), inhalt)


_ERKLAERT = re.compile(r'<(details|div) class="[^"]*\bsa-(?:methode|hinweis|text-klein)\b[^>]*>')
_STUECK = re.compile(r"<(/?)(\w+)[^>]*>|[^<]+")
_KEIN_LINK = {"a", "summary", "button", "code", "h1", "h2", "h3", "h4", "h5", "h6"}


def mit_worten(inhalt: str, rahmen: Rahmen) -> str:
    """Content in whose methods and notes the first use of each word of the glossary is a link to its entry.

    Nothing is linked twice on a page, nor inside a link or a heading.
    """
    places = {str(escape(form)): place for form, place in rahmen.woerter.items()}
    if not places or rahmen.allein:
        return inhalt
    longest = "|".join(map(re.escape, sorted(places, key=len, reverse=True)))
    word = re.compile(rf"(?<![\w-])(?:{longest})(?![\w-])")
    told: set[str] = set()

    def link(found: re.Match[str]) -> str:
        place = places[found[0]]
        if place in told:
            return found[0]
        told.add(place)
        return f'<a href="{rahmen.wurzel}glossar.html#{place}">{found[0]}</a>'

    def linked(block: str) -> str:
        deep = 0

        def piece(found: re.Match[str]) -> str:
            nonlocal deep
            if found[2] is None:
                return found[0] if deep else word.sub(link, found[0])
            if found[2] in _KEIN_LINK:
                deep += -1 if found[1] else 1
            return found[0]

        return _STUECK.sub(piece, block)

    out, done = [], 0
    for start in _ERKLAERT.finditer(inhalt):
        if start.start() < done:
            continue
        end = _ende(inhalt, start.start(), start[1])
        out += [inhalt[done : start.start()], linked(inhalt[start.start() : end])]
        done = end
    return "".join([*out, inhalt[done:]])


def ganze_seite(inhalt: str, rahmen: Rahmen) -> str:
    """One complete page around trusted HTML content."""
    stil = "" if rahmen.stil_datei else Markup(rahmen.stil + _frame_style())
    return _template().render(
        inhalt=Markup(mit_inhalt(umrisse_einmal(mit_worten(mit_glossar(inhalt, rahmen.wurzel), rahmen)))),
        r=rahmen,
        text=text,
        stil=stil,
        worte=Markup("" if rahmen.stil_datei else _words()),
    )


_RAHMEN = re.compile(r'(<iframe\b[^>]*) srcdoc="([^"]*)"')


def ausgelagert(inhalt: str, name: str) -> tuple[str, dict[str, str]]:
    """Content whose frames name a file beside the page instead of holding a document, and these files by ending.

    Written into the page, a document would fall under the page's policy, which lets no script of an output run.

    Parameters
    ----------
    name
        Name of the page, without ending, as links on it say it.
    """
    documents: dict[str, str] = {}

    def put_out(frame: re.Match[str]) -> str:
        ending = f"-{len(documents) + 1}.html"
        documents[ending] = unescape(frame[2])
        return f'{frame[1]} src="{name}{ending}"'

    return _RAHMEN.sub(put_out, inhalt), documents


def notebook_inhalt(notebook: NotebookNode) -> str:
    """Content of an executed notebook: prose and displayed results, neither code nor logs.

    Rich output keeps its order of preference HTML, SVG, Markdown, text; widgets have no place on a
    page without a kernel and are left out. So is the heading of a chapter that shows nothing.
    """
    markdown = mistune.create_markdown(plugins=["table", "strikethrough"])
    parts: list[str] = []
    waiting: list[tuple[int, str]] = []
    """Headings of which nothing stands below yet, with their levels."""
    for cell in notebook.cells:
        shown: list[str] = []
        if cell.cell_type == "markdown":
            shown = [f'<div class="sa">{markdown(cell.source)}</div>']
            if level := _nur_ueberschrift(cell.source):
                waiting = [one for one in waiting if one[0] < level] + [(level, shown[0])]
                continue
        elif cell.cell_type == "code":
            shown = [part for output in cell.outputs if (part := _output(output, markdown))]
        if shown:
            parts += [*(heading for _, heading in waiting), *shown]
            waiting = []
    return "\n".join(parts)


def _nur_ueberschrift(source: str) -> int:
    """Level of a cell that is a heading and nothing else, else 0."""
    found = re.fullmatch(r"(#{1,6})\s[^\n]*", source.strip())
    return len(found[1]) if found else 0


def _output(output: NotebookNode, markdown: mistune.Markdown) -> str:
    data = output.get("data")
    if data is None or "application/vnd.jupyter.widget-view+json" in data:
        return ""
    for kind in ("text/html", "image/svg+xml"):
        if kind in data:
            return str(data[kind])
    if "text/markdown" in data:
        return f'<div class="sa">{markdown(data["text/markdown"])}</div>'
    return f"<pre>{Markup.escape(data['text/plain'])}</pre>" if "text/plain" in data else ""
