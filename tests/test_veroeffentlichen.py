"""What the public sees is in the register before it appears; trials and changed rules."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sozialanalyse import build, cli, publish, store
from sozialanalyse.base import settings
from sozialanalyse.base.errors import LaufFehler, PruefFehler
from sozialanalyse.geheimhaltung import regelstand, register
from sozialanalyse.publish import batch, runs, schutz
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.region.region import Sperrprofil, lade_region
from sozialanalyse.serve import ordnerrechte
from sozialanalyse.serve import start as dienst


class Still:
    def __init__(self) -> None:
        self.gesagt: list[str] = []

    def set(self, what: str, done: int, total: int) -> None: ...
    def close(self) -> None: ...
    def sage(self, satz: str) -> None:
        self.gesagt.append(satz)


@pytest.fixture
def gebaut(gebaut: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tiny region with a snapshot; reports are written without kernels."""

    def schreibe(auftraege: list[runs.Auftrag], ablage: Ablage, *_: object) -> None:
        for auftrag in auftraege:
            ablage.schreibe(f"{auftrag.ziel}.html", "<p>Seite</p>")

    monkeypatch.setattr(batch, "_work", schreibe)
    return gebaut


def ordner(kleinregion: Any) -> tuple[Path, Path]:
    """Folder of the public pages and of the register."""
    place = lade_region(kleinregion.ordner)
    return (
        settings.ergebnisordner(place.ordner, place.id, "oeffentlich"),
        settings.registerordner(place.ordner, place.id),
    )


def lauf(kleinregion: Any, **more: Any) -> Still:
    said = Still()
    publish.run(kleinregion.ordner, notebooks=["varianz"], only="gesamt", fortschritt=said, **more)
    return said


