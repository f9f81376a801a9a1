"""Small builders for HTML and SVG: every attribute and every text is escaped here."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

_VOID = {"br", "hr", "img", "input", "link", "meta"}


def esc(value: object) -> str:
    """Escape a text for use between tags and inside attributes."""
    return html.escape(str(value), quote=True)


def number(value: float) -> str:
    """Coordinate with one decimal at most, as short as possible."""
    short = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def tag(name: str, /, *inner: str, **attributes: object) -> str:
    """Element with finished inner markup.

    ``klasse`` becomes ``class``, underscores become hyphens, a trailing underscore is dropped;
    ``None`` and ``False`` leave an attribute out, ``True`` writes it without a value.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        word = "class" if key == "klasse" else key.rstrip("_").replace("_", "-")
        word = word if word != "viewbox" else "viewBox"
        shown = number(value) if isinstance(value, float) else value
        parts.append(word if value is True else f'{word}="{esc(shown)}"')
    head = " ".join(parts)
    return f"<{head}>" if name in _VOID else f"<{head}>{''.join(inner)}</{name}>"


def shape(name: str, /, **attributes: object) -> str:
    """Empty SVG element."""
    return tag(name, **attributes).replace(f"></{name}>", "/>")


def label(x: float, y: float, words: str, *, anker: str | None = None, **attributes: object) -> str:
    """SVG text at one place; ``anker`` is start, middle or end."""
    return tag("text", esc(words), x=float(x), y=float(y), text_anchor=anker, **attributes)


def fragment_id(kind: str, *content: object) -> str:
    """Short id that depends on nothing but the content, so that pages stay reproducible."""
    digest = hashlib.sha1("\x1f".join(map(str, content)).encode()).hexdigest()
    return f"sa-{kind}-{digest[:8]}"


def text_width(words: str, size: float = 13) -> float:
    """Estimated width of a text in a sans-serif face, on the generous side."""
    narrow, wide = set("iljtfrI.,:;!'| ()-"), set("mwMW%@—…")
    units = sum(0.38 if c in narrow else 0.95 if c in wide else 0.72 if c.isupper() else 0.61 for c in words)
    return size * units


def wrap(words: str, width: float, size: float = 13, lines: int = 2) -> list[str]:
    """Break a text into at most ``lines`` lines; what does not fit ends in an ellipsis."""
    rows: list[str] = [""]
    for word in words.split():
        attempt = f"{rows[-1]} {word}".strip()
        if text_width(attempt, size) <= width or not rows[-1]:
            rows[-1] = attempt
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], " ".join(rows[lines - 1 :])]
    return [_shorten(row, width, size) for row in rows]


def _shorten(row: str, width: float, size: float) -> str:
    if text_width(row, size) <= width:
        return row
    while row and text_width(row + "…", size) > width:
        row = row[:-1]
    return row.rstrip(" -,") + "…"


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows of a frame as named tuples without the index."""
    return iter(frame.itertuples(index=False))


def fuss(worte: str, ueberall: str) -> str:
    """Foot of a figure; the part that every foot repeats is set apart, so that a page can say it once."""
    own = worte.removesuffix(ueberall).removesuffix(" · ") if ueberall else worte
    apart = tag("span", esc(worte[len(own) :]), klasse="sa-ueberall") if own != worte else ""
    return tag("p", esc(own), apart, klasse="sa-fuss")


def listing(items: Iterable[str], klasse: str) -> str:
    """Unordered list of finished items; empty text for no items."""
    rows = "".join(tag("li", item) for item in items)
    return tag("ul", rows, klasse=klasse) if rows else ""
