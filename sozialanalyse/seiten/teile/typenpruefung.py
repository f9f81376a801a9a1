"""How far types can be trusted: number, methods, years, municipalities, contiguous areas."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Spalte, formats
from sozialanalyse.seiten.grundlage import tragend
from sozialanalyse.seiten.teile.typen import Typen

KRITERIEN = {
    "k": 0, "min_jaccard": 2, "mean_jaccard": 2, "min_size": 0, "silhouette_z": 1, "silhouette": 2,
    "gap": 2, "prediction_strength": 2, "calinski_harabasz": 1, "davies_bouldin": 2,
}  # fmt: skip
WECHSEL = 30
HOECHSTENS = 12
"""Names in one cell; of more a reader sees no shape."""


class Typenpruefung(Typen):
    """Displays that say how sure the types are."""

    @tragend
    def anzahl(self) -> Anzeige:
        """Every criterion for every number of types, and which was chosen."""
        table = self.kriterien.set_index("k", drop=False)
        columns = {
            name: Spalte(self.text(f"kriterium.{name}"), "", places) for name, places in KRITERIEN.items()
        }
        frame = pd.DataFrame({name: table[name] for name in KRITERIEN if name in table}, index=table.index)
        frame["gewaehlt"] = [
            self._urteil(int(k), bool(stable)) for k, stable in zip(table["k"], table["stable"], strict=True)
        ]
        columns = {name: columns[name] for name in frame.columns if name in columns}
        verdict = {"k": columns["k"], "gewaehlt": Spalte(self.text("kriterium.urteil"))}
        columns = verdict | columns  # the verdict stands beside the number, also on a narrow screen
        return present.tabelle(
            frame.reset_index(drop=True), titel=self.text("anzahl"), kontext=self.kontext, spalten=columns
        )

    def _urteil(self, k: int, stable: bool) -> str:
        words = [self.text("kriterium.stabil" if stable else "kriterium.nicht_stabil")]
        if k == self.ergebnis.k:
            words.append(self.text("kriterium.gezeigt"))
        return ", ".join(words)

    @tragend
    def verfahrensvergleich(self) -> Anzeige | None:
        """How well other methods agree; nothing for a single type."""
        if self.ergebnis.k < 2:
            return None
        frame = self.verfahren.assign(gleich=100 * self.verfahren["gleich"])
        frame.index = pd.Index(
            [text(f"berichte.cluster.verfahren.{name}") for name in frame.index], name="name"
        )
        columns = {
            "name": Spalte(self.text("verfahren_name")),
            "ari": Spalte(self.text("ari"), "", 2),
            "gleich": Spalte(self.text("gleich"), "%", 0),
        }
        title = self.text(
            "verfahrensvergleich", verfahren=text(f"berichte.cluster.verfahren.{self.p.verfahren}")
        )
        return present.tabelle(frame, titel=title, kontext=self.kontext, spalten=columns)

    @tragend
    def querlage(self) -> Anzeige:
        """In how many Kommunen each type occurs, against what chance would give; nothing for a single Kommune."""
        if self.kommune.nunique() < 2:
            return present.folge([])
        table = self.quer.by_type
        frame = pd.DataFrame(
            {
                "typ": [self._typ(kind) for kind in table.index],
                "gebiete": table["gebiete"],
                "gruppen": table["gruppen"],
                "wirksam": table["wirksame_gruppen"],
                "erwartet": table["erwartet"],
                "groesste": table["groesste_gruppe"].map(self.kommunen["name"]),
                "anteil": 100 * table["groesster_anteil"],
            }
        )
        columns = {
            "typ": Spalte(self.text("typ")),
            "gebiete": Spalte(self.kontext.sozialraum.mehrzahl, "", 0),
            "gruppen": Spalte(self.kontext.kommune.mehrzahl, "", 0),
            "wirksam": Spalte(self.text("wirksam"), "", 1),
            "erwartet": Spalte(self.text("wirksam_erwartet"), "", 1),
            "groesste": Spalte(self.text("groesste")),
            "anteil": Spalte(self.text("groesster_anteil"), "%", 0),
        }
        return present.tabelle(
            frame.reset_index(drop=True), titel=self.text("querlage"), kontext=self.kontext, spalten=columns
        )

    @tragend
    def raeume(self) -> Anzeige:
        """What contiguous planning areas would look like, and what contiguity costs."""
        found = self.planungsraeume
        if found is None:
            return present.keine_daten(self.text("keine_raeume"))
        home, names = self.kommune, self.namen
        rows = []
        for label, areas in found.labels.groupby(found.labels).groups.items():
            places = home[areas].value_counts()
            rows.append(
                {
                    "raum": str(label),
                    "gebiete": len(areas),
                    "kommunen": formats.aufzaehlung(self.kommunen["name"][key] for key in places.index),
                    "namen": self._erste(str(names[area]) for area in areas),
                }
            )
        columns = {
            "raum": Spalte(self.text("raum")),
            "gebiete": Spalte(self.kontext.sozialraum.mehrzahl, "", 0),
            "kommunen": Spalte(self.kontext.kommune.mehrzahl),
            "namen": Spalte(self.text("raum_gebiete")),
        }
        title = self.text(
            "raeume",
            anzahl=str(found.k),
            gebunden=formats.anteil(found.explained),
            frei=formats.anteil(found.explained_free),
        )
        return present.tabelle(pd.DataFrame(rows), titel=title, kontext=self.kontext, spalten=columns)

    def _erste(self, names: Iterable[str]) -> str:
        """Names in a row; of many the first, the table of all areas has the others."""
        known = list(names)
        if len(known) <= HOECHSTENS:
            return ", ".join(known)
        rest = formats.zahl(len(known) - HOECHSTENS)
        return self.text("raum_weitere", namen=", ".join(known[:HOECHSTENS]), anzahl=rest)

    # --- years --------------------------------------------------------------------------------

    @tragend
    def verlauf(self) -> Anzeige:
        """Changes of type between the reference dates against the number chance alone would give."""
        if self.jahre is None:
            return present.keine_daten(self.text("kein_verlauf"))
        table = self.jahre.changes
        both = zip(table["erwartet_von"], table["erwartet_bis"], strict=True)
        frame = pd.DataFrame(
            {
                "schritt": [
                    self.text("schritt", von=formats.datum(a), bis=formats.datum(b))
                    for a, b in table[["von", "bis"]].to_numpy()
                ],
                "gebiete": table["gebiete"],
                "wechsel": table["wechsel"],
                "erwartet": table["erwartet"],
                "spanne": ["" if pd.isna(a) else formats.spanne(a, b, "", 0) for a, b in both],
                "p": table["p"],
                "gesichert": table["gesichert"],
                "neu": self._neu_gebildet(),
            }
        )
        columns = {
            "schritt": Spalte(self.text("zeitraum")),
            "gebiete": Spalte(self.kontext.sozialraum.mehrzahl, "", 0),
            "wechsel": Spalte(self.text("wechsel"), "", 0),
            "erwartet": Spalte(self.text("wechsel_erwartet"), "", 0),
            "spanne": Spalte(self.text("wechsel_spanne")),
            "p": Spalte(self.text("wechsel_p"), "", 3),
            "gesichert": Spalte(self.text("gesichert"), "", 0),
            "neu": Spalte(self.text("wechsel_neu"), "", 0),
        }
        if table["erwartet"].isna().all():
            columns = {key: columns[key] for key in ("schritt", "gebiete", "wechsel", "neu")}
        used = len(self.jahre.reference.yardstick.indicators)
        title = self.text("verlauf", bezug=formats.datum(self.stichtag), anzahl=str(used))
        return present.tabelle(frame, titel=title, kontext=self.kontext, spalten=columns)

    def _neu_gebildet(self) -> list[float]:
        """Changes per step when types are formed anew at every date and matched; gaps where they cannot be."""
        again, own = self.jahre_neu, self.jahre
        if own is None or again is None or len(again.changes) != len(own.changes):
            return [float("nan")] * (0 if own is None else len(own.changes))
        return again.changes["wechsel"].tolist()

    @tragend
    def wechsel(self) -> Anzeige | None:
        """Areas that changed their type, surest first; nothing where there are none."""
        if self.jahre is None or self.jahre.moves.empty:
            return None
        same = self.jahre.reference.labels
        number = (
            dict(zip(same, self.ergebnis.labels.reindex(same.index), strict=True)) if self._gleich else {}
        )
        moves = self.jahre.moves[self.jahre.moves["gebiet"].isin(self.gewaehlt)]
        moves = moves.sort_values("sicherheit", ascending=False, kind="stable", na_position="last")
        if moves.empty:
            return None
        frame = pd.DataFrame(
            {
                "name": moves["gebiet"].map(self.namen),
                "kommune": moves["gebiet"].map(self.kommune).map(self.kommunen["name"]),
                "schritt": [
                    self.text("schritt", von=formats.datum(a), bis=formats.datum(b))
                    for a, b in moves[["von", "bis"]].to_numpy()
                ],
                "von": [self._typ(number.get(kind, kind)) for kind in moves["typ_von"]],
                "nach": [self._typ(number.get(kind, kind)) for kind in moves["typ_nach"]],
                "sicherheit": 100 * moves["sicherheit"],
            }
        )
        columns = {
            "name": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            "schritt": Spalte(self.text("zeitraum")),
            "von": Spalte(self.text("typ_von")),
            "nach": Spalte(self.text("typ_nach")),
            "sicherheit": Spalte(self.text("wechsel_sicher"), "%", 0),
        }
        if frame["sicherheit"].isna().all():
            del columns["sicherheit"]
        shown = frame.head(WECHSEL).reset_index(drop=True)
        title = self.text("wechselliste", gezeigt=str(len(shown)), alle=str(len(frame)))
        return present.tabelle(shown, titel=title, kontext=self.kontext, spalten=columns)

    @property
    def _gleich(self) -> bool:
        """Whether the types of the comparison in time are those of the page, whatever their numbers."""
        if self.jahre is None:
            return False
        pairs = pd.DataFrame({"a": self.jahre.reference.labels, "b": self.ergebnis.labels}).drop_duplicates()
        return bool(len(pairs) == self.ergebnis.k + int(pairs["b"].isna().any()))

    def _typ(self, number: object) -> str:
        return "" if pd.isna(number) else f"{self.text('typ')} {int(number)}"  # type: ignore[call-overload]
