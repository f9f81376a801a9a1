"""Pages around the reports: the start page with all of them, the glossary, and the legal page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml
from markupsafe import Markup, escape

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats
from sozialanalyse.publish.html import Rahmen, ganze_seite
from sozialanalyse.publish.navigation import menue
from sozialanalyse.region import Region
from sozialanalyse.seiten import Lauf, adressen, glossarwoerter, seite, seiten
from sozialanalyse.store import Daten

ANDERE = {
    "rechtliches": "publish.rechtliches",
    "glossar": "publish.glossar.titel",
    "start": "publish.nav_start",
}
"""Pages without notebook: kind -> key of their name."""


@dataclass(frozen=True)
class Eintrag:
    """A report of the list: what the reader calls it, and under which heading."""

    lauf: Lauf
    name: str
    gruppe: str = ""


def startseite(
    eintraege: Sequence[Eintrag], region: Region, kontext: Kontext, rahmen: Rahmen, inhalt: str = ""
) -> str:
    """Start page: finding, entrances and search (``inhalt``, trusted), then the reports of each kind."""
    words = kontext.worte
    parts = [inhalt or _head(region, words)]
    if not eintraege:
        parts.append(f'<p class="sa">{escape(text("publish.index.leer"))}</p>')
    else:
        parts.append(f'<div class="sa"><h2>{escape(text("publish.index.alle_berichte"))}</h2></div>')
    for notebook in menue():
        own = [entry for entry in eintraege if entry.lauf.notebook == notebook]
        if eintraege:
            parts.append(_section(notebook, own, region, words))
    return ganze_seite("\n".join(parts), rahmen)


def _head(region: Region, words: dict[str, str]) -> str:
    return (
        f'<div class="sa sa-kopf"><h1>{escape(text("publish.index.titel", region=region.name))}</h1>'
        f'<p class="sa-frage">{escape(text("publish.zweck", **words))}</p></div>'
    )


def _section(notebook: str, eintraege: list[Eintrag], region: Region, words: dict[str, str]) -> str:
    overall = [entry for entry in eintraege if entry.lauf.name == "gesamt"]
    topics = [entry for entry in eintraege if _thema(entry.lauf)]
    rest = [entry for entry in eintraege if entry not in overall and entry not in topics]
    kind = seite(notebook)
    title = escape(kind.name())
    if overall:
        title = Markup('<a href="{}.html">{}</a>').format(overall[0].lauf.schluessel, title)
    parts = [
        f'<section class="sa sa-einstieg" aria-labelledby="f-{notebook}"><h3 id="f-{notebook}">{title}</h3>'
        f"<p>{escape(kind.wozu(**words))}</p>"
    ]
    if not eintraege:
        parts.append(f'<p class="sa-leer">{escape(text("publish.index.noch_nicht"))}</p>')
    if topics:
        table = _topics([entry.lauf for entry in topics], region, kind.name())
        parts.append(_fold(text("publish.index.themen"), len(topics), table))
    groups: dict[str, list[str]] = defaultdict(list)
    for entry in rest:
        groups[entry.gruppe or text(_default(entry.lauf), **words)].append(_link(entry.lauf, entry.name))
    parts += [_fold(name, len(links), _list(links)) for name, links in groups.items()]
    return "".join(parts) + "</section>"


def _default(lauf: Lauf) -> str:
    """Key of the heading over reports that name none."""
    if lauf.seite.hat_gesamt():
        return "publish.index.kommunen" if lauf.parameter.kommune else "publish.index.weitere"
    return lauf.seite.liste


def _fold(heading: str, n: int, body: str) -> str:
    words = text("publish.index.falte", was=heading, anzahl=n)
    return f"<details><summary>{escape(words)}</summary>{body}</details>"


def _thema(lauf: Lauf) -> str:
    """The one topic a report speaks of, or nothing."""
    topics = lauf.parameter.gefragte_themen
    return topics[0] if len(topics) == 1 else ""


def _topics(laeufe: list[Lauf], region: Region, was: str) -> str:
    table: dict[str, dict[str, list[Lauf]]] = defaultdict(lambda: defaultdict(list))
    for lauf in laeufe:
        table[_thema(lauf)][lauf.parameter.stichtag].append(lauf)
    days = sorted({lauf.parameter.stichtag for lauf in laeufe}, reverse=True)
    head = "".join(f'<th scope="col">{escape(_day(day))}</th>' for day in days)
    rows = []
    for thema, found in table.items():
        name = region.themen[thema].name
        cells = "".join(
            f"<td>{_versions(found[day], day, name) if day in found else ''}</td>" for day in days
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    caption = f"{was}: {text('publish.index.thema')} × {text('publish.index.stichtag')}"
    return (
        f'<div class="sa-rolle" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="sa-tabelle sa-reihe">'
        f"<caption>{escape(caption)}</caption>"
        f'<thead><tr><th scope="col">{escape(text("publish.index.thema"))}</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _versions(laeufe: list[Lauf], day: str, thema: str) -> str:
    """Link to the report of a topic and date, or to each of several, under the names of their runs."""
    if len(laeufe) == 1:
        return _link(laeufe[0], _day(day), f"{thema}, ")
    return "<br>".join(_link(lauf, lauf.name, f"{thema}, {_day(day)}, ") for lauf in laeufe)


def _day(day: str) -> str:
    year, _, rest = day.partition("-")
    month, _, number = rest.partition("-")
    return f"{number}.{month}.{year}" if rest else day


def _link(lauf: Lauf, name: str, davor: str = "") -> str:
    hidden = f'<span class="sa-vorlesen">{escape(davor)}</span>' if davor else ""
    return f'<a href="{escape(lauf.schluessel)}.html">{hidden}{escape(name)}</a>'


def _list(items: list[str]) -> str:
    return '<ul class="sa-reihen">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def glossar(daten: Daten, rahmen: Rahmen, seiten: Collection[str]) -> str:
    """What the words on the pages mean, then every indicator by topic, with a link to its page if there is one.

    Parameters
    ----------
    seiten
        Names of all pages there are.
    """
    table = daten.indikatoren()
    files = adressen(table.index)
    own = glossarwoerter(daten)
    parts = [
        f"<h1>{escape(text('publish.glossar.titel'))}</h1>",
        f"<h2>{escape(text('publish.glossar.woerter'))}</h2>",
        _liste(
            [
                (escape(word.wort), word.sinn, word.kennung)
                for word in sorted(own, key=lambda one: formats.sortierschluessel(one.wort))
            ]
        ),
    ]
    for key, topic in daten.region.themen.items():
        entries = []
        for row in table[table["thema"] == key].itertuples():
            page = f"atlas/{files[row.Index]}.html"
            name = (
                Markup('<a href="{}">{}</a>').format(page, row.name) if page in seiten else escape(row.name)
            )
            meaning = " ".join(filter(None, (str(row.definition), str(row.hinweis))))
            entries.append((name, meaning or text("publish.glossar.ohne"), ""))
        if entries:
            parts += [f"<h2>{escape(topic.name)}</h2>", _liste(entries)]
    return ganze_seite(f'<div class="sa sa-recht">{"".join(parts)}</div>', rahmen)


def _liste(eintraege: Sequence[tuple[Markup, str, str]]) -> str:
    """Description list; an entry with a place can be linked."""
    rows = "".join(
        (f'<dt id="{place}">' if place else "<dt>") + f"{name}</dt><dd>{escape(meaning)}</dd>"
        for name, meaning, place in eintraege
    )
    return f'<dl class="sa-glossar">{rows}</dl>'


def rechtliches(region: Region, rahmen: Rahmen) -> str:
    """Legal page from the texts of the region."""
    parts = [f"<h1>{escape(text('publish.rechtliches'))}</h1>"]
    for name in ("impressum", "datenschutz", "barrierefreiheit", "kontakt"):
        own = getattr(region.seite.rechtstexte, name)
        content = own or text("publish.nicht_angegeben")
        paragraphs = "".join(f"<p>{escape(part)}</p>" for part in content.strip().split("\n\n"))
        parts.append(f'<h2 id="{name}">{escape(text(f"publish.{name}"))}</h2>{paragraphs}')
        if name == "datenschutz" and (service := region.seite.hintergrundkarte) and service.rechner:
            parts.append(f"<p>{escape(text('publish.hintergrundkarte', rechner=service.rechner))}</p>")
        if name == "barrierefreiheit":
            parts.append(_erklaerung(region))
    return ganze_seite(f'<div class="sa sa-recht">{"".join(parts)}</div>', rahmen)


def _erklaerung(region: Region) -> str:
    """Statement on accessibility from the stored result of the tests: what was checked, found, and is open."""
    stored = files(__package__).joinpath("barrierefreiheit.yml").read_text(encoding="utf-8")
    result = yaml.safe_load(stored)
    checks = result["pruefungen"]
    faults = sum(check["verstoesse"] for check in checks)
    kinds = list(dict.fromkeys(check["seite"] for check in checks))
    words = {
        "datum": f"{result['datum']:%d.%m.%Y}",
        "werkzeug": result["werkzeug"],
        "browser": result["browser"],
        "seiten": ", ".join(_seitenart(kind) for kind in kinds),
        "breiten": " und ".join(f"{width} px" for width in sorted({check["breite"] for check in checks})),
        "pruefungen": sum(check["seiten"] for check in checks),
    }
    found = "ohne" if not faults else "verstoss" if faults == 1 else "verstoesse"
    sentences = [
        text("publish.erklaerung.geltung", herausgeber=region.seite.herausgeber),
        text("publish.erklaerung.pruefung", **words),
        text(f"publish.erklaerung.{found}", anzahl=faults),
        text("publish.erklaerung.weitere"),
    ]
    further: dict[str, int] = defaultdict(int)
    for check in result["weitere"]:
        further[check["pruefung"]] += check["maengel"]
    said = [
        text(
            "publish.erklaerung.ergebnis",
            was=text(f"publish.erklaerung.weitere_{name}"),
            anzahl=n or text("publish.erklaerung.nichts"),
        )
        for name, n in further.items()
    ]
    broken = [
        text("publish.erklaerung.seite", seite=_seitenart(kind), anzahl=n)
        for kind in kinds
        if (n := _maengel(result, kind))
    ]
    body = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    listed, gaps = (
        "".join(f"<li>{escape(line)}</li>" for line in lines)
        for lines in (said, [*broken, *result["nicht_vereinbar"]])
    )
    limit = escape(text("publish.erklaerung.grenze"))
    title, missing = (escape(text(f"publish.erklaerung.{key}")) for key in ("titel", "nicht_vereinbar"))
    contact = escape(text("publish.erklaerung.kontakt"))
    return f"<h3>{title}</h3>{body}<ul>{listed}</ul><p>{limit}</p><h4>{missing}</h4><ul>{gaps}</ul><p>{contact}</p>"


def _seitenart(kind: str) -> str:
    """What readers call a kind of page."""
    return seite(kind).name() if kind in seiten() else text(ANDERE[kind])


def _maengel(result: dict[str, Any], kind: str) -> int:
    """Everything the checks found on pages of one kind."""
    rules = sum(check["verstoesse"] for check in result["pruefungen"] if check["seite"] == kind)
    return rules + sum(check["maengel"] for check in result["weitere"] if check["seite"] == kind)
