"""What editors write beside the data: topic reports, and sentences of their own.

Both live in the region folder, ``themen/*.yml`` and ``redaktion/*.yml``, and are checked like every page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
from pydantic import Field

from sozialanalyse.base import (
    Befund,
    Kennung,
    PruefFehler,
    YamlSeite,
    gemeint,
    vorschlag,
    write_beside,
    yamlio,
    yamltext,
)
from sozialanalyse.region.region import Region

DATEI = "browser.yml"
"""File below ``redaktion`` for texts that are written in the browser."""


class Frage(YamlSeite):
    """One question of a topic report and the indicators that answer it."""

    frage: str
    indikatoren: list[str] = Field(min_length=1)
    erlaeuterung: str = ""


class Themenseite(YamlSeite):
    """The file ``themen/<id>.yml``: outline of a topic report."""

    id: Kennung
    titel: str
    frage: str
    einfach: str = ""
    """What the report is about, in Einfache Sprache."""
    fragen: list[Frage] = Field(min_length=1)
    optionen: list[str] = Field(default_factory=list)
    """Options to discuss; the report presents them as such, never as a result of the numbers."""
    offen: list[str] = Field(default_factory=list)
    """What the numbers cannot tell."""

    @property
    def indikatoren(self) -> list[str]:
        """All indicators in the order of the questions, each once."""
        return list(dict.fromkeys(key for frage in self.fragen for key in frage.indikatoren))


class Aenderung(YamlSeite):
    """A text of an editor that replaces a generated one."""

    bericht: str
    ort: str = ""
    """Id of the Kommune or area, or of the topic report."""
    baustein: str
    zahlen: str = Field(pattern=r"^[0-9a-f]{8}$")
    """Fingerprint of the numbers the text was written for."""
    text: str = Field(min_length=1)
    wer: str = ""
    """Who wrote it; stands in the file only."""
    wann: date | None = None


class Aenderungsseite(YamlSeite):
    """One file below ``redaktion``."""

    aenderungen: list[Aenderung] = Field(default_factory=list)
    typnamen: dict[str, str] = Field(default_factory=dict)
    """Id or name of a typical area -> what its type is called."""


def typnamen(ordner: Path, gebiete: Mapping[str, str]) -> dict[str, str]:
    """What editors call the types of areas: id of an area -> name of its type.

    Parameters
    ----------
    gebiete
        Id -> name of every area; one may be written as anywhere else. Others are left out, a check names them.

    Raises
    ------
    PruefFehler
        With everything that is wrong in any file.
    """
    found: dict[str, str] = {}
    for _, page in _redaktion(ordner):
        for area, name in page.typnamen.items():
            if len(meant := gemeint(area, gebiete)) == 1:
                found[meant[0]] = name
    return found


def _redaktion(ordner: Path) -> list[tuple[yamlio.Dokument, Aenderungsseite]]:
    pages, problems = yamlio.lies_seiten(ordner / "redaktion", Aenderungsseite)
    if problems:
        raise PruefFehler(problems)
    return pages


def themen(ordner: Path) -> dict[str, Themenseite]:
    """Topic reports of a region, in the order of their files; none is fine.

    Raises
    ------
    PruefFehler
        With everything that is wrong in any file.
    """
    return dict(_themen(ordner, stand(ordner)))


@cache
def _themen(ordner: Path, _: str) -> tuple[tuple[str, Themenseite], ...]:
    found: dict[str, Themenseite] = {}
    pages, problems = yamlio.lies_seiten(ordner / "themen", Themenseite)
    for document, page in pages:
        if page.id in found:
            problems.append(_twice(document.pfad, f"Der Themenreport „{page.id}“"))
        found[page.id] = page
    if problems:
        raise PruefFehler(problems)
    return tuple(found.items())


def aenderungen(ordner: Path) -> dict[tuple[str, str, str], Aenderung]:
    """Texts of editors by report, place and block.

    Raises
    ------
    PruefFehler
        With everything that is wrong in any file; a text given twice is a fault.
    """
    found: dict[tuple[str, str, str], Aenderung] = {}
    pages, problems = yamlio.lies_seiten(ordner / "redaktion", Aenderungsseite)
    for document, page in pages:
        for entry in page.aenderungen:
            key = (entry.bericht, entry.ort, entry.baustein)
            if key in found:
                problems.append(_twice(document.pfad, f"Der Text für {' / '.join(filter(None, key))}"))
            found[key] = entry
    if problems:
        raise PruefFehler(problems)
    return found


def bausteine(region: Region, bericht: str, ort: str) -> list[str]:
    """Blocks of a page that editors may write themselves."""
    if bericht == "themenreport":
        asked = themen(region.ordner)[ort].fragen
        return ["kurz", "einfach", *(f"frage-{n + 1}" for n in range(len(asked)))]
    return ["kurz", "einfach", *region.themen]


def schreibe(ordner: Path, aenderung: Aenderung, orte: Mapping[str, str]) -> Path:
    """Put the text of an editor into the file it stands in, or into :data:`DATEI`; comments there stay.

    Parameters
    ----------
    orte
        As in :func:`eigene`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    PruefFehler
        As :func:`aenderungen`.
    ValueError
        If the file cannot be changed in one place only.
    """
    path, at = _fundstelle(ordner, aenderung.bericht, aenderung.ort, aenderung.baustein, orte)
    values = aenderung.model_dump(exclude_none=True)
    if at is not None:
        values = {name: values[name] for name in ("zahlen", "text", "wer", "wann") if name in values}
    _aendere(path, lambda text: yamltext.setze(text, "aenderungen", at, values))
    return path


def loesche(ordner: Path, bericht: str, ort: str, baustein: str, orte: Mapping[str, str]) -> None:
    """Take the text of an editor out, so that the generated one is shown again; raises as :func:`schreibe`."""
    path, at = _fundstelle(ordner, bericht, ort, baustein, orte)
    if at is not None:
        _aendere(path, lambda text: yamltext.entferne(text, "aenderungen", at))


def _fundstelle(
    ordner: Path, bericht: str, ort: str, baustein: str, orte: Mapping[str, str]
) -> tuple[Path, int | None]:
    """File and place of an editor's text; the file for new ones and None where there is none."""
    for document, page in _redaktion(ordner):
        for i, entry in enumerate(page.aenderungen):
            if (entry.bericht, entry.baustein) == (bericht, baustein) and gemeint(entry.ort, orte) == [ort]:
                return document.pfad, i
    return ordner / "redaktion" / DATEI, None


