"""Our papermill engine: typed parameters, addresses without races, honest status, whole files.

Chosen by ``papermill --engine sozialanalyse`` and by our own batch, so there is one way to run a notebook.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL
from typing import Any
from weakref import WeakSet

import click
import psutil
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.iorw import LocalHandler, papermill_io
from papermill.log import logger
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from sozialanalyse.base import ParameterFehler, text, write_beside, yamlio
from sozialanalyse.kernels import NO_HISTORY, PromptKernelClient, ipc_address
from sozialanalyse.seiten import literale, seiten, werte_aus_text

if sys.platform == "linux":
    import resource

MARKE = "injected-parameters"
GEHEIM = ("TOKEN", "SECRET", "PASSW", "CREDENTIAL", "JUPYTERHUB_")
"""Parts of names of environment variables that no kernel gets to see."""


class SozialanalyseEngine(NBClientEngine):
    """papermill engine ``sozialanalyse``; keywords beyond papermill's are traits of the client."""

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, *args: Any, **kwargs: Any) -> NotebookNode:
        """Check the parameters, then run; nothing has been started or written if they are refused.

        Raises
        ------
        ParameterFehler
            One German sentence per fault; at papermill's command line a message and exit code 1.
        """
        try:
            setze_parameter(nb, str(kwargs.get("input_path") or ""))
        except ParameterFehler as error:
            if _aufruf() is None:
                raise
            raise click.ClickException(str(error)) from None
        target = nb.metadata.papermill.get("output_path")
        if isinstance(target, str) and "://" not in target and target != "-":
            papermill_io.register(target, GanzeDateien())
        done: NotebookNode = super().execute_notebook(nb, kernel_name, *args, **kwargs)
        return done

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        umgebung: Mapping[str, str] | None = None,
        speicher: int = 0,
        melder: Callable[[int, int], None] | None = None,
        **kwargs: Any,
    ) -> None:
        """Run all cells.

        Parameters
        ----------
        umgebung
            Environment variables for the kernel alone; secrets of this process stay here.
        speicher
            Bytes of private memory the kernel may take, if less than its kernelspec allows; 0 for no other bound.
        melder
            Called before each cell with its number, from 1, and the number of all.
        """
        kwargs.pop("input_path", None)
        client = EhrlicherClient(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            iopub_timeout=60,
            shutdown_kernel="immediate",  # a polite end begins with an interrupt, which some kernels report
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            **kwargs,
        )
        client.speicher, client.melder = speicher, melder
        inherited = {name: value for name, value in os.environ.items() if not _geheim(name)}
        # what a library prints past Jupyter may quote values and has no place in a log
        client.execute(env={**inherited, **(umgebung or {})}, stdout=DEVNULL, stderr=DEVNULL)


class EhrlicherClient(PapermillNotebookClient):
    """A client whose notebook tells which cell ended the run, whatever ended it."""

    speicher = 0
    melder: Callable[[int, int], None] | None = None

    def create_kernel_manager(self) -> Any:
        """Kernel manager with an address of its own; TCP ports are chosen before they are bound."""
        if _abgebrochen.is_set():
            raise KeyboardInterrupt
        km = super().create_kernel_manager()
        km.client_factory = PromptKernelClient
        if "ipykernel_launcher" in km.kernel_spec.argv:
            self.extra_arguments += NO_HISTORY
        if sys.platform != "win32" and km.transport == "tcp" and not any(km.ports):
            km.transport, km.ip = "ipc", ipc_address()
        _laufend.add(self)
        return km

    def execute_cell(self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any) -> NotebookNode:
        """Run a cell; a dead kernel or a time limit is written into it like any other error."""
        if _abgebrochen.is_set():  # while the kernel was starting, when there was nothing to kill yet
            raise KeyboardInterrupt
        if self.melder:
            self.melder(cell_index + 1, len(self.nb.cells))
        try:
            return super().execute_cell(cell, cell_index, *args, **kwargs)
        except CellExecutionError:
            raise
        except BaseException as error:
            message = klartext(error, self.timeout)
            cell.outputs.append(
                new_output("error", ename=type(error).__name__, evalue=message, traceback=[message])
            )
            self.nb_man.cell_exception(cell, cell_index=cell_index, exception=error)
            raise

    def papermill_execute_cells(self) -> None:
        """Run the cells and note the largest memory of the kernel, in megabytes."""
        pid = getattr(self.km.provisioner, "pid", None)
        begrenze(pid, self.speicher)
        try:
            super().papermill_execute_cells()
        finally:
            self.nb_man.nb.metadata.papermill["speicher_mb"] = spitze(pid)

    def toete(self) -> None:
        """End the kernel at once."""
        process = getattr(getattr(self.km, "provisioner", None), "process", None)
        if process is not None:
            with suppress(OSError):
                process.kill()


_laufend: WeakSet[EhrlicherClient] = WeakSet()
_abgebrochen = threading.Event()


