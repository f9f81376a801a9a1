"""Named views of a PostgreSQL or PostGIS database, all as of one moment, by a session that cannot write.

No page holds a query: what may be read is decided by whoever defines the view. The connection comes from the
environment (``SOZIALANALYSE_POSTGIS``, a password better from ``.pgpass``) and stands in no file and no message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sozialanalyse.base import GROESSTE_ANTWORT, MEGABYTE, LaufFehler
from sozialanalyse.region import PostgisAbruf

if TYPE_CHECKING:
    import psycopg

VERBINDUNG = "SOZIALANALYSE_POSTGIS"
Datei = tuple[str, bytes, dict[str, Any]]
_SICHTEN = {"v": "Sicht", "m": "gespeicherte Sicht"}
_FLAECHEN = {"POLYGON", "MULTIPOLYGON"}


class DatenbankFehler(LaufFehler):
    """The database cannot be read as a page says."""


def hole(abrufe: Sequence[PostgisAbruf]) -> list[Datei]:
    """Read all views in one transaction that sees one state and cannot write.

    Raises
    ------
    DatenbankFehler
        If the database cannot be reached, or a view is missing, no view, or without a coordinate system.
    """
    try:
        import psycopg
        from psycopg import sql
    except ImportError:
        raise DatenbankFehler("Für PostGIS fehlt ein Baustein. Bitte einrichten mit: pip install 'sozialanalyse[postgis]'.") from None  # fmt: skip
    with _session(psycopg) as session:
        try:
            told = _moment(session)
            return [_view(session, sql, abruf, told) for abruf in abrufe]
        except psycopg.Error as error:
            raise DatenbankFehler(
                f"Die Datenbank hat abgebrochen: {_sentence(error)}. Es wurde nichts abgelegt."
            ) from None


@contextmanager
def _session(psycopg: Any) -> Iterator[psycopg.Connection[Any]]:
    named = os.environ.get(VERBINDUNG, "")
    if not named:
        raise DatenbankFehler(f"Es ist keine Datenbank genannt. Bitte die Umgebungsvariable {VERBINDUNG} setzen, zum Beispiel auf „host=rechner dbname=statistik user=leser“.")  # fmt: skip
    try:
        session = psycopg.connect(named, connect_timeout=10, application_name="sozialanalyse", options="-c default_transaction_read_only=on -c statement_timeout=120s")  # fmt: skip
    except psycopg.Error as error:
        raise DatenbankFehler(
            f"Die Datenbank ist nicht zu erreichen: {_sentence(error)}. Bitte {VERBINDUNG} prüfen."
        ) from None
    with session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.read_only = True
        yield session


def _sentence(error: Exception) -> str:
    """First line of what the database says, without anything that looks like a secret."""
    line = (str(error).strip().splitlines() or ["ohne Angabe von Gründen"])[-1]
    return re.sub(r"(password|passwort)\s*=\s*\S+", r"\1=…", line, flags=re.IGNORECASE)[:200]


def _moment(session: psycopg.Connection[Any]) -> dict[str, str]:
    row = session.execute(
        "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), pg_current_snapshot()::text, "
        "current_setting('server_version'), current_database()"
    ).fetchone()
    assert row is not None
    return {"zeit": row[0], "stand": row[1], "version": f"PostgreSQL {row[2]}", "server": row[3]}


def _view(session: psycopg.Connection[Any], sql: Any, abruf: PostgisAbruf, told: dict[str, str]) -> Datei:
    schema, _, name = abruf.sicht.rpartition(".")
    schema = schema or "public"
    found = session.execute(
        "select c.oid, c.relkind::text, has_table_privilege(c.oid, 'SELECT'), "
        "has_table_privilege(c.oid, 'INSERT') or has_table_privilege(c.oid, 'UPDATE') or has_table_privilege(c.oid, 'DELETE') "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = %s and c.relname = %s",
        (schema, name),
    ).fetchone()
    if found is None:
        raise DatenbankFehler(
            f"Die Sicht „{abruf.sicht}“ gibt es in der Datenbank nicht. Bitte „abruf → sicht“ prüfen."
        )
    oid, kind, may_read, may_write = found
    if kind not in _SICHTEN:
        raise DatenbankFehler(f"„{abruf.sicht}“ ist keine Sicht. Gelesen werden nur Sichten; bitte eine anlegen lassen, die genau das Nötige zeigt.")  # fmt: skip
    if not may_read:
        raise DatenbankFehler(
            f"Das Datenbankkonto darf „{abruf.sicht}“ nicht lesen. Bitte das Leserecht vergeben lassen."
        )
    if may_write:
        raise DatenbankFehler(f"Das Datenbankkonto dürfte in „{abruf.sicht}“ auch schreiben. Bitte ein Konto verwenden, das nur lesen darf.")  # fmt: skip
    columns = [
        (str(one), str(kind))
        for one, kind in session.execute(
            "select attname, format_type(atttypid, null) from pg_attribute where attrelid = %s and attnum > 0 and not attisdropped "
            "order by attnum",
            (oid,),
        ).fetchall()
    ]
    shapes = [one for one, kind in columns if kind.rpartition(".")[2] in ("geometry", "geography")]
    plain = [one for one, _ in columns if one not in shapes]
    table = sql.Identifier(schema, name)
    origin = {"quelle": "postgis", "sicht": f"{schema}.{name}", "spalten": plain + shapes, **told}
    if not shapes:
        return abruf.datei, _csv(session, sql, table, plain), origin
    return abruf.datei, _geojson(session, sql, table, plain, shapes, abruf.sicht), origin


def _csv(session: psycopg.Connection[Any], sql: Any, table: Any, columns: list[str]) -> bytes:
    """The view as the server itself writes it, in an order that does not depend on how it is stored."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    order = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(one)) for one in columns)
    query = sql.SQL("copy (select {} from {} order by {}) to stdout with (format csv, header, delimiter ';', encoding 'UTF8')").format(names, table, order)  # fmt: skip
    parts, size = [], 0
    with session.cursor() as cursor, cursor.copy(query) as stream:
        for part in stream:
            size += len(part)
            if size > GROESSTE_ANTWORT:
                raise DatenbankFehler(f"Die Sicht ist größer als {GROESSTE_ANTWORT // MEGABYTE} MB. Bitte eine Sicht mit weniger Zeilen anlegen lassen.")  # fmt: skip
            parts.append(bytes(part))
    return b"".join(parts)


