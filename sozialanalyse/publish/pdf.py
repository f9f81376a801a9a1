"""The same page on paper: the finished HTML becomes a tagged PDF through Typst.

There is one document model, the HTML that present makes: headings, paragraphs, lists, tables,
figures. Page and PDF cannot drift apart, because the PDF is made from the page. What only a screen
can use (forms, downloads, folded tables below figures) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Literal

import typst

from sozialanalyse.base import LaufFehler, text
from sozialanalyse.papier import lesbar, masse, schriften, wort
from sozialanalyse.publish._baum import Knoten, lies
from sozialanalyse.publish._pdftafeln import blaetter, zeilenkoepfe
from sozialanalyse.publish.html import Rahmen

NORM: Literal["ua-1"] = "ua-1"
"""PDF/UA-1, ISO 14289-1; Typst refuses to write a file it knows to break the rules."""

NUR_BILDSCHIRM = {
    "sa-csv",
    "sa-vorlesen",
    "sa-auswahl",
    "sa-sprung",
    "sa-interaktiv",
    "sa-muster",
    "sa-mehr",
    "sa-anhang",
    "sa-zurtafel",
}
KAPITEL_FUER_VERZEICHNIS = 9
KURZ_ENDE = "// nach der Kurzfassung\n"
BREITE_MM = 166
GANZE_TAFEL = 22
"""Tables of at most so many lines are not split between pages."""
GANZE_TAFEL_KNAPP = 42
"""The same on a tight sheet: its one long table starts the second page."""
GANZE_ZEILE = 700
"""Rows none of whose cells has more letters than this are not split between pages; any such row fits one."""
EINZEILIG = 22
"""Cells of at most so many letters are not broken into lines."""
ZEICHENBREITE = 0.53
"""Width of a letter or digit, as part of the size of the type."""
HOEHE_MM = 205
KARTE_MM = 78
KARTE_KNAPP_MM = 50
BLATT = 2
"""Pages of a tight sheet: both sides of one sheet of paper."""
ENGSTE = 4
"""Steps by which a sheet that takes more is set tighter: smaller map, smaller distances, type down to 7.8 pt."""
KARTE_ENGER_MM = 4
TAFEL_ENGER_PT = 0.1


def erzeuge(inhalt: str, rahmen: Rahmen) -> bytes:
    """PDF/UA-1 of a page.

    Parameters
    ----------
    inhalt
        Content of the page as trusted HTML, without its frame.
    rahmen
        Title, region, publisher, state and mark.

    Returns
    -------
    bytes
        Tagged PDF with bookmarks, language, alternative texts, and tables with headers of columns and rows.

    Raises
    ------
    LaufFehler
        If the page cannot be set, or would break a rule of the standard that Typst checks.
    """
    made = _gesetzt(quelle(inhalt, rahmen))
    if rahmen.knapp and blaetter(made) > BLATT:
        tighter = (_gesetzt(quelle(inhalt, rahmen, enge)) for enge in range(1, ENGSTE + 1))
        made = next((found for found in tighter if blaetter(found) <= BLATT), made)
    return zeilenkoepfe(made)


def _gesetzt(source: str) -> bytes:
    try:
        made = _compiler().compile(input=source.encode(), format="pdf", pdf_standards=NORM)
    except typst.TypstError as error:
        raise LaufFehler(text("publish.pdf_fehler", grund=error.message)) from error
    assert isinstance(made, bytes)
    return made


def _compiler() -> typst.Compiler:
    """A compiler with the fonts that come along and no others, so that every machine sets alike."""
    return typst.Compiler(font_paths=schriften())


@cache
def _vorlage() -> str:
    return files(__package__).joinpath("druck.typ").read_text(encoding="utf-8")


def quelle(inhalt: str, rahmen: Rahmen, enge: int = 0) -> str:
    """Typst source of a page; a tight sheet is set tighter by so many steps."""
    tree, drawings = lies(inhalt)
    return _Satz(drawings, rahmen, enge).dokument(tree)


class _Satz:
    """Turns the tree of one page into Typst source."""

    def __init__(self, drawings: list[str], rahmen: Rahmen, enge: int = 0) -> None:
        self.drawings, self.rahmen, self.enge = drawings, rahmen, enge
        self.knapp = rahmen.knapp
        self.kopfzeile = False
        self.schmal = False
        self.zahl = False

    def dokument(self, tree: Knoten) -> str:
        chapters = len(tree.alle("h2")) + len(tree.alle("h3"))
        r = self.rahmen
        title = tree.erstes("h1")
        options = [
            f"titel: {wort(title.worte if title else r.titel)}",
            f"region: {wort(r.region)}",
            f"herausgeber: {wort(r.herausgeber)}",
            f"stand: {wort(r.stand)}",
            f"marke: {wort(r.marke)}",
            f"knapp: {'true' if self.knapp else 'false'}",
            f"enge: {self.enge}",
        ]
        body = self.bloecke(tree)
        if chapters >= KAPITEL_FUER_VERZEICHNIS and not self.knapp:
            head, sign, rest = body.partition(KURZ_ENDE)
            body = f"{head}#inhalt()\n{rest}" if sign else body
        return f"{_vorlage()}\n#show: druck.with({', '.join(options)})\n{body}"

    # --- blocks -------------------------------------------------------------------------------

    def bloecke(self, node: Knoten) -> str:
        """Children of an element as blocks; loose text between them becomes a paragraph."""
        out: list[str] = []
        loose: list[Knoten | str] = []

        def flush() -> None:
            words = self.zeile(Knoten("p", kinder=list(loose))) if loose else ""
            if words.strip():
                out.append(f"\n{words}\n\n")
            loose.clear()

        for kind in node.kinder:
            if isinstance(kind, str) or kind.name in _INNEN:
                loose.append(kind)
            else:
                flush()
                out.append(self.block(kind))
        flush()
        return "".join(out)

    def block(self, node: Knoten) -> str:
        if node.klassen & NUR_BILDSCHIRM or node.name in {"form", "button", "script", "style", "nav"}:
            return ""
        if node.name == "details" and "sa-klappe" not in node.klassen:
            return ""
        make: Callable[[Knoten], str] = getattr(self, f"_{node.name}", self._kasten)
        return make(node)

    def _kasten(self, node: Knoten) -> str:
        if "sa-paar" in node.klassen:
            return f"#paar(0.82fr, {self._spalten(node)})\n"
        if "sa-auftakt" in node.klassen:
            return self._auftakt(node)
        if "sa-druckpaar" in node.klassen:
            self.schmal = True
            pair = f"#paar(1fr, {self._spalten(node)})\n"
            self.schmal = False
            return pair
        most = GANZE_TAFEL_KNAPP if self.knapp else GANZE_TAFEL
        if "sa-zusammen" in node.klassen or ("sa-tafel" in node.klassen and _zeilen(node) <= most):
            return f"#ganz[{self.bloecke(node)}]\n"
        self.kopfzeile = "sa-kopf" in node.klassen
        body = self.bloecke(node)
        self.kopfzeile = False
        for klasse, name in (
            ("sa-kopf", "kopf"),
            ("sa-kurz", "kasten"),
            ("sa-text-einfach", "rahmen"),
            ("sa-hinweis", "rahmen"),
            ("sa-text-klein", "kleinteil"),
        ):
            if klasse in node.klassen:
                mark = KURZ_ENDE if name == "kasten" else ""
                return f"#{name}[{body}]\n{mark}"
        return body

    def _auftakt(self, node: Knoten) -> str:
        """First screen: on a tight sheet the picture beside the words, else below the number."""
        picture = next((kind for kind in node.elemente if "sa-auftakt-bild" in kind.klassen), None)
        if not self.knapp or picture is None:
            return self.bloecke(node)
        words = "".join(self.block(kind) for kind in node.elemente if kind is not picture)
        return f"#paar(0.82fr, [{words}], [{self.block(picture)}])\n"

    def _spalten(self, node: Knoten) -> str:
        return ", ".join(f"[{self.block(kind)}]" for kind in node.elemente)

    def _heading(self, node: Knoten) -> str:
        return f"#heading(level: {node.name[1]}, [{self.zeile(node)}])\n"

    _h1 = _h2 = _h3 = _h4 = _heading

    def _p(self, node: Knoten) -> str:
        self.zahl = "sa-kennzahl" in node.klassen
        words = self._fuss(node) if "sa-fuss" in node.klassen else self.zeile(node)
        self.zahl = False
        if not words.strip():
            return ""
        for klasse, name in _ABSATZ.items():
            if klasse in node.klassen:
                return f"\n#{name}[{words}]\n\n"
        return f"\n{words}\n\n"

    def _fuss(self, node: Knoten) -> str:
        """Foot of a figure without publisher and mark, which every sheet carries."""
        known = {self.rahmen.herausgeber, self.rahmen.marke}
        return "#" + wort(" · ".join(part for part in node.worte.split(" · ") if part not in known))

    def _ul(self, node: Knoten) -> str:
        if "sa-legende" in node.klassen:
            return self._legende(node, "")
        items = ", ".join(f"[{self._punkt(item)}]" for item in node.elemente if item.name == "li")
        return f"#list({items})\n" if items else ""

    def _ol(self, node: Knoten) -> str:
        items = ", ".join(f"[{self._punkt(item)}]" for item in node.elemente if item.name == "li")
        return f"#enum({items})\n" if items else ""

    def _punkt(self, node: Knoten) -> str:
        inner = any(kind.name not in _INNEN for kind in node.elemente)
        return self.bloecke(node) if inner else self.zeile(node)

    def _dl(self, node: Knoten) -> str:
        rows, term = [], ""
        for kind in node.elemente:
            if kind.name == "dt":
                term = self.zeile(kind)
            elif kind.name == "dd":
                rows.append(f"terms.item([{term}], [{self.zeile(kind)}])")
        return f"#begriffe({', '.join(rows)})\n" if rows else ""

    def _hr(self, _: Knoten) -> str:
        return ""

    # --- figures ------------------------------------------------------------------------------

    def _figure(self, node: Knoten) -> str:
        drawings = [self.drawings[int(svg.attribute["nummer"])] for svg in node.alle("svg")]
        phone = next((d for d in drawings if self.schmal and "sa-schmal" in d), "")
        drawing = phone.replace(' display="none"', "", 1) or next(iter(drawings), "")
        caption = node.erstes("figcaption")
        title = next((s for s in caption.elemente if "sa-titel" in s.klassen), caption) if caption else None
        under = next((s for s in caption.elemente if "sa-untertitel" in s.klassen), None) if caption else None
        parts = []
        if drawing:
            words = self.zeile(title) if title else ""
            if under is not None:
                words += f' #linebreak() #text(weight: "regular", fill: leise)[{self.zeile(under)}]'
            parts.append(f"#figure({self._bild(drawing)}, caption: [{words}], kind: image)\n")
        for kind in node.elemente:
            if kind.name == "ul" and "sa-legende" in kind.klassen:
                parts.append(self._legende(kind, _muster(drawing)))
            elif kind.name == "p" and not kind.klassen & NUR_BILDSCHIRM:
                parts.append(self._p(kind))
        return f"#ganz[{''.join(parts)}]\n"

    def _bild(self, drawing: str) -> str:
        width, height = masse(drawing)
        limit = HOEHE_MM
        if "sa-karte" in drawing:
            limit = KARTE_KNAPP_MM - KARTE_ENGER_MM * self.enge if self.knapp else KARTE_MM
        tall = width > 0 and BREITE_MM * height / width > limit
        alt = f"{_teil(drawing, 'title')}. {_teil(drawing, 'desc')}".replace("..", ".")
        size = f"{limit}mm" if tall else "none"
        return f"zeichnung({wort(lesbar(drawing))}, {wort(alt)}, 100%, {size})"

    def _legende(self, node: Knoten, patterns: str) -> str:
        entries = []
        for item in node.elemente:
            picture = item.erstes("svg")
            step = next((k for k in item.elemente if "sa-farbfeld" in k.klassen), None)
            sign = "none"
            if picture is not None:
                small = self.drawings[int(picture.attribute["nummer"])]
                if patterns and "url(#" in small:
                    small = small.replace(">", f">{patterns}", 1)
                sign = f"feld({wort(lesbar(small))})"
            elif step is not None:
                number = next(k for k in step.klassen if re.fullmatch(r"sa-s\d", k))
                sign = f"farbfeld({number[-1]})"
            entries.append(f"({sign}, [{self.zeile(item)}])")
        kind = (
            "stufenlegende"
            if any("sa-balken" in self.drawings[int(svg.attribute["nummer"])] for svg in node.alle("svg"))
            else "legende"
        )
        return f"#{kind}({', '.join(entries)})\n" if entries else ""

    # --- tables -------------------------------------------------------------------------------

    def _table(self, node: Knoten) -> str:
        caption = node.erstes("caption")
        head = node.erstes("thead")
        body = node.erstes("tbody") or node
        heads = [cell for row in head.alle("tr") for cell in row.elemente] if head else []
        rows = [row for row in body.elemente if row.name == "tr"]
        cells = [[cell for cell in row.elemente if cell.name in {"th", "td"}] for row in rows]
        if not cells:
            return ""
        numbers = {int(k[4:]) - 1 for k in node.klassen if re.fullmatch(r"sa-z\d+", k)}
        full = [line for line in cells if not any("colspan" in cell.attribute for cell in line)]
        columns = len(full[0])
        size = (
            7.0
            if columns > 9
            else 7.8 - TAFEL_ENGER_PT * self.enge
            if self.knapp or "sa-dicht" in node.klassen
            else 8.0
            if columns > 6
            else 8.5
        )
        points = (BREITE_MM + (10 if self.knapp else 0)) * 72 / 25.4 - 6 * columns
        widths = ", ".join(f"{w}fr" for w in _breiten(heads, full, points / (ZEICHENBREITE * size)))
        top = "".join(f"{self._zelle(cell, i in numbers, kopf=True)}, " for i, cell in enumerate(heads))
        lines = [
            ", ".join(
                self._zelle(cell, i in numbers, gesamt="sa-gesamt" in row.klassen, ganz=_ganz(line))
                for i, cell in enumerate(line)
            )
            for row, line in zip(rows, cells, strict=True)
        ]
        title = f"[{self.zeile(caption)}]" if caption else "none"
        joined = ",\n  ".join(lines)
        options = f"kopf: ({top}), groesse: {size:.1f}pt"
        return f"#tafel({title}, ({widths},), {options},\n  {joined},\n)\n"

    def _zelle(
        self,
        cell: Knoten,
        zahl: bool = False,
        *,
        kopf: bool = False,
        gesamt: bool = False,
        ganz: bool = True,
    ) -> str:
        step = next((int(k[-1]) for k in cell.klassen if re.fullmatch(r"sa-s[1-5]", k)), 0)
        options = [f"stufe: {step}"] if step else []
        if step:
            grey = {1: 7, 2: 6, 3: 3, 4: 6, 5: 7}
            fill = 6 - step if "sa-u" in cell.klassen else grey[step] if "sa-o" in cell.klassen else step
            options.append(f"farbe: {fill}")
        if zahl or "sa-zahl" in cell.klassen:
            options.append("rechts: true")
        if kopf or gesamt or "colspan" in cell.attribute:
            options.append("fett: true")
        if kopf:
            options.append("ende: true")
        if not ganz:
            options.append("ganz: false")
        if "colspan" in cell.attribute:
            options.append(f"spalten: {int(cell.attribute['colspan'])}")
        words = self.zeile(cell)
        if kopf:
            words = _KURZES_ENDE.sub("\u00a0", words)
        return f"zelle({', '.join([f'[{words}]', *options])})"

    # --- inside a line ------------------------------------------------------------------------

    def zeile(self, node: Knoten) -> str:
        """Content of a paragraph, a cell or a heading."""
        out = []
        for position, kind in enumerate(node.sichtbare):
            if isinstance(kind, str):
                words = re.sub(r"[ \t\r\n]+", " ", kind)
                if position == 0:
                    words = words.lstrip(" ")
                if words:
                    out.append(f"#{wort(words)}")
            elif not kind.klassen & NUR_BILDSCHIRM:
                out.append(self._innen(kind))
        return "".join(out)

    def _innen(self, node: Knoten) -> str:
        if node.name == "br":
            return "#linebreak()"
        if node.name in {"svg", "details"} or "sa-farbfeld" in node.klassen:
            return ""
        words = self.zeile(node)
        if "sa-kennzahl-worte" in node.klassen:
            return f"#linebreak() #strong[{words}]"
        if "sa-kennzahl-vergleich" in node.klassen:
            return f"#linebreak() #text(fill: leise)[{words}]"
        if "sa-angaben" in node.klassen:
            return f"#text(fill: leise)[{words}]"
        if "sa-marke" in node.klassen:
            return f"#marke[{words}]" if self.kopfzeile else ""  # every sheet carries it on top
        if "sa-einheit" in node.klassen:
            return f' #linebreak() #text(weight: "regular")[{words}]'
        if node.name in {"strong", "b"} and self.zahl:
            return f"#grosszahl[{words}]"
        if node.name in {"strong", "b"}:
            return f"#strong[{words}]"
        if node.name == "i" and "aria-hidden" in node.attribute:
            return words
        if node.name in {"em", "i"}:
            return f"#emph[{words}]"
        target = node.attribute.get("href", "")
        if node.name == "a" and target.startswith(("https:", "http:", "mailto:")):
            return f"#link({wort(target)})[{words}]"
        return words


_KURZES_ENDE = re.compile(r' (?=\S{1,2}"(?:$| #linebreak))')
"""Space before a last word of one or two letters in a heading, which should not stand on a line of its own."""
_INNEN = {"a", "span", "strong", "b", "em", "i", "br", "code", "abbr", "svg", "small", "sub", "sup", "time"}
_ABSATZ = {
    "sa-frage": "frage",
    "sa-kennzahl": "kennzahl",
    "sa-angaben": "angaben",
    "sa-region": "angaben",
    "sa-fuss": "klein",
    "sa-zeichen": "klein",
    "sa-redaktion": "klein",
}


def _zeilen(node: Knoten) -> int:
    """About how many lines a table takes."""
    rows = [row for body in node.alle("tbody") for row in body.elemente]
    return sum(1 + max((len(cell.worte) for cell in row.elemente), default=0) // 45 for row in rows)


def _teil(drawing: str, name: str) -> str:
    """Title or description of a drawing as plain text."""
    found = re.search(rf"<{name}\b[^>]*>(.*?)</{name}>", drawing, re.DOTALL)
    words = found[1] if found else ""
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _muster(drawing: str) -> str:
    found = re.search(r"<defs>.*?</defs>", drawing, re.DOTALL)
    return found[0] if found else ""


FETT = 1.25
"""Characters of running text that a character of a heading takes."""


def _ganz(line: list[Knoten]) -> bool:
    """Whether a row is short enough to stand on one page."""
    return all(len(cell.worte) <= GANZE_ZEILE for cell in line)


def _breiten(heads: list[Knoten], cells: list[list[Knoten]], platz: float) -> list[float]:
    """Characters for each column of so many in all, by what stands in it; what cannot be parted always fits.

    Words are parted by syllables, numbers and dates never are.
    """
    wanted, least = [], []
    head_word, body_word = (12, 9) if len(cells[0]) <= 9 else (6, 6)
    for column in range(len(cells[0])):
        inside = [line[column].worte for line in cells if column < len(line)]
        longest = max((len(words) for words in inside), default=0)
        word = max((len(part) for part in heads[column].worte.split()), default=0) if heads else 0
        usual = sorted(len(words) for words in inside)[len(inside) // 2]
        whole = longest + 1.5 if longest <= EINZEILIG else 0
        wanted.append(max(5.0, min(longest, max(usual + 8, longest / 2), 34), whole, min(word, head_word)))
        parts = {part for words in inside for part in words.split()}
        least.append(
            0.5
            + max(
                min(FETT * word, body_word),
                *(len(part) if re.search(r"\d", part) else min(len(part), body_word) for part in parts),
                0,
            )
        )
    return [round(width, 1) for width in _verteilt(wanted, least, platz)]


def _verteilt(wanted: list[float], least: list[float], platz: float) -> list[float]:
    """Divide a length in proportion to what is wanted, but nobody gets less than the least unless it is too short for all."""
    if sum(least) >= platz:
        return least
    out, free, rest = list(least), set(range(len(wanted))), platz
    while free:
        share = rest / sum(wanted[i] for i in free)
        tight = {i for i in free if wanted[i] * share < least[i]}
        if not tight:
            for i in free:
                out[i] = wanted[i] * share
            break
        free -= tight
        rest -= sum(least[i] for i in tight)
    return out
