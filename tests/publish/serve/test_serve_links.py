"""What a link opens: checked parameters, German refusals, finished files, and nothing else."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from conftest import Service

ENGLISH = re.compile(r"\b(error|exception|traceback|not found|forbidden|unexpected|please|page)\b", re.I)


def visible(page: str) -> str:
    """Words of a page without markup, style and script."""
    bare = re.sub(r"<(style|script)[^>]*>.*?</\1>", " ", page, flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", bare))


def seen(page: str) -> list[str]:
    """The parameters the notebook says it got."""
    found = re.search(r'id="sieht">(\[.*?\])<', page)
    assert found, page[-2000:]
    return json.loads(unescape(found[1]))


def test_parameters_of_the_link_reach_the_notebook(public: Service) -> None:
    page = public.get("/live/varianz?stichtag=2023-12-31&thema=arbeit").text
    assert seen(page) == ["2023-12-31", "", "oeffentlich"]
    assert 'aria-label="Ein Quadrat"' in page
    assert "Demodaten – frei erfunden" in page
    assert "musterkreis" in page, "the kernel knows the region"


def test_no_query_and_no_secret_in_the_environment_of_a_kernel(public: Service) -> None:
    assert 'id="umgebung">[]<' in public.get("/live/varianz?thema=arbeit").text


@pytest.mark.parametrize("switch", ["template=lab", "theme=dark", "template=../../lab"])
def test_switches_of_voila_have_no_effect(public: Service, switch: str) -> None:
    page = public.get(f"/live/varianz?{switch}")
    assert page.status == 200
    assert "/statisch/" in page.text
    assert "jsdelivr" not in page.text


def test_source_is_stripped(public: Service) -> None:
    page = public.get("/live/cluster").text
    assert "import json" not in page
    assert "typen =" not in page


def test_a_wrong_value_is_mended_at_its_field_and_the_rest_is_kept(public: Service) -> None:
    page = public.get("/live/cluster?typen=99&verfahren=ward&themen=arbeit&nix=%3Cb%3E").text
    form = page[page.index("<form") : page.index("</form>")]
    assert 'action="/live/cluster"' in form
    assert '<label for="f-typen">Typen</label>' in form
    assert re.search(
        r'name="typen" type="text" value="99"[^>]*aria-invalid="true" aria-describedby="f-typen-h"', form
    )
    assert "2 bis 8 Typen" in form
    assert 'type="hidden" name="verfahren" value="ward"' in form
    assert 'type="hidden" name="themen" value="arbeit"' in form
    assert "nix" not in form, "what no page knows is not asked for again"
    assert "nix: Diese Angabe ist unbekannt" in page
    assert "<form" not in public.get("/live/cluster?nix=1").text


@pytest.mark.parametrize(
    ("link", "status", "words"),
    [
        ("/live/varianz?themen=arbeit", 400, "Gemeint ist vielleicht: „thema“"),
        ("/live/varianz?thema=arbet", 400, "Gemeint ist vielleicht: „arbeit“"),
        ("/live/varianz?stichtag=1999-12-31", 400, "gibt es keine Daten"),
        ("/live/cluster?typen=99", 400, "2 bis 8 Typen"),
        ("/live/varianz?x%3D1%3Bimport%20os=1", 400, "unbekannt"),
        ("/live/varianz?thema=%3Cscript%3Ealert(1)%3C/script%3E", 400, "<script>alert(1)</script>"),
        ("/live/gibtsnicht", 404, "Diese Seite gibt es nicht"),
        ("/live/varianz?audience=intern", 403, "nicht freigegeben"),
        ("/live/varianz?audience=oeffentlich&audience=intern", 403, "nicht freigegeben"),
        ("/live/varianz?audience=%20intern%20", 403, "nicht freigegeben"),
        ("/live/../../etc/passwd", 404, "Diese Seite gibt es nicht"),
        ("/voila/tree/", 404, "Diese Seite gibt es nicht"),
        ("/voila/render/cluster.ipynb", 404, "Diese Seite gibt es nicht"),
        ("/voila/files/cluster.ipynb", 404, "Diese Seite gibt es nicht"),
        ("/voila/api/contents", 404, "Diese Seite gibt es nicht"),
        ("/voila/static/voila.js", 404, "Diese Seite gibt es nicht"),
    ],
)
def test_wrong_link_gets_a_calm_german_page_and_no_kernel(
    public: Service, link: str, status: int, words: str
) -> None:
    page = public.get(link)
    shown = visible(page.text)
    assert page.status == status
    assert words in shown
    assert "Zur Übersicht" in shown, "a way on"
    assert not ENGLISH.search(shown.replace("alert", "")), ENGLISH.search(shown)
    assert "<script>alert" not in page.text
    assert str(public.folder) not in page.text
    assert str(Path(__file__).parents[3]) not in page.text
    assert 'lang="de"' in page.text
    assert public.health["offen"] == 0
    assert public.kernels() == []


@pytest.mark.parametrize("path", ["/metriken", "/gesund", "/berichte/index.html", "/anmelden"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written(public: Service, path: str, method: str) -> None:
    assert public.get(path, method, b"x=1").status in (403, 404, 405)


@pytest.mark.parametrize(
    ("link", "cause"),
    [
        ("/live/varianz?kommune=00000001", "an error in a cell"),
        ("/live/varianz?gewichtung=gebiete", "a cell that takes too long"),
        ("/live/varianz?thema=bildung", "a kernel that dies"),
        ("/live/varianz?stichtag=2022-12-31", "a cell that wants too much memory"),
    ],
)
def test_mishap_in_a_cell_is_told_in_german_and_not_tried_again_at_once(
    public: Service, link: str, cause: str
) -> None:
    page = public.get(link)
    shown = visible(page.text)
    assert page.status == 500, cause
    assert "Die Seite konnte nicht hergestellt werden." in shown
    assert page.text.rstrip().endswith("</html>")
    assert "4711" not in page.text
    assert not ENGLISH.search(shown), ENGLISH.search(shown)
    assert public.kernels() == []
    before = len(public.log())
    assert public.get(link).status == 500
    assert not any(line["ereignis"] == "seite_gescheitert" for line in public.log()[before:])


def test_log_is_structured_and_quotes_nothing(public: Service) -> None:
    public.get("/live/varianz?kommune=00000001")
    public.get("/live/varianz?thema=geheimthema")
    assert {"anfrage", "link_abgewiesen", "seite_gescheitert"} <= {line["ereignis"] for line in public.log()}
    text = (public.folder / "log").read_text()
    assert "4711" not in text
    assert "geheimthema" not in text
    assert "127.0.0.1" not in text


def test_start_page_lists_live_pages_until_there_are_reports(public: Service) -> None:
    page = public.get("/")
    assert page.status == 200
    assert 'href="/live/cluster"' in page.text
    assert "Sozialraum-Typen" in visible(page.text)
    assert public.get("/berichte/index.html").headers["Location"] == "/"


@pytest.fixture
def results(public: Service) -> Path:
    """Results as a batch leaves them, for this test only."""
    folder = public.folder / "ergebnisse" / "musterkreis" / "oeffentlich"
    (folder / "varianz").mkdir(parents=True)
    (folder.parent / "intern").mkdir(exist_ok=True)
    (folder.parent / "intern" / "x.html").write_text("<p>intern/x.html</p>")
    for name in ("index.html", "varianz/gesamt.html", "varianz/arbeit.html", ".x.html"):
        (folder / name).write_text(f"<p>{name}</p>")
    for name, thema in (("gesamt", "alle"), ("arbeit", "arbeit")):
        values = {"stichtag": "neuester", "kommune": "", "audience": "oeffentlich", "thema": thema,
                  "gewichtung": "bevoelkerung"}  # fmt: skip
        (folder / "varianz" / f"{name}.json").write_text(json.dumps({"parameter": values}))
    (folder / "varianz" / "gesamt.ipynb").write_text("{}")
    (folder / "aus.html").symlink_to("/etc/hostname")
    yield folder
    import shutil

    shutil.rmtree(folder.parent)


def test_reports_are_served_and_known(public: Service, results: Path) -> None:
    assert public.get("/").headers["Location"] == "/berichte/index.html"
    page = public.get("/berichte/varianz/gesamt.html")
    assert page.body == b"<p>varianz/gesamt.html</p>"
    assert page.headers["Cache-Control"] == "public, max-age=60"
    again = public.get("/berichte/varianz/gesamt.html", If_None_Match=page.headers["Etag"])
    assert (again.status, again.body) == (304, b"")
    live = public.get("/live/varianz?thema=arbeit&audience=oeffentlich&stichtag=").text
    assert 'href="/berichte/varianz/gesamt.html"' in live, "the navigation leads to finished pages"
    (results / "varianz" / "gesamt.html").unlink()
    assert public.get("/berichte/varianz/gesamt.html").headers["Location"] == "/live/varianz", (
        "or on, before there are any"
    )


@pytest.mark.parametrize(
    "path",
    [
        "varianz/gesamt.ipynb", "varianz/gesamt.json", ".x.html", "intern/x.html", "aus.html", "varianz",
        "../../log", "..%2f..%2flog", "%2e%2e/%2e%2e/log", "../../musterkreis/region.yml", "/etc/passwd",
        "varianz/../intern/x.html", "index.html%00.png",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_not_there(public: Service, results: Path, path: str) -> None:
    assert public.get(f"/berichte/{path}").status in (400, 403, 404)


def test_crawlers_and_prefetching_browsers_get_no_kernel(public: Service) -> None:
    assert "Disallow: /live/" in public.get("/robots.txt").text
    new = "/live/cluster?verfahren=ward"
    assert public.get(new, Sec_Purpose="prefetch;prerender").status == 503
    assert public.get(new, Sec_Fetch_Dest="image").status == 503
    assert public.get(new, "HEAD").status == 405
    assert public.health["offen"] == 0


def test_health_counts(public: Service) -> None:
    found = public.health
    assert found["status"] == "ok"
    assert found["bestand"] == "abc123"
    assert found["hoechstens"] == 40
    assert found["offen"] == 0


def test_new_snapshot_is_noticed_without_restart(public: Service) -> None:
    pointer = public.folder / "musterkreis" / "bestand.txt"
    try:
        pointer.write_text("def456")
        public.until(lambda: public.health["bestand"] == "def456", 5)
        assert "def456" in public.get("/").text
        pointer.unlink()
        public.until(lambda: any(line["ereignis"] == "bestand_nicht_lesbar" for line in public.log()) or not public.health, 5)  # fmt: skip
        assert public.health["bestand"] == "def456", "a broken snapshot leaves the last good one"
    finally:
        pointer.write_text("abc123")
    public.until(lambda: public.health["bestand"] == "abc123", 5)


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/", "/live/varianz", "/live/nix", "/gesund", "/nix", "/robots.txt", "/berichte/x.html"])  # fmt: skip
def test_every_answer_has_security_headers_and_no_cookie(public: Service, path: str) -> None:
    found = public.get(path).headers
    assert {name: found.get(name) for name in HEADERS} == HEADERS
    policy = dict(part.strip().split(" ", 1) for part in found["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert "Set-Cookie" not in found
    assert "ornado" not in found.get("Server", "")


@pytest.mark.parametrize("path", ["/", "/gesund", "/berichte/index.html"])
def test_link_checkers_may_ask_for_the_head_alone(public: Service, path: str) -> None:
    found = public.get(path, method="HEAD")
    assert (found.status, found.text) == (public.get(path).status, "")


def test_live_pages_are_not_indexed_and_asked_about_before_they_are_shown_again(public: Service) -> None:
    found = public.get("/live/varianz").headers
    assert found["Cache-Control"] == "private, no-cache"
    assert "noindex" in found["X-Robots-Tag"]
    again = public.get("/live/varianz", If_None_Match=found["Etag"])
    assert (again.status, again.body) == (304, b"")


def test_scripts_come_from_here_compressed_and_for_good(public: Service) -> None:
    page = public.get("/live/cluster").text
    address = re.search(r'src="(/statisch/[0-9a-f]+/seite/gebiete\.js)"', page)
    assert address
    plain = public.get(address[1])
    packed = public.get(address[1], Accept_Encoding="gzip")
    assert "immutable" in plain.headers["Cache-Control"]
    assert len(packed.body) < len(plain.body) / 2
    assert packed.headers["Content-Encoding"] == "gzip"
    root = address[1].rsplit("/", 2)[0]
    for outside in (
        "seite/../../../../conf.json",
        "seite/../seite.html.j2",
        "seite/%2e%2e/rahmen.css",
        "nix/x.js",
        "nix/seite.css",
    ):
        assert public.get(f"{root}/{outside}").status == 404
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page), "no address of another server"
