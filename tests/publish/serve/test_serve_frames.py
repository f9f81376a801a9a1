"""Documents of frames: kept by content, bounded, each with a policy that allows its own script only."""

from __future__ import annotations

import html

from sozialanalyse.region.kartendienst import Hintergrundkarte
from sozialanalyse.serve.frames import Dokumente, richtlinie

DOKUMENT = '<!doctype html><p title="a">1 &lt; 2</p><script>var a = "x" && 1 < 2;</script>'


def markup(document: str) -> str:
    return f'<p>davor</p><iframe class="sa-rahmen" srcdoc="{html.escape(document)}" sandbox="allow-scripts"></iframe>'


def test_frame_names_an_address_under_which_the_document_is_found() -> None:
    kept = Dokumente(10_000)
    shown = kept.ausgelagert(markup(DOKUMENT))
    key = shown.split('src="/karte/')[1].split('"')[0]
    assert (
        shown == f'<p>davor</p><iframe class="sa-rahmen" src="/karte/{key}" sandbox="allow-scripts"></iframe>'
    )
    assert kept.hole(key) == DOKUMENT
    assert kept.ausgelagert(markup(DOKUMENT)) == shown, "the same document has the same address"
    assert kept.hole("0" * 32) is None
    assert kept.ausgelagert("<p>ohne</p>") == "<p>ohne</p>"


def test_the_oldest_document_gives_way() -> None:
    kept = Dokumente(25)
    keys = [kept.ausgelagert(markup(c * 10)).split("/karte/")[1][:32] for c in "abc"]
    assert [kept.hole(key) for key in keys] == [None, "b" * 10, "c" * 10]


def test_policy_names_the_script_by_its_hash_and_the_service_by_its_origin() -> None:
    plain = richtlinie(DOKUMENT, None)
    assert "script-src 'self' 'sha256-Ohm0lgxpD6290cYkxb0opkRa/kgciS3gC0lMEzRk7vY=';" in plain
    assert "img-src 'self' data:;" in plain
    far = Hintergrundkarte(url="https://karten.example:8443/{z}/{x}/{y}.png", quelle="Amt")
    assert "img-src 'self' data: https://karten.example:8443;" in richtlinie(DOKUMENT, far)
    near = Hintergrundkarte(url="/kacheln/{z}/{x}/{y}.png", quelle="Amt")
    assert richtlinie(DOKUMENT, near) == plain
