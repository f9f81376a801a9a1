"""Making reports: one order becomes a notebook, a page and a record; many of them work side by side.

They replace older files only when the run succeeded. A failure is a record, never an exception, and
stops no other run.
"""

from __future__ import annotations

import base64
import errno
import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.iorw import load_notebook_node

from sozialanalyse.base import ERGEBNIS, settings, text
from sozialanalyse.publish import engine, pdf
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import ausgelagert, ganze_seite, notebook_inhalt
from sozialanalyse.publish.runs import Auftrag, Protokoll, bereich

VERSUCHE = 2
"""How often a run is tried whose kernel has died; a fault in a cell or a time limit would only recur."""
VORRAT = 4
"""Orders handed out per worker: enough that none waits, few enough to keep memory flat."""
BEIGABEN = "application/vnd.sozialanalyse.dateien+json"
"""Kind of output that carries files of a page: ending -> base64."""
PLATZHALTER = "sa-seite"
"""Stands in their links for the name of the page."""


class Abbruch(Exception):
    """The batch was interrupted; what was under way is left as it was."""


@dataclass(frozen=True)
class Bericht:
    """What came of an order: its record and the files to be written, ending -> content."""

    protokoll: Protokoll
    dateien: dict[str, str | bytes] = field(default_factory=dict)
    abgelegt: bool = False
    """Whether the worker has written it."""


def fuehre_aus(
    auftraege: Sequence[Auftrag],
    *,
    ablage: Ablage,
    jobs: int = 1,
    melder: Callable[[Protokoll], None] = lambda _: None,
    executor: Executor | None = None,
    arbeit: Callable[[Auftrag], Bericht] | None = None,
) -> list[Protokoll]:
    """Make reports in parallel; one that fails does not stop the others.

    Parameters
    ----------
    ablage
        Where results go that come back.
    jobs
        How many kernels work at once.
    melder
        Called with the record of every run as it ends.
    executor
        Any ``concurrent.futures`` executor instead of threads here.
    arbeit
        What is done with an order, by default :func:`fuehre_auftrag_aus`.

    Raises
    ------
    KeyboardInterrupt
        After all kernels of this process were ended; finished reports stay.
    """
    engine.beginne()
    done: list[Protokoll] = []
    waiting = iter(auftraege)
    running: dict[Future[Bericht], Auftrag] = {}
    pool = executor or ThreadPoolExecutor(max_workers=max(1, jobs))

    def hand_out() -> None:
        while len(running) < jobs * VORRAT and (auftrag := next(waiting, None)):
            running[pool.submit(arbeit or fuehre_auftrag_aus, auftrag)] = auftrag

    try:
        hand_out()
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                auftrag = running.pop(future)
                done.append(_take(future, auftrag, ablage))
                melder(done[-1])
            hand_out()
    except BaseException:
        engine.brich_ab()
        for future in running:
            future.cancel()
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)
        raise
    if executor is None:
        pool.shutdown()
    return done


def _take(future: Future[Bericht], auftrag: Auftrag, ablage: Ablage) -> Protokoll:
    """Record of an order that has ended; a result that came back is written here."""
    try:
        bericht = future.result()
    except Exception as error:  # a worker is gone, or an order could not travel
        bericht = abgelehnt(auftrag, f"{type(error).__name__}: {error}", text("publish.lauf.abhilfe_rechner"))
    return bericht.protokoll if bericht.abgelegt else lege_ab(bericht, auftrag, ablage)


def fuehre_auftrag_aus(auftrag: Auftrag) -> Bericht:
    """Make one report and, if the order says where, write it."""
    bericht = erzeuge(auftrag)
    if not auftrag.ablage:
        return bericht
    return Bericht(lege_ab(bericht, auftrag, Ablage(auftrag.ablage)), abgelegt=True)


