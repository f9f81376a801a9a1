"""What the agreement says on a day; without one everything is as disclosure control leaves it.

A right holds while the agreement, the right itself and no embargo say so. Nothing is inherited: who may edit may
not publish. An indicator rests on every dataset its numerator and denominator come from, and needs all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from sozialanalyse.base import Befund, PruefFehler, vorschlag, yamlio
from sozialanalyse.region import Level, Region
from sozialanalyse.vereinbarung.vertrag import (
    ALLE,
    OEFFENTLICHKEIT,
    Darf,
    EinheitSeite,
    Recht,
    Sperrfrist,
    VereinbarungSeite,
)

DATEI = "vereinbarung.yml"
FOLGT, VERSCHLOSSEN = "folgt", "geheim"
"""Status of a number that comes after its embargo, and of one that is not meant for an audience."""


@dataclass(frozen=True)
class Vereinbarung:
    """The agreement of a region on one day.

    Attributes
    ----------
    seite
        None: there is none, and nothing is closed by it.
    heute
        Day that is asked about.
    """

    seite: VereinbarungSeite | None
    heute: date
    _merk: dict[tuple[str, str, str, str], str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def gilt(self) -> bool:
        page = self.seite
        return page is not None and page.vom <= self.heute and (page.bis is None or self.heute <= page.bis)

    @property
    def einheiten(self) -> dict[str, EinheitSeite]:
        """Units by id, the public among them."""
        if self.seite is None:
            return {}
        everybody = EinheitSeite(id=OEFFENTLICHKEIT, name="Öffentlichkeit")
        return {one.id: one for one in [*self.seite.einheiten, everybody]}

    def rechte(self, einheit: str) -> list[Recht]:
        """Rights that name a unit, whether or not they hold today."""
        if self.seite is None:
            return []
        named = {einheit} if einheit == OEFFENTLICHKEIT else {einheit, ALLE}
        return [right for right in self.seite.rechte if named & set(right.einheiten)]

    def grund(self, einheit: str, darf: Darf, datensatz: str, ebene: Level, stichtag: str) -> str:
        """Why a unit may not do something today, in German; empty if it may.

        Parameters
        ----------
        stichtag
            Reference date in ISO form.
        """
        if self.seite is None:
            return ""
        unit = self.einheiten[einheit]
        if unit.zielgruppe == "intern" and darf == "sehen":
            return ""  # the house works with all numbers
        if not self.gilt:
            return "Die Vereinbarung gilt heute nicht."
        for closed in self.seite.sperrfristen:
            if self._sperrt(closed, einheit, datensatz, stichtag):
                return f"Bis {closed.bis:%d.%m.%Y} gesperrt: {closed.grund}."
        fits = [
            right for right in self.rechte(einheit)
            if darf in _liste(right.darf) and ebene in right.ebenen and (right.datensaetze == ALLE or datensatz in right.datensaetze)
        ]  # fmt: skip
        if any(self._gilt(right) for right in fits):
            return ""
        late = max((right.bis for right in fits if right.bis and right.bis < self.heute), default=None)
        soon = min((right.ab for right in fits if right.ab and right.ab > self.heute), default=None)
        if late and not soon:
            return f"Das Recht von {unit.name} ist am {late:%d.%m.%Y} abgelaufen."
        if soon:
            return f"Das Recht von {unit.name} beginnt am {soon:%d.%m.%Y}."
        return f"{unit.name} hat dafür kein Recht."

    def _gilt(self, right: Recht) -> bool:
        return (right.ab is None or right.ab <= self.heute) and (right.bis is None or self.heute <= right.bis)

    def _sperrt(self, closed: Sperrfrist, einheit: str, datensatz: str, stichtag: str) -> bool:
        names = closed.datensaetze
        return (
            self.heute <= closed.bis
            and einheit not in closed.ausser
            and not (ALLE in closed.ausser and einheit != OEFFENTLICHKEIT)
            and (names == ALLE or datensatz in names)
            and date.fromisoformat(stichtag) in closed.stichtage
        )

    def sieht(self, audience: str, datensatz: str, ebene: Level, stichtag: str) -> str:
        """Why an audience does not see numbers today; empty if it does.

        A Kommune sees what one of its units may see and what everybody may see. What is made for the public is open to
        everybody, so a right of single units does not open it.
        """
        if self.seite is None or audience == "intern":
            return ""
        key = (audience, datensatz, ebene, stichtag)
        if key not in self._merk:
            own = [one.id for one in self.seite.einheiten if one.zielgruppe == audience != "oeffentlich"]
            units = [OEFFENTLICHKEIT, *own]
            reasons = [self.grund(unit, "sehen", datensatz, ebene, stichtag) for unit in units]
            self._merk[key] = "" if "" in reasons else reasons[-1]
        return self._merk[key]

    def beschneide(
        self, werte: pd.DataFrame, audience: str, ebenen: pd.Series, herkunft: Mapping[str, Iterable[str]]
    ) -> pd.DataFrame:
        """Values without those the audience may not see today: no number, and a status that says why.

        Parameters
        ----------
        werte
            Values as disclosure control leaves them for the audience.
        ebenen
            Level of every area.
        herkunft
            Indicator -> the datasets it is made of.
        """
        gone = self.verdeckt(werte, audience, ebenen, herkunft)
        if not gone.any():
            return werte
        result = werte.copy()
        shown = result["wert"].notna()
        result.loc[gone != "", ["wert", "zaehler", "nenner"]] = float("nan")
        result.loc[(gone != "") & shown, "status"] = gone[(gone != "") & shown]
        return result

    def verdeckt(
        self, werte: pd.DataFrame, audience: str, ebenen: pd.Series, herkunft: Mapping[str, Iterable[str]]
    ) -> pd.Series:
        """Status each row would have because of the agreement; empty text where it may be seen."""
        result = pd.Series("", index=werte.index, dtype="str")
        if self.seite is None or audience == "intern" or werte.empty:
            return result
        level = werte["gebiet_id"].astype("str").map(ebenen.astype("str"))
        keys = pd.DataFrame(
            {"i": werte["indikator_id"].astype("str"), "e": level, "t": werte["stichtag"].astype("str")}
        )
        for (name, ebene, tag), rows in keys.groupby(["i", "e", "t"], sort=False).groups.items():
            why = [self.sieht(audience, one, ebene, tag) for one in herkunft.get(name, ())]
            if any(why):
                later = all(reason.startswith("Bis ") for reason in why if reason)
                result.loc[rows] = FOLGT if later else VERSCHLOSSEN
        return result

    def stand(self) -> str:
        """Hash of what the agreement says today; the same on days on which it says the same."""
        if self.seite is None:
            return ""
        rights = [right.model_dump_json() for right in self.seite.rechte if self._gilt(right)]
        closed = [one.model_dump_json() for one in self.seite.sperrfristen if self.heute <= one.bis]
        units = [one.model_dump_json() for one in self.seite.einheiten]
        return hashlib.sha256("|".join([str(self.gilt), *units, *rights, *closed]).encode()).hexdigest()[:16]


def _liste(value: Darf | list[Darf]) -> list[Darf]:
    return value if isinstance(value, list) else [value]


def lade(region: Region, heute: date | None = None) -> Vereinbarung:
    """The agreement in a region folder on a day, by default today.

    Raises
    ------
    PruefFehler
        If the page is faulty or names a Kommune of another form.
    """
    day = heute or date.today()
    path = region.ordner / DATEI
    if not path.exists():
        return Vereinbarung(None, day)
    document = yamlio.lesen(path)
    page = yamlio.pruefen(VereinbarungSeite, document)
    faults = []
    for number, unit in enumerate(page.einheiten):
        try:
            region.pruefe_audience(unit.zielgruppe)
        except ValueError as error:
            faults.append(Befund("fehler", f"einheiten → {unit.id}: {error}", datei=str(path), zeile=document.zeile(("einheiten", number, "zielgruppe"))))  # fmt: skip
    if faults:
        raise PruefFehler(faults)
    return Vereinbarung(page, day)


def unbekannte(page: VereinbarungSeite, datensaetze: Iterable[str]) -> list[str]:
    """Sentences about datasets that the agreement names and the region does not have."""
    known = list(datensaetze)
    lists = [one.datensaetze for one in page.rechte] + [one.datensaetze for one in page.sperrfristen]
    named = {name for names in lists if not isinstance(names, str) for name in names}
    return [
        f"{DATEI} nennt den Datensatz „{name}“, den es nicht gibt. {vorschlag(name, known)}"
        for name in sorted(named - set(known))
    ]