def _aendere(path: Path, wie: Callable[[str], str]) -> None:
    path.parent.mkdir(exist_ok=True)
    before = path.read_bytes().decode("utf-8-sig") if path.is_file() else ""
    end = "\r\n" if "\r\n" in before else "\n"
    after = wie(before.replace("\r\n", "\n"))
    write_beside(path, after.replace("\n", end))


def eigene(ordner: Path, bericht: str, ort: str, orte: Mapping[str, str]) -> dict[str, Aenderung]:
    """Texts of editors for one page, by block.

    Parameters
    ----------
    orte
        Every place such a report can be about: id -> name; a place may be written as anywhere else.

    Raises
    ------
    PruefFehler
        As :func:`aenderungen`.
    """
    return {
        block: entry
        for (report, place, block), entry in aenderungen(ordner).items()
        if report == bericht and gemeint(place, orte) == [ort]
    }


def pruefe(
    region: Region, indikatoren: Collection[str], kommunen: Mapping[str, str], gebiete: Mapping[str, str]
) -> list[Befund]:
    """Every name on the pages of editors must exist: indicators, reports, places, blocks.

    Parameters
    ----------
    indikatoren
        Ids that exist.
    kommunen, gebiete
        Id -> name.

    Raises
    ------
    PruefFehler
        As :func:`themen` and :func:`aenderungen`.
    """
    problems: list[Befund] = []

    def report(
        document: yamlio.Dokument, place: yamlio.Ort, said: str, word: str, known: Iterable[str]
    ) -> None:
        problems.append(Befund("fehler", said, vorschlag(word, known), datei=str(document.pfad), zeile=document.zeile(place)))  # fmt: skip

    reports = themen(region.ordner)
    for document, topic in yamlio.lies_seiten(region.ordner / "themen", Themenseite)[0]:
        for i, question in enumerate(topic.fragen):
            for j, key in enumerate(question.indikatoren):
                if key not in indikatoren:
                    place: yamlio.Ort = ("fragen", i, "indikatoren", j)
                    report(document, place, f"Den Indikator „{key}“ gibt es nicht.", key, indikatoren)
    aenderungen(region.ordner)
    titles = {key: page.titel for key, page in reports.items()}
    places = {"kommunalprofil": kommunen, "sozialraumprofil": gebiete, "themenreport": titles}
    seen: set[tuple[str, str, str]] = set()
    for document, page in _redaktion(region.ordner):
        for area in page.typnamen:
            if len(found := gemeint(area, gebiete)) != 1:
                said = f"Das Gebiet „{area}“ gibt es " + ("mehrmals." if found else "nicht.")
                report(document, ("typnamen", area), said, area, found or gebiete)
        for i, entry in enumerate(page.aenderungen):
            spot: yamlio.Ort = ("aenderungen", i)
            if entry.bericht not in places:
                said = f"Zu „{entry.bericht}“ gibt es keine eigenen Texte."
                report(document, (*spot, "bericht"), said, entry.bericht, places)
                continue
            found = gemeint(entry.ort, places[entry.bericht])
            if len(found) != 1:
                said = f"{entry.bericht}: Den Ort „{entry.ort}“ gibt es " + (
                    "mehrmals." if found else "nicht."
                )
                report(document, (*spot, "ort"), said, entry.ort, found or places[entry.bericht])
                continue
            if (entry.bericht, found[0], entry.baustein) in seen and entry.ort != found[0]:
                problems.append(
                    _twice(document.pfad, f"Der Text für {entry.bericht} / {found[0]} / {entry.baustein}")
                )
            seen.add((entry.bericht, found[0], entry.baustein))
            blocks = bausteine(region, entry.bericht, found[0])
            if entry.baustein not in blocks:
                said = f"{entry.bericht}: Den Baustein „{entry.baustein}“ gibt es nicht."
                report(document, (*spot, "baustein"), said, entry.baustein, blocks)
    return problems


def _twice(path: Path, what: str) -> Befund:
    return Befund("fehler", f"{what} steht zweimal da.", "Bitte einen der beiden entfernen.", datei=str(path))


def stand(ordner: Path, dateien: Iterable[str] = ()) -> str:
    """Hash of everything editors wrote, and of further files of the region, so that pages are made anew when it changes."""
    digest = hashlib.sha256()
    for pattern in ("themen/*.yml", "redaktion/*.yml", *sorted(dateien)):
        for path in sorted(ordner.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def fingerabdruck(zahlen: Iterable[object]) -> str:
    """Short hash of the numbers below a text, in their order; gaps count, rounding noise does not.

    Whole numbers count to the last digit, others to nine digits, and no number is like its opposite.
    """
    words = ["" if pd.isna(z) else _genau(z) for z in zahlen]  # type: ignore[call-overload]
    return hashlib.sha256("|".join(words).encode()).hexdigest()[:8]


def _genau(value: object) -> str:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value)
    number = float(value) + 0.0
    return f"{number:.0f}" if number.is_integer() and abs(number) < 2**53 else f"{number:.9g}"
