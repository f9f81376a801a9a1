"""From values to what one audience may see.

Primary: counts below the profile's minimum, their complements, dominated counts, rates on too small a
base (:mod:`.regeln`). Secondary: so many further cells that none of these can be narrowed to less than
its protection width by anything published beside it (:mod:`.auswahl`). A hidden numerator or denominator
takes every indicator with it that shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund
from sozialanalyse.geheimhaltung import frueher
from sozialanalyse.geheimhaltung.angriff import TOLERANZ, angriff
from sozialanalyse.geheimhaltung.auswahl import Muster, waehle
from sozialanalyse.geheimhaltung.frueher import SCHLUESSEL
from sozialanalyse.geheimhaltung.regeln import INTERN, OEFFENTLICH, Regeln
from sozialanalyse.geheimhaltung.rundung import gerundet, schritte
from sozialanalyse.geheimhaltung.system import GESPERRT, GRUENDE, UNVOLLSTAENDIG, System, system
from sozialanalyse.geheimhaltung.wissen import Wissen, Zaehlfelder
from sozialanalyse.geheimhaltung.zeitlich import DAVOR, Vorher
from sozialanalyse.region import Katalog, Sperrprofil, kommune_von


@dataclass(frozen=True)
class Schutz:
    """Protected values of one audience and what protecting them cost.

    Attributes
    ----------
    werte
        Rows and columns as given; hidden cells have neither value, numerator nor denominator and the
        status ``geheim``.
    bilanz
        One row per reference date and indicator: zellen (shown without protection), primaer, sekundaer; of the
        primary ones those of its own rules zahl, rest and basis, the others share a count with another indicator.
    ziele
        One row per protected quantity: stichtag, gebiet_id, indikator_id, art, breite (asked for), weite
        (found, at least), geschuetzt, schon_bekannt (too narrow, but what was published before narrows it as far).
    """

    werte: pd.DataFrame
    bilanz: pd.DataFrame
    ziele: pd.DataFrame

    @property
    def offen(self) -> pd.DataFrame:
        """Quantities that an attacker would narrow too far only with this publication."""
        return self.ziele[~self.ziele["geschuetzt"] & ~self.ziele["schon_bekannt"]]

    @property
    def schon_bekannt(self) -> pd.DataFrame:
        """Quantities that everybody who kept earlier publications can narrow as far already."""
        return self.ziele[self.ziele["schon_bekannt"]]

    def befunde(self, audience: str, stichtag: str) -> list[Befund]:
        """What no choice of hidden cells can protect: at most one finding of each kind."""
        found = []
        for narrow, why, remedy in (
            (self.offen, "weil zu viel davon ohnehin bekannt ist",
             "Dieser Datenbestand darf so nicht veröffentlicht werden; „sozialanalyse schutz“ nennt alle mit ihrer Spanne."),
            (self.schon_bekannt, "weil früher Veröffentlichtes den Wert schon verrät",
             "Alles andere richtet sich nach den Regeln. Konnte die frühere Fassung niemand sehen, nimmt "
             "„sozialanalyse schutz --zuruecknehmen“ sie zurück."),
        ):  # fmt: skip
            if narrow.empty:
                continue
            subject = "Eine Größe lässt" if len(narrow) == 1 else f"{len(narrow)} Größen lassen"
            places = narrow["indikator_id"] + " in " + narrow["gebiet_id"]
            more = " …" if len(narrow) > 6 else ""
            found.append(Befund("warnung",
                                f"Geheimhaltung ({audience}), Stichtag {stichtag}: {subject} sich nicht mehr schützen, "
                                f"{why} ({', '.join(places[:6])}{more}).",
                                remedy, regel="geheimhaltung"))  # fmt: skip
        return found


@dataclass
class _Ergebnis:
    bilanz: list[pd.DataFrame] = field(default_factory=list)
    ziele: list[pd.DataFrame] = field(default_factory=list)


def oeffentlich(
    werte: pd.DataFrame,
    gebiete: pd.DataFrame,
    katalog: Katalog,
    profile: Mapping[str, Sperrprofil],
    merkmale: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Values the public may see; see :func:`schuetze`."""
    return schuetze(werte, gebiete, katalog, profile, OEFFENTLICH, merkmale=merkmale).werte


def intern(
    werte: pd.DataFrame,
    gebiete: pd.DataFrame,
    katalog: Katalog,
    profile: Mapping[str, Sperrprofil],
    merkmale: pd.DataFrame | None = None,
    known: Wissen | None = None,
) -> pd.DataFrame:
    """Values for internal work: as delivered, unless a profile names a minimum count for it, too."""
    if not any(profil.mindestfallzahl_intern for profil in profile.values()):
        return werte
    return schuetze(werte, gebiete, katalog, profile, INTERN, merkmale=merkmale, known=known).werte


