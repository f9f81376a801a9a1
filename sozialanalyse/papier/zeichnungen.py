"""Drawings of a page as pictures, with their legend below, in the font that every machine has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from sozialanalyse.papier.bloecke import Bild

BREITE_PT = 480
"""Width a drawing is set at."""
HOEHE_PT = 400
"""Higher drawings, mostly maps, are set smaller, so that the words below them stay as large as in the others."""
PUNKTE_JE_ZOLL = 180
KARTENSCHRIFT = {False: 25, True: 20}
"""Size of names on a wide and on a narrow map, as on a phone; their places are chosen for it."""
_HALO = re.compile(r'<(g|text)\b([^>]*) paint-order="stroke"([^>]*)(?<!/)>')
_STRICH = re.compile(r' stroke(?:-\w+)?="[^"]*"')
_DEFS = re.compile(r"<defs>.*?</defs>", re.DOTALL)


def bilder(gezeichnet: Sequence[Bild]) -> list[bytes]:
    """PNG of each drawing, all set at once.

    Returns
    -------
    list of bytes
        In the order of the drawings; none if there are none.
    """
    if not gezeichnet:
        return []
    pages = "\n#pagebreak()\n".join(map(_seite, gezeichnet))
    source = f'#set page(width: {BREITE_PT}pt, height: auto, margin: 2pt)\n#set text(font: "Roboto", size: 10pt, lang: "de")\n{pages}'
    compiler = typst.Compiler(font_paths=schriften())
    made: Any = compiler.compile(input=source.encode(), format="png", ppi=PUNKTE_JE_ZOLL)
    return [made] if isinstance(made, bytes) else [bytes(one) for one in made]


@cache
def schriften() -> typst.Fonts:
    """The fonts that come along and no others, so that every machine sets alike."""
    folder = str(files(__package__).joinpath("schrift"))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def _seite(one: Bild) -> str:
    patterns = found[0] if (found := _DEFS.search(one.svg)) else ""
    entries = []
    for field, words in one.legende:
        sign = re.search(r"<svg\b.*?</svg>", field, re.DOTALL)
        small = (
            sign[0].replace(">", f">{patterns}", 1)
            if sign and "url(#" in sign[0]
            else sign[0]
            if sign
            else ""
        )
        picture = (
            f'#box(baseline: 20%, image(bytes({wort(lesbar(small))}), format: "svg", height: 0.9em)) '
            if small
            else ""
        )
        entries.append(f"#box[{picture}#{wort(words)}] #h(1em)")
    legend = f"\n#block(above: 6pt)[{' '.join(entries)}]" if entries else ""
    width, height = masse(one.svg)
    tall = width > 0 and BREITE_PT * height / width > HOEHE_PT
    size = f"height: {HOEHE_PT}pt" if tall else "width: 100%"
    return f'#align(center, image(bytes({wort(lesbar(one.svg))}), format: "svg", {size})){legend}'


def lesbar(drawing: str) -> str:
    """Drawing in the font that is there when printing, its words above their light edge and large enough.

    Typst paints the edge of a text over it; so the edge is drawn first, the text again on top. A map is
    set smaller on paper than on a screen.
    """
    drawn, at = "", 0
    for m in _HALO.finditer(drawing):
        if m.start() < at:
            continue
        end = _ende(drawing, m[1], m.end())
        inside = drawing[m.end() : end]
        drawn += (
            f"{drawing[at : m.start()]}<{m[1]}{m[2]}{m[3]}>{inside}"
            f"<{m[1]}{_STRICH.sub('', m[2])}{_STRICH.sub('', m[3])}>{inside}"
        )
        at = end
    drawn += drawing[at:]
    if "sa-karte" in drawn:
        for name in ("sa-ortsnamen", "sa-massstab", "sa-svgmarke"):
            drawn = re.sub(
                rf'<(\w+)(?=[^>]*class="{name}")([^>]*) font-size="\d+"',
                rf'<\1\2 font-size="{KARTENSCHRIFT["sa-hoch" in drawn]}"',
                drawn,
            )
    return re.sub(r'font-family="[^"]*"', 'font-family="Roboto"', drawn)


def _ende(drawing: str, name: str, start: int) -> int:
    """Where the element ends whose inside starts there, with those of its name in it."""
    depth = 1
    for m in re.compile(rf"<(/?){name}\b[^>]*?(/?)>").finditer(drawing, start):
        depth += -1 if m[1] else not m[2]
        if not depth:
            return m.end()
    return len(drawing)


def masse(drawing: str) -> tuple[float, float]:
    """Width and height of a drawing in its own units; zeros if it does not say."""
    found = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', drawing)
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def wort(words: str) -> str:
    """Text as a Typst string; nothing in it is markup."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
