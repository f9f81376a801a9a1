"""Region folder: complete or explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sozialanalyse.base import settings
from sozialanalyse.base.errors import PruefFehler, RegionFehler
from sozialanalyse.region.region import lade_region


def changed(region, old: str, new: str) -> str:
    assert old in region.region_yml
    region.region_yml = region.region_yml.replace(old, new, 1)
    region.schreibe()
    with pytest.raises(PruefFehler) as caught:
        lade_region(region.ordner)
    return str(caught.value)


def test_page_as_objects(kleinregion):
    region = kleinregion.schreibe().region
    assert region.stichtage == ("2021-12-31", "2023-12-31")
    assert list(region.themen) == ["demographie", "arbeit"]
    assert region.ebene("region").ort == "im Kreis"
    assert region.marke == "Demodaten – frei erfunden"
    assert region.lieferungen == kleinregion.ordner / "lieferungen"
    assert region.datei("gebiete.csv") == kleinregion.ordner / "gebiete.csv"
    assert region.datei("arbeit.csv") == kleinregion.lieferungen / "arbeit.csv"


def test_real_data_carry_no_mark(kleinregion):
    kleinregion.region_yml = kleinregion.region_yml.replace("synthetisch: true", "synthetisch: false")
    assert kleinregion.schreibe().region.marke == ""


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("herausgeber: Kreis Musterland\n", "", 1, "herausgeber: Diese Angabe fehlt."),
        ("synthetisch", "synthetish", 4, "synthetish: Diese Angabe ist unbekannt. Gemeint ist vielleicht: „synthetisch“."),
        ("id: musterland", "id: Muster Land", 1, "„Muster Land“ hat nicht die erwartete Form."),
        ("'05999\\d{3}'", "'05999(\\d{3}'", 12, "ist kein gültiges Suchmuster"),
        ('"05999"', "05999", 10, "beginnt mit einer Null"),
        ("stichtage: [2021-12-31, 2023-12-31]", "stichtage: []", 19, "mindestens 1 Einträge lang"),
        ("stichtage: [2021-12-31, 2023-12-31]", "stichtage: [2023]", 19, "stichtage → 0"),
        (", oberhalb: ags", "", 1, "fehlt „oberhalb“"),
        ("{ebene: kommune, datei: kommunen.csv", "{ebene: sozialraum, datei: kommunen.csv", 1, "Je ein Abschnitt für kommune und für sozialraum"),
        ("  kommune: {einzahl: Kommune, mehrzahl: Kommunen, dativ: Kommunen}\n", "", 1, "ebenen: Es fehlt kommune."),
        ("status: geheim", "status: secret", 26, "„secret“ ist hier nicht möglich. Möglich: „wert“"),
        ("mindestfallzahl: 10", "mindestfallzahl: -1", 29, "mindestens 0"),
    ],
)  # fmt: skip
def test_faults_have_line_and_sentence(kleinregion, old, new, line, sentence):
    found = changed(kleinregion, old, new)
    assert sentence in found
    assert f"region.yml, Zeile {line}: " in found
    assert "\n" not in found


@pytest.mark.parametrize(
    ("angabe", "sentence"),
    [
        ("{url: 'https://a.example/{z}/{x}.png', quelle: Amt}", "braucht {z}, {x} und {y} je einmal"),
        ("{url: 'https://{s}.a.example/{z}/{x}/{y}.png', quelle: Amt}", "keine anderen Platzhalter"),
        ("{url: 'https://a.example/{TileMatrix}/{TileCol}/{TileRow}', quelle: Amt}", "{z} für TileMatrix"),
        ("{url: 'ftp://a.example/{z}/{x}/{y}.png', quelle: Amt}", "ist keine Adresse von Kacheln"),
        ("{url: '//a.example/{z}/{x}/{y}.png', quelle: Amt}", "ist keine Adresse von Kacheln"),
        ("{url: 'https://nutzer@a.example/{z}/{x}/{y}.png', quelle: Amt}", "ist keine Adresse von Kacheln"),
        ("{url: 'https://a.example/{z}/{x}/{y}.png; script-src *', quelle: Amt}", "ist keine Adresse von Kacheln"),
        ("{url: 'https://a.example/{z}/{x}/{y}.png'}", "hintergrundkarte → quelle: Diese Angabe fehlt."),
        ("{url: 'https://a.example/{z}/{x}/{y}.png', quelle: ' '}", "verlangt eine Quellenangabe"),
        ("{url: 'https://a.example/{z}/{x}/{y}.png', quelle: Amt, stufe: 3}", "stufe: Diese Angabe ist unbekannt."),
        ("{url: 'https://a.example/{z}/{x}/{y}.png', quelle: Amt, bis_stufe: 40}", "höchstens 22"),
    ],
)  # fmt: skip
def test_background_map_is_one_host_with_a_credit_line(kleinregion, angabe, sentence):
    assert sentence in changed(
        kleinregion, "bevoelkerung: EW\n", f"bevoelkerung: EW\nhintergrundkarte: {angabe}\n"
    )


def test_background_map_is_off_unless_named(kleinregion):
    assert kleinregion.schreibe().region.seite.hintergrundkarte is None
    far = "hintergrundkarte: {url: 'https://a.example:8443/w/{z}/{y}/{x}.png', quelle: Amt}\n"
    near = "hintergrundkarte: {url: '/kacheln/{z}/{x}/{y}.png', quelle: Amt}\n"
    plain = kleinregion.region_yml
    for written, origin, host in ((far, "https://a.example:8443", "a.example:8443"), (near, "", "")):
        kleinregion.region_yml = plain + written
        service = kleinregion.schreibe().region.seite.hintergrundkarte
        assert (service.herkunft, service.rechner) == (origin, host)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (1415680, "„1415680“ ist eine Zahl. Erwartet wird ein achtstelliger Amtlicher Gemeindeschlüssel. Bitte in Anführungszeichen"),
        ("5999004", "„5999004“ hat nicht die erwartete Form. Erwartet wird ein achtstelliger"),
        (None, "„None“"),
    ],
)  # fmt: skip
def test_kommune_as_parameter(kleinregion, value, sentence):
    region = kleinregion.schreibe().region
    assert region.pruefe_kommune("05999004") == "05999004"
    with pytest.raises(ValueError, match="Erwartet wird") as caught:
        region.pruefe_kommune(value)
    assert sentence in str(caught.value)


def test_folder_that_is_none(kleinregion, tmp_path):
    kleinregion.schreibe()
    with pytest.raises(RegionFehler, match=r"gibt es nicht\. Gemeint ist vielleicht: „musterland“"):
        lade_region(tmp_path / "musterlant")
    (tmp_path / "leer").mkdir()
    with pytest.raises(PruefFehler, match=r"region\.yml fehlt.*sozialanalyse init"):
        lade_region(tmp_path / "leer")


def test_deliveries_named_by_the_environment(kleinregion, monkeypatch, tmp_path):
    kleinregion.region_yml += "lieferungen: ${MEINE_LIEFERUNGEN}/post\n"
    region = kleinregion.schreibe().region
    with pytest.raises(
        RegionFehler, match=r"Umgebungsvariable MEINE_LIEFERUNGEN, die nicht gesetzt ist\. Bitte"
    ):
        _ = region.lieferungen
    monkeypatch.setenv("MEINE_LIEFERUNGEN", str(tmp_path))
    assert region.lieferungen == tmp_path / "post"


def test_where_the_region_is_looked_for(kleinregion, neue_region, monkeypatch, tmp_path):
    monkeypatch.delenv("SOZIALANALYSE_REGION", raising=False)
    (tmp_path / "unten").mkdir()
    monkeypatch.chdir(tmp_path / "unten")
    with pytest.raises(RegionFehler, match="Kein Regionsordner gefunden"):
        settings.regionsordner()
    one = neue_region("data/eins")
    one.ordner.mkdir(parents=True)
    one.schreibe()
    assert settings.regionsordner() == one.ordner
    assert settings.regionsordner("anders").name == "anders"
    monkeypatch.setenv("SOZIALANALYSE_REGION", "umgebung")
    assert settings.regionsordner().name == "umgebung"
    monkeypatch.delenv("SOZIALANALYSE_REGION")
    two = neue_region("data/zwei")
    two.ordner.mkdir()
    two.schreibe()
    with pytest.raises(RegionFehler, match="mehrere Regionsordner"):
        settings.regionsordner()
    assert settings.bestandsordner(one.ordner, "x") == tmp_path / "daten" / "bestand" / "x"
    monkeypatch.delenv("SOZIALANALYSE_DATEN")
    assert settings.ergebnisordner(one.ordner, "x") == tmp_path / "data" / "ergebnisse" / "x"


@pytest.mark.parametrize("key", ["05999004", "05/9", "a_b", "10 %", "x:y", "Übach=1", "kommune-1", ".."])
def test_an_audience_is_one_folder_and_comes_back(key):
    name = settings.audience_name(f"kommune:{key}")
    assert Path(name).name == name
    assert not set(name) & set('/\\:%"<>|?* ')
    assert settings.audience_of(name) == f"kommune:{key}"
    assert settings.audience_of(settings.audience_name("oeffentlich")) == "oeffentlich"


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ("Kreis", "im Kreis"), ("Landkreis", "im Landkreis"), ("Bundesland", "im Bundesland"), ("StädteRegion", "in der StädteRegion"),
        ("Verbandsgemeinde", "in der Verbandsgemeinde"), ("Stadtteil", "im Stadtteil"), ("Stadt", "in der Stadt"),
        ("Statistischer Bezirk", "im Statistischen Bezirk"), ("Großes Gebiet", "im Großen Gebiet"), ("Alte Mark Stadt", "in der Alten Mark Stadt"), ("Planungsraum", "im Planungsraum"), ("Amt", "im Amt"),
        ("Siedlung", "in der Siedlung"), ("Viertel", "im Viertel"), ("Ortschaft", "in der Ortschaft"), ("Stadtkreis", "im Stadtkreis"),
    ],
)  # fmt: skip
def test_a_word_for_areas_says_its_gender(kleinregion, word, where):
    kleinregion.region_yml = re.sub(
        r"  region: .*",
        f"  region: {{einzahl: {word}, mehrzahl: x, dativ: x}}",
        kleinregion.region_yml,
        count=1,
    )
    found = kleinregion.build()
    assert kleinregion.region.ebene("region").ort == where
    assert not [one for one in found.befunde if one.regel == "genus"]


def test_a_word_nobody_knows_is_asked_for(kleinregion):
    line = "  kommune: {einzahl: Wijk, mehrzahl: Wijken, dativ: Wijken"
    kleinregion.region_yml = re.sub(r"  kommune: .*", line + "}", kleinregion.region_yml, count=1)
    (told,) = [one for one in kleinregion.build().befunde if one.regel == "genus"]
    assert "der, die oder das „Wijk“" in str(told)
    kleinregion.region_yml = kleinregion.region_yml.replace(line, line + ", genus: m")
    assert not [one for one in kleinregion.build().befunde if one.regel == "genus"]
    assert kleinregion.region.ebene("kommune").ort == "im Wijk"
