"""What check finds before a report would: names nobody knows, sums, addresses; and how it says so."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from sozialanalyse import build, cli, seiten
from sozialanalyse.base.errors import Befund, PruefFehler, vorschlag
from sozialanalyse.berichte import ClusterBericht
from sozialanalyse.cli import ausgabe
from sozialanalyse.publish import batch, einband, runs
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import Rahmen
from sozialanalyse.publish.uebersicht import _topics
from sozialanalyse.region import redaktion
from sozialanalyse.region.skeleton import _slug
from sozialanalyse.seiten import Lauf
from sozialanalyse.seiten.atlas import AtlasParameter
from sozialanalyse.seiten.cluster import ClusterParameter

THEMEN = "id: t1\ntitel: T\nfrage: F?\nfragen:\n  - {frage: A?, indikatoren: [EW, NIX]}\n"
REDAKTION = 'aenderungen:\n  - {{bericht: {}, ort: "{}", baustein: {}, zahlen: "00000000", text: T}}\n'


def befunde(kleinregion) -> list[str]:
    return [str(befund) for befund in build.pruefe_redaktion(kleinregion.schreibe().region)]


@pytest.mark.parametrize(
    ("bericht", "ort", "baustein", "satz"),
    [
        ("atlas", "EW", "kurz", "Zu „atlas“ gibt es keine eigenen Texte"),
        ("kommunalprofil", "A 1a", "kurz", "Den Ort „A 1a“ gibt es nicht"),
        ("sozialraumprofil", "A 1c", "kurz", "Gemeint ist vielleicht: „A 1"),
        ("sozialraumprofil", "A 1a", "wohnen", "Den Baustein „wohnen“ gibt es nicht"),
        ("sozialraumprofil", "A 1a", "arbeit", ""),
        ("kommunalprofil", "05999004", "einfach", ""),
        ("sozialraumprofil", "a1A", "arbeit", ""),
        ("kommunalprofil", "AHAUSEN", "kurz", ""),
    ],
)
def test_editors_name_what_exists(kleinregion, bericht, ort, baustein, satz):
    (kleinregion.ordner / "redaktion").mkdir(parents=True)
    page = kleinregion.ordner / "redaktion" / "a.yml"
    page.write_text(REDAKTION.format(bericht, ort, baustein), encoding="utf-8")
    found = befunde(kleinregion)
    assert (not found) if not satz else (satz in found[0] and "Zeile 2" in found[0])


def test_a_text_for_a_place_in_two_spellings_is_there_twice(kleinregion):
    (kleinregion.ordner / "redaktion").mkdir(parents=True)
    page = REDAKTION.format("sozialraumprofil", "A 1a", "kurz")
    (kleinregion.ordner / "redaktion" / "a.yml").write_text(page, encoding="utf-8")
    (kleinregion.ordner / "redaktion" / "b.yml").write_text(page.replace("A 1a", "a1a"), encoding="utf-8")
    assert ["steht zweimal da" in one for one in befunde(kleinregion)] == [True]


def test_questions_name_indicators_that_exist(kleinregion):
    (kleinregion.ordner / "themen").mkdir(parents=True)
    (kleinregion.ordner / "themen" / "t1.yml").write_text(THEMEN, encoding="utf-8")
    assert ["Zeile 5" in one and "„NIX“" in one for one in befunde(kleinregion)] == [True]


@pytest.mark.parametrize(
    ("index", "satz"),
    [
        ("{nirgends: 1}", "das nicht in region.yml steht"),
        ("{arbeit: 0}", "das Gewicht 0"),
    ],
)
def test_an_index_has_a_topic_and_a_weight(kleinregion, index, satz):
    page = kleinregion.seiten["arbeit"]
    kleinregion.seiten["arbeit"] = page.replace('polaritaet: "+"}', f'polaritaet: "+", index: {index}}}', 1)
    with pytest.raises(PruefFehler, match=satz):
        build.pruefe(kleinregion.schreibe().region)


@pytest.mark.parametrize(("mehr", "zahl"), [(0, 0), (7, 2)])
def test_equal_quantities_may_be_sums(kleinregion, mehr, zahl):
    """Residents against the sum of two other fields, both delivered elsewhere."""
    for rows in kleinregion.register.values():
        rows[0][1] += mehr
    page = kleinregion.seiten["arbeit"].replace("  quote: {", "  rest: {spalte: Rest}\n  quote: {")
    kleinregion.seiten["arbeit"] = page
    kleinregion.seiten["register"] += "pruefungen: {gleich: {einwohner: arbeit.alo + arbeit.rest}}\n"
    people = dict(zip(kleinregion.gebiete, (1200, 800, 2000, 1500, 2500, 900, 700, 1100, 600), strict=True))
    kleinregion.arbeit = [[*row, people[row[0]] - row[2]] for row in kleinregion.arbeit]
    kleinregion.schreibe()
    path = kleinregion.lieferungen / "arbeit.csv"
    path.write_bytes(path.read_bytes().replace(b";Quote\n", b";Quote;Rest\n"))
    found = [one for one in build.pruefe(kleinregion.region) if one.regel == "gleich"]
    assert len(found) == zahl
    assert all("A 1a" in one.text for one in found)


@pytest.mark.parametrize(
    "name", ["Mein Kreis süd 1+100", "kreis_süd#1", "100 %", "--", "Ä", "St. Ägidien (Nord)", "a.b.c", "日本", "x" * 90]
)  # fmt: skip
def test_init_writes_an_id_its_own_page_takes(name, tmp_path):
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", _slug(name))
    assert cli.main(["init", str(tmp_path / name)]) == 0
    assert f"id: {_slug(name)}\n" in (tmp_path / name / "region.yml").read_text(encoding="utf-8")


def lauf(notebook: str, name: str, **values: object) -> Lauf:
    return Lauf(notebook, name, seiten.seite(notebook).parameter(**values))


@pytest.mark.parametrize(
    ("only", "meant"),
    [
        ("X0500", ["x0500"]), ("x0500", ["x0500"]), ("SGB2", ["sgb2", "sgb2-alt"]), ("A 6", ["a-6"]), ("A 60", ["a-60"]),
        ("indikator=sgb2", ["sgb2"]), ("10/1", ["10-1"]), ("Q*", []), ("A", ["a-6", "a-60", "sgb2-alt"]),
    ],
)  # fmt: skip
def test_only_takes_ids_as_they_are_written(only, meant):
    alle = [
        lauf("atlas", "x0500", indikator="X0500"), lauf("atlas", "sgb2", indikator="SGB2"), lauf("atlas", "sgb2-alt", indikator="SGB2 alt"),
        *(lauf("sozialraumprofil", seiten.slug(key), sozialraum=key) for key in ("A 6", "A 60", "10/1")),
    ]  # fmt: skip
    if only == "SGB2":
        meant = ["sgb2"]  # this very value goes before what only resembles it
    if only == "A":
        assert {one.name for one in batch._gemeint(alle, only)} >= set(meant)
        return
    assert [one.name for one in batch._gemeint(alle, only)] == meant


def test_limits_of_classes_travel_to_the_live_page():
    page = runs.rahmen_fuer(lauf("atlas", "a", grenzen=[5, 7.5]), Rahmen("", "", "", ""), "T")
    assert page.interaktiv.endswith("grenzen=5.0%2C7.5") or "grenzen=5.0%2C7.5" in page.interaktiv


def test_runs_of_one_topic_and_date_are_all_on_the_start_page():
    region = SimpleNamespace(themen={"t": SimpleNamespace(name="Thema")})
    versions = [
        Lauf("cluster", name, ClusterParameter(themen=["t"], stichtag="2023-12-31", typen=k))
        for name, k in (("drei", 3), ("vier", 4))
    ]
    page = _topics(versions, region, "Typen")
    assert 'href="cluster/drei.html"' in page
    assert 'href="cluster/vier.html"' in page


def test_the_region_is_part_of_what_a_page_depends_on(kleinregion):
    before = kleinregion.schreibe().region.stand
    kleinregion.region_yml = kleinregion.region_yml.replace("synthetisch: true", "synthetisch: false")
    after = kleinregion.schreibe().region.stand
    assert before != after
    one = lauf("atlas", "gesamt")
    marks = [runs.fingerabdruck(one, "", "b", region=stand) for stand in (before, after)]
    assert "Angaben zur Region" in runs.grund({"status": "fertig", "fingerabdruck": marks[0]}, marks[1])


def test_reports_nobody_asks_for_any_more_go(tmp_path):
    store = Ablage(tmp_path)
    for name in (
        "alt.html",
        "alt.json",
        "alt.pdf",
        "neu.html",
        "neu.json",
        "gesamt.html",
        "gesamt.json",
        "fremd.html",
    ):
        store.schreibe(f"oeffentlich/atlas/{name}", "{}")
    store.schreibe("intern/atlas/alt.json", "{}")
    einband.raeume_berichte(store, [Lauf("atlas", "neu", AtlasParameter())])
    left = {"fremd.html", "gesamt.html", "gesamt.json", "neu.html", "neu.json"}
    assert store.namen() == {*(f"oeffentlich/atlas/{name}" for name in left), "intern/atlas/alt.json"}


def test_the_fingerprint_of_numbers_tells_large_ones_and_ranges_apart():
    finger = redaktion.fingerabdruck
    assert finger([1_234_567]) != finger([1_234_568])
    assert finger([12_345_678.0]) != finger([12_345_679.0])
    assert finger([5.0]) != finger([-5.0])
    assert finger([0.0]) == finger([-0.0])
    assert finger([100, 500]) != finger([300, 300])
    assert finger([1, 23]) != finger([12, 3])


def test_many_findings_of_one_kind_stand_together(capsys):
    many = [
        Befund("warnung", f"Stichtag {year}: In „F{year}“ steht dasselbe.", regel="r", abhilfe="x")
        for year in range(2000, 2010)
    ]
    ausgabe.zeige_befunde([*many, Befund("fehler", "A."), Befund("hinweis", "B.")], alle=False)
    said = capsys.readouterr().err
    assert said.count("steht dasselbe") == 3
    assert "… und 7 weitere dieser Art" in said
    assert said.index("Fehler: A.") < said.index("Warnung") < said.index("Hinweis: B.")
    ausgabe.zeige_befunde(many, alle=True)
    assert capsys.readouterr().err.count("steht dasselbe") == 10


def test_check_begins_with_the_sum_and_speaks_as_the_delivery(kleinregion, capsys):
    kleinregion.register["2023-12-31"][0][1] = 9000
    kleinregion.schreibe()
    assert cli.main(["check", "--region", str(kleinregion.ordner)]) == 0
    said = capsys.readouterr()
    assert re.match(r"0 Fehler, \d+ Warnung(en)?, \d+ Hinweise?\.\n", said.out)
    assert "Prüfung" in said.err
    assert "„Einwohner | insgesamt“" in said.err
    assert "register.einwohner" not in said.err


def test_a_newest_date_without_residents_is_named_and_pages_show_the_one_before(kleinregion):
    """One office delivers a new date, the register does not: everything that can be made is made."""
    del kleinregion.register["2023-12-31"]
    kleinregion.seiten["register"] += "vollstaendig: false\n"
    found = [one for one in kleinregion.build().befunde if one.regel == "bevoelkerung_fehlt"]
    assert ["31.12.2023" in one.text and "Melderegister" in one.text for one in found] == [True]
    daten = kleinregion.daten()
    assert daten.stichtag() == "2023-12-31", "delivered rates can be compared"
    assert daten.stichtag(None, ["demographie"]) == "2021-12-31"
    left: list[Befund] = []
    page = kleinregion.ordner / "varianz.yml"
    page.write_text(
        "runs:\n  - {name: a, werte: {thema: demographie, stichtag: 2023-12-31}}\n  - {name: b}\n",
        encoding="utf-8",
    )
    assert [one.name for one in seiten.laeufe(page.stem, daten, page.parent, left)] == ["a", "b"], (
        "intern data, public runs"
    )
    public = kleinregion.daten("oeffentlich")
    assert [one.name for one in seiten.laeufe(page.stem, public, page.parent, left)] == ["b"]
    assert "Der Lauf „a“ entsteht nicht" in left[0].text


@pytest.mark.parametrize(("da", "traegt"), [(3, False), (4, False), (9, True)])
def test_a_handful_of_usable_areas_is_no_ground_for_types(kleinregion, da, traegt):
    kleinregion.arbeit = [row for row in kleinregion.arbeit if row[0] in list(kleinregion.gebiete)[:da]]
    kleinregion.seiten["arbeit"] += "vollstaendig: false\n"
    kleinregion.build()
    said = ClusterBericht(daten=kleinregion.daten(), audience="intern", themen=["arbeit"]).hindernis
    assert (said == "") is traegt, said
    assert traegt or (f"es sind {da}" in said)


def test_what_only_may_name_is_told_nearest_first_and_without_what_all_share():
    alle = [
        lauf("atlas", seiten.slug(key), indikator=key, audience="intern") for key in ("X0500", "SGB2", "EW")
    ]
    assert batch._nennbar(alle, "sgb3")[0].casefold() == "sgb2"
    assert "intern" not in batch._nennbar(alle, "gibtsnicht")
    assert "„SGB2“" in vorschlag("sgb-2", ["EW", "SGB2"])
