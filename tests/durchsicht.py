"""What can be seen on a finished page of any region: words and numbers, width, the rules of axe-core."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from chromium import AXE

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "barrierefreiheit.py"
TEXTE = """() => {
  const words = [document.title];
  const take = (node) => {
    if (node.nodeType === 3) { if (node.data.trim()) words.push(node.data.trim()); return; }
    if (/^(script|style)$/i.test(node.nodeName)) return;
    for (const name of ["aria-label", "alt", "title", "placeholder"])
      if (node.getAttribute?.(name)) words.push(node.getAttribute(name));
    node.childNodes.forEach(take);
  };
  take(document.body);
  return words;
}"""
"""All texts of the page, also hidden ones, those of drawings, and the names read aloud."""
UNFERTIG = {
    "a gap as a word": re.compile(r"\b(?:nan|none|nat|undefined|inf|<na>|true|false)\b", re.I),
    "a placeholder": re.compile(r"\{\w*\}|%[sd]\b|\[object|\bsa-seite\b"),
    "an error": re.compile(r"Traceback|\w+Error\b|\bWarning\b"),
    "a technical number": re.compile(r"\d[eE][+-]?\d\d|\d{1,3}(?:,\d{3})+,"),
    "a decimal point": re.compile(r"(?<![\d.])\d+\.(?:\d{1,2}|\d{4,})(?![\d.])"),
    "a hyphen as minus": re.compile(r"(?<![\w–.])-\d"),
}
NAMEN = re.compile(
    r"\b[0-9a-f]{12}\b|(?:CC BY|dl-de/by|CC0|WCAG|BITV|ISO|EUPL|Version|axe-core|Chromium)[-\w ]*\d+(?:[.-]\d+)*"
)
"""Names that bear a number of their own: of snapshots, licences, rules, programs."""


@cache
def zugang() -> dict[str, Any]:
    """Checks of accessibility, those from which the statement on it is made."""
    return runpy.run_path(str(BENCHMARK))


def axe(page: Any, *ohne: str) -> list[str]:
    """What the rules of axe-core find but for some, brought in past the page's own policy; nothing without its script."""
    if AXE is None:
        return []
    found: list[str] = zugang()["regeln"](page, Path(AXE).read_text(encoding="utf-8"))
    return [one for one in found if not one.startswith(ohne or ("\0",))]


def worte(page: Any) -> Iterator[str]:
    """Texts on which something was left unfinished, or which print a number as no German reader does."""
    for words in page.evaluate(TEXTE):
        plain = NAMEN.sub("", words)
        for fault, pattern in UNFERTIG.items():
            if found := pattern.search(plain):
                around = plain[max(0, found.start() - 30) : found.end() + 30]
                yield f"{fault}: {around!r}"


def durchsicht(page: Any) -> list[str]:
    """Faults of an open page at the width of a desk and of a phone: as it opens, then unfolded with an area chosen.

    The rules of axe-core look at the last state on a phone, where everything is shown that the numbers of a region
    can bring about; every state at every width of a page of each kind is looked at in ``test_barrierefreiheit``.
    """
    found = [*worte(page)]
    for state, widths in (("fresh", (1280, 390)), ("chosen", (390, 1280))):
        if state == "chosen":
            page.evaluate(zugang()["OEFFNE"])
            page.evaluate(zugang()["WAEHLE"])
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            faults = ["wider than the screen"] if page.evaluate(zugang()["ZU_BREIT"]) else []
            if (state, width) == ("chosen", 390):
                faults += axe(page)
            found += [f"{state}, {width} px: {fault}" for fault in faults]
    return found
