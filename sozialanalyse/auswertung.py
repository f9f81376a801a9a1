"""Data of a region together with what the pages compute from them; the front door for notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sozialanalyse import store
from sozialanalyse.base import DatenFehler, vorschlag
from sozialanalyse.region import LEVELS, Region
from sozialanalyse.store import Audience, Daten

URTEILE = {"innen": "innerhalb", "zwischen": "zwischen", "offen": "nicht zu entscheiden"}


class Bildschirmtabelle(pd.DataFrame):
    """A frame that prints on a screen of a terminal at most; what is computed from it is a plain frame."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __repr__(self) -> str:
        return self.to_string(max_rows=ZEILEN, max_colwidth=BREITESTE, show_dimensions=True)


ZEILEN, BREITESTE = 10, 28
"""Rows and letters of a cell that a table shows at a prompt; a notebook shows it whole."""


class Auswertung(Daten):
    """Die Daten einer Region und was die Seiten daraus berechnen.

    Harmonised data of one region for one audience, and the results of the pages with the pages' settings.

    ``stichtag``, ``themen`` and the other parameters are those of the pages; without any the results are
    those of the page of the whole region at the newest reference date.
    """

    def typen(self, **parameter: object) -> pd.DataFrame:
        """Typen der Sozialräume, wie auf der Seite „Sozialraum-Typen“.

        Types of areas as on the page "Sozialraum-Typen".

        Parameters
        ----------
        **parameter
            ``stichtag, themen, indikatoren, typen, verfahren`` as on the page.

        Returns
        -------
        DataFrame
            Indexed by ``gebiet_id``: ``name, kommune`` (names), ``typ`` (number, missing without values),
            ``typname``, ``sicherheit`` (0 to 1), ``einordnung``.

        Raises
        ------
        DatenFehler, ParameterFehler
            If a parameter or the data do not fit, or too few values are known.
        """
        bericht = self._typenbericht(**parameter)
        found = bericht.ergebnis
        assigned = found.assignment.reindex(self.namen().index)
        numbers = found.labels.reindex(assigned.index)
        return self._ortsnamen(
            Bildschirmtabelle(
                {
                    "typ": numbers,
                    "typname": numbers.map(bericht.typnamen),
                    "sicherheit": found.membership.max(axis=1).reindex(assigned.index),
                    "einordnung": assigned["einordnung"],
                },
                index=assigned.index,
            )
        )

    def teilung(self, **parameter: object) -> pd.DataFrame:
        """Je Indikator: liegen die Unterschiede innerhalb oder zwischen den Kommunen?

        Differences within and between the Kommunen as on the page "Unterschiede".

        Parameters
        ----------
        **parameter
            ``stichtag, thema, gewichtung`` as on the page.

        Returns
        -------
        DataFrame
            Indexed by ``indikator_id``: ``name, thema``; shares between the Kommunen from 0 to 1:
            ``gemessen``, ``reiner_zufall``, ``dauerhaft`` with ``von`` and ``bis`` (95 %); ``urteil``
            (``innerhalb``, ``zwischen``, ``nicht zu entscheiden``) and ``sicher``, whether the interval
            leaves no doubt; ``p_zufall`` and ``p_grenze``, adjusted for the number of indicators.

        Raises
        ------
        DatenFehler, ParameterFehler
            If a parameter or the data do not fit, or there are no two Kommunen to compare.
        """
        from sozialanalyse.seiten import seite

        bericht: Any = seite("varianz")(daten=self, audience=self.audience, **parameter)
        if bericht.hindernis:
            raise DatenFehler(bericht.hindernis)
        table, verdicts = bericht.ergebnis.table.loc[bericht.folge], bericht.ergebnis.verdicts
        kind = verdicts[table.index].str.split("_")
        weighted = "_weighted" if bericht.gewichtet else ""
        found = pd.DataFrame(
            {
                "name": bericht.katalog.loc[table.index, "name"],
                "thema": pd.Series(bericht.themen).reindex(table.index),
                "gemessen": table[bericht.anteil],
                "reiner_zufall": table[f"{bericht.anteil}_null"],
                "dauerhaft": table["share_structural"],
                "von": table["share_low"],
                "bis": table["share_high"],
                "urteil": kind.str[0].map(URTEILE),
                "sicher": kind.str[1] == "sicher",
                "p_zufall": table[f"q_free{weighted}"],
                "p_grenze": table["q_contiguous"],
            },
        ).rename_axis("indikator_id")
        return Bildschirmtabelle(found)

    def zwillinge(self, gebiet: str | None = None, **parameter: object) -> pd.DataFrame:
        """Die ähnlichsten Sozialräume anderswo, für alle oder für ein Gebiet.

        Most similar areas in other Kommunen as on the page "Sozialraum-Typen".

        Parameters
        ----------
        gebiet
            Id or name of one area; without it all areas.
        **parameter
            As in :meth:`typen`.

        Returns
        -------
        DataFrame
            One row per area and rank, as :func:`sozialanalyse.clusters.twins`, with ``gebiet_name``,
            ``zwilling_name`` and ``zwilling_kommune`` beside the ids; ``aehnlich`` and ``verschieden`` are the
            page's words with the values of both areas and what a difference means for need.

        Raises
        ------
        DatenFehler
            If the area is unknown.
        """
        report = self._typenbericht(**parameter)
        found = report.zwillinge
        names = self.namen()
        if gebiet is not None:
            found = found[found["gebiet"] == self._gebiet(gebiet)].reset_index(drop=True)
        towns = self.namen("kommune")
        out = found.assign(**report.merkmale(found)).rename(columns={"gruppe": "zwilling_kommune_id"})
        out.insert(1, "gebiet_name", out["gebiet"].map(names))
        out.insert(4, "zwilling_name", out["zwilling"].map(names))
        out.insert(5, "zwilling_kommune", out["zwilling_kommune_id"].map(towns))
        return Bildschirmtabelle(out)

    def mit_namen(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Dieselbe Tabelle mit Namen statt Kennungen von Gebieten und Indikatoren.

        Parameters
        ----------
        frame
            Rows and columns may be areas or indicators, as those of :meth:`matrix`; others stay as they are.
        """
        names = pd.concat([self.namen(level) for level in LEVELS])
        words = {**names.to_dict(), **self.indikatoren()["name"].to_dict()}
        return Bildschirmtabelle(frame.rename(index=words, columns=words))

    def _typenbericht(self, **parameter: object) -> Any:
        from sozialanalyse.seiten import seite

        bericht: Any = seite("cluster")(daten=self, audience=self.audience, **parameter)
        if bericht.hindernis:
            raise DatenFehler(bericht.hindernis)
        return bericht

    def _gebiet(self, gesucht: str) -> str:
        """Id of an area named by its id or its name."""
        names = self.namen()
        if gesucht in names.index:
            return gesucht
        here = names.index[(names == gesucht) | (self.verzeichnis()["name"] == gesucht)]
        if len(here) != 1:
            raise DatenFehler(
                f"Das Gebiet „{gesucht}“ gibt es nicht. {vorschlag(gesucht, [*names.index, *names])}"
                if here.empty
                else f"„{gesucht}“ heißen mehrere Gebiete: {', '.join(here)}. Bitte die Kennung angeben."
            )
        return str(here[0])

    def _ortsnamen(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame.insert(0, "name", self.namen().reindex(frame.index))
        frame.insert(1, "kommune", self.kommune().reindex(frame.index).map(self.namen("kommune")))
        return Bildschirmtabelle(frame.rename_axis("gebiet_id"))


def load(
    region: str | Path | Region | None = None, audience: Audience = "oeffentlich", bestand: str | None = None
) -> Auswertung:
    """Lädt die Daten einer Region; ohne weitere Angaben die geschützten Werte.

    Load the harmonised data of a region; see :func:`sozialanalyse.store.load` for parameters and errors.
    """
    found = store.load(region, audience, bestand)
    return Auswertung(found.region, found.audience, found.ordner)
