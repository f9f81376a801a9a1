"""The shipped region: structure, planted truth, and deliveries that keep what they promise."""

from __future__ import annotations

import csv
import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from sozialanalyse.region.catalogue import Katalog, Summe, lade_katalog
from sozialanalyse.region.region import lade_region

REGION = Path(__file__).parents[2] / "data" / "staedteregion-aachen"
ERZEUGER = REGION / "erzeuger"
LIEFERUNGEN = REGION / "lieferungen"
ANZAHL = {"AC": 14, "A": 14, "B": 7, "E": 15, "H": 11, "M": 2, "R": 2, "SI": 3, "S": 17, "W": 8}
MARKE = "Demodaten – frei erfunden"

# Part and whole, as fields of the dataset pages.
TEILE = [
    ("melderegister.ausl", "melderegister.ew"),
    ("haushalte.hh_1", "haushalte.hh"),
    ("haushalte.hh_1_65plus", "haushalte.hh_1"),
    ("haushalte.hh_alleinerz", "haushalte.hh_kind"),
    ("haushalte.hh_kind3", "haushalte.hh_kind"),
    ("ba_akg.elb_15_24", "ba_akg.elb"),
    ("ba_akg.elb", "ba_akg.rlb"),
    ("ba_akg.nef_u15", "ba_akg.rlb"),
    ("ba_akg.rlb_ausl", "ba_akg.rlb"),
    ("ba_akg.alo_sgb2", "ba_akg.elb"),
    ("ba_akg.alo_15_24", "ba_akg.alo"),
    ("ba_akg.alo_lang", "ba_akg.alo"),
    ("ba_akg.svb_frauen", "ba_akg.svb"),
    ("ba_akg.bg_alleinerz", "ba_akg.bg"),
    ("ba_akg.bg", "ba_akg.elb"),
    ("ba_akg.bg_kdu_ueber", "ba_akg.bg_kdu"),
    ("schwerbehinderung.sb_ag", "schwerbehinderung.sb"),
    ("schulamt.schueler_spu_gl", "schulamt.schueler_spu"),
    ("integration.mhg_u18", "integration.mhg"),
    ("melderegister.ausl", "integration.mhg"),
    ("bewegungen.ausland", "bewegungen.zuzuege"),
    ("wohnen.bindung_endet", "wohnen.gebunden"),
    ("wohnen.gebunden", "wohnen.mietwohnungen"),
    ("wohnen.mietwohnungen", "wohnen.wohnungen"),
]


@pytest.fixture(scope="module")
def erzeuger() -> Iterator[SimpleNamespace]:
    """Modules of the generator, taken out of the import system again afterwards."""
    names = [path.stem for path in ERZEUGER.glob("*.py") if path.stem != "__main__"]
    sys.path.insert(0, str(ERZEUGER))
    try:
        yield SimpleNamespace(**{name: __import__(name) for name in names})
    finally:
        sys.path.remove(str(ERZEUGER))
        for name in names:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def katalog() -> Katalog:
    return lade_katalog(lade_region(REGION))


@pytest.fixture(scope="module")
def gebiete() -> pd.DataFrame:
    areas = pd.read_csv(
        REGION / "sozialraeume.csv", sep=";", decimal=",", dtype={"kommune": str}, index_col="id"
    )
    areas["typ"] = pd.read_csv(REGION / "wahrheit.csv", sep=";", index_col="id")["typ"]
    areas["kuerzel"] = areas.index.str.split(" ").str[0]
    return areas


