"""Writing exactly what a plan says, on servers of every generation, whatever breaks in between; and taking it back."""

from __future__ import annotations

import copy
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kommonitor_fake import GENERATIONEN, Fake
from kommonitor_kreis import Kreis, fuelle
from oidc_fake import Oidc

from sozialanalyse import kommonitor
from sozialanalyse.base.errors import SozialanalyseFehler
from sozialanalyse.kommonitor import AbweichungFehler, Dienstkonto, PlanFehler, Rechte, Verbindung, Vorhaben
from sozialanalyse.kommonitor import plan as p

TAGE = ["2022-12-31", "2023-12-31"]


def angaben(name: str, thema: str, **mehr: Any) -> dict[str, Any]:
    return {
        "datasetName": name, "abbreviation": "", "characteristicValue": "", "indicatorType": "STATUS_STANDARDIZED", "creationType": "INSERTION",
        "unit": "dimensionslos", "precision": 0, "topicReference": thema, "interpretation": "1 = wenig", "processDescription": "Methode",
        "isHeadlineIndicator": False, "tags": ["sozialanalyse"], "refrencesToOtherIndicators": [], "refrencesToGeoresources": [],
        "regionalReferenceValues": [], "metadata": {"contact": "A", "datasource": "B", "description": "C", "updateInterval": "YEARLY"},
        "defaultClassificationMapping": {"colorBrewerSchemeName": "Blues", "numClasses": 2, "classificationMethod": "REGIONAL_DEFAULT", "items": []},
    } | mehr  # fmt: skip


class Lage:
    """A county, a connection that may write, and what is wanted of it."""

    def __init__(self, kreis: Kreis, oidc: Oidc, ordner: Path) -> None:
        self.kreis, self.fake, self.ordner = kreis, kreis.fake, ordner
        self.wer = Dienstkonto(oidc.adresse, "nacht", "geheim-7f3a")
        self.alt = self.fake.generation == "4.1"
        self.eigene = frozenset({self.fake.recht(kreis.planung, "creator")}) if self.alt else frozenset()

    def __enter__(self) -> Verbindung:
        self._server = Verbindung(self.fake.adresse, self.wer)
        return self._server

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def rechte(self, *units: str, offen: bool = False) -> Rechte:
        allowed = frozenset(self.fake.recht(unit) for unit in units) | self.eigene
        return Rechte("" if self.alt else self.kreis.planung, allowed, offen and not self.alt)

    def werte(self, tage: list[str] = TAGE, luecke: bool = True) -> p.Reihen:
        rows = {
            key: {day: float(1 + (i + j) % 3) for j, day in enumerate(tage)}
            for i, key in enumerate(self.kreis.ids)
        }
        if luecke:
            rows[self.kreis.ids[2]][tage[0]] = None
        return p.rechteck(rows, tage, self.kreis.ids)

    def plane(
        self, werte: p.Reihen | None = None, rechte: Rechte | None = None, *, name: str = "Typ", **mehr: Any
    ) -> p.Plan:
        rights = rechte or self.rechte(self.kreis.kommunen[0])
        with self as server:
            level = server.ebene("Sozialräume")
            wish = Vorhaben(
                angaben(name, self.kreis.thema, **mehr), rights, ((level, werte or self.werte(), rights),)
            )
            return p.plane(server, [wish], bestand="b1", eigene=self.eigene)

    def wende_an(self, plan: p.Plan) -> Any:
        with self as server:
            return kommonitor.wende_an(plan, server, self.ordner)

    def nimm_zurueck(self, plan: p.Plan) -> Any:
        with self as server:
            return kommonitor.nimm_zurueck(plan, server, self.ordner)

    def stand(self) -> Any:
        """Everything on the server."""
        return copy.deepcopy(
            {
                key: {k: v for k, v in one.items() if k != "applicableDates"}
                for key, one in self.fake.indicators.items()
            }
        )

    def unseres(self, name: str = "Typ") -> dict[str, Any]:
        (found,) = (one for one in self.fake.indicators.values() if one["body"]["datasetName"] == name)
        return found


@pytest.fixture
def lage(neuer_kreis, oidc, tmp_path) -> Callable[..., Lage]:
    return lambda generation="5.2": Lage(neuer_kreis(generation), oidc, tmp_path)


