"""Asking servers of every generation, logging in, and what is said when something else answers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from kommonitor_fake import GENERATIONEN
from kommonitor_kreis import TAGE, Kreis
from oidc_fake import Oidc

from sozialanalyse.base.netz import NetzFehler
from sozialanalyse.formate import kommonitor as form
from sozialanalyse.kommonitor import AnmeldeFehler, Dienstkonto, Person, Verbindung, anmeldung, finde

ERKANNT = {"4.1": "4.1", "5.0": "5.0–5.2", "5.2": "5.0–5.2", "5.3": "5.3", "6.0": "6.0"}


@pytest.mark.parametrize("generation", GENERATIONEN)
def test_generation_is_detected_and_everything_public_read(neuer_kreis, generation):
    kreis: Kreis = neuer_kreis(generation)
    with Verbindung(kreis.fake.adresse + "/management/") as server:
        assert server.generation.name == ERKANNT[generation]
        upper = server.ebene("Gemeinden")
        assert server.ebene("Sozialräume").darueber == upper.id
        one = finde("Einwohner", server.indikatoren())
        rows = list(form.reihen(form.zeilen(server.reihe(one["indicatorId"], kreis.raeume) or "")))
        assert len(rows) == len(kreis.ids) * len(TAGE)
        want = kreis.fake.indicators[kreis.indikatoren["Einwohner"]]["joins"][kreis.raeume]["rows"]
        assert {(key, day): float(text or "nan") for key, _, _, day, text in rows} == {(k, d): v for k, row in want.items() for d, v in row.items()}  # fmt: skip
        assert {valid for _, _, valid, _, _ in rows} == {
            "ja"
        }  # one of the two periods of the divided area holds each time
        assert len(json.loads(server.gebiete(kreis.raeume))["features"]) == len(kreis.ids) + 1
        assert server.stand()["indicators"]


def test_service_account_sees_what_the_public_does_not(neuer_kreis, oidc: Oidc):
    kreis: Kreis = neuer_kreis()
    kreis.fake.indicator("Vertraulich", owner=kreis.planung, topic=kreis.thema, series={}, public=False)
    with Verbindung(kreis.fake.adresse, Dienstkonto(oidc.adresse, "nacht")) as server:
        assert "Vertraulich" in [one["indicatorName"] for one in server.indikatoren()]
        assert "Vertraulich" not in [one["indicatorName"] for one in server.indikatoren(oeffentlich=True)]
        assert {unit.name for unit in server.einheiten()} >= {"Sozialplanung", "Stadt Ahausen"}


def test_expired_token_is_renewed_once(neuer_kreis, oidc: Oidc):
    kreis: Kreis = neuer_kreis()
    oidc.dauer = -1  # the server takes none of these
    with (
        Verbindung(kreis.fake.adresse, Dienstkonto(oidc.adresse, "nacht")) as server,
        pytest.raises(NetzFehler, match="erkennt die Anmeldung nicht an") as caught,
    ):
        server.indikatoren()
    assert len([path for _, path in kreis.fake.anfragen if path.endswith("/indicators")]) == 2
    assert caught.value.status == 401
    oidc.dauer = 300
    with Verbindung(kreis.fake.adresse, Dienstkonto(oidc.adresse, "nacht")) as server:
        server.indikatoren()
        assert not set(oidc.ausgegeben) & set(map(str, vars(server).values()))
        assert oidc.ausgegeben[-1] not in repr(server.anmeldung) + repr(server)


def test_wrong_secret_and_no_secret(oidc: Oidc, monkeypatch):
    with pytest.raises(AnmeldeFehler, match="wird nicht angenommen") as caught:
        Dienstkonto(oidc.adresse, "nacht", "falsch-99").kopf()
    assert "falsch-99" not in str(caught.value)
    monkeypatch.delenv(anmeldung.GEHEIMNIS)
    with pytest.raises(AnmeldeFehler, match="SOZIALANALYSE_KOMMONITOR_GEHEIMNIS"):
        Dienstkonto(oidc.adresse, "nacht").kopf()
    with pytest.raises(AnmeldeFehler, match="keine Anmeldung zu finden"):
        Dienstkonto(oidc.adresse.replace("kommonitor", "anders"), "nacht", "x").kopf()


def test_device_code_waits_for_a_person_and_renews(oidc: Oidc):
    oidc.freigabe, said = "planerin", []
    who = Person(oidc.adresse, "sozialanalyse", said.append)
    first = who.kopf()["Authorization"]
    assert "ABCD-EFGH" in said[0]
    who.erneuere()
    assert who.kopf()["Authorization"] != first
    assert len(said) == 1  # nobody had to log in again
    oidc.auffrischungen.clear()
    with pytest.raises(AnmeldeFehler, match="abgelaufen"):
        who.erneuere()
    oidc.freigabe = None
    with pytest.raises(AnmeldeFehler, match="niemand rechtzeitig"):
        Person(oidc.adresse, "sozialanalyse", said.append).kopf()


@pytest.mark.parametrize(
    ("stoerung", "satz"),
    [
        ("html", "antwortet mit einer Webseite statt mit Daten"),
        ("verschluesselt", "antwortet verschlüsselt"),
        ("weiterleitung", "verweist auf eine andere Adresse"),
        ("abgeschnitten", "kein vollständiges JSON"),
    ],
)
def test_what_is_no_answer_is_said_in_one_sentence(neuer_kreis, stoerung, satz):
    kreis: Kreis = neuer_kreis()
    kreis.fake.stoerung = stoerung
    with Verbindung(kreis.fake.adresse) as server, pytest.raises(NetzFehler, match=satz) as caught:
        server.ebenen()
    assert "\n" not in str(caught.value)


def test_wrong_address_renamed_level_and_strange_ids(neuer_kreis):
    kreis: Kreis = neuer_kreis()
    with Verbindung(kreis.fake.adresse.replace("/dm", "/anders")) as server, pytest.raises(NetzFehler, match="kein „Data Management“"):  # fmt: skip
        server.ebenen()
    with Verbindung(kreis.fake.adresse) as server:
        with pytest.raises(NetzFehler, match="Gemeint ist vielleicht: „Sozialräume“"):
            server.ebene("Sozialraum")
        before = len(kreis.fake.anfragen)
        with pytest.raises(NetzFehler, match="keine Kennung"):
            server.reihe("x' or 1=1", kreis.raeume)
        assert len(kreis.fake.anfragen) == before
        with pytest.raises(NetzFehler, match="nicht erlaubt, oder es gibt es nicht"):
            server.reihe("00000000-0000-0000-0000-000000000000", kreis.raeume)
    with pytest.raises(NetzFehler, match="Name oder Kennwort"):
        Verbindung("https://ich:geheim@rechner.example")
    with Verbindung("http://127.0.0.1:9") as server, pytest.raises(NetzFehler, match="nicht zu erreichen"):
        server.ebenen()
    with (
        Verbindung(kreis.fake.adresse, groesste=500) as server,
        pytest.raises(NetzFehler, match="größer als"),
    ):
        server.ebenen()


def test_group_without_slash_is_a_fault_of_the_login_server(neuer_kreis, oidc: Oidc):
    kreis: Kreis = neuer_kreis()
    oidc.dienste["nacht"] = ("geheim-7f3a", ["Sozialplanung"], [])
    with Verbindung(kreis.fake.adresse, Dienstkonto(oidc.adresse, "nacht")) as server, pytest.raises(NetzFehler, match="meldet einen Fehler \\(500"):  # fmt: skip
        server.ebenen()


def test_lost_lines_are_asked_again(neuer_kreis: Callable[..., Kreis]):
    kreis = neuer_kreis()
    kreis.fake.reisse_ab = {1, 2}
    with Verbindung(kreis.fake.adresse) as server:
        assert len(server.ebenen()) == 2
    kreis.fake.anfragen.clear()
    kreis.fake.reisse_ab = {1, 2, 3}
    with Verbindung(kreis.fake.adresse) as server, pytest.raises(NetzFehler, match="abgerissen"):
        server.ebenen()
