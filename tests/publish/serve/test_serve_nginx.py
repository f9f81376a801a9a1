"""The production set-up as ``sozialanalyse deploy`` writes it: a real nginx in front of real services."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import Service, free_port, region_folder, start, stop
from test_serve_links import HEADERS, seen

from sozialanalyse.publish.html import Rahmen
from sozialanalyse.serve.einrichtung import Einrichtung, EinrichtungFehler, schreibe

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
KEY = "n0ch-ein-geheimer-schluessel"
FRAME = Rahmen(titel="", region="Musterkreis", herausgeber="Kreis Muster", stand="", stil="")

pytestmark = [
    pytest.mark.langsam,
    pytest.mark.skipif(NGINX is None, reason="nginx fehlt"),
]

MAIN = """\
{user}
daemon off;
worker_processes 1;
pid {place}/pid;
error_log {place}/start.log;
events {{}}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {place}/t1; proxy_temp_path {place}/t2; fastcgi_temp_path {place}/t3;
    uwsgi_temp_path {place}/t4; scgi_temp_path {place}/t5;
    include {site};
}}
"""


def plan(place: Path, **details: object) -> Einrichtung:
    """What is written for a region of the tests."""
    return Einrichtung(
        ordner=place / "betrieb", name="127.0.0.1", projekt=place, region=place / "musterkreis", daten=place,
        ergebnisse=place / "ergebnisse" / "musterkreis" / "oeffentlich", http=free_port(), ipv6=False,
        ports=(free_port(), free_port()), protokolle=str(place), nachweis=str(place / "nachweis"), zwischen=str(place / "zwischen"), **details,
    )  # fmt: skip


@contextmanager
def nginx(einrichtung: Einrichtung) -> Iterator[Service]:
    """Run nginx with the file written; its answers are asked for like those of a service."""
    written = schreibe(einrichtung, FRAME)
    (site,) = (path for path in written if path.name.endswith("nginx.conf"))
    place = einrichtung.ordner
    main = place / "main.conf"
    main.write_text(MAIN.format(place=place, site=site, user="user root;" if os.geteuid() == 0 else ""))
    process = subprocess.Popen([str(NGINX), "-c", str(main), "-e", str(place / "start.log")], text=True)
    service = Service(einrichtung.projekt, einrichtung.http, process)
    try:
        service.until(lambda: process.poll() is not None or answers(service), 20)
        assert process.poll() is None, (place / "start.log").read_text()
        yield service
    finally:
        process.terminate()
        process.wait(10)


def answers(service: Service) -> bool:
    try:
        return bool(service.get("/metriken").status)
    except OSError:
        return False


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region with finished reports."""
    folder = tmp_path_factory.mktemp("nginx")
    region_folder(folder)
    results = folder / "ergebnisse" / "musterkreis"
    public = results / "oeffentlich"
    (public / "varianz").mkdir(parents=True)
    (results / "intern").mkdir()
    (results / "intern" / "x.html").write_text("<p>intern/x.html</p>" + " " * 2000)
    for name in ("index.html", "varianz/gesamt.html", "sa-0123456789ab.css", ".x.html"):
        (public / name).write_text(f"<p>{name}</p>" + " " * 2000)
    (public / "varianz" / "gesamt.ipynb").write_text("{}")
    (public / "aus.html").symlink_to("/etc/hostname")
    return folder


def test_the_first_certificate_can_be_had(place: Path) -> None:
    """Before there is one, nginx shows what certbot lays down, and no service is asked."""
    token = place / "nachweis" / ".well-known" / "acme-challenge" / "abc"
    token.parent.mkdir(parents=True)
    token.write_text("abc.xyz")
    with nginx(plan(place)) as front:
        found = front.get("/.well-known/acme-challenge/abc")
        assert (found.status, found.text) == (200, "abc.xyz")
        assert front.get("/.well-known/acme-challenge/fehlt").status == 404


def test_reports_need_no_service_and_live_pages_ask_for_patience(place: Path) -> None:
    with nginx(plan(place)) as front:
        assert front.get("/").headers["Location"].endswith("/berichte/index.html")
        page = front.get("/berichte/varianz/gesamt.html", Accept_Encoding="gzip")
        assert (page.status, page.headers["Content-Encoding"]) == (200, "gzip")
        assert {name: page.headers.get(name) for name in HEADERS} == HEADERS
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "public, max-age=60"
        assert page.headers["Server"] == "nginx"
        for path in ("varianz/gesamt.ipynb", ".x.html", "intern/x.html", "varianz/../intern/x.html", "aus.html",
                     "..%2f..%2flog", "%2e%2e/%2e%2e/log", "../../musterkreis/region.yml"):  # fmt: skip
            assert front.get(f"/berichte/{path}").status in (400, 403, 404, 503), path
            assert "<p>" + path not in front.get(f"/berichte/{path}").text
        assert front.get("/berichte/sa-0123456789ab.css").status == 200, "styles need no service either"
        assert (
            front.get("/berichte/oeffentlich/index.html").headers["Location"].endswith("/berichte/index.html")
        )
        wait = front.get("/live/varianz")
        assert wait.status == 503
        assert wait.headers["Retry-After"] == "20"
        assert "im Augenblick nicht zu erreichen" in wait.text
        assert "127.0.0.1" not in (place / "sozialanalyse.log").read_text(), "the log names nobody"


