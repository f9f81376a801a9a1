"""Views of a real PostGIS database: one moment, read only, nothing but views; without one these tests are skipped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sozialanalyse import build, cli
from sozialanalyse.fetch import datenbank
from sozialanalyse.region import PostgisAbruf

ANLEGEN = """
create extension postgis;
create table zahlen (gebiet text, tag date, einwohner int, alte int);
insert into zahlen values ('A 1a', '2023-12-31', 1200, 240), ('A 1b', '2023-12-31', 800, 200), ('A 2', '2023-12-31', 2000, null);
create view einwohner as select * from zahlen;
create schema statistik;
create view statistik.flaechen as select gebiet, einwohner, st_setsrid(st_makebox2d(st_point(300000, 5600000), st_point(301000, 5601000)), 25832)::geometry as form from zahlen;
create view ohne_srid as select gebiet, st_point(1, 2) as form from zahlen;
create view gemischt as select gebiet, case when gebiet = 'A 2' then st_setsrid(st_point(300000, 5600000), 25832) else st_setsrid(st_makebox2d(st_point(300000, 5600000), st_point(301000, 5601000)), 25832)::geometry end as form from zahlen;
create view personen as select gebiet as "Gebiet", 'Muster' as "Nachname", date '2000-01-01' as "Geburtsdatum", 1 as "Fall" from zahlen;
create view schreibbar as select gebiet from zahlen;
create view verboten as select gebiet from zahlen;
create role leser login;
grant usage on schema statistik to leser;
grant select on einwohner, statistik.flaechen, ohne_srid, gemischt, personen, schreibbar to leser;
grant insert on schreibbar to leser;
"""


@pytest.fixture(scope="session")
def postgis() -> Iterator[str]:
    """Address of a database with the views; a server of its own, gone afterwards."""
    pytest.importorskip("psycopg", reason="psycopg fehlt")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    places = [
        path
        for path in found
        if list(Path("/usr/share/postgresql").glob(f"{path.parts[4]}/extension/postgis.control"))
    ]
    if not places:
        pytest.skip("PostgreSQL mit PostGIS ist nicht eingerichtet (Debian: apt install postgresql-postgis)")
    tools = places[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # names of sockets are short
    before: list[str] = []
    if os.geteuid() == 0:
        if not shutil.which("runuser"):
            pytest.skip("PostgreSQL startet nicht als root")
        shutil.chown(folder, "postgres")
        before = ["runuser", "-u", "postgres", "--"]

    def run(*command: str) -> None:
        subprocess.run([*before, *command], check=True, capture_output=True, cwd="/", timeout=60)

    data = str(folder / "daten")
    options = (
        f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c shared_buffers=16MB"
    )
    try:
        run(
            str(tools / "initdb"),
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            "chef",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        )
        run(str(tools / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        run(
            str(tools / "psql"),
            "-h",
            str(folder),
            "-U",
            "chef",
            "-d",
            "postgres",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            ANLEGEN,
        )
        yield f"host={folder} dbname=postgres"
    finally:
        subprocess.run(
            [*before, str(tools / "pg_ctl"), "-D", data, "-m", "immediate", "stop"],
            capture_output=True,
            cwd="/",
        )
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def leser(postgis: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(datenbank.VERBINDUNG, f"{postgis} user=leser")
    return postgis


def abruf(sicht: str, datei: str = "db/x.csv") -> PostgisAbruf:
    return PostgisAbruf(quelle="postgis", datei=datei, sicht=sicht)


def test_a_view_as_the_server_writes_it(leser):
    (_, content, origin), (_, again, other) = datenbank.hole([abruf("einwohner"), abruf("public.einwohner")])
    assert (
        content.decode()
        == "gebiet;tag;einwohner;alte\nA 1a;2023-12-31;1200;240\nA 1b;2023-12-31;800;200\nA 2;2023-12-31;2000;\n"
    )
    assert content == again
    assert origin["stand"] == other["stand"]  # one moment for both
    assert origin["version"].startswith("PostgreSQL ")
    assert origin["spalten"] == ["gebiet", "tag", "einwohner", "alte"]


def test_shapes_become_geojson_in_degrees(leser):
    ((_, content, origin),) = datenbank.hole([abruf("statistik.flaechen", "db/x.geojson")])
    found = json.loads(content)
    assert found["features"][0]["properties"] == {"gebiet": "A 1a", "einwohner": 1200}
    west, south = found["features"][0]["geometry"]["coordinates"][0][0]
    assert (5 < west < 7, 50 < south < 51) == (True, True)
    assert origin["spalten"][-1] == "form"


def test_the_session_cannot_write(leser):
    import psycopg

    with datenbank._session(psycopg) as session, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        session.execute("insert into schreibbar values ('x')")


@pytest.mark.parametrize(
    ("sicht", "satz"),
    [
        ("fehlt", "Die Sicht „fehlt“ gibt es in der Datenbank nicht"),
        ("zahlen", "ist keine Sicht"),
        ("verboten", "darf „verboten“ nicht lesen"),
        ("schreibbar", "auch schreiben"),
        ("ohne_srid", "SRID 0"),
        ("gemischt", "mischt Arten von Umrissen"),
    ],
)
def test_what_is_refused(leser, sicht, satz):
    with pytest.raises(datenbank.DatenbankFehler, match=satz):
        datenbank.hole([abruf(sicht)])


def test_no_free_query_stands_on_a_page():
    for text in ("select * from zahlen", "einwohner; drop table zahlen", 'x" y', "a.b.c", ""):
        with pytest.raises(ValueError, match="sicht"):
            abruf(text)


def test_no_database_and_wrong_password_are_told_without_it(monkeypatch):
    pytest.importorskip("psycopg")
    monkeypatch.delenv(datenbank.VERBINDUNG, raising=False)
    with pytest.raises(datenbank.DatenbankFehler, match="SOZIALANALYSE_POSTGIS"):
        datenbank.hole([abruf("einwohner")])
    monkeypatch.setenv(datenbank.VERBINDUNG, "host=127.0.0.1 port=9 password=geheim99 dbname=x")
    with pytest.raises(datenbank.DatenbankFehler, match="nicht zu erreichen") as caught:
        datenbank.hole([abruf("einwohner")])
    assert "geheim99" not in str(caught.value)


def test_from_the_view_to_the_snapshot(leser, kleinregion, capsys):
    page = kleinregion.seiten["register"].replace("dateien: register/*.xlsx", "abruf: {quelle: postgis, datei: register/ew.csv, sicht: einwohner}\ndateien: register/*.csv\nvollstaendig: false")  # fmt: skip
    start, end = page.index("tabelle:"), page.index("felder:")
    table = 'tabelle:\n  format: csv\n  dezimal: "."\n  schluessel: {spalten: [gebiet]}\n  stichtag: {aus: spalte, spalte: tag}\n'
    page = page[:start] + table + page[end:]
    page = page.replace("Einwohner | insgesamt", "einwohner").replace("Einwohner | 65 und älter", "alte")
    page = page.replace(
        "  medianalter: {spalte: Medianalter, einheit: Jahre, max: 120, summierbar: false}\n", ""
    )
    page = "\n".join(line for line in page.splitlines() if "MEDIAN" not in line) + "\n"
    kleinregion.seiten["register"] = page.replace('".": {status: unbekannt}', '"": {status: unbekannt}')
    kleinregion.region_yml = kleinregion.region_yml.replace('register: {"-": {status: null_exakt}, ', 'register: {"": {status: unbekannt}, "-": {status: null_exakt}, ')  # fmt: skip
    kleinregion.schreibe()
    assert cli.main(["holen", "--region", str(kleinregion.ordner)]) == 0
    build.build(kleinregion.ordner)
    values = kleinregion.daten().werte("EW", "2023-12-31").set_index("gebiet_id")["wert"]
    assert values["A 1b"] == 800
    (kleinregion.ordner / "indikatoren" / "register.yml").write_text(page.replace("sicht: einwohner", "sicht: personen").replace("[gebiet]", "[Gebiet]"), encoding="utf-8")  # fmt: skip
    before = (kleinregion.lieferungen / "register" / "ew.csv").read_bytes()
    assert cli.main(["holen", "--region", str(kleinregion.ordner)]) == 1
    assert (kleinregion.lieferungen / "register" / "ew.csv").read_bytes() == before
