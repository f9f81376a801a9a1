"""The file ``gruppen.yml`` of a region: own groupings of areas, such as Versorgungsquartiere or catchments of schools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from sozialanalyse.base import Befund, Kennung, PruefFehler, YamlSeite, gemeint, vorschlag, yamlio

DATEI = "gruppen.yml"


class Gruppe(YamlSeite):
    """Some areas under a name of their own; areas may belong to several groups, or to none."""

    id: Kennung
    name: str = Field(min_length=1)
    gebiete: list[str] = Field(min_length=2)
    """Ids of areas, or their names."""
    zweck: str = ""
    """What the group is for, as a sentence for readers."""

    @field_validator("gebiete")
    @classmethod
    def _once(cls, found: list[str]) -> list[str]:
        if twice := sorted({one for one in found if found.count(one) > 1}):
            raise ValueError(f"Mehrfach genannt: {', '.join(twice)}. Bitte jedes Gebiet einmal nennen.")
        return found


class Gruppenseite(YamlSeite):
    """The file."""

    gruppen: list[Gruppe] = Field(min_length=1)


def vorhanden(ordner: Path) -> bool:
    """Whether a region has groups of its own."""
    return (ordner / DATEI).is_file()


def lade(ordner: Path, gebiete: Mapping[str, str]) -> dict[str, Gruppe]:
    """Groups by id, their areas as ids; none without the file.

    Parameters
    ----------
    gebiete
        Id -> name of every area.

    Raises
    ------
    PruefFehler
        If the file is faulty, an id or a name is used twice, or an area does not exist.
    """
    if not vorhanden(ordner):
        return {}
    document = yamlio.lesen(ordner / DATEI)
    page = yamlio.pruefen(Gruppenseite, document)
    found: dict[str, Gruppe] = {}
    problems: list[Befund] = []

    def report(place: tuple[str | int, ...], said: str, remedy: str) -> None:
        problems.append(Befund("fehler", said, remedy, datei=str(document.pfad), zeile=document.zeile(place)))

    for i, group in enumerate(page.gruppen):
        if group.id in found or group.name in {one.name for one in found.values()}:
            report(("gruppen", i), f"Die Gruppe „{group.name}“ ({group.id}) gibt es schon.", "Bitte Kennung und Namen nur einmal vergeben.")  # fmt: skip
        ids = []
        for j, word in enumerate(group.gebiete):
            meant = gemeint(word, gebiete)
            if len(meant) != 1:
                several = f"„{word}“ heißen mehrere Gebiete: {', '.join(meant)}." if meant else ""
                report(("gruppen", i, "gebiete", j), several or f"Das Gebiet „{word}“ gibt es nicht.", "Bitte die Kennung angeben." if meant else vorschlag(word, [*gebiete, *gebiete.values()]))  # fmt: skip
            ids += meant
        found[group.id] = group.model_copy(update={"gebiete": ids})
    if problems:
        raise PruefFehler(problems)
    return found
