"""The register of projects as the page needs it: last states, needs as cells, money left, applications judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse import vorhaben
from sozialanalyse.analyse import projects
from sozialanalyse.base import Zwischenspeicher, vergleichsform
from sozialanalyse.foerderung import FoerderSeite
from sozialanalyse.seiten.teile.foerderzahlen import Foerderung
from sozialanalyse.store import Daten
from sozialanalyse.vorhaben import Topf, VorhabenSeite

NICHT_BEWILLIGT = (*vorhaben.NUR_INTERN, "verworfen")
GEZEIGT = ("kommend", "beendet")
"""What a project is that was reported as running and whose period does not include the day of the register."""
_RECHTSFORM = re.compile(r"(ev|ggmbh|gmbh|gug|ug|eg)$")


@dataclass(frozen=True)
class Kasse:
    """Money of a pot in the period of the register: ``betrag`` euro, ``bewilligt`` granted, ``frei`` what is left.

    ``zahl`` counts the projects ``bewilligt`` is the sum of; ``offen`` granted ones that cannot be counted because
    their begin or amount is not known.
    """

    topf: Topf
    von: date
    bis: date
    betrag: float
    bewilligt: float
    zahl: int
    offen: int

    @property
    def frei(self) -> float:
        return self.betrag - self.bewilligt


class Register:
    """States of projects, and what follows from them together with public numbers.

    Parameters
    ----------
    staende
        States as the audience may see them (:meth:`sozialanalyse.store.Daten.vorhaben`).
    seite
        The checked page.
    oeffentlich
        Public data: people in need are counted from nothing else.
    regel
        Rule of funding, for regions whose needs stand there.
    stichtag
        Date of the public numbers in ISO form.
    """

    def __init__(
        self,
        staende: list[dict[str, Any]],
        seite: VorhabenSeite,
        oeffentlich: Daten,
        regel: FoerderSeite | None,
        stichtag: str,
        speicher: Zwischenspeicher,
    ) -> None:
        self.staende, self.seite, self.daten = staende, seite, oeffentlich
        self.kommune = oeffentlich.kommune()
        rule = _als_regel(seite) if seite.bedarfe else regel
        self.foerderung = None if rule is None else Foerderung(oeffentlich, rule, stichtag, speicher)
        self.bedarfsnamen: dict[str, str] = (
            {} if rule is None else {key: need.name for key, need in rule.bedarfe.items()}
        )

    # --- states -------------------------------------------------------------------------------

    @cached_property
    def tag(self) -> date:
        """Day of the newest state; what is due and what runs is told for it."""
        return date.fromisoformat(max(one["stand"] for one in self.staende))

    @cached_property
    def letzte(self) -> pd.DataFrame:
        """One row per project: its status now, and of everything else the last thing that was said.

        ``seit`` is the day of its status; ``orte`` the small areas it is for.
        """
        found: dict[str, dict[str, Any]] = {}
        for state in self.staende:
            row = found.setdefault(state["kennung"], {"seit": state["stand"], "status": state["status"]})
            if row["status"] != state["status"]:
                row["seit"] = state["stand"]
            for field, value in state.items():
                if isinstance(value, dict):
                    row[field] = {**row.get(field, {}), **value}
                elif value not in (None, []) or field not in row:
                    row[field] = value
        frame = pd.DataFrame(list(found.values()), index=pd.Index(list(found), name="kennung"))
        region = self.daten.region.seite.schluessel_region
        frame["orte"] = [projects.expanded(areas, self.kommune, region) for areas in frame["gebiete"]]
        for field in (*vorhaben.TAGE, "topf", "traeger", "antragsteller", "zweck", "titel"):
            frame[field] = frame[field].astype(object).where(frame[field].notna(), None)
        for field in ("betrag", "eigenanteil"):
            frame[field] = pd.to_numeric(frame[field])
        return frame

    @cached_property
    def verlauf(self) -> pd.DataFrame:
        """All states as the analysis of reports takes them."""
        months = {key: pot.nachweis_monate for key, pot in self.seite.toepfe.items()}
        rows = [
            {
                "id": one["kennung"], "day": one["stand"], "status": one["status"], "text": one["text"],
                "duty": {"jaehrlich": "yearly", "bei_neuigkeit": "news"}.get(one["pflicht"] or "", ""),
                "begin": one["beginn"], "end": one["ende"], "report": one["bericht"], "proof": one["nachweis"],
                "months": months.get(one["topf"] or ""),
            }
            for one in self.staende
        ]  # fmt: skip
        frame = pd.DataFrame(rows)
        frame["duty"] = frame["id"].map(frame[frame["duty"] != ""].groupby("id")["duty"].last()).fillna("")
        frame["months"] = frame["months"].astype(float)
        return frame

    def laeuft(self, frame: pd.DataFrame) -> pd.Series:
        """Which projects run on the day of the register."""
        return self.gezeigt.reindex(frame.index).isin(vorhaben.LAUFEND)

    @cached_property
    def gezeigt(self) -> pd.Series:
        """Per project its status on the day of the register: as reported, but what is over or to come does not run."""
        frame, day = self.letzte, self.tag.isoformat()
        running = frame["status"].isin(vorhaben.LAUFEND)
        later = running & (frame["beginn"].fillna("") > day)
        over = running & (frame["ende"].fillna("9999") < day)
        return frame["status"].mask(later, GEZEIGT[0]).mask(over, GEZEIGT[1])

    @property
    def massnahmen(self) -> pd.DataFrame:
        return self.letzte[self.letzte["art"] == "massnahme"]

    @property
    def laufende(self) -> pd.DataFrame:
        return self.letzte[self.laeuft(self.letzte)]

    # --- reports ------------------------------------------------------------------------------

    @property
    def sitzung(self) -> date | None:
        return self.seite.sitzung(self.tag)

    @cached_property
    def schulden(self) -> pd.DataFrame:
        """What is owed by the next meeting, or by the day of the register where none is announced."""
        return projects.owed(
            self.verlauf,
            self.sitzung or self.tag,
            running=vorhaben.LAUFEND,
            closed=vorhaben.ABGESCHLOSSEN,
        )

    @cached_property
    def neuigkeiten(self) -> pd.DataFrame:
        """Changes after the last meeting on or before the day of the register; all changes if there was none."""
        before = self.seite.sitzung_davor(self.tag)
        found = projects.changes(self.verlauf)
        return found[found["day"] > before.isoformat()] if before else found

    # --- people -------------------------------------------------------------------------------

    @cached_property
    def zellen(self) -> pd.DataFrame:
        """One row per need an area has: need, area, persons (public, hidden ones estimated), estimated."""
        parts = [
            pd.DataFrame(
                {
                    "need": name,
                    "area": one.share.index[(one.share > 0).to_numpy()],
                    "persons": one.persons[one.share > 0].to_numpy(dtype=float),
                    "estimated": one.estimated[one.share > 0].to_numpy(dtype=bool),
                }
            )
            for name, one in (self.foerderung.bedarfe if self.foerderung else {}).items()
        ]
        if not parts:
            return pd.DataFrame(columns=["need", "area", "persons", "estimated"])
        return pd.concat(parts, ignore_index=True)

    @property
    def fehlende(self) -> list[str]:
        """Needs for which the date has not enough numbers."""
        return self.foerderung.fehlende if self.foerderung else []

    def _als_projekte(self, frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"needs": frame["bedarfe"].map(tuple), "areas": frame["orte"]}, index=frame.index)

    @cached_property
    def flecken(self) -> pd.DataFrame:
        """Cells without a running project, most people first."""
        return projects.white_spots(self.zellen, self._als_projekte(self.laufende))

    # --- small projects -----------------------------------------------------------------------

    def kasse(self, topf: str) -> Kasse | None:
        """Money of a pot; None where the page names no period."""
        pot = self.seite.toepfe[topf]
        span = pot.zeitraum(self.tag)
        if span is None:
            return None
        found = self.bewilligte(topf)
        begin, known = found["beginn"].fillna(""), found["betrag"].notna()
        inside = (begin >= span.von.isoformat()) & (begin <= span.bis.isoformat())
        return Kasse(
            pot,
            span.von,
            span.bis,
            span.betrag,
            bewilligt=float(found["betrag"][inside & known].sum()),
            zahl=int((inside & known).sum()),
            offen=int(((begin == "") | (inside & ~known)).sum()),
        )

    def bewilligt(self, frame: pd.DataFrame) -> pd.Series:
        """Which projects were granted: neither waiting nor refused nor given up."""
        return ~frame["status"].isin(NICHT_BEWILLIGT)

    def bewilligte(self, topf: str) -> pd.DataFrame:
        """Granted projects of a pot, whenever they began."""
        return self.letzte[(self.letzte["topf"] == topf) & self.bewilligt(self.letzte)]

    @cached_property
    def antraege(self) -> pd.DataFrame:
        """Applications that wait for a decision."""
        return self.letzte[self.letzte["status"] == "beantragt"]

    @cached_property
    def eignung(self) -> pd.DataFrame:
        """Per application why it may not be funded, and what is not known."""
        frame = self.antraege
        asked = pd.DataFrame(
            {
                "pot": frame["topf"], "applicant": frame["traeger"], "amount": frame["betrag"],
                "own_share": frame["eigenanteil"], "purpose": frame["zweck"], "areas": frame["orte"],
                "begin": frame["beginn"], "end": frame["ende"],
            },
            index=frame.index,
        )  # fmt: skip
        return projects.eligibility(asked, {key: self._bedingungen(key) for key in self.seite.toepfe})

    def _bedingungen(self, topf: str) -> projects.Pot:
        pot = self.seite.toepfe[topf]
        span = pot.zeitraum(self.tag)
        return projects.Pot(
            low=pot.mindestens,
            high=np.inf if pot.hoechstens is None else pot.hoechstens,
            own_share=pot.eigenanteil,
            applicants=frozenset(pot.antragsteller),
            purposes=frozenset(pot.zwecke),
            areas=frozenset(projects.expanded(pot.gebiete, self.kommune, "")) if pot.gebiete else frozenset(),
            start=span.von.isoformat() if span else "",
            end=span.bis.isoformat() if span else "",
        )

    @cached_property
    def punkte(self) -> pd.DataFrame:
        """Applications x criteria, 0 to 1, a gap where nobody has judged."""
        frame = self.antraege
        return pd.DataFrame(
            {
                key: [
                    self._bedarf_von(row["bedarfe"], row["orte"])
                    if one.aus == "bedarf"
                    else row["punkte"].get(key, np.nan) / self.seite.punkte_bis
                    for row in frame.to_dict("records")
                ]
                for key, one in self.seite.kriterien.items()
            },
            index=frame.index,
            dtype=float,
        )

    def _bedarf_von(self, needs: list[str], areas: tuple[str, ...]) -> float:
        """Mean share of its needs over the areas of a project; a gap if either is not known."""
        known = self.foerderung.bedarfe if self.foerderung else {}
        found = [known[need].share.reindex(list(areas)) for need in needs if need in known]
        return float(pd.concat(found).mean()) if found and areas else np.nan

    @cached_property
    def bewertung(self) -> pd.Series:
        """Score 0 to 100 per application; missing where a criterion has not been judged."""
        if not self.seite.kriterien:
            return pd.Series(np.nan, index=self.antraege.index)
        return projects.scores(self.punkte, {key: one.gewicht for key, one in self.seite.kriterien.items()})

    @property
    def geeignet(self) -> pd.DataFrame:
        """Applications without a reason against them and with everything known."""
        judged = self.eignung
        return self.antraege[(judged["reasons"].map(len) == 0) & (judged["unknown"].map(len) == 0)]

    def waehlbar(self, topf: str) -> pd.DataFrame:
        return self.geeignet[self.geeignet["topf"] == topf]

    def wahl(self, topf: str, budget: float) -> dict[str, projects.Choice]:
        """What a budget buys in a pot: by score, and by most people newly reached."""
        frame = self.waehlbar(topf)
        cells = self.flecken
        reach = projects.covered(cells, self._als_projekte(frame))
        asked = (frame["betrag"], self.bewertung[frame.index], budget, reach, cells["persons"])
        return {"punkte": projects.by_score(*asked), "menschen": projects.most_reached(*asked)}

    def wahl_allein(self, kennung: str) -> float:
        """People in need a project would newly reach by itself."""
        reach = projects.covered(self.flecken, self._als_projekte(self.letzte.loc[[kennung]]))
        return float(self.flecken["persons"][reach.loc[kennung]].sum())

    @cached_property
    def doppelt(self) -> pd.DataFrame:
        """Pairs of projects to be cleared up before money is granted twice."""
        frame = self.letzte[~self.letzte["status"].isin(("abgelehnt", "verworfen"))]
        asked = pd.DataFrame(
            {
                "pot": frame["topf"], "applicant": frame["antragsteller"].map(_stamm), "purpose": frame["zweck"],
                "areas": frame["orte"], "begin": frame["beginn"], "end": frame["ende"], "title": frame["titel"],
            },
            index=frame.index,
        )  # fmt: skip
        return projects.double_funding(asked[asked["pot"].notna()])


def _stamm(name: str | None) -> str:
    """An applicant without legal form and spelling."""
    return _RECHTSFORM.sub("", vergleichsform(name or ""))


def _als_regel(seite: VorhabenSeite) -> FoerderSeite:
    """The needs of a register in the form of a rule of funding, so that both are decided the same way."""
    share = 100 / len(seite.bedarfe)
    return FoerderSeite.model_validate(
        {
            "titel": seite.titel,
            "fassung": "",
            "zeitraum": {"von": date.min, "bis": date.max},
            "bedarfe": {
                key: {
                    "name": need.name,
                    "indikatoren": {need.personen: 1},
                    "personen": need.personen,
                    "regel": {
                        "art": "merkmal",
                        "indikator": need.personen,
                        "grenze": need.ab,
                        "gewicht_region": 1,
                    },
                    "anteil": share,
                }
                for key, need in seite.bedarfe.items()
            },
            "mittel": {"betrag": 1},
        }
    )
