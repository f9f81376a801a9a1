"""Pages for a stick or a web server: all that everybody may read, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sozialanalyse import cli

SEITE = (
    '<main><ul class="sa sa-dateien" aria-label="Dateien">\n{dateien}'
    '<li class="sa-interaktiv"><a rel="nofollow" href="/live/atlas?indikator=X">Interaktiv</a></li>\n</ul>\n'
    "<p>Inhalt</p></main>"
)
PAPIER = '<li><a href="gesamt.pdf">PDF</a></li>\n'


@pytest.fixture
def ergebnisse(kleinregion: Any) -> Path:
    """Results as a batch leaves them: two audiences, notebooks, records, hidden files."""
    folder = kleinregion.ordner.parent / "daten" / "ergebnisse" / kleinregion.ordner.name
    for name in ("index.html", "varianz/gesamt.html"):
        page = folder / "oeffentlich" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(SEITE.format(dateien=PAPIER if "/" in name else ""), encoding="utf-8")
    for name in ("varianz/gesamt.pdf", "varianz/gesamt.csv", "sa-0123456789ab.css",
                 "varianz/gesamt.ipynb", "varianz/gesamt.json", "varianz/x.fehler.ipynb",
                 "protokolle/b1/varianz/gesamt.json", ".versteckt.html"):  # fmt: skip
        file = folder / "oeffentlich" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"geheim" if name.endswith(("json", "ipynb")) else b"offen")
    (folder / "intern" / "varianz").mkdir(parents=True)
    (folder / "intern" / "varianz" / "gesamt.html").write_text("geheim")
    return folder


def rufe(kleinregion: Any, target: Path, *more: str) -> int:
    kleinregion.schreibe()
    return cli.main(["export", str(target), "--region", str(kleinregion.ordner), *more])


def test_only_what_everybody_may_read_leaves(
    kleinregion: Any, ergebnisse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "stick"
    assert rufe(kleinregion, target, "--out", str(ergebnisse)) == 0
    assert "2 öffentliche Seiten" in capsys.readouterr().out
    assert {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()} == {
        "index.html", "sa-0123456789ab.css", "varianz/gesamt.csv", "varianz/gesamt.html", "varianz/gesamt.pdf",
    }  # fmt: skip
    start = (target / "index.html").read_text(encoding="utf-8")
    assert start == "<main><p>Inhalt</p></main>", "no link to pages nobody makes there, no empty list"
    page = (target / "varianz" / "gesamt.html").read_text(encoding="utf-8")
    assert PAPIER in page
    assert "/live/" not in page


def test_a_folder_in_use_is_left_alone(
    kleinregion: Any, ergebnisse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "brief.txt").write_text("wichtig")
    assert rufe(kleinregion, tmp_path / "stick", "--out", str(ergebnisse)) == 1
    assert "nicht leer" in capsys.readouterr().err
    assert [p.name for p in (tmp_path / "stick").iterdir()] == ["brief.txt"]


def test_without_pages_the_remedy_is_told(
    kleinregion: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rufe(kleinregion, tmp_path / "stick", "--out", str(tmp_path / "leer")) == 1
    assert "sozialanalyse run" in capsys.readouterr().err
    assert not (tmp_path / "stick").exists()
