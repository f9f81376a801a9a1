"""The file ``orte.yml`` of a region: places and postcodes the search of the start page knows besides areas."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from sozialanalyse.base import Befund, PruefFehler, YamlSeite, gemeint, vorschlag, yamlio

DATEI = "orte.yml"


class Ortsseite(YamlSeite):
    """The file."""

    orte: dict[str, list[str]] = Field(min_length=1)
    """What a reader types -> the Kommunen or areas where it lies, by id or name."""


def vorhanden(ordner: Path) -> bool:
    """Whether a region names places."""
    return (ordner / DATEI).is_file()


def lade(ordner: Path, gebiete: Mapping[str, str]) -> dict[str, list[str]]:
    """Places of every Kommune and area: id -> names; none without the file.

    Parameters
    ----------
    gebiete
        Id -> name of every Kommune and every area.

    Raises
    ------
    PruefFehler
        If the file is faulty, or a Kommune or area does not exist.
    """
    if not vorhanden(ordner):
        return {}
    document = yamlio.lesen(ordner / DATEI)
    found: dict[str, list[str]] = {}
    problems: list[Befund] = []
    for name, words in yamlio.pruefen(Ortsseite, document).orte.items():
        for i, word in enumerate(words):
            meant = gemeint(word, gebiete)
            if not meant:
                line = document.zeile(("orte", name, i))
                remedy = vorschlag(word, [*gebiete, *gebiete.values()])
                problems.append(Befund("fehler", f"{name}: Das Gebiet „{word}“ gibt es nicht.", remedy, datei=str(document.pfad), zeile=line))  # fmt: skip
            for key in meant:
                found.setdefault(key, []).append(name)
    if problems:
        raise PruefFehler(problems)
    return found