@pytest.fixture(scope="module")
def gezaehlt(erzeuger: SimpleNamespace, gebiete: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Counts behind the deliveries, drawn anew."""
    people, rates = erzeuger.wahrheit.einwohner(gebiete), erzeuger.wahrheit.raten(gebiete)
    result = {}
    for day in erzeuger.plan.STICHTAGE:
        rng = np.random.default_rng([erzeuger.plan.SAAT, 5, int(day[:4])])
        result[day] = erzeuger.zaehlungen.zaehle(
            gebiete, people[day], rates[day], erzeuger.zaehlungen.Ziehung(rng)
        )
    return result


@pytest.fixture(scope="module")
def wahre_werte() -> pd.DataFrame:
    with gzip.open(REGION / "wahrheit_werte.csv.gz", "rt", encoding="utf-8") as file:
        return pd.read_csv(file, sep=";", index_col=["stichtag", "id"])


@cache
def zellen(pfad: Path) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(pfad)
    return {sheet.title: list(sheet.values) for sheet in book}


def felder(zahlen: pd.DataFrame, summe: Summe) -> pd.Series:
    return sum(sign * zahlen[name] for sign, name in summe.glieder)


# Structure


def test_93_areas_in_ten_municipalities(gebiete):
    assert gebiete["kuerzel"].value_counts(sort=False).to_dict() == ANZAHL
    region = lade_region(REGION)
    form = region.seite.schluessel["sozialraum"].muster
    assert all(re.fullmatch(form, area) for area in gebiete.index)
    assert [region.pruefe_kommune(kommune) for kommune in gebiete["kommune"]] == gebiete["kommune"].to_list()
    splits = {area for area in gebiete.index if area[-1] in "ab"}
    assert splits == {
        "A 1a", "A 1b", "A 2a", "A 2b", "A 11a", "A 11b", "B 3a", "B 3b", "B 4a", "B 4b", "S 3a", "S 3b",
    }  # fmt: skip


def test_names_only_where_documented(gebiete):
    named = gebiete["name"].notna()
    assert (gebiete["name_status"].isin(["belegt", "plausibel"]) == named).all()
    assert set(gebiete["name_status"]) == {"belegt", "plausibel", "offen"}
    assert named.sum() == 9 + 15 + 2


def test_every_alias_leads_to_one_area(gebiete):
    aliases = gebiete["aliase"].str.split("|").explode()
    assert aliases.is_unique
    keys = aliases[aliases.str.fullmatch(r"\d{8}/\d{9}")]
    assert len(keys) == 93
    assert (keys.str[:8] == gebiete["kommune"]).all()


def test_areas_share_out_the_official_area(gebiete):
    official = pd.read_csv(REGION / "gebiete.csv", sep=";", decimal=",", dtype={"ags": str}, index_col="ags")
    listed = gebiete.groupby("kommune")["flaeche_qkm"].sum()
    assert (listed - official["flaeche_qkm"]).abs().max() < 0.005
    assert official["flaeche_qkm"].sum() == pytest.approx(707.15, abs=0.005)


def test_shapes_tile_the_region(gebiete):
    path = LIEFERUNGEN / "geometrie" / "sozialraeume.gpkg"
    assert path.stat().st_size < 400_000
    shapes = gpd.read_file(path, layer="sozialraeume")
    assert shapes.crs == "EPSG:25832"
    assert sorted(shapes["kennung"]) == sorted(gebiete.index.str.replace(" ", ""))
    forms = shapes.geometry.to_numpy()
    assert shapely.coverage_is_valid(forms)
    assert set(shapes.geom_type) == {"Polygon"}
    union = shapely.union_all(forms)
    assert union.geom_type == "Polygon"
    assert not union.interiors
    assert shapely.area(forms).sum() == pytest.approx(union.area, rel=1e-9)
    assert shapely.get_num_coordinates(forms).mean() < 60
    wanted = gebiete["flaeche_qkm"].to_numpy()
    assert np.abs(shapely.area(forms) / 1e6 / wanted - 1).max() < 0.25
    kommunen = gpd.read_file(path, layer="kommunen").set_index("ags")
    listed = gebiete.groupby("kommune")["flaeche_qkm"].sum()
    assert (kommunen.area / 1e6 / listed - 1).abs().max() < 0.01
    assert shapely.coverage_is_valid(kommunen.geometry.to_numpy())
    assert set(kommunen.geom_type) == {"Polygon"}


def test_catalogue_is_complete(katalog):
    table = katalog.tabelle()
    assert len(table) >= 46
    assert (table["kurz"].str.len() <= 28).all()
    assert not (table[["definition", "hinweis", "beleg"]] == "").any(axis=None)
    assert (table.loc[table["auswertung"], "thema"].value_counts() >= 4).all()
    assert set(table["thema"]) == set(lade_region(REGION).themen)
    for indikator in katalog.indikatoren.values():
        assert indikator.seite.bereich is not None
        assert indikator.seite.bereich[0] < indikator.seite.bereich[1]


# Planted truth


def test_every_type_occurs_in_several_municipalities(gebiete):
    places = gebiete.groupby("typ")["kuerzel"].nunique()
    assert len(places) == 5
    assert places.min() >= 3
    largest = gebiete.groupby("typ")["kuerzel"].agg(lambda k: k.value_counts(normalize=True).iloc[0])
    assert largest.max() < 0.5


def test_planted_shares_hold_by_construction(gebiete, wahre_werte):
    shares = pd.read_csv(REGION / "wahrheit_anteile.csv", sep=";")
    planned = shares.dropna(subset=["anteil_geplant"])
    assert planned["anteil_geplant"].min() == pytest.approx(0.04)
    assert planned["anteil_geplant"].max() >= 0.6
    assert planned["indikator_id"].nunique() >= 40
    size = gebiete["kuerzel"].value_counts(sort=False)
    for row in planned.itertuples():
        values = wahre_werte.loc[row.stichtag, row.indikator_id]
        groups = values.groupby(gebiete["kuerzel"], sort=False)
        within = (groups.var(ddof=1) * (size - 1)).sum() / (93 - 10)
        between = (size * (groups.mean() - values.mean()) ** 2).sum() / 9
        effective = (93 - (size**2).sum() / 93) / 9
        extra = (between - within) / effective
        # Rates are drawn to six decimals; people without a rounded whole move a share a little.
        assert extra / (extra + within) == pytest.approx(row.anteil_geplant, abs=0.005), row
        assert extra / (extra + within) == pytest.approx(row.anteil_wahr, abs=0.0005), row


def test_planted_shares_leave_most_differences_within_kommunen():
    shares = pd.read_csv(REGION / "wahrheit_anteile.csv", sep=";")
    assert (shares["anteil_wahr"] < 0.5).mean() > 0.9
    assert shares["anteil_wahr"].median() < 0.2


def test_types_are_found_again(gebiete, gezaehlt, katalog):
    """k-means on logit z-scores with equal weight of topics, cells hidden as delivered."""
    secret = {"ba_akg": 10, "jugendamt": 3, "gesundheitsamt": 3, "schulamt": 3, "schwerbehinderung": 3}
    for day, counts in gezaehlt.items():
        hidden = counts.apply(
            lambda c: c.where((c == 0) | (c >= secret.get(str(c.name).split(".")[0], 0))).astype(float)
        )
        columns, topic = {}, {}
        for key, indikator in katalog.indikatoren.items():
            page = indikator.seite
            if not page.auswertung or page.art != "quote" or not page.anteil:
                continue
            part, whole = felder(hidden, indikator.zaehler), felder(hidden, indikator.nenner)
            value = np.log((part + 0.5) / (whole - part + 0.5))
            if value.isna().mean() <= 0.2:
                columns[key], topic[key] = value.fillna(value.median()), page.thema
        frame = pd.DataFrame(columns)
        z = ((frame - frame.mean()) / frame.std(ddof=0)).clip(-2.5, 2.5)
        z /= np.sqrt(pd.Series(topic).map(pd.Series(topic).value_counts()))
        labels = KMeans(5, n_init=30, random_state=1).fit_predict(z)
        assert adjusted_rand_score(gebiete["typ"], labels) >= 0.85, day


@pytest.mark.parametrize(
    ("indikator", "toleranz"),
    [("SOZ03", 0.35), ("DEM07", 0.35), ("GES01", 0.35), ("BIL08", 0.35), ("WOH02", 0.35)],
)
def test_counts_scatter_binomially_about_the_truth(indikator, toleranz, gezaehlt, wahre_werte, katalog):
    page = katalog.indikatoren[indikator]
    squares = []
    for day, counts in gezaehlt.items():
        part, whole = felder(counts, page.zaehler), felder(counts, page.nenner)
        p = wahre_werte.loc[day, indikator] / page.seite.faktor
        squares.append((part - whole * p) ** 2 / (whole * p * (1 - p)))
    mean = pd.concat(squares).mean()
    assert mean == pytest.approx(1, abs=toleranz)


def test_parts_never_exceed_their_wholes(gezaehlt, katalog):
    for counts in gezaehlt.values():
        for part, whole in TEILE:
            assert (counts[part] <= counts[whole]).all(), (part, whole)
        for key, indikator in katalog.indikatoren.items():
            if indikator.seite.art == "quote" and indikator.seite.anteil:
                assert (felder(counts, indikator.zaehler) <= felder(counts, indikator.nenner)).all(), key
        ages = counts.filter(regex=r"^melderegister\.ew_").sum(axis=1)
        assert (ages == counts["melderegister.ew"]).all()
        assert (counts["ba_akg.alo_sgb2"] + counts["ba_akg.alo_sgb3"] == counts["ba_akg.alo"]).all()
        assert counts["melderegister.ew"].between(700, 23_500).all()


def test_municipal_totals_follow_published_facts(gebiete, gezaehlt):
    facts = pd.read_csv(
        REGION / "eckwerte.csv", sep=";", decimal=",", dtype={"schluessel": str, "stichtag": str}
    )
    facts = facts[facts["merkmal"] == "Bevölkerung"].set_index(["stichtag", "schluessel"])["wert"]
    sums = gezaehlt["2021-12-31"]["melderegister.ew"].groupby(gebiete["kommune"]).sum()
    published = facts.loc["2021-12-31"].drop("05334")
    assert len(published) == 7
    assert (sums[published.index] == published).all()
    assert gezaehlt["2023-12-31"]["melderegister.ew"].sum() == pytest.approx(
        facts["2023-12-31", "05334"], abs=5
    )


# Deliveries


@pytest.fixture(scope="module")
def neu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("region")
    subprocess.run(
        [sys.executable, "-W", "error", str(ERZEUGER), "--ziel", str(target)], check=True, capture_output=True
    )
    return target


def test_generator_reproduces_what_is_shipped(neu):
    def listed(folder: Path) -> list[Path]:
        return sorted(
            path.relative_to(folder) for path in (folder / "lieferungen").rglob("*") if path.is_file()
        )

    assert listed(neu) == listed(REGION)
    for path in listed(neu):
        same = (neu / path).read_bytes() == (REGION / path).read_bytes()
        if path.suffix == ".xlsx":
            # The library may write the same cells in other bytes.
            assert same or zellen(neu / path) == zellen(REGION / path), path
        else:
            assert same or path.suffix == ".gpkg", path
    for name in ("wahrheit.csv", "wahrheit_anteile.csv"):
        assert (neu / name).read_text(encoding="utf-8") == (REGION / name).read_text(encoding="utf-8")
    packed = [gzip.decompress((folder / "wahrheit_werte.csv.gz").read_bytes()) for folder in (neu, REGION)]
    assert packed[0] == packed[1]
    old, new = (
        gpd.read_file(folder / "lieferungen/geometrie/sozialraeume.gpkg", layer="sozialraeume").set_index(
            "kennung"
        )
        for folder in (REGION, neu)
    )
    assert list(old.index) == list(new.index)
    # Simplification may differ between releases of the geometry library, the areas may not.
    overlap = old.geometry.intersection(new.geometry).area / old.geometry.union(new.geometry).area
    assert overlap.min() > 0.95


def test_workbooks_have_stable_bytes(erzeuger, tmp_path):
    sheet = erzeuger.dateien.Blatt("Tabelle1", [["a", 1], ["b", None]], ["A1:B1"], 2)
    for name in ("eins.xlsx", "zwei.xlsx"):
        erzeuger.dateien.schreibe_xlsx(tmp_path / name, sheet)
    first, second = ((tmp_path / name).read_bytes() for name in ("eins.xlsx", "zwei.xlsx"))
    assert first == second
    assert erzeuger.dateien.ZEITPUNKT == "2024-01-15T08:00:00Z"
    assert openpyxl.load_workbook(tmp_path / "eins.xlsx").properties.modified.year == 2024


def test_deliveries_are_small_and_marked():
    files = [path for path in LIEFERUNGEN.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 4_000_000
    for path in files:
        if path.suffix == ".xlsx":
            text = " ".join(
                str(c) for rows in zellen(path).values() for row in rows for c in row if c is not None
            )
        elif path.suffix == ".gpkg":
            text = " ".join(
                gpd.read_file(path, layer=layer)["herkunft"].iloc[0] for layer in ("sozialraeume", "kommunen")
            )
        else:
            text = _dekodiert(path)
        assert MARKE in text, path


def _dekodiert(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252")


def test_register_workbooks_add_up(erzeuger, gebiete, gezaehlt):
    """Read without the package: every block sums to its total, rows to the last row."""
    files = sorted((LIEFERUNGEN / "melderegister").glob("*.xlsx"))
    assert len(files) == 30
    seen: dict[str, int] = {}
    for path in files:
        (rows,) = zellen(path).values()
        start = next(n for n, row in enumerate(rows) if row[0] == "Sozialraum") + 3
        table = np.array([row[3:102] for row in rows[start:]], dtype=int)
        blocks = table.reshape(len(table), 9, 11)
        assert (blocks[:, :, :10].sum(axis=2) == blocks[:, :, 10]).all()
        german, foreign, total = blocks[:, 0:3], blocks[:, 3:6], blocks[:, 6:9]
        assert (german + foreign == total).all()
        assert (blocks[:, [0, 3, 6]] + blocks[:, [1, 4, 7]] == blocks[:, [2, 5, 8]]).all()
        assert (table[:-1].sum(axis=0) == table[-1]).all()
        assert rows[start:][-1][0] == "Insgesamt"
        assert rows[start:][-2][0] == "o. f. W."
        year = re.search(r"(\d{4})\.xlsx$", path.name)[1]
        seen[year] = seen.get(year, 0) + int(total[:-2, 2, 10].sum())
    expected = {day[:4]: int(counts["melderegister.ew"].sum()) for day, counts in gezaehlt.items()}
    assert seen == expected


def test_agency_workbook_hides_small_counts(gebiete):
    for path in (LIEFERUNGEN / "ba_akg").glob("*.xlsx"):
        rows = zellen(path)["AkG"]
        head, body = rows[0], rows[1:]
        cells = [cell for row in body for cell in row[4:]]
        assert not [cell for cell in cells if isinstance(cell, int) and cell < 10]
        assert {cell for cell in cells if isinstance(cell, str)} == {"*", "-"}
        frame = pd.DataFrame(body, columns=head)
        keys = frame["AGS"] + "/" + frame["Gliederung"]
        known = set(gebiete["aliase"].str.split("|").str[0])
        assert known <= set(keys)
        assert (frame["Gliederung"] == "SUMSUMSUM").sum() == 10
        assert (frame["Name"] == "keine Angabe").sum() == 10
        numbers = frame.assign(n=pd.to_numeric(frame["SVB_WO_15U65"], errors="coerce")).groupby("AGS")
        for _, part in numbers:
            total = part.loc[part["Gliederung"] == "SUMSUMSUM", "n"].item()
            inside = part.loc[keys[part.index].isin(known) | (part["Gliederung"] == "999999999"), "n"]
            assert inside.sum() == total


def test_divided_area_is_delivered_whole_before_its_division(erzeuger, gezaehlt):
    (old, parts), day = *erzeuger.plan.GETEILT.items(), erzeuger.plan.ZUSCHNITT_BIS
    rows = zellen(LIEFERUNGEN / "sozialamt" / f"SGB12_AsylbLG_Wohngeld_{day}.xlsx")["Auswertung"]
    keys = {str(row[0]).strip(): row for row in rows}
    assert "A 01" in keys
    assert not {"A 01a", "A 01b"} & set(keys)
    assert int(keys["A 01"][2]) == gezaehlt[day].loc[list(parts), "sozialamt.gsia"].sum()
    later = zellen(LIEFERUNGEN / "sozialamt" / "SGB12_AsylbLG_Wohngeld_2021-12-31.xlsx")["Auswertung"]
    assert {"A 01a", "A 01b"} <= {str(row[0]).strip() for row in later}
    shares = pd.read_csv(LIEFERUNGEN / "geometrie" / "umstieg_bis2019.csv", sep=";").set_index(["alt", "neu"])
    assert list(shares.index) == [(old, part) for part in parts]
    assert list(shares["ew"]) == list(gezaehlt[day].loc[list(parts), "melderegister.ew"])


def test_household_file_uses_the_windows_encoding_and_decimal_comma():
    for path in (LIEFERUNGEN / "haushalte").glob("*.csv"):
        raw = path.read_bytes()
        with pytest.raises(UnicodeDecodeError):
            raw.decode("utf-8")
        lines = raw.decode("cp1252").splitlines()
        assert lines.index("__________") == len(lines) - 4
        rows = [row for row in csv.reader(lines, delimiter=";") if row and re.fullmatch(r"\d{6}", row[0])]
        assert len(rows) == 93 + 10
        assert all(re.fullmatch(r"\d+,\d", row[8]) for row in rows)
        assert any("." in row[2] for row in rows)


def test_no_personal_data():
    """No table has more rows than areas, features and dates; no text points to a person."""
    person = re.compile(
        r"vorname|nachname|geburtsdatum|anschrift|hausnummer|telefon|e-mail|bg-nummer|aktenzeichen"
        r"|\S+@\S+\.\w+|\b0\d{2,5}[ /-]\d{4,}\b",
        re.IGNORECASE,
    )
    about_method = ("Zuordnung nach Anschrift", "keine Angabe = ")
    for path in LIEFERUNGEN.rglob("*"):
        if path.suffix == ".xlsx":
            tables = list(zellen(path).values())
        elif path.suffix in {".csv", ".txt"}:
            tables = [[(line,) for line in _dekodiert(path).splitlines()]]
        else:
            continue
        for rows in tables:
            assert len(rows) <= 93 * 7 * 3 + 2
            texts = [cell for row in rows for cell in row if isinstance(cell, str)]
            assert not [t for t in texts if person.search(t) and not t.startswith(about_method)], path
