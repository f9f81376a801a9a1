"""From a snapshot to published reports: plans, runs, index, web service; combines the last stages."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from sozialanalyse import geheimhaltung, kernels, redaktion, settings, store
from sozialanalyse.catalogue import lade_katalog
from sozialanalyse.errors import LaufFehler, SozialanalyseFehler, vorschlag
from sozialanalyse.parameters import Lauf, laeufe
from sozialanalyse.present import theme
from sozialanalyse.publish import protokolle as tafel
from sozialanalyse.publish import runs, schutzbericht, uebersicht, verbund
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import BEILAGE, Rahmen, beilagen, notebook_inhalt, seite
from sozialanalyse.publish.navigation import START, navigation
from sozialanalyse.region import Region, lade_region
from sozialanalyse.texts import text
from sozialanalyse.zwischenspeicher import Zwischenspeicher

if TYPE_CHECKING:
    import pandas as pd


SCHUTZBERICHT = f"{runs.bereich('intern')}geheimhaltung.html"
"""Name of the attack report among the results."""


class Fortschritt(Protocol):
    def set(self, what: str, done: int, total: int) -> None: ...
    def sage(self, satz: str) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Ergebnis:
    """What a batch led to."""

    fertig: tuple[runs.Protokoll, ...]
    fehlgeschlagen: tuple[runs.Protokoll, ...]
    unveraendert: int
    index: str
    sekunden: float


def projektordner() -> Path:
    """Folder that holds ``notebooks`` and ``parameters``: here or above.

    Raises
    ------
    LaufFehler
        If there is none.
    """
    for base in [Path.cwd(), *Path.cwd().parents, Path(__file__).parents[1]]:
        if (base / "notebooks").is_dir() and (base / "parameters").is_dir():
            return base
    raise LaufFehler(
        "Die Ordner notebooks und parameters sind hier nicht zu finden. Bitte im Projektordner aufrufen."
    )


def run(
    region: str | Path | None = None,
    *,
    notebooks: Sequence[str] = (),
    jobs: int = 1,
    force: bool = False,
    only: str | None = None,
    limit: int | None = None,
    cluster: str | None = None,
    out: str | Path | None = None,
    fortschritt: Fortschritt,
) -> Ergebnis:
    """Make every report that is missing or out of date, then the pages around them.

    Parameters
    ----------
    cluster
        Address of a Dask scheduler whose workers do the work; ``jobs`` is then theirs.
    out
        Folder or fsspec URL of the results.

    Raises
    ------
    PruefFehler
        If a parameter file is faulty; nothing is run then.
    LaufFehler
        If nothing matches, nothing can be written, or the cluster does not answer.
    """
    start = time.perf_counter()
    place = lade_region(settings.regionsordner(region))
    daten = store.load(place, "oeffentlich")
    pruefe_veroeffentlichung(place)
    project = projektordner()
    pages = {page.stem: laeufe(page, daten) for page in _choose(project, ())}
    alle = [lauf for page in pages.values() for lauf in page]
    chosen = [lauf for page in _choose(project, notebooks) for lauf in pages[page.stem]]
    wanted = [lauf for lauf in chosen if not only or passt(lauf, only)]
    if not wanted:
        raise LaufFehler("Kein Lauf passt zu dieser Auswahl. Bitte --only oder die Notebooks prüfen.")
    ablage = Ablage(out or settings.ergebnisordner(place.ordner, place.id))
    vorlage = rahmen(place, daten, _overall(alle))
    auftraege, current = runs.plane(
        wanted,
        notebooks=project / "notebooks",
        ablage=ablage,
        bestand=daten.ordner.name,
        rahmen=lambda lauf: runs.rahmen_fuer(lauf, vorlage, titel(lauf, daten)),
        kern=kernels.NAME,
        erzwingen=force,
        umgebung=_kernel_environment(place, daten),
        schreibt_selbst=ablage.fern or not cluster,
        redaktion=redaktion.stand(place.ordner),
    )
    auftraege = auftraege[:limit]
    done: list[runs.Protokoll] = []

    def report(protokoll: runs.Protokoll) -> None:
        done.append(protokoll)
        fortschritt.set(protokoll.schluessel, len(done), len(auftraege))

    _writable(ablage)
    lege_beilagen(ablage)
    try:
        if auftraege:
            for reason, number in Counter(auftrag.grund for auftrag in auftraege).most_common():
                fortschritt.sage(f"{number} × {reason}")
            fortschritt.set("", 0, len(auftraege))
            _work(auftraege, ablage, jobs, cluster, report)
    finally:
        fortschritt.close()
        index = schreibe_uebersicht(ablage, place, daten, alle)
    if any(lauf.parameter.audience == "oeffentlich" for lauf in wanted) and (
        auftraege or not _entered(place, daten, ablage)
    ):
        schreibe_schutzbericht(place, ablage)
    if not (notebooks or only or limit):
        raeume_beilagen(ablage)
    for audience in store.AUDIENCES:
        Zwischenspeicher(settings.zwischenordner(place.ordner, place.id, audience)).raeume_auf()
    return Ergebnis(
        tuple(p for p in done if p.status == "fertig"),
        tuple(p for p in done if p.status == "fehler"),
        len(current),
        index,
        time.perf_counter() - start,
    )


def pruefe_veroeffentlichung(region: Region) -> None:
    """Refuse to publish a snapshot from which hidden values follow.

    Raises
    ------
    LaufFehler
        With the reasons, the first ten of them.
    """
    inside = store.load(region, "intern")
    narrow = inside.schutz("ziele").query("~geschuetzt")
    if not len(narrow):
        return
    seen = geheimhaltung.register.bekannt(settings.registerordner(region.ordner, region.id))
    reasons = geheimhaltung.register.gruende(
        narrow, seen, geheimhaltung.register.nachfolger(inside.umstiege())
    )
    more = f"\n… und {len(reasons) - 10} weitere" if len(reasons) > 10 else ""
    raise LaufFehler(
        "Dieser Datenbestand darf so nicht veröffentlicht werden; gesperrte Werte ließen sich eingrenzen:\n"
        + "\n".join(reasons[:10]) + more
        + "\nBitte die Sperrprofile strenger fassen oder den Stichtag nicht veröffentlichen."
    )  # fmt: skip


def schutz(region: Region, out: str | Path | None = None) -> tuple[int, int, str]:
    """Write the attack report; returns how many quantities are too narrow, of how many, and the address."""
    inside, public = store.load(region, "intern"), store.load(region, "oeffentlich")
    targets = inside.schutz("ziele")
    place = Ablage(out or settings.ergebnisordner(region.ordner, region.id))
    address = schutzbericht_seite(region, inside, public, place)
    return int((~targets["geschuetzt"]).sum()), len(targets), address


def schreibe_schutzbericht(region: Region, ablage: Ablage) -> str:
    """Enter the publication in the register and write the attack report; returns its address."""
    public, inside = store.load(region, "oeffentlich"), store.load(region, "intern")
    folder = settings.registerordner(region.ordner, region.id)
    geheimhaltung.register.verzeichne(
        folder, public.werte(level=None), bestand=public.ordner.name, audience="oeffentlich", am=date.today()
    )
    return schutzbericht_seite(region, inside, public, ablage)


def _entered(region: Region, public: store.Daten, ablage: Ablage) -> bool:
    """Whether the publication of this snapshot is in the register and the attack report lies there."""
    folder = settings.registerordner(region.ordner, region.id)
    entry = geheimhaltung.register.eintrag(folder, public.ordner.name, "oeffentlich")
    return entry is not None and ablage.hat(SCHUTZBERICHT)


def schutzbericht_seite(region: Region, inside: store.Daten, public: store.Daten, ablage: Ablage) -> str:
    """Write the attack report of the current snapshot; returns its address."""
    content = schutzbericht.inhalt(
        region,
        inside.indikatoren(),
        {name: seite.name for name, seite in lade_katalog(region).datensaetze.items()},
        inside.ordner.name,
        inside.schutz("bilanz"),
        inside.schutz("ziele"),
        _without_value(inside, public),
        geheimhaltung.register.eintraege(settings.registerordner(region.ordner, region.id)),
    )
    frame = replace(
        rahmen(region, inside), titel=text("geheimhaltung.titel"), wurzel="../", navigation=(),
        stil=theme.stylesheet(), stil_datei="", skripte=(),
    )  # fmt: skip
    ablage.schreibe(SCHUTZBERICHT, seite(content, frame))
    return ablage.adresse(SCHUTZBERICHT)


def _without_value(inside: store.Daten, public: store.Daten) -> pd.Series:
    """Per dataset: mean share of the population in small areas whose value is hidden."""
    try:
        people = inside.bevoelkerung()
    except SozialanalyseFehler:
        people = pd.Series(1.0, index=inside.verzeichnis().index)
    keys = ["gebiet_id", "indikator_id", "stichtag"]
    both = inside.werte().merge(public.werte()[[*keys, "wert"]], on=keys, suffixes=("", "_frei"))
    both = both[both["wert"].notna()].assign(einwohner=lambda f: f["gebiet_id"].map(people).fillna(0))
    both["verdeckt"] = both["einwohner"].where(both["wert_frei"].isna(), 0)
    both["datensatz"] = both["indikator_id"].map(inside.indikatoren()["datensatz"])
    sums = both.groupby("datensatz")[["verdeckt", "einwohner"]].sum()
    return sums["verdeckt"] / sums["einwohner"].clip(lower=1)


def _work(
    auftraege: Sequence[runs.Auftrag],
    ablage: Ablage,
    jobs: int,
    cluster: str | None,
    melder: Callable[[runs.Protokoll], None],
) -> None:
    """Make reports here, in threads with a kernel each, or on the workers of a cluster."""
    from sozialanalyse.publish import arbeit

    if cluster is None:
        _kernel()
        arbeit.fuehre_aus(auftraege, ablage=ablage, jobs=jobs, melder=melder)
        return
    with verbund.oeffne(cluster) as (executor, workers):
        arbeit.fuehre_aus(
            auftraege, ablage=ablage, jobs=workers, melder=melder, executor=executor, arbeit=auf_rechner
        )


def auf_rechner(auftrag: runs.Auftrag) -> Any:
    """Make one report on a worker of a cluster.

    The worker has its own copy of the package and sees region and snapshot below the folders named in
    the order, or below those in its own ``SOZIALANALYSE_REGION`` and ``SOZIALANALYSE_DATEN``.
    """
    from sozialanalyse.publish import arbeit

    if fault := verbund.andere_umgebung(auftrag):
        return fault
    own = ("SOZIALANALYSE_REGION", "SOZIALANALYSE_DATEN")
    here = {name: os.environ[name] for name in own if name in os.environ}
    _kernel()
    return arbeit.fuehre_auftrag_aus(replace(auftrag, umgebung={**auftrag.umgebung, **here}))


def passt(lauf: Any, ausdruck: str) -> bool:
    """Whether a run is meant by an expression.

    Words are alternatives if joined by commas and conditions if separated by blanks. A word is a part of
    the name, a pattern with ``*``, or ``parameter=value``.

    Parameters
    ----------
    lauf
        A run, or the record of one.
    """
    values = lauf.parameter if isinstance(lauf.parameter, dict) else lauf.parameter.model_dump(mode="json")
    key = f"{lauf.notebook}/{lauf.name}"

    def meant(word: str) -> bool:
        name, sign, value = word.partition("=")
        if sign and name in values:
            held = values[name]
            return value in held if isinstance(held, list) else value == str(held)
        return fnmatch(key, word if "*" in word else f"*{word}*")

    return all(any(map(meant, condition.split(","))) for condition in ausdruck.split())


def zeige(
    region: str | Path | None = None,
    *,
    notebooks: Sequence[str] = (),
    only: str | None = None,
    limit: int = 20,
    failed: bool = False,
    changes: bool = False,
    audience: store.Audience = "oeffentlich",
    table: Path | None = None,
    out: str | Path | None = None,
) -> int:
    """Print the last runs and what changed in the results, or write all records as a table.

    Raises
    ------
    LaufFehler
        If the ending of the table's file is none that can be written.
    """
    found = protokolle(region, audience=audience, out=out)
    if notebooks:
        found = found[found["notebook"].isin([name.removesuffix(".ipynb") for name in notebooks])]
    if only:
        found = found[[passt(row, only) for row in found.itertuples()]]
    if failed:
        found = found[found["status"] == "fehler"]
    if table is not None:
        try:
            tafel.schreibe(found, table)
        except ValueError:
            raise LaufFehler(f"„{table.name}“: Die Endung muss .parquet, .csv oder .jsonl sein.") from None
        print(f"{len(found)} Läufe in {table}.")
        return 0
    if not changes:
        print("\n".join(tafel.zeilen(found.head(limit))) or "Es gibt noch keine Läufe dieser Auswahl.")
        print()
    print("\n".join(tafel.zeilen_der_aenderungen(tafel.aenderungen(found), limit)))
    return 0


def protokolle(
    region: str | Path | None = None,
    *,
    audience: store.Audience = "oeffentlich",
    out: str | Path | None = None,
) -> pd.DataFrame:
    """Records of all runs, see :func:`sozialanalyse.publish.protokolle.tabelle`."""
    if out is None:
        place = lade_region(settings.regionsordner(region))
        out = settings.ergebnisordner(place.ordner, place.id)
    return tafel.tabelle(Ablage(out), audience)


def _choose(project: Path, notebooks: Sequence[str]) -> list[Path]:
    pages = {path.stem: path for path in sorted((project / "parameters").glob("*.yml"))}
    for name in notebooks:
        if name.removesuffix(".ipynb") not in pages:
            raise LaufFehler(f"Zu „{name}“ gibt es keine Parameterdatei. {vorschlag(name, pages)}")
    return [pages[name.removesuffix(".ipynb")] for name in notebooks] if notebooks else list(pages.values())


def _writable(ablage: Ablage) -> None:
    try:
        ablage.pruefe()
    except OSError as error:
        reason = error.strerror or error
        raise LaufFehler(
            f"Nach {ablage} lässt sich nicht schreiben ({reason}). {text('publish.lauf.abhilfe_ablage')}"
        ) from None


def _kernel() -> str:
    """Name of the kernel the reports run with; installs its description and warms its parent first."""
    kernels.install(memory_limit=settings.speichergrenze())
    with suppress(kernels.CannotFork):  # then every kernel starts in the ordinary way, and the log says so
        kernels.warm(kernels.NAME)
    return kernels.NAME


def _kernel_environment(region: Region, daten: store.Daten) -> dict[str, str]:
    """Kernels read the same region and the same snapshot as the batch that started them."""
    return {
        "SOZIALANALYSE_REGION": str(region.ordner.absolute()),
        "SOZIALANALYSE_DATEN": str(settings.datenordner(region.ordner).absolute()),
        "SOZIALANALYSE_BESTAND": daten.ordner.name,
        "SOZIALANALYSE_STATISCH": "1",
    }


def rahmen(region: Region, daten: store.Daten, mit_gesamt: Collection[str] | None = None) -> Rahmen:
    """Frame of the pages of a region; ``mit_gesamt`` names the notebooks that have an overall report."""
    style, script = beilagen(theme.stylesheet())
    stand = text("publish.stand", stand=daten.kontext().stand, datum=f"{date.today():%d.%m.%Y}")
    return Rahmen(
        titel=region.name,
        region=region.name,
        herausgeber=region.seite.herausgeber,
        stand=stand,
        stil_datei=style,
        skripte=[script],
        marke=region.marke,
        navigation=navigation(START, mit_gesamt),
    )


def lege_beilagen(ablage: Ablage) -> None:
    """Put stylesheet and scripts beside the pages; older ones stay for pages that were not made anew."""
    for name, content in beilagen(theme.stylesheet()).items():
        if not ablage.hat(name):
            ablage.schreibe(name, content)


def raeume_beilagen(ablage: Ablage) -> None:
    """Remove stylesheets and scripts of earlier versions that no page links any more.

    A page that cannot be read may need any of them; then all stay.
    """
    there = ablage.namen()
    old = {name for name in there if BEILAGE.fullmatch(name)} - set(beilagen(theme.stylesheet()))
    pages = sorted(name for name in there if name.endswith(".html"))
    for start in range(0, len(pages), 50):
        if not old:
            return
        try:
            contents = ablage.lies_alle(pages[start : start + 50])
        except (OSError, UnicodeError):
            return
        old -= {name for content in contents.values() for name in BEILAGE.findall(content)}
    for name in old:
        ablage.loesche(name)


def titel(lauf: Lauf, daten: store.Daten) -> str:
    """Title of a report's page, from its notebook and parameters."""
    parts = [text(f"publish.nav_{lauf.notebook}")]
    parts += [daten.region.themen[thema].name for thema in lauf.parameter.gefragte_themen]
    if key := getattr(lauf.parameter, "indikator", ""):
        parts.append(str(daten.indikatoren()["kurz"][key]))
    if area := getattr(lauf.parameter, "sozialraum", ""):
        parts.append(str(daten.namen()[area]))
    if report := getattr(lauf.parameter, "report", ""):
        parts.append(redaktion.themen(daten.region.ordner)[report].titel)
    if lauf.parameter.kommune:
        parts.append(str(daten.namen("kommune")[lauf.parameter.kommune]))
    day = date.fromisoformat(daten.stichtag(lauf.parameter.stichtag))
    return ", ".join([*parts, f"{day:%d.%m.%Y}"])


