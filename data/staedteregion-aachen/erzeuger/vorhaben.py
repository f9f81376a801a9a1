"""The register of projects: two states of the measures, one of small projects and agreements, with planted truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from dateien import Blatt, Zelle, schreibe_csv, schreibe_xlsx

MARKE = "Demodaten – frei erfunden"
STAENDE = ("2023-06-30", "2024-03-31")
OHNE_INTEGRATION = ("05334032", "05334036")
"""Kommunen in which nothing runs for integration; their areas with that need are white spots."""

_MASSNAHMEN: Sequence[tuple[str, str, str, str, str]] = (
    ("Freizeit, Kultur und Sport", "Sportvereine öffnen Gruppen für alle", "Alle können beim Sport mitmachen", "Kinder", "Inklusionsamt"),
    ("Freizeit, Kultur und Sport", "Ferienspiele mit Assistenz", "Hilfe bei den Ferienspielen", "Kinder", "Jugendamt"),
    ("Freizeit, Kultur und Sport", "Hörverstärker in Kulturhäusern", "Besser hören im Theater", "Ältere", "Kulturamt"),
    ("Freizeit, Kultur und Sport", "Begegnungscafé im Quartier", "Ein Café für alle", "Benachteiligung", "Sozialplanung"),
    ("Wohnen", "Beratung zum barrierefreien Umbau", "Hilfe beim Umbau der Wohnung", "Ältere", "Wohnberatung"),
    ("Wohnen", "Wohnen mit Unterstützung in kleinen Gruppen", "Zusammen wohnen mit Hilfe", "Benachteiligung", "Sozialamt"),
    ("Wohnen", "Verzeichnis barrierefreier Wohnungen", "Eine Liste mit guten Wohnungen", "Ältere", "Wohnberatung"),
    ("Wohnen", "Belegungsrechte für Familien in Not", "Wohnungen für Familien", "Kinder", "Sozialamt"),
    ("Mobilität", "Haltestellen ohne Stufen", "Gut in den Bus kommen", "", "Verkehrsplanung"),
    ("Mobilität", "Fahrdienst zu Veranstaltungen", "Ein Auto bringt Sie hin", "Ältere", "Inklusionsamt"),
    ("Mobilität", "Begleitung im Bus", "Jemand fährt mit", "Ältere", "Verkehrsplanung"),
    ("Mobilität", "Leitsystem an Kreuzungen", "Sicher über die Straße", "", "Verkehrsplanung"),
    ("Arbeit", "Praktika in der Verwaltung", "Probe-Arbeit im Amt", "Benachteiligung", "Personalamt"),
    ("Arbeit", "Budget für Arbeit bekannt machen", "Geld für Arbeits-Plätze", "Benachteiligung", "Inklusionsamt"),
    ("Arbeit", "Sprachkurs am Arbeitsplatz", "Deutsch lernen bei der Arbeit", "Integration", "Integrationszentrum"),
    ("Arbeit", "Beratung für Eltern allein mit Kindern", "Hilfe für Mütter und Väter", "Kinder", "Jobcenter"),
    ("Lebenslanges Lernen", "Kurse in Einfacher Sprache", "Kurse, die alle verstehen", "Integration", "Volkshochschule"),
    ("Lebenslanges Lernen", "Lernräume mit Technik für alle", "Räume zum Lernen", "Kinder", "Schulamt"),
    ("Lebenslanges Lernen", "Sprachpaten in Kitas", "Zusammen Deutsch sprechen", "Integration", "Jugendamt"),
    ("Lebenslanges Lernen", "Digitale Sprechstunde für Ältere", "Hilfe am Computer", "Ältere", "Seniorenberatung"),
    ("Gesundheit", "Gesundheitslotsen im Stadtteil", "Hilfe auf dem Weg zum Arzt", "Benachteiligung", "Gesundheitsamt"),
    ("Gesundheit", "Praxen ohne Barrieren suchen und melden", "Gute Arzt-Praxen finden", "", "Gesundheitsamt"),
    ("Gesundheit", "Bewegung für Kinder", "Kinder bewegen sich", "Kinder", "Gesundheitsamt"),
    ("Gesundheit", "Besuchsdienst für Alleinlebende", "Besuch zu Hause", "Ältere", "Seniorenberatung"),
    ("Politische Teilhabe", "Unterlagen des Beirats in Einfacher Sprache", "Papiere, die alle verstehen", "", "Inklusionsamt"),
    ("Politische Teilhabe", "Wahllokale ohne Stufen", "Gut wählen gehen", "", "Wahlamt"),
    ("Politische Teilhabe", "Sprecherinnen und Sprecher in Quartieren", "Menschen sprechen für ihr Viertel", "Benachteiligung", "Sozialplanung"),
    ("Politische Teilhabe", "Beirat für Zugewanderte stärken", "Mitreden im Beirat", "Integration", "Integrationszentrum"),
)  # fmt: skip
_ANLASS = {
    "Kinder": "SOZ03, BIL04",
    "Ältere": "DEM15",
    "Benachteiligung": "SOZ01",
    "Integration": "INT03",
    "": "GES06",
}
_UMFELD = {"Kinder": "DEM16", "Ältere": "DEM08", "Benachteiligung": "SOZ07", "Integration": "INT05", "": ""}
_ZWECKE = ("Bewegung", "Begegnung", "Ferienspiele", "Lesen", "Anschaffung", "Quartiersarbeit", "Fortbildung")

VERSCHWUNDEN = "M-12"
"""In the first state and not in the second: its status stays known."""
KOPF_M = ("Nr.", "Plan", "Lebensbereich", "Maßnahme", "In Einfacher Sprache", "Zuständig", "Zielgruppe", "Wo", "Beginn", "Ende",
          "Bericht an den Beirat", "Zuletzt berichtet", "Anlass", "Umsetzung", "Umfeld", "Stand", "Erläuterung",
          "Teilnehmende", "Umgebaute Orte")  # fmt: skip
KOPF_K = ("Antrag", "Topf", "Antragsteller", "Rechtsform", "Vorhaben", "Zweck", "Zielgruppe", "Gebiete", "von", "bis", "Euro",
          "Eigenanteil in Prozent", "Entscheidung", "Begründung", "Nachweis vom", "Zielgruppe passt", "Beteiligung",
          "Bestand danach", "Zusammenarbeit", "Barrierefrei")  # fmt: skip
KOPF_V = ("Kennung", "Träger", "Art des Trägers", "Gegenstand", "Bedarf", "Gebiete", "Beginn", "Ende", "Euro im Jahr",
          "Beschluss", "Status")  # fmt: skip

Wahrheit = list[tuple[str, str, str]]


def alle(kommune: dict[str, str], saat: int, ziel: Path) -> Wahrheit:
    """Write the deliveries below ``ziel``; returns what was planted: kind, project, what."""
    rng = np.random.default_rng([saat, 9])
    truth: Wahrheit = [("ohne_integration", ags, "") for ags in OHNE_INTEGRATION]
    _massnahmen(kommune, rng, ziel, truth)
    _kleinprojekte(kommune, ziel, truth)
    _vereinbarungen(ziel)
    return truth


def _massnahmen(kommune: dict[str, str], rng: np.random.Generator, ziel: Path, truth: Wahrheit) -> None:
    first, second = [], []
    for number, (field, title, simple, need, office) in enumerate(_MASSNAHMEN, start=1):
        key = f"M-{number:02d}"
        barred = OHNE_INTEGRATION if need == "Integration" else ()
        places = [area for area, town in kommune.items() if town not in barred]
        where = " | ".join(sorted(rng.choice(places, size=int(rng.integers(2, 6)), replace=False)))
        if number in (9, 22, 25):
            where = "alle"  # measures for everybody everywhere, with no need of their own
        duty = ("jedes Jahr", "wenn es Neues gibt", "nie", "jedes Jahr")[number % 4]
        begin = f"01.{1 + number % 12:02d}.2022"
        plan = "Inklusionsplan" if number % 3 else "Handlungskonzept Soziales"
        cause, around = _ANLASS[need], _UMFELD[need]
        done = "Teilnehmende" if number % 2 else "Umgebaute Orte"
        if key == "M-11":
            cause = done = around = ""
            truth.append(("ohne_indikator", key, ""))
        if key == "M-13":
            where = ""
            truth.append(("ohne_gebiet", key, ""))
        status = ("in Arbeit", "geplant", "in Arbeit", "auf Dauer", "in Arbeit", "zurückgestellt")[number % 6]
        then, why = status, ""
        if number % 5 == 0:
            then, why = "fertig", "Das Ziel ist erreicht."
        if number % 9 == 0:
            then, why = "verworfen", "Ein Träger fand sich nicht."
        reported = "14.03.2024" if number % 4 == 3 else "14.09.2023" if number % 2 else ""
        counts = [
            int(rng.integers(1, 60)) if number % 2 else "",
            "" if number % 2 else int(rng.integers(1, 9)),
        ]
        if key == "M-01":
            counts[0] = 3
            truth.append(("klein", key, "teilnehmende"))
        base: list[Zelle] = [key, plan, field, title, simple, office, need, where, begin, "", duty]
        tail: list[Zelle] = [cause, done, around]
        first.append([*base, "", *tail, status, "", "", ""])
        if key == VERSCHWUNDEN:
            truth.append(("verschwunden", key, status))
            continue
        second.append([*base, reported, *tail, then, why, *counts])
    for day, rows in zip(STAENDE, (first, second), strict=True):
        name = ziel / "vorhaben" / f"Massnahmen_{day}.csv"
        schreibe_csv(name, [[f"Maßnahmen der Pläne ({MARKE})"], KOPF_M, *rows], "cp1252")


def _kleinprojekte(kommune: dict[str, str], ziel: Path, truth: Wahrheit) -> None:
    sozial, inklusion = "Richtlinie sozialraumbezogene Projekte", "Richtlinie Inklusion"
    fonds, land = "Stadtteilfonds der Stadt Aachen", "Landesprogramm 2.000 × 1.000 Euro"
    verein, gruppe, person, ggmbh, gmbh = "e. V.", "Gruppe", "natürliche Person", "gGmbH", "GmbH"
    full = (3, 3, 2, 3, 2)
    rows: list[list[Zelle]] = [
        # granted and running
        ["K-01", sozial, "Nachbarschaftsverein Mitte e. V.", verein, "Boule-Bahn im Park", "Begegnung", "Ältere", "A 3; A 4", "01.02.2024", "30.11.2024", 1800, 10, "läuft", "", "", *full],
        ["K-02", sozial, "Leserunde", gruppe, "Lese-Café", "Lesen", "Kinder", "E 1; E 2", "01.01.2024", "31.12.2024", 900, 0, "läuft", "", "", *full],
        ["K-03", sozial, "Antragstellerin 1", person, "Bewegung am Vormittag", "Bewegung", "Ältere", "H 2", "15.01.2024", "31.10.2024", 600, 0, "läuft", "", "", *full],
        ["K-04", inklusion, "Werkstatt für alle gGmbH", ggmbh, "Rampe für das Vereinsheim", "Anschaffung", "Benachteiligung", "S 1", "01.03.2024", "30.06.2024", 4200, 10, "bewilligt", "", "", *full],
        ["K-05", sozial, "Sportverein Nord e. V.", verein, "Ferienspiele im Herbst", "Ferienspiele", "Kinder", "Stadt Baesweiler", "01.07.2023", "30.09.2023", 1500, 10, "abgeschlossen", "", "", *full],
        ["K-06", sozial, "Sportverein Nord e. V.", verein, "Sport im Hof", "Bewegung", "Kinder", "B 1", "01.03.2023", "31.10.2023", 1100, 10, "läuft", "", "", *full],
        ["K-07", sozial, "Kulturkreis e. V.", verein, "Theater im Quartier", "Begegnung", "Benachteiligung", "A 7", "01.05.2023", "31.08.2023", 1900, 10, "abgeschlossen", "", "15.10.2023", *full],
        # the same twice, in other pots
        ["K-08", fonds, "Nachbarschaftsverein Ost", verein, "Spielfest im Viertel", "Ferienspiele", "Kinder", "AC 5", "01.06.2024", "31.08.2024", 1200, 10, "bewilligt", "", "", *full],
        ["K-09", sozial, "Elterngruppe Ost", gruppe, "Spielfest im Viertel", "Ferienspiele", "Kinder", "AC 5; AC 6", "01.07.2024", "15.08.2024", 800, 0, "offen", "", "", *full],
        ["K-10", land, "Kulturkreis e.V.", verein, "Erzählabende", "Begegnung", "Ältere", "A 8", "01.01.2024", "31.12.2024", 1000, 0, "läuft", "", "", *full],
        ["K-11", sozial, "Kulturkreis e. V.", verein, "Offene Bühne", "Lesen", "Benachteiligung", "A 9", "01.05.2024", "30.11.2024", 1600, 10, "offen", "", "", *full],
        ["K-12", inklusion, "Antragstellerin 1", person, "Sitzgymnastik", "Quartiersarbeit", "Ältere", "H 3", "01.06.2024", "31.12.2024", 700, 0, "offen", "", "", *full],
        # applications that may not be funded
        ["K-13", sozial, "Sportverein Süd e. V.", verein, "Großes Sommerfest", "Begegnung", "Kinder", "E 9", "01.06.2024", "30.06.2024", 3500, 10, "offen", "", "", *full],
        ["K-14", sozial, "Beratung GmbH", gmbh, "Kurs für Träger", "Fortbildung", "Benachteiligung", "E 10", "01.06.2024", "30.06.2024", 1500, 10, "offen", "", "", *full],
        ["K-15", inklusion, "Chorfreunde e. V.", verein, "Chorreise", "Reise", "Ältere", "W 1", "01.06.2024", "30.06.2024", 1500, 10, "offen", "", "", *full],
        ["K-16", sozial, "Winterhilfe e. V.", verein, "Warme Stube", "Begegnung", "Benachteiligung", "S 9", "01.12.2024", "28.02.2025", 1500, 10, "offen", "", "", *full],
        ["K-17", sozial, "Antragsteller 2", person, "Gartenprojekt", "Begegnung", "Ältere", "", "01.06.2024", "31.10.2024", 500, 0, "offen", "", "", *full],
        ["K-18", sozial, "Schachverein e. V.", verein, "Schach für alle", "Begegnung", "Kinder", "R 1", "01.06.2024", "31.10.2024", 500, 0, "abgelehnt", "Die Mittel der ersten Runde waren verbraucht.", "", *full],
    ]  # fmt: skip
    truth += [("nicht_foerderfaehig", key, why) for key, why in (("K-13", "high"), ("K-14", "applicant"), ("K-15", "purpose"), ("K-16", "period"), ("K-17", "area"))]  # fmt: skip
    truth += [("doppelt", "K-08", "K-09"), ("doppelt", "K-10", "K-11"), ("doppelt", "K-03", "K-12")]
    truth += [("nachweis", "K-05", ""), ("ueberfaellig", "K-06", "")]
    # applications to choose from: high scores where something runs already, lower ones where nothing does
    served = ["A 3", "A 4", "E 1", "E 2"]
    for number, area in enumerate(served, start=19):
        rows.append([f"K-{number}", sozial, f"Verein {number} e. V.", verein, "Zweite Gruppe", "Begegnung", "Ältere" if area[0] == "A" else "Kinder", area, "01.06.2024", "31.12.2024", 1900, 10, "offen", "", "", 4, 4, 4, 4, 4])  # fmt: skip
    towns = {ags: [area for area, town in kommune.items() if town == ags] for ags in OHNE_INTEGRATION}
    spots = [area for areas in towns.values() for area in areas]
    for number in range(23, 31):
        areas = spots[(number - 23) * 3 : (number - 23) * 3 + 3]
        rows.append([f"K-{number}", sozial, f"Gruppe {number}", gruppe, "Treff der Nachbarn", "Begegnung", "Integration", "; ".join(areas), "01.06.2024", "31.12.2024", 1000 + 100 * (number % 4), 0, "offen", "", "", 2, 2, 2, 2, 2 if number != 30 else None])  # fmt: skip
    truth.append(("unbewertet", "K-30", ""))
    sheet = Blatt("Anträge", [[f"Kleinprojekte ({MARKE})"], [], list(KOPF_K), *rows])
    schreibe_xlsx(ziel / "vorhaben" / f"Kleinprojekte_{STAENDE[1]}.xlsx", sheet)


def _vereinbarungen(ziel: Path) -> None:
    rows: list[list[Zelle]] = [
        ["V-1", "Wohlfahrtsverband Nord e. V.", "Verein", "Schuldnerberatung", "Benachteiligung", "Alsdorf; Baesweiler; Herzogenrath", "01.01.2022", "31.12.2026", 84000, "2021", "dauerhaft"],
        ["V-2", "Wohlfahrtsverband Süd e. V.", "Verein", "Seniorenberatung", "Ältere", "Monschau; Simmerath; Roetgen", "01.01.2022", "31.12.2026", 61000, "2021", "dauerhaft"],
        ["V-3", "Familienzentrum gGmbH", "Gesellschaft", "Aufsuchende Familienhilfe", "Kinder", "AC 1; AC 2; AC 7", "01.01.2023", "31.12.2025", 92000, "2022", "läuft"],
        ["V-4", "Integrationsagentur e. V.", "Verein", "Begleitung Zugewanderter", "Integration", "Aachen, Stadt; E 4; E 5", "01.01.2023", "31.12.2025", 77000, "2022", "läuft"],
    ]  # fmt: skip
    head = [[f"Vereinbarungen mit Trägern ({MARKE})"], ["Stand: 31.03.2024"], list(KOPF_V)]
    schreibe_xlsx(ziel / "vorhaben" / "Vereinbarungen_2024.xlsx", Blatt("Tabelle1", [*head, *rows]))


def schreibe_wahrheit(truth: Wahrheit, ziel: Path) -> None:
    """What was planted, one row each."""
    lines = ["art;vorhaben;was", *(";".join(row) for row in truth)]
    (ziel / "wahrheit_vorhaben.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
