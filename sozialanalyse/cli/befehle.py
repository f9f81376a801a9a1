"""What the commands do; each returns the exit code and imports what only it needs."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sozialanalyse.base import (
    Befund,
    BestandFehler,
    LaufFehler,
    PruefFehler,
    SozialanalyseFehler,
    settings,
    vorschlag,
)
from sozialanalyse.cli import austausch
from sozialanalyse.cli.ausgabe import Fortschritt, aufruf, bestaende, kurz, vergleich, viele, zeige_befunde

if TYPE_CHECKING:
    import pandas as pd

    from sozialanalyse.region import Region


def init(arguments: argparse.Namespace) -> int:
    from sozialanalyse.region import skeleton

    if arguments.kommonitor is not None:
        return austausch.gruende(arguments)
    if arguments.aus is not None:
        return _gruende(arguments)
    skeleton.lege_an(arguments.ordner)
    print(f"Das Gerüst liegt in {arguments.ordner}. Wie es weitergeht, steht dort in LIESMICH.md;")
    print(f"was noch fehlt, sagt: {aufruf()} check --region {arguments.ordner}")
    return 0


def _gruende(arguments: argparse.Namespace) -> int:
    from sozialanalyse.vorschlag import gruende

    bar = Fortschritt("Dateien")
    try:
        found = gruende(arguments.aus, arguments.ordner, melder=bar.set)
    finally:
        bar.close()
    areas = found.gliederung
    print(f"Der Regionsordner liegt in {arguments.ordner}: {viele(len(areas.gebiete), 'Gebiet', 'Gebiete')} in "
          f"{viele(len(areas.kommunen), 'Kommune', 'Kommunen')}.")  # fmt: skip
    for name, draft in found.entwuerfe.items():
        print(f"indikatoren/{name}: {draft.bilanz()}")
    _fragen((("Noch offen", found.offen), ("Bitte bestätigen", found.bestaetigen), ("Keine Seite entstand aus", found.ungelesen)))  # fmt: skip
    print("Was auf den Seiten offen ist, steht dort in den ersten Zeilen; weiter geht es mit:")
    print(f"  {aufruf()} check --region {arguments.ordner}")
    return 0


def _fragen(lists: Iterable[tuple[str, Sequence[str]]]) -> None:
    for title, entries in lists:
        if entries:
            print(f"{title}:", file=sys.stderr)
            for number, entry in enumerate(entries, start=1):
                print(f"  {number}. {entry}", file=sys.stderr)


def entwirf(arguments: argparse.Namespace) -> int:
    from sozialanalyse.vorschlag import entwirf as draw_up

    out: Path | None = arguments.out
    if out is not None and out.exists():
        raise LaufFehler(
            f"„{kurz(out)}“ gibt es schon; es wurde nichts verändert. Bitte einen anderen Namen nennen."
        )
    start = time.perf_counter()
    draft = draw_up(arguments.datei, arguments.region)
    if out is None:
        print(draft.text, end="")
    else:
        _schreibe_neu(out, draft.text)
        print(f"Der Entwurf steht in {kurz(out)}.", file=sys.stderr)
    print(f"{draft.bilanz()} ({time.perf_counter() - start:.1f} s)", file=sys.stderr)
    _fragen((("Noch offen", draft.offen), ("Bitte bestätigen", draft.bestaetigen)))
    return 0


def _schreibe_neu(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        raise LaufFehler(f"„{path}“ lässt sich nicht anlegen. Bitte Pfad und Schreibrechte prüfen.") from None


def build(arguments: argparse.Namespace) -> int:
    from sozialanalyse import build
    from sozialanalyse.region import skeleton

    start = time.perf_counter()
    folder = settings.regionsordner(arguments.region)
    if (folder / "region.yml").exists():
        faults = [befund for befund in skeleton.offen(folder) if befund.schwere == "fehler"]
        if faults:
            raise PruefFehler(faults)
    bar = Fortschritt("Lieferungen")
    try:
        result = build.build(folder, melder=bar.set)
    finally:
        bar.close()
    zeige_befunde(result.befunde, briefly=True)
    if result.neu and result.befunde:
        print(f"Prüfprotokolle für die Lieferstellen: {kurz(result.protokolle)}")
    state = "neu" if result.neu else "unverändert"
    print(f"Datenbestand {result.bestand} ({state}, {time.perf_counter() - start:.1f} s): {result.ordner}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    from sozialanalyse import build
    from sozialanalyse.region import lade_region, skeleton

    folder = settings.regionsordner(arguments.region)
    findings = skeleton.offen(folder) if (folder / "region.yml").exists() else []
    bar = Fortschritt("Prüfung")
    try:
        place = lade_region(folder)
        findings += _read(build.pruefe_redaktion, place)
        findings += build.pruefe(place, protokolle=arguments.protokoll, melder=bar.set)
        findings += _check_pages(place)
    except PruefFehler as error:
        findings = skeleton.ergaenze(findings, error.befunde)
    finally:
        bar.close()
    faults = sum(befund.schwere == "fehler" for befund in findings)
    warnings = sum(befund.schwere == "warnung" for befund in findings)
    remarks = len(findings) - faults - warnings
    print(f"{viele(faults, 'Fehler', 'Fehler')}, {viele(warnings, 'Warnung', 'Warnungen')}, "
          f"{viele(remarks, 'Hinweis', 'Hinweise')}." + ("" if findings else " Alles in Ordnung."), flush=True)  # fmt: skip
    zeige_befunde(_as_delivered(folder, findings), alle=arguments.alle)
    return 1 if faults else 0


def _read(check: Callable[[Region], Sequence[Befund]], place: Region) -> list[Befund]:
    """Findings of a check that may end early; the others go on."""
    try:
        return list(check(place))
    except PruefFehler as error:
        return list(error.befunde)


def _as_delivered(folder: Path, findings: Sequence[Befund]) -> list[Befund]:
    """Findings in the words of the deliveries, as the suppliers' protocols have them: headings, German days."""
    from sozialanalyse.pruefprotokoll import gelesen
    from sozialanalyse.region import lade_katalog, lade_region

    try:
        pages = lade_katalog(lade_region(folder)).datensaetze
    except SozialanalyseFehler:
        return list(findings)
    return [
        replace(befund, text=gelesen(befund.text, pages[befund.datensatz]))
        if befund.datensatz in pages
        else befund
        for befund in findings
    ]