def brich_ab() -> None:
    """End all kernels of this process; until :func:`beginne` none is started any more."""
    _abgebrochen.set()
    for client in list(_laufend):
        client.toete()


def beginne() -> None:
    """Allow kernels again."""
    _abgebrochen.clear()


def abgebrochen() -> bool:
    """Whether :func:`brich_ab` was called."""
    return _abgebrochen.is_set()


def klartext(error: BaseException, zeitgrenze: float | None) -> str:
    """What happened to a kernel, in one German sentence."""
    if isinstance(error, DeadKernelError):
        return text("publish.lauf.kern_tot")
    if isinstance(error, CellTimeoutError):
        return text("publish.lauf.zeit", sekunden=zeitgrenze)
    if isinstance(error, KeyboardInterrupt):
        return text("publish.lauf.abgebrochen")
    return f"{type(error).__name__}: {error}"


def _geheim(name: str) -> bool:
    return any(word in name.upper() for word in GEHEIM)


def begrenze(pid: int | None, grenze: int) -> None:
    """Bound the private memory of a process; a lower bound it has already stays, 0 is none."""
    if sys.platform != "linux" or not pid or not grenze:
        return
    with suppress(ProcessLookupError):
        _, before = resource.prlimit(pid, resource.RLIMIT_DATA)
        bound = grenze if before == resource.RLIM_INFINITY else min(grenze, before)
        resource.prlimit(pid, resource.RLIMIT_DATA, (bound, bound))


def spitze(pid: int | None) -> float | None:
    """Largest resident memory of a process in megabytes, None where the system does not tell."""
    with suppress(OSError, psutil.Error, StopIteration):
        if sys.platform != "linux":
            return round(psutil.Process(pid).memory_info().rss / 1e6, 1)
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        return round(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6, 1)
    return None


class GanzeDateien(LocalHandler):  # type: ignore[misc]
    """Local files for papermill, written beside and renamed; registered for one output at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.cwd(papermill_io.get_handler("local")._cwd)

    def write(self, buf: str, path: str) -> None:
        """Replace a file as a whole."""
        full = Path(self._cwd or "", path)
        if not full.parent.exists():
            raise FileNotFoundError(f"output folder {full.parent} doesn't exist.")
        write_beside(full, buf)


# --- parameters ---------------------------------------------------------------------------------


def setze_parameter(nb: NotebookNode, eingabe: str) -> None:
    """Check all parameters of a notebook and write them, complete, into its ``injected-parameters`` cell.

    What the notebook itself says of its parameters is the model: ours if it is one of our notebooks,
    else the types of the literals in its cell. Text typed at papermill's command line is read by that
    type and never by its looks, so ``01002000`` stays text where text is wanted.

    Parameters
    ----------
    nb
        Notebook as papermill has prepared it; changed in place.
    eingabe
        Path it came from.

    Raises
    ------
    ParameterFehler
        If a name is unknown or a value has another type; one sentence per fault.
    """
    place = next(
        (i for i, cell in enumerate(nb.cells) if "parameters" in cell.metadata.get("tags", [])), None
    )
    defaults = literale(nb.cells[place].source) if place is not None else {}
    kind = seiten().get(Path(eingabe).stem)
    known = kind is not None and set(kind.parameter.model_fields) == set(defaults)
    model: type[BaseModel] = kind.parameter if kind is not None and known else _modell(defaults)
    given = {**nb.metadata.papermill.get("parameters", {}), **_getippt(model)}
    try:
        checked = model.model_validate(given)
    except ValidationError as error:
        found = yamlio.befunde(error, model, given)
        raise ParameterFehler("\n".join(str(befund) for befund in found)) from None
    if place is None:
        return
    values = checked.model_dump(mode="json")
    cell = new_code_cell("".join(f"{name} = {value!r}\n" for name, value in values.items()).rstrip())
    cell.metadata = {**nb.cells[place].metadata, "tags": [MARKE]}
    nb.cells = [old for old in nb.cells if MARKE not in old.metadata.get("tags", [])]
    place = next(i for i, old in enumerate(nb.cells) if "parameters" in old.metadata.get("tags", []))
    nb.cells.insert(place + 1, cell)
    nb.metadata.papermill["parameters"] = values


def _modell(defaults: Mapping[str, Any]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (Any if value is None else type(value), value) for name, value in defaults.items()
    }
    return create_model("Parameter", __config__=ConfigDict(extra="forbid", strict=True), **fields)


def _aufruf() -> click.Context | None:
    """The call of papermill's command line this runs in."""
    context = click.get_current_context(silent=True)
    return context if context is not None and context.command.name == "papermill" else None


def _getippt(model: type[BaseModel]) -> dict[str, object]:
    """Values of ``-p`` and ``-r``, read by the types of the model."""
    context = _aufruf()
    if context is None:
        return {}
    given = {
        name: [value] for option in ("parameters", "parameters_raw") for name, value in context.params[option]
    }
    return werte_aus_text(model, given)