def schuetze(
    werte: pd.DataFrame,
    gebiete: pd.DataFrame,
    katalog: Katalog,
    profile: Mapping[str, Sperrprofil],
    audience: str,
    *,
    merkmale: pd.DataFrame | None = None,
    bekannt: pd.DataFrame | None = None,
    nachfolger: Mapping[str, Sequence[str]] | None = None,
    oeffentliche: pd.DataFrame | None = None,
    known: Wissen | None = None,
) -> Schutz:
    """Protect the values for one audience.

    Parameters
    ----------
    werte
        All values, every level (see :func:`sozialanalyse.harmonise.rates.berechne`).
    gebiete
        Areas indexed by ``gebiet_id`` with level and oberhalb.
    audience
        ``intern``, ``oeffentlich`` or ``kommune:<id>``.
    merkmale
        Delivered counts (long table), so that fields only published within sums are protected too, and
        sums of fields are found that nobody declared.
    bekannt
        Cells published earlier, as :func:`.register.bekannt` has them: those that have not been corrected
        since stay shown, and what is hidden now is hidden from readers who remember them all.
    nachfolger
        Areas of earlier publications that no longer exist, and the areas they were divided into.
    oeffentliche
        Public values; for a Kommune, which sees these and its own areas in more detail.
    known
        What is known beside publications (:class:`.wissen.Wissen`); default what can be found in ``merkmale``,
        else in ``werte``.
    """
    if known is None:
        known = (
            Wissen.aus_werten(werte, gebiete, katalog)
            if merkmale is None
            else Wissen.aus_merkmalen(merkmale, gebiete, katalog)
        )
    result = werte.copy()
    gebiete = gebiete.sort_index()  # the order of a file must not decide which of two equal cells goes
    own = _own(gebiete, kommune_von(audience))
    regeln = Regeln(profile, katalog, audience, own)
    hidden = np.zeros(len(werte), dtype=bool)
    secret_already = (werte["status"] == GESPERRT).to_numpy()
    done = _Ergebnis()
    public = None if oeffentliche is None else _hidden_in(werte, oeffentliche)
    earlier = None if bekannt is None else frueher.abgleich(werte, bekannt, katalog, profile)
    printed = None if earlier is None else frueher.noch_bekannt(werte, earlier)
    stocks = sorted({one.bestand for one in known.fortschreibungen})
    last: Vorher | None = None
    for day, rows in werte.groupby("stichtag").indices.items():
        part = werte.iloc[rows].reset_index(drop=True)
        sums = (
            []
            if bekannt is None or earlier is None
            else frueher.teilsummen(str(day), gebiete, earlier, bekannt, nachfolger or {})
        )
        fields = None if merkmale is None else Zaehlfelder.aus(merkmale, str(day))
        built = system(part, gebiete, regeln, fields, sums, known, last)
        built = built if last is None else _hoechstens_was_davor_offen_ist(built)
        before = None if printed is None else printed[rows]
        pattern = _choose(
            built, part, own[gebiete.index.get_indexer(part["gebiet_id"])],
            None if public is None else public[rows], before,
        )  # fmt: skip
        gone = np.zeros(len(part), dtype=bool)
        gone[built.gesperrt(pattern.verdeckt)] = True
        gone[built.sofort] = True
        hidden[rows] = gone | secret_already[rows]
        if stocks:
            shown = part["wert"].notna().to_numpy() & ~gone & ~secret_already[rows]
            whole = (part["status"] != UNVOLLSTAENDIG).to_numpy()
            last = built.vorher(stocks, gebiete.index, shown & whole, secret_already[rows])
        primary = np.zeros(len(part), dtype=bool)
        primary[built.gesperrt(built.verdeckt)] = True
        primary[built.sofort] = True
        done.bilanz.append(_balance(part, gone, primary, built.grund, str(day)))
        told = _already(built, pattern, before, bool(sums))
        done.ziele.append(_targets(built, pattern, told, gebiete, str(day)))
    result.loc[hidden, ["wert", "zaehler", "nenner"]] = np.nan
    result.loc[hidden, "status"] = GESPERRT
    if audience != INTERN:
        result.loc[result["wert"].isna(), ["zaehler", "nenner"]] = np.nan
        _round(result, katalog, profile)
    return Schutz(result, _join(done.bilanz), _join(done.ziele))


def _choose(
    built: System, part: pd.DataFrame, own: np.ndarray, public: np.ndarray | None, known: np.ndarray | None
) -> Muster:
    """Decisions to hide; what was published before stays, what the public may not see stays hidden."""
    row, first, second = built.zeilen.T
    start, locked = built.verdeckt, np.zeros(len(built.verdeckt), dtype=bool)
    locked[-1] = True  # what is known without any publication of ours
    if public is not None:  # hidden for everybody, unless it is detail of the own Kommune
        shown = ~public[row] & part["wert"].notna().to_numpy()[row]
        locked[first[shown]] = locked[second[shown]] = True
        foreign = public[row] & ~own[row]
        start = start.copy()
        start[np.where(locked[first], second, first)[foreign]] = True
        start &= ~locked
    if known is not None:
        locked[first[known[row]]] = locked[second[known[row]]] = True
        start = start & ~locked
    return waehle(built.tafel, start, built.kosten, fest=locked)


