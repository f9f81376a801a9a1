"""The batch: every report that is missing or out of date, here or on a cluster, then the pages around them."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Protocol

from sozialanalyse import kernels, store
from sozialanalyse.base import Befund, LaufFehler, PruefFehler, Zwischenspeicher, settings, text, vorschlag
from sozialanalyse.publish import einband, kern, runs, schutz, verbund
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.region import lade_region, redaktion
from sozialanalyse.seiten import gemeint, laeufe, pruefe_seiten, regionsdateien, slug


class Anzeiger(Protocol):
    def set(self, what: str, done: int, total: int) -> None: ...
    def sage(self, satz: str) -> None: ...
    def close(self) -> None: ...


PROBE = "probe"
"""Folder of trials among the results."""


@dataclass(frozen=True)
class BatchErgebnis:
    """What a batch led to."""

    fertig: tuple[runs.Protokoll, ...]
    fehlgeschlagen: tuple[runs.Protokoll, ...]
    unveraendert: int
    index: str
    sekunden: float


def run(
    region: str | Path | None = None,
    *,
    notebooks: Sequence[str] = (),
    jobs: int = 1,
    force: bool = False,
    only: str | None = None,
    limit: int | None = None,
    cluster: str | None = None,
    out: str | Path | None = None,
    probe: bool = False,
    fortschritt: Anzeiger,
) -> BatchErgebnis:
    """Make every report that is missing or out of date, then the pages around them.

    What the public may read is entered in the register before the first page is made.

    Parameters
    ----------
    cluster
        Address of a Dask scheduler whose workers do the work; ``jobs`` is then theirs.
    out
        Folder or fsspec URL of the results.
    probe
        A trial: pages lie in a folder that no service shows, and nothing is entered or refused.

    Raises
    ------
    PruefFehler
        If a page or a file of runs is faulty; nothing is run then.
    LaufFehler
        If nothing matches, nothing can be written, or the cluster does not answer.
    """
    start = time.perf_counter()
    place = lade_region(settings.regionsordner(region))
    daten = store.load(place, "oeffentlich")
    warning = "" if probe else schutz.pruefe_veroeffentlichung(place)
    project = settings.projektordner()
    ausgelassen: list[Befund] = []
    pages = gemeint(project)
    asked = _choose(pages, notebooks)
    je_seite = {name: laeufe(name, daten, project / "parameters", ausgelassen) for name in pages}
    if faults := [befund for befund in pruefe_seiten(project) if befund.schwere == "fehler"]:
        raise PruefFehler(faults)
    alle = [lauf for found in je_seite.values() for lauf in found]
    chosen = [lauf for name in asked for lauf in je_seite[name]]
    wanted = _gemeint(chosen, only) if only else chosen
    if not wanted:
        raise LaufFehler(
            f"Kein Lauf passt zu „{only}“. {vorschlag(only or '', _nennbar(chosen, only or ''))}"
        )
    ablage = Ablage(out or settings.ergebnisordner(place.ordner, place.id))
    if probe:  # nobody else may look into what stands in no register
        _writable(ablage)
        ablage.verschliesse(PROBE)
        ablage = ablage.unter(PROBE)
    vorlage = einband.rahmen(place, daten, einband.gesamtberichte(alle))
    auftraege, current = runs.plane(
        wanted,
        notebooks=project / "notebooks",
        ablage=ablage,
        bestand=daten.ordner.name,
        rahmen=lambda lauf: runs.rahmen_fuer(lauf, vorlage, lauf.seite.titel(lauf.parameter, daten)),
        kern=kernels.NAME,
        erzwingen=force,
        umgebung=kern.umgebung(place, daten),
        schreibt_selbst=ablage.fern or not cluster,
        redaktion=redaktion.stand(place.ordner, regionsdateien()),
        region=place.stand,
    )
    auftraege = auftraege[:limit]
    done: list[runs.Protokoll] = []

    def report(protokoll: runs.Protokoll) -> None:
        done.append(protokoll)
        fortschritt.set(protokoll.schluessel, len(done), len(auftraege))

    _writable(ablage)
    for audience in {"intern", *(lauf.parameter.audience for lauf in wanted)} - {"oeffentlich"}:
        ablage.verschliesse(runs.bereich(audience))
    if warning:
        fortschritt.sage(warning)
    if not probe and any(lauf.parameter.audience == "oeffentlich" for lauf in wanted):
        schutz.verzeichne(place, daten)
    oeffentlich = ablage.unter(runs.bereich("oeffentlich"))
    einband.lege_beilagen(oeffentlich)
    try:
        for befund in ausgelassen:
            fortschritt.sage(befund.text)
        if auftraege:
            for reason, number in Counter(auftrag.grund for auftrag in auftraege).most_common():
                fortschritt.sage(f"{number} × {reason}")
            fortschritt.set("", 0, len(auftraege))
            _work(auftraege, ablage, jobs, cluster, report)
    except KeyboardInterrupt:
        einband.schreibe_uebersicht(oeffentlich, place, daten, alle)
        raise
    finally:
        fortschritt.close()
    index = einband.schreibe_uebersicht(oeffentlich, place, daten, alle)
    if auftraege or not ablage.hat(schutz.SCHUTZBERICHT):
        schutz.schreibe_bericht(place, ablage)
    if not (notebooks or only or limit or probe):
        einband.raeume_berichte(ablage, alle)
    if not (notebooks or only or limit):
        einband.raeume_beilagen(ablage)
    for audience in store.AUDIENCES:
        Zwischenspeicher(settings.zwischenordner(place.ordner, place.id, audience)).raeume_auf()
    return BatchErgebnis(
        tuple(p for p in done if p.status == "fertig"),
        tuple(p for p in done if p.status == "fehler"),
        len(current),
        index,
        time.perf_counter() - start,
    )


def _choose(pages: Sequence[str], notebooks: Sequence[str]) -> list[str]:
    named = [name.removesuffix(".ipynb") for name in notebooks]
    for name in named:
        if name not in pages:
            raise LaufFehler(f"Das Notebook „{name}“ gibt es hier nicht. {vorschlag(name, pages)}")
    return named or list(pages)


def _gemeint(laeufe: Sequence[Any], ausdruck: str) -> list[Any]:
    """Runs an expression means: those with just this value, such as an id with its blank, else those that match."""
    exact = [lauf for lauf in laeufe if ausdruck.casefold() in map(str.casefold, _werte(lauf))]
    return exact or [lauf for lauf in laeufe if passt(lauf, ausdruck)]


def _nennbar(laeufe: Sequence[Any], wort: str) -> list[str]:
    """What --only may name, the nearest first: names of runs and ids, not what all runs share."""
    values = [dict.fromkeys((*_werte(lauf), lauf.name)) for lauf in laeufe]
    uses = Counter(word for words in values for word in words)
    known = [word for word, n in uses.items() if n < len(laeufe) or len(laeufe) == 1]
    near = SequenceMatcher(b=wort.casefold())

    def distance(word: str) -> float:
        near.set_seq1(word.casefold())
        return -near.ratio()

    return sorted(known, key=distance)


def _werte(lauf: Any) -> list[str]:
    """Every text among the parameters of a run."""
    values = lauf.parameter if isinstance(lauf.parameter, dict) else lauf.parameter.model_dump(mode="json")
    flat = [one for value in values.values() for one in (value if isinstance(value, list) else [value])]
    return [value for value in flat if isinstance(value, str) and value]


def passt(lauf: Any, ausdruck: str) -> bool:
    """Whether a run is meant by an expression.

    Words are alternatives if joined by commas and conditions if separated by blanks. A word is a part of
    the name, a pattern with ``*``, or ``parameter=value``; large and small letters are the same, and signs
    of an id may stand as they are written.

    Parameters
    ----------
    lauf
        A run, or the record of one.
    """
    values = lauf.parameter if isinstance(lauf.parameter, dict) else lauf.parameter.model_dump(mode="json")
    key = f"{lauf.notebook}/{lauf.name}"

    def meant(word: str) -> bool:
        name, sign, value = word.partition("=")
        if sign and name in values:
            held = values[name] if isinstance(values[name], list) else [values[name]]
            return value.casefold() in [str(one).casefold() for one in held]
        if "*" in word:
            return fnmatch(key, word.lower())
        return word.lower() in key or (any(map(str.isalnum, word)) and slug(word) in key)

    return all(any(map(meant, condition.split(","))) for condition in ausdruck.split())


def _writable(ablage: Ablage) -> None:
    try:
        ablage.pruefe()
    except OSError as error:
        reason = error.strerror or error
        raise LaufFehler(
            f"Nach {ablage} lässt sich nicht schreiben ({reason}). {text('publish.lauf.abhilfe_ablage')}"
        ) from None


def _work(
    auftraege: Sequence[runs.Auftrag],
    ablage: Ablage,
    jobs: int,
    cluster: str | None,
    melder: Callable[[runs.Protokoll], None],
) -> None:
    """Make reports here, in threads with a kernel each, or on the workers of a cluster."""
    from sozialanalyse.publish import arbeit

    if cluster is None:
        kern.bereite()
        arbeit.fuehre_aus(auftraege, ablage=ablage, jobs=jobs, melder=melder)
        return
    with verbund.oeffne(cluster) as (executor, workers):
        arbeit.fuehre_aus(
            auftraege, ablage=ablage, jobs=workers, melder=melder, executor=executor, arbeit=auf_rechner
        )


def auf_rechner(auftrag: runs.Auftrag) -> Any:
    """Make one report on a worker of a cluster.

    The worker has its own copy of the package and sees region and snapshot below the folders named in
    the order, or below those in its own ``SOZIALANALYSE_REGION`` and ``SOZIALANALYSE_DATEN``.
    """
    from sozialanalyse.publish import arbeit

    if fault := verbund.andere_umgebung(auftrag):
        return fault
    own = ("SOZIALANALYSE_REGION", "SOZIALANALYSE_DATEN")
    here = {name: os.environ[name] for name in own if name in os.environ}
    kern.bereite()
    return arbeit.fuehre_auftrag_aus(replace(auftrag, umgebung={**auftrag.umgebung, **here}))
