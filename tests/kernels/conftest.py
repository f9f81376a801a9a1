"""Kernelspecs of different kinds in a prefix of their own, and a session to talk to a kernel."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_event_loop

from sozialanalyse.kernels import install, parent
from sozialanalyse.kernels.kernelspec import PRELOAD

STACK = (
    *(name for name in PRELOAD if not name.startswith("sozialanalyse")),
    "tqdm.auto",
)  # ours may be edited


class Session:
    """A running kernel: code in, output out."""

    def __init__(self, km: KernelManager) -> None:
        self.km = km
        self.kc = km.client()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=60)

    def messages(self, code: str) -> list[dict[str, Any]]:
        """Everything the kernel published while it ran ``code``."""
        found: list[dict[str, Any]] = []
        self.kc.execute_interactive(code, output_hook=found.append, timeout=60)
        return found

    def run(self, code: str) -> str:
        """What ``code`` printed; an error in the kernel is an error here."""
        messages = self.messages(code)
        for message in messages:
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(message["content"]["traceback"]))
        return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream").strip()

    @property
    def pid(self) -> int:
        return self.km.provisioner.pid

    @property
    def parent(self) -> psutil.Process:
        return psutil.Process(self.pid).parent()

    @property
    def is_forked(self) -> bool:
        return any(part.endswith("zygote.py") for part in self.parent.cmdline())


Start = Callable[..., AbstractContextManager[Session]]


@contextmanager
def _kernel(name: str, **launch: Any) -> Iterator[Session]:
    km = KernelManager(kernel_name=name)
    km.start_kernel(**launch)
    session = Session(km)
    try:
        yield session
    finally:
        session.kc.stop_channels()
        if km.has_kernel:
            km.shutdown_kernel(now=True)
        else:
            km.cleanup_resources()


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Jupyter data folder of its own, with the kernels ``stack``, ``light`` and ``fresh``."""
    root = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(root / "share/jupyter"))
        patch.setenv("IPYTHONDIR", str(root / "ipython"))
        write_spec(root, "stack", preload=STACK)
        write_spec(root, "light", preload=["numpy.random"])
        write_spec(root, "fresh", fork=False)
        yield root


def write_spec(root: Path, name: str, **config: Any) -> str:
    """Write a kernelspec of our kind under another name."""
    config = {"preload": [], "watch": [], **config}
    folder = install(root, **config)
    target = folder.with_name(name)
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    written = json.loads((target / "kernel.json").read_text(encoding="utf-8"))
    assert written["metadata"]["kernel_provisioner"]["config"].keys() == config.keys()
    return name


@pytest.fixture
def make_spec(jupyter: Path) -> Callable[..., str]:
    """Write one more kernelspec and return its name."""

    def make(name: str, **config: Any) -> str:
        return write_spec(jupyter, name, **config)

    return make


@pytest.fixture(scope="session")
def kernel(jupyter: Path) -> Start:
    """Context manager: start a kernel by name, end it afterwards."""
    return _kernel


@pytest.fixture(scope="session")
def stack(kernel: Start) -> Iterator[Session]:
    """One forked kernel with the stack, shared by tests that leave nothing behind."""
    with kernel("stack") as session:
        yield session


@pytest.fixture(scope="session")
def fresh(kernel: Start) -> Iterator[Session]:
    """One kernel that was started in the ordinary way, to compare with."""
    with kernel("fresh") as session:
        yield session


@pytest.fixture(scope="session")
def in_threads() -> Callable[..., list[Any]]:
    """Apply a function to all items at once, one thread and one event loop each."""

    def apply(function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        def one(item: Any) -> Any:
            try:
                return function(item)
            finally:
                ensure_event_loop().close()

        waiting = list(items)
        with ThreadPoolExecutor(len(waiting)) as pool:
            return list(pool.map(one, waiting))

    return apply


@pytest.fixture(autouse=True)
def _no_quarantine() -> None:
    """A parent that failed in one test is not held against the next."""
    parent._quarantine.clear()
