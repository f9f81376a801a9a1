"""Command line: every job of the workbench, in German, exit code 0 only when all of it is done."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NoReturn

from sozialanalyse import settings
from sozialanalyse.errors import Befund, LaufFehler, PruefFehler, SozialanalyseFehler

DEUTSCH = {
    "the following arguments are required: %s": "es fehlt: %s",
    "unrecognized arguments: %s": "unbekannte Angabe: %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r gibt es nicht; möglich: %(choices)s",
    "invalid %(type)s value: %(value)r": "%(value)r ist hier nicht möglich",
    "expected one argument": "es fehlt ein Wert",
    "usage: ": "Aufruf: ",
    "positional arguments": "Angaben",
    "options": "Optionen",
    "show this help message and exit": "diese Hilfe zeigen",
    "show program's version number and exit": "die Version zeigen",
    "%(prog)s: error: %(message)s\n": "%(prog)s: %(message)s\n",
}


def _german() -> None:
    """argparse asks gettext for its words; answer in German without a catalogue file."""
    argparse._ = lambda message: DEUTSCH.get(message, message)  # type: ignore[attr-defined]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    _german()
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.befehl(arguments))
    except PruefFehler as error:
        _print_findings(error.befunde)
        return 1
    except SozialanalyseFehler as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Abgebrochen. Fertige Berichte bleiben erhalten; ein neuer Aufruf macht weiter.", file=sys.stderr
        )
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(prog="sozialanalyse", description="Werkbank der Sozialplanung.")
    top.add_argument("--version", action="version", version=f"sozialanalyse {settings.VERSION}")
    commands = top.add_subparsers(title="Befehle", metavar="BEFEHL", required=True, dest="name")

    def command(name: str, job: Any, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(befehl=job)
        return sub

    def region(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--region", metavar="ORDNER", help="Regionsordner (sonst der einzige unter data/)")

    sub = command("init", _init, "Gerüst eines Regionsordners anlegen")
    sub.add_argument("ordner", metavar="ORDNER", type=Path)
    sub = command("build", _build, "Lieferungen einlesen, prüfen und als Datenbestand ablegen")
    region(sub)
    sub = command("check", _check, "Regionsordner, Parameter und Lieferungen prüfen, ohne etwas zu schreiben")
    region(sub)
    sub = command("run", _run, "Berichte erzeugen, die fehlen oder nicht mehr aktuell sind")
    sub.add_argument(
        "notebook", nargs="*", metavar="NOTEBOOK", help="nur diese Notebooks, zum Beispiel cluster"
    )
    region(sub)
    sub.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="so viele gleichzeitig"
    )
    sub.add_argument("--force", action="store_true", help="auch erzeugen, was aktuell ist")
    sub.add_argument("--only", metavar="TEXT", help="nur Läufe, deren Name diesen Text enthält")
    sub.add_argument("--limit", type=int, metavar="N", help="höchstens so viele Läufe")
    sub.add_argument("--out", type=Path, metavar="ORDNER", help="Ergebnisse hierhin schreiben")
    sub = command("serve", _serve, "Berichte und interaktive Seiten im Browser anbieten")
    region(sub)
    sub.add_argument("--port", type=int, default=8866, metavar="PORT")
    sub.add_argument("--ip", default="127.0.0.1", metavar="ADRESSE", help="an dieser Adresse anbieten")
    sub.add_argument(
        "--audience", choices=["oeffentlich", "intern"], default="oeffentlich", help="Zielgruppe"
    )
    sub.add_argument("--browser", action="store_true", help="gleich im Browser öffnen")
    sub = command("lab", _lab, "Notebooks in JupyterLab öffnen")
    region(sub)
    sub.add_argument("weitere", nargs="*", metavar="OPTION", help="weitere Angaben an JupyterLab")
    command("demo", _demo, "Mit der mitgelieferten Region alles einmal zeigen")
    return top


# --- commands -----------------------------------------------------------------------------------


def _init(arguments: argparse.Namespace) -> int:
    target: Path = arguments.ordner
    if target.exists() and any(target.iterdir()):
        raise LaufFehler(
            f"Der Ordner „{target}“ ist nicht leer. Bitte einen neuen nennen; es wurde nichts verändert."
        )
    target.mkdir(parents=True, exist_ok=True)
    with as_file(files("sozialanalyse") / "geruest") as skeleton:
        shutil.copytree(skeleton, target, dirs_exist_ok=True)
    page = target / "region.yml"
    page.write_text(
        page.read_text(encoding="utf-8").replace("meine-region", _slug(target.resolve().name)), "utf-8"
    )
    print(f"Das Gerüst liegt in {target}. Bitte region.yml und die Seiten unter indikatoren/ ausfüllen;")
    print(f"was noch fehlt, sagt: sozialanalyse check --region {target}")
    return 0


def _slug(name: str) -> str:
    from sozialanalyse.woerter import vergleichsform

    return (
        "-".join(filter(None, (vergleichsform(part) for part in name.replace("_", "-").split("-"))))
        or "region"
    )


def _build(arguments: argparse.Namespace) -> int:
    from sozialanalyse import build

    start = time.perf_counter()
    bar = _Fortschritt("Lieferungen")
    result = build.build(arguments.region, melder=lambda what, done, total: bar.set(what, done, total))
    bar.close()
    _print_findings(result.befunde, briefly=True)
    state = "neu" if result.neu else "unverändert"
    print(f"Datenbestand {result.bestand} ({state}, {time.perf_counter() - start:.1f} s): {result.ordner}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from sozialanalyse import build, parameters, store
    from sozialanalyse.region import lade_region

    place = lade_region(settings.regionsordner(arguments.region))
    findings = list(build.pruefe(place))
    if store.aktueller(settings.bestandsordner(place.ordner, place.id)):
        daten = store.load(place)
        for page in _parameter_files():
            try:
                parameters.laeufe(page, daten)
            except PruefFehler as error:
                findings += error.befunde
    _print_findings(findings)
    faults = sum(befund.schwere == "fehler" for befund in findings)
    print("Alles in Ordnung." if not findings else f"{len(findings)} Befunde, davon {faults} Fehler.")
    return 1 if faults else 0


def _run(arguments: argparse.Namespace) -> int:
    from sozialanalyse import batch

    ergebnis = batch.run(
        arguments.region,
        notebooks=arguments.notebook,
        jobs=arguments.jobs,
        force=arguments.force,
        only=arguments.only,
        limit=arguments.limit,
        out=arguments.out,
        fortschritt=_Fortschritt("Berichte"),
    )
    for protokoll in ergebnis.fehlgeschlagen:
        print(f"Fehlgeschlagen: {protokoll.schluessel}: {protokoll.fehler}", file=sys.stderr)
    print(
        f"{len(ergebnis.fertig)} Berichte erzeugt, {ergebnis.unveraendert} unverändert, "
        f"{len(ergebnis.fehlgeschlagen)} fehlgeschlagen ({ergebnis.sekunden:.1f} s)."
    )
    print(f"Übersicht: {ergebnis.index}")
    return 1 if ergebnis.fehlgeschlagen else 0


def _serve(arguments: argparse.Namespace) -> int:
    from sozialanalyse import batch

    batch.serve(
        arguments.region,
        port=arguments.port,
        ip=arguments.ip,
        audience=arguments.audience,
        browser=arguments.browser,
    )
    return 0


def _lab(arguments: argparse.Namespace) -> int:
    from sozialanalyse import batch

    place, notebooks, kernel = batch.lab_umgebung(arguments.region)
    environment = {**os.environ, "SOZIALANALYSE_REGION": str(place), "SOZIALANALYSE_AUDIENCE": "intern"}
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={notebooks}", *arguments.weitere]
    print(f"JupyterLab öffnet {notebooks} mit dem Kern „{kernel}“.")
    return subprocess.call(command, env=environment)


def _demo(arguments: argparse.Namespace) -> int:
    demo = argparse.Namespace(
        region=None, notebook=[], jobs=os.cpu_count() or 1, force=False, only=None, limit=None, out=None
    )
    code = _build(demo) or _run(demo)
    print("Im Browser öffnen mit: sozialanalyse serve --browser")
    return code


# --- what people see ----------------------------------------------------------------------------


def _parameter_files() -> list[Path]:
    from sozialanalyse.batch import projektordner

    return sorted((projektordner() / "parameters").glob("*.yml"))


def _print_findings(findings: Sequence[Befund], *, briefly: bool = False) -> None:
    """Faults first; with ``briefly`` only the faults and how many others there are."""
    order = {"fehler": 0, "warnung": 1, "hinweis": 2}
    for befund in sorted(findings, key=lambda found: order[found.schwere]):
        if not briefly or befund.schwere == "fehler":
            print(f"{befund.schwere.capitalize()}: {befund}", file=sys.stderr)
    others = sum(befund.schwere != "fehler" for befund in findings)
    if briefly and others:
        print(f"{others} Warnungen und Hinweise; alle zeigt „sozialanalyse check“.", file=sys.stderr)


class _Fortschritt:
    """Progress: a bar with time left on a terminal, plain lines in a log."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()

    def set(self, what: str, done: int, total: int) -> None:
        if not self._terminal:
            print(f"{self._name} {done}/{total}: {what}", file=sys.stderr, flush=True)
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, desc=self._name, unit="", leave=True)
        self._bar.set_postfix_str(what[:40])
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _exit() -> NoReturn:
    raise SystemExit(main())


if __name__ == "__main__":
    _exit()