def _check_pages(place: Region) -> list[Befund]:
    """Findings of pages and of what they are made for; which values are possible is known once there are data."""
    from sozialanalyse import seiten, store

    project = settings.projektordner()
    findings = seiten.pruefe_seiten(project)
    if not store.aktueller(settings.bestandsordner(place.ordner, place.id)):
        sentence = "Die Läufe der Seiten werden geprüft, sobald es einen Datenbestand gibt."
        return [*findings, Befund("hinweis", sentence)]
    daten = store.load(place)
    for name in seiten.gemeint(project):
        try:
            seiten.laeufe(name, daten, project / "parameters", findings)
        except PruefFehler as error:
            findings += error.befunde
    return findings


def redaktion(arguments: argparse.Namespace) -> int:
    from sozialanalyse import seiten

    edited = {name: kind for name, kind in seiten.seiten().items() if kind.redigiert}
    if (kind := edited.get(arguments.bericht)) is None or kind.redigiert is None:
        raise LaufFehler(
            f"Zu „{arguments.bericht}“ gibt es keine eigenen Fassungen. {vorschlag(arguments.bericht, edited)}"
        )
    if arguments.region:
        os.environ["SOZIALANALYSE_REGION"] = str(arguments.region)
    os.environ["SOZIALANALYSE_STATISCH"] = "1"
    page: Any = kind(**{kind.redigiert[0]: arguments.ort})
    print(page.redaktionsvorlage(), end="")
    return 0


