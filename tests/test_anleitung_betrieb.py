"""The operators' guide, typed line by line on a machine that is a folder."""

from __future__ import annotations

import re
import shutil
import socket
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rechner import FEHLT, Rechner

import sozialanalyse

GUIDE = Path(sozialanalyse.__file__).parent / "anleitung" / "betrieb.md"
PROJEKT = GUIDE.parents[2]
LAGE = "data/staedteregion-aachen"

pytestmark = pytest.mark.langsam


def zeilen() -> list[tuple[str, str]]:
    """Section and line of every command of the guide, in its order; trying out comes when something is there."""
    text = re.sub(r"^```.*?^```", "", GUIDE.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = []
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title = part.splitlines()[0]
        for block in re.finditer(
            r"^    (.+)$|`((?:certbot [^`]|curl|sozialanalyse snapshots|sozialanalyse run --region|systemctl|journalctl)[^`]*)`",
            part,
            re.M,
        ):
            found.append((title, " ".join((block[1] or block[2]).split())))
    return sorted(found, key=lambda line: line[0] == "Ausprobieren")


ZEILEN = zeilen()


def free_ports() -> dict[str, int]:
    sockets = [socket.socket() for _ in range(6)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return dict(zip(("80", "443", "8866", "8867", "8868", "8869"), ports, strict=True))


def projekt(ziel: Path) -> None:
    """The files of the project that the guide's commands use: its Makefile and one page to make."""
    ziel.mkdir(parents=True, exist_ok=True)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy2(PROJEKT / name, ziel / name)
    (ziel / "notebooks").mkdir()
    shutil.copy2(PROJEKT / "notebooks" / "datenstand.ipynb", ziel / "notebooks")


@pytest.fixture(scope="module")
def rechner(tmp_path_factory, kleinregion_typ) -> Iterator[Rechner]:
    if FEHLT:
        pytest.skip(f"auf diesem Rechner fehlt: {', '.join(FEHLT)}")
    root = tmp_path_factory.mktemp("rechner")
    machine = Rechner(root, free_ports())
    projekt(machine.heim)
    projekt(root / "srv" / "neu")
    (machine.heim / ".venv" / ".fertig").touch()  # the environment is this one
    for name in ("etc/nginx/sites-enabled", "etc/systemd/system", "var/lib", "media/stick"):
        (root / name).mkdir(parents=True)
    region = kleinregion_typ(machine.heim / LAGE)
    region.region_yml = region.region_yml.replace("id: musterland", "id: staedteregion-aachen").replace(
        "2023-12-31]", "2023-12-31, 2025-12-31]"
    )
    region.seiten["register"] = region.seiten["register"].replace("dateien: register/*", "dateien: melderegister/*").replace(
        r"(\d{4}-\d{2}-\d{2})", r"(\d{4})"
    )  # fmt: skip
    region.schreibe()
    (region.lieferungen / "register").rename(region.lieferungen / "melderegister")
    try:
        yield machine
    finally:
        machine.schliesse()


@pytest.fixture(scope="module")
def gesagt(rechner) -> dict[int, tuple[int, str]]:
    """Exit code and output of every line, by its place among them."""
    said: dict[int, tuple[int, str]] = {}
    older = ""
    for number, (_, line) in enumerate(ZEILEN):
        if "NAME" in line:
            found = re.search(r"^([0-9a-f]{8,})(?!.*aktuell)", said[number - 1][1], re.M)
            older = older or (found[1] if found else "keiner")
            line = line.replace("NAME", older)
        if line.startswith("install ") and "bestand_2025" in line:
            (new,) = (rechner.heim / LAGE / "lieferungen" / "melderegister").glob("*2023*")
            here = Path(rechner.tippe("pwd")[1].strip())
            shutil.copy(new, here / "bestand_2025.xlsx")
        if " serve " in f"{line} ":
            said[number] = serviert(rechner, line)
        else:
            said[number] = rechner.tippe(line)
        if line.startswith("systemctl enable --now"):
            warte(rechner)
        if line.endswith("wechseln.sh"):
            host, port = "sozialdaten.example.de", rechner.ports["443"]
            said[-1] = rechner.tippe(f"curl -fks -H 'Host: {host}' https://127.0.0.1:{port}/gesund")
    return said


def warte(rechner: Rechner) -> None:
    """Half a minute, says the guide."""
    url = f"http://127.0.0.1:{rechner.ports['8866']}/gesund"
    rechner.tippe(f"for i in $(seq 300); do curl -fs -o /dev/null {url} && break; sleep 0.2; done")


def serviert(rechner: Rechner, line: str) -> tuple[int, str]:
    """Start, ask, end with Ctrl+C."""
    port = free_ports()["80"]
    url = f"http://127.0.0.1:{port}/gesund"
    return rechner.tippe(
        f"{line} --port {port} & for i in $(seq 300); do curl -fs -o /dev/null {url} && break; sleep 0.2; done; "
        f"curl -fs {url}; kill -TERM $!; wait $!"
    )


@pytest.mark.parametrize(
    "number", range(len(ZEILEN)), ids=[f"{i}: {line[:60]}" for i, (_, line) in enumerate(ZEILEN)]
)
def test_a_line_of_the_guide_ends_well(number: int, gesagt) -> None:
    code, said = gesagt[number]
    assert code == 0, f"{ZEILEN[number][1]}\n{said}"
    assert "Traceback" not in said


def test_there_are_lines_of_every_part() -> None:
    titles = {title for title, _ in ZEILEN}
    assert titles >= {
        "Ausprobieren",
        "Einrichten",
        "Nach einer neuen Lieferung",
        "Zu einem früheren Datenbestand zurück",
        "Wo was liegt",
    }
    assert len(ZEILEN) > 60


def test_the_machine_is_as_the_guide_says(rechner, gesagt: Any) -> None:
    home, root = rechner.heim, rechner.wurzel
    results = home / "data" / "ergebnisse" / "staedteregion-aachen"
    assert (home / LAGE / "lieferungen").stat().st_mode & 0o007 == 0
    assert (results / "oeffentlich").stat().st_mode & 0o005 == 0o005
    closed = [
        results / "intern",
        root / "etc" / "sozialanalyse_intern",
        *(home / "data" / "bestand").glob("*/*/intern"),
    ]
    closed += [
        home / "data" / name / "staedteregion-aachen" for name in ("pruefprotokolle", "veroeffentlichungen")
    ]
    assert len(closed) >= 6  # two snapshots
    for path in closed:
        assert path.stat().st_mode & 0o077 == 0, path
    delivery = home / LAGE / "lieferungen" / "melderegister" / "bestand_2025.xlsx"
    assert delivery.stat().st_mode & 0o777 == 0o600
    assert (root / "media" / "stick" / "sozialberichte" / "index.html").is_file()
    assert (root / "srv" / "sozialanalyse.vorher" / "Makefile").is_file()
    assert not (root / "srv" / "sozialanalyse.vorher" / "data").exists()
    (asked,) = (gesagt[number][1] for number, (_, line) in enumerate(ZEILEN) if line.startswith("curl -I"))
    assert re.search(r"^HTTP/\S+ 200", asked, re.M)
    archive = home / "sicherung.tar.gz"
    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as held:
        names = held.getnames()
    assert f"{LAGE}/region.yml" in names
    assert any(name.startswith("data/veroeffentlichungen/") for name in names)


def test_after_changing_over_the_other_place_answers_through_nginx_with_tls(gesagt: Any) -> None:
    told = [gesagt[number][1] for number, (_, line) in enumerate(ZEILEN) if line.endswith("wechseln.sh")]
    ports = [re.search(r"läuft jetzt am Port (\d+)", words) for words in told]
    assert ports[0]
    assert ports[1]
    assert ports[0][1] != ports[1][1]
    assert gesagt[-1][0] == 0
