"""The agreement as a page: the annex of the contract, and the same in Einfache Sprache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Literal

from sozialanalyse.base import text
from sozialanalyse.region import LEVELS, Level, Region
from sozialanalyse.vereinbarung.rechte import Vereinbarung
from sozialanalyse.vereinbarung.vertrag import ALLE, OEFFENTLICHKEIT, Recht

Sprache = Literal["de", "einfach"]


def inhalt(
    vereinbarung: Vereinbarung, region: Region, namen: Mapping[str, str], sprache: Sprache = "de"
) -> str:
    """HTML of the annex.

    Parameters
    ----------
    namen
        Names of the datasets.
    sprache
        ``de``, or ``einfach`` for short sentences without trade words.

    Raises
    ------
    ValueError
        If there is no agreement.
    """
    page = vereinbarung.seite
    if page is None:
        raise ValueError("no agreement")
    words = _Worte(vereinbarung, region, namen, sprache)
    until = words("gilt_bis", bis=_tag(page.bis)) if page.bis else words("gilt_offen")
    purpose = page.zweck_einfach if sprache == "einfach" and page.zweck_einfach else page.zweck
    parts = [
        f"<h1>{escape(page.titel)}</h1>",
        f"<p>{escape(words('stand', vom=_tag(page.vom), heute=_tag(vereinbarung.heute)))} {escape(until)}</p>",
        f"<p>{escape(purpose)}</p>" if purpose else "",
        "" if vereinbarung.gilt else f"<p><strong>{escape(words('gilt_nicht'))}</strong></p>",
        f"<h2>{escape(words('einheiten'))}</h2>", words.einheiten(),
        f"<h2>{escape(words('rechte'))}</h2>", words.rechte(),
        f"<h2>{escape(words('sperrfristen'))}</h2>", words.sperrfristen(),
    ]  # fmt: skip
    return '<div class="sa">' + "\n".join(filter(None, parts)) + "</div>"


class _Worte:
    """Sentences and tables in one language."""

    def __init__(
        self, agreed: Vereinbarung, region: Region, namen: Mapping[str, str], sprache: Sprache
    ) -> None:
        self.agreed, self.region, self.namen, self.sprache = agreed, region, namen, sprache

    def __call__(self, key: str, **values: object) -> str:
        return text(f"vereinbarung.{key}", sprache=self.sprache, **values)

    def datensaetze(self, named: object) -> str:
        if named == ALLE:
            return self("alle_datensaetze")
        return ", ".join(self.namen.get(str(name), str(name)) for name in named)  # type: ignore[attr-defined]

    def ebenen(self, levels: list[Level]) -> str:
        return self("alle_ebenen") if set(levels) == set(LEVELS) else ", ".join(self.region.ebene(level).mehrzahl for level in levels)  # fmt: skip

    def einheiten(self) -> str:
        rows = []
        for unit in self.agreed.einheiten.values():
            kind = "kommune" if unit.zielgruppe.startswith("kommune:") else unit.zielgruppe
            rows.append(
                (unit.name, self(f"zielgruppe.{kind}"), "" if unit.id == OEFFENTLICHKEIT else unit.kommonitor)
            )
        return _tafel((self("einheit"), self("sieht"), "KomMonitor"), rows)

    def frist(self, right: Recht) -> str:
        today = self.agreed.heute
        if right.bis and right.bis < today:
            return self("abgelaufen", bis=_tag(right.bis))
        if right.ab and right.ab > today:
            return self("beginnt", ab=_tag(right.ab))
        return self("bis", bis=_tag(right.bis)) if right.bis else self("ohne_frist")

    def rechte(self) -> str:
        page, units = self.agreed.seite, self.agreed.einheiten
        assert page is not None
        rows = []
        for right in page.rechte:
            may = right.darf if isinstance(right.darf, list) else [right.darf]
            who = ", ".join(
                self("alle_einheiten") if name == ALLE else units[name].name for name in right.einheiten
            )
            rows.append((who, ", ".join(self(f"darf.{one}") for one in may), self.datensaetze(right.datensaetze), self.ebenen(right.ebenen), self.frist(right)))  # fmt: skip
        if not rows:
            return f"<p>{escape(self('keine_rechte'))}</p>"
        return _tafel((self("wer"), self("darf_kopf"), self("was"), self("gebiete"), self("wie_lange")), rows)

    def sperrfristen(self) -> str:
        page = self.agreed.seite
        assert page is not None
        rows = [
            (self.datensaetze(one.datensaetze), ", ".join(map(_tag, one.stichtage)),
             self("zu_bis" if self.agreed.heute <= one.bis else "war_zu", bis=_tag(one.bis)), one.grund)
            for one in page.sperrfristen
        ]  # fmt: skip
        if not rows:
            return f"<p>{escape(self('keine_sperrfristen'))}</p>"
        return _tafel((self("was"), self("stichtage"), self("wie_lange"), self("grund")), rows)


def _tag(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _tafel(kopf: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in kopf)
    body = "".join(
        "<tr>"
        + f'<th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f'<div class="sa-tafel"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