def erzeuge(auftrag: Auftrag, melder: Callable[[int, int], None] | None = None) -> Bericht:
    """Run the notebook of one order: the one way in which a page is made, by night or because somebody asked.

    Parameters
    ----------
    melder
        Called before each cell with its number and the number of all.

    Raises
    ------
    Abbruch
        If the batch was interrupted meanwhile.
    """
    start, began = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    attempt, (notebook, error) = 1, _run(auftrag, melder)
    while attempt < VERSUCHE and _worth_another_try(error) and not engine.abgebrochen():
        attempt, (notebook, error) = attempt + 1, _run(auftrag, melder)
    if engine.abgebrochen():
        raise Abbruch
    record = Protokoll(
        **_order(auftrag),
        status="fertig",
        beginn=began,
        sekunden=round(time.perf_counter() - start, 3),
        zellzeit=round(sum(cell.metadata.papermill.get("duration") or 0 for cell in notebook.cells), 3),
        speicher_mb=notebook.metadata.papermill.get("speicher_mb"),
        versuche=attempt,
    )
    files: dict[str, str | bytes] = {}
    cell = next((c for c in notebook.cells if c.metadata.papermill.get("status") == "failed"), None)
    if error is None and cell is None:
        try:
            files |= beigaben(notebook)
            content = notebook_inhalt(notebook).replace(
                f'href="{PLATZHALTER}.', f'href="{auftrag.lauf.name}.'
            )
            content, documents = ausgelagert(content, auftrag.lauf.name)
            files |= documents
            files[".html"] = ganze_seite(content, auftrag.rahmen)
            if auftrag.lauf.seite.pdf:
                files[".pdf"] = pdf.erzeuge(content, auftrag.rahmen)
            record = replace(record, ergebnis=_results(notebook))
        except Exception as fault:  # a page that cannot be made must not stop the other runs
            error = fault
    if error is not None or cell is not None:
        message, remedy = _diagnosis(error, cell, auftrag)
        record = replace(record, status="fehler", zelle=_name(notebook, cell), fehler=message, abhilfe=remedy)
        files = {".fehler.ipynb": ohne_pfade(nbformat.writes(notebook), auftrag)}
    else:
        files[".ipynb"] = ohne_pfade(nbformat.writes(notebook), auftrag)
    return Bericht(record, files)


def beigaben(notebook: nbformat.NotebookNode) -> dict[str, str | bytes]:
    """Files a notebook made for its page, by ending; they leave the notebook, so that they are kept once."""
    found: dict[str, str | bytes] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for ending, content in output.get("data", {}).pop(BEIGABEN, {}).items():
                if ending.isalnum():
                    found[f".{ending}"] = base64.b64decode(content)
    return found


def ohne_pfade(inhalt: str, auftrag: Auftrag) -> str:
    """A text that may be handed on without the folders of this machine: what failed may name them."""
    roots = {
        *(auftrag.umgebung.get(name, "") for name in ("SOZIALANALYSE_REGION", "SOZIALANALYSE_DATEN")),
        *map(
            str,
            (settings.projektordner(), Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[2]),
        ),
        str(Path.home()),
    }
    for root in sorted(roots, key=len, reverse=True):
        if len(root) > 1:
            inhalt = inhalt.replace(json.dumps(root, ensure_ascii=False)[1:-1], "…")
    return inhalt


def _run(
    auftrag: Auftrag, melder: Callable[[int, int], None] | None
) -> tuple[nbformat.NotebookNode, BaseException | None]:
    """Run the notebook once; the notebook tells how far it came."""
    notebook = load_notebook_node(nbformat.reads(auftrag.quelle, as_version=4))
    notebook.metadata.papermill["parameters"] = auftrag.lauf.parameter.model_dump(mode="json")
    try:
        engine.SozialanalyseEngine.execute_notebook(
            notebook,
            auftrag.kern,
            progress_bar=False,
            input_path=f"{auftrag.lauf.notebook}.ipynb",
            execution_timeout=auftrag.zeitgrenze,
            umgebung=auftrag.umgebung,
            speicher=auftrag.speicher,
            melder=melder,
        )
    except Exception as error:  # whatever a kernel can do must not stop the other runs
        return notebook, error
    finally:
        ensure_event_loop().close()  # nbclient opens one per thread and never closes it
    return notebook, None


def _worth_another_try(error: BaseException | None) -> bool:
    """A kernel that was killed, or died while it started, may fare better next time."""
    return isinstance(error, DeadKernelError) or (isinstance(error, RuntimeError) and "died" in str(error))


