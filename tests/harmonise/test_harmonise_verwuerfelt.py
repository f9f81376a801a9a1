"""A good delivery, scrambled in every way suppliers know: the same numbers, or a finding with its place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pruefregion import GEBIETE, KOMMUNEN, Pruefregion

from sozialanalyse import harmonise
from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.region.catalogue import lade_katalog
from sozialanalyse.region.region import lade_region
from sozialanalyse.sources import lies_spalten, lies_tabellen

NAMEN = {"A 1a": "Köln-Süd", "A 2": "Große Höfe", "W 1": "Mühlenviertel"}

KOPF = [lambda h: h, str.upper, lambda h: unicodedata.normalize("NFD", h), lambda h: h.replace(" ", "\u00a0"), lambda h: f" {h} ",
        lambda h: h.encode().decode("cp1252"), lambda h: h + "\u00ad"]  # fmt: skip
KENNUNG = [
    lambda k: k, str.lower, lambda k: k.replace(" ", ""), lambda k: k.replace(" ", "\u00a0"), lambda k: k.replace(" ", " 0"),
    lambda k: NAMEN.get(k, k), lambda k: unicodedata.normalize("NFD", NAMEN.get(k, k)), lambda k: f"SR {k}",
    lambda k: NAMEN.get(k, k).encode().decode("cp1252"), lambda k: k.replace(" ", "\t"), lambda k: f"{k}.0",
    lambda k: {"A 2": "02. Jan", "W 1": "1E+00"}.get(k, k), lambda k: k.split()[-1], lambda k: k[0],
]  # fmt: skip
ANZAHL = [
    str, lambda n: f"{n:,}".replace(",", "."), lambda n: f"{n:,}".replace(",", "\u00a0"), lambda n: f"{n:,}".replace(",", "\u202f"),
    lambda n: f"{n:,}", lambda n: f"{n},0", lambda n: f"{n}.0", lambda n: f"{n}\u00b9\u207e", lambda n: f" {n} ",
    lambda n: f"{n / 1000:.3f}", lambda n: f"{n / 1000}".replace(".", ","), lambda n: f"{n}€",
]  # fmt: skip
QUOTE = [
    lambda q: f"{q}".replace(".", ","), lambda q: f"{q} %".replace(".", ","), lambda q: f"{q:.3f}".replace(".", ","),
    lambda q: f"{q}", lambda q: f"{q:.3f}", lambda q: f"{q / 100:.4f}".replace(".", ","), lambda q: f"{q / 100:.4f}",
]  # fmt: skip
TAG = [
    "31.12.2023",
    "01.01.2024",
    "2023-12-31",
    "202312",
    "45291",
    "31. 12. 2023",
    "2023-12-31 00:00:00",
    "31.12.23",
    "12/31/2023",
]
SUMME = ["Ahausen insgesamt", "Summe", "StädteRegion", "Kreis Prüfland", "Stadt Ahausen", ""]


@pytest.fixture(scope="module")
def land(tmp_path_factory):
    """The region around the deliveries, read once."""
    seite = {
        "dateien": "d.csv",
        "tabelle": {
            "format": "csv", "kopf": {"erkennbar_an": "Gebiet"},
            "schluessel": {"spalten": ["Gebiet"], "ueberlesen": "^Summe$"}, "stichtag": {"aus": "spalte", "spalte": "Stand am"},
        },
        "felder": {"n": {"spalte": "Bevölkerung"}, "q": {"spalte": "Quote in %", "einheit": "%", "summierbar": False, "max": 100}},
    }  # fmt: skip
    region = Pruefregion(tmp_path_factory.mktemp("land"), seite, {}, aliase=NAMEN)
    region.schreibe()
    place = lade_region(region.ordner)
    tables = {source.ebene: lies_spalten(place.datei(source.datei)) for source in place.seite.gebiete}
    gebiete, _ = harmonise.gebietsliste(place, tables)
    bund = harmonise.Schluesselbund(gebiete, kuerzel_im_schluessel=True)
    return place, lade_katalog(place).datensaetze["daten"], gebiete, bund, region.ordner / "d.csv"


def lies(land, content: bytes):
    """(numbers, findings) of a delivery; None for numbers that a fault keeps out."""
    place, page, gebiete, bund, path = land
    path.write_bytes(content)
    try:
        (table,) = lies_tabellen(path, page.tabelle, name="d.csv")
    except PruefFehler as error:
        return None, list(error.befunde)
    read = harmonise.lies(page, [(table, "q")], bund, place)
    (day,) = read.tage() or [""]
    frame, ohne, found = harmonise.harmonisiere(read, day, page, bund)
    found = read.befunde + found
    if any(befund.schwere == "fehler" for befund in found):
        return None, found
    found += harmonise.pruefe_merkmale(frame, page, gebiete, ohne)
    if any(befund.schwere == "fehler" for befund in found):
        return None, found
    rows = zip(frame["gebiet_id"], frame["feld"], frame["wert"], strict=True)
    return {(str(g), str(f)): w for g, f, w in rows if str(g) in GEBIETE}, found


def tabelle(
    counts, rates, *, kopf, kennung, eine, anzahl, quote, tag, oben, links, leer, summe, zeichen
) -> str:
    """The delivery as text."""
    rows = [[kopf("Gebiet"), kopf("Stand am"), kopf("Bevölkerung"), kopf("Quote in %")]]
    for number, (key, n, q) in enumerate(zip(GEBIETE, counts, rates, strict=True)):
        spelled = kennung(key) if eine is None or eine == number else key
        rows.append([spelled, tag, anzahl(n), quote(q)])
        if summe and number == 3:
            rows.append([summe, tag, anzahl(sum(counts[:4])), ""])
    rows = [[*[""] * links, *row, *[""] * leer] for row in rows]
    title = [["Bevölkerung nach Gebieten"], [], *([["Stand der Auswertung", "heute"]] * max(0, oben - 2))][
        :oben
    ]
    return "\n".join(zeichen.join(row) for row in [*title, *rows]) + "\n"


@given(data=st.data())
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_numbers_or_a_finding_with_its_place(land, data):
    counts = data.draw(
        st.lists(st.integers(1000, 60000) | st.sampled_from([1000, 2000, 30000]), min_size=7, max_size=7)
    )
    rates = data.draw(st.lists(st.integers(20, 600).map(lambda n: n / 10), min_size=7, max_size=7))
    choice = {
        "kopf": st.sampled_from(KOPF), "kennung": st.sampled_from(KENNUNG), "eine": st.none() | st.integers(0, 6),
        "anzahl": st.sampled_from(ANZAHL), "quote": st.sampled_from(QUOTE), "tag": st.sampled_from(TAG),
        "oben": st.integers(0, 4), "links": st.integers(0, 2), "leer": st.integers(0, 3), "summe": st.sampled_from(["", *SUMME]),
        "zeichen": st.sampled_from([";", "\t", "|"]),
    }  # fmt: skip
    text = tabelle(
        counts, rates, **{name: data.draw(strategy, label=name) for name, strategy in choice.items()}
    )
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16"]))
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        return
    found, befunde = lies(land, content)
    wanted = {(key, f"daten.{feld}"): value for feld, column in (("n", counts), ("q", rates))
              for key, value in zip(GEBIETE, column, strict=True)}  # fmt: skip
    if found == pytest.approx(wanted):
        return
    told = [befund for befund in befunde if befund.schwere in {"fehler", "warnung"}]
    if not told:  # below a heading in percent, shares of whole tens look like percentages of one decimal
        assume(any(rate % 10 for rate in rates))
    assert told, "other numbers, and nobody was told"
    assert all(befund.datei == "d.csv" for befund in told)
    assert found is None or any(befund.zeile is not None and befund.spalte for befund in told)


@given(counts=st.lists(st.integers(1000, 60000), min_size=7, max_size=7, unique=True))
@example(counts=[1001, 2000, 3000, 4000, 5000, 6000, 7000])
@settings(deadline=None, max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_plain_deliveries_are_read(land, counts):
    """The walk above would be empty if everything were refused; counts that all end in three zeros may be."""
    assume(any(count % 1000 for count in counts))
    plain = {"kopf": KOPF[0], "kennung": KENNUNG[3], "eine": None, "quote": QUOTE[1], "tag": TAG[1], "oben": 3, "links": 1,
             "leer": 2, "summe": "Summe", "zeichen": ";"}  # fmt: skip
    for anzahl in ANZAHL[:4]:
        text = tabelle(counts, [12.5] * 3 + [7.5] * 4, anzahl=anzahl, **plain)
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            found, befunde = lies(land, text.encode(encoding))
            assert found is not None, befunde
            assert [found[key, "daten.n"] for key in GEBIETE] == counts
            assert [found[key, "daten.q"] for key in GEBIETE] == [12.5] * 3 + [7.5] * 4


@pytest.mark.parametrize("quote", QUOTE[-2:])
@pytest.mark.parametrize("rates", [[2.0] * 6 + [2.1], [2.0] * 6 + [3.0]])
def test_shares_below_a_heading_in_percent_are_told(land, quote, rates):
    plain = {"kopf": KOPF[0], "kennung": KENNUNG[0], "eine": None, "anzahl": str, "tag": TAG[0], "oben": 0, "links": 0,
             "leer": 0, "summe": "", "zeichen": ";"}  # fmt: skip
    found, befunde = lies(land, tabelle([1000] * 6 + [1001], rates, quote=quote, **plain).encode())
    assert found is None or any(one.regel == "prozent" and one.zeile and one.spalte for one in befunde)


def test_kommunen_of_the_region_are_known(land):
    assert {land[3].heute.finde(name) for name, *_ in KOMMUNEN.values()} == set(KOMMUNEN)
