"""Shared by all tests: a tiny region that can be varied, real data where they are, a clean environment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from chromium import browser, oeffne  # noqa: F401  (fixtures of every room)
from hypothesis import HealthCheck, settings
from kleinlage import GEBIETE, quadrat

from sozialanalyse import build, store
from sozialanalyse.region.region import Region, lade_region

settings.register_profile("ohne_uhr", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ohne_uhr")  # a busy machine is no fault of what is tested

REGION_YML = """\
id: musterland
name: Kreis Musterland
herausgeber: Kreis Musterland
synthetisch: true
koordinaten: EPSG:25832
ebenen:
  region: {einzahl: Kreis, mehrzahl: Kreise, dativ: Kreisen, genus: m}
  kommune: {einzahl: Kommune, mehrzahl: Kommunen, dativ: Kommunen}
  sozialraum: {einzahl: Sozialraum, mehrzahl: Sozialräume, dativ: Sozialräumen, genus: m}
schluessel_region: "05999"
schluessel:
  kommune: {muster: '05999\\d{3}', beschreibung: ein achtstelliger Amtlicher Gemeindeschlüssel}
  sozialraum: {muster: '(A|W|SI) \\d[ab]?', beschreibung: Kürzel und Nummer, kuerzel: true}
gebiete:
  - {ebene: kommune, datei: kommunen.csv, id: ags, name: name, kuerzel: kuerzel, aliase: aliase}
  - {ebene: sozialraum, datei: gebiete.csv, id: id, name: name, oberhalb: ags}
geometrie:
  - {ebene: sozialraum, datei: gebiete.gpkg, schluessel: id}
stichtage: [2021-12-31, 2023-12-31]
bevoelkerung: EW
themen:
  - {id: demographie, name: Demographie}
  - {id: arbeit, name: Arbeit}
symbolprofile:
  register: {"-": {status: null_exakt}, ".": {status: unbekannt}}
  agentur: {"*": {status: geheim}}
sperrprofile:
  melde: {mindestfallzahl: 3, komplement: false}
  agentur: {mindestfallzahl: 10, mindestnenner: 100}
