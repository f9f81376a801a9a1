"""Reports on the shipped region: every finding displays, carries the mark, and is German."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace

import pandas as pd
import pytest

from sozialanalyse.base.errors import DatenFehler, ParameterFehler
from sozialanalyse.berichte import AtlasBericht, ClusterBericht, VarianzBericht
from sozialanalyse.seiten import seite
from sozialanalyse.seiten.teile.atlas_zahlen import AtlasZahlen
from sozialanalyse.seiten.teile.indizes import rezepte, themenindizes
from sozialanalyse.store import Daten, load

MARKE = "Demodaten – frei erfunden"
CLUSTER = (
    "kopf", "karte", "profil", "vorkommen", "sicherheit", "tabelle", "aehnliche", "querlage", "verlauf", "indizes",
    "indexwerte", "empfindlichkeit", "raeume", "anzahl", "verfahrensvergleich",
)  # fmt: skip
VARIANZ = (
    "kopf", "anteile", "verteilung", "beitraege", "bruecke", "verlauf", "veraenderung", "saetze",
    "belastbarkeit", "zahlen", "weitere_masse",
)  # fmt: skip


@pytest.fixture(scope="module")
def typen(demo: object) -> ClusterBericht:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        return ClusterBericht(themen=["demographie"], kommune="05334032")


@pytest.fixture(scope="module")
def anteile(demo: object) -> VarianzBericht:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        return VarianzBericht(thema="demographie")


@pytest.mark.parametrize("name", CLUSTER)
def test_every_finding_on_types_carries_the_mark(typen: ClusterBericht, name: str) -> None:
    assert MARKE in unescape(getattr(typen, name)()._repr_html_())


@pytest.mark.parametrize("name", VARIANZ)
def test_every_finding_on_differences_carries_the_mark(anteile: VarianzBericht, name: str) -> None:
    assert MARKE in unescape(getattr(anteile, name)()._repr_html_())


def test_the_table_lists_the_areas_of_the_chosen_kommune_only(typen: ClusterBericht) -> None:
    table = typen.tabelle().tabelle
    assert len(table) == 17
    assert set(table["kommune"]) == {"Stolberg (Rhld.)"}


def test_the_near_view_sets_one_kommune_beside_the_region(anteile: VarianzBericht) -> None:
    assert "einzelne Kommunen" in anteile.blick()._repr_html_()
    near = VarianzBericht(thema="demographie", kommune="05334012")
    table = near.blick().tabelle
    assert (table["niedrigster"] <= table["hoechster"]).all()
    assert (
        table.loc["65-Jährige und Ältere", "kommune"]
        == near.daten.matrix("DEM07", level="kommune").loc["05334012", "DEM07"]
    )
    assert table["beitrag"].between(0, 100).all()


def test_contributions_of_the_kommunen_sum_to_the_whole(anteile: VarianzBericht) -> None:
    table = anteile.beitraege().tabelle
    assert len(table) == 10
    assert table[["dazwischen", "innerhalb"]].sum().tolist() == pytest.approx([100, 100])
    assert table.loc[table["gebiete"] < 4, "streuung"].isna().all()
    assert table["ohne"].between(0, 100).all()


def test_the_bridge_uses_types_without_the_topic_and_sums_to_one(anteile: VarianzBericht) -> None:
    table = anteile.bruecke().tabelle
    assert len(table) >= 10
    parts = table[["only_group", "only_type", "shared", "rest"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(100)
    assert any("ohne das Thema" in sentence for sentence in anteile.bruecke_satz())


def test_robustness_and_change_stand_beside_the_share(anteile: VarianzBericht) -> None:
    found = anteile.belastbarkeit()
    table = found.tabelle
    assert {"ohne_eine", "zuschnitt", "logit", "share_reml", "grenze"} <= set(table.columns)
    names = set(anteile.katalog["name"])
    assert set(table.index) <= names
    notes = re.findall(r"<dd>(.*?)</dd>", unescape(found.html))
    assert notes
    assert not any(note.startswith(tuple(names)) for note in notes)
    change = anteile.veraenderung().tabelle
    assert change["urteil"].str.len().gt(10).all()
    first = VarianzBericht(thema="demographie", stichtag=anteile.daten.stichtage[0])
    assert "nicht möglich" in first.veraenderung()._repr_html_()


def test_a_topic_without_values_before_has_no_change(demo: object) -> None:
    """All its indicators began after the earlier date: a sentence, no failing cell."""
    young = VarianzBericht(thema="demographie")
    rows = young.daten._werte
    rows.loc[(rows["stichtag"] == young.frueher) & rows["indikator_id"].isin(young.indikatoren), "wert"] = (
        None
    )
    assert "nicht möglich" in young.veraenderung()._repr_html_()


def test_all_indicators_together_and_compositions_are_said(anteile: VarianzBericht) -> None:
    (sentence,) = anteile.gemeinsam_satz()
    assert "jedes Thema mit gleichem Gewicht" in sentence
    block = anteile.zusammensetzung()
    assert block is not None
    assert "„Alter“" in unescape(block._repr_html_())


def test_every_number_of_types_is_shown_with_every_criterion(typen: ClusterBericht) -> None:
    table = typen.anzahl().tabelle
    assert table["k"].tolist() == list(range(2, 9))
    assert table["gewaehlt"].str.contains("gezeigt").sum() == 1
    assert table.notna().all(axis=None)
    given = ClusterBericht(themen=["demographie"], typen=3)
    again = given.anzahl().tabelle
    assert again.loc[again["gewaehlt"].str.contains("gezeigt"), "k"].tolist() == [3]


def test_other_methods_and_the_consensus_are_compared(typen: ClusterBericht) -> None:
    table = typen.verfahrensvergleich().tabelle
    assert list(table.index) == ["Ward", "PAM (Medoide)", "Gauß-Mischung", "Konsens aus 500 Wiederholungen"]
    assert table["gleich"].between(30, 100).all()
    expected = typen.ergebnis.agreement.to_list()
    assert table["ari"].to_list()[:3] == pytest.approx(expected, abs=0.25)


def test_changes_through_the_years_stand_against_chance(typen: ClusterBericht) -> None:
    table = typen.verlauf().tabelle
    assert len(table) == len(typen.daten.stichtage) - 1
    assert (table["gesichert"] <= table["wechsel"]).all()
    assert (table["erwartet"] > 0).all()
    assert typen._gleich
    moved = typen.jahre.moves
    assert len(moved) == table["wechsel"].sum()


def test_planning_areas_are_contiguous_and_as_many_as_kommunen(typen: ClusterBericht) -> None:
    found = typen.planungsraeume
    assert found.k == 10
    assert found.labels.notna().all()
    near = typen.daten.nachbarn()
    for _, areas in found.labels.groupby(found.labels).groups.items():
        reached, edge = {areas[0]}, [areas[0]]
        while edge:
            edge = [b for a in edge for b in near[a] if b in set(areas) - reached and not reached.add(b)]
        assert reached == set(areas)


def test_indices_follow_the_catalogue_and_the_base_year(typen: ClusterBericht) -> None:
    found = typen._indizes.ergebnisse
    assert set(found) == {"demographie", "soziooekonomie", "gesundheit", "bildung", "integration"}
    assert set(found["integration"].weights.index) == {"INT03", "INT04", "INT05", "INT07"}
    early = themenindizes(typen.daten, typen.speicher, typen.daten.stichtage[0])
    assert early["demographie"].base.mean.equals(found["demographie"].base.mean)
    assert early["demographie"].values.mean() == pytest.approx(100)
    assert found["demographie"].values.mean() != pytest.approx(100, abs=0.01)
    lines = typen.empfindlichkeit().tabelle
    assert lines["alternative"].str.startswith("ohne ").sum() == sum(len(r.weights) for r in found.values())


def test_recipes_turn_neutral_indicators_by_their_weight() -> None:
    katalog = pd.DataFrame(
        {
            "index": [{"a": 2.0}, {"a": -1.0}, {"a": 1.0}, {"b": 1.0}],
            "polaritaet": [-1, 0, 0, 1],
            "index_pflicht": [False, False, True, False],
        },
        index=list("wxyz"),
    )
    found = rezepte(katalog, ["a", "b"])
    assert list(found) == ["a"]
    assert found["a"].gewichte == {"w": 2.0, "x": 1.0, "y": 1.0}
    assert found["a"].richtung == {"w": -1.0, "x": -1.0, "y": 1.0}
    assert found["a"].pflicht == ("y",)


def test_twins_always_lie_in_other_kommunen(typen: ClusterBericht) -> None:
    home = typen.kommune
    pairs = typen.zwillinge
    assert (pairs["gebiet"].map(home) != pairs["zwilling"].map(home)).all()


def test_sentences_use_the_words_of_the_region_and_no_placeholder_is_left(
    typen: ClusterBericht, anteile: VarianzBericht
) -> None:
    for block in (typen.kurzfassung(), typen.methode(), anteile.kurzfassung(), anteile.methode()):
        words = unescape(re.sub(r"<[^>]+>", " ", block._repr_html_()))
        assert not re.search(r"[{}]|\bnan\b|None", words)
    assert "Kommunen" in anteile.kurzfassung()._repr_html_()


def test_public_reports_read_protected_data_only(typen: ClusterBericht) -> None:
    assert typen.daten.audience == "oeffentlich"
    assert "intern" not in str(typen.speicher.ordner.name)


def test_realised_shares_are_those_of_the_matrix(anteile: VarianzBericht) -> None:
    values = anteile.daten.matrix("DEM07")["DEM07"].dropna()
    groups = anteile.kommune[values.index]
    means = values.groupby(groups).transform("mean")
    expected = ((means - values.mean()) ** 2).sum() / ((values - values.mean()) ** 2).sum()
    assert anteile.ergebnis.table.loc["DEM07", "eta2"] == pytest.approx(expected)


def test_a_kept_result_equals_a_fresh_one(demo: object, typen: ClusterBericht) -> None:
    again = ClusterBericht(themen=["demographie"])
    pd.testing.assert_series_equal(again.ergebnis.labels, typen.ergebnis.labels)


def test_faults_are_told_before_anything_is_computed(demo: object) -> None:
    with pytest.raises(ParameterFehler, match="stichtga: Diese Angabe ist unbekannt"):
        ClusterBericht(stichtga="2023-12-31")
    with pytest.raises(ParameterFehler, match="Zum Stichtag „2020-12-31“ gibt es keine Daten"):
        VarianzBericht(stichtag="2020-12-31")
    with pytest.raises(ParameterFehler, match="ist eine Zahl"):
        VarianzBericht(kommune=533400)


def test_names_and_levels(intern: Daten) -> None:
    assert intern.namen()["A 8"] == "A 8"
    assert intern.namen()["A 4"].startswith("A 4 ")
    assert len(intern.gebiete("kommune")) == 10
    with pytest.raises(DatenFehler, match="Die Ebene „stadt“ gibt es nicht"):
        intern.gebiete("stadt")  # type: ignore[arg-type]


def test_the_public_store_hides_what_the_internal_one_holds(demo: object, intern: Daten) -> None:
    key = ["gebiet_id", "indikator_id", "stichtag"]
    inside = intern.werte(level=None).set_index(key)
    outside = load(demo, "oeffentlich").werte(level=None).set_index(key).reindex(inside.index)  # type: ignore[arg-type]
    hidden = outside["status"].eq("geheim")
    assert hidden.sum() > 500
    assert outside.loc[hidden, ["wert", "zaehler", "nenner"]].isna().all(axis=None)
    shown = ~hidden & outside["wert"].notna()
    pd.testing.assert_series_equal(outside.loc[shown, "wert"], inside.loc[shown, "wert"])


def test_ranks_are_those_an_area_could_have_or_none(demo: object) -> None:
    shares = AtlasBericht(indikator="SOZ01")
    table = shares._frame()[0].dropna(subset=["wert", "rang_von"])
    naive = shares.gezeigt.rank(ascending=False, method="min").dropna().to_numpy()
    assert (table["rang_von"].to_numpy() <= naive).all()
    assert (naive <= table["rang_bis"].to_numpy()).all()
    assert (table["rang_von"] < table["rang_bis"]).mean() > 0.5, "small counts leave most ranks open"
    for key in shares.katalog.index[~shares.katalog["anteil"]][:2]:
        delivered = AtlasBericht(daten=shares.daten, indikator=str(key))._frame()
        assert not any("rang" in str(column) for column in delivered[0].columns)


def test_chosen_areas_stand_side_by_side_over_several_indicators(demo: object) -> None:
    plain = AtlasBericht()
    assert plain.gebietevergleich() is None
    chosen = list(plain.kommune.index[[40, 0]])
    bericht = AtlasBericht(daten=plain.daten, gebiete=chosen)
    found = bericht.gebietevergleich()
    region = plain.daten.region.seite.schluessel_region
    assert list(found.tabelle.columns) == [*chosen, region], "in the order of the link"
    values = plain.daten.werte(stichtag=bericht.stichtag, level=None).set_index(["gebiet_id", "indikator_id"])
    names = plain.daten.indikatoren()["kurz"]
    keys = {f"{names[key]}": key for key in names.index}
    assert len(found.tabelle) >= 8
    for row, line in found.tabelle.iterrows():
        key = keys[row.rpartition(" (")[0] or row]
        for place in line.index:
            there = values.loc[(place, key)]
            expected = there["wert"] if there["status"] != "geheim" else float("nan")
            assert line[place] == pytest.approx(expected, nan_ok=True), (row, place)
    assert all(bericht.ort(key) in found.titel for key in chosen)
    assert len(bericht.tabelle().tabelle) == len(plain.kommune), "the table of all areas stays whole"
    with pytest.raises(ParameterFehler, match="höchstens 8"):
        AtlasBericht(daten=plain.daten, gebiete=list(plain.kommune.index[:9]))


@pytest.mark.parametrize(
    ("limits", "shown"),
    [([5, 7.5, 12], "5; 7,5; 12"), ([-1.5], "-1,5;"), ([0.123456789, 1234567.5], "0,123456789; 1234567,5")],
)
def test_own_limits_come_back_in_the_form_as_they_are_typed(
    demo: object, monkeypatch: pytest.MonkeyPatch, limits: list[float], shown: str
) -> None:
    monkeypatch.delenv("SOZIALANALYSE_STATISCH")
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/1")
    monkeypatch.setenv("SOZIALANALYSE_DATEIEN", "/statisch/0")
    bericht = AtlasBericht(grenzen=limits)
    form = bericht.auswahl().html
    assert f'value="{shown}"' in form
    assert re.search(r'<option value="quantil" selected', form), "emptying the field leads back"
    assert list(bericht.klassen.grenzen) == limits
    assert seite("atlas").aus_link({"grenzen": [shown]}).grenzen == limits


def test_no_ranks_at_a_date_without_values() -> None:
    """The page then has no table of that date to rank."""
    assert AtlasZahlen.raenge.func(SimpleNamespace(leer=True)) is None


def test_differences_of_twins_say_their_direction_and_what_it_means(typen: ClusterBericht) -> None:
    """A higher value of an indicator that counts the good side is less need, and the words say so."""
    a, b = typen.matrix.dropna().index[:2]
    seen = set()
    for key in typen.matrix.columns:
        word = str(typen.katalog.at[key, "kurz"])
        here, there = typen.matrix.loc[[a, b], key]
        for sign in (1, -1, 0):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(typen, "katalog", typen.katalog.assign(polaritaet=sign), raising=False)
                (said,) = typen._werte((word,), a, b, richtung=True)
            if "dort" not in said:
                continue
            assert ("höher" in said) == (there > here)
            need = {"mehr Bedarf": 1, "weniger Bedarf": -1}
            told = next((value for words, value in need.items() if words in said), 0)
            assert told == sign * (1 if there > here else -1)
            seen.add(told)
    assert seen == {1, -1, 0}
