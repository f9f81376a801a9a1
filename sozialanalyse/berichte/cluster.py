"""Which areas resemble each other across municipalities: the findings of ``cluster.ipynb``."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from sozialanalyse import present
from sozialanalyse.analyse import clusters
from sozialanalyse.berichte.basis import Bericht
from sozialanalyse.parameters import ClusterParameter
from sozialanalyse.present import Anzeige, Feld, Spalte, formats
from sozialanalyse.texts import text

UNSICHER = ("uebergang", "untypisch")


class ClusterBericht(Bericht[ClusterParameter]):
    """Types of areas, where they occur, how sure they are, and twins elsewhere."""

    notebook = "cluster"

    @cached_property
    def indikatoren(self) -> list[str]:
        return self.daten.auswahl(self.p.themen, self.p.indikatoren, self.stichtag)

    @cached_property
    def _eingabe(self) -> dict[str, Any]:
        count, base = self.daten.faelle(self.indikatoren, self.stichtag)
        return {"topics": self.katalog["thema"], "count": count, "base": base}

    @cached_property
    def matrix(self) -> pd.DataFrame:
        return self.daten.matrix(self.indikatoren, self.stichtag)

    @cached_property
    def ergebnis(self) -> clusters.ClusterResult:
        return self.speicher.hole(
            clusters.cluster,
            self.matrix,
            k=self.p.typen,
            method=self.p.verfahren,
            groups=self.kommune,
            polarity=self.katalog["polaritaet"],
            labels=self.katalog["kurz"],
            **self._eingabe,
        )

    @cached_property
    def zwillinge(self) -> pd.DataFrame:
        return self.speicher.hole(
            clusters.twins, self.matrix, self.kommune, labels=self.katalog["kurz"], **self._eingabe
        )

    @cached_property
    def quer(self) -> Any:
        return self.speicher.hole(
            clusters.crosscut,
            self.ergebnis.labels,
            self.kommune,
            neighbours=self.daten.nachbarn(),
            matrix=self.matrix,
            **self._eingabe,
        )

    @cached_property
    def typnamen(self) -> dict[int, str]:
        return {int(str(key)): str(name) for key, name in self.ergebnis.names.items()}

    def ergebniszahlen(self) -> dict[str, Any]:
        """Number of types and of areas in each."""
        sizes = self.ergebnis.labels.value_counts().sort_index()
        return {"Typen": len(sizes)} | {self.typnamen[int(str(key))]: int(n) for key, n in sizes.items()}

    def auswahl(self) -> Anzeige:
        topics = [
            ("", self.text("alle_themen")),
            *((t.id, t.name) for t in self.daten.region.themen.values()),
        ]
        numbers = [("auto", self.text("automatisch")), *((str(k), str(k)) for k in range(2, 9))]
        methods = [(name, text(f"berichte.cluster.verfahren.{name}")) for name in clusters.METHODS]
        areas = [
            (str(key), str(self.namen[key]), str(self.kommunen["name"][self.kommune[key]]))
            for key in self.namen.index
        ]
        return self._auswahl(
            [
                Feld("themen", text("berichte.thema"), topics),
                Feld("typen", self.text("zahl_der_typen"), numbers),
                Feld("verfahren", self.text("verfahren_name"), methods),
                Feld("sozialraum", self.kontext.sozialraum.einzahl, [("", self.text("keiner")), *areas]),
            ]
        )

    def kurzfassung(self) -> Anzeige:
        return present.kurzfassung([self.ergebnis.summary(), self.quer.summary(self.kontext.kommune)])

    def hinweise(self) -> Anzeige | None:
        """What a reader must know about gaps and doubts; nothing if there is nothing."""
        if not self.ergebnis.messages:
            return None
        return present.hinweis(" ".join(self.ergebnis.messages), titel=text("berichte.hinweise"))

    def karte(self) -> Anzeige:
        doubt = self.ergebnis.assignment["einordnung"].isin(UNSICHER)
        return present.typenkarte(
            self.gebiete,
            self.ergebnis.labels,
            kontext=self.kontext,
            titel=self.text("karte"),
            unsicher=doubt,
            namen=self.typnamen,
            kommunen=self.kommunen,
            hervorheben=self.p.sozialraum or None,
        )

    def profil(self) -> Anzeige:
        used = list(self.ergebnis.profile.columns)
        return present.profil(
            self.ergebnis.profile_z[used],
            self.ergebnis.profile,
            kontext=self.kontext,
            titel=self.text("profil"),
            spalten={key: self.spalten[key] for key in self.spalten if key in used},
            namen=self.typnamen,
            themen=self.themen,
            region=self.ergebnis.region,
        )

    def vorkommen(self) -> Anzeige:
        return present.vorkommen(
            self.ergebnis.labels,
            self.kommune,
            kontext=self.kontext,
            titel=self.text("vorkommen"),
            namen=self.typnamen,
            kommunen=self.kommunen,
        )

    def sicherheit(self) -> Anzeige:
        return present.sicherheit(
            self.ergebnis.assignment["sicherheit"],
            self.ergebnis.labels,
            kontext=self.kontext,
            titel=self.text("sicherheit"),
            grenze=0.8,
            namen=self.typnamen,
            gebietsnamen=self.namen,
        )

    def tabelle(self) -> Anzeige:
        """All areas, or those of the chosen Kommune, with type, certainty and nearest twin."""
        first = self.zwillinge[self.zwillinge["rang"] == 1].set_index("gebiet")["zwilling"]
        given = self.ergebnis.assignment.loc[self.gewaehlt]
        frame = pd.DataFrame(
            {
                "kommune": self.kommune[given.index].map(self.kommunen["name"]),
                "typ": given["typ"].map(self._typ),
                "sicherheit": 100 * given["sicherheit"],
                "einordnung": given["einordnung"].map(self._einordnung),
                "zweiter_typ": given["zweiter_typ"].map(self._typ),
                "zwilling": first.reindex(given.index).map(self.ort, na_action="ignore"),
            },
            index=given.index,
        )
        frame.index = pd.Index(self.namen[given.index], name="name")
        columns = {
            "name": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            "typ": Spalte(self.text("typ")),
            "sicherheit": Spalte(self.text("sicherheit_kurz"), "%", 0),
            "einordnung": Spalte(self.text("einordnung")),
            "zweiter_typ": Spalte(self.text("zweiter_typ")),
            "zwilling": Spalte(self.text("zwilling")),
        }
        return present.tabelle(frame, titel=self.text("tabelle"), kontext=self.kontext, spalten=columns)

    def _typ(self, number: object) -> str:
        return "" if pd.isna(number) else f"{self.text('typ')} {int(number)}"  # type: ignore[call-overload]

    @staticmethod
    def _einordnung(word: object) -> str:
        return text(f"berichte.cluster.einordnungen.{word}") if isinstance(word, str) else ""

    def aehnliche(self) -> Any:
        """Twins of a chosen area; with a kernel behind the page any area can be chosen at once."""
        chosen = self.p.sozialraum or self._erstes()
        if self.statisch or self.p.sozialraum:
            return self.zwillinge_von(chosen)
        import ipywidgets as widgets

        options = [(self.ort(key), key) for key in self.zwillinge["gebiet"].unique()]
        choice = widgets.Dropdown(
            options=options,
            value=chosen,
            description=self.text("waehlen"),
            style={"description_width": "initial"},
        )
        page = widgets.HTML(self.zwillinge_von(chosen)._repr_html_())
        choice.observe(
            lambda change: setattr(page, "value", self.zwillinge_von(change["new"])._repr_html_()), "value"
        )
        return widgets.VBox([choice, page])

    def _erstes(self) -> str:
        """Area shown first: of the chosen Kommune, the one with the nearest twin."""
        own = self.zwillinge[self.zwillinge["gebiet"].isin(self.gewaehlt)]
        return str(own.sort_values("distanz", kind="stable")["gebiet"].iloc[0])

    def zwillinge_von(self, gebiet: str) -> Anzeige:
        """The most similar areas of other municipalities, and what agrees and differs."""
        own = self.zwillinge[self.zwillinge["gebiet"] == gebiet]
        if own.empty:
            return present.keine_daten(self.text("kein_zwilling", gebiet=self.ort(gebiet)))
        frame = pd.DataFrame(
            {
                "zwilling": own["zwilling"].map(self.namen),
                "kommune": own["gruppe"].map(self.kommunen["name"]),
                "naehe": own["perzentil"],
                "gegenseitig": own["gegenseitig"].map(
                    {True: text("berichte.ja"), False: text("berichte.nein")}
                ),
                "aehnlich": own["aehnlich"].map(", ".join),
                "verschieden": own["verschieden"].map(", ".join),
                "haelt": own["haelt_rauschen"].map(self._haelt),
            }
        )
        columns = {
            "zwilling": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            "naehe": Spalte(self.text("naehe"), "%", 1),
            "gegenseitig": Spalte(self.text("gegenseitig")),
            "aehnlich": Spalte(self.text("aehnlich")),
            "verschieden": Spalte(self.text("verschieden")),
            "haelt": Spalte(self.text("haelt")),
        }
        title = self.text("zwillinge", gebiet=self.ort(gebiet))
        return present.tabelle(frame, titel=title, kontext=self.kontext, spalten=columns)

    @staticmethod
    def _haelt(value: object) -> str:
        return "" if pd.isna(value) else text("berichte.ja" if value else "berichte.nein")  # type: ignore[call-overload]

    def uebereinstimmung(self) -> str:
        """How well other methods agree, as one sentence."""
        parts = [
            f"{text(f'berichte.cluster.verfahren.{name}')} {formats.zahl(value, 2)}"
            for name, value in self.ergebnis.agreement.items()
        ]
        return self.text("uebereinstimmung", werte=formats.aufzaehlung(parts))

    def methode(self) -> Anzeige:
        note = f"{self.text('methode')}\n\n{self.uebereinstimmung()}"
        return present.methode(note)
