"""Texts of editors written in the browser, with the real service and the tiny region."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from conftest import Service, launch_real
from durchsicht import axe, zugang

KEY = "s3hr-geheimer-schluessel"
VORHER = '# von Hand\naenderungen:\n  - {bericht: kommunalprofil, ort: "05999012", baustein: kurz, zahlen: "00000000", text: Alt.}  # bleibt\n'
pytestmark = [pytest.mark.browser, pytest.mark.langsam]


@pytest.fixture(scope="module")
def dienst(tmp_path_factory: pytest.TempPathFactory, kleinregion_typ: Any) -> Iterator[Service]:
    """The internal service with the real notebooks."""
    place = tmp_path_factory.mktemp("redaktion")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(place / "daten"))
        patch.setenv("SOZIALANALYSE_REGION", str(place / "musterland"))
        region = kleinregion_typ(place / "musterland").schreibe()
        (region.ordner / "redaktion").mkdir()
        (region.ordner / "redaktion" / "hand.yml").write_text(VORHER, "utf-8")
        region.build()
    yield from launch_real(place, {"JUPYTER_TOKEN": KEY}, audience="intern", grenzen={"geduld": 90})


def dateien(dienst: Service) -> dict[str, str]:
    return {
        path.name: path.read_text("utf-8") for path in (dienst.folder / "musterland" / "redaktion").glob("*")
    }


def test_a_text_is_written_beside_its_numbers_and_taken_back(dienst: Service, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="de-DE")
    context.set_default_timeout(90_000)
    page = context.new_page()
    page.goto(f"{dienst.url}/live/sozialraumprofil?sozialraum=A+2&token={KEY}")
    assert page.locator("textarea").count() == 0, "numbers of this view are not those everybody sees"
    page.get_by_role("link", name="Texte ändern").click()
    form = page.locator("form:has(input[name=baustein][value=kurz])")
    numbers, generated = (
        form.locator(f"input[name={name}]").get_attribute("value") for name in ("zahlen", "erzeugt")
    )
    assert form.count() == 1
    assert not form.is_visible(), "folded until somebody wants to write"
    page.locator(".sa-textform", has=form).locator("summary").click()
    assert axe(page) == []
    form.get_by_label("Text", exact=True).fill("  Neu:  „eins“\n\n\nZwei # kein Kommentar ")
    form.get_by_role("button", name="Speichern").click()
    assert "Ihr Name oder Kürzel: Bitte angeben" in page.locator("[role=alert]").inner_text()
    assert page.get_by_label("Text", exact=True).input_value().startswith("Neu: „eins“"), (
        "nothing typed is lost"
    )
    assert page.get_by_label("Ihr Name").get_attribute("aria-invalid") == "true"
    page.set_viewport_size({"width": 390, "height": 900})
    assert axe(page) == []
    assert not page.evaluate(zugang()["ZU_BREIT"])
    assert "browser.yml" not in dateien(dienst)
    page.get_by_label("Ihr Name").fill("K. Muster")
    page.get_by_role("button", name="Speichern").click()
    page.wait_for_url("**/live/sozialraumprofil?**")
    box = page.locator(".sa-kurz")
    assert box.locator("li").all_inner_texts() == ["Neu: „eins“", "Zwei # kein Kommentar"]
    assert "Von der Redaktion geändert." in box.inner_text()
    assert "K. Muster" not in box.inner_text()
    (entry,) = yaml.safe_load(dateien(dienst)["browser.yml"])["aenderungen"]
    assert entry == {"bericht": "sozialraumprofil", "ort": "A 2", "baustein": "kurz", "zahlen": numbers,
                     "text": "Neu: „eins“\n\nZwei # kein Kommentar", "wer": "K. Muster", "wann": date.today()}  # fmt: skip
    assert dateien(dienst)["hand.yml"] == VORHER
    form = page.locator("form:has(input[name=baustein][value=kurz])")
    page.locator(".sa-textform", has=form).locator("summary").click()
    assert "K. Muster" in form.inner_text()
    form.get_by_role("button", name="Erzeugten Text").click()
    page.wait_for_url("**/live/sozialraumprofil?**")
    assert "Von der Redaktion" not in page.locator(".sa-kurz").inner_text()
    assert generated.split("\n\n") == page.locator(".sa-kurz li").all_inner_texts()
    assert not yaml.safe_load(dateien(dienst)["browser.yml"])["aenderungen"]
    context.close()


def schicke(dienst: Service, cookie: str = "", **anderes: str) -> Any:
    """Send the form by hand."""
    values = {"bericht": "kommunalprofil", "ort": "05999012", "baustein": "kurz", "zahlen": "abcdef01",
              "fassung": anderes.pop("fassung", ""), "erzeugt": "", "text": "Ein Satz.", "wer": "K"}  # fmt: skip
    headers = {name: anderes.pop(name) for name in list(anderes) if name[0].isupper()}
    if cookie:
        headers["Cookie"] = cookie
    return dienst.get("/redaktion", "POST", urlencode(values | anderes).encode(), **headers)


def test_nobody_else_writes_and_nothing_else_is_written(dienst: Service) -> None:
    before = dateien(dienst)
    body = urlencode({"schluessel": KEY, "next": "/"}).encode()
    cookie = dienst.get("/anmelden", "POST", body).headers["Set-Cookie"].split(";")[0]
    assert schicke(dienst).status in (302, 403), "without the key"
    assert schicke(dienst, cookie, Origin="https://boese.example").status == 403
    assert schicke(dienst, cookie, Sec_Fetch_Site="cross-site").status == 403
    for wrong in ({"bericht": "atlas"}, {"ort": "05999999"}, {"ort": ""}, {"baustein": "../x"}, {"zahlen": "x"}, {"text": ""},
                  {"wer": ""}, {"text": "x" * 5001}, {"text": "a\u0007b"}):  # fmt: skip
        assert schicke(dienst, cookie, **wrong).status == 400, wrong
    old = schicke(dienst, cookie)  # somebody has written there since the form was opened
    assert old.status == 400
    assert "hat inzwischen jemand geändert" in old.text
    assert "Ein Satz." in old.text
    assert "Alt." in old.text
    assert dateien(dienst) == before
    known = re.search(r'name="fassung" value="([^"]+)"', old.text)
    assert known
    assert schicke(dienst, cookie, fassung=known[1]).status == 303, "whoever has seen it may replace it"
    changed = dateien(dienst)["hand.yml"]
    assert "# von Hand" in changed
    assert "# bleibt" in changed
    assert yaml.safe_load(changed)["aenderungen"][0] | {"wann": 0} == {
        "bericht": "kommunalprofil", "ort": "05999012", "baustein": "kurz", "zahlen": "abcdef01", "text": "Ein Satz.",
        "wer": "K", "wann": 0,
    }  # fmt: skip
