"""Dataset pages: what an indicator means, and everything wrong with a page at once."""

from __future__ import annotations

import pytest

from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.region.catalogue import Summe, lade_katalog
from sozialanalyse.seiten.teile.zahlen import Zahlen


def faults(region, page: str, old: str, new: str) -> str:
    assert old in region.seiten[page]
    region.seiten[page] = region.seiten[page].replace(old, new, 1)
    region.schreibe()
    with pytest.raises(PruefFehler) as caught:
        lade_katalog(region.region)
    return str(caught.value)


@pytest.mark.parametrize(
    ("zaehler", "einheit", "faelle"),
    [
        ("alte", "Personen", True),
        ("einwohner - alte", "Personen", False),  # a balance: its chance is that of both its parts
        ("alte", "m²", False),
        ("alte", "Tsd. Euro", False),
    ],
)
def test_only_what_is_counted_has_cases(kleinregion, zaehler, einheit, faelle):
    """The same numbers as cases, as a balance and as something measured: only of cases chance can be computed."""
    page = kleinregion.seiten["register"].replace(
        "{spalte: Einwohner | 65 und älter}",
        f"{{spalte: Einwohner | 65 und älter, einheit: '{einheit}'}}",
    )
    kleinregion.seiten["register"] = page.replace(
        "zaehler: alte, nenner: einwohner", f"zaehler: {zaehler}, nenner: einwohner"
    )
    kleinregion.build()
    daten = kleinregion.daten("intern")
    assert daten.indikatoren().at["AB65", "faelle"] == faelle
    count, base = daten.faelle(["AB65", "ALO"])
    assert count["AB65"].notna().all() == base["AB65"].notna().all() == faelle
    assert count["ALO"].notna().all()
    numbers = Zahlen(daten, daten.stichtage[-1], ["AB65", "ALO"])
    assert (~numbers.ungeprueft["AB65"].dropna()).all() == faelle
    value, low, high = numbers.intervall
    assert (high["AB65"] > low["AB65"]).any() == faelle


def test_catalogue_as_table(kleinregion):
    katalog = lade_katalog(kleinregion.schreibe().region)
    table = katalog.tabelle()
    assert list(table.index) == ["ALO", "QUOTE", "EW", "AB65", "MEDIAN", "DICHTE"]
    assert table.loc["ALO", ["thema", "polaritaet", "anteil", "auswertung", "quelle"]].tolist() == [
        "arbeit",
        1,
        True,
        True,
        "Agentur",
    ]
    assert table["anteil"].tolist() == [True, False, False, True, False, False]
    assert table["auswertung"].tolist() == [True, True, False, True, True, True]
    assert table["faelle"].tolist() == [True, False, False, True, False, False], (
        "a density counts nobody by chance"
    )
    alo = katalog.indikatoren["ALO"]
    assert alo.zaehler.felder == ("arbeit.alo",)
    assert alo.nenner.felder == ("register.einwohner",)
    assert alo.sperrprofil == "agentur"


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a", [(1, "d.a")]),
        ("a+b - c_1", [(1, "d.a"), (1, "d.b"), (-1, "d.c_1")]),
        ("- a + ba.b", [(-1, "d.a"), (1, "ba.b")]),
        ("a\n  + b ", [(1, "d.a"), (1, "d.b")]),
        ("gebiet.flaeche_qkm", [(1, "gebiet.flaeche_qkm")]),
    ],
)
def test_sums(text, terms):
    assert list(Summe.lesen(text, "d").glieder) == terms


@pytest.mark.parametrize(
    "text", ["", "  ", "a b", "a * b", "2 a", "a + ", "a / b", "(a)", "A", "a.b.c", "a++b"]
)
def test_no_sums(text):
    with pytest.raises(ValueError, match=r"Ausdruck ist leer|nicht lesbar"):
        Summe.lesen(text, "d")