def test_live_page_works_through_the_proxy(place: Path) -> None:
    setup = plan(place)
    behind = start(place, port=setup.ports[1])
    try:
        with nginx(setup) as front:
            page = front.get("/live/cluster").text
            frame = re.search(r'<iframe[^>]* src="(cluster/[0-9a-f]{32}-1\.html)"', page)
            assert frame
            assert front.get(f"/live/{frame[1]}").headers["Content-Security-Policy"].startswith("sandbox")
            script = re.search(r'src="(/statisch/[0-9a-f]+/seite/gebiete\.js)"', page)
            assert script
            found = [front.get(script[1], Accept_Encoding="gzip") for _ in range(2)]
            assert all("immutable" in answer.headers["Cache-Control"] for answer in found)
            assert all(answer.headers["Content-Encoding"] == "gzip" for answer in found)
            assert sum(line.get("art") == "Dateien" for line in behind.log()) <= 1, "asked for twice"
            assert front.health["status"] == "ok"
            assert front.get("/metriken").status == 404
            assert front.get("/nix").status == 404
            assert "Diese Seite gibt es nicht" in front.get("/berichte/nix.html").text
            flood = [front.get("/live/varianz?thema=nix").status for _ in range(75)]
            assert set(flood) == {400, 503}, "too many attempts are put off"
    finally:
        stop(behind)


def test_a_new_service_takes_over_and_nobody_is_cut_off(place: Path) -> None:
    setup = plan(place)
    old = start(place, port=setup.ports[0], geduld=20)
    with nginx(setup) as front, ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(front.get, "/live/cluster?typen=7")
        old.until(lambda: old.health["offen"] == 1, 10)
        new = start(place, port=setup.ports[1])
        try:
            old.process.send_signal(signal.SIGTERM)
            old.until(lambda: old.process.poll() is not None or old.get("/gesund").status == 503, 5)
            for _ in range(4):
                assert front.get("/live/varianz").status == 200
            assert front.get("/gesund").status == 200
            assert waiting.result(20).status == 200, "who waits for a page gets it"
            assert old.process.wait(10) == 0
            made = [line for line in new.log() if line["ereignis"] == "seite_fertig"]
            assert front.get("/live/cluster?typen=7").status == 200
            assert [line for line in new.log() if line["ereignis"] == "seite_fertig"] == made, "it is found"
        finally:
            stop(new)
            if old.process.stdout:
                old.process.stdout.close()


class Pruefer(BaseHTTPRequestHandler):
    """Stands in for oauth2-proxy: knows one session."""

    def do_GET(self) -> None:
        known = "sitzung=gut" in self.headers.get("Cookie", "")
        self.send_response((202 if known else 401) if self.path == "/oauth2/auth" else 200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def test_openid_proxy_in_front_of_internal_pages(place: Path) -> None:
    checker = ThreadingHTTPServer(("127.0.0.1", 0), Pruefer)
    threading.Thread(target=checker.serve_forever, daemon=True).start()
    secret = place / "schluessel.conf"
    secret.write_text(f'set $sozialanalyse_intern_schluessel "{KEY}";\n')
    setup = plan(place, audience="intern", anmeldung="proxy", geheimnis=str(secret),
                 pruefer=f"http://127.0.0.1:{checker.server_port}")  # fmt: skip
    behind = start(place, port=setup.ports[0], audience="intern", env={"JUPYTER_TOKEN": KEY})
    try:
        with nginx(setup) as front:
            for path in ("/", "/live/varianz", "/berichte/index.html"):
                refused = front.get(path, X_Forwarded_User="chefin", Authorization=f"token {KEY}")
                assert refused.status == 302, path
                assert "/oauth2/start" in refused.headers["Location"]
            assert front.get("/oauth2/start").status == 200
            page = front.get("/live/varianz", Cookie="sitzung=gut")
            assert seen(page.text)[2] == "intern"
            assert "Set-Cookie" not in page.headers
            around = behind.get("/live/varianz", Cookie="sitzung=gut", X_Forwarded_User="chefin")
            assert around.headers["Location"].startswith("/anmelden"), "past the proxy the key is needed"
    finally:
        stop(behind)
        checker.shutdown()
        checker.server_close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl fehlt")
def test_file_with_certificate_is_valid(place: Path) -> None:
    key, certificate = place / "key.pem", place / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x",
                    "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)  # fmt: skip
    setup = plan(place, zertifikat=str(certificate), schluessel=str(key), https=free_port())
    with nginx(setup) as front:
        plain = front.get("/berichte/index.html")
        assert plain.status == 301
        assert plain.headers["Location"].startswith("https://")
        assert "Strict-Transport-Security" in (setup.ordner / "sozialanalyse.nginx.conf").read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze fehlt")
def test_unit_is_valid(place: Path) -> None:
    (unit,) = (path for path in schreibe(plan(place), FRAME) if path.suffix == ".service")
    found = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    complaints = [line for line in found.stderr.splitlines() if unit.name.split("@")[0] in line]
    assert (found.returncode, complaints) == (0, [])
    assert "KillMode=mixed" in unit.read_text(), "kernels must not hear of the end before the service"


def test_names_and_paths_that_would_break_the_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EinrichtungFehler, match="kein Name eines Rechners"):
        schreibe(Einrichtung(tmp_path, "a b;", *4 * (tmp_path,)), FRAME)
    with pytest.raises(EinrichtungFehler, match="Leerzeichen"):
        schreibe(Einrichtung(tmp_path, "a.de", tmp_path / "mein ordner", *3 * (tmp_path,)), FRAME)
    with pytest.raises(EinrichtungFehler, match="--audience intern"):
        schreibe(Einrichtung(tmp_path, "a.de", *4 * (tmp_path,), anmeldung="proxy"), FRAME)
