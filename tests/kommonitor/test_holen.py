"""Deliveries that are fetched: whole or not at all, untouched, with their origin, and built without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kommonitor_kreis import TAGE, Kreis

from sozialanalyse import build, cli, store
from sozialanalyse.base import settings
from sozialanalyse.base.errors import PruefFehler

SEITE = """\
id: lage
name: Lage aus KomMonitor
zeile_ist: ein Gebiet an einem Stichtag
quelle: {anbieter: Sozialplanung, lizenz: Nutzungsvereinbarung}
abruf:
  quelle: kommonitor
  datei: kommonitor/lage.json
  ebenen: [Sozialräume]
  indikatoren: [Einwohner, Kinderarmut]
dateien: kommonitor/*.json
symbolprofil: kommonitor
sperrprofil: melde
tabelle:
  format: kommonitor
  kopf: {erkennbar_an: Ebene}
  dezimal: "."
  schluessel: {spalten: [ID]}
  stichtag: {aus: spalte, spalte: Stichtag}
  merkmal: Indikator
  wert: Wert
felder:
  ew: {spalte: Einwohner}
  arm: {spalte: Kinderarmut, einheit: "%", max: 100, summierbar: false}
indikatoren:
  EW: {name: Einwohner, thema: demographie, art: anzahl, zaehler: ew, einheit: Personen}
  ARM: {name: Kinderarmut, thema: arbeit, art: wert, zaehler: arm, polaritaet: "+"}
"""


@pytest.fixture
def ort(neue_region, neuer_kreis):
    """A region whose only dataset comes from a fake KomMonitor, and that county."""

    def make(generation: str = "5.2"):
        kreis: Kreis = neuer_kreis(generation)
        region = neue_region("fern")
        region.kommunen = [(f"0599900{i + 1}", f"Stadt {i}", "", "") for i in range(3)]
        region.gebiete = {key: f"0599900{'ABC'.index(key[0]) + 1}" for key in kreis.ids}
        region.seiten, region.register, region.arbeit = {"lage": SEITE}, {}, []
        region.region_yml = (
            region.region_yml.replace("(A|W|SI) \\d[ab]?", "[A-C] \\d").replace("kuerzel: true", "kuerzel: false")
            .replace("symbolprofile:\n", 'symbolprofile:\n  kommonitor: {"": {status: unbekannt}}\n')
            .replace("[2021-12-31, 2023-12-31]", f"[{', '.join(TAGE)}]")
            .replace("geometrie:\n  - {ebene: sozialraum, datei: gebiete.gpkg, schluessel: id}\n", "")
        )  # fmt: skip
        region.schreibe()
        (region.lieferungen / "arbeit.csv").unlink()
        (region.ordner / "kommonitor.yml").write_text(f"adresse: {kreis.fake.adresse}\n", encoding="utf-8")
        return region, kreis

    return make


def files(region) -> dict[str, bytes]:
    return {p.relative_to(region.lieferungen).as_posix(): p.read_bytes() for p in region.lieferungen.rglob("*") if p.is_file()}  # fmt: skip


@pytest.mark.parametrize("generation", ["4.1", "5.2", "6.0"])
def test_fetched_delivery_becomes_the_same_numbers(ort, generation, capsys):
    region, kreis = ort(generation)
    assert cli.main(["holen", "--region", str(region.ordner)]) == 0
    delivery = region.lieferungen / "kommonitor/lage.json"
    origin = json.loads((region.lieferungen / "kommonitor/lage.json.abruf").read_text(encoding="utf-8"))
    assert origin["sha256"] == store.pruefsumme(delivery)
    assert origin["server"] == kreis.fake.adresse
    assert (origin["version"][:3], origin["quelle"]) == (
        "5.0" if generation == "5.2" else generation,
        "kommonitor",
    )
    kreis.fake.__exit__()  # building needs no network
    build.build(region.ordner)
    values = region.daten().werte()
    for name, key in (("Einwohner", "EW"), ("Kinderarmut", "ARM")):
        want = kreis.fake.indicators[kreis.indikatoren[name]]["joins"][kreis.raeume]["rows"]
        got = values[values["indikator_id"] == key].set_index(["gebiet_id", "stichtag"])["wert"]
        for area, row in want.items():
            for day, value in row.items():
                assert got[area, day] == pytest.approx(value, nan_ok=True) or value is None
    gap = values[(values["indikator_id"] == "ARM") & values["wert"].isna()]
    assert list(zip(gap["gebiet_id"], gap["stichtag"], gap["status"], strict=True)) == [(kreis.ids[-1], TAGE[0], "unbekannt")]  # fmt: skip


def test_unchanged_stays_and_older_versions_are_kept(ort, capsys):
    region, kreis = ort()
    call = ["holen", "lage", "--region", str(region.ordner)]
    assert cli.main(call) == 0
    first = files(region)
    assert cli.main(call) == 0
    assert files(region) == first
    kreis.fake.indicators[kreis.indikatoren["Einwohner"]]["joins"][kreis.raeume]["rows"][kreis.ids[0]][
        TAGE[-1]
    ] = 777.0
    assert cli.main(call) == 0
    now = files(region)
    assert b"777" in now["kommonitor/lage.json"]
    old = [name for name in now if name.startswith("kommonitor/frueher/") and name.endswith(".json")]
    assert [now[name] for name in old] == [first["kommonitor/lage.json"]]
    assert "1 Lieferung neu" in capsys.readouterr().out


def test_zero_may_mean_hidden(ort):
    """KomMonitor knows no reason for a gap; some install a 0 instead. The page of signs decides."""
    region, kreis = ort()
    kreis.fake.indicators[kreis.indikatoren["Einwohner"]]["joins"][kreis.raeume]["rows"][kreis.ids[1]][
        TAGE[-1]
    ] = 0.0
    region.region_yml = region.region_yml.replace('kommonitor: {"": {status: unbekannt}}', 'kommonitor: {"": {status: unbekannt}, "0": {status: geheim, von: 0, bis: 2}}')  # fmt: skip
    region.schreibe()
    (region.lieferungen / "arbeit.csv").unlink()
    assert cli.main(["holen", "--region", str(region.ordner)]) == 0
    build.build(region.ordner)
    hidden = region.daten().werte("EW", TAGE[-1]).set_index("gebiet_id").loc[kreis.ids[1]]
    assert (hidden["status"], hidden["wert"] != hidden["wert"]) == ("geheim", True)


def test_lost_line_at_every_request_leaves_all_as_it_was(ort):
    region, kreis = ort()
    call = ["holen", "--region", str(region.ordner)]
    assert cli.main(call) == 0
    before, number = files(region), len(kreis.fake.anfragen)
    kreis.fake.indicators[kreis.indikatoren["Einwohner"]]["joins"][kreis.raeume]["rows"][kreis.ids[0]][
        TAGE[-1]
    ] = 5.0
    for broken in range(1, number + 1):
        kreis.fake.anfragen.clear()
        kreis.fake.reisse_ab = {broken, broken + 1, broken + 2}
        if cli.main(call) == 1:
            assert files(region) == before
        else:  # the last ones tell only what is known of the source
            break
    assert broken >= 4


@pytest.mark.parametrize(
    ("was", "satz"),
    [
        ("html", "Webseite statt mit Daten"),
        ("umbenannt", "vielleicht ist sie umbenannt"),
        ("fehlt", "„Kinderarmut“ hat in KomMonitor keine freigegebenen Werte für die Raumebene „Gemeinden“"),
        ("indikator", "Gemeint ist vielleicht: „Einwohner“"),
        ("keine", "fehlt kommonitor.yml"),
        ("unbekannt", "Den Datensatz „lagen“ gibt es nicht"),
        ("kennungen", "A 1"),
    ],
)
def test_bad_input_is_one_german_sentence(ort, capsys, was, satz):
    import re

    region, kreis = ort()
    page = region.ordner / "indikatoren" / "lage.yml"
    call = ["holen", "--region", str(region.ordner)]
    match was:
        case "html":
            kreis.fake.stoerung = "html"
        case "umbenannt":
            kreis.fake.levels[kreis.raeume]["name"] = "Lebensräume"
        case "fehlt":
            page.write_text(SEITE.replace("[Sozialräume]", "[Sozialräume, Gemeinden]"), encoding="utf-8")
        case "indikator":
            page.write_text(SEITE.replace("[Einwohner, ", "[Einwohnr, "), encoding="utf-8")
        case "keine":
            (region.ordner / "kommonitor.yml").unlink()
        case "unbekannt":
            call.insert(1, "lagen")
        case "kennungen":
            region.gebiete = {key.replace("A ", "B9"): ags for key, ags in region.gebiete.items()}
            kreis.fake.levels[kreis.raeume]["features"] = kreis.fake.levels[kreis.raeume]["features"][3:]
    if was == "kennungen":  # what does not match is told when it is built, not when it is fetched
        assert cli.main(call) == 0
        with pytest.raises(PruefFehler) as caught:
            build.build(region.ordner)
        assert re.search(satz, str(caught.value))
        return
    assert cli.main(call) == 1
    told = "\n".join(line for line in capsys.readouterr().err.splitlines() if not line.startswith("Abruf "))
    assert re.search(satz, told), told
    assert len(told.splitlines()) == 1
    assert files(region) == {}


def test_changed_answer_is_refused(ort):
    region, _ = ort()
    assert cli.main(["holen", "--region", str(region.ordner)]) == 0
    path = region.lieferungen / "kommonitor/lage.json"
    path.write_text(path.read_text(encoding="utf-8").replace("DATE_2023", "DATE_2024"), encoding="utf-8")
    with pytest.raises(PruefFehler, match="nicht mehr die, die abgerufen wurde"):
        build.build(region.ordner)


def test_persons_are_refused_before_anything_is_kept(ort, capsys, tmp_path: Path):
    region, kreis = ort()
    page = SEITE.replace("  quelle: kommonitor\n  datei: kommonitor/lage.json\n  ebenen: [Sozialräume]\n  indikatoren: [Einwohner, Kinderarmut]\n", f"  quelle: url\n  datei: kommonitor/lage.json\n  adresse: {kreis.fake.adresse}/management/public/topics\n")  # fmt: skip
    (region.ordner / "indikatoren" / "lage.yml").write_text(page, encoding="utf-8")
    assert cli.main(["holen", "--region", str(region.ordner)]) == 1
    assert (
        "keine Datei (500)" in capsys.readouterr().err
    )  # the trap of the Accept header is one of KomMonitor, not of files
    assert files(region) == {}
    assert settings.datenordner(region.ordner).exists() is False
