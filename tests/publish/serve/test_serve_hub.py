"""JupyterHub for planners, with the configuration that ``sozialanalyse deploy`` writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import free_port, region_folder
from test_serve_nginx import FRAME

from sozialanalyse.kernels import install
from sozialanalyse.serve.einrichtung import Einrichtung, schreibe

pytest.importorskip("jupyterhub", reason="jupyterhub ist nicht installiert")
TOKEN = "hub-schluessel-nur-fuer-den-test"

pytestmark = [
    pytest.mark.langsam,
    pytest.mark.skipif(shutil.which("configurable-http-proxy") is None, reason="configurable-http-proxy fehlt (npm)"),
]  # fmt: skip

TEST = """\
exec(open({written!r}).read())
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.pid_file = "{place}/proxy.pid"
c.JupyterHub.db_url = "sqlite:///{place}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{place}/cookie"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{place}/home"
c.Spawner.args = [*c.Spawner.args, "--allow-root"]
c.Spawner.notebook_dir = ""
c.Spawner.start_timeout = c.Spawner.http_timeout = 400
c.Spawner.environment = {{**c.Spawner.environment, "JUPYTER_PATH": "{place}/share/jupyter"}}
c.JupyterHub.services = [{{"name": "probe", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{"name": "probe", "services": ["probe"], "scopes": ["admin:users", "admin:servers", "access:servers"]}}]
"""


def test_planner_gets_a_warm_kernel_from_the_hub(tmp_path: Path) -> None:
    region = region_folder(tmp_path)
    install(tmp_path, preload=("ipywidgets",))
    plan = Einrichtung(
        tmp_path / "betrieb", "127.0.0.1", tmp_path, region, tmp_path, tmp_path, audience="intern"
    )
    (written,) = (path for path in schreibe(plan, FRAME) if path.name == "jupyterhub_config.py")
    (tmp_path / "home").mkdir()
    port = free_port()
    config = tmp_path / "probe.py"
    config.write_text(TEST.format(written=str(written), port=port, hub=free_port(), api=free_port(), place=tmp_path, token=TOKEN))  # fmt: skip

    def ask(path: str, method: str = "GET", body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"Authorization": f"token {TOKEN}"}, method=method)  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as found:
            return json.loads(found.read() or b"null")

    def until(path: str, condition: Any) -> Any:
        began = time.monotonic()
        while True:
            try:
                if condition(found := ask(path)):
                    return found
            except OSError:
                pass
            assert time.monotonic() - began < 400, (tmp_path / "log").read_text()[-3000:]
            time.sleep(1)

    with (tmp_path / "log").open("w") as log:
        hub = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)], stdout=log, stderr=log, cwd=tmp_path,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )  # fmt: skip
        family = psutil.Process(hub.pid)
        try:
            until("/hub/api/", bool)
            ask("/hub/api/users/planerin", "POST")
            ask("/hub/api/users/planerin/server", "POST")
            until("/hub/api/users/planerin", lambda user: user["servers"].get("", {}).get("ready"))
            specs = ask("/user/planerin/api/kernelspecs")
            assert specs["default"] == "sozialanalyse"
            kernel = ask("/user/planerin/api/kernels", "POST", {"name": "sozialanalyse"})
            assert kernel["name"] == "sozialanalyse"
            words = [" ".join(process.cmdline()) for process in family.children(recursive=True)]
            assert sum("zygote.py" in line for line in words) == 2, "the warm parent and the kernel it forked"
        finally:
            everybody = family.children(recursive=True)
            hub.terminate()
            hub.wait(30)
            for process in psutil.wait_procs(everybody, 5)[1]:
                process.kill()
