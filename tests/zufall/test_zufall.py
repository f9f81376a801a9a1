"""A few regions at random in every run of the tests; hundreds by ``python tests/zufall --zahl 500``."""

from __future__ import annotations

from pathlib import Path

import kreis
import lauf
import pytest
import regeln

KLEIN = ((1, 1), (1, 1)), ((2, 2), (1, 1)), ((1, 1), (4, 7)), ((2, 3), (1, 3))
"""One area, Kommunen with one area each, a town, a small county; the second and the last seed have no outlines."""


@pytest.mark.parametrize(("seed", "groesse"), list(zip((1, 26, 6, 9, 25), (*KLEIN, KLEIN[3]), strict=True)))
def test_a_region_at_random_keeps_every_rule(seed: int, groesse: tuple, tmp_path: Path) -> None:
    drawn = kreis.ziehe(seed, groesse)
    found = regeln.pruefe(lauf.gehe(drawn, tmp_path, knapp=True))
    assert not found, f"{drawn.kurz()}: {found}"


def test_the_same_seed_gives_the_same_region(tmp_path: Path) -> None:
    one, other = (kreis.ziehe(17) for _ in range(2))
    assert one.kurz() == other.kurz()
    assert one.wahrheit.equals(other.wahrheit)


def test_a_wrong_number_a_secret_and_english_are_found(tmp_path: Path) -> None:
    """The rules themselves: what they are made for does not pass them."""
    result = lauf.gehe(kreis.ziehe(3, KLEIN[3]), tmp_path, je_notebook=0)
    assert not regeln.pruefe(result)
    first = result.kreis.wahrheit["status"] == "wert"
    result.kreis.wahrheit.loc[first[first].index[0], "wert"] += 1
    assert list(regeln.zahlen(result))
    result.kreis.stellen[0].mindestfallzahl = 10**9
    assert list(regeln.geheim(result))
    page = result.seiten[0]
    page.html = page.html.replace("<main", "<p>values missing</p><main", 1).replace(
        "</main>", '<a href="../x/y.html">y</a></main>'
    )
    assert list(regeln.deutsch(result))
    assert list(regeln.verweise(result))
    page.html += "x" * 10**6
    assert list(regeln.umfang(result))
    page.fehler = "Traceback"
    assert list(regeln.seiten(result))
