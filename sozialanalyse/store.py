"""Snapshots: written beside, checked, made current by one rename; and reading them.

A snapshot is a folder named by its content that is never changed again::

    bestand/<region>/
        aktuell                     name of the current snapshot
        <snapshot>/bestand.json     format, origin of every delivery, row counts, checksums
        <snapshot>/gebiete.parquet, indikatoren.json
        <snapshot>/intern/...       everything, with the cell each count came from and the check report
        <snapshot>/oeffentlich/...  what the public may see, already protected
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from sozialanalyse import settings
from sozialanalyse.errors import Befund, BestandFehler, DatenFehler, vorschlag
from sozialanalyse.kontext import Kontext
from sozialanalyse.region import LEVELS, Level, Region, lade_region

FORMAT = 1
Audience = Literal["intern", "oeffentlich"]
AUDIENCES: tuple[Audience, ...] = ("intern", "oeffentlich")


@dataclass(frozen=True)
class Quelldatei:
    """One delivered file a snapshot was built from."""

    id: str
    datensatz: str
    datei: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Inhalt:
    """Everything a snapshot holds."""

    gebiete: gpd.GeoDataFrame
    indikatoren: pd.DataFrame
    merkmale: pd.DataFrame
    werte: dict[Audience, pd.DataFrame]
    befunde: tuple[Befund, ...]
    quellen: tuple[Quelldatei, ...]
    regeln: str


def pruefsumme(pfad: Path) -> str:
    with pfad.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def kennung(quellen: tuple[Quelldatei, ...], regeln: str) -> str:
    """Name of the snapshot these deliveries and rules lead to."""
    digest = hashlib.sha256(f"{FORMAT}|{regeln}".encode())
    for quelle in sorted(quellen, key=lambda q: (q.datensatz, q.datei)):
        digest.update(f"|{quelle.datensatz}|{quelle.datei}|{quelle.sha256}".encode())
    return digest.hexdigest()[:12]


def schreibe(ordner: Path, region: Region, inhalt: Inhalt) -> str:
    """Write a snapshot and make it current.

    Parameters
    ----------
    ordner
        Folder of the region's snapshots; made if missing.

    Returns
    -------
    str
        Name of the snapshot.

    Raises
    ------
    BestandFehler
        If writing fails; what was current stays current.
    """
    name = kennung(inhalt.quellen, inhalt.regeln)
    try:
        ordner.mkdir(parents=True, exist_ok=True)
        if not unversehrt(ordner / name):
            _write_beside(ordner, name, region, inhalt)
        mache_aktuell(ordner, name)
    except OSError as error:
        raise _not_written(error) from error
    return name


def _not_written(error: OSError) -> BestandFehler:
    return BestandFehler(
        f"Der Bestand lässt sich nicht schreiben ({error.strerror or error}). "
        "Bitte freien Platz und Schreibrechte prüfen; der bisherige Bestand bleibt gültig."
    )


def unversehrt(folder: Path) -> bool:
    """Whether a snapshot is there with every file as it was written; the manifest is written last."""
    try:
        manifest = json.loads((folder / "bestand.json").read_text(encoding="utf-8"))
        return all(pruefsumme(folder / name) == digest for name, digest in manifest["dateien"].items())
    except (OSError, ValueError, KeyError):
        return False


def _write_beside(ordner: Path, name: str, region: Region, inhalt: Inhalt) -> None:
    beside = ordner / f".neu-{uuid.uuid4().hex[:12]}"
    try:
        beside.mkdir()
        inhalt.gebiete.to_parquet(beside / "gebiete.parquet")
        _write_json(beside / "indikatoren.json", inhalt.indikatoren.reset_index().to_dict("records"))
        (beside / "intern").mkdir()
        _write_json(beside / "intern" / "pruefung.json", [asdict(befund) for befund in inhalt.befunde])
        inhalt.merkmale.to_parquet(beside / "intern" / "merkmale.parquet", index=False)
        dataset = inhalt.indikatoren["datensatz"]
        for audience, frame in inhalt.werte.items():
            target = beside / audience / "werte"
            target.mkdir(parents=True)
            for key, part in frame.groupby(frame["indikator_id"].map(dataset), sort=True):
                part.to_parquet(target / f"{key}.parquet", index=False)
        files = sorted(path for path in beside.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "bestand": name,
            "region": region.id,
            "erstellt": datetime.now(UTC).isoformat(timespec="seconds"),
            "version": settings.VERSION,
            "regeln": inhalt.regeln,
            "quellen": [asdict(quelle) for quelle in inhalt.quellen],
            "zeilen": {audience: len(frame) for audience, frame in inhalt.werte.items()},
            "dateien": {path.relative_to(beside).as_posix(): pruefsumme(path) for path in files},
        }
        _write_json(beside / "bestand.json", manifest)
        for path in [*files, beside / "bestand.json"]:
            _sync(path)
        target = ordner / name
        if target.exists():  # damaged, or left behind half-written by a crash of the file system
            shutil.rmtree(target)
        beside.replace(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def mache_aktuell(ordner: Path, name: str) -> None:
    """Let a complete snapshot be the current one, by one rename."""
    beside = ordner / f".aktuell-{uuid.uuid4().hex[:12]}"
    try:
        beside.write_text(name + "\n", encoding="utf-8")
        _sync(beside)
        beside.replace(ordner / "aktuell")
    except OSError as error:
        raise _not_written(error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def aktueller(ordner: Path) -> str | None:
    """Name of the current snapshot, None before the first build."""
    pointer = ordner / "aktuell"
    return (pointer.read_text(encoding="utf-8").strip() or None) if pointer.exists() else None


def load(
    region: str | Path | Region | None = None, audience: Audience = "intern", bestand: str | None = None
) -> Daten:
    """Load the harmonised data of a region.

    Parameters
    ----------
    region
        Region folder; default as in :func:`sozialanalyse.settings.regionsordner`.
    audience
        ``intern`` (everything) or ``oeffentlich`` (already protected data only).
    bestand
        Name of a snapshot; default that of the environment variable ``SOZIALANALYSE_BESTAND``, else the
        current one.

    Returns
    -------
    Daten

    Raises
    ------
    BestandFehler
        If there is no snapshot, or it is damaged or of another version.
    """
    if audience not in AUDIENCES:
        raise DatenFehler(f"Die Zielgruppe „{audience}“ gibt es nicht. {vorschlag(str(audience), AUDIENCES)}")
    place = region if isinstance(region, Region) else lade_region(settings.regionsordner(region))
    ordner = settings.bestandsordner(place.ordner, place.id)
    name = bestand or os.environ.get("SOZIALANALYSE_BESTAND") or aktueller(ordner)
    if name is None:
        raise BestandFehler(
            f"Für {place.name} gibt es noch keinen Datenbestand. Bitte zuerst „sozialanalyse build“ ausführen."
        )
    return Daten(place, audience, ordner / name)


class Daten:
    """Harmonised data of one region for one audience, read from one snapshot."""

    def __init__(self, region: Region, audience: Audience, ordner: Path) -> None:
        self.region = region
        self.audience = audience
        self.ordner = ordner
        self.bestand = self._manifest()

    def __repr__(self) -> str:
        return f"<Daten {self.region.name}, {self.audience}, Bestand {self.ordner.name}>"

    def _manifest(self) -> dict[str, Any]:
        path = self.ordner / "bestand.json"
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            known = [p.parent.name for p in self.ordner.parent.glob("*/bestand.json")]
            raise BestandFehler(
                f"Den Bestand „{self.ordner.name}“ gibt es nicht. {vorschlag(self.ordner.name, known)} "
                "Bitte mit „sozialanalyse build“ neu erzeugen."
            ) from None
        except (OSError, ValueError):
            raise BestandFehler(
                f"{path}: Der Bestand ist beschädigt. Bitte mit „sozialanalyse build“ neu erzeugen."
            ) from None
        if manifest.get("format") != FORMAT:
            raise BestandFehler(
                f"Der Bestand „{self.ordner.name}“ hat das Format {manifest.get('format')}, gebraucht wird {FORMAT}. "
                "Bitte mit „sozialanalyse build“ neu erzeugen; die Lieferungen bleiben unverändert."
            )
        return manifest

    def _datei(self, name: str) -> Path:
        """A file of the snapshot, exactly as it was written."""
        path = self.ordner / name
        try:
            whole = pruefsumme(path) == self.bestand["dateien"][name]
        except OSError:
            whole = False
        if not whole:
            raise BestandFehler(
                f"{path}: Die Datei fehlt oder ist beschädigt. Bitte mit „sozialanalyse build“ neu erzeugen."
            )
        return path

    @cached_property
    def _gebiete(self) -> gpd.GeoDataFrame:
        return gpd.read_parquet(self._datei("gebiete.parquet"))

    @cached_property
    def _indikatoren(self) -> pd.DataFrame:
        rows = json.loads(self._datei("indikatoren.json").read_text(encoding="utf-8"))
        return pd.DataFrame(rows).set_index("indikator_id")

    @cached_property
    def _werte(self) -> pd.DataFrame:
        names = [name for name in self.bestand["dateien"] if name.startswith(f"{self.audience}/werte/")]
        return pd.concat([pd.read_parquet(self._datei(name)) for name in names], ignore_index=True)

    @property
    def stichtage(self) -> tuple[str, ...]:
        """Reference dates with data, oldest first, in ISO form."""
        return tuple(sorted(self._werte["stichtag"].unique()))

    def stichtag(self, angabe: str | date | None = None) -> str:
        """Check a reference date; without one, or with "neuester", the latest.

        Raises
        ------
        DatenFehler
            If there are no data for it.
        """
        if angabe is None or angabe == "neuester":
            return self.stichtage[-1]
        text = angabe.isoformat() if isinstance(angabe, date) else str(angabe)
        if text not in self.stichtage:
            raise DatenFehler(
                f"Zum Stichtag {text} gibt es keine Daten. Vorhanden: {', '.join(self.stichtage)}."
            )
        return text

    def gebiete(self, level: Level = "sozialraum") -> gpd.GeoDataFrame:
        """Areas of one level, indexed by ``gebiet_id``, in the region's coordinate system.

        Columns: level, name, oberhalb (id above), name_status, kuerzel, aliase, sondereffekt,
        gueltig_von, gueltig_bis, flaeche_qkm (square kilometres, NaN unknown), geometry (None unknown).
        """
        if level not in LEVELS:
            raise DatenFehler(f"Die Ebene „{level}“ gibt es nicht. {vorschlag(level, LEVELS)}")
        return self._gebiete[self._gebiete["level"] == level].copy()

    def kommune(self) -> pd.Series:
        """Id of the Kommune of every small area, named ``kommune_id``."""
        return self.gebiete("sozialraum")["oberhalb"].rename("kommune_id")

    def namen(self, level: Level = "sozialraum") -> pd.Series:
        """What a reader calls each area; an open name shows the id."""
        areas = self.gebiete(level)
        names = areas["name"].where(areas["name"].astype(bool))
        if level != "sozialraum":
            return names.fillna(areas.index.to_series()).rename("name")
        ids = areas.index.to_series()
        return (ids + " " + names).fillna(ids + " (Name offen)").rename("name")

    def indikatoren(self, themen: str | list[str] | None = None) -> pd.DataFrame:
        """Catalogue as a table indexed by ``indikator_id``, optionally of some topics only.

        Raises
        ------
        DatenFehler
            If a topic is unknown.
        """
        table = self._indikatoren
        if themen is None:
            return table.copy()
        wanted = [themen] if isinstance(themen, str) else list(themen)
        for thema in wanted:
            if thema not in self.region.themen:
                raise DatenFehler(
                    f"Das Thema „{thema}“ gibt es nicht. {vorschlag(thema, self.region.themen)}"
                )
        return table[table["thema"].isin(wanted)].copy()

    def werte(
        self,
        indikatoren: str | list[str] | None = None,
        stichtag: str | date | None = None,
        level: Level | None = "sozialraum",
    ) -> pd.DataFrame:
        """Long table with status.

        Parameters
        ----------
        indikatoren
            Ids; default all.
        stichtag
            One reference date; default all dates.
        level
            One level of areas; None for all.

        Returns
        -------
        DataFrame
            gebiet_id, indikator_id, stichtag, wert, zaehler, nenner, status, umgerechnet, datenstand,
            quelle_id. A gap has NaN and a status that tells why.
        """
        frame = self._werte
        if indikatoren is not None:
            frame = frame[frame["indikator_id"].isin(self._known(indikatoren))]
        if stichtag is not None:
            frame = frame[frame["stichtag"] == self.stichtag(stichtag)]
        if level is not None:
            frame = frame[frame["gebiet_id"].map(self._gebiete["level"]) == level]
        return frame.reset_index(drop=True)

    def matrix(
        self,
        indikatoren: str | list[str] | None = None,
        stichtag: str | date | None = None,
        level: Level = "sozialraum",
        spalte: Literal["wert", "zaehler", "nenner"] = "wert",
    ) -> pd.DataFrame:
        """Areas x indicators as floats, NaN = gap.

        ``indikatoren`` defaults to those meant for comparing that have at least one value;
        ``stichtag`` to the latest; ``spalte`` chooses value, numerator or denominator.
        """
        day = self.stichtag(stichtag)
        keys = self._known(indikatoren) if indikatoren is not None else None
        frame = self.werte(keys, day, level)
        wide = frame.pivot(index="gebiet_id", columns="indikator_id", values=spalte)
        areas = self._gebiete.index[self._gebiete["level"] == level]
        if keys is None:
            keys = self._filled(day)
        return wide.reindex(index=areas, columns=keys).astype(float).rename_axis(columns=None)

    def _filled(self, day: str) -> list[str]:
        """Indicators meant for comparing that have a value for a small area on a date."""
        return [
            key
            for key in self._indikatoren.index[self._indikatoren["auswertung"]]
            if (key, day) in self._pairs
        ]

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        """Indicators and dates with at least one value for a small area."""
        frame = self.werte().dropna(subset="wert")
        return frozenset(zip(frame["indikator_id"], frame["stichtag"], strict=True))

    def _known(self, indikatoren: str | list[str]) -> list[str]:
        wanted = [indikatoren] if isinstance(indikatoren, str) else list(indikatoren)
        for key in wanted:
            if key not in self._indikatoren.index:
                raise DatenFehler(
                    f"Den Indikator „{key}“ gibt es nicht. {vorschlag(key, self._indikatoren.index)}"
                )
        return wanted

    def auswahl(
        self,
        themen: list[str] | None = None,
        indikatoren: list[str] | None = None,
        stichtag: str | date | None = None,
    ) -> list[str]:
        """Ids of the indicators meant for comparing, with at least one value on that date.

        Raises
        ------
        DatenFehler
            If nothing is left.
        """
        keys = self._known(indikatoren) if indikatoren else self._filled(self.stichtag(stichtag))
        if themen:
            wanted = set(self.indikatoren(themen).index)
            keys = [key for key in keys if key in wanted]
        if not keys:
            raise DatenFehler(
                "Zu dieser Auswahl gibt es keine Indikatoren mit Werten. Bitte mehr Themen wählen."
            )
        return keys

    def faelle(
        self, indikatoren: list[str], stichtag: str | date | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Counts and bases (areas x indicators) of those indicators that are shares of a base.

        NaN for values that are no share; so random fluctuation of small counts can be computed
        exactly where it is defined.
        """
        share = self._indikatoren["anteil"].reindex(self._known(indikatoren))
        share = share.index[share.to_numpy(dtype=bool)]
        count = self.matrix(indikatoren, stichtag, spalte="zaehler")
        base = self.matrix(indikatoren, stichtag, spalte="nenner")
        other = count.columns.difference(share)
        count[other] = base[other] = np.nan
        return count, base

    def bevoelkerung(self, stichtag: str | date | None = None) -> pd.Series:
        """Residents per small area, from the indicator named in ``region.yml``.

        Raises
        ------
        DatenFehler
            If the region names none.
        """
        key = self.region.seite.bevoelkerung
        if not key:
            raise DatenFehler("In region.yml fehlt „bevoelkerung“, der Indikator mit der Zahl der Einwohner.")
        return self.matrix(key, stichtag)[key].rename("einwohner")

    def nachbarn(self, toleranz: float = 1.0) -> dict[str, list[str]]:
        """Neighbouring small areas (closer than ``toleranz`` metres); areas without shape have none."""
        areas = self.gebiete("sozialraum")
        shaped = areas[areas.geometry.notna()]
        left, right = shaped.sindex.query(shaped.geometry, predicate="dwithin", distance=toleranz)
        result: dict[str, list[str]] = {str(key): [] for key in areas.index}
        for a, b in zip(left, right, strict=True):
            if a != b:
                result[shaped.index[a]].append(shaped.index[b])
        return result

    def quellen(self, indikatoren: list[str] | None = None) -> pd.DataFrame:
        """Sources of some indicators: anbieter, lizenz, datensatz, datenstand, dateien."""
        table = self._indikatoren if indikatoren is None else self._indikatoren.loc[self._known(indikatoren)]
        dates = self._werte.groupby("indikator_id")["datenstand"].max()
        rows = []
        files = pd.DataFrame(self.bestand["quellen"])
        for dataset, frame in table.groupby("datensatz", sort=True):
            own = files[files["datensatz"] == dataset]
            rows.append(
                {
                    "datensatz": dataset,
                    "anbieter": frame["quelle"].iloc[0],
                    "lizenz": frame["lizenz"].iloc[0],
                    "datenstand": dates.reindex(frame.index).dropna().max(),
                    "dateien": len(own),
                }
            )
        return pd.DataFrame(rows)

    def befunde(self) -> tuple[Befund, ...]:
        """Findings of the checks of this snapshot (warnings and remarks); internal only.

        Raises
        ------
        DatenFehler
            If the data were loaded for the public.
        """
        if self.audience != "intern":
            raise DatenFehler("Der Prüfbericht ist nur intern zugänglich.")
        rows = json.loads(self._datei("intern/pruefung.json").read_text(encoding="utf-8"))
        return tuple(Befund(**row) for row in rows)

    def kontext(self, stichtag: str | date | None = None, indikatoren: list[str] | None = None) -> Kontext:
        """What figures and pages say about themselves."""
        day = date.fromisoformat(self.stichtag(stichtag))
        created = datetime.fromisoformat(self.bestand["erstellt"])
        return Kontext(
            region=self.region.name,
            herausgeber=self.region.seite.herausgeber,
            stichtag=f"{day:%d.%m.%Y}",
            audience=self.audience,
            sozialraum=self.region.ebene("sozialraum"),
            kommune=self.region.ebene("kommune"),
            marke=self.region.marke,
            quellen=tuple(dict.fromkeys(self.quellen(indikatoren)["anbieter"])),
            stand=f"Datenbestand {self.ordner.name} vom {created:%d.%m.%Y}",
        )
