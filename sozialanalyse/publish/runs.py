"""Runs: every asked-for report is made from its notebook, once, in parallel, with a record.

A report is three files beside each other: the executed notebook, the static page and the record that
tells what came from what. They replace older ones only when the run succeeded.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from sozialanalyse.parameters import Lauf
from sozialanalyse.publish.html import Rahmen, notebook_inhalt, seite
from sozialanalyse.settings import VERSION
from sozialanalyse.texts import text
from sozialanalyse.zwischenspeicher import code

ZEITGRENZE = 600
"""Seconds a single cell may take."""


@dataclass(frozen=True)
class Auftrag:
    """A run with everything a worker needs; plain data, so it can travel to another process."""

    lauf: Lauf
    notebook: Path
    ziel: Path
    """Output without ending; ``.ipynb``, ``.html`` and ``.json`` are added."""
    rahmen: Rahmen
    kern: str
    fingerabdruck: dict[str, str]
    grund: str
    zeitgrenze: int = ZEITGRENZE


@dataclass(frozen=True)
class Protokoll:
    """Record of one run."""

    notebook: str
    name: str
    parameter: dict[str, Any]
    status: Literal["fertig", "fehler"]
    grund: str
    beginn: str
    sekunden: float
    version: str
    fingerabdruck: dict[str, str]
    fehler: str = ""

    @property
    def schluessel(self) -> str:
        return f"{self.notebook}/{self.name}"


def fingerabdruck(lauf: Lauf, notebook: Path, bestand: str) -> dict[str, str]:
    """What a report depends on: notebook, parameters, snapshot, package."""
    values = json.dumps(lauf.parameter.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return {
        "notebook": hashlib.sha256(notebook.read_bytes()).hexdigest()[:16],
        "parameter": hashlib.sha256(values.encode()).hexdigest()[:16],
        "bestand": bestand,
        "paket": code(),
    }


def grund(ziel: Path, neu: dict[str, str], *, erzwingen: bool) -> str:
    """Why a report has to be made; empty if it is up to date."""
    if erzwingen:
        return text("publish.lauf.grund_erzwungen")
    try:
        before = json.loads(datei(ziel, ".json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return text("publish.lauf.grund_erstmals")
    if before.get("status") != "fertig" or not datei(ziel, ".html").exists():
        return text("publish.lauf.grund_erstmals")
    changed = [name for name, value in neu.items() if before["fingerabdruck"].get(name) != value]
    return text("publish.lauf.grund_geaendert", was=", ".join(changed)) if changed else ""


def plane(
    laeufe: Iterable[Lauf],
    *,
    notebooks: Path,
    ausgabe: Path,
    bestand: str,
    rahmen: Callable[[Lauf], Rahmen],
    kern: str,
    erzwingen: bool = False,
) -> tuple[list[Auftrag], list[Lauf]]:
    """Split runs into those to be made, with the reason, and those that are up to date."""
    todo, current = [], []
    for lauf in laeufe:
        notebook = notebooks / f"{lauf.notebook}.ipynb"
        ziel = platz(ausgabe, lauf)
        marks = fingerabdruck(lauf, notebook, bestand)
        reason = grund(ziel, marks, erzwingen=erzwingen)
        if reason:
            todo.append(Auftrag(lauf, notebook, ziel, rahmen(lauf), kern, marks, reason))
        else:
            current.append(lauf)
    return todo, current


def platz(ausgabe: Path, lauf: Lauf) -> Path:
    """Where a report goes, without ending; internal ones lie in a folder that is never served openly."""
    base = ausgabe / "intern" if lauf.parameter.audience == "intern" else ausgabe
    return base / lauf.notebook / lauf.name


def datei(ziel: Path, endung: str) -> Path:
    """One of the files of a report."""
    return ziel.with_name(ziel.name + endung)


def fuehre_aus(
    auftraege: Sequence[Auftrag],
    *,
    jobs: int = 1,
    melder: Callable[[Protokoll], None] = lambda _: None,
    executor: Executor | None = None,
) -> list[Protokoll]:
    """Make reports in parallel; one that fails does not stop the others.

    Parameters
    ----------
    jobs
        How many kernels work at once.
    melder
        Called with the record of every run as it ends.
    executor
        Any ``concurrent.futures`` executor instead of threads here.
    """
    done: list[Protokoll] = []
    pool = executor or ThreadPoolExecutor(max_workers=max(1, jobs))
    try:
        futures: list[Future[Protokoll]] = [pool.submit(erzeuge, auftrag) for auftrag in auftraege]
        for future in as_completed(futures):
            done.append(future.result())
            melder(done[-1])
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    if executor is None:
        pool.shutdown()
    return done


def erzeuge(auftrag: Auftrag) -> Protokoll:
    """Make one report; a failure becomes a record, never an exception."""
    start, began = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    fehler, notebook = "", None
    try:
        notebook = papermill.execute_notebook(
            str(auftrag.notebook),
            None,
            parameters=auftrag.lauf.parameter.model_dump(mode="json"),
            kernel_name=auftrag.kern,
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=auftrag.zeitgrenze,
        )
    except PapermillExecutionError as error:
        sentence = str(error.evalue).strip() or error.ename
        fehler = text("publish.lauf.zelle", nummer=error.exec_count or error.cell_index, text=sentence)
    except DeadKernelError:
        fehler = text("publish.lauf.kern_tot")
    except CellTimeoutError:
        fehler = text("publish.lauf.zeit", sekunden=auftrag.zeitgrenze)
    except Exception as error:  # whatever a kernel or a disk can do must not stop the other runs
        fehler = f"{type(error).__name__}: {error}"
    finally:
        ensure_event_loop().close()  # nbclient opens one per thread and never closes it
    protokoll = Protokoll(
        notebook=auftrag.lauf.notebook,
        name=auftrag.lauf.name,
        parameter=auftrag.lauf.parameter.model_dump(mode="json"),
        status="fehler" if fehler else "fertig",
        grund=auftrag.grund,
        beginn=began,
        sekunden=round(time.perf_counter() - start, 3),
        version=VERSION,
        fingerabdruck=auftrag.fingerabdruck,
        fehler=fehler,
    )
    try:
        return _store(auftrag, protokoll, notebook)
    except OSError as error:
        return Protokoll(**{**asdict(protokoll), "status": "fehler", "fehler": error.strerror or str(error)})


def _store(auftrag: Auftrag, protokoll: Protokoll, notebook: nbformat.NotebookNode | None) -> Protokoll:
    """Write the report, or only the record of its failure beside the last good one."""
    ziel = auftrag.ziel
    ziel.parent.mkdir(parents=True, exist_ok=True)
    record = json.dumps(asdict(protokoll), ensure_ascii=False, indent=1)
    if protokoll.status == "fehler" or notebook is None:
        write_beside(datei(ziel, ".fehler.json"), record)
        return protokoll
    page = seite(notebook_inhalt(notebook), auftrag.rahmen)
    write_beside(datei(ziel, ".ipynb"), nbformat.writes(notebook))
    write_beside(datei(ziel, ".html"), page)
    write_beside(datei(ziel, ".json"), record)
    datei(ziel, ".fehler.json").unlink(missing_ok=True)
    return protokoll


def write_beside(path: Path, content: str) -> None:
    """Write a text file so that readers see the old or the new one, never a part."""
    beside = path.with_name(f".{path.name}.neu")
    beside.write_text(content, encoding="utf-8")
    beside.replace(path)


def rahmen_fuer(lauf: Lauf, vorlage: Rahmen, titel: str) -> Rahmen:
    """Frame of the page of one run: title, navigation, link to the live page."""
    query = {
        name: ",".join(value) if isinstance(value, list) else value
        for name, value in lauf.parameter.model_dump(mode="json", exclude_defaults=True).items()
        if name != "audience"
    }
    live = f"/live/{lauf.notebook}" + (f"?{urlencode(query)}" if query else "")
    return Rahmen(
        titel=titel,
        region=vorlage.region,
        herausgeber=vorlage.herausgeber,
        stand=vorlage.stand,
        stil=vorlage.stil,
        marke=vorlage.marke,
        wurzel="../../" if lauf.parameter.audience == "intern" else "../",
        navigation=[replace(link, aktuell=link.notebook == lauf.notebook) for link in vorlage.navigation],
        interaktiv=live,
    )
