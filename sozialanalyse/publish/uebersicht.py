"""Pages around the reports: the start page with all of them, and the legal page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from markupsafe import escape

from sozialanalyse.kontext import Kontext
from sozialanalyse.parameters import Lauf
from sozialanalyse.publish.html import Rahmen, seite
from sozialanalyse.region import Region
from sozialanalyse.texts import text

FRAGEN = ("cluster", "varianz")


def startseite(
    laeufe: Sequence[Lauf], region: Region, kontext: Kontext, namen: dict[str, str], rahmen: Rahmen
) -> str:
    """Start page: what this is, entrances by question, every report that exists.

    Parameters
    ----------
    laeufe
        Reports whose pages exist.
    namen
        Id of a Kommune -> its name.
    """
    words = {"sozialraeume": kontext.sozialraum.mehrzahl, "kommunen": kontext.kommune.mehrzahl,
             "kommune": kontext.kommune.einzahl}  # fmt: skip
    parts = [
        f'<div class="sa sa-kopf"><h1>{escape(text("publish.index.titel", region=region.name))}</h1>'
        f'<p class="sa-frage">{escape(text("publish.zweck", **words))}</p></div>',
    ]
    if not laeufe:
        parts.append(f'<p class="sa">{escape(text("publish.index.leer"))}</p>')
    for notebook in dict.fromkeys([*FRAGEN, *(lauf.notebook for lauf in laeufe)]):
        own = [lauf for lauf in laeufe if lauf.notebook == notebook]
        if own:
            parts.append(_section(notebook, own, region, namen, words))
    return seite("\n".join(parts), rahmen)


def _section(
    notebook: str, laeufe: list[Lauf], region: Region, namen: dict[str, str], words: dict[str, str]
) -> str:
    title = text(f"publish.index.frage_{notebook}", **words) if notebook in FRAGEN else notebook
    overall = [lauf for lauf in laeufe if lauf.name == "gesamt"]
    topics = [lauf for lauf in laeufe if _thema(lauf)]
    places = [lauf for lauf in laeufe if lauf.parameter.kommune and lauf not in topics]
    rest = [lauf for lauf in laeufe if lauf not in [*overall, *topics, *places]]
    parts = [
        f'<section class="sa sa-einstieg" aria-labelledby="f-{notebook}"><h2 id="f-{notebook}">{escape(title)}</h2>'
    ]
    parts += [f"<p>{_link(lauf, text('publish.index.gesamt'))}</p>" for lauf in overall]
    if topics:
        parts.append(f"<h3>{escape(text('publish.index.themen'))}</h3>" + _topics(topics, region))
    if places:
        items = [_link(lauf, namen.get(lauf.parameter.kommune, lauf.name)) for lauf in places]
        parts.append(f"<h3>{escape(text('publish.index.kommunen', **words))}</h3>" + _list(items))
    if rest:
        parts.append(
            f"<h3>{escape(text('publish.index.weitere'))}</h3>" + _list([_link(x, x.name) for x in rest])
        )
    return "".join(parts) + "</section>"


def _thema(lauf: Lauf) -> str:
    """The one topic a report speaks of, or nothing."""
    topics = lauf.parameter.gefragte_themen
    return topics[0] if len(topics) == 1 else ""


def _topics(laeufe: list[Lauf], region: Region) -> str:
    table: dict[str, dict[str, Lauf]] = defaultdict(dict)
    for lauf in laeufe:
        table[_thema(lauf)][lauf.parameter.stichtag] = lauf
    days = sorted({lauf.parameter.stichtag for lauf in laeufe}, reverse=True)
    head = "".join(f'<th scope="col">{escape(_day(day))}</th>' for day in days)
    rows = []
    for thema, found in table.items():
        name = region.themen[thema].name
        cells = "".join(
            f"<td>{_link(found[day], _day(day), f'{name}, ') if day in found else ''}</td>" for day in days
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    caption = f"{text('publish.index.thema')} × {text('publish.index.stichtag')}"
    return (
        f'<div class="sa-rolle" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="sa-tabelle sa-reihe">'
        f"<caption>{escape(caption)}</caption>"
        f'<thead><tr><th scope="col">{escape(text("publish.index.thema"))}</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _day(day: str) -> str:
    year, _, rest = day.partition("-")
    month, _, number = rest.partition("-")
    return f"{number}.{month}.{year}" if rest else day


def _link(lauf: Lauf, name: str, davor: str = "") -> str:
    hidden = f'<span class="sa-vorlesen">{escape(davor)}</span>' if davor else ""
    return f'<a href="{escape(lauf.schluessel)}.html">{hidden}{escape(name)}</a>'


def _list(items: list[str]) -> str:
    return '<ul class="sa-reihen">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def rechtliches(region: Region, rahmen: Rahmen) -> str:
    """Legal page from the texts of the region."""
    parts = [f"<h1>{escape(text('publish.rechtliches'))}</h1>"]
    for name in ("impressum", "datenschutz", "barrierefreiheit", "kontakt"):
        content = getattr(region.seite.rechtstexte, name) or text("publish.nicht_angegeben")
        paragraphs = "".join(f"<p>{escape(part)}</p>" for part in content.strip().split("\n\n"))
        parts.append(f'<h2 id="{name}">{escape(text(f"publish.{name}"))}</h2>{paragraphs}')
    return seite(f'<div class="sa">{"".join(parts)}</div>', rahmen)