def schreibe_uebersicht(ablage: Ablage, region: Region, daten: store.Daten, alle: Sequence[Lauf]) -> str:
    """Write the start page and the legal page; returns the address of the start page."""
    there = ablage.namen()
    made = [_entry(lauf, daten) for lauf in alle if _open_page(there, lauf)]
    whole = {entry.lauf.notebook for entry in made if entry.lauf.name == "gesamt"}
    frame = replace(rahmen(region, daten, whole), titel=text("publish.nav_start"))
    page = uebersicht.startseite(made, region, daten.kontext(), frame, _start(ablage, there))
    ablage.schreibe("index.html", page)
    legal = replace(frame, titel=text("publish.rechtliches"), navigation=navigation("", whole))
    ablage.schreibe("rechtliches.html", uebersicht.rechtliches(region, legal))
    return ablage.adresse("index.html")


def _overall(alle: Sequence[Lauf]) -> set[str]:
    """Notebooks that have an overall report."""
    return {lauf.notebook for lauf in alle if lauf.name == "gesamt"}


def _start(ablage: Ablage, there: Collection[str]) -> str:
    """Content of the start notebook, its links seen from the folder of all pages; empty before it was run.

    A link to a report that has not been made leads to the part of the page that says so.
    """
    import nbformat

    source = ablage.lies(f"{START}/gesamt.ipynb")
    if source is None:
        return ""
    content = notebook_inhalt(nbformat.reads(source, as_version=4)).replace('href="../', 'href="')
    return re.sub(
        r'href="((\w+)/[^"#]+\.html)"',
        lambda link: link[0] if link[1] in there else f'href="#f-{link[2]}"',
        content,
    )


