"""``sozialanalyse lab`` starts JupyterLab with the notebooks and the kernel that runs them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oberau
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_core.paths import jupyter_runtime_dir

from sozialanalyse import cli, kernels

PROJEKT = Path(__file__).parents[1]
FENSTER = ("execute_result", "display_data")
SCHLUESSEL = "nur-fuer-diesen-test"

pytestmark = [
    pytest.mark.langsam,
    pytest.mark.skipif(sys.platform == "win32", reason="ends JupyterLab by signals"),
]


class Lab:
    """A running JupyterLab, spoken to through its own web interface."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.base, self.process = f"http://127.0.0.1:{port}", process

    def ask(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/{path}", data, method=method)
        request.add_header("Authorization", f"token {SCHLUESSEL}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content.strip().startswith((b"{", b"[")) else content.decode()

    def wait(self, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, "JupyterLab ended at once"
            try:
                self.ask("api/status")
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.3)
        raise TimeoutError("JupyterLab did not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    port = _free_port()
    folder = tmp_path_factory.mktemp("lab")
    region = folder / "kreis-oberau"
    assert cli.main(["init", str(region)]) == 0
    oberau.fuelle(region)
    assert cli.main(["build", "--region", str(region)]) == 0
    command = [sys.executable, "-m", "sozialanalyse.cli", "lab", "--region", str(region)]
    command += [
        "--no-browser",
        "--ip=127.0.0.1",
        "--port",
        str(port),
        f"--IdentityProvider.token={SCHLUESSEL}",
    ]
    command += ["--ServerApp.port_retries=0"] + (["--allow-root"] if _is_root() else [])
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder), "JUPYTERLAB_SETTINGS_DIR": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=PROJEKT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        running = Lab(port, process)
        running.wait()
        yield running
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def test_page_opens(lab: Lab) -> None:
    assert "JupyterLab" in lab.ask("lab")


def test_both_notebooks_are_there(lab: Lab) -> None:
    names = {entry["name"] for entry in lab.ask("api/contents")["content"]}
    assert {"cluster.ipynb", "varianz.ipynb"} <= names


def test_kernel_is_listed_and_the_default(lab: Lab) -> None:
    specs = lab.ask("api/kernelspecs")
    assert specs["default"] == kernels.NAME
    assert kernels.NAME in specs["kernelspecs"]


def test_cells_of_a_notebook_run_through_the_kernel(lab: Lab) -> None:
    """First cells of a notebook in the kernel its file names, started warm nevertheless; a control renews them."""
    notebook = lab.ask("api/contents/varianz.ipynb")["content"]
    cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    kernel = lab.ask("api/kernels", {"name": "python3"})
    client = BlockingKernelClient()
    client.load_connection_file(str(Path(jupyter_runtime_dir()) / f"kernel-{kernel['id']}.json"))
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        shown: list[dict[str, Any]] = []
        above = "import psutil; psutil.Process().parent().cmdline()"
        client.execute_interactive(above, output_hook=shown.append, timeout=60)
        said = [m["content"]["data"]["text/plain"] for m in shown if m["msg_type"] == "execute_result"]
        assert ("zygote.py" in said[0]) == (sys.platform == "linux")
        shown.clear()
        for cell in cells[:4]:
            reply = client.execute_interactive(cell, output_hook=shown.append, timeout=120)
            assert reply["content"]["status"] == "ok", reply["content"].get("evalue")
        heading, controls, summary = (m["content"] for m in shown if m["msg_type"] in FENSTER)
        assert "<h1" in heading["data"]["text/html"]
        assert "application/vnd.jupyter.widget-view+json" in controls["data"]

        opened = {
            m["content"]["data"]["state"].get("description"): m["content"]
            for m in shown
            if m["msg_type"] == "comm_open"
        }
        kommune = opened["Kommune"]
        assert kommune["data"]["state"]["_options_labels"] == ["alle Kommunen", "Oberstadt", "Unterdorf"]
        state = {"method": "update", "state": {"index": 2}, "buffer_paths": []}
        message = client.session.msg("comm_msg", {"comm_id": kommune["comm_id"], "data": state})
        client.shell_channel.send(message)
        renewed: dict[str, str] = {}
        told: dict[str, Any] = {"content": {}}
        while told["content"].get("execution_state") != "idle":
            told = client.get_iopub_msg(timeout=60)
            if told["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                told["content"].pop("execution_state", None)
            elif told["msg_type"] == "update_display_data":
                renewed[told["content"]["transient"]["display_id"]] = told["content"]["data"]["text/html"]
        assert list(renewed) == [part["transient"]["display_id"] for part in (heading, summary)], (
            "each in its place"
        )
        assert "Unterdorf" in renewed[heading["transient"]["display_id"]]
    finally:
        client.stop_channels()
        lab.ask(f"api/kernels/{kernel['id']}", method="DELETE")


@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="interrupts are switched off here"
)
def test_an_interrupt_ends_it_in_order(lab: Lab) -> None:
    """Last test of this module: JupyterLab ends by itself instead of being killed."""
    lab.ask("api/kernels", {"name": kernels.NAME})
    os.killpg(lab.process.pid, signal.SIGINT)
    assert lab.process.wait(60) == 0
    with pytest.raises(urllib.error.URLError):
        lab.ask("api/status")
