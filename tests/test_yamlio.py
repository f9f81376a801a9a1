"""YAML of planners: nothing is reinterpreted, every fault has its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from sozialanalyse.base import yamlio
from sozialanalyse.base.errors import Befund, PruefFehler, vorschlag


def lies(folder: Path, text: str | bytes) -> yamlio.Dokument:
    path = folder / "seite.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return yamlio.lesen(path)


def fault(folder: Path, text: str | bytes) -> Befund:
    with pytest.raises(PruefFehler) as caught:
        lies(folder, text)
    (befund,) = caught.value.befunde
    assert befund.datei.endswith("seite.yml")
    return befund


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12", 12), ("-3", -3), ("1.5", 1.5), ("0", 0), ("0.5", 0.5), ("true", True), ("false", False),
        ("NO", "NO"), ("yes", "yes"), ("on", "on"), ("8:30", "8:30"), ("1e3", "1e3"), ("0x1F", "0x1F"),
        ('"05315000"', "05315000"), ("05 315", "05 315"), ("2023-12-31", date(2023, 12, 31)), ("~", None), ("Würselen", "Würselen"),
    ],
)  # fmt: skip
def test_values_mean_what_they_look_like(tmp_path, written, read):
    found = lies(tmp_path, f"wert: {written}\n").inhalt["wert"]
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize("ags", ["05315000", "09162000", "05334002", "007"])
def test_leading_zero_is_refused(tmp_path, ags):
    befund = fault(tmp_path, f"runs:\n  - name: a\n    ags: {ags}\n")
    assert befund.zeile == 3
    assert (
        f'„{ags}“ beginnt mit einer Null und würde als Zahl gelesen. Bitte in Anführungszeichen setzen: "{ags}".'
        in str(befund)
    )


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "kein gültiges YAML"),
        ("a: 1\n  b: 2\n", 2, "kein gültiges YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "Der Eintrag „a“ steht zweimal da."),
        ("x:\n  a: 1\n  a: 1\n", 3, "zweimal"),
        ("a: *fehlt\n", 1, "kein gültiges YAML"),
        ("? [a, b]\n: 1\n", 1, "einfacher „Name“"),
        ("a: !!python/object:os.system x\n", 1, "kein gültiges YAML"),
        ("a: \x07\n", None, "unzulässige Zeichen"),
        ("a: Würselen\n".encode("cp1252"), None, "nicht in UTF-8"),
        ("a: 1\n---\nb: 2\n", 2, "kein gültiges YAML"),
    ],
)  # fmt: skip
def test_broken_yaml(tmp_path, text, line, sentence):
    befund = fault(tmp_path, text)
    assert sentence in befund.text
    assert befund.zeile == line
    assert "Traceback" not in str(befund)


def test_missing_and_empty(tmp_path):
    with pytest.raises(PruefFehler, match=r"Die Datei fehlt\. Bitte anlegen\."):
        yamlio.lesen(tmp_path / "fehlt.yml")
    with pytest.raises(PruefFehler, match="lässt sich nicht öffnen"):
        yamlio.lesen(tmp_path)
    assert lies(tmp_path, "").inhalt == {}
    assert lies(tmp_path, b"\xef\xbb\xbfa: 1\n").inhalt == {"a": 1}


class Innen(BaseModel):
    model_config = ConfigDict(extra="forbid")
    zahl: int = Field(default=1, ge=1)
    art: Literal["quote", "anzahl"] = "quote"


class Aussen(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    innen: dict[str, Innen] = Field(default_factory=dict)
    spalte: str | list[str] = "a"
    tag: date = date(2023, 12, 31)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("spalte: a\n", 1, "name: Diese Angabe fehlt. Bitte ergänzen."),
        ("name: a\nspallte: a\n", 2, "spallte: Diese Angabe ist unbekannt. Gemeint ist vielleicht: „spalte“."),
        ("name: a\ninnen:\n  x:\n    zahll: 1\n", 4, "innen → x → zahll: Diese Angabe ist unbekannt. Gemeint ist vielleicht: „zahl“."),
        ("name: a\ninnen:\n  x: {zahl: 0}\n", 3, "innen → x → zahl: „0“ ist nicht zulässig: Der Wert muss mindestens 1 sein."),
        ("name: a\ninnen:\n  x: {zahl: drei}\n", 3, "Erwartet wird eine ganze Zahl, gefunden wurde der Text „drei“."),
        ("name: a\ninnen:\n  x: {art: rate}\n", 3, "„rate“ ist hier nicht möglich. Möglich: „quote“, „anzahl“."),
        ("name: 7\n", 1, "name: Erwartet wird Text, gefunden wurde die Zahl „7“. Bitte in Anführungszeichen setzen."),
        ("name: a\nspalte: [b, 7]\n", 2, "spalte → 1: Erwartet wird Text, gefunden wurde die Zahl „7“."),
        ("name: a\nspalte: 7\n", 2, "spalte: Erwartet wird Text, gefunden wurde die Zahl „7“."),
        ("name: a\ntag: 31.12.2023\n", 2, "„31.12.2023“ ist kein Datum. Bitte als JJJJ-MM-TT schreiben"),
        ("- a\n", 1, "Dokument: Erwartet werden eingerückte Angaben, gefunden wurde eine Liste."),
        ("name: a\ninnen: [1]\n", 2, "innen: Erwartet werden eingerückte Angaben, gefunden wurde eine Liste."),
    ],
)  # fmt: skip
def test_findings_of_the_model_are_german_sentences(tmp_path, text, line, sentence):
    with pytest.raises(PruefFehler) as caught:
        yamlio.pruefen(Aussen, lies(tmp_path, text))
    (befund,) = caught.value.befunde
    assert sentence in str(befund)
    assert befund.zeile == line


def test_all_findings_at_once(tmp_path):
    with pytest.raises(PruefFehler) as caught:
        yamlio.pruefen(Aussen, lies(tmp_path, "innen:\n  x: {zahl: a}\n  y: {art: b}\ntag: c\n"))
    assert [befund.zeile for befund in caught.value.befunde] == [1, 2, 3, 4]


def test_suggestions():
    assert vorschlag("arbeitt", ["arbeit", "bildung"]) == "Gemeint ist vielleicht: „arbeit“."
    assert vorschlag("x", ["arbeit", "bildung"]) == "Es gibt: „arbeit“, „bildung“."
    assert vorschlag("x", map(str, range(20))).endswith("„11“ und 8 weitere.")
    assert vorschlag("x", []) == ""