@pytest.mark.parametrize("generation", GENERATIONEN)
def test_written_read_back_and_taken_back(lage, generation):
    here = lage(generation)
    before, public = here.stand(), here.fake.sieht()
    plan = here.plane()
    assert here.stand() == before  # a plan changes nothing
    said = here.wende_an(plan)
    assert said.geschrieben == len(here.kreis.ids) * 2
    join = here.unseres()["joins"][here.kreis.raeume]
    assert p.unterschiede(here.werte(), join["rows"]) == []
    assert set(join["permissions"]) == set(here.rechte(here.kreis.kommunen[0]).erlaubt)
    assert not join["isPublic"]
    assert here.fake.sieht() == public
    assert "Probe" not in str(here.stand())
    again = here.plane()
    assert not again.zu_tun
    here.nimm_zurueck(plan)
    assert here.stand() == before


@pytest.mark.parametrize("generation", ["5.2", "6.0"])
def test_public_becomes_readable_what_was_planned_and_nothing_else(lage, generation):
    here = lage(generation)
    if generation == "6.0":
        here.fake.levels[here.kreis.raeume]["isPublic"] = False  # then every upload is answered with 404
    before = here.fake.sieht()
    here.wende_an(here.plane(rechte=here.rechte(offen=True)))
    after = here.fake.sieht()
    new = set(after["werte"]) - set(before["werte"])
    assert new == {f"{here.unseres()['id']}/{here.kreis.raeume}"}
    assert set(after["indikatoren"]) - set(before["indikatoren"]) == {here.unseres()["id"]}


def test_values_are_never_wider_open_than_before_and_after(lage):
    """While a new table is written nobody but its owner reads it, even if it is to be public."""
    here, seen = lage(), []
    here.fake.zwischen = lambda method, path: seen.append(bool(here.fake.sieht()["werte"].keys() - start)) if method == "PUT" and "permissions" not in path else None  # fmt: skip
    start = here.fake.sieht()["werte"].keys()
    here.wende_an(here.plane(rechte=here.rechte(offen=True)))
    assert seen
    assert not any(seen)


def test_existing_series_is_overwritten_and_restored(lage):
    here = lage()
    here.wende_an(here.plane(here.werte(["2021-12-31", *TAGE], luecke=False)))
    first = here.stand()
    plan = here.plane(
        here.werte([*TAGE, "2024-12-31"]), here.rechte(*here.kreis.kommunen[:2]), interpretation="anders"
    )
    here.wende_an(plan)
    rows = here.unseres()["joins"][here.kreis.raeume]["rows"]
    assert set(rows[here.kreis.ids[0]]) == {"2021-12-31", *TAGE, "2024-12-31"}  # what was not sent stays
    assert here.unseres()["body"]["interpretation"] == "anders"
    here.nimm_zurueck(plan)
    assert p.unterschiede(rows := first[here.unseres()["id"]]["joins"][here.kreis.raeume]["rows"], here.unseres()["joins"][here.kreis.raeume]["rows"]) == []  # fmt: skip
    assert here.unseres()["body"]["interpretation"] == "1 = wenig"
    assert (
        here.unseres()["joins"][here.kreis.raeume]["permissions"]
        == first[here.unseres()["id"]]["joins"][here.kreis.raeume]["permissions"]
    )


def test_what_is_not_ours_is_not_touched(lage):
    here = lage()
    with pytest.raises(PlanFehler, match="stammt nicht von hier"):
        here.plane(name="Einwohner", indicatorType="STATUS_ABSOLUTE")