def _geojson(session: psycopg.Connection[Any], sql: Any, table: Any, plain: list[str], shapes: list[str], sicht: str) -> bytes:  # fmt: skip
    if len(shapes) > 1:
        raise DatenbankFehler(
            f"Die Sicht „{sicht}“ hat mehrere Spalten mit Umrissen ({', '.join(shapes)}). Bitte eine davon weglassen."
        )
    shape = sql.Identifier(shapes[0])
    kinds = session.execute(
        sql.SQL(
            "select st_srid({0}::geometry), geometrytype({0}::geometry), count(*) from {1} where {0} is not null group by 1, 2"
        ).format(shape, table)
    ).fetchall()
    if any(srid == 0 for srid, _, _ in kinds):
        raise DatenbankFehler(f"Die Umrisse der Sicht „{sicht}“ nennen kein Koordinatensystem (SRID 0). Bitte in der Datenbank mit ST_SetSRID ergänzen lassen.")  # fmt: skip
    found = {str(kind) for _, kind, _ in kinds}
    if len(found) > 1 and not found <= _FLAECHEN:
        raise DatenbankFehler(
            f"Die Sicht „{sicht}“ mischt Arten von Umrissen ({', '.join(sorted(found))}). Bitte je Art eine Sicht anlegen lassen."
        )
    names = sql.SQL(", ").join(map(sql.Identifier, plain))
    order = (
        sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(one)) for one in plain)
        if plain
        else sql.SQL("1")
    )
    query = sql.SQL(
        "copy (select json_build_object('type', 'Feature', 'geometry', st_asgeojson(st_transform({0}::geometry, 4326), 9)::json, 'properties', "
        "(select row_to_json(p) from (select {1}) p))::text from {2} v order by {3}) to stdout with (format csv, quote E'\\b', delimiter E'\\x01', encoding 'UTF8')"
    ).format(shape, names, table, order)
    lines, size = [], 0
    with session.cursor() as cursor, cursor.copy(query) as stream:
        for part in stream:
            size += len(part)
            if size > GROESSTE_ANTWORT:
                raise DatenbankFehler(f"Die Sicht ist größer als {GROESSTE_ANTWORT // MEGABYTE} MB. Bitte eine Sicht mit weniger Zeilen anlegen lassen.")  # fmt: skip
            lines.append(bytes(part).rstrip(b"\n"))
    return b'{"type": "FeatureCollection", "features": [\n' + b",\n".join(lines) + b"\n]}\n"