@pytest.mark.parametrize(
    ("page", "old", "new", "sentence"),
    [
        ("arbeit", "zaehler: alo", "zaehler: aloo", "Zeile 19: ALO: Das Feld „arbeit.aloo“ gibt es nicht. Gemeint ist vielleicht: „arbeit.alo“"),
        ("arbeit", "nenner: register.einwohner", "nenner: melde.einwohner", "Das Feld „melde.einwohner“ gibt es nicht."),
        ("arbeit", "thema: arbeit, zaehler", "thema: arbeitt, zaehler", "Das Thema „arbeitt“ steht nicht in region.yml. Gemeint ist vielleicht: „arbeit“."),
        ("arbeit", "symbolprofil: agentur", "symbolprofil: ba", "Zeile 6: Das Symbolprofil „ba“ steht nicht in region.yml."),
        ("arbeit", "sperrprofil: agentur", "sperrprofil: ba", "Das Sperrprofil „ba“ steht nicht in region.yml."),
        ("arbeit", "zaehler: alo", "zaehler: alo / 2", "ALO: „alo / 2“ ist nicht lesbar. Erlaubt sind Feldnamen, verbunden mit + und -."),
        ("arbeit", ", nenner: register.einwohner", "", "Eine Quote braucht die Angabe „nenner“."),
        ("arbeit", "  ALO:", "  EW:", "Der Indikator „EW“ steht auch auf der Seite arbeit."),
        ("arbeit", "id: arbeit", "id: register", "Die Kennung „register“ gibt es schon in arbeit.yml."),
        ("arbeit", "dateien: arbeit", "dateien: ../arbeit", "„../arbeit.csv“ führt aus dem Ordner der Lieferungen hinaus"),
        ("arbeit", "  alo: {spalte", "  Alo: {spalte", "Der Feldname „Alo“ darf nur Kleinbuchstaben, Ziffern und _ enthalten."),
        ("arbeit", "'^_+'", "'^(_+'", "ist kein gültiges Suchmuster"),
        ("register", "'^Summe'", "'*Summe'", "ist kein gültiges Suchmuster"),
        ("register", "'(\\d{4}-\\d{2}-\\d{2})'", "'\\d{4}'", "fehlt die runde Klammer um die gesuchte Stelle"),
        ("register", ", muster: '(\\d{4}-\\d{2}-\\d{2})'", "", "Zu „aus: dateiname“ gehört die Angabe „muster“."),
        ("register", "format: excel", "format: word", "„word“ ist hier nicht möglich. Möglich: „excel“, „csv“, „ffcsv“, „json-stat“, „geojson“, „kommonitor“."),
        ("register", "  blatt: Bestand", "  merkmal: Art", "„merkmal“ und „wert“ gehören zusammen"),
        ("register", "  EW: {", "  EINW: {", "bevoelkerung: Den Indikator „EW“ gibt es nicht."),
    ],
)  # fmt: skip
def test_faults_of_a_page(kleinregion, page, old, new, sentence):
    assert sentence in faults(kleinregion, page, old, new)


def test_faults_of_all_pages_at_once(kleinregion):
    kleinregion.seiten["register"] = kleinregion.seiten["register"].replace("format: excel", "format: word")
    found = faults(kleinregion, "arbeit", "zeile_ist", "zeile_sind").splitlines()
    assert len(found) == 3  # an unknown entry, the missing one, and the format of the other page
    assert {line.split(":")[0].rsplit("/")[-1].split(",")[0] for line in found} == {
        "arbeit.yml",
        "register.yml",
    }


def test_no_page_and_no_indicator(kleinregion):
    for page in kleinregion.seiten:
        kleinregion.seiten[page] = kleinregion.seiten[page].split("indikatoren:")[0]
    kleinregion.schreibe()
    with pytest.raises(PruefFehler, match="noch keinen einzigen Indikator"):
        lade_katalog(kleinregion.region)
    for path in (kleinregion.ordner / "indikatoren").iterdir():
        path.unlink()
    with pytest.raises(PruefFehler, match="keine einzige Datensatzseite"):
        lade_katalog(kleinregion.region)
