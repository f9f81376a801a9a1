"""Internal pages open with the key only, and the key does not stay in addresses."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from conftest import Service, region_folder, start, stop
from test_serve_links import seen

KEY = "s3hr-geheimer-schluessel"


@pytest.fixture(scope="module")
def intern(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("intern")
    region_folder(place)
    service = start(place, audience="intern", env={"JUPYTER_TOKEN": KEY})
    yield service
    stop(service)


def cookie(service: Service, **headers: str) -> str:
    """Log in by form and return the cookie."""
    body = urlencode({"schluessel": KEY, "next": "/live/varianz"}).encode()
    answer = service.get("/anmelden", "POST", body, **headers)
    assert (answer.status, answer.headers["Location"]) == (302, "/live/varianz")
    return answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "path",
    ["/", "/live/varianz", "/berichte/index.html", "/berichte/x.csv", "/live/varianz/" + "0" * 32 + ".csv"],
)
def test_without_key_there_is_only_the_login(intern: Service, path: str) -> None:
    answer = intern.get(path)
    assert answer.status == 302
    assert answer.headers["Location"].startswith("/anmelden?next=")
    assert intern.health["offen"] == 0


def test_login_page_is_german_and_refuses_a_wrong_key(intern: Service) -> None:
    page = intern.get("/anmelden")
    assert page.status == 200
    assert '<label for="schluessel">' in page.text
    wrong = intern.get("/anmelden", "POST", b"schluessel=falsch")
    assert wrong.status == 401
    assert "Dieser Schlüssel stimmt nicht" in wrong.text
    assert "Set-Cookie" not in wrong.headers


def test_login_leads_on_and_only_within_this_service(intern: Service) -> None:
    body = urlencode({"schluessel": KEY, "next": "//boese.example/"}).encode()
    assert intern.get("/anmelden", "POST", body).headers["Location"] == "/"
    assert intern.get("/anmelden", "POST", body, Origin="https://boese.example").status == 403


def test_cookie_is_safe_and_opens_internal_pages(intern: Service) -> None:
    given = cookie(intern)
    assert "HttpOnly" in given
    assert "SameSite=Lax" in given
    assert "Secure" not in given
    assert "Secure" in cookie(intern, X_Forwarded_Proto="https"), "behind a proxy that speaks TLS"
    name = given.split(";")[0]
    assert seen(intern.get("/live/varianz", Cookie=name).text)[2] == "intern"
    assert seen(intern.get("/live/varianz?audience=oeffentlich", Cookie=name).text)[2] == "oeffentlich"
    assert intern.get("/", Cookie=name).status == 200


def test_key_in_a_link_is_taken_and_removed(intern: Service) -> None:
    answer = intern.get(f"/live/varianz?thema=arbeit&token={KEY}")
    assert answer.status == 302
    assert answer.headers["Location"] == "/live/varianz?thema=arbeit"
    assert "Set-Cookie" in answer.headers
    assert intern.get("/live/varianz?token=falsch").headers["Location"].startswith("/anmelden")


def test_health_and_legal_page_are_open_and_the_key_is_in_no_log(intern: Service) -> None:
    assert intern.health["zielgruppe"] == "intern"
    assert intern.get("/berichte/rechtliches.html").status == 200
    assert intern.get("/robots.txt").text.endswith("Disallow: /\n")
    assert KEY in intern.lines[0], "printed once with the address"
    assert KEY not in (intern.folder / "log").read_text()
