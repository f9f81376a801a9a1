"""Deliveries of persons are refused; deliveries of counts are not."""

from __future__ import annotations

import pytest

from sozialanalyse import build
from sozialanalyse.base.errors import Befund, PruefFehler
from sozialanalyse.base.rohtabelle import Rohtabelle
from sozialanalyse.geheimhaltung import personen


def table(kopf: list[str], zeilen: list[list[object]]) -> Rohtabelle:
    return Rohtabelle("datei.xlsx", "Blatt1", kopf, zeilen, range(2, len(zeilen) + 2))


def refused(befund: Befund) -> bool:
    return (befund.schwere, befund.regel) == (
        "fehler",
        "personen",
    ) and "zusammengefassten Zahlen" in befund.abhilfe


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Name, Vorname", None),
        ("Vorname", "Namen"),
        ("Nachname", "Namen"),
        ("Geburtsdatum", "Geburtsdaten"),
        ("geb. am", "Geburtsdaten"),
        ("Straße", "Anschriften"),
        ("Straße und Hausnr.", "Anschriften"),
        ("Aktenzeichen", "Aktenzeichen"),
        ("BG-Nummer", "Aktenzeichen"),
        ("Kundennr.", "Aktenzeichen"),
        ("Versichertennummer", "Aktenzeichen"),
        ("Gebietsname", None),
        ("Name", None),
        ("Geburten", None),
        ("Fälle", None),
        ("BG_INSG", None),
        ("Regelleistungsberechtigte", None),
    ],
)
def test_headings(title, kind):
    found = personen(table(["Gebiet", title], [["A 1", 12], ["A 2", 15]]), ["Gebiet"])
    assert [befund.text for befund in found] == (
        [f"Die Spalte sieht nach {kind} einzelner Personen aus."] if kind else []
    )
    assert all(befund.spalte.startswith("B") and refused(befund) for befund in found)


def test_many_different_days_are_birth_dates():
    days = [[f"A {i % 4}", f"{i % 28 + 1:02}.{i % 12 + 1:02}.19{50 + i}"] for i in range(30)]
    (found,) = personen(table(["Gebiet", "Tag"], days), ["Gebiet"])
    assert found.text == "Die Spalte enthält viele verschiedene Tage und sieht nach Geburtsdaten aus."
    assert refused(found)
    assert found.spalte.startswith("B")
    same = [[f"A {i}", "31.12.2023", i * 3] for i in range(30)]
    assert personen(table(["Gebiet", "Stichtag", "Zahl"], same), ["Gebiet"]) == []


def test_one_row_per_person():
    rows = [[f"A {i % 5}", "weiblich" if i % 2 else "männlich", 1] for i in range(60)]
    (found,) = personen(table(["Gebiet", "Geschlecht", "Anzahl"], rows), ["Gebiet"])
    assert found.text.startswith("Jede Zeile sieht nach einer einzelnen Person aus: viele Zeilen je Gebiet")
    assert refused(found)
    without = [row[:2] for row in rows]
    assert personen(table(["Gebiet", "Geschlecht"], without), ["Gebiet"])
    counts = [[f"A {i % 5}", f"Merkmal {i % 12}", 7 + i] for i in range(60)]
    assert personen(table(["Gebiet", "Merkmal", "Wert"], counts), ["Gebiet"]) == []
    few = [[f"A {i // 3}", f"Merkmal {i % 3}", 1] for i in range(60)]  # small numbers of several fields
    assert personen(table(["Gebiet", "Merkmal", "Wert"], few), ["Gebiet"], ["Merkmal"]) == []
    assert personen(table(["Gebiet", "Merkmal", "Wert"], [*few, *few, *few]), ["Gebiet"], ["Merkmal"])
    one_each = [[f"A {i}", 1] for i in range(60)]
    assert personen(table(["Gebiet", "Heime"], one_each), ["Gebiet"]) == []


def test_build_refuses_and_keeps_the_last_snapshot(kleinregion):
    region = kleinregion.schreibe()
    first = build.build(region.ordner)
    path = region.lieferungen / "arbeit.csv"
    text = path.read_bytes().decode("cp1252").replace("Arbeitslose;Quote", "Arbeitslose;Aktenzeichen")
    path.write_bytes(text.encode("cp1252"))
    with pytest.raises(PruefFehler) as caught:
        build.build(region.ordner)
    refusal = next(befund for befund in caught.value.befunde if befund.regel == "personen")
    assert "arbeit.csv" in str(refusal)
    assert "zusammengefassten Zahlen" in refusal.abhilfe
    assert first.ordner.exists()