@pytest.mark.parametrize(("generation", "vorher"), [("5.2", True), ("6.0", False)])
def test_lost_line_at_every_request_resumes_to_the_same_end(lage, generation, vorher):
    """A request is lost before or after it was carried out; the second call goes on where the first stopped."""
    here = lage(generation)
    plan, begin = here.plane(), here.stand()
    here.fake.anfragen.clear()
    here.wende_an(plan)
    goal, number = here.unseres(), len(here.fake.anfragen)
    writes = [n for n, (method, _) in enumerate(here.fake.anfragen, start=1) if method != "GET"]
    here.nimm_zurueck(plan)
    assert here.stand() == begin
    public = here.fake.sieht()
    for broken in [*writes, number // 2]:
        here.fake.anfragen.clear()
        here.fake.vorher, here.fake.reisse_ab = (
            vorher,
            {broken, broken + 1, broken + 2},
        )  # the retries are lost too
        try:
            here.wende_an(plan)
        except SozialanalyseFehler as error:
            assert "\n" not in str(error)
        here.fake.reisse_ab = set()
        here.wende_an(plan)
        assert {k: v for k, v in here.unseres().items() if k != "id"} == {
            k: v for k, v in goal.items() if k != "id"
        }
        assert here.fake.sieht() == public
        here.nimm_zurueck(plan)
        assert here.stand() == begin


def test_half_written_is_taken_back(lage):
    here = lage()
    plan, begin = here.plane(), here.stand()
    here.fake.anfragen.clear()
    here.wende_an(plan)
    writes = [n for n, (method, _) in enumerate(here.fake.anfragen, start=1) if method != "GET"]
    here.nimm_zurueck(plan)
    for broken in writes:
        here.fake.anfragen.clear()
        here.fake.vorher, here.fake.reisse_ab = False, set(range(broken, broken + 40))
        with pytest.raises(SozialanalyseFehler):
            here.wende_an(plan)
        here.fake.reisse_ab = set()
        here.nimm_zurueck(plan)
        assert here.stand() == begin


def test_taking_back_resumes_after_a_lost_line(lage):
    here = lage()
    here.wende_an(here.plane(here.werte(luecke=False)))

    def known() -> Any:
        one = here.unseres()
        return copy.deepcopy((one["joins"], one["permissions"], {key: one["body"].get(key) for key in ("unit", "interpretation", "tags")}))  # fmt: skip

    before = known()
    plan = here.plane(here.werte([*TAGE, "2024-12-31"]), here.rechte(*here.kreis.kommunen[:2]), unit="Punkte")
    here.wende_an(plan)
    after, journal = here.stand(), (here.ordner / f"{plan.schluessel}.jsonl").read_bytes()
    here.fake.anfragen.clear()
    here.nimm_zurueck(plan)
    assert known() == before
    writes = [n for n, (method, _) in enumerate(here.fake.anfragen, start=1) if method != "GET"]
    assert len(writes) >= 4  # a date, values, rights, metadata
    for broken in writes:
        here.fake.indicators = copy.deepcopy({key: {**one, "applicableDates": []} for key, one in after.items()})  # fmt: skip
        (here.ordner / f"{plan.schluessel}.jsonl").write_bytes(journal)
        here.fake.anfragen.clear()
        here.fake.vorher, here.fake.reisse_ab = bool(broken % 2), set(range(broken, broken + 40))
        with pytest.raises(SozialanalyseFehler):
            here.nimm_zurueck(plan)
        here.fake.reisse_ab = set()
        here.nimm_zurueck(plan)
        assert known() == before


def test_killed_apply_resumes(lage, monkeypatch):
    """Killed before or after any write, with a line of the journal torn: the next call ends where it should."""
    here = lage()
    plan, begin = here.plane(), here.stand()
    ask, writes = Verbindung._frage, 0
    killed = -1

    def frage(self: Verbindung, methode: str, *arguments: Any, **options: Any) -> Any:
        nonlocal writes
        writes += methode != "GET"
        kill = methode != "GET" and writes == killed
        if kill and killed % 2:
            raise KeyboardInterrupt
        found = ask(self, methode, *arguments, **options)
        if kill:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(Verbindung, "_frage", frage)
    here.wende_an(plan)
    goal, total = here.unseres(), writes
    here.nimm_zurueck(plan)
    for killed in range(1, total + 1):  # noqa: B007 - read by the requests
        writes = 0
        with pytest.raises(KeyboardInterrupt):
            here.wende_an(plan)
        with (here.ordner / f"{plan.schluessel}.jsonl").open("a", encoding="utf-8") as journal:
            journal.write('{"was": "wer')
        writes = -1000
        here.wende_an(plan)
        assert {**here.unseres(), "id": ""} == {**goal, "id": ""}
        here.nimm_zurueck(plan)
        assert here.stand() == begin


def test_login_that_ends_while_writing_is_renewed(lage, oidc):
    here = lage()
    plan = here.plane()
    here.fake.zwischen = lambda *_: oidc.ausgegeben.clear() if len(here.fake.anfragen) % 3 == 0 else None
    true = here.fake.pruefe
    here.fake.pruefe = lambda token: (
        true(token) if token in oidc.ausgegeben else None
    )  # it takes the newest only
    here.wende_an(plan)
    assert p.unterschiede(here.werte(), here.unseres()["joins"][here.kreis.raeume]["rows"]) == []


@pytest.mark.parametrize(
    ("was", "satz"),
    [("umbenannt", "heißt in KomMonitor jetzt „Quartiere“"), ("weg", "Raumebene „Sozialräume“ gibt es in KomMonitor nicht mehr")],
)  # fmt: skip
def test_level_that_changed_since_the_plan_stops_it(lage, was, satz):
    """Another level may bear the old name now; nothing is written to it."""
    here = lage()
    plan = here.plane()
    here.fake.levels[here.kreis.gemeinden]["name"] = "Sozialräume"
    if was == "weg":
        del here.fake.levels[here.kreis.raeume]
        for one in here.fake.indicators.values():
            one["joins"].pop(here.kreis.raeume)
    else:
        here.fake.levels[here.kreis.raeume]["name"] = "Quartiere"
    before = here.stand()
    with pytest.raises(AbweichungFehler, match=satz):
        here.wende_an(plan)
    assert here.stand() == before


@pytest.mark.parametrize(
    ("was", "satz"),
    [
        ("wert", "Werte haben sich seit dem Plan geändert"),
        ("rechte", "Rechte haben sich seit dem Plan geändert"),
        ("angaben", "Angaben haben sich seit dem Plan geändert"),
        ("weg", "gibt es in KomMonitor nicht mehr"),
    ],
)
def test_what_others_changed_since_the_plan_stops_it(lage, was, satz):
    here = lage()
    here.wende_an(here.plane())
    plan = here.plane(here.werte(["2024-12-31"], luecke=False))
    one = here.unseres()
    match was:
        case "wert":
            one["joins"][here.kreis.raeume]["rows"][here.kreis.ids[0]][TAGE[0]] = 99.0
        case "rechte":
            one["joins"][here.kreis.raeume]["isPublic"] = True
        case "angaben":
            one["body"]["interpretation"] = "von anderen"
        case "weg":
            del here.fake.indicators[one["id"]]
    before = here.stand()
    with pytest.raises(AbweichungFehler, match=satz):
        here.wende_an(plan)
    assert here.stand() == before


def test_rights_changed_while_writing_stop_it(lage):
    here = lage()
    here.wende_an(here.plane())
    plan = here.plane(here.werte(["2024-12-31"], luecke=False))

    def meddle(method: str, path: str) -> None:
        if method == "PUT" and not path.endswith("permissions"):
            here.fake.zwischen = lambda *_: here.unseres()["joins"][here.kreis.raeume].__setitem__(
                "isPublic", True
            )

    here.fake.zwischen = meddle
    with pytest.raises(
        SozialanalyseFehler,
        match="Rechte in KomMonitor sind andere als geplant \\(öffentlich\\)|bestätigt, aber nicht",
    ):
        here.wende_an(plan)


@pytest.mark.parametrize("generation", ["4.1", "5.2"])
def test_rights_changed_at_any_request_do_not_stay_unnoticed(lage, generation, tmp_path):
    """Whenever somebody opens our values to another unit, writing stops, or the rights are the planned ones at the end."""
    here = lage(generation)
    here.wende_an(here.plane())
    plan, begin = here.plane(here.werte(["2024-12-31"], luecke=False)), copy.deepcopy(here.fake.indicators)
    here.fake.anfragen.clear()
    here.wende_an(plan)
    goal, number, stopped = here.unseres(), len(here.fake.anfragen), 0
    foreign = here.fake.recht(here.kreis.kommunen[1])
    for moment in range(2, number):
        here.fake.indicators, here.ordner = copy.deepcopy(begin), tmp_path / str(moment)
        here.ordner.mkdir()
        here.fake.anfragen.clear()

        def meddle(*_: str, moment: int = moment) -> None:
            if len(here.fake.anfragen) == moment:
                rights = here.unseres()["joins"][here.kreis.raeume]
                rights["permissions"] = [*rights["permissions"], foreign]

        here.fake.zwischen = meddle
        try:
            here.wende_an(plan)
        except AbweichungFehler:
            stopped += 1
        else:
            late = moment >= number - 3  # nothing is listed after this
            assert late or here.unseres()["joins"] == goal["joins"], moment
    assert stopped > 1


def test_indicators_are_listed_once_per_write(lage):
    """A server with hundreds of indicators takes long to list them: not at every step."""
    here = lage()
    plan = here.plane()
    here.fake.anfragen.clear()
    here.wende_an(plan)
    lists = [path for method, path in here.fake.anfragen if method == "GET" and path.endswith("/indicators")]
    writes = [method for method, _ in here.fake.anfragen if method != "GET"]
    assert len(lists) <= len(writes) + 5


def test_second_writer_is_noticed(lage):
    """Two uploads at once share a flag on the server and lose a column; reading back finds it."""
    here = lage()
    here.wende_an(here.plane())
    plan = here.plane(here.werte(["2024-12-31"], luecke=False))

    def other() -> None:
        with Verbindung(here.fake.adresse, here.wer) as server:
            server.schreibe(here.unseres()["id"], {"applicableSpatialUnit": "Sozialräume", **here.rechte(here.kreis.kommunen[0]).angaben(server.generation), "indicatorValues": [{"spatialReferenceKey": here.kreis.ids[0], "valueMapping": [{"timestamp": "2025-12-31", "indicatorValue": 1.0}]}]})  # fmt: skip

    here.fake.dauer_put = 0.5
    started: list[threading.Thread] = []

    def at_put(method: str, path: str) -> None:
        if method == "PUT" and not started:
            here.fake.zwischen = lambda *_: None
            started.append(threading.Timer(0.15, other))
            started[0].start()

    here.fake.zwischen = at_put
    with pytest.raises(SozialanalyseFehler, match="statt|nicht ausgeführt|abgerissen"):
        here.wende_an(plan)
    started[0].join()


def test_two_processes_do_not_write_at_once(lage):
    from filelock import FileLock

    here = lage()
    plan = here.plane()
    with FileLock(here.ordner / ".schreiben"), pytest.raises(PlanFehler, match="schreibt schon jemand"):
        here.wende_an(plan)


def test_plan_on_disk_is_bound_to_its_hash(lage, tmp_path):
    here = lage()
    plan = here.plane()
    p.schreibe(plan, tmp_path / "plan.json")
    assert p.lies(tmp_path / "plan.json") == plan
    text = (tmp_path / "plan.json").read_text(encoding="utf-8")
    (tmp_path / "plan.json").write_text(
        text.replace('"oeffentlich": false', '"oeffentlich": true', 1), encoding="utf-8"
    )
    with pytest.raises(PlanFehler, match="geändert worden"):
        p.lies(tmp_path / "plan.json")
    with pytest.raises(PlanFehler, match="noch keinen Plan"):
        p.lies(tmp_path / "keiner.json")
    other = lage("6.0")
    with other as server, pytest.raises(PlanFehler, match="Der Plan gilt für"):
        kommonitor.wende_an(plan, server, tmp_path)


def test_taking_back_stops_at_what_others_wrote_since(lage):
    here = lage()
    plan = here.plane()
    here.wende_an(plan)
    here.unseres()["joins"][here.kreis.raeume]["rows"][here.kreis.ids[0]][TAGE[0]] = 77.0
    with pytest.raises(AbweichungFehler, match="seither jemand anderes geändert"):
        here.nimm_zurueck(plan)


zahlen = (
    st.none()
    | st.floats(-1e6, 1e6, width=32).filter(lambda x: x == 0 or abs(x) > 1e-20)
    | st.integers(0, 10**7).map(float)
)


@given(data=st.data(), generation=st.sampled_from(GENERATIONEN))
@settings(max_examples=6)
def test_any_table_written_and_read_back_is_equal(data, generation):
    """Gaps anywhere, dates in any order: what arrives is what was sent, on every server."""
    oidc = _ANMELDUNG
    with Fake(generation, oidc.pruefe) as fake, tempfile.TemporaryDirectory() as folder:
        here = Lage(fuelle(fake, 2, 2), oidc, Path(folder))
        days = data.draw(
            st.lists(
                st.sampled_from(["2019-06-30", "2020-12-31", "2022-12-31", "2023-12-31"]),
                min_size=1,
                max_size=4,
                unique=True,
            )
        )
        rows = {key: {day: data.draw(zahlen) for day in days} for key in here.kreis.ids}
        if not any(value is not None for row in rows.values() for value in row.values()):
            rows[here.kreis.ids[0]][days[0]] = 1.0
        plan = here.plane(p.rechteck(rows, days, here.kreis.ids))
        here.wende_an(plan)
        assert p.unterschiede(rows, here.unseres()["joins"][here.kreis.raeume]["rows"]) == []
        assert not here.plane(p.rechteck(rows, days, here.kreis.ids)).zu_tun


@pytest.fixture(scope="module", autouse=True)
def _login():
    global _ANMELDUNG
    _ANMELDUNG = Oidc()
    _ANMELDUNG.dienste = {
        "nacht": (
            "geheim-7f3a",
            ["/Sozialplanung"],
            ["Sozialplanung.client-resources-creator", "Sozialplanung-creator"],
        )
    }
    yield
    _ANMELDUNG.close()
