"""What can be typed: all commands with their options, and argparse in German."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sozialanalyse.base import settings
from sozialanalyse.cli import austausch, befehle

JOBS = (os.cpu_count() or 1) + 1
"""One more than there are processors: while one kernel starts or ends, the others compute."""
LAB = "lab"
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
def deutsch() -> Iterator[None]:
    """argparse asks gettext for its words; answer in German without a catalogue file."""
    before = argparse._  # type: ignore[attr-defined]
    argparse._ = lambda message: DEUTSCH.get(message, message)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        argparse._ = before  # type: ignore[attr-defined]


def anzahl(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"erwartet wird eine ganze Zahl ab 1, nicht {text!r}")
    return int(text)


def zielgruppe(text: str) -> str:
    """One of the audiences; which Kommunen there are is known once the region is read."""
    if text not in ("oeffentlich", "intern") and not text.startswith("kommune:"):
        raise argparse.ArgumentTypeError(
            f"{text!r} gibt es nicht; möglich: oeffentlich, intern, kommune:KENNUNG"
        )
    return text


def lies(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read what was typed; options that ``lab`` does not know are JupyterLab's, in their order."""
    top = parser()
    arguments, others = top.parse_known_args(argv)
    if others and arguments.name != LAB:
        top.error(argparse._("unrecognized arguments: %s") % " ".join(others))  # type: ignore[attr-defined]
    arguments.weitere = [other for other in others if other != "--"]
    return arguments


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
        sub.add_argument("--jobs", type=anzahl, default=JOBS, metavar="N", help="so viele gleichzeitig")

    def audience(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--audience",
            type=zielgruppe,
            default="oeffentlich",
            metavar="ZIELGRUPPE",
            help="oeffentlich, intern oder kommune:KENNUNG",
        )

    def only(sub: argparse.ArgumentParser) -> None:
        about = "nur passende Läufe: Teil des Namens, Muster mit * oder PARAMETER=WERT; Komma heißt oder, Leerzeichen und"
        sub.add_argument("--only", metavar="AUSDRUCK", help=about)

    def out(sub: argparse.ArgumentParser, about: str) -> None:
        sub.add_argument("--out", metavar="ORT", help=f"{about}: Ordner oder Adresse wie s3://…")

    sub = command("init", befehle.init, "Gerüst eines Regionsordners anlegen")
    sub.add_argument("ordner", metavar="ORDNER", type=Path, help="neuer Ordner, zum Beispiel data/mein-kreis")
    sub.add_argument(
        "--kommonitor",
        metavar="ADRESSE",
        help="Adresse eines KomMonitor: Gebiete, Themen und Datensatzseiten daraus vorschlagen",
    )
    sub.add_argument(
        "--aus",
        type=Path,
        metavar="QUELLE",
        help="Ordner mit Lieferungen oder Umrissen: Gebietslisten, region.yml und Datensatzseiten daraus entwerfen",
    )
    sub = command(
        "vorschlag",
        befehle.entwirf,
        "Datensatzseite zu einer gelieferten Datei entwerfen, mit allem, was sie nicht sagt, als offene Frage",
    )
    sub.add_argument(
        "datei", metavar="DATEI", type=Path, help="Lieferung, zum Beispiel eine Arbeitsmappe oder CSV"
    )
    region(sub)
    sub.add_argument(
        "--out",
        type=Path,
        metavar="SEITE",
        help="in diese neue Datei schreiben, zum Beispiel indikatoren/einwohner.yml (sonst auf den Bildschirm)",
    )
    austausch.melde_an(command, region)
    sub = command("build", befehle.build, "Lieferungen einlesen, prüfen und als Datenbestand ablegen")
    region(sub)
    sub = command(
        "check", befehle.check, "Regionsordner, Parameter und Lieferungen prüfen, ohne etwas zu schreiben"
    )
    region(sub)
    sub.add_argument(
        "--protokoll",
        type=Path,
        metavar="ORDNER",
        help="Prüfprotokolle für die Lieferstellen hierhin schreiben",
    )
    sub.add_argument("--alle", action="store_true", help="jeden Befund zeigen, auch viele gleicher Art")
    sub = command("snapshots", befehle.snapshots, "Datenbestände auflisten oder zwei miteinander vergleichen")
    sub.add_argument("alt", nargs="?", metavar="ALT", help="Name des älteren Bestands (der Anfang genügt)")
    sub.add_argument("neu", nargs="?", metavar="NEU", help="Name des neueren; sonst der aktuelle")
    region(sub)
    sub.add_argument("--json", action="store_true", help="als JSON, für andere Programme")
    sub.add_argument("--aktuell", action="store_true", help="den genannten Bestand zum geltenden machen")
    sub = command("run", befehle.run, "Berichte erzeugen, die fehlen oder nicht mehr aktuell sind")
    sub.add_argument(
        "notebook", nargs="*", metavar="NOTEBOOK", help="nur diese Notebooks, zum Beispiel cluster"
    )
    region(sub)
    jobs(sub)
    sub.add_argument("--force", action="store_true", help="auch erzeugen, was aktuell ist")
    only(sub)
    sub.add_argument("--limit", type=anzahl, metavar="N", help="höchstens so viele Läufe")
    sub.add_argument(
        "--probe",
        action="store_true",
        help="nur ausprobieren: eigener Ordner, gilt nicht als Veröffentlichung",
    )
    sub.add_argument("--cluster", metavar="ADRESSE", help="auf den Rechnern dieses Dask-Schedulers, tcp://…")
    out(sub, "Ergebnisse hierhin schreiben")
    sub = command(
        "runs", befehle.runs, "Zeigen, was zuletzt erzeugt wurde und welche Ergebnisse sich geändert haben"
    )
    sub.add_argument("notebook", nargs="*", metavar="NOTEBOOK", help="nur diese Notebooks")
    region(sub)
    only(sub)
    sub.add_argument("--limit", type=anzahl, default=20, metavar="N", help="die letzten so vielen Läufe (20)")
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
    sub = command("serve", befehle.serve, "Berichte und interaktive Seiten im Browser anbieten")
    region(sub)
    sub.add_argument("--port", type=int, default=8866, metavar="PORT", help="an diesem Port anbieten (8866)")
    sub.add_argument("--ip", default="127.0.0.1", metavar="ADRESSE", help="an dieser Adresse anbieten")
    audience(sub)
    sub.add_argument("--browser", action="store_true", help="gleich im Browser öffnen")
    sub = command(
        "export", befehle.export, "Fertige öffentliche Seiten in einen Ordner legen, für Stick oder Webserver"
    )
    sub.add_argument("ordner", metavar="ORDNER", type=Path, help="neuer oder leerer Ordner")
    region(sub)
    out(sub, "Ergebnisse, um die es geht")
    sub = command(
        "deploy", befehle.deploy, "Dateien für nginx, systemd und JupyterHub auf diesem Rechner schreiben"
    )
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
    sub = command(
        "redaktion", befehle.redaktion, "Sätze eines Berichts als Vorlage für eigene Fassungen ausgeben"
    )
    sub.add_argument("bericht", metavar="BERICHT", help="welcher Bericht, zum Beispiel kommunalprofil")
    sub.add_argument("ort", metavar="ORT", help="Kennung der Kommune, des Gebiets oder des Themenreports")
    region(sub)
    sub = command(LAB, befehle.lab, "Notebooks in JupyterLab öffnen; weitere Optionen gehen an JupyterLab")
    region(sub)
    sub = command(
        "schutz", befehle.schutz, "Bericht zur Geheimhaltung schreiben: Regeln, Kosten, Ergebnis des Angriffs"
    )
    region(sub)
    sub.add_argument("--out", metavar="ORDNER", help="Bericht hierhin schreiben")
    sub.add_argument(
        "--register", action="store_true", help="nur das Verzeichnis der Veröffentlichungen zeigen"
    )
    sub.add_argument(
        "--zuruecknehmen",
        metavar="BESTAND",
        help="eine Veröffentlichung streichen, die außen niemand sehen konnte",
    )
    sub.add_argument("--grund", default="", metavar="TEXT", help="warum sie niemand sehen konnte")
    sub.add_argument("--name", dest="wer", default="", metavar="NAME", help="wer das bestätigt")
    sub = command("demo", befehle.demo, "Mit der mitgelieferten Region alles einmal zeigen")
    jobs(sub)
    return top