def snapshots(arguments: argparse.Namespace) -> int:
    from sozialanalyse import store
    from sozialanalyse.region import lade_region

    place = lade_region(settings.regionsordner(arguments.region))
    folder = settings.bestandsordner(place.ordner, place.id)
    known = store.liste(folder)
    if arguments.alt is None:
        print(
            known.to_json(orient="records", force_ascii=False, indent=1)
            if arguments.json
            else bestaende(known)
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
    one, other = (store.load(place, "intern", name) for name in names)
    found = store.vergleiche(*((daten.bestand, daten.werte(level=None)) for daten in (one, other)))
    print(json.dumps(found.als_dict(), ensure_ascii=False, indent=1) if arguments.json else vergleich(found))
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


def run(arguments: argparse.Namespace) -> int:
    from sozialanalyse import publish

    ergebnis = publish.run(
        arguments.region,
        notebooks=arguments.notebook,
        jobs=arguments.jobs,
        force=arguments.force,
        only=arguments.only,
        limit=arguments.limit,
        cluster=arguments.cluster,
        out=arguments.out,
        probe=arguments.probe,
        fortschritt=Fortschritt("Berichte"),
    )
    for protokoll in ergebnis.fehlgeschlagen:
        print(f"Fehlgeschlagen: {protokoll.schluessel}: {protokoll.satz}", file=sys.stderr)
    print(
        f"{viele(len(ergebnis.fertig), 'Bericht', 'Berichte')} erzeugt, {ergebnis.unveraendert} unverändert, "
        f"{len(ergebnis.fehlgeschlagen)} fehlgeschlagen ({ergebnis.sekunden:.1f} s)."
    )
    print(f"Übersicht: {ergebnis.index}")
    return 1 if ergebnis.fehlgeschlagen else 0


def runs(arguments: argparse.Namespace) -> int:
    from sozialanalyse import publish

    return publish.zeige(
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


def serve(arguments: argparse.Namespace) -> int:
    from sozialanalyse import serve

    serve.serve(
        arguments.region,
        port=arguments.port,
        ip=arguments.ip,
        audience=arguments.audience,
        browser=arguments.browser,
    )
    return 0


def export(arguments: argparse.Namespace) -> int:
    from sozialanalyse import publish

    pages = publish.exportiere(arguments.region, arguments.ordner, out=arguments.out)
    print(
        f"{viele(pages, 'öffentliche Seite', 'öffentliche Seiten')} in {arguments.ordner}; Einstieg: index.html."
    )
    return 0


def deploy(arguments: argparse.Namespace) -> int:
    from sozialanalyse import serve

    names = ("name", "audience", "anmeldung", "zertifikat", "schluessel", "benutzer")
    details = {name: getattr(arguments, name) for name in names}
    port = arguments.port or {"oeffentlich": 8866, "intern": 8868}.get(arguments.audience, 8870)
    details["ports"] = (port, port + 1)
    for path in serve.richte_ein(arguments.region, arguments.ordner, **details):
        print(kurz(path))
    print("Was damit zu tun ist, steht in der Anleitung für den Betrieb.")
    return 0


def lab(arguments: argparse.Namespace) -> int:
    from sozialanalyse import serve

    place, notebooks, kernel = serve.lab_umgebung(arguments.region)
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


def schutz(arguments: argparse.Namespace) -> int:
    from sozialanalyse import geheimhaltung, publish
    from sozialanalyse.region import lade_region

    place = lade_region(settings.regionsordner(arguments.region))
    if arguments.register:
        entries = geheimhaltung.register.eintraege(settings.registerordner(place.ordner, place.id))
        for row in entries.itertuples():
            print(f"{row.datum}  {row.bestand}  {row.audience}  {viele(row.zellen, 'Zelle', 'Zellen')}")
        print(viele(len(entries), "Veröffentlichung", "Veröffentlichungen") + " verzeichnet.")
        for row in geheimhaltung.register.zuruecknahmen(
            settings.registerordner(place.ordner, place.id)
        ).itertuples():
            print(f"zurückgenommen am {row.zurueckgenommen} von {row.von}: {row.bestand} ({row.grund})")
        return 0
    if arguments.zuruecknehmen is not None:
        if not (arguments.grund.strip() and arguments.wer.strip()):
            raise LaufFehler("Zum Zurücknehmen gehören --grund (warum es niemand sehen konnte) und --name.")
        files = publish.nimm_zurueck(
            place, arguments.zuruecknehmen, grund=arguments.grund, name=arguments.wer, out=arguments.out
        )
        print(f"Zurückgenommen; {viele(files, 'Datei', 'Dateien')} der fertigen Seiten gelöscht.")
        return 0
    offen, bekannt, zahl, adresse, anders = publish.pruefe_schutz(place, out=arguments.out)
    if anders:
        print(anders, file=sys.stderr)
    known = f", {bekannt} schon öffentlich" if bekannt else ""
    print(f"Angriff: {zahl} geschützte Größen geprüft, {offen} zu eng{known}.")
    print(f"Bericht: {adresse}")
    return 1 if offen else 0


def demo(arguments: argparse.Namespace) -> int:
    folder = _demoregion()
    demo = argparse.Namespace(
        **{"region": folder, "notebook": [], "jobs": arguments.jobs, "force": False, "only": None},
        **{"limit": None, "cluster": None, "out": None, "probe": False},
    )
    code = build(demo) or run(demo)
    print(f"Im Browser öffnen mit: {aufruf()} serve --browser --region {kurz(folder)}")
    return code


def _demoregion() -> Path:
    """The region folder below ``data`` whose values are marked as invented."""
    from sozialanalyse.region import lade_region

    for page in sorted((settings.projektordner() / "data").glob("*/region.yml")):
        with contextlib.suppress(PruefFehler):  # a page still being written is none to show
            if lade_region(page.parent).seite.synthetisch:
                return page.parent
    raise LaufFehler("Unter data liegt keine Region mit „synthetisch: true“, die sich vorführen ließe.")