def _entry(lauf: Lauf, daten: store.Daten) -> uebersicht.Eintrag:
    """What the list of all reports calls a run."""
    if lauf.parameter.kommune:
        return uebersicht.Eintrag(lauf, str(daten.namen("kommune")[lauf.parameter.kommune]))
    area = getattr(lauf.parameter, "sozialraum", "")
    if area:
        place = daten.namen("kommune")[daten.kommune()[area]]
        return uebersicht.Eintrag(lauf, str(daten.namen()[area]), str(place))
    report = getattr(lauf.parameter, "report", "")
    if report:
        return uebersicht.Eintrag(lauf, redaktion.themen(daten.region.ordner)[report].titel)
    key = getattr(lauf.parameter, "indikator", "")
    if key:
        row = daten.indikatoren().loc[key]
        return uebersicht.Eintrag(lauf, str(row["kurz"]), daten.region.themen[row["thema"]].name)
    return uebersicht.Eintrag(lauf, lauf.name)


def _open_page(there: Collection[str], lauf: Lauf) -> bool:
    """Whether the page of a run exists and is for everybody."""
    return lauf.parameter.audience == "oeffentlich" and f"{runs.platz(lauf)}.html" in there


def serve(region: str | Path | None, *, port: int, ip: str, audience: store.Audience, browser: bool) -> None:
    """Start the web service for one audience."""
    from sozialanalyse.publish import serve as service

    place = lade_region(settings.regionsordner(region))
    store.load(place, audience)
    served, ordner = place, settings.datenordner(place.ordner).absolute()
    if audience != "intern":  # its kernels live in a folder that holds nothing else
        ordner = store.freigabeordner(place, audience).absolute()
        served = store.freigabe(place, ordner, audience)
        _share_results(place, ordner, audience)

    def lade() -> store.Daten:
        if audience != "intern":
            store.freigabe(place, ordner, audience)
        return store.load(place, audience)

    os.environ["SOZIALANALYSE_REGION"] = str(served.ordner)
    _kernel()
    service.starte(
        served,
        port=port,
        audience=audience,
        notebooks=projektordner() / "notebooks",
        lade=lade,
        ergebnisse=settings.ergebnisordner(place.ordner, place.id),
        datenordner=ordner,
        stil=theme.stylesheet(),
        ip=ip,
        browser=browser,
    )