"""

REGISTER_YML = """\
id: register
name: Melderegister
zeile_ist: ein Sozialraum
quelle: {anbieter: Meldebehörden, lizenz: dl-de/by-2-0}
dateien: register/*.xlsx
symbolprofil: register
sperrprofil: melde
tabelle:
  format: excel
  blatt: Bestand
  kopf: {erkennbar_an: Kennung, hoehe: 2}
  schluessel: {spalten: [Kennung], ueberlesen: '^Summe'}
  stichtag: {aus: dateiname, muster: '(\\d{4}-\\d{2}-\\d{2})'}
felder:
  einwohner: {spalte: Einwohner | insgesamt}
  alte: {spalte: Einwohner | 65 und älter}
  medianalter: {spalte: Medianalter, einheit: Jahre, max: 120, summierbar: false}
indikatoren:
  EW: {name: Bevölkerung, thema: demographie, art: anzahl, zaehler: einwohner, einheit: Personen}
  AB65: {name: Anteil 65-Jährige und Ältere, thema: demographie, zaehler: alte, nenner: einwohner}
  MEDIAN: {name: Medianalter, thema: demographie, art: wert, zaehler: medianalter, einheit: Jahre}
  DICHTE: {name: Dichte, thema: demographie, zaehler: einwohner, nenner: gebiet.flaeche_qkm, faktor: 1, anteil: false}
"""

ARBEIT_YML = """\
id: arbeit
name: Arbeitslosigkeit
zeile_ist: ein Sozialraum zu einem Stichtag
quelle: {anbieter: Agentur, lizenz: Liefervertrag}
dateien: arbeit.csv
symbolprofil: agentur
sperrprofil: agentur
tabelle:
  format: csv
  kodierung: cp1252
  kopf: {erkennbar_an: Kennung}
  ende: '^_+'
  schluessel: {spalten: [Kennung]}
  stichtag: {aus: spalte, spalte: Stichtag, hoechstens_tage: 31}
felder:
  alo: {spalte: Arbeitslose}
  quote: {spalte: Quote, einheit: "%", max: 100, summierbar: false}
indikatoren:
  ALO: {name: Arbeitslosenanteil, thema: arbeit, zaehler: alo, nenner: register.einwohner, polaritaet: "+"}
  QUOTE: {name: Gelieferte Quote, thema: arbeit, art: wert, zaehler: quote, polaritaet: "+"}
"""

KOMMUNEN = [
    ("05999004", "Ahausen", "A", "Stadt Ahausen|Ahausen, krfr. Stadt|05354004"),
    ("05999008", "Würselheim (Rhld.)", "W", "Kupferstadt Würselheim"),
    ("05999012", "Simmenau", "SI", "Gemeinde Simmenau"),
]
EINWOHNER = [1200, 800, 2000, 1500, 2500, 900, 700, 1100, 600]
ALTE = [240, 200, 300, 450, 500, 270, 140, 330, 60]
MEDIAN = ["41,5", "43", "39,25", "47", "44", "46", "40", "48", "38"]
ALO = [60, 45, 90, 30, 110, 12, 70, 25, 18]
QUOTE = ["6,1", "7,0", "5,5", "2,5", "5,2", "1,7", "12,0", "2,9", "4,0"]
STICHTAGE = ("2021-12-31", "2023-12-31")


class Kleinregion:
    """A complete region of three Kommunen and nine areas; change what you like, then ``schreibe()``."""

    def __init__(self, ordner: Path) -> None:
        self.ordner = ordner
        self.lieferungen = ordner / "lieferungen"
        self.region_yml = REGION_YML
        self.seiten = {"register": REGISTER_YML, "arbeit": ARBEIT_YML}
        self.kommunen: list[tuple[Any, ...]] = list(KOMMUNEN)
        self.gebiete = dict(GEBIETE)
        self.blatt = "Bestand"
        self.register: dict[str, list[list[Any]]] = {
            day: [list(row) for row in zip(GEBIETE, EINWOHNER, ALTE, MEDIAN, strict=True)]
            for day in STICHTAGE
        }
        self.arbeit: list[list[Any]] = [
            [key, day, *numbers]
            for day in ("31.12.2021", "01.01.2024")
            for key, *numbers in zip(GEBIETE, ALO, QUOTE, strict=True)
        ]
        self.kodierung, self.trennzeichen = "cp1252", ";"

    def schreibe(self) -> Kleinregion:
        (self.ordner / "indikatoren").mkdir(parents=True, exist_ok=True)
        (self.lieferungen / "register").mkdir(parents=True, exist_ok=True)
        self._text("region.yml", self.region_yml)
        for name, page in self.seiten.items():
            self._text(f"indikatoren/{name}.yml", page)
        self._text("kommunen.csv", _csv([("ags", "name", "kuerzel", "aliase"), *self.kommunen]))
        self._text(
            "gebiete.csv", _csv([("id", "name", "ags"), *((k, "", v) for k, v in self.gebiete.items())])
        )
        if not (self.ordner / "gebiete.gpkg").exists():
            boxes = [
                quadrat(i % 3 * 1000, i // 3 * 1000, i % 3 * 1000 + 1000, i // 3 * 1000 + 1000)
                for i in range(9)
            ]
            gpd.GeoDataFrame({"id": list(GEBIETE)}, geometry=boxes, crs="EPSG:25832").to_file(
                self.ordner / "gebiete.gpkg"
            )
        for day, rows in self.register.items():
            self._workbook(self.lieferungen / "register" / f"Register_{day}.xlsx", rows)
        lines = [
            ["Arbeitslose nach Gebieten", "", "", ""],
            [],
            ["Kennung", "Stichtag", "Arbeitslose", "Quote"],
        ]
        text = _csv([*lines, *self.arbeit, ["_____"], ["* Zahl kleiner 10 und größer 0"]], self.trennzeichen)
        (self.lieferungen / "arbeit.csv").write_bytes(text.encode(self.kodierung))
        return self

    def _text(self, name: str, content: str) -> None:
        (self.ordner / name).write_text(content, encoding="utf-8")

    def _workbook(self, path: Path, rows: list[list[Any]]) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = self.blatt
        sheet.append(["Bevölkerung am Ort der Hauptwohnung"])
        sheet.append([])
        sheet.append(["Kennung", "Einwohner", None, "Medianalter"])
        sheet.append([None, "insgesamt", "65 und älter", None])
        sheet.merge_cells("B3:C3")
        for row in rows:
            sheet.append(row)
        book.save(path)

    @property
    def region(self) -> Region:
        return lade_region(self.ordner)

    def build(self) -> build.BuildErgebnis:
        self.schreibe()
        return build.build(self.ordner)

    def daten(self, audience: store.Audience = "intern") -> store.Daten:
        return store.load(self.ordner, audience)

    @property
    def bestand(self) -> Path:
        """Folder of the snapshots."""
        return Path(os.environ["SOZIALANALYSE_DATEN"]) / "bestand" / "musterland"


def _csv(rows: list[Any], sign: str = ";") -> str:
    return "\n".join(sign.join(str(cell) for cell in row) for row in rows) + "\n"


ZUERST = (
    "test_geld_orte.py", "publish/test_reisen_browser.py", "kernels/test_kernel_tools.py", "publish/test_regionen_browser.py",
    "test_anleitung_betrieb.py",
    "test_store_absturz.py", "publish/test_barrierefreiheit.py", "publish/serve/test_live_seiten.py",
    "geheimhaltung/test_geheimhaltung_identitaeten.py", "vorschlag/test_vorschlag_lieferungen.py",
    "analyse/clusters/test_clusters_choice.py", "geheimhaltung/test_geheimhaltung_region.py", "zufall/test_zufall.py",
    "test_werkzeuge.py", "kernels/test_kernel_lifecycle.py", "analyse/clusters/test_clusters_reference.py",
    "seiten/test_planted.py", "geheimhaltung/test_geheimhaltung_ergebnisse.py",
    "geheimhaltung/test_geheimhaltung_zielgruppen.py", "analyse/variance/test_variance_simulation.py",
    "harmonise/test_harmonise_seitensprache.py", "seiten/test_saetze.py", "analyse/clusters/test_clusters_fit.py",
    "kommonitor/test_kommonitor_plan.py", "publish/serve/test_serve_browser.py", "publish/serve/test_serve_nachfrage.py",
    "geheimhaltung/test_geheimhaltung_reihenfolge.py", "test_nachtlauf.py", "seiten/test_angaben.py",
    "kernels/test_kernel_forked.py", "publish/serve/test_serve_nginx.py", "publish/test_runs.py", "test_codestand.py",
    "vorschlag/test_gruendung.py", "publish/test_engine.py",
)  # fmt: skip
"""Files that take longest, in the order in which workers take them, so that none is left alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Heavy files first; the tests of a file together, whatever the order they are named in."""
    tests = Path(__file__).parent
    rank = {tests / name: number for number, name in enumerate(ZUERST)}
    items.sort(key=lambda item: (rank.get(item.path, len(rank)), item.path))


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """Nothing of the user's settings reaches a test, except where the real data lie."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [
            n for n in os.environ if n.startswith("SOZIALANALYSE_") and n != "SOZIALANALYSE_REALDATEN"
        ]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _restored_environment() -> Iterator[None]:
    """What a test or the code it calls sets does not reach the next test."""
    before = {name: value for name, value in os.environ.items() if name.startswith("SOZIALANALYSE_")}
    yield
    for name in [n for n in os.environ if n.startswith("SOZIALANALYSE_") and n not in before]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def neue_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Kleinregion]:
    """Make tiny regions, not yet written; snapshots go below ``tmp_path``."""
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path / "daten"))
    return lambda name="musterland": Kleinregion(tmp_path / name)


@pytest.fixture
def kleinregion(neue_region: Callable[..., Kleinregion]) -> Kleinregion:
    return neue_region()


@pytest.fixture(scope="session")
def kleinregion_typ() -> type[Kleinregion]:
    """The tiny region's class, for fixtures that live longer than one test."""
    return Kleinregion


@pytest.fixture(scope="session")
def _vorlage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny region, built once."""
    root = tmp_path_factory.mktemp("vorlage")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(root / "daten"))
        Kleinregion(root / "musterland").build()
    return root


@pytest.fixture
def gebaut(kleinregion: Kleinregion, tmp_path: Path, _vorlage: Path) -> Kleinregion:
    """The tiny region with its snapshot."""
    shutil.copytree(_vorlage, tmp_path, dirs_exist_ok=True)
    return kleinregion


@pytest.fixture(scope="session")
def realdaten() -> Path:
    """Folder of the real open data; without it the test is skipped."""
    named = os.environ.get("SOZIALANALYSE_REALDATEN")
    if not named or not Path(named).is_dir():
        pytest.skip("SOZIALANALYSE_REALDATEN nennt keinen Ordner mit den offenen Daten")
    return Path(named)
