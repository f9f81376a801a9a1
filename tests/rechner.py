"""A machine for the operators' guide: a folder that stands for its root, with stand-ins for what only an administrator may do.

Commands of the guide are typed into one shell that stays open. Their paths below /srv, /etc, /var and /media lie in the
folder, their ports are free ones. rsync, make, tar, curl, openssl and nginx are the real programs; apt, adduser, chown,
systemctl, certbot, npm, pip and jupyterhub are stand-ins that do what their part comes to here.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

STELLVERTRETER = (
    "apt",
    "adduser",
    "chown",
    "systemctl",
    "certbot",
    "npm",
    "nginx",
    "install",
    "rsync",
    "journalctl",
)


def echt(programm: str) -> str | None:
    """Where the real program lies."""
    own = str(Path(os.environ.get("WURZEL", "")) / "stellvertreter")
    path = [part for part in os.environ["PATH"].split(os.pathsep) if part != own]
    return shutil.which(programm, path=os.pathsep.join([*path, "/usr/sbin"]))


NGINX = echt("nginx")
FEHLT = [
    name
    for name, there in {"nginx": NGINX, **{n: shutil.which(n) for n in ("rsync", "make", "curl", "openssl")}}.items()
    if not there
]  # fmt: skip
"""Real programs this machine lacks; lines of the guide that need them cannot be tried."""
ENDE = "--ende--"


class Rechner:
    """The machine; ``tippe`` types a line and returns exit code and output."""

    def __init__(self, wurzel: Path, ports: dict[str, int]) -> None:
        self.wurzel, self.ports = wurzel, ports
        self.heim = wurzel / "srv" / "sozialanalyse"
        tools = wurzel / "stellvertreter"
        tools.mkdir()
        own = Path(__file__).resolve()
        for name in STELLVERTRETER:
            _skript(tools / name, f'exec {shlex.quote(sys.executable)} {own} {name} "$@"')
        bin_ = self.heim / ".venv" / "bin"
        bin_.mkdir(parents=True)
        _skript(bin_ / "sozialanalyse", f'exec {shlex.quote(sys.executable)} -m sozialanalyse.cli "$@"')
        for name in ("pip", "jupyterhub"):
            _skript(bin_ / name, f'exec {shlex.quote(sys.executable)} {own} {name} "$@"')
        (bin_ / "activate").write_text(f"PATH={bin_}:$PATH\n", encoding="utf-8")
        environment = {
            **os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "WURZEL": str(wurzel), "SOZIALANALYSE_DATEN": str(self.heim / "data"),
            "PORTS": " ".join(f"{old}={new}" for old, new in ports.items()),
        }  # fmt: skip
        self._shell = subprocess.Popen(
            ["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=wurzel
        )  # fmt: skip
        self.tippe(f'su() {{ if [ "$1" = - ]; then cd {self.heim}; else sh -ec "$3"; fi; }}')

    def tippe(self, zeile: str) -> tuple[int, str]:
        """Type a line as it stands in the guide."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{hier(zeile, self.wurzel, self.ports)}\necho {ENDE} $?\n")
        self._shell.stdin.flush()
        said = []
        for line in self._shell.stdout:
            if ENDE in line:
                before, _, code = line.partition(ENDE)
                written = self.heim.glob("betrieb*/*")
                for path in written:  # what deploy wrote names the places and ports of a real machine
                    if path.suffix in (".sh", ".conf", ".service", ".py"):
                        _ortsfest(path, self.wurzel, self.ports)
                return int(code), "".join([*said, before])
            said.append(line)
        raise AssertionError("".join(said))

    def schliesse(self) -> None:
        """End the shell and everything that was started."""
        self._shell.terminate()
        self._shell.communicate()
        for pid in self.wurzel.glob("*.pid"):
            _beende(pid)


def hier(text: str, wurzel: Path, ports: dict[str, int]) -> str:
    """Paths and ports of a real machine as those of this folder."""
    text = re.sub(r"(?<![\w./-])/(srv|etc|var|media)(?=/)", rf"{wurzel}/\1", text)
    text = text.replace("http://127.0.0.1/", f"http://127.0.0.1:{ports['80']}/")
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.M)
    text = re.sub(r"(?<=listen )(80|443)\b", lambda found: str(ports[found[0]]), text)
    return re.sub(r"\b88(66|67|68|69)\b", lambda found: str(ports.get(found[0], found[0])), text)


def _ortsfest(pfad: Path, wurzel: Path, ports: dict[str, int]) -> None:
    text = pfad.read_text(encoding="utf-8")
    if (new := hier(text, wurzel, ports)) != text:
        pfad.write_text(new, encoding="utf-8")


def _skript(pfad: Path, zeile: str) -> None:
    pfad.write_text(f"#!/bin/sh\n{zeile}\n", encoding="utf-8")
    pfad.chmod(0o755)


# --- the stand-ins, each a process of its own --------------------------------------------------------


