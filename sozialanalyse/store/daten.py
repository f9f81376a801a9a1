"""Reading one snapshot for one audience."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sozialanalyse.base import Befund, BestandFehler, DatenFehler, Kontext, gebietsname, vorschlag
from sozialanalyse.region import LEVELS, Level, Region
from sozialanalyse.store.auskunft import Auskunft
from sozialanalyse.store.bestand import FORMAT, Audience, abteil, lies_manifest, pruefsumme, summen, vorhaben

Spalte = Literal["wert", "zaehler", "nenner", "umgerechnet", "status"]


class Daten(Auskunft):
    """Harmonised data of one region for one audience, read from one snapshot."""

    def __init__(self, region: Region, audience: Audience, ordner: Path) -> None:
        self.region = region
        self.audience = audience
        self.ordner = ordner
        self._breiten: dict[tuple[str, str], pd.DataFrame] = {}
        self._orte: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self._namen: dict[Level, pd.Series] = {}
        self.bestand = self._manifest()
        if audience not in self.bestand["zeilen"]:
            held = ", ".join(self.bestand["zeilen"])
            raise BestandFehler(
                f"Dieser Bestand enthält keine Werte für die Zielgruppe „{audience}“, nur für: {held}. "
                "Welche Kommunen einen eigenen Bestand bekommen, steht in region.yml unter „kommunen_bestaende“."
            )

    def __repr__(self) -> str:
        return f"<Daten {self.region.name}, {self.audience}, Bestand {self.ordner.name}>"

    def _manifest(self) -> dict[str, Any]:
        path = self.ordner / "bestand.json"
        try:
            manifest = lies_manifest(path)
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
        except (OSError, KeyError):
            whole = False
        if not whole:
            raise BestandFehler(
                f"{path}: Die Datei fehlt oder ist beschädigt. Bitte mit „sozialanalyse build“ neu erzeugen."
            )
        return path

    @cached_property
    def _gebiete(self) -> pd.DataFrame:
        """All areas without their shapes: those take a library of coordinates, and few questions need them."""
        with pq.ParquetFile(self._datei("gebiete.parquet")) as file:
            columns = [name for name in file.schema_arrow.names if name != "geometry"]
            return file.read(columns=columns).to_pandas()

    @cached_property
    def _umrisse(self) -> gpd.GeoDataFrame:
        return gpd.read_parquet(self._datei("gebiete.parquet"))

    @cached_property
    def _indikatoren(self) -> pd.DataFrame:
        rows = json.loads(self._datei("indikatoren.json").read_text(encoding="utf-8"))
        return pd.DataFrame(rows).set_index("indikator_id")

    @cached_property
    def _werte(self) -> pd.DataFrame:
        folder = f"{abteil(self.audience)}/werte/"
        names = [name for name in self.bestand["dateien"] if name.startswith(folder)]
        return pa.concat_tables(pq.ParquetFile(self._datei(name)).read() for name in names).to_pandas()

    @cached_property
    def stichtage(self) -> tuple[str, ...]:
        """Alle Stichtage mit Daten, der älteste zuerst.

        Reference dates with data, oldest first, in ISO form.
        """
        return tuple(sorted(self._werte["stichtag"].unique()))

    def stichtag(self, angabe: str | date | None = None, themen: list[str] | None = None) -> str:
        """Prüft einen Stichtag; ohne Angabe der neueste.

        Check a reference date; without one, or with "neuester", the latest.

        Parameters
        ----------
        themen
            Topics that are asked about; none for all. The latest date is then the last one at which an
            indicator of them that is meant for comparing has a value: a delivery that came alone, before
            the ones it is divided by, does not empty a page.

        Raises
        ------
        DatenFehler
            If there are no data for it.
        """
        if angabe is None or angabe == "neuester":
            return self._neuester(frozenset(themen or self.region.themen))
        text = angabe.isoformat() if isinstance(angabe, date) else str(angabe)
        if text not in self.stichtage:
            raise DatenFehler(
                f"Zum Stichtag {text} gibt es keine Daten. Vorhanden: {', '.join(self.stichtage)}."
            )
        return text

    def _neuester(self, themen: frozenset[str]) -> str:
        """Last date with a value to compare; the last of all where no date has one."""
        wanted = set(self._indikatoren.index[self._indikatoren["thema"].isin(themen)])
        for day in reversed(self.stichtage):
            if not wanted.isdisjoint(self._filled(day)):
                return day
        return self.stichtage[-1]

    def gebiete(self, level: Level = "sozialraum") -> gpd.GeoDataFrame:
        """Gebiete einer Ebene mit Umriss, Name und Fläche.

        Areas of one level, indexed by ``gebiet_id``, in the region's coordinate system.

        Columns: level, name, oberhalb (id above), name_status, kuerzel, aliase, sondereffekt,
        gueltig_von, gueltig_bis, flaeche_qkm (square kilometres, NaN unknown), geometry (None unknown).
        """
        return self._umrisse[self._ist(level)].copy()

    def verzeichnis(self, level: Level = "sozialraum") -> pd.DataFrame:
        """Gebiete einer Ebene ohne Umrisse.

        What :meth:`gebiete` tells of the areas, without their shapes; much faster to read.
        """
        return self._gebiete[self._ist(level)].copy()

    def _ist(self, level: Level) -> pd.Series:
        if level not in LEVELS:
            raise DatenFehler(f"Die Ebene „{level}“ gibt es nicht. {vorschlag(level, LEVELS)}")
        return self._gebiete["level"] == level

    def kommune(self) -> pd.Series:
        """Zu welcher Kommune jeder Sozialraum gehört.

        Id of the Kommune of every small area, named ``kommune_id``.
        """
        return self.verzeichnis()["oberhalb"].rename("kommune_id")

    def namen(self, level: Level = "sozialraum") -> pd.Series:
        """Namen der Gebiete einer Ebene.

        What a reader calls each area; the id alone where no name is documented.
        """
        if level not in self._namen:
            self._namen[level] = self._named(level)
        return self._namen[level].copy()

    def _named(self, level: Level) -> pd.Series:
        areas = self.verzeichnis(level)
        names = areas["name"].where(areas["name"].astype(bool))
        if level != "sozialraum":
            return names.fillna(areas.index.to_series()).rename("name")
        named = [
            str(key) if pd.isna(name) else gebietsname(str(key), str(name)) for key, name in names.items()
        ]
        return pd.Series(named, index=areas.index, name="name", dtype="str")

    def indikatoren(self, themen: str | list[str] | None = None) -> pd.DataFrame:
        """Der Katalog der Indikatoren als Tabelle.

        Catalogue as a table indexed by ``indikator_id``, optionally of some topics only.

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

    def woraus(self) -> dict[str, set[str]]:
        """Aus welchen Datensätzen jeder Indikator entsteht.

        Indicator -> every dataset its numerator and denominator come from.
        """
        rows = self._indikatoren
        return {
            str(key): {str(row["datensatz"])}
            | {
                name.partition(".")[0]
                for _, name in [*row["zaehler"], *row["nenner"]]
                if not name.startswith("gebiet.")
            }
            for key, row in rows.to_dict("index").items()
        }

    def werte(
        self,
        indikatoren: str | list[str] | None = None,
        stichtag: str | date | None = None,
        level: Level | None = "sozialraum",
    ) -> pd.DataFrame:
        """Werte als lange Tabelle; „status“ sagt, warum einer fehlt.

        Long table with status.

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
            frame = frame[frame["gebiet_id"].isin(self._gebiete.index[self._ist(level)])]
        return frame.reset_index(drop=True)

    def matrix(
        self,
        indikatoren: str | list[str] | None = None,
        stichtag: str | date | None = None,
        level: Level | None = "sozialraum",
        spalte: Spalte = "wert",
    ) -> pd.DataFrame:
        """Gebiete mal Indikatoren an einem Stichtag; Lücken bleiben Lücken.

        Areas x indicators of one date, NaN = gap.

        Parameters
        ----------
        indikatoren
            Ids or names; default those meant for comparing that have at least one value.
        stichtag
            Reference date; default the latest.
        level
            One level of areas; None for all.
        spalte
            Which column of :meth:`werte`: numbers are floats, ``umgerechnet`` 0 or 1, ``status`` text.
        """
        day = self.stichtag(stichtag)
        keys = self._filled(day) if indikatoren is None else self._known(indikatoren)
        areas = self._gebiete.index if level is None else self._gebiete.index[self._ist(level)]
        return self._breit(day, spalte).reindex(index=areas, columns=keys)

    def _breit(self, day: str, spalte: Spalte) -> pd.DataFrame:
        """All areas x all indicators; made once and kept, since reports ask for one part after another."""
        if (day, spalte) not in self._breiten:
            rows, i, j = self._ort(day)
            values = self._werte[spalte].take(rows).to_numpy()
            text = spalte == "status"
            table = np.full((len(self._gebiete), len(self._indikatoren)), np.nan, object if text else float)
            table[i, j] = values
            self._breiten[day, spalte] = pd.DataFrame(
                table, self._gebiete.index, list(self._indikatoren.index), dtype="str" if text else None
            ).rename_axis(index="gebiet_id")
        return self._breiten[day, spalte]

    def _ort(self, day: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows of a date among the values, and the area and indicator of each, by place."""
        if day not in self._orte:
            rows = np.flatnonzero(self._werte["stichtag"] == day)
            frame = self._werte.take(rows)
            i = self._gebiete.index.get_indexer(frame["gebiet_id"])
            j = self._indikatoren.index.get_indexer(frame["indikator_id"])
            known = (i >= 0) & (j >= 0)
            self._orte[day] = rows[known], i[known], j[known]
        return self._orte[day]

    def _filled(self, day: str) -> list[str]:
        """Indicators meant for comparing that have a value for a small area on a date."""
        areas = self._gebiete.index[self._ist("sozialraum")]
        some = self._breit(day, "wert").loc[areas].notna().any()
        return [key for key in self._indikatoren.index[self._indikatoren["auswertung"]] if some[key]]

    def andere_tage(self, stichtag: str | date | None = None, themen: Iterable[str] = ()) -> dict[str, str]:
        """Themen ohne Werte an einem Stichtag, mit dem Tag, zu dem es welche gibt.

        Topics without any value on a date -> the last earlier date they have values for, else the first later one.

        Parameters
        ----------
        themen
            Ids; without any all of the region. Topics without values on any date are left out.
        """
        day = self.stichtag(stichtag)
        found = {}
        for thema in themen or self.region.themen:
            days = self._tage_je_thema.get(thema, [])
            if days and day not in days:
                found[thema] = max((one for one in days if one < day), default=days[0])
        return found

    @cached_property
    def _tage_je_thema(self) -> dict[str, list[str]]:
        known = self._werte[self._werte["wert"].notna()]
        topic = known["indikator_id"].astype("str").map(self._indikatoren["thema"])
        return {
            str(key): sorted(days.astype("str").unique()) for key, days in known["stichtag"].groupby(topic)
        }

    def vergleichbar(self, stichtag: str | date | None = None) -> list[str]:
        """Indikatoren, die sich an einem Stichtag vergleichen lassen.

        Ids of the indicators meant for comparing with a value on a date; of a region without any, all others.
        """
        return self._filled(self.stichtag(stichtag)) or [str(key) for key in self._indikatoren.index]

    def _known(self, indikatoren: str | list[str]) -> list[str]:
        wanted = [indikatoren] if isinstance(indikatoren, str) else list(indikatoren)
        return [self._kennung(key) for key in wanted]

    def _kennung(self, gesucht: str) -> str:
        """Id of an indicator named by its id, its name or its short name."""
        table = self._indikatoren
        if gesucht in table.index:
            return gesucht
        wanted = gesucht.casefold()
        here = table.index[
            (table["name"].str.casefold() == wanted) | (table["kurz"].str.casefold() == wanted)
        ]
        if len(here) == 1:
            return str(here[0])
        if len(here):
            raise DatenFehler(
                f"„{gesucht}“ heißen mehrere Indikatoren: {', '.join(here)}. Bitte die Kennung angeben."
            )
        known = [*table.index, *table["name"], *table["kurz"]]
        raise DatenFehler(f"Den Indikator „{gesucht}“ gibt es nicht. {vorschlag(gesucht, known)}")

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
        keys = self._known(indikatoren) if indikatoren else self._filled(self.stichtag(stichtag, themen))
        if themen:
            wanted = set(self.indikatoren(themen).index)
            keys = [key for key in keys if key in wanted]
        if not keys:
            if not self._indikatoren["auswertung"].any():
                raise DatenFehler(
                    "Diese Daten enthalten nur Anzahlen. Verglichen werden Anteile und gelieferte Werte; bitte "
                    "auf einer Datensatzseite einen Indikator der Art „quote“ oder „wert“ ergänzen."
                )
            raise DatenFehler(
                "Zu dieser Auswahl gibt es keine Indikatoren mit Werten. Bitte mehr Themen wählen."
            )
        return keys

    def faelle(
        self, indikatoren: list[str], stichtag: str | date | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Fälle und Bezugsgrößen der Indikatoren.

        Counts and bases (areas x indicators) of those indicators that are shares of a base and count cases.

        NaN for values that are no share and for what is measured and not counted; so random fluctuation of
        small counts can be computed exactly where it is defined.
        """
        table = self._indikatoren.reindex(self._known(indikatoren))
        share = table["anteil"] & table["faelle"]
        share = share.index[share.to_numpy(dtype=bool)]
        count = self.matrix(indikatoren, stichtag, spalte="zaehler")
        base = self.matrix(indikatoren, stichtag, spalte="nenner")
        other = count.columns.difference(share)
        count[other] = base[other] = np.nan
        return count, base

    def bevoelkerung(self, stichtag: str | date | None = None) -> pd.Series:
        """Bevölkerung jedes Gebiets an einem Stichtag.

        Residents per small area, from the indicator named in ``region.yml``.

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
        """Welche Gebiete aneinandergrenzen.

        Neighbouring small areas (closer than ``toleranz`` metres); areas without shape have none.
        """
        areas = self.gebiete("sozialraum")
        shaped = areas[areas.geometry.notna()]
        left, right = shaped.sindex.query(shaped.geometry, predicate="dwithin", distance=toleranz)
        result: dict[str, list[str]] = {str(key): [] for key in areas.index}
        for a, b in zip(left, right, strict=True):
            if a != b:
                result[shaped.index[a]].append(shaped.index[b])
        return result

    def quellen(self, indikatoren: list[str] | None = None) -> pd.DataFrame:
        """Quellen der Indikatoren mit Stand und Lizenz.

        Sources of some indicators: anbieter, lizenz, datensatz, datenstand, dateien.
        """
        table = self._indikatoren if indikatoren is None else self._indikatoren.loc[self._known(indikatoren)]
        stand = self._datenstand.reindex(table.index).groupby(table["datensatz"]).max()
        found = table.drop_duplicates("datensatz").set_index("datensatz").sort_index()
        return pd.DataFrame(
            {
                "anbieter": found["quelle"],
                "lizenz": found["lizenz"],
                "datenstand": stand,
                "dateien": self._dateizahl.reindex(found.index, fill_value=0),
            }
        ).reset_index()

    def berichtigungen(self) -> pd.DataFrame:
        """Was seit früheren Datenbeständen berichtigt ist.

        Errors of deliveries that were mended, without their numbers: datensatz, anbieter, warum, seit, quelle.
        """
        rows = pd.DataFrame(
            self.bestand.get("korrekturen", []), columns=["datensatz", "warum", "seit", "quelle"]
        )
        providers = self._indikatoren.groupby("datensatz")["quelle"].first()
        return rows.assign(anbieter=rows["datensatz"].map(providers).fillna(rows["datensatz"]))

    @cached_property
    def _dateizahl(self) -> pd.Series:
        """Delivered files per dataset."""
        return pd.Series([row["datensatz"] for row in self.bestand["quellen"]]).value_counts()

    @cached_property
    def _datenstand(self) -> pd.Series:
        """Latest state of the data per indicator."""
        return self._werte.groupby("indikator_id")["datenstand"].max()

    def befunde(self) -> tuple[Befund, ...]:
        """Was die Prüfung der Lieferungen gefunden hat.

        Findings of the checks of this snapshot (warnings and remarks); internal only.

        Raises
        ------
        DatenFehler
            If the data were loaded for the public.
        """
        self._nur_intern("Der Prüfbericht ist")
        rows = json.loads(self._datei("intern/pruefung.json").read_text(encoding="utf-8"))
        return tuple(Befund(**{**row, "dateien": tuple(row.get("dateien", ()))}) for row in rows)

    def summen(self) -> pd.DataFrame:
        """Gelieferte Summen, die nicht die Summe ihrer Teile sind.

        Delivered totals that differ from the sum of their parts, as far as the audience sees both.

        Columns datensatz, feld, stichtag, gebiet_id, ausdruck (a declared sum of fields; empty for sums over areas),
        geliefert, summe, unterschied, anteil (percent of the total), teile, fehlend, vermutung, datei, blatt, zelle.
        """
        name = summen(self.audience)
        return pd.read_parquet(self._datei(name)) if name in self.bestand["dateien"] else pd.DataFrame()

    def vorhaben(self) -> list[dict[str, Any]]:
        """States of the register of projects, oldest first; empty where the region keeps none.

        Returns
        -------
        list of dict
            Fields of :data:`sozialanalyse.vorhaben.FELDER` with ``stand`` (ISO date), ``punkte``, ``zahlen``,
            ``lieferung``; without applications, persons and small numbers unless the audience is ``intern``.
        """
        name = vorhaben(self.audience)
        if name not in self.bestand["dateien"]:
            return []
        return list(json.loads(self._datei(name).read_text(encoding="utf-8")))

    def umstiege(self) -> pd.DataFrame:
        """Wie frühere Gebiete auf heutige übergehen.

        Which areas of other cuts lie in which of today; with their shares (``anteil``) for internal work only.
        """
        folder = "intern/" if self.audience == "intern" else ""
        return pd.read_parquet(self._datei(f"{folder}umstiege.parquet"))

    def schutz(self, tabelle: str) -> pd.DataFrame:
        """Table about the protection of the public values (``bilanz`` or ``ziele``); internal only.

        Raises
        ------
        DatenFehler
            If the data were loaded for somebody else.
        """
        if self.audience != "intern":
            raise DatenFehler("Der Bericht zur Geheimhaltung ist nur intern zugänglich.")
        return pd.read_parquet(self._datei(f"intern/schutz-{tabelle}.parquet"))

    def _umgerechnet(self, stichtag: str, indikatoren: list[str] | None) -> int:
        frame = self._werte
        rows = frame["umgerechnet"] & (frame["stichtag"] == stichtag)
        if indikatoren is not None:
            rows &= frame["indikator_id"].isin(indikatoren)
        return int(rows.sum())

    @property
    def erstellt(self) -> datetime:
        """When the snapshot was made, on the clock of this place; a reader's day begins at local midnight."""
        return datetime.fromisoformat(self.bestand["erstellt"]).astimezone()

    def kontext(self, stichtag: str | date | None = None, indikatoren: list[str] | None = None) -> Kontext:
        """What figures and pages say about themselves."""
        day = date.fromisoformat(self.stichtag(stichtag))
        created = self.erstellt
        return Kontext(
            region=self.region.name,
            herausgeber=self.region.seite.herausgeber,
            stichtag=f"{day:%d.%m.%Y}",
            audience=self.audience,
            sozialraum=self.region.ebene("sozialraum"),
            kommune=self.region.ebene("kommune"),
            region_ebene=self.region.ebene("region"),
            marke=self.region.marke,
            quellen=tuple(dict.fromkeys(self.quellen(indikatoren)["anbieter"])),
            umgerechnet=self._umgerechnet(day.isoformat(), indikatoren),
            stand=f"Datenbestand {self.ordner.name} vom {created:%d.%m.%Y}",
        )
