"""A service for one Kommune shows the public pages and its own, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Service, region_folder, start, stop
from test_serve_links import seen

KEY = {"Authorization": "token s3hr-geheimer-schluessel"}
PAGE = "<!doctype html><html lang=de><title>x</title><p>gerade gelesen</p></html>"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("kommune")
    region_folder(place)
    for folder in ("oeffentlich", "intern", "kommune-00000001", "kommune-00000002"):
        file = Path(place / "ergebnisse" / "musterkreis" / folder / "varianz" / "gesamt.html")
        file.parent.mkdir(parents=True)
        file.write_text(PAGE, encoding="utf-8")
    key = KEY["Authorization"].removeprefix("token ")
    service = start(place, audience="kommune:00000001", env={"JUPYTER_TOKEN": key})
    yield service
    stop(service)


def test_nothing_opens_without_the_key(own: Service) -> None:
    assert own.get("/berichte/kommune-00000001/varianz/gesamt.html").status == 302
    assert own.get("/live/varianz").status == 302


@pytest.mark.parametrize(("folder", "status"), [
    ("", 200), ("kommune-00000001/", 200), ("kommune-00000002/", 404), ("intern/", 404),
    ("oeffentlich/", 301), ("oeffentlich/../intern/", 404), ("oeffentlich/intern/", 404),
    ("varianz/../intern/", 404), ("%69ntern/", 404),
])  # fmt: skip
def test_only_its_own_folder_and_the_public_one_are_read(own: Service, folder: str, status: int) -> None:
    found = own.get(f"/berichte/{folder}varianz/gesamt.html", **KEY)
    assert (found.status, "gerade gelesen" in found.text) == (status, status == 200)


@pytest.mark.parametrize(("link", "status"), [
    ("?audience=intern", 403), ("?audience=kommune:00000002", 403),
    ("?audience=oeffentlich&audience=intern", 403),
])  # fmt: skip
def test_other_audiences_are_refused_before_a_kernel_starts(own: Service, link: str, status: int) -> None:
    assert own.get(f"/live/varianz{link}", **KEY).status == status
    assert own.health["offen"] == 0


def test_a_link_without_audience_is_of_this_one(own: Service) -> None:
    assert seen(own.get("/live/varianz", **KEY).text)[2] == "kommune:00000001"
    assert "Disallow: /\n" in own.get("/robots.txt").text