def richte_ein(region: str | Path | None, ordner: Path, **angaben: Any) -> list[Path]:
    """Write the files that nginx, systemd and JupyterHub need on this machine; see :mod:`.publish.einrichtung`."""
    from sozialanalyse.publish import einrichtung

    place = lade_region(settings.regionsordner(region))
    plan = einrichtung.Einrichtung(
        ordner=ordner.resolve(),
        projekt=projektordner().resolve(),
        region=place.ordner.resolve(),
        daten=settings.datenordner(place.ordner).resolve(),
        ergebnisse=settings.ergebnisordner(place.ordner, place.id).resolve(),
        **angaben,
    )
    return einrichtung.schreibe(plan, rahmen(place, store.load(place, "oeffentlich")))


def _share_results(region: Region, ordner: Path, audience: store.Audience) -> None:
    """Let kernels find results that were computed for their audience before."""
    kept = settings.zwischenordner(region.ordner, region.id, audience).absolute()
    kept.mkdir(parents=True, exist_ok=True)
    link = ordner / "zwischenspeicher" / region.id / kept.name
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(kept, target_is_directory=True)


def lab_umgebung(region: str | Path | None) -> tuple[Path, Path, str]:
    """Region folder, notebooks and kernel for JupyterLab."""
    place = lade_region(settings.regionsordner(region))
    return place.ordner, projektordner() / "notebooks", _kernel()
