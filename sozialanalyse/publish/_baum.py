"""HTML of our own pages as a small tree; drawings are kept as they were written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_LEER = {"br", "hr", "img", "input", "link", "meta", "col"}
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


@dataclass
class Knoten:
    """An element with its children: elements and texts in order."""

    name: str
    attribute: dict[str, str] = field(default_factory=dict)
    kinder: list[Knoten | str] = field(default_factory=list)

    @property
    def klassen(self) -> set[str]:
        return set(self.attribute.get("class", "").split())

    @property
    def elemente(self) -> list[Knoten]:
        return [kind for kind in self.kinder if isinstance(kind, Knoten)]

    @property
    def worte(self) -> str:
        """All visible text inside, spaces joined."""
        return re.sub(r"[ \t\r\n]+", " ", self._roh).strip()

    @property
    def _roh(self) -> str:
        """Visible text with its spaces: those at the edge of an element belong to the words around it."""
        if "sa-vorlesen" in self.klassen:
            return ""
        return "".join(kind if isinstance(kind, str) else kind._roh for kind in self.sichtbare)

    @property
    def sichtbare(self) -> list[Knoten | str]:
        """Children a reader sees: of a gap in a table the sign, without the words that are only read aloud."""
        return self.kinder[:1] if "data-s" in self.attribute else self.kinder

    def alle(self, name: str) -> list[Knoten]:
        """Elements of one name below this one, in order."""
        found: list[Knoten] = []
        for kind in self.elemente:
            found += [kind] if kind.name == name else kind.alle(name)
        return found

    def erstes(self, name: str) -> Knoten | None:
        return next(iter(self.alle(name)), None)


class _Leser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wurzel = Knoten("wurzel")
        self._offen = [self.wurzel]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Knoten(tag, {key: value or "" for key, value in attrs})
        self._offen[-1].kinder.append(node)
        if tag not in _LEER:
            self._offen.append(node)

    def handle_endtag(self, tag: str) -> None:
        names = [node.name for node in self._offen]
        if tag in names[1:]:
            del self._offen[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        self._offen[-1].kinder.append(data)


def lies(html: str) -> tuple[Knoten, list[str]]:
    """Tree of a page's content, and its drawings.

    A drawing becomes an empty element ``svg`` whose attribute ``nummer`` is its place in the list,
    because a reader of HTML would change the case of its attributes.
    """
    drawings: list[str] = []

    def keep(match: re.Match[str]) -> str:
        drawings.append(match[0])
        return f'<svg nummer="{len(drawings) - 1}"></svg>'

    reader = _Leser()
    reader.feed(_SVG.sub(keep, html))
    reader.close()
    return reader.wurzel, drawings
