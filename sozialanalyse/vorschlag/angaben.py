"""What a page says of a delivery that was read: names, units, indicators, profiles, each with its reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from sozialanalyse.base import PruefFehler, glatt, spaltenbuchstabe
from sozialanalyse.region import Katalog, Region, lade_katalog
from sozialanalyse.vorschlag import spaltenarten, wortliste, zeichen
from sozialanalyse.vorschlag.lage import zahlig
from sozialanalyse.vorschlag.lesart import Lesart
from sozialanalyse.vorschlag.seitenentwurf import Feldangabe, Indikatorangabe, Vorlage
from sozialanalyse.vorschlag.spaltenarten import Zahlspalte
from sozialanalyse.vorschlag.zeit import daten_in

HOECHSTENS = 24
"""So many indicators are proposed; a report with more compares nothing."""


class Angaben:
    """The entries of a page; questions go to the same lists as those of reading."""

    def __init__(self, lesart: Lesart) -> None:
        self.lesart = lesart
        self.katalog = _katalog(lesart.region)
        self.vergeben = set(self.katalog.indikatoren) if self.katalog else set()
        """Indicators that the region has already."""

    def vorlage(self) -> Vorlage:
        signs: Counter[str] = Counter()
        for column in self.lesart.zahlen:
            signs += column.zeichen
            if column.unklar:
                shown = ", ".join(f"„{text}“" for text, _ in column.unklar.most_common(3))
                self.lesart.offen.append(f"{column.ort}: {shown} ist keine Zahl und kein Zeichen.")
        told = zeichen.legende(
            [*self.lesart.haupt.vorspann, *self.lesart.form.fussnoten, *self._other_sheets()]
        )
        profil = zeichen.waehle(signs, told, self.lesart.region)
        self.lesart.bestaetigen += profil.fragen
        if profil.offen:
            self.lesart.offen.append(profil.offen)
        sperr, sperr_beleg = self._protection()
        name = self._title()
        felder = self._fields()
        sums = spaltenarten.summen(self.lesart.zahlen)
        table: dict[str, Any] = dict(self.lesart.form.angaben)
        reasons = dict(self.lesart.form.belege)
        if self.lesart.dezimal:
            table["dezimal"], reasons["dezimal"] = self.lesart.dezimal, self.lesart.dezimal_beleg
        table["schluessel"] = self.lesart.schluessel_angaben
        table["stichtag"] = self.lesart.zeit.regel
        reasons |= {"schluessel": self.lesart.schluessel_beleg, "stichtag": self.lesart.zeit.beleg}
        if self.lesart.lang:
            named = [self.lesart.nenne(column) for column in self.lesart.merkmal]
            table["merkmal"] = named[0] if len(named) == 1 else named
            if self.lesart.wert is not None:
                table["wert"] = self.lesart.nenne(self.lesart.wert)
            reasons["merkmal"] = "lange Tabelle: Jedes Gebiet steht in mehreren Zeilen, je Merkmal in einer"
        if several := self.lesart.mehrfach:
            where = "zusammenfassen" if several.spalte is None else "nur"
            table[where] = (
                "summe" if several.spalte is None else {self.lesart.haupt.kopf[several.spalte]: several.wort}
            )
            reasons[where] = f"Einige Gebiete stehen in mehreren Zeilen: {several.beleg}"
        for place, names in list(self.lesart.lieferung.andere.items())[:1]:
            count = len(self.lesart.lieferung.andere)
            self.lesart.bestaetigen.append(
                f"In einigen Dateien heißt „{self.lesart.haupt.kopf[place]}“ „{names[0]}“"
                + (f" (und {count - 1} Spalten ebenso anders)" if count > 1 else "")
                + "; gleichgesetzt, weil beide an derselben Stelle stehen."
            )
        for entry in self.lesart.lieferung.abgewiesen[:3]:
            self.lesart.bestaetigen.append(f"Eine Datei daneben passt nicht zu dieser Seite: {entry}")
        return Vorlage(
            id=self._id(),
            name=name,
            zeile_ist=f"{self._one()} am Stichtag"
            if not self.lesart.lang
            else f"{self._one()}, ein Stichtag, ein Merkmal",
            quelle=self._source(),
            dateien=self.lesart.lieferung.muster,
            symbolprofil=(profil.name, profil.beleg, profil.ergaenzung),
            sperrprofil=(sperr, sperr_beleg),
            gebietsstand=tuple(self.lesart.staende),
            tabelle=table,
            belege=reasons,
            zeilen_belege=self.lesart.zeilen_belege,
            felder=tuple(felder),
            gerundet_auf=spaltenarten.rundung(self.lesart.zahlen),
            summen={felder[s.ganzes].name: [felder[part].name for part in s.teile] for s in sums},
            indikatoren=tuple(self._indicators(felder, sums, name)),
            ausgelassen={reason: tuple(names) for reason, names in self.lesart.ausgelassen.items()}
            | (
                {"Text": tuple(self.lesart.haupt.kopf[c] for c in self.lesart.worte)}
                if self.lesart.worte
                else {}
            ),
        )

    def _other_sheets(self) -> list[str]:
        """Texts of the other sheets, where legends often stand."""
        if self.lesart.lage.ansicht.blaetter < 2:
            return []
        return [
            glatt(cell)
            for view in self.lesart.ansichten
            if view.blatt.name != self.lesart.lage.ansicht.blatt.name
            for _, row in view.zeilen[:60]
            for cell in row
            if isinstance(cell, str)
        ]

    def _one(self) -> str:
        level = "sozialraum" if self._has_small() else "kommune"
        words = self.lesart.region.ebene(level)  # type: ignore[arg-type]
        return f"{'eine' if words.genus == 'f' else 'ein'} {words.einzahl}"

    def _has_small(self) -> bool:
        art = self.lesart
        funds = (art.schluessel_von(0).fund(art.haupt.zeilen[row], art.finder) for row in art.gefunden[0])
        return any(fund is not None and fund.level == "sozialraum" for fund in funds)

    def _title(self) -> str:
        for text in self.lesart.haupt.vorspann:
            if 6 <= len(text) <= 120 and not zahlig(text) and not wortliste.legende(text):
                found = daten_in(text)
                title = (text[: text.find(found[0].text)] if found else text).strip(" ,:;(–-")
                if title or not re.fullmatch(r"[\dTZ:.+-]+", text):
                    return title or text
        words = re.sub(r"[\W_]+", " ", re.sub(r"\d+", "", self.lesart.datei.stem)).strip()
        return words or self.lesart.datei.stem

    def _id(self) -> str:
        folder = self.lesart.datei.resolve().parent
        inside = folder != self.lesart.region.lieferungen and folder.is_relative_to(
            self.lesart.region.lieferungen
        )
        base = kennung(folder.name if inside else re.sub(r"\d.*$", "", self.lesart.datei.stem)) or "lieferung"
        taken = self._taken()
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        return name

    def _taken(self) -> set[str]:
        if self.katalog is None:
            return set()
        own = self.lesart.lieferung.pfade[0]
        for key, page in self.katalog.datensaetze.items():
            if any(own in self.lesart.region.lieferungen.glob(pattern) for pattern in page.muster):
                self.lesart.bestaetigen.append(
                    f"Zu dieser Datei gibt es schon die Datensatzseite „{key}“; beide zusammen liefern doppelt."
                )
        return set(self.katalog.datensaetze)

    def _population(self) -> str:
        """Field with the residents, from another page of the region; "" if there is none."""
        indikator = (
            self.katalog.indikatoren.get(self.lesart.region.seite.bevoelkerung) if self.katalog else None
        )
        if indikator is None or len(indikator.zaehler.glieder) != 1:
            return ""
        return str(indikator.zaehler.glieder[0][1])

    def _source(self) -> dict[str, str]:
        for text in (*self.lesart.haupt.vorspann, *self.lesart.form.fussnoten):
            if match := re.match(r"(?:Quelle|Herausgeber|Datenquelle|Source|Bron)\s*:\s*(.+)", text):
                return {"anbieter": match[1].strip(), "lizenz": "<Bedingungen der Nutzung>"}
        return {"anbieter": "<wer liefert>", "lizenz": "<Bedingungen der Nutzung>"}

    def _protection(self) -> tuple[str, str]:
        profiles = self.lesart.region.seite.sperrprofile
        if not profiles:
            return "<Sperrprofil aus region.yml>", "region.yml nennt noch kein Sperrprofil"
        strict = max(
            profiles,
            key=lambda n: (
                profiles[n].mindestfallzahl,
                profiles[n].mindestnenner,
                not profiles[n].null_zeigen,
            ),
        )
        if len(profiles) == 1:
            return strict, "das einzige in region.yml"
        self.lesart.bestaetigen.append(
            f"Welches Sperrprofil gilt, sagt die Datei nicht ({', '.join(profiles)}); bis zur Klärung das strengste, „{strict}“."
        )
        return strict, "bitte klären; bis dahin das strengste"

    def _fields(self) -> list[Feldangabe]:
        result: list[Feldangabe] = []
        used: set[str] = set()
        unknown = []
        for column in self.lesart.zahlen:
            name = feldname(self._called(column), used)
            used.add(name)
            known = column.bekannt
            entry: dict[str, Any] = {"spalte": self._heading(column)}
            note = column.beleg
            if not column.einheit:
                unknown.append(column.kopf)
            if column.einheit != "Personen":
                entry["einheit"] = column.einheit or ("Fälle" if column.ganz and not column.mittel else "")
            if column.einheit == "%" and np.max(known) <= 100 and np.min(known) >= 0:
                entry["max"] = 100
            if column.einheit == "%" and not column.prozentformat and np.max(known) <= 1 and not column.ganz:
                self.lesart.bestaetigen.append(
                    f"{column.ort}: Alle Werte liegen zwischen 0 und 1. Sind es Anteile, gehört „faktor: 100“ dazu."
                )
            codes = fehlwerte(known)
            if codes:
                self.lesart.bestaetigen.append(
                    f"{column.ort}: Hier steht {', '.join(codes)} und passt nicht zu den übrigen Zahlen. Heißt es „keine Angabe“, gehört "
                    "es als Zeichen ins Symbolprofil in region.yml."
                )
            if len(known) and np.min(known) < 0 and not any(code.startswith("-") for code in codes):
                entry["min"] = None
            if column.mittel:
                entry["summierbar"] = False
            if (
                self.lesart.staende
                and re.search(r"unter (3|6|15|18)\b|kinder", column.kopf, re.IGNORECASE)
                and not column.mittel
            ):
                entry["umrechnung"] = "unter18"
            result.append(Feldangabe(name, entry, "" if self.lesart.lang else column.ort, note))
        if unknown:
            more = f" und {len(unknown) - 3} weiteren" if len(unknown) > 3 else ""
            self.lesart.bestaetigen.append(
                f"Die Einheit ist nicht zu erkennen bei {', '.join(f'„{name}“' for name in unknown[:3])}{more}."
            )
        return result

    def _heading(self, column: Zahlspalte) -> Any:
        """What the page calls a column: word, heading without day, heading or letter, with other headings beside it."""
        if self.lesart.lang or self.lesart.tage:
            return column.kopf
        others = self.lesart.lieferung.andere.get(column.index, ())
        return [column.kopf, *others] if others else self.lesart.nenne(column.index)

    def _called(self, column: Zahlspalte) -> str:
        """A name for what a column counts, also where its heading says nothing."""
        if column.kopf:
            return column.kopf
        return self._title() if self.lesart.tage else f"Spalte {spaltenbuchstabe(column.index)}"

    def _indicators(
        self, felder: Sequence[Feldangabe], sums: Sequence[spaltenarten.Spaltensumme], title: str
    ) -> list[Indikatorangabe]:
        denominators = spaltenarten.nenner(self.lesart.zahlen, sums)
        known = tuple(self.lesart.region.themen)
        stem = (
            re.sub(r"[^A-Z]", "", kennung(felder[0].name and self._id_known()).upper().replace("_", ""))[:6]
            or "IND"
        )
        result = []
        doubtful, topicless = [], 0
        total = any(wortliste.trifft("summe", column.kopf) for column in self.lesart.zahlen)
        people = "" if total or denominators else self._population()
        for i, (column, feld) in enumerate(zip(self.lesart.zahlen, felder, strict=True)):
            key = self._free_key(stem, i)
            thema, word = wortliste.thema(column.kopf, (title, self.lesart.datei.parent.name), known)
            if not thema and len(known) == 1:
                thema, word = known[0], "das einzige Thema"
            topicless += not thema
            entry: dict[str, Any] = {
                "name": _readable(self._called(column)),
                "thema": thema or f"<Thema: {', '.join(known)}>",
            }
            note = f"Thema: „{word}“" if word else ""
            if column.mittel:
                entry |= {
                    "art": "wert",
                    "zaehler": feld.name,
                    "einheit": column.einheit or "",
                    "nachkommastellen": _digits(column),
                }
            elif i in denominators:
                below, why, others = denominators[i]
                entry |= {
                    "name": f"{_readable(self._called(column))} (Anteil)",
                    "zaehler": feld.name,
                    "nenner": felder[below].name,
                }
                note += f"; Nenner: {why}"
                if others:
                    note += "; möglich auch: " + ", ".join(felder[o].name for o in others)
                if not why.startswith("Teil"):
                    doubtful.append(feld.name)
            elif people and column.einheit == "Personen" and self.lesart.zeit.tage:
                entry |= {
                    "name": f"{_readable(self._called(column))} (Anteil)",
                    "zaehler": feld.name,
                    "nenner": people,
                }
                note += "; Nenner: die Bevölkerung der Region, weil die Datei keine Bezugsgröße enthält"
                doubtful.append(feld.name)
            else:
                entry |= {
                    "art": "anzahl",
                    "zaehler": feld.name,
                    "einheit": column.einheit or "Fälle",
                    "nachkommastellen": 0,
                }
            active = bool(thema) and i < HOECHSTENS
            result.append(Indikatorangabe(key, entry, note.strip("; "), active))
        if doubtful:
            self.lesart.bestaetigen.append(
                f"Die Bezugsgröße (nenner) von {', '.join(doubtful[:4])}{' …' if len(doubtful) > 4 else ''} ist wahrscheinlich, nicht sicher."
            )
        if topicless:
            self.lesart.bestaetigen.append(
                f"Bei {topicless} Indikatoren ist das Thema nicht zu erkennen; sie stehen hinter # bereit."
            )
        if len(self.lesart.zahlen) > HOECHSTENS:
            self.lesart.bestaetigen.append(
                f"Eingeschaltet sind die ersten {HOECHSTENS} von {len(self.lesart.zahlen)} möglichen Indikatoren; die übrigen stehen hinter #."
            )
        return result

    def _id_known(self) -> str:
        return re.sub(r"\d.*$", "", self.lesart.datei.stem)

    def _free_key(self, stem: str, i: int) -> str:
        number = i + 1
        while f"{stem}{number:02}" in self.vergeben:
            number += 100
        return f"{stem}{number:02}"

    # --- trying it ----------------------------------------------------------------------------


def _katalog(region: Region) -> Katalog | None:
    """The pages of the region, None while they have faults of their own."""
    try:
        return lade_katalog(region)
    except PruefFehler:
        return None


def fehlwerte(werte: np.ndarray) -> list[str]:
    """Numbers of a column that look like signs for a gap: nines (or -1) far from all others.

    >>> fehlwerte(np.array([7.5, 8, 999, 6])), fehlwerte(np.array([3, 5, -9, 4.0])), fehlwerte(np.array([950, 980, 999.0]))
    (['999'], ['-9'], [])
    """
    known = werte[~np.isnan(werte)]
    result = []
    for code in (-1, -9, -99, -999, -9999, 99, 999, 9999, 99999, 999999):
        others = np.abs(known[known != code])
        odd = np.all(known[known != code] >= 0) if code < 0 else others.size and code > 5 * np.max(others)
        if code in known and others.size and odd:
            result.append(str(code))
    return result


def kennung(text: str) -> str:
    """A name as formulas need it: small letters, digits, underscore.

    >>> kennung("Haushalte mit Kindern unter 18 Jahren")
    'haushalte_mit_kindern_unter_18_jahren'
    """
    plain = glatt(text).casefold()
    for sign, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(sign, spelled)
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return f"w_{name}" if name[:1].isdigit() else name


def feldname(kopf: str, vergeben: set[str]) -> str:
    """Name of a field from its heading, not used before."""
    parts = kopf.split(" | ")
    name = kennung(" ".join(parts))
    if len(name) > 48:
        name = "_".join(kennung(part)[: max(8, 44 // len(parts))].strip("_") for part in parts)
    name = name or "feld"
    number, free = 2, name
    while free in vergeben:
        free, number = f"{name}_{number}", number + 1
    return free


def _readable(kopf: str) -> str:
    return ", ".join(part.strip() for part in kopf.split(" | "))


def _digits(column: Zahlspalte) -> int:
    return 0 if column.ganz else 1
