"""One municipality with all its small areas: the findings of ``kommunalprofil.ipynb``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Spalte, formats
from sozialanalyse.seiten.grundlage import Parameter, Wunsch
from sozialanalyse.seiten.teile.entwicklung import entwicklung
from sozialanalyse.seiten.teile.ortsprofil import Ortsprofil
from sozialanalyse.seiten.teile.saetze import KLAR, Saetze


class KommunalprofilBericht(Ortsprofil[Parameter]):
    """Profile of a municipality in the order committees expect."""

    notebook = "kommunalprofil"
    gruppe, rang, einstieg = "profile", 40, 1
    plan = (Wunsch(fuer=("kommune",)),)
    liste = "publish.index.alle_kommunen"
    pdf, papier = "bericht", "docx"
    redigiert = ("kommune", "themenkapitel")

    @cached_property
    def ort_id(self) -> str:
        """Municipality the report is about; without a choice the first in the alphabet."""
        return self.p.kommune or min(
            self.kommunen.index, key=lambda key: formats.sortierschluessel(self.kommunen["name"][key])
        )

    @cached_property
    def ortsname(self) -> str:
        return str(self.kommunen["name"][self.ort_id])

    @property
    def alle_orte(self) -> dict[str, str]:
        return dict(self.kommunen["name"])

    @property
    def orte(self) -> list[str]:
        return [self.region_id, self.ort_id, *self.eigene]

    @property
    def kommune_id(self) -> str:
        return self.ort_id

    def kopf(self) -> Anzeige:
        bare = not (self.live or self.statisch)
        title = self.text("titel", ort=self.ortsname)
        return present.kopf(title, self.text("frage", ort=self.ortsname), self.kontext, stil=bare)

    def auswahl(self) -> Anzeige | None:
        """Choice of another municipality; on a static page there is nothing to choose."""
        return None if self.statisch else self._auswahl([])

    def _vergleich(self, saetze: Saetze) -> str:
        return saetze.kurz_spanne(self.ort_id)

    def _einleitung(self) -> list[str]:
        return [self.leicht("was", ort=self.ortsname)]

    def ueberblick(self) -> Anzeige:
        """All small areas by core indicators, region and municipality on top."""
        rows = [self.region_id, self.ort_id, *self.eigene]
        names = {key: str(self.alle_namen[key]) for key in rows}
        links = (
            {key: f"../sozialraumprofil/{self.adresse('sozialraum', key)}" for key in self.eigene}
            if self.statisch
            else {}
        )
        return present.ueberblick(
            self.zahlen.wert.loc[rows, self.kern],
            self.zahlen.zur_region.loc[rows, self.kern],
            kontext=self.kontext_zu(self.kern),
            titel=self.text("ueberblick", ort=self.ortsname),
            spalten={key: self.spalten[key] for key in self.kern},
            namen=names,
            status=self.zahlen.status.loc[rows, self.kern],
            kopfzeilen=2,
            richtung=self.katalog["polaritaet"].to_dict(),
            verweise=links,
        )

    def themenkapitel(self) -> Anzeige:
        """One chapter per topic: question, text, figure, table with cases and shares."""
        return present.folge([part for thema in self.daten.region.themen for part in self._thema(thema)])

    def _thema(self, thema: str) -> list[Anzeige]:
        keys = self.zu_thema(thema)
        if not keys:
            return []
        page = self.daten.region.themen[thema]
        rates = [key for key in keys if self.katalog.at[key, "art"] != "anzahl"]
        figure = present.lage(
            [self.streifen(key, self.ort_id) for key in rates],
            kontext=self.kontext_zu(rates),
            titel=self._bildtitel(page.name, rates),
            eigene=self.eigene,
            namen=self.namen,
            kommune=self.ortsname,
        )
        return [
            self.baustein(
                thema, self._themensaetze(keys), self.zahlen_von(self.ort_id, keys), titel=page.name
            ),
            figure,
            present.klappe(
                [
                    self.zahlentafel(
                        [self.ort_id, self.region_id],
                        keys,
                        text("berichte.profil.thema_tabelle", thema=page.name, ort=self.ortsname),
                    )
                ],
                titel=text("berichte.profil.tafelfalte"),
                ebene=4,
            ),
        ]

    def _bildtitel(self, thema: str, keys: list[str]) -> str:
        """How many values of a topic lie apart from the region."""
        judged = self.zahlen.zur_region.loc[self.ort_id, keys]
        blind = self.zahlen.ungeprueft.loc[self.ort_id, keys]
        words = judged.mask(blind, "")
        kind = "gezaehlt" if (blind & judged.ne("")).any() else "alle"
        high, low = (int(words.isin(kind).sum()) for kind in (KLAR[:2], KLAR[2:]))
        none = text("berichte.profil.keiner")
        if not (known := int(words.ne("").sum())):
            return text("berichte.profil.thema_bild_ohne", thema=thema, ort=self.ortsname)
        return text(
            f"berichte.profil.thema_bild{'' if high or low else '_keiner'}",
            thema=thema,
            ort=self.ortsname,
            in_region=self.worte["in_region"],
            alle=formats.zahl(known),
            werte=text(f"berichte.profil.werte_{kind}"),
            hoch=formats.zahl(high) if high else none,
            tief=formats.zahl(low) if low else none,
        )

    def _themensaetze(self, keys: list[str]) -> list[str]:
        """Three to six sentences: the most remarkable values, one range, one change, the gaps."""
        s = self.saetze()
        order = s.rangfolge(self.ort_id, [k for k in keys if self.katalog.at[k, "art"] != "anzahl"])
        out = []
        for place, key in enumerate(order[:3]):
            out.append(s.lage(self.ort_id, key))
            if place == 0:
                out.append(s.spanne(self.ort_id, key))
        moved = [k for k in keys if self.zahlen.verlauf.at[self.ort_id, k] in ("gestiegen", "gesunken")]
        moved = [k for k in order if k in moved]
        out += [s.verlauf(self.ort_id, moved[0])] if moved else []
        return [sentence for sentence in [*out, *s.luecken(self.ort_id, keys)] if sentence]

    def entwicklung(self) -> Anzeige:
        """Core indicators at every date, drawn and in numbers, with what may be said about the change."""
        return entwicklung(self, self.ort_id, self.ortsname)

    def index(self) -> Anzeige:
        return self.index_bild(self.eigene, None, self.ortsname, self.ortsname)

    def typen_und_zwillinge(self) -> Anzeige:
        """Type and most similar area elsewhere for every small area."""
        first = self.zwillinge[self.zwillinge["rang"] == 1].set_index("gebiet")
        twin, alike = first["zwilling"].to_dict(), first["aehnlich"].to_dict()
        frame = pd.DataFrame(
            {
                "typ": [self.typ(key, kurz=True) for key in self.eigene],
                "zwilling": [self.ort(twin[key]) if key in twin else "" for key in self.eigene],
                "aehnlich": [", ".join(alike[key]) if key in alike else "" for key in self.eigene],
            },
            index=pd.Index(self.namen[self.eigene], name="name"),
        )
        if not frame.to_numpy().any():
            return present.folge([])
        columns = {
            "name": Spalte(self.kontext.sozialraum.einzahl),
            "typ": Spalte(text("berichte.cluster.typ")),
            "zwilling": Spalte(text("berichte.cluster.zwilling")),
            "aehnlich": Spalte(text("berichte.cluster.aehnlich")),
        }
        table = present.tabelle(
            frame, titel=self.text("typen", ort=self.ortsname), kontext=self.kontext, spalten=columns
        )
        kinds = {self.typ(key, kurz=True): self.typ(key) for key in self.eigene}
        told = {short: whole.removeprefix(f"{short} – ") for short, whole in sorted(kinds.items()) if short}
        return present.folge([table, *([present.glossar(told)] if told else [])])

    def sondereffekte(self) -> Anzeige:
        """What is special in the municipality or an area, as the list of areas says."""
        notes = {self.ort_id: self.daten.verzeichnis("kommune").at[self.ort_id, "sondereffekt"]}
        notes |= self.daten.verzeichnis("sozialraum")["sondereffekt"].loc[self.eigene].to_dict()
        told = {
            str(self.alle_namen[key]): str(note) for key, note in notes.items() if note and pd.notna(note)
        }
        return (
            present.glossar(told) if told else present.absaetze([text("berichte.profil.kein_sondereffekt")])
        )
