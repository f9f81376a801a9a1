"""Command line: every job of the workbench, in German, exit code 0 only when all of it is done."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sozialanalyse import settings
from sozialanalyse.errors import (
    Befund,
    BestandFehler,
    LaufFehler,
    PruefFehler,
    SozialanalyseFehler,
    vorschlag,
)

if TYPE_CHECKING:
    import pandas as pd

    from sozialanalyse import store
    from sozialanalyse.region import Region

JOBS = (os.cpu_count() or 1) + 1
"""One more than there are processors: while one kernel starts or ends, the others compute."""
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
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s ist nicht eindeutig: %(matches)s",
    "ignored explicit argument %r": "%r ist hier überzählig",
    "not allowed with argument %s": "nicht zusammen mit %s",
    "%(prog)s: error: %(message)s\n": "%(prog)s: %(message)s\n",
}


@contextlib.contextmanager
def _german() -> Iterator[None]:
    """argparse asks gettext for its words; answer in German without a catalogue file."""
    before = argparse._  # type: ignore[attr-defined]
    argparse._ = lambda message: DEUTSCH.get(message, message)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        argparse._ = before  # type: ignore[attr-defined]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a narrow character set must not stop the work
            stream.reconfigure(errors="replace")
    with _german():
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


def _anzahl(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"erwartet wird eine ganze Zahl ab 1, nicht {text!r}")
    return int(text)


def _zielgruppe(text: str) -> str:
    """One of the audiences; which Kommunen there are is known once the region is read."""
    if text not in ("oeffentlich", "intern") and not text.startswith("kommune:"):
        raise argparse.ArgumentTypeError(
            f"{text!r} gibt es nicht; möglich: oeffentlich, intern, kommune:KENNUNG"
        )
    return text


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(prog="sozialanalyse", description="Werkbank der Sozialplanung.")
    top.add_argument(
        "--version", action="version", version=f"sozialanalyse {settings.VERSION}", help="die Version zeigen"
    )
    commands = top.add_subparsers(title="Befehle", metavar="BEFEHL", required=True, dest="name")

    def command(name: str, job: Any, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(befehl=job)
        return sub

    def region(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--region", metavar="ORDNER", help="Regionsordner (sonst der einzige unter data/)")

    def jobs(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--jobs", type=_anzahl, default=JOBS, metavar="N", help="so viele gleichzeitig")

    def audience(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--audience",
            type=_zielgruppe,
            default="oeffentlich",
            metavar="ZIELGRUPPE",
            help="oeffentlich, intern oder kommune:KENNUNG",
        )

    def only(sub: argparse.ArgumentParser) -> None:
        about = "nur passende Läufe: Teil des Namens, Muster mit * oder PARAMETER=WERT; Komma heißt oder, Leerzeichen und"
        sub.add_argument("--only", metavar="AUSDRUCK", help=about)

    def out(sub: argparse.ArgumentParser, about: str) -> None:
        sub.add_argument("--out", metavar="ORT", help=f"{about}: Ordner oder Adresse wie s3://…")

    sub = command("init", _init, "Gerüst eines Regionsordners anlegen")
    sub.add_argument("ordner", metavar="ORDNER", type=Path, help="neuer Ordner, zum Beispiel data/mein-kreis")
    sub = command("build", _build, "Lieferungen einlesen, prüfen und als Datenbestand ablegen")
    region(sub)
    sub = command("check", _check, "Regionsordner, Parameter und Lieferungen prüfen, ohne etwas zu schreiben")
    region(sub)
    sub.add_argument(
        "--protokoll",
        type=Path,
        metavar="ORDNER",
        help="Prüfprotokolle für die Lieferstellen hierhin schreiben",
    )
    sub = command("snapshots", _snapshots, "Datenbestände auflisten oder zwei miteinander vergleichen")
    sub.add_argument("alt", nargs="?", metavar="ALT", help="Name des älteren Bestands (der Anfang genügt)")
    sub.add_argument("neu", nargs="?", metavar="NEU", help="Name des neueren; sonst der aktuelle")
    region(sub)
    sub.add_argument("--json", action="store_true", help="als JSON, für andere Programme")
    sub.add_argument("--aktuell", action="store_true", help="den genannten Bestand zum geltenden machen")
    sub = command("run", _run, "Berichte erzeugen, die fehlen oder nicht mehr aktuell sind")
    sub.add_argument(
        "notebook", nargs="*", metavar="NOTEBOOK", help="nur diese Notebooks, zum Beispiel cluster"
    )
    region(sub)
    jobs(sub)
    sub.add_argument("--force", action="store_true", help="auch erzeugen, was aktuell ist")
    only(sub)
    sub.add_argument("--limit", type=_anzahl, metavar="N", help="höchstens so viele Läufe")
    sub.add_argument("--cluster", metavar="ADRESSE", help="auf den Rechnern dieses Dask-Schedulers, tcp://…")
    out(sub, "Ergebnisse hierhin schreiben")
    sub = command(
        "runs", _runs, "Zeigen, was zuletzt erzeugt wurde und welche Ergebnisse sich geändert haben"
    )
    sub.add_argument("notebook", nargs="*", metavar="NOTEBOOK", help="nur diese Notebooks")
    region(sub)
    only(sub)
    sub.add_argument(
        "--limit", type=_anzahl, default=20, metavar="N", help="die letzten so vielen Läufe (20)"
    )
    sub.add_argument("--failed", action="store_true", help="nur fehlgeschlagene Läufe")
    sub.add_argument(
        "--changes", action="store_true", help="nur was sich gegenüber dem vorigen Datenbestand geändert hat"
    )
    audience(sub)
    sub.add_argument(
        "--table",
        type=Path,
        metavar="DATEI",
        help="alle Läufe als Tabelle schreiben (.parquet, .csv, .jsonl)",
    )
    out(sub, "Ergebnisse, um die es geht")
    sub = command("serve", _serve, "Berichte und interaktive Seiten im Browser anbieten")
    region(sub)
    sub.add_argument("--port", type=int, default=8866, metavar="PORT", help="an diesem Port anbieten (8866)")
    sub.add_argument("--ip", default="127.0.0.1", metavar="ADRESSE", help="an dieser Adresse anbieten")
    audience(sub)
    sub.add_argument("--browser", action="store_true", help="gleich im Browser öffnen")
    sub = command("deploy", _deploy, "Dateien für nginx, systemd und JupyterHub auf diesem Rechner schreiben")
    sub.add_argument(
        "ordner", metavar="ORDNER", type=Path, help="dorthin, zum Beispiel /srv/sozialanalyse/betrieb"
    )
    region(sub)
    sub.add_argument(
        "--name", required=True, metavar="RECHNER", help="Name, unter dem die Seiten erreichbar sind"
    )
    audience(sub)
    sub.add_argument(
        "--port", type=int, metavar="PORT", help="erster von zwei Ports (8866, intern 8868, Kommune 8870)"
    )
    sub.add_argument("--anmeldung", choices=["schluessel", "proxy"], default="schluessel", help="wer die Anmeldung prüft, wo es eine gibt")  # fmt: skip
    sub.add_argument(
        "--zertifikat", default="", metavar="DATEI", help="TLS-Zertifikat; ohne wird nur http angeboten"
    )
    sub.add_argument("--schluessel", default="", metavar="DATEI", help="privater Schlüssel zum Zertifikat")
    sub.add_argument(
        "--benutzer", default="sozialanalyse", metavar="KONTO", help="Konto, unter dem der Dienst läuft"
    )
    sub = command("redaktion", _redaktion, "Sätze eines Berichts als Vorlage für eigene Fassungen ausgeben")
    sub.add_argument(
        "bericht", choices=["kommunalprofil", "sozialraumprofil", "themenreport"], help="welcher Bericht"
    )
    sub.add_argument("ort", metavar="ORT", help="Kennung der Kommune, des Gebiets oder des Themenreports")
    region(sub)
    sub = command("lab", _lab, "Notebooks in JupyterLab öffnen")
    region(sub)
    sub.add_argument("weitere", nargs="*", metavar="OPTION", help="weitere Angaben an JupyterLab")
    sub = command(
        "schutz", _schutz, "Bericht zur Geheimhaltung schreiben: Regeln, Kosten, Ergebnis des Angriffs"
    )
    region(sub)
    sub.add_argument("--out", metavar="ORDNER", help="Bericht hierhin schreiben")
    sub.add_argument(
        "--register", action="store_true", help="nur das Verzeichnis der Veröffentlichungen zeigen"
    )
    sub = command("demo", _demo, "Mit der mitgelieferten Region alles einmal zeigen")
    jobs(sub)
    return top


# --- commands -----------------------------------------------------------------------------------


def _init(arguments: argparse.Namespace) -> int:
    from sozialanalyse import skeleton

    skeleton.lege_an(arguments.ordner)
    print(f"Das Gerüst liegt in {arguments.ordner}. Wie es weitergeht, steht dort in LIESMICH.md;")
    print(f"was noch fehlt, sagt: {_aufruf()} check --region {arguments.ordner}")
    return 0


def _build(arguments: argparse.Namespace) -> int:
    from sozialanalyse import build, skeleton

    start = time.perf_counter()
    folder = settings.regionsordner(arguments.region)
    if (folder / "region.yml").exists():
        faults = [befund for befund in skeleton.offen(folder) if befund.schwere == "fehler"]
        if faults:
            raise PruefFehler(faults)
    bar = _Fortschritt("Lieferungen")
    try:
        result = build.build(folder, melder=bar.set)
    finally:
        bar.close()
    _print_findings(result.befunde, briefly=True)
    if result.neu and result.befunde:
        print(f"Prüfprotokolle für die Lieferstellen: {_kurz(result.protokolle)}")
    state = "neu" if result.neu else "unverändert"
    print(f"Datenbestand {result.bestand} ({state}, {time.perf_counter() - start:.1f} s): {result.ordner}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from sozialanalyse import build, redaktion, skeleton
    from sozialanalyse.region import lade_region

    folder = settings.regionsordner(arguments.region)
    findings = skeleton.offen(folder) if (folder / "region.yml").exists() else []
    try:
        place = lade_region(folder)
        findings += build.pruefe(place, protokolle=arguments.protokoll)
        findings += _check_parameters(place)
        redaktion.themen(place.ordner)
        redaktion.aenderungen(place.ordner)
    except PruefFehler as error:
        findings = skeleton.ergaenze(findings, error.befunde)
    _print_findings(findings)
    faults = sum(befund.schwere == "fehler" for befund in findings)
    number = _viele(len(findings), "Befund", "Befunde")
    print(f"{number}, davon {faults} Fehler." if findings else "Alles in Ordnung.")
    return 1 if faults else 0


def _redaktion(arguments: argparse.Namespace) -> int:
    from sozialanalyse import berichte

    if arguments.region:
        os.environ["SOZIALANALYSE_REGION"] = str(arguments.region)
    os.environ["SOZIALANALYSE_STATISCH"] = "1"
    print(berichte.redaktionsvorlage(arguments.bericht, arguments.ort), end="")
    return 0


def _check_parameters(place: Region) -> list[Befund]:
    """Findings of the parameter files; which values are possible is known once there are data."""
    from sozialanalyse import parameters, store

    if not store.aktueller(settings.bestandsordner(place.ordner, place.id)):
        sentence = "Die Dateien unter parameters werden geprüft, sobald es einen Datenbestand gibt."
        return [Befund("hinweis", sentence)]
    daten = store.load(place)
    findings: list[Befund] = []
    for page in _parameter_files():
        try:
            parameters.laeufe(page, daten)
        except PruefFehler as error:
            findings += error.befunde
    return findings


def _snapshots(arguments: argparse.Namespace) -> int:
    from sozialanalyse import store
    from sozialanalyse.region import lade_region

    place = lade_region(settings.regionsordner(arguments.region))
    folder = settings.bestandsordner(place.ordner, place.id)
    known = store.liste(folder)
    if arguments.alt is None:
        print(
            known.to_json(orient="records", force_ascii=False, indent=1)
            if arguments.json
            else _bestaende(known)
        )
        return 0
    if arguments.aktuell:
        name = _bestand(known, arguments.alt)
        if not store.unversehrt(folder / name):
            raise BestandFehler(f"Der Bestand „{name}“ ist beschädigt; der bisherige bleibt gültig.")
        store.mache_aktuell(folder, name)
        print(f"Es gilt nun der Datenbestand {name}.")
        return 0
    names = [
        _bestand(known, name) for name in (arguments.alt, arguments.neu or store.aktueller(folder) or "")
    ]
    one, other = (store.load(place, bestand=name) for name in names)
    found = store.vergleiche(*((daten.bestand, daten.werte(level=None)) for daten in (one, other)))
    print(json.dumps(found.als_dict(), ensure_ascii=False, indent=1) if arguments.json else _vergleich(found))
    return 0


def _bestand(known: pd.DataFrame, name: str) -> str:
    """Full name of the snapshot whose name begins so."""
    fits = [full for full in known["bestand"] if name and full.startswith(name)]
    if len(fits) != 1:
        several = (
            f"Mit „{name}“ beginnen mehrere Bestände." if fits else f"Den Bestand „{name}“ gibt es nicht."
        )
        raise BestandFehler(f"{several} {vorschlag(name, known['bestand'])}")
    return fits[0]


def _bestaende(known: pd.DataFrame) -> str:
    if known.empty:
        return "Es gibt noch keinen Datenbestand; „sozialanalyse build“ legt einen an."
    lines = [f"{'Bestand':<14}{'erstellt':<18}{'Dateien':>8}{'Werte':>10}"]
    for row in known.itertuples():
        created = f"{datetime.fromisoformat(row.erstellt):%d.%m.%Y %H:%M}" if row.erstellt else "unbekannt"
        mark = "  ← aktuell" if row.aktuell else ""
        mark += "" if row.lesbar else "  beschädigt"
        lines.append(f"{row.bestand:<14}{created:<18}{row.dateien:>8}{row.zeilen:>10}{mark}")
    return "\n".join(lines)


def _vergleich(found: store.Vergleich) -> str:
    lines = [f"Von {found.alt} nach {found.neu}:"]
    lines += [f"  Lieferung {row.art}: {row.datei}" for row in found.dateien.itertuples()]
    if found.werte.empty:
        return "\n".join([*lines, "  Kein Wert hat sich geändert."])
    lines.append(
        f"{'Indikator':<12}{'Stichtag':<12}{'neu':>7}{'entfallen':>11}{'geändert':>10}{'Status':>8}{'größte Differenz':>18}"
    )
    for row in found.uebersicht().itertuples():
        largest = "" if row.groesste != row.groesste else f"{row.groesste:.6g}".replace(".", ",")
        lines.append(
            f"{row.indikator_id:<12}{row.stichtag:<12}{row.neu:>7}{row.entfallen:>11}{row.wert:>10}{row.status:>8}{largest:>18}"
        )
    return "\n".join(
        [*lines, f"{_viele(len(found.werte), 'Wert', 'Werte')} verschieden; jeden einzeln zeigt --json."]
    )


def _run(arguments: argparse.Namespace) -> int:
    from sozialanalyse import batch

    ergebnis = batch.run(
        arguments.region,
        notebooks=arguments.notebook,
        jobs=arguments.jobs,
        force=arguments.force,
        only=arguments.only,
        limit=arguments.limit,
        cluster=arguments.cluster,
        out=arguments.out,
        fortschritt=_Fortschritt("Berichte"),
    )
    for protokoll in ergebnis.fehlgeschlagen:
        print(f"Fehlgeschlagen: {protokoll.schluessel}: {protokoll.satz}", file=sys.stderr)
    print(
        f"{_viele(len(ergebnis.fertig), 'Bericht', 'Berichte')} erzeugt, {ergebnis.unveraendert} unverändert, "
        f"{len(ergebnis.fehlgeschlagen)} fehlgeschlagen ({ergebnis.sekunden:.1f} s)."
    )
    print(f"Übersicht: {ergebnis.index}")
    return 1 if ergebnis.fehlgeschlagen else 0


def _runs(arguments: argparse.Namespace) -> int:
    from sozialanalyse import batch

    return batch.zeige(
        arguments.region,
        notebooks=arguments.notebook,
        only=arguments.only,
        limit=arguments.limit,
        failed=arguments.failed,
        changes=arguments.changes,
        audience=arguments.audience,
        table=arguments.table,
        out=arguments.out,
    )


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


def _deploy(arguments: argparse.Namespace) -> int:
    from sozialanalyse import batch

    names = ("name", "audience", "anmeldung", "zertifikat", "schluessel", "benutzer")
    details = {name: getattr(arguments, name) for name in names}
    port = arguments.port or {"oeffentlich": 8866, "intern": 8868}.get(arguments.audience, 8870)
    details["ports"] = (port, port + 1)
    for path in batch.richte_ein(arguments.region, arguments.ordner, **details):
        print(_kurz(path))
    print("Was damit zu tun ist, steht in der Anleitung für den Betrieb.")
    return 0


def _lab(arguments: argparse.Namespace) -> int:
    from sozialanalyse import batch

    place, notebooks, kernel = batch.lab_umgebung(arguments.region)
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={notebooks}"]
    command += [f"--MultiKernelManager.default_kernel_name={kernel}", "--ServerApp.answer_yes=True"]
    command += ["--ServerApp.kernel_spec_manager_class=sozialanalyse.kernels.kernelspec.WarmByDefault"]
    print(f"JupyterLab öffnet {notebooks}. Beenden mit Strg+C.", flush=True)
    environment = {**os.environ, "SOZIALANALYSE_REGION": str(place)}
    process = subprocess.Popen([*command, *arguments.weitere], env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # JupyterLab has heard it too and ends its kernels first
            continue


def _schutz(arguments: argparse.Namespace) -> int:
    from sozialanalyse import batch, geheimhaltung
    from sozialanalyse.region import lade_region

    place = lade_region(settings.regionsordner(arguments.region))
    if arguments.register:
        entries = geheimhaltung.register.eintraege(settings.registerordner(place.ordner, place.id))
        for row in entries.itertuples():
            print(f"{row.datum}  {row.bestand}  {row.audience}  {_viele(row.zellen, 'Zelle', 'Zellen')}")
        print(_viele(len(entries), "Veröffentlichung", "Veröffentlichungen") + " verzeichnet.")
        return 0
    offen, zahl, adresse = batch.schutz(place, out=arguments.out)
    print(f"Angriff: {zahl} geschützte Größen geprüft, {offen} zu eng.")
    print(f"Bericht: {adresse}")
    return 1 if offen else 0


def _demo(arguments: argparse.Namespace) -> int:
    folder = _demoregion()
    demo = argparse.Namespace(
        **{"region": folder, "notebook": [], "jobs": arguments.jobs, "force": False, "only": None},
        **{"limit": None, "cluster": None, "out": None},
    )
    code = _build(demo) or _run(demo)
    print(f"Im Browser öffnen mit: {_aufruf()} serve --browser --region {_kurz(folder)}")
    return code


def _demoregion() -> Path:
    """The region folder below ``data`` whose values are marked as invented."""
    from sozialanalyse.batch import projektordner
    from sozialanalyse.region import lade_region

    for page in sorted((projektordner() / "data").glob("*/region.yml")):
        with contextlib.suppress(PruefFehler):  # a page still being written is none to show
            if lade_region(page.parent).seite.synthetisch:
                return page.parent
    raise LaufFehler("Unter data liegt keine Region mit „synthetisch: true“, die sich vorführen ließe.")


def _aufruf() -> str:
    """How this program was called, as a reader would type it again."""
    found, own = shutil.which("sozialanalyse"), Path(sys.argv[0])
    if own.name != "sozialanalyse" or (found and Path(found).resolve() == own.resolve()):
        return "sozialanalyse"
    return _kurz(own)


def _kurz(path: Path) -> str:
    """Path from here if it lies below, else in full."""
    full = path.resolve() if not path.is_symlink() else path.absolute()
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(full)


# --- what people see ----------------------------------------------------------------------------


def _parameter_files() -> list[Path]:
    from sozialanalyse.batch import projektordner

    return sorted((projektordner() / "parameters").glob("*.yml"))


def _viele(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _print_findings(findings: Sequence[Befund], *, briefly: bool = False) -> None:
    """Faults first; with ``briefly`` only the faults and how many others there are."""
    order = {"fehler": 0, "warnung": 1, "hinweis": 2}
    for befund in sorted(findings, key=lambda found: order[found.schwere]):
        if not briefly or befund.schwere == "fehler":
            if Path(befund.datei).is_absolute():
                befund = replace(befund, datei=_kurz(Path(befund.datei)))
            print(f"{befund.schwere.capitalize()}: {befund}", file=sys.stderr)
    others = sum(befund.schwere != "fehler" for befund in findings)
    if briefly and others:
        number = _viele(others, "Warnung oder Hinweis", "Warnungen und Hinweise")
        print(f"{number}; alle zeigt „sozialanalyse check“.", file=sys.stderr)


class _Fortschritt:
    """Progress: a bar with time left on a terminal, plain lines in a log."""

    FORM = "{desc} {n_fmt}/{total_fmt} |{bar:24}| {elapsed}, noch {remaining} {postfix}"

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()
        self._began = time.monotonic()

    def sage(self, satz: str) -> None:
        """One line that stays, outside the bar."""
        print(f"{self._name}: {satz}", file=sys.stderr, flush=True)

    def set(self, what: str, done: int, total: int) -> None:
        if not self._terminal:
            print(
                f"{self._name} {done}/{total}: {what}{self._left(done, total)}", file=sys.stderr, flush=True
            )
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, desc=self._name, bar_format=self.FORM, leave=True)
        self._bar.set_postfix_str(what[:40])
        self._bar.update(done - self._bar.n)

    def _left(self, done: int, total: int) -> str:
        """Time left in words, every tenth line."""
        if done == 0 or done == total or done % 10:
            return ""
        seconds = (time.monotonic() - self._began) / done * (total - done)
        return f" (noch etwa {seconds / 60:.0f} min)" if seconds > 90 else f" (noch etwa {seconds:.0f} s)"

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _exit() -> NoReturn:
    raise SystemExit(main())


if __name__ == "__main__":
    _exit()
