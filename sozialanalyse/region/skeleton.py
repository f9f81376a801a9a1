"""A new region folder from the skeleton, and what in it is still to be filled in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from importlib.resources import as_file, files
from pathlib import Path

from sozialanalyse.base import Befund, LaufFehler, PruefFehler, vergleichsform, yamlio
from sozialanalyse.region.catalogue import DatensatzSeite
from sozialanalyse.region.region import Region, RegionSeite

KENNUNG = "meine-region"
"""Id in the skeleton, replaced by one made from the folder's name."""

_PLACEHOLDER = re.compile(r"<[^<>]+>")


def lege_an(ordner: Path) -> None:
    """Copy the skeleton to a new or empty folder.

    Raises
    ------
    LaufFehler
        If something is there already, or nothing can be written.
    """
    if ordner.is_file() or (ordner.is_dir() and any(ordner.iterdir())):
        raise LaufFehler(
            f"„{ordner}“ gibt es schon. Bitte einen neuen Ordner nennen; es wurde nichts verändert."
        )
    try:
        with as_file(files(__package__) / "geruest") as skeleton:
            shutil.copytree(skeleton, ordner, copy_function=shutil.copyfile, dirs_exist_ok=True)
        page = ordner / "region.yml"
        filled = page.read_text(encoding="utf-8").replace(KENNUNG, _slug(ordner.resolve().name))
        page.write_text(filled, encoding="utf-8")
    except OSError:
        raise LaufFehler(
            f"„{ordner}“ lässt sich nicht anlegen. Bitte Pfad und Schreibrechte prüfen."
        ) from None


def _slug(name: str) -> str:
    """Id of a region made from the name of its folder, always one that ``region.yml`` takes."""
    parts = (vergleichsform(part) for part in re.split(r"[\W_]+", name))
    plain = re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, parts))).strip("-")
    return plain or "region"


def offen(ordner: Path) -> list[Befund]:
    """Everything that is still to be filled in, or that cannot be read, on any page of a region folder.

    Pages are read one by one, so a fault on one does not hide those on another.
    """
    befunde: list[Befund] = []
    pages: list[tuple[Path, type[RegionSeite] | type[DatensatzSeite]]] = [
        (ordner / "region.yml", RegionSeite)
    ]
    pages += [(path, DatensatzSeite) for path in sorted((ordner / "indikatoren").glob("*.yml"))]
    for path, model in pages:
        try:
            document = yamlio.lesen(path)
        except PruefFehler as error:
            befunde += error.befunde
            continue
        befunde += _placeholders(document.inhalt, (), document)
        try:
            page = yamlio.pruefen(model, document)
        except PruefFehler as error:
            befunde = ergaenze(befunde, error.befunde)
            continue
        if isinstance(page, RegionSeite):
            befunde += [*_empty_lists(Region(ordner, page)), *_reminders(page, document)]
    return befunde


def ergaenze(befunde: list[Befund], weitere: Iterable[Befund]) -> list[Befund]:
    """Add findings, except where a fault at the same file and line is known already."""
    known = {_place(befund) for befund in befunde if befund.datei and befund.schwere == "fehler"}
    return [*befunde, *(befund for befund in weitere if _place(befund) not in known)]


def _place(befund: Befund) -> tuple[str, int | None]:
    return Path(befund.datei).name, befund.zeile


def _placeholders(node: object, ort: yamlio.Ort, document: yamlio.Dokument) -> Iterator[Befund]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _placeholders(value, (*ort, str(key)), document)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _placeholders(value, (*ort, number), document)
    elif isinstance(node, str) and _PLACEHOLDER.fullmatch(node.strip()):
        yield Befund(
            "fehler",
            f"{' → '.join(map(str, ort))}: Bitte ausfüllen ({node.strip()[1:-1]}).",
            datei=str(document.pfad),
            zeile=document.zeile(ort),
        )


def _empty_lists(region: Region) -> Iterator[Befund]:
    """Lists of areas that are missing or hold nothing but a heading."""
    for source in region.seite.gebiete:
        path = region.ordner / source.datei
        if path.suffix.lower() not in {".csv", ".txt"} or not path.is_file():
            continue
        lines = [line for line in path.read_bytes().splitlines() if line.strip(b' ;,\t"')]
        if len(lines) < 2:
            yield Befund(
                "fehler",
                f"In dieser Liste stehen noch keine {region.ebene(source.ebene).mehrzahl}.",
                "Bitte je Gebiet eine Zeile eintragen; LIESMICH.md erklärt die Spalten.",
                datei=source.datei,
            )


def _reminders(page: RegionSeite, document: yamlio.Dokument) -> Iterator[Befund]:
    """What may stay open while working, but not when publishing real data."""
    if page.synthetisch:
        return
    texts = [name for name, content in page.rechtstexte.model_dump().items() if not content.strip()]
    if texts:
        yield Befund(
            "hinweis",
            f"rechtstexte: Es fehlen {', '.join(texts)}.",
            "Bitte vor einer Veröffentlichung ergänzen.",
            datei=str(document.pfad),
            zeile=document.zeile(("rechtstexte",)),
        )
    rules = [name for name, profil in page.sperrprofile.items() if not profil.rechtsgrundlage.strip()]
    if rules:
        yield Befund(
            "hinweis",
            f"sperrprofile: Die Rechtsgrundlage fehlt bei {', '.join(rules)}.",
            "Bitte die Regeln vor einer Veröffentlichung mit der Datenschutzbeauftragten festlegen.",
            datei=str(document.pfad),
            zeile=document.zeile(("sperrprofile",)),
        )