def _nginx(wurzel: Path, *words: str) -> int:
    """The real nginx with the site that lies in its place."""
    main = wurzel / "nginx.conf"
    for name in ("var/log/nginx", "var/cache", "var/www/html"):
        (wurzel / name).mkdir(parents=True, exist_ok=True)
    temp = "".join(
        f"{name}_temp_path {wurzel}/t-{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""
    main.write_text(
        f"{user}worker_processes 1; pid {wurzel}/nginx.pid; error_log {wurzel}/nginx.log; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; {temp} include {wurzel}/etc/nginx/sites-enabled/*; }}\n",
        encoding="utf-8",
    )
    return subprocess.run(
        [str(NGINX), "-c", str(main), "-e", str(wurzel / "nginx.log"), *words], check=False
    ).returncode


def _systemctl(wurzel: Path, command: str, *words: str) -> int:
    unit = next((word for word in words if "@" in word), "")
    names = [word for word in words if not word.startswith("-")]
    if command == "reload":
        running = _lebt(wurzel / "nginx.pid")
        return _nginx(wurzel, "-s", "reload") if running else _nginx(wurzel)
    if command == "is-active":
        return 0 if _lebt(wurzel / f"{unit}.pid") else 3
    if command == "start" or (command == "enable" and "--now" in words):
        return _starte(wurzel, unit)
    if command in ("stop", "kill"):
        _beende(wurzel / f"{names[-1]}.pid", warte=command == "stop")
    return 0


def _starte(wurzel: Path, unit: str) -> int:
    """Start a service as its unit file says."""
    if _lebt(wurzel / f"{unit}.pid"):
        return 0
    name, _, port = unit.partition("@")
    content = (
        (wurzel / "etc/systemd/system" / f"{name}@.service").read_text(encoding="utf-8").replace("%i", port)
    )
    options = re.findall(r"^(\w+)=(.+)$", content, re.M)
    environment = {
        **os.environ,
        **dict(value.split("=", 1) for key, value in options if key == "Environment"),
    }
    found = {key: value for key, value in options if key != "Environment"}
    command = [sys.executable, "-m", "sozialanalyse.cli", *shlex.split(found["ExecStart"])[1:]]
    with (wurzel / f"{unit}.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=found["WorkingDirectory"], env={**environment, "HOME": str(wurzel)}, stdout=log, stderr=log, start_new_session=True
        )  # fmt: skip
    (wurzel / f"{unit}.pid").write_text(str(process.pid), encoding="utf-8")
    return 0


def _lebt(datei: Path) -> bool:
    try:
        os.kill(int(datei.read_text(encoding="utf-8")), 0)
    except (OSError, ValueError):
        return False
    return True


def _beende(datei: Path, warte: bool = True) -> None:
    if _lebt(datei):
        pid = int(datei.read_text(encoding="utf-8"))
        os.kill(pid, signal.SIGTERM)
        for _ in range(300 if warte else 0):
            if not _lebt(datei):
                break
            time.sleep(0.1)
    datei.unlink(missing_ok=True)


def _certbot(wurzel: Path, *words: str) -> int:
    """Prove the name through nginx as the certificate authority would, then write a certificate."""
    options = dict(pairwise(words))
    proof = Path(options["-w"]) / ".well-known" / "acme-challenge" / "nachweis"
    proof.parent.mkdir(parents=True, exist_ok=True)
    proof.write_text("stimmt", encoding="utf-8")
    port = dict(pair.split("=") for pair in os.environ["PORTS"].split())["80"]
    asked = subprocess.run(
        ["curl", "-fsS", "-H", f"Host: {options['-d']}", f"http://127.0.0.1:{port}/.well-known/acme-challenge/nachweis"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if asked.stdout != "stimmt":
        print(asked.stderr)
        return 1
    live = wurzel / "etc/letsencrypt/live" / options["-d"]
    live.mkdir(parents=True)
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={options['-d']}",
    ]
    files = ["-keyout", str(live / "privkey.pem"), "-out", str(live / "fullchain.pem")]
    return subprocess.run([*made, *files], capture_output=True, check=False).returncode


def _ohne(programm: str, words: tuple[str, ...]) -> int:
    """The real program without the account of the service, which this machine does not have."""
    rest = iter(words)
    kept = [
        word for word in rest if not (word.startswith("--chown=") or (word in ("-o", "-g") and next(rest)))
    ]
    return subprocess.run([str(echt(programm)), *kept], check=False).returncode


def _hub(*words: str) -> int:
    """JupyterHub would read this file."""
    path = Path(words[words.index("-f") + 1])
    compile(path.read_text(encoding="utf-8"), str(path), "exec")
    return 0


def main(name: str, *words: str) -> int:
    wurzel = Path(os.environ["WURZEL"])
    if name == "nginx":
        return _nginx(wurzel, *words)
    if name == "systemctl":
        return _systemctl(wurzel, *words)
    if name == "certbot":
        return _certbot(wurzel, *words)
    if name in ("install", "rsync"):
        return _ohne(name, words)
    return _hub(*words) if name == "jupyterhub" else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