class Stromausfall(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("art", ["killed", "disk full"])
def test_no_page_without_an_entry_whenever_it_stops(
    gebaut: Any, monkeypatch: pytest.MonkeyPatch, art: str
) -> None:
    """Stopped at every file operation in turn, until it runs through."""
    pages, folder = ordner(gebaut)
    fault = Stromausfall() if art == "killed" else OSError(errno.ENOSPC, "No space left on device")
    replace, written, stops = Path.replace, Path.write_bytes, 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(path: Path, *args: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise fault
            return real(path, *args)

        return run

    for limit in range(200):
        left = limit
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", counted(replace))
            patch.setattr(Path, "write_bytes", counted(written))
            try:
                lauf(gebaut, force=True)
            except (Stromausfall, LaufFehler, OSError):
                stops += 1
                done = False
            else:
                done = True
        shown = list(pages.rglob("*.html")) if pages.exists() else []
        assert not shown or len(register.eintraege(folder)) == 1
        assert not list(folder.glob(".neu-*")), "nothing half-written stays"
        if done:
            break
    assert done
    assert stops >= 4


def test_without_a_register_nothing_is_published(gebaut: Any) -> None:
    pages, folder = ordner(gebaut)
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    with pytest.raises(LaufFehler, match="Ohne Eintrag\nwird|Ohne Eintrag wird nichts veröffentlicht"):
        lauf(gebaut)
    assert not list(pages.rglob("*.html"))


def test_a_trial_is_no_publication(gebaut: Any) -> None:
    pages, folder = ordner(gebaut)
    lauf(gebaut, probe=True)
    assert register.eintraege(folder).empty
    assert not pages.exists()
    assert (pages.parent / "probe" / "oeffentlich" / "varianz" / "gesamt.html").exists()
    assert (pages.parent / "probe").stat().st_mode & 0o777 == 0o700, "nobody else may look into it"
    lauf(gebaut)
    assert len(register.eintraege(folder)) == 1


def test_what_is_built_while_the_service_looks_is_entered_before_it_is_shown(
    gebaut: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new snapshot becomes current between entering the old one and copying it for visitors."""
    given: dict[str, Any] = {}
    monkeypatch.setattr("sozialanalyse.serve.dienst.starte", lambda region, **more: given.update(more))
    monkeypatch.setattr(dienst.kern, "bereite", lambda: None)
    dienst.serve(gebaut.ordner, port=0, ip="127.0.0.1", audience="oeffentlich", browser=False)
    enter, copied = dienst.schutz.verzeichne, []

    def interrupted(place: Any, public: store.Daten) -> None:
        enter(place, public)
        if not copied:
            gebaut.arbeit[0][2] += 1
            gebaut.build()

    def copy(*where: Any, **more: Any) -> Any:
        copied.append(where[3])
        known = register.eintraege(settings.registerordner(gebaut.ordner, "musterland"))["bestand"]
        assert where[3] in set(known), "not shown before it is entered"
        return freigabe(*where, **more)

    freigabe = store.freigabe
    monkeypatch.setattr(dienst.schutz, "verzeichne", interrupted)
    monkeypatch.setattr(dienst.store, "freigabe", copy)
    found = given["lade"]()
    assert len(set(copied)) == 2
    assert found.ordner.name == copied[-1] == store.aktueller(gebaut.bestand)


def strenger(gebaut: Any, before: str, now: str) -> None:
    assert before in gebaut.region_yml
    gebaut.region_yml = gebaut.region_yml.replace(before, now)
    gebaut.schreibe()


def test_stricter_rules_do_not_wait_for_a_page(gebaut: Any, capsys: pytest.CaptureFixture[str]) -> None:
    pages, folder = ordner(gebaut)
    strenger(gebaut, "agentur: {mindestfallzahl: 10,", "agentur: {mindestfallzahl: 20,")
    with pytest.raises(LaufFehler, match=r"mindestfallzahl 20 statt 10.*sozialanalyse build"):
        lauf(gebaut)
    assert register.eintraege(folder).empty
    assert not pages.exists()
    assert cli.main(["schutz", "--region", str(gebaut.ordner)]) == 0
    assert "ALO: mindestfallzahl 20 statt 10" in capsys.readouterr().err
    gebaut.build()
    lauf(gebaut)
    assert len(register.eintraege(folder)) == 1


def test_rules_become_stricter_after_a_publication(gebaut: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What was seen is named and stops nothing; what was not seen follows the new rules."""
    _, folder = ordner(gebaut)
    lauf(gebaut)
    seen = register.bekannt(folder)
    strenger(gebaut, "agentur: {mindestfallzahl: 10,", "agentur: {mindestfallzahl: 20,")
    gebaut.build()
    public, inside = gebaut.daten("oeffentlich").werte(level=None), gebaut.daten("intern")
    told = inside.schutz("ziele").query("schon_bekannt")
    assert len(told)
    assert inside.schutz("ziele").query("~geschuetzt")["schon_bekannt"].all()
    said = "\n".join(lauf(gebaut).gesagt)
    assert "schon öffentlich" in said
    assert "zu diesem Gebiet ist bereits ein Wert veröffentlicht" in said
    assert "strenger fassen" not in said
    assert len(register.eintraege(folder)) == 2
    keys = ["gebiet_id", "indikator_id", "stichtag"]
    both = public.merge(inside.werte(level=None), on=keys, suffixes=("", "_intern")).query(
        "indikator_id == 'ALO'"
    )
    both = both.merge(seen[keys].assign(gesehen=True), on=keys, how="left")
    small = both["zaehler_intern"].between(1, 19)
    new = small & both["gesehen"].isna()
    assert both.loc[new, "wert"].isna().all()
    assert both.loc[both["gesehen"].notna(), "wert"].notna().all()
    assert cli.main(["schutz", "--region", str(gebaut.ordner)]) == 0
    printed = capsys.readouterr().out
    assert f"0 zu eng, {len(told)} schon öffentlich" in printed
    report = ordner(gebaut)[0].parent / "intern" / "geheimhaltung.html"
    assert "Was schon öffentlich ist" in report.read_text(encoding="utf-8")


def test_what_only_the_new_pages_would_tell_is_refused(gebaut: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quantity that nobody could narrow before stops the run, whatever else is public already."""
    area = gebaut.daten("intern").verzeichnis().index[0]
    narrow = pd.DataFrame(
        {"stichtag": "2023-12-31", "gebiet_id": area, "indikator_id": "ALO", "art": "zahl", "breite": 10.0,
         "weite": 3.0, "geschuetzt": [False, False, True], "schon_bekannt": [True, False, False]}
    )  # fmt: skip
    monkeypatch.setattr(store.Daten, "schutz", lambda *_: narrow)
    with pytest.raises(LaufFehler, match="neu gezeigt würde oder ohnehin bekannt") as error:
        lauf(gebaut)
    assert str(error.value).count("(Spanne") == 1
    assert "strenger" not in str(error.value)


def test_looser_rules_are_told(gebaut: Any) -> None:
    strenger(gebaut, "agentur: {mindestfallzahl: 10,", "agentur: {mindestfallzahl: 5,")
    assert any("mindestfallzahl 5 statt 10" in words for words in lauf(gebaut).gesagt)


def test_a_publication_nobody_could_see_is_taken_back(
    gebaut: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a trial run by mistake, rules may become stricter as if it had not been."""
    pages, folder = ordner(gebaut)
    lauf(gebaut)
    name = store.load(gebaut.ordner).ordner.name
    Ablage(pages).schreibe("varianz/gesamt.json", f'{{"fingerabdruck": {{"bestand": "{name}"}}}}')
    Ablage(pages).schreibe("cluster/gesamt.json", '{"fingerabdruck": {"bestand": "anderer"}}')
    Ablage(pages).schreibe("cluster/gesamt.html", "<p>früher</p>")
    call = ["schutz", "--region", str(gebaut.ordner), "--zuruecknehmen", name[:6]]
    assert cli.main(call) == 1
    assert "--grund" in capsys.readouterr().err
    assert len(register.eintraege(folder)) == 1
    assert cli.main([*call, "--grund", "Probelauf auf dem Notebook", "--name", "Sozialplanung"]) == 0
    assert register.eintraege(folder).empty
    assert register.bekannt(folder).empty
    assert register.andere(folder, "x") == []
    assert register.zuruecknahmen(folder)[["bestand", "von", "grund"]].values.tolist() == [
        [name, "Sozialplanung", "Probelauf auf dem Notebook"]
    ]
    left = {path.relative_to(pages).as_posix() for path in pages.rglob("*") if path.is_file()}
    assert {"cluster/gesamt.html", "cluster/gesamt.json"} <= left
    assert not {"index.html", "varianz/gesamt.html", "varianz/gesamt.json"} & left
    assert cli.main(["schutz", "--region", str(gebaut.ordner), "--register"]) == 0
    assert "zurückgenommen" in capsys.readouterr().out
    lauf(gebaut, force=True)
    assert len(register.eintraege(folder)) == 1, "published again, entered again"


def test_an_unknown_publication_is_not_taken_back(gebaut: Any) -> None:
    place = lade_region(gebaut.ordner)
    for wrong in ("", "gibtsnicht"):
        with pytest.raises(LaufFehler, match="keine eindeutige Veröffentlichung"):
            schutz.nimm_zurueck(place, wrong, grund="x", name="y")


@pytest.mark.parametrize(("damals", "heute", "ist"), [
    ({}, {}, ""),
    ({"mindestfallzahl": 10}, {"mindestfallzahl": 20}, "strenger"),
    ({"mindestfallzahl": 20}, {"mindestfallzahl": 10}, "anders"),
    ({"komplement": False}, {"komplement": True}, "strenger"),
    ({"null_zeigen": True}, {"null_zeigen": False}, "strenger"),
    ({"null_zeigen": False}, {"null_zeigen": True}, "anders"),
    ({"mindestfallzahl": 5}, {"mindestfallzahl": 5, "schutzbreite": 5}, ""),
    ({"mindestfallzahl": 5}, {"mindestfallzahl": 5, "schutzbreite": 9}, "strenger"),
    ({"mindestfallzahl": 5}, {"mindestfallzahl": 5, "mindestfallzahl_kommune": 3}, "anders"),
    ({}, {"dominanz": {"groesste": 1, "anteil": 85}}, "strenger"),
    ({"dominanz": {"groesste": 1, "anteil": 85}}, {}, "anders"),
    ({"dominanz": {"groesste": 1, "anteil": 85}}, {"dominanz": {"groesste": 2, "anteil": 90}}, "strenger"),
    ({}, {"p_prozent": 10}, "strenger"),
    ({"rundung_zahl": 10}, {"rundung_zahl": 5}, "anders"),
    ({"mindestfallzahl": 9, "rundung_zahl": 5}, {"mindestfallzahl": 5, "rundung_zahl": 10}, "strenger"),
    ({}, {"beschreibung": "neu", "rechtsgrundlage": "§ 16"}, ""),
])  # fmt: skip
def test_which_change_of_a_rule_asks_for_more(damals: dict, heute: dict, ist: str) -> None:
    found = regelstand.vergleiche({"I": Sperrprofil(**damals)}, {"I": Sperrprofil(**heute)})
    assert (set(found.strenger), set(found.anders)) == ({"I"} if ist == "strenger" else set(), {"I"} if ist == "anders" else set())  # fmt: skip
    assert bool(found.satz()) == bool(ist)


@pytest.fixture
def umask_offen() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_unprotected_values_are_for_their_owner_whatever_the_umask(umask_offen: None, gebaut: Any) -> None:
    gebaut.arbeit[0][2] = "12a"
    gebaut.schreibe()
    with pytest.raises(PruefFehler):  # its protocol names cells
        build.build(gebaut.ordner)
    gebaut.arbeit[0][2] = 61
    gebaut.build()
    lauf(gebaut)
    place = lade_region(gebaut.ordner)
    closed = [folder for folder in ordnerrechte.geschlossene(place) if folder.exists()]
    assert {"musterland", "intern"} <= {folder.name for folder in closed}
    assert [
        folder for folder in closed if folder.stat().st_mode & 0o077 and folder != place.lieferungen
    ] == []


@pytest.mark.skipif(os.name == "nt", reason="Rechte sind dort andere.")
def test_a_folder_left_open_is_closed_when_it_is_used_again(tmp_path: Path) -> None:
    """Results and register of an older version, or copied with their rights."""
    for ordner in (tmp_path / "intern", tmp_path / "kreis"):
        ordner.mkdir()
        ordner.chmod(0o755)
    Ablage(tmp_path).verschliesse("intern")
    assert (tmp_path / "intern").stat().st_mode & 0o777 == 0o750
    settings.eigener_ordner(tmp_path / "kreis")
    assert (tmp_path / "kreis").stat().st_mode & 0o777 == 0o750


def test_open_folders_are_told_with_the_remedy(gebaut: Any) -> None:
    place = lade_region(gebaut.ordner)
    place.lieferungen.chmod(0o750)
    assert ordnerrechte.warnung(place) == ""
    place.lieferungen.chmod(0o755)
    opened = all(above.stat().st_mode & 0o001 for above in place.lieferungen.resolve().parents)
    assert (f"chmod -R o-rwx {place.lieferungen}" in ordnerrechte.warnung(place)) == opened


def test_entries_belong_to_their_owner(tmp_path: Path) -> None:
    from datetime import date

    row = {"gebiet_id": "A", "indikator_id": "I", "stichtag": "2023-12-31", "wert": 1.0, "zaehler": 1.0, "nenner": 2.0}  # fmt: skip
    entry = register.verzeichne(
        tmp_path / "r", pd.DataFrame([row]), bestand="b", audience="oeffentlich", am=date(2026, 1, 1)
    )
    assert entry is not None
    assert entry.stat().st_mode & 0o077 == 0
