"""Blocks a page is made of besides its figures: heading, summary, choice, method, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import mistune
import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import theme
from sozialanalyse.present._markup import esc, fragment_id, tag
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.auftakt import klappe


@dataclass(frozen=True)
class Eingabefeld:
    """One parameter a reader may choose.

    ``optionen`` are pairs of value and words; triples (value, words, group) split a long list. Without any
    the reader types.
    """

    name: str
    label: str
    optionen: Sequence[tuple[str, ...]] = ()
    hilfe: str = ""


@dataclass(frozen=True)
class Verweis:
    """A link with one sentence about where it leads."""

    label: str
    ziel: str
    satz: str = ""


@dataclass(frozen=True)
class Treffer:
    """A place a reader may look for: its name, where it leads, other names and spellings."""

    name: str
    ziel: str
    zusatz: str = ""
    andere: Sequence[str] = ()
    gebiet: str = ""
    """Id of an area on the map of the page."""
    fakten: Sequence[str] = ()
    """What a card says of it when it is tapped on the map."""


def kopf(titel: str, frage: str, kontext: Kontext, *, stil: bool = True) -> Anzeige:
    """Heading of a page: region, title, the question it answers, date, mark. Source and state stand at its end.

    ``stil=True`` brings the stylesheet along, so that a notebook shows everything below in form.
    """
    mark = tag("p", tag("strong", esc(kontext.marke), klasse="sa-marke")) if kontext.marke else ""
    html = tag(
        "header",
        tag("p", esc(kontext.region), klasse="sa-region"),
        tag("h1", esc(titel)),
        tag(
            "p",
            esc(frage),
            " ",
            tag("span", esc(text("present.kopf.stichtag", stichtag=kontext.stichtag)), klasse="sa-angaben"),
            klasse="sa-frage",
        ),
        mark,
        klasse="sa sa-kopf",
    )
    style = tag("style", theme.stylesheet()) if stil else ""
    return Anzeige(titel=titel, html=style + html, beschreibung=frage)


def marke(kontext: Kontext) -> Anzeige:
    """The mark alone; nothing where the values are real."""
    words = kontext.marke
    html = tag("p", tag("strong", esc(words), klasse="sa-marke"), klasse="sa") if words else ""
    return Anzeige(titel=words, html=html)


def kurzfassung(saetze: Sequence[str], *, titel: str | None = None, hinweis: str = "") -> Anzeige:
    """Box "Das Wichtigste in Kürze" with one sentence per point; ``hinweis`` stands below in small type."""
    heading = titel or text("present.kurzfassung")
    items = "".join(tag("li", esc(satz)) for satz in saetze)
    note = tag("p", esc(hinweis), klasse="sa-redaktion") if hinweis else ""
    frame = pd.DataFrame({"satz": list(saetze)})
    return _abschnitt(heading, tag("ul", items) + note, "sa-kurz", frame, saetze=saetze, punkte=True)


def absaetze(
    absaetze: Sequence[str],
    *,
    titel: str = "",
    ebene: int = 3,
    vorsatz: str = "",
    art: str = "",
    hinweis: str = "",
) -> Anzeige:
    """Paragraphs, with a heading of its level or a word in bold before the first.

    ``art`` names a box ("einfach"), ``hinweis`` a remark in small type below the text.
    """
    lead = tag("strong", esc(f"{vorsatz}: ")) if vorsatz else ""
    body = "".join(tag("p", "" if i else lead, esc(absatz)) for i, absatz in enumerate(absaetze))
    note = tag("p", esc(hinweis), klasse="sa-redaktion") if hinweis else ""
    heading = tag(f"h{ebene}", esc(titel)) if titel else ""
    klasse = f"sa sa-text sa-text-{art}" if art else "sa sa-text"
    html = tag("div", heading, body, note, klasse=klasse)
    first = f"{vorsatz}: " if vorsatz else ""
    words = tuple(absatz if i else first + absatz for i, absatz in enumerate(absaetze))
    return Anzeige(titel=titel, html=html, beschreibung=" ".join(absaetze), saetze=words or ("",))


def folge(teile: Sequence[Anzeige], *, titel: str = "") -> Anzeige:
    """Several pieces one after the other, as one."""
    return Anzeige(titel=titel, html="".join(teil.html for teil in teile), teile=tuple(teile))


def paar(links: Anzeige, rechts: Anzeige) -> Anzeige:
    """Two pieces side by side where there is room."""
    html = tag("div", links.html, rechts.html, klasse="sa-paar")
    return Anzeige(titel=links.titel, html=html, teile=(links, rechts))


def zusammen(teile: Sequence[Anzeige]) -> Anzeige:
    """Several pieces that stay on one sheet in print, the last two side by side."""
    *oben, links, rechts = teile
    pair = tag("div", links.html, rechts.html, klasse="sa-druckpaar")
    html = tag("div", *(teil.html for teil in oben), pair, klasse="sa-zusammen")
    return Anzeige(titel=teile[0].titel, html=html, teile=tuple(teile))


def liste(punkte: Sequence[str], *, falte: str = "") -> Anzeige:
    """Plain list of sentences, folded under the words ``falte`` if there are any."""
    body = tag("ul", *(tag("li", esc(punkt)) for punkt in punkte))
    if falte:
        body = tag("details", tag("summary", esc(falte)), body)
    return Anzeige(titel="", html=tag("div", body, klasse="sa sa-liste"), saetze=tuple(punkte), punkte=True)


def steckbrief(
    angaben: Mapping[str, str], *, titel: str, verweise: Mapping[str, Sequence[Verweis]] | None = None
) -> Anzeige:
    """Facts about one place as a small table with row headings; ``verweise`` are links in the place of a fact."""
    links = {
        word: "; ".join(tag("a", esc(link.label), href=_ziel(link.ziel)) for link in there)
        for word, there in (verweise or {}).items()
    }
    rows = "".join(
        tag("tr", tag("th", esc(word), scope="row"), tag("td", links.get(word) or esc(value)))
        for word, value in angaben.items()
    )
    caption = tag("caption", tag("strong", esc(titel)))
    words = (text("present.steckbrief.angabe"), text("present.steckbrief.wert"))
    head = tag("thead", tag("tr", *(tag("th", esc(word), scope="col") for word in words)))
    table = tag("table", caption, head, tag("tbody", rows), klasse="sa-tabelle sa-steckbrief")
    frame = pd.DataFrame({"angabe": list(angaben), "wert": list(angaben.values())})
    said = tuple(f"{word}: {value}" for word, value in angaben.items())
    return Anzeige(titel=titel, html=tag("div", table, klasse="sa"), tabelle=frame, saetze=said, punkte=True)


def glossar(eintraege: Mapping[str, str], *, falte: str = "", kontext: Kontext | None = None) -> Anzeige:
    """Words and what they mean, as a description list.

    ``falte`` folds it under these words; ``kontext`` is told at its foot.
    """
    rows = "".join(tag("dt", esc(word)) + tag("dd", esc(meaning)) for word, meaning in eintraege.items())
    table = pd.DataFrame({"wort": list(eintraege), "bedeutung": list(eintraege.values())})
    body = tag("dl", rows, klasse="sa-glossar")
    if falte:
        note = tag("p", esc(kontext.fusszeile), klasse="sa-fuss") if kontext else ""
        body = tag("details", tag("summary", esc(falte)), body, note)
    words = tuple(f"{word}: {meaning}" for word, meaning in eintraege.items())
    return Anzeige(titel="", html=tag("div", body, klasse="sa"), tabelle=table, saetze=words, punkte=True)


def methode(text_md: str, *, titel: str | None = None) -> Anzeige:
    """Method note from Markdown, folded; raw HTML in it is shown as text, headings start at level 3."""
    heading = titel or text("present.methode")
    words = [re.sub(r"^(#+|[-*]) |\*\*", "", part).replace("\n", " ") for part in re.split(r"\n\s*\n|\n(?=[-*] )", text_md) if part.strip()]  # fmt: skip
    inside = Anzeige(titel=heading, html=_markdown(text_md), saetze=tuple(words))
    return klappe([inside], titel=heading, klasse="sa-methode")


class _Renderer(mistune.HTMLRenderer):
    """Headings below the heading of the section; no pictures, which would be requests."""

    def __init__(self, highest: int) -> None:
        super().__init__(escape=True)
        self.highest = highest

    def heading(self, text: str, level: int, **attrs: object) -> str:
        return tag(f"h{min(3 + max(level - self.highest, 0), 6)}", text)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return esc(text)


def _markdown(source: str) -> str:
    levels = [len(marks) for marks in re.findall(r"^(#{1,6})\s", source, flags=re.MULTILINE)]
    renderer = _Renderer(min(levels, default=1))
    return str(mistune.create_markdown(renderer=renderer, plugins=["table"])(source))


def quellen(
    liste: Sequence[Mapping[str, object]], kontext: Kontext | None = None, *, titel: str | None = None
) -> Anzeige:
    """Sources and data status.

    Each entry may have name, anbieter, stand, lizenz, hinweis and url; empty ones are left out.
    """
    items, words = [], []
    for entry in liste:
        facts = [
            esc(text(f"present.quellen.{key}", wert=entry[key]))
            for key in ("anbieter", "stand", "lizenz")
            if entry.get(key)
        ]
        note = " " + esc(entry["hinweis"]) if entry.get("hinweis") else ""
        name = esc(entry.get("name") or "")
        linked = tag("a", name, href=_ziel(str(entry["url"]))) if entry.get("url") else tag("strong", name)
        head = linked + (". " if facts else "") if name else ""
        items.append(tag("li", head, " ".join(facts), note))
        said = [f"{text(f'present.quellen.{key}', wert=entry[key])}" for key in ("anbieter", "stand", "lizenz") if entry.get(key)]  # fmt: skip
        words.append(" ".join(filter(None, [str(entry.get("name") or ""), *said, str(entry.get("hinweis") or "")])))  # fmt: skip
    status = " · ".join(part for part in (kontext.stand, kontext.marke) if part) if kontext else ""
    body = tag("ul", *items) + (tag("p", esc(status)) if status else "")
    words += [status] if status else []
    heading = titel or text("present.quellen.titel")
    inside = Anzeige(
        titel=heading, html=body, tabelle=pd.DataFrame(list(liste)), saetze=tuple(words), punkte=True
    )
    return klappe([inside], titel=heading, klasse="sa-quellen")


def keine_daten(satz: str, abhilfe: str = "") -> Anzeige:
    """Calm block in the place of a figure: what is missing and where to go."""
    return hinweis(satz, titel=text("present.keine_daten"), abhilfe=abhilfe)


def hinweis(
    satz: str | Sequence[str],
    *,
    titel: str = "",
    abhilfe: str = "",
    ziel: str = "",
    art: Literal["info", "warnung"] = "info",
) -> Anzeige:
    """Message box; the kind is said in words, too. Several sentences become a list.

    ``abhilfe`` says what helps; with an address ``ziel`` it is a link.
    """
    heading = titel or text(f"present.hinweis.{art}")
    if isinstance(satz, str):
        body = tag("p", tag("strong", esc(heading)), " ", esc(satz))
    else:
        items = tag("ul", *(tag("li", esc(one)) for one in satz))
        body, satz = tag("p", tag("strong", esc(heading))) + items, " ".join(satz)
    html = tag(
        "div",
        body,
        tag("p", tag("a", esc(abhilfe), href=_ziel(ziel)) if ziel else esc(abhilfe)) if abhilfe else "",
        klasse=f"sa sa-hinweis sa-hinweis-{art}",
        role="note",
        aria_label=heading,
    )
    return Anzeige(titel=heading, html=html, beschreibung=satz, saetze=(satz,))


def auswahl(
    felder: Sequence[Eingabefeld], ziel: str | None, aktuell: Mapping[str, str], *, titel: str | None = None
) -> Anzeige:
    """Choice of parameters as a plain form: no script, works by keyboard, leaves a link.

    Parameters
    ----------
    felder
        Labelled lists, shown in this order.
    ziel
        Page that takes the parameters in its address; None (a notebook being edited) lists the
        values in force instead, leaving out what is not chosen.
    aktuell
        Value in force per field.
    """
    heading = titel or text("present.auswahl.titel")
    name = fragment_id("wahl", ziel, *(feld.name for feld in felder))
    if ziel is None:
        rows = "".join(
            tag("div", tag("dt", esc(feld.label)), tag("dd", esc(_wort(feld, value))))
            for feld in felder
            if (value := aktuell.get(feld.name, ""))
        )
        html = tag(
            "section", tag("dl", rows, klasse="sa-gewaehlt"), klasse="sa sa-auswahl", aria_label=heading
        )
        return Anzeige(titel=heading, html=html)
    controls = "".join(_feld(feld, aktuell.get(feld.name), f"{name}-{feld.name}") for feld in felder)
    button = tag("button", esc(text("present.auswahl.anzeigen")), type="submit")
    form = tag("form", controls, button, method="get", action=_ziel(ziel), aria_labelledby=f"{name}-h")
    return _abschnitt(heading, form, "sa-auswahl", id=name)


def textform(
    ziel: str,
    fest: Mapping[str, str],
    inhalt: str,
    *,
    erzeugt: str = "",
    zuletzt: str = "",
    wer: str = "",
    maengel: Mapping[str, str] | None = None,
) -> Anzeige:
    """Form to write a text beside its numbers: folded, or open with what is wrong at its fields.

    Parameters
    ----------
    ziel
        Address that takes the text.
    fest
        What is sent along unseen: which text it is, and for which numbers.
    inhalt
        Text in force.
    erzeugt, zuletzt
        The text made by rule, and who changed it when; without the first nothing can be taken back.
    maengel
        Field -> what is wrong there.
    """
    name, wrong = fragment_id("text", *fest.values()), maengel or {}
    hidden = "".join(tag("input", type="hidden", name=key, value=value) for key, value in fest.items())

    def field(key: str, control: str, kind: str) -> str:
        remark = esc(wrong.get(key) or text(f"present.textform.{key}_hilfe"))
        hint = tag("span", remark, id=f"{name}-{key}-h", klasse="sa-hilfe")
        label = tag("label", esc(text(f"present.textform.{key}")), for_=f"{name}-{key}")
        return tag("div", label, control, hint, klasse=f"sa-feld {kind}")

    def common(key: str) -> dict[str, Any]:
        bad = "true" if key in wrong else None
        return {
            "id": f"{name}-{key}",
            "name": key,
            "aria_describedby": f"{name}-{key}-h",
            "aria_invalid": bad,
        }

    lines = str(min(max(inhalt.count("\n") + len(inhalt) // 70 + 2, 4), 16))
    area = tag("textarea", "\n", esc(inhalt), rows=lines, maxlength="5000", **common("text"))
    typed = tag("input", type="text", value=wer, maxlength="80", autocomplete="name", **common("wer"))
    notes = [zuletzt, text("present.textform.erzeugt", text=erzeugt) if erzeugt else ""]
    buttons = tag("button", esc(text("present.textform.speichern")), type="submit")
    if erzeugt:
        buttons += tag(
            "button", esc(text("present.textform.loeschen")), type="submit", name="loeschen", value="1"
        )
    form = tag(
        "form",
        hidden,
        field("text", area, "sa-breit"),
        *(tag("p", esc(note), klasse="sa-hilfe sa-breit") for note in notes if note),
        field("wer", typed, ""),
        tag("div", buttons, klasse="sa-knoepfe"),
        method="post",
        action=_ziel(ziel),
        novalidate=True,
    )
    summary = tag("summary", esc(text("present.textform.titel")))
    body = tag("div", form) if wrong else tag("details", summary, form)
    return Anzeige(titel="", html=tag("div", body, klasse="sa sa-auswahl sa-textform", id=name))


def werkzeug(
    tafel: str, wert: str, *, kontext: Kontext, region: str = "", titel: str | None = None
) -> Anzeige:
    """Place where the script of a page puts filter and comparison; nothing is seen without it.

    Parameters
    ----------
    tafel
        Id of the table (``sa-tafel``) that lists all areas of the page.
    wert
        Key of its column that is filtered.
    region
        Sentence with the value of the whole region, shown below the comparison.
    """
    heading = titel or text("present.werkzeug")
    name = fragment_id("werkzeug", tafel, wert)
    html = tag(
        "section",
        tag("h2", esc(heading), id=f"{name}-h"),
        tag("div", klasse="sa-felder"),
        klasse="sa sa-werkzeug",
        aria_labelledby=f"{name}-h",
        id=name,
        hidden=True,
        data_tafel=tafel,
        data_wert=wert,
        data_kommune=kontext.kommune.einzahl,
        data_region=region or None,
    )
    return Anzeige(titel=heading, html=html)


def suche(
    eintraege: Sequence[Treffer], *, titel: str, vorwahl: Sequence[Treffer] = (), id: str | None = None
) -> Anzeige:
    """List of places with links, which the script of the page turns into a search.

    Without script it is a folded list of all of them. ``vorwahl`` is offered where nothing is found.
    """
    name = id or fragment_id("suche", titel, len(eintraege))
    items = [
        tag(
            "li",
            tag("a", esc(entry.name), href=_ziel(entry.ziel)),
            tag("span", esc(entry.zusatz), klasse="sa-mehr") if entry.zusatz else "",
            data_n="|".join([entry.name, *entry.andere]),
            data_ort=entry.gebiet or None,
            data_k="|".join(entry.fakten) or None,
        )
        for entry in eintraege
    ]
    words = text("present.suche.alle", anzahl=len(eintraege))
    listed = tag("details", tag("summary", esc(words)), tag("ul", *items, klasse="sa-spaltenliste"))
    instead = tag(
        "ul",
        *(tag("li", tag("a", esc(entry.name), href=_ziel(entry.ziel))) for entry in vorwahl),
        klasse="sa-spaltenliste sa-vorwahl",
        hidden=True,
    )
    body = tag("div", klasse="sa-suchfeld") + (instead if vorwahl else "") + listed
    return _abschnitt(titel, body, "sa-suche", id=name)


def verzeichnis(gruppen: Mapping[str, Sequence[Verweis]], *, titel: str, aktuell: str = "") -> Anzeige:
    """Folded list of links under headings; ``aktuell`` is the address of the page shown."""
    parts = []
    for heading, links in gruppen.items():
        items = [
            tag("li", tag("a", esc(link.label), href=_ziel(link.ziel), aria_current=_here(link, aktuell)))
            for link in links
        ]
        parts.append(tag("h2", esc(heading)) + tag("ul", *items, klasse="sa-spaltenliste"))
    name = fragment_id("verzeichnis", titel)
    html = tag(
        "nav",
        tag("details", tag("summary", esc(titel)), *parts),
        klasse="sa sa-verzeichnis",
        aria_label=titel,
        id=name,
    )
    return Anzeige(titel=titel, html=html)


def _here(link: Verweis, aktuell: str) -> str | None:
    return "page" if link.ziel == aktuell else None


def _wort(feld: Eingabefeld, value: str) -> str:
    return next((option[1] for option in feld.optionen if option[0] == value), value)


def _feld(feld: Eingabefeld, value: str | None, name: str) -> str:
    groups: dict[str, list[str]] = {}
    for option in feld.optionen:
        chosen = value is not None and option[0] == value
        entry = tag("option", esc(option[1]), value=option[0], selected=chosen)
        groups.setdefault(option[2] if len(option) > 2 else "", []).append(entry)
    options = "".join(
        tag("optgroup", *entries, label=group) if group else "".join(entries)
        for group, entries in groups.items()
    )
    hint = tag("span", esc(feld.hilfe), id=f"{name}-h", klasse="sa-hilfe") if feld.hilfe else ""
    common = {"id": name, "name": feld.name, "aria_describedby": f"{name}-h" if hint else None}
    typed = {"type": "text", "value": value or "", "autocomplete": "off"}
    control = tag("select", options, **common) if feld.optionen else tag("input", **typed, **common)
    return tag("div", tag("label", esc(feld.label), for_=name), control, hint, klasse="sa-feld")


def verweise(liste: Sequence[Verweis], *, titel: str | None = None) -> Anzeige:
    """Links to other pages, each with a sentence."""
    heading = titel or text("present.verweise")
    items = [
        tag(
            "li",
            tag("a", esc(link.label), href=_ziel(link.ziel)),
            tag("span", esc(link.satz), klasse="sa-nebensatz") if link.satz else "",
        )
        for link in liste
    ]
    return _abschnitt(heading, tag("ul", *items), "sa-verweise", element="nav")


def _ziel(address: str) -> str:
    """Address that is a page: relative, or http, https or mailto."""
    scheme = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.\-]*):", address)
    if scheme and scheme.group(1).lower() not in {"http", "https", "mailto"}:
        raise ValueError(f"not an address for a link: {address!r}")
    return address


def _abschnitt(
    heading: str,
    body: str,
    klasse: str,
    tabelle: pd.DataFrame | None = None,
    *,
    element: str = "section",
    id: str | None = None,
    saetze: Sequence[str] = (),
    punkte: bool = False,
) -> Anzeige:
    name = id or fragment_id("teil", heading, body)
    html = tag(
        element,
        tag("h2", esc(heading), id=f"{name}-h"),
        body,
        klasse=f"sa {klasse}",
        aria_labelledby=f"{name}-h",
        id=id,
    )
    frame = tabelle if tabelle is not None else pd.DataFrame()
    return Anzeige(titel=heading, html=html, tabelle=frame, saetze=tuple(saetze), punkte=punkte)
