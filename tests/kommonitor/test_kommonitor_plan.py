"""From snapshot and agreement to a plan: values, rights of everybody, what becomes computable; and doing it by command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from kleinlage import GEBIETE
from kommonitor_fake import Fake, gebiet, viereck
from oidc_fake import Oidc

from sozialanalyse import auswertung, build, cli
from sozialanalyse.austausch.planung import Planung
from sozialanalyse.base import settings
from sozialanalyse.kommonitor import plan as p

ANGABEN = """\
adresse: {adresse}
anmeldung: {{aussteller: {aussteller}, dienst: nacht}}
ebenen: {{sozialraum: Sozialräume, kommune: Gemeinden}}
bekannt: {{arbeit.alo: Arbeitslose}}
schreiben:
  eigentuemer: Sozialplanung
  thema: Soziale Lage
  kontakt: Sozialplanung
  typen: false
  indikatoren: [AB65, ALO]
"""
VERTRAG = """\
titel: Vereinbarung
vom: 2020-01-01
einheiten:
  - {id: planung, name: Sozialplanung, zielgruppe: intern, kommonitor: Sozialplanung}
  - {id: ahausen, name: Stadt Ahausen, zielgruppe: "kommune:05999004", kommonitor: Stadt Ahausen}
  - {id: kreis, name: Kreistag, kommonitor: Kreistag}
rechte:
  - {einheiten: [oeffentlichkeit], datensaetze: [register], ebenen: [kommune]}
  - {einheiten: [kreis]}
  - {einheiten: [ahausen], datensaetze: [register], darf: [sehen, bearbeiten]}
  - {einheiten: [planung], darf: [sehen, veroeffentlichen]}