def _diagnosis(error: BaseException | None, cell: Any, auftrag: Auftrag) -> tuple[str, str]:
    """What went wrong and what helps, each in German."""
    said = next((o for o in cell.outputs if o.output_type == "error"), None) if cell else None
    if isinstance(error, DeadKernelError):
        return engine.klartext(error, None), text("publish.lauf.abhilfe_speicher")
    if isinstance(error, CellTimeoutError):
        return engine.klartext(error, auftrag.zeitgrenze), text("publish.lauf.abhilfe_zeit")
    if said is not None and said.ename in {"MemoryError", "ArrayMemoryError", "_ArrayMemoryError"}:
        return text("publish.lauf.speicher"), text("publish.lauf.abhilfe_speicher")
    if said is not None:
        sentence = str(said.evalue).strip() or said.ename
        told = said.ename.endswith("Fehler") or said.ename == "KeineWerte"  # with its own remedy
        return (
            (sentence, "")
            if told
            else (
                f"{said.ename}: {sentence}",
                text("publish.lauf.abhilfe_zelle", ziel=f"{auftrag.ziel}.fehler.ipynb"),
            )
        )
    if isinstance(error, RuntimeError) and "Kernel" in str(error):
        return text("publish.lauf.kern_startet_nicht", grund=error), text("publish.lauf.abhilfe_speicher")
    return f"{type(error).__name__}: {error}", ""


def _name(notebook: nbformat.NotebookNode, cell: Any) -> str:
    """Number among the code cells and first line of a cell, empty for none."""
    if cell is None:
        return ""
    number = 1 + [c for c in notebook.cells if c.cell_type == "code"].index(cell)
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    return text("publish.lauf.zelle", nummer=number, zeile=first[:60])


def _results(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Key results that cells of a notebook have handed out."""
    found: dict[str, Any] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found.update(output.get("data", {}).get(ERGEBNIS, {}))
    return found


def _order(auftrag: Auftrag) -> dict[str, Any]:
    lauf = auftrag.lauf
    return {
        "notebook": lauf.notebook,
        "name": lauf.name,
        "audience": lauf.parameter.audience,
        "parameter": lauf.parameter.model_dump(mode="json"),
        "grund": auftrag.grund,
        "fingerabdruck": auftrag.fingerabdruck,
    }


def abgelehnt(auftrag: Auftrag, fehler: str, abhilfe: str) -> Bericht:
    """Result of an order that was not worked on."""
    began = datetime.now(UTC).isoformat(timespec="seconds")
    failure: dict[str, Any] = {"status": "fehler", "fehler": fehler, "abhilfe": abhilfe}
    return Bericht(Protokoll(**_order(auftrag), **failure, beginn=began, sekunden=0.0))


def lege_ab(bericht: Bericht, auftrag: Auftrag, ablage: Ablage) -> Protokoll:
    """Write a report, or the record of its failure beside the last good one; the record comes last.

    Every run also leaves its record below ``protokolle``, one per snapshot.
    """
    record, ziel = bericht.protokoll, auftrag.ziel
    good = record.status == "fertig"
    try:
        for ending, content in bericht.dateien.items():
            ablage.schreibe(ziel + ending, content)
        content = ohne_pfade(_json(record), auftrag)
        ablage.schreibe(protokollname(record), content)
        ablage.schreibe(ziel + (".json" if good else ".fehler.json"), content)
        if good:
            for ending in (".fehler.json", ".fehler.ipynb"):
                ablage.loesche(ziel + ending)
    except OSError as error:
        remedy = (
            "abhilfe_voll" if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else "abhilfe_ablage"
        )
        place = ablage.adresse(ziel)
        said = text("publish.lauf.nicht_geschrieben", ort=place, grund=error.strerror or error)
        return replace(record, status="fehler", zelle="", fehler=said, abhilfe=text(f"publish.lauf.{remedy}"))
    return record


def protokollname(record: Protokoll) -> str:
    """Where the record of a run is kept for good, one per snapshot."""
    return f"{bereich(record.audience)}protokolle/{record.bestand}/{record.notebook}/{record.name}.json"


def _json(record: Protokoll) -> str:
    return json.dumps(asdict(record), ensure_ascii=False, indent=1)