def _hoechstens_was_davor_offen_ist(built: System) -> System:
    """Ask of a stock that the date before hid for no wider interval than that date left."""
    before = np.flatnonzero(built.ziel["indikator"].str.endswith(DAVOR))
    if not len(before):
        return built
    gone = np.ones(len(built.verdeckt), dtype=bool)
    gone[-1] = False  # what the date before showed
    left = angriff(built.tafel, built.tafel.sichtbar(gone)).weite[before]
    breite = built.tafel.breite.copy()
    breite[before] = np.minimum(breite[before], (1 - TOLERANZ) * left)
    return replace(built, tafel=replace(built.tafel, breite=breite))


def _own(gebiete: pd.DataFrame, kommune: str | None) -> np.ndarray:
    if kommune is None:
        return np.zeros(len(gebiete), dtype=bool)
    return np.asarray((gebiete["oberhalb"] == kommune) | (gebiete.index == kommune))


def _is_in(werte: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    keys = pd.MultiIndex.from_frame(werte[SCHLUESSEL])
    return np.asarray(keys.isin(pd.MultiIndex.from_frame(others[SCHLUESSEL])))


def _hidden_in(werte: pd.DataFrame, public: pd.DataFrame) -> np.ndarray:
    return werte["wert"].notna().to_numpy() & _is_in(werte, public[public["wert"].isna()])


def _balance(
    part: pd.DataFrame, gone: np.ndarray, primary: np.ndarray, reason: np.ndarray, day: str
) -> pd.DataFrame:
    shown = part["wert"].notna().to_numpy()
    table = pd.DataFrame(
        {
            "stichtag": day,
            "indikator_id": part["indikator_id"],
            "zellen": shown,
            "primaer": shown & primary,
            "sekundaer": shown & gone & ~primary,
            **{word: shown & primary & (reason == word) for word in GRUENDE},
        }
    )
    return table.groupby(["stichtag", "indikator_id"], sort=False).sum().reset_index()


def _already(built: System, pattern: Muster, known: np.ndarray | None, older: bool) -> np.ndarray:
    """Targets that stay too narrow, and are as narrow when nothing but earlier publications is shown.

    Parameters
    ----------
    known
        Whether each row of values was published before as it is now; None if nothing was published.
    older
        Whether earlier publications tell sums of areas as well.
    """
    told = np.zeros(len(pattern.angriff.breite), dtype=bool)
    if known is None or not len(pattern.unschuetzbar) or not (older or known.any()):
        return told
    row, first, second = built.zeilen.T
    gone = np.ones(len(built.verdeckt), dtype=bool)
    gone[-1] = False  # what is known without any publication of ours
    gone[first[known[row]]] = gone[second[known[row]]] = False
    found = angriff(built.tafel, built.tafel.sichtbar(gone))
    narrow = pattern.unschuetzbar
    told[narrow] = found.weite[narrow] <= pattern.angriff.weite[narrow] + 10 * TOLERANZ
    return told


def _targets(
    built: System, pattern: Muster, told: np.ndarray, gebiete: pd.DataFrame, day: str
) -> pd.DataFrame:
    found = pattern.angriff
    width = np.where(np.isfinite(found.weite), found.weite, 0.0)
    narrow = np.zeros(len(width), dtype=bool)
    narrow[pattern.unschuetzbar] = True
    return pd.DataFrame(
        {
            "stichtag": day,
            "gebiet_id": gebiete.index[built.ziel["gebiet"].astype(int)],
            "indikator_id": built.ziel["indikator"],
            "art": built.ziel["art"],
            "breite": found.breite,
            "weite": width,
            "geschuetzt": ~narrow,
            "schon_bekannt": told,
        }
    )


def _join(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _round(result: pd.DataFrame, katalog: Katalog, profile: Mapping[str, Sperrprofil]) -> None:
    """Round as the profiles say, in place; what is left exact beside a rounded value must not undo it."""
    steps = schritte(katalog, profile)
    for name in result["indikator_id"].unique():
        indikator = katalog.indikatoren[name]
        profil = profile[indikator.sperrprofil]
        rows = result["indikator_id"] == name
        coarse = steps.loc[name][steps.loc[name] > 0]
        for column, step in coarse.items():
            result.loc[rows, column] = gerundet(result.loc[rows, column], step)
        if len(coarse) and indikator.nenner is None:
            result.loc[rows, "wert"] = result.loc[rows, "zaehler"]
        elif len(coarse):
            rate = indikator.seite.faktor * result["zaehler"] / result["nenner"].where(result["nenner"] > 0)
            lost = rows & result["wert"].notna() & rate.isna()  # a base that rounds to nothing
            result.loc[rows, "wert"] = rate[rows].where(result.loc[rows, "wert"].notna())
            result.loc[lost, ["zaehler", "nenner"]] = np.nan
            result.loc[lost, "status"] = GESPERRT
        if profil.rundung_wert:
            result.loc[rows, "wert"] = gerundet(result.loc[rows, "wert"], profil.rundung_wert)
            result.loc[rows, "zaehler"] = np.nan