"""


class Ort:
    """The tiny region beside a fake KomMonitor with the same areas."""

    def __init__(self, region, fake: Fake, oidc: Oidc) -> None:
        self.region, self.fake = region, fake
        self.planung, self.ahausen, self.kreis = (
            fake.unit(name) for name in ("Sozialplanung", "Stadt Ahausen", "Kreistag")
        )
        towns = [gebiet(ags, ags, viereck(i)) for i, ags in enumerate(dict.fromkeys(GEBIETE.values()))]
        self.gemeinden = fake.level("Gemeinden", towns, owner=self.planung)
        self.raeume = fake.level(
            "Sozialräume",
            [gebiet(key, key, viereck(i)) for i, key in enumerate(GEBIETE)],
            owner=self.planung,
            upper=self.gemeinden,
        )
        self.thema = fake.topic("Soziale Lage")
        self.schreibe("kommonitor.yml", ANGABEN.format(adresse=fake.adresse, aussteller=oidc.adresse))
        self.schreibe("vereinbarung.yml", VERTRAG)

    def schreibe(self, name: str, content: str) -> None:
        (self.region.ordner / name).write_text(content, encoding="utf-8")

    def ersetze(self, name: str, alt: str, neu: str) -> None:
        path = self.region.ordner / name
        content = path.read_text(encoding="utf-8")
        assert alt in content
        path.write_text(content.replace(alt, neu), encoding="utf-8")

    def befehl(self, *argv: str) -> int:
        return cli.main(["kommonitor", *argv, "--nachts", "--region", str(self.region.ordner)])

    @property
    def ordner(self) -> Path:
        return settings.datenordner(self.region.ordner) / "kommonitor" / "musterland"

    @property
    def plan(self) -> p.Plan:
        return p.lies(self.ordner / "plan.json")


@pytest.fixture
def ort(gebaut, oidc):
    with Fake("5.2", oidc.pruefe) as fake:
        yield Ort(gebaut, fake, oidc)


def rechte(ort: Ort) -> dict[str, tuple[set[str], bool]]:
    """Indicator, or indicator and level -> who may see, and whether everybody may."""
    found = {}
    for one in ort.plan.indikatoren:
        found[one.name] = ({ort.plan.einheiten[key] for key in one.rechte.erlaubt}, one.rechte.oeffentlich)
        for level in one.ebenen:
            found[f"{one.name}/{level.name}"] = (
                {ort.plan.einheiten[key] for key in level.rechte.erlaubt},
                level.rechte.oeffentlich,
            )
    return found


def test_rights_follow_the_agreement_for_everybody(ort, capsys):
    build.build(ort.region.ordner)
    before = ort.fake.sieht()
    assert ort.befehl("plan") == 0
    assert ort.fake.sieht() == before
    kreis, ahausen = "Kreistag (sieht)", "Stadt Ahausen (bearbeitet)"
    assert rechte(ort) == {
        "Anteil 65-Jährige und Ältere": ({kreis, ahausen}, True),
        "Anteil 65-Jährige und Ältere/Gemeinden": ({kreis, ahausen}, True),
        "Anteil 65-Jährige und Ältere/Sozialräume": ({kreis, ahausen}, False),
        "Arbeitslosenanteil": ({kreis}, False),
        "Arbeitslosenanteil/Gemeinden": ({kreis}, False),
        "Arbeitslosenanteil/Sozialräume": ({kreis}, False),
    }
    shown = (ort.ordner / "plan.html").read_text(encoding="utf-8")
    assert not re.search(r"href=\"[^#\"]", shown)  # nothing lies beside it
    assert not re.search(r"\d{4}-\d\d-\d\d", re.sub(r"<(style|script).*?</\1>", "", shown, flags=re.S))
    for words in (
        "alle, ohne Anmeldung",
        ahausen,
        "Arbeitslosenanteil",
        "ist in KomMonitor nichts verändert",
        "gibt es noch nicht",
    ):
        assert words in shown
    assert (ort.ordner / "plan.json").stat().st_mode & 0o077 == 0
    out = capsys.readouterr().out
    assert "2 Indikatoren neu" in out
    key = re.search(r"apply (\w+)", out)[1]

    assert ort.befehl("apply", key) == 0
    after = ort.fake.sieht()
    numbers = {one["body"]["datasetName"]: one["id"] for one in ort.fake.indicators.values()}
    assert set(after["werte"]) == {f"{numbers['Anteil 65-Jährige und Ältere']}/{ort.gemeinden}"}
    assert set(after["indikatoren"]) == {numbers["Anteil 65-Jährige und Ältere"]}
    join = ort.fake.indicators[numbers["Anteil 65-Jährige und Ältere"]]["joins"][ort.raeume]
    assert join["rows"]["A 1a"]["2023-12-31"] == pytest.approx(20)
    assert ort.befehl("zurueck", key) == 0
    assert ort.fake.sieht() == before
    assert ort.fake.indicators == {}


def test_no_secret_and_no_token_on_the_disk(ort, oidc, capsys):
    ort.befehl("plan")
    ort.befehl("apply", ort.plan.schluessel[:12])
    words = [token.encode() for token in oidc.ausgegeben] + [b"geheim-7f3a"]
    assert oidc.ausgegeben
    for path in [*ort.ordner.rglob("*"), *ort.region.ordner.rglob("*")]:
        if path.is_file():
            assert not any(word in path.read_bytes() for word in words), path
    told = capsys.readouterr()
    assert not any(word.decode() in told.out + told.err for word in words)


def test_without_agreement_only_the_owner_sees_anything(ort):
    (ort.region.ordner / "vereinbarung.yml").unlink()
    assert ort.befehl("plan") == 0
    assert all(who == (set(), False) for who in rechte(ort).values())
    assert all("nur der Eigentümer" in " ".join(one.hinweise) for one in ort.plan.indikatoren)


def test_right_that_ran_out_closes_what_it_opened(ort, capsys):
    ort.befehl("plan")
    ort.befehl("apply", ort.plan.schluessel[:12])
    ort.ersetze("vereinbarung.yml", "{einheiten: [kreis]}", "{einheiten: [kreis], bis: 2021-01-01}")
    build.build(ort.region.ordner)
    assert ort.befehl("plan") == 0
    assert rechte(ort)["Arbeitslosenanteil/Sozialräume"] == (set(), False)
    assert "am 01.01.2021 abgelaufen" in capsys.readouterr().out
    ort.befehl("apply", ort.plan.schluessel[:12])
    assert all(not join["permissions"] for one in ort.fake.indicators.values() if one["body"]["datasetName"] == "Arbeitslosenanteil" for join in one["joins"].values())  # fmt: skip


def test_embargoed_date_stays_away(ort):
    ort.ersetze("vereinbarung.yml", "rechte:\n", "sperrfristen:\n  - {datensaetze: [arbeit], stichtage: [2023-12-31], bis: 2099-01-01, grund: Ausschuss}\nrechte:\n")  # fmt: skip
    build.build(ort.region.ordner)
    assert ort.befehl("plan") == 0
    alo = next(one for one in ort.plan.indikatoren if one.name == "Arbeitslosenanteil")
    assert {day for level in alo.ebenen for row in level.werte.values() for day in row} == {"2021-12-31"}


def test_unweighted_mean_is_named_with_the_true_value(ort, capsys):
    ort.befehl("plan")
    assert not ort.plan.indikatoren[0].angaben["regionalReferenceValues"]  # the public may not see the region
    ort.ersetze("vereinbarung.yml", "ebenen: [kommune]", "ebenen: [region, kommune]")
    ort.befehl("plan")
    one = ort.plan.indikatoren[0]
    assert any("ungewichtet" in hint for hint in one.hinweise)
    told = {row["referenceDate"]: row["regionalAverage"] for row in one.angaben["regionalReferenceValues"]}
    assert told["2023-12-31"] == pytest.approx(
        100 * 2490 / 11300
    )  # all people of 65 and more among all people


def test_what_komMonitor_shows_already_is_counted_as_known(ort, capsys):
    """W 3 has five unemployed. We hide it and W 2; KomMonitor shows W 2, so W 1 and the total must not both be written."""
    for row in ort.region.arbeit:
        if row[0] == "W 3":
            row[2] = 5
    ort.region.schreibe()
    build.build(ort.region.ordner)
    counts = {
        key: {"2021-12-31": float(row[2]), "2023-12-31": float(row[2])}
        for key, *_ in ort.region.arbeit
        for row in [next(r for r in ort.region.arbeit if r[0] == key)]
    }
    public = {
        key
        for key, value in ort.region.daten("oeffentlich")
        .werte("ALO", "2023-12-31")
        .set_index("gebiet_id")["wert"]
        .items()
        if value == value
    }
    hidden = [key for key in ("W 1", "W 2") if key not in public]
    assert "W 3" not in public
    assert hidden
    ort.fake.indicator("Arbeitslose", owner=ort.planung, topic=ort.thema, public=False, permissions=(ort.fake.recht(ort.kreis),),
                       series={ort.raeume: {key: counts[key] for key in hidden}})  # fmt: skip
    assert ort.befehl("plan") == 0
    alo = [one for one in ort.plan.indikatoren if one.name == "Arbeitslosenanteil"]
    written = {
        (level.name, area)
        for one in alo
        for level in one.ebenen
        for area, row in level.werte.items()
        if row.get("2023-12-31") is not None
    }
    rest = {("Sozialräume", key) for key in ("W 1", "W 2") if key in public} | {("Gemeinden", "05999008")}
    assert not rest <= written
    said = " ".join([*ort.plan.pruefung, *ort.plan.abgelehnt])
    assert "Kreistag" in said
    assert "KomMonitor schon zeigt" in said


@pytest.mark.parametrize(
    ("datei", "alt", "neu", "satz"),
    [
        (
            "kommonitor.yml",
            "Sozialräume,",
            "Quartiere,",
            "Die Raumebene „Quartiere“ gibt es in diesem KomMonitor nicht",
        ),
        (
            "kommonitor.yml",
            "eigentuemer: Sozialplanung",
            "eigentuemer: Sozialplannung",
            "Gemeint ist vielleicht: „Sozialplanung“",
        ),
        (
            "kommonitor.yml",
            "thema: Soziale Lage",
            "thema: Lage",
            "Das Thema „Lage“ gibt es in KomMonitor nicht",
        ),
        ("kommonitor.yml", "[AB65, ALO]", "[AB66]", "Gemeint ist vielleicht: „AB65“"),
        ("kommonitor.yml", "/dm", "/anders", "kein „Data Management“"),
        ("kommonitor.yml", "dienst: nacht", "dienst: tag", "Das Dienstkonto „tag“ wird nicht angenommen"),
        ("kommonitor.yml", "schreiben:", "x_schreiben:", "schreiben"),
        (
            "vereinbarung.yml",
            "kommonitor: Kreistag",
            "kommonitor: Kreis-Tag",
            "Die Organisationseinheit „Kreis-Tag“ gibt es in KomMonitor nicht",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(ort, capsys, datei, alt, neu, satz):
    ort.ersetze(datei, alt, neu)
    assert ort.befehl("plan") == 1
    told = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("KomMonitor ")]
    assert len(told) == 1
    assert satz in told[0]
    assert not ort.ordner.exists() or not list(ort.ordner.glob("plan*"))
    assert ort.fake.indicators == {}


def test_areas_that_do_not_match_are_named(ort, capsys):
    for one in ort.fake.levels[ort.raeume]["features"]:
        one["properties"]["ID"] = "KM" + one["properties"]["ID"]
    assert ort.befehl("plan") == 1
    assert (
        "9 von 9 Gebieten der Region gibt es auf der Raumebene „Sozialräume“ in KomMonitor nicht"
        in capsys.readouterr().err
    )


def test_another_plan_or_another_snapshot_is_not_applied(ort, capsys):
    ort.befehl("plan")
    assert ort.befehl("apply", "0123456789") == 1
    assert ort.befehl("apply", ort.plan.schluessel[:4]) == 1
    assert "nicht der Schlüssel des letzten Plans" in capsys.readouterr().err
    key = ort.plan.schluessel[:12]
    ort.region.arbeit[0][2] = 61
    ort.region.schreibe()
    build.build(ort.region.ordner)
    assert ort.befehl("apply", key) == 1
    assert "neuen Datenbestand" in capsys.readouterr().err
    ort.befehl("plan")
    ort.ersetze("vereinbarung.yml", "{einheiten: [kreis]}", "{einheiten: [kreis], bis: 2021-01-01}")
    assert ort.befehl("apply", ort.plan.schluessel[:12]) == 1
    assert "hat sich die Vereinbarung geändert" in capsys.readouterr().err
    assert ort.fake.indicators == {}
    key = ort.plan.schluessel[:12]
    content = json.loads((ort.ordner / "plan.json").read_text(encoding="utf-8"))
    assert content["schluessel"].startswith(key)


def test_what_is_not_wanted_any_more_is_closed_and_others_stay(ort):
    ort.befehl("plan")
    ort.befehl("apply", ort.plan.schluessel[:12])
    foreign = ort.fake.indicator(
        "Fremd",
        owner=ort.planung,
        topic=ort.thema,
        series={},
        tags=["sozialanalyse", "sozialanalyse:anderswo"],
    )
    ort.ersetze("kommonitor.yml", "[AB65, ALO]", "[ALO]")
    assert ort.befehl("plan") == 0
    ort.befehl("apply", ort.plan.schluessel[:12])
    assert set(ort.fake.sieht()["indikatoren"]) == {foreign}
    assert ort.fake.sieht()["werte"] == {}
    gone = next(
        one for one in ort.fake.indicators.values() if one["body"]["datasetName"].startswith("Anteil")
    )
    assert gone["joins"][ort.gemeinden]["rows"]["05999004"]["2023-12-31"] == pytest.approx(18.5)


def test_embargo_after_the_fact_empties_the_date(ort):
    ort.befehl("plan")
    ort.befehl("apply", ort.plan.schluessel[:12])
    ort.ersetze("vereinbarung.yml", "rechte:\n", "sperrfristen:\n  - {datensaetze: [arbeit], stichtage: [2023-12-31], bis: 2099-01-01, grund: Ausschuss}\nrechte:\n")  # fmt: skip
    build.build(ort.region.ordner)
    ort.befehl("plan")
    ort.befehl("apply", ort.plan.schluessel[:12])
    alo = next(
        one for one in ort.fake.indicators.values() if one["body"]["datasetName"] == "Arbeitslosenanteil"
    )
    rows = alo["joins"][ort.raeume]["rows"]
    assert {row["2023-12-31"] for row in rows.values()} == {None}
    assert rows["A 1a"]["2021-12-31"] == pytest.approx(5)
    assert all(value["referenceDate"] != "2023-12-31" for value in alo["body"]["regionalReferenceValues"])


def test_rights_of_single_units_do_not_open_the_public_pages(ort):
    """The county council may see unemployment, protected; that must not put it on the pages for everybody."""
    build.build(ort.region.ordner)
    assert ort.region.daten("oeffentlich").werte("ALO", level=None)["wert"].isna().all()
    ort.befehl("plan")
    assert any(one.name == "Arbeitslosenanteil" for one in ort.plan.indikatoren)


def test_where_everybody_may_see_all_the_values_are_those_of_the_pages(ort, monkeypatch):
    """Nothing is protected a second time, which is slow; where the agreement keeps something back, it is."""
    ort.ersetze(
        "vereinbarung.yml",
        "datensaetze: [register], ebenen: [kommune]",
        "ebenen: [region, kommune, sozialraum]",
    )
    build.build(ort.region.ordner)
    with monkeypatch.context() as patch:
        patch.setattr(Planung, "_geschuetzt", lambda _: pytest.fail("protected anew"))
        assert ort.befehl("plan") == 0
    planned = next(one for one in ort.plan.indikatoren if one.name == "Arbeitslosenanteil")
    values = next(level.werte for level in planned.ebenen if level.name == "Sozialräume")
    shown = ort.region.daten("oeffentlich").werte("ALO").set_index(["gebiet_id", "stichtag"])["wert"].dropna()
    there = {
        (area, day): value for area, row in values.items() for day, value in row.items() if value is not None
    }
    assert there == pytest.approx(shown.to_dict())
    ort.ersetze(
        "vereinbarung.yml", "  - {einheiten: [oeffentlichkeit], ebenen: [region, kommune, sozialraum]}\n", ""
    )
    build.build(ort.region.ordner)
    monkeypatch.setattr(Planung, "_geschuetzt", lambda _: (_ for _ in ()).throw(LookupError))
    with pytest.raises(LookupError):
        ort.befehl("plan")


def test_types_indices_twins_and_shares_are_written_and_taken_back(gebaut, oidc):
    """What the pages show stands there afterwards, and nothing of it once it is taken back."""
    gebaut.seiten["arbeit"] = gebaut.seiten["arbeit"].replace('polaritaet: "+"}', 'polaritaet: "+", index: {arbeit: 1}}')  # fmt: skip
    gebaut.schreibe()
    with Fake("5.3", oidc.pruefe) as fake:
        ort = Ort(gebaut, fake, oidc)
        foreign = fake.indicator(
            "Fremd", owner=ort.planung, topic=ort.thema, series={}
        )  # shows the generation
        ort.ersetze("vereinbarung.yml", "{einheiten: [kreis]}", "{einheiten: [kreis, oeffentlichkeit]}")
        ort.ersetze("kommonitor.yml", "typen: false", "typen: true\n  indizes: true\n  zwillinge: true\n  teilung: true")  # fmt: skip
        build.build(gebaut.ordner)
        assert ort.befehl("plan") == 0
        key = ort.plan.schluessel[:12]
        assert ort.befehl("apply", key) == 0
        there = {one["body"]["datasetName"]: one for one in fake.indicators.values()}
        rows = {name: {area: row["2023-12-31"] for area, row in one["joins"][ort.raeume]["rows"].items() if row["2023-12-31"] is not None}
                for name, one in there.items() if one["id"] != foreign}  # fmt: skip
        data = auswertung.load(gebaut.ordner)
        types = data.typen()
        assert rows["Typ des Sozialraums (Name)"] == types["typname"].dropna().to_dict()
        ones = [name for name in there if name.startswith("Typ 1: ") or name.startswith("Typ 2: ")]
        assert len(ones) == types["typ"].nunique() == 2
        assert all(rows[ones[0]][area] + rows[ones[1]][area] == 1 for area in rows[ones[0]])
        assert {rows["Typ des Sozialraums"][area] for area, value in rows[ones[0]].items() if value} == {float(ones[0][4])}  # fmt: skip
        twins = data.zwillinge()
        nearest = twins[twins["rang"] == 1].set_index("gebiet")["distanz"]
        assert rows["Abstand zum ähnlichsten Sozialraum anderswo"] == pytest.approx(
            nearest.to_dict(), rel=1e-6
        )
        index = rows["Index Arbeit"]
        assert max(index, key=lambda area: index[area]) == "SI 1"  # most unemployed by both ingredients
        assert (
            "Arbeitslosenanteil, Gelieferte Quote" in there["Index Arbeit"]["body"]["metadata"]["description"]
        )
        share = data.teilung().at["ALO", "gemessen"]
        assert (
            f"liegen {100 * share:.0f} von 100 Teilen"
            in there["Arbeitslosenanteil"]["body"]["interpretation"]
        )
        assert ort.befehl("zurueck", key) == 0
        assert set(fake.indicators) == {foreign}


def test_shares_are_told_only_to_whom_the_areas_are_open(ort):
    ort.ersetze("kommonitor.yml", "typen: false", "typen: false\n  teilung: true")
    assert ort.befehl("plan") == 0
    told = {one.name: one.angaben["interpretation"] for one in ort.plan.indikatoren}
    assert "von 100 Teilen" in told["Arbeitslosenanteil"]
    assert "von 100 Teilen" not in told["Anteil 65-Jährige und Ältere"]  # public on the Kommunen only


@pytest.mark.langsam
@pytest.mark.parametrize("generation", ["5.2", "6.0"])
def test_demo_shows_the_whole_way(tmp_path, monkeypatch, capsys, generation):
    """Found a region from a server, fetch, build, plan, write types back; afterwards nothing is left to do."""
    import demo

    monkeypatch.setattr(demo, "KOMMUNEN", 3)
    assert demo.main(tmp_path, generation) == 0
    told = capsys.readouterr().out
    assert "zurückgelesen und verglichen; Rechte und öffentliche Sicht wie geplant." in told
    assert "0 Indikatoren neu, 0 geändert" in told
    assert "entfernt." in told  # taken back, although another plan was made since
