"""README and guides keep their word: commands, files, variables, links, messages and code exist."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import oberau
import pytest

from sozialanalyse import build, cli
from sozialanalyse.base import yamlio
from sozialanalyse.region import skeleton
from sozialanalyse.region.catalogue import DatensatzSeite
from sozialanalyse.seiten.grundlage import regionsdateien

PROJEKT = Path(__file__).parents[1]
PAKET = PROJEKT / "sozialanalyse"
SEITEN = [
    *(
        PROJEKT / name
        for name in (
            "README.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "parameters/README.md",
            "data/staedteregion-aachen/README.md",
        )
    ),
    *sorted((PAKET / "anleitung").glob("*.md")),
    *sorted((PAKET / "region" / "geruest").rglob("*.md")),
]
ENGLISCH = {
    "CONTRIBUTING.md", "architektur.md", "erweitern.md", "laufzeit.md", "entscheidungen.md", "methods.md", "geheimhaltung.md",
}  # fmt: skip
ERZEUGT = re.compile(
    r"^(data/(bestand|freigabe|veroeffentlichungen|vorhaben|ergebnisse|nachfrage|pruefprotokolle|zwischenspeicher|mein-kreis)/|(bestand|ergebnisse|nachfrage|pruefprotokolle|zwischenspeicher)/"
    r"|intern/|oeffentlich/|zurueckgenommen/|\.fehler\.json|lieferungen/einwohner/|einwohner/)"
)
"""What exists only after a run, or is an example."""
GENANNT = {
    "parameters/",
    "parameters/cluster.yml",
    "redaktion/",
    "redaktion/browser.yml",
    "redaktion/texte.yml",
    "redaktion/typen.yml",
    "index.html",
    "gesamt.json",
    "gebiete.parquet",
    "umstiege.parquet",
    "indikatoren.json",
    "pruefung.json",
    "bestand.json",
    "jupyterhub_config.py",
    "themen/jugend.yml",
    "cluster.yml",
}
"""Names of files inside such folders; another test holds those of the store against the code."""
jede_seite = pytest.mark.parametrize("seite", SEITEN, ids=lambda path: path.relative_to(PROJEKT).as_posix())


def blocks(seite: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", seite.read_text(encoding="utf-8"), re.M | re.S)


def code(seite: Path) -> Iterator[str]:
    """Everything set as code: indented lines and words between backticks."""
    content = re.sub(r"^```.*?^```", "", seite.read_text(encoding="utf-8"), flags=re.M | re.S)
    for line in content.splitlines():
        if line.startswith("    "):
            yield line.strip()
    yield from (" ".join(word.split()) for word in re.findall(r"`([^`]+)`", content))


def commands(seite: Path, program: str) -> list[list[str]]:
    lines = [line.split(" #")[0] for line in code(seite)]
    return [shlex.split(line)[1:] for line in lines if re.match(rf"{program}\b(?!\.)", line)]


def test_there_are_pages_and_commands() -> None:
    assert len(SEITEN) >= 15
    assert sum(len(commands(seite, "sozialanalyse")) for seite in SEITEN) > 30


@jede_seite
def test_commands_exist(seite: Path) -> None:
    for argv in commands(seite, "sozialanalyse"):
        if argv:
            cli.lies(argv)


@jede_seite
def test_make_targets_exist(seite: Path) -> None:
    targets = re.findall(r"^([\w-]+):", (PROJEKT / "Makefile").read_text(encoding="utf-8"), re.M)
    for argv in commands(seite, "make"):
        assert set(argv) <= set(targets), argv


@jede_seite
def test_programs_that_are_called_exist(seite: Path) -> None:
    """Tests, benchmarks and simulations that a page tells to run."""
    for argv in [*commands(seite, "pytest"), *commands(seite, "python")]:
        for word in argv:
            assert not word.startswith(("tests/", "benchmarks/")) or (PROJEKT / word).exists(), word


def test_readme_names_every_command() -> None:
    named = {argv[0] for argv in commands(PROJEKT / "README.md", "sozialanalyse") if argv}
    (subcommands,) = (action for action in cli.parser()._actions if action.dest == "name")
    assert named == set(subcommands.choices or ())


def anchors(seite: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", seite.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@jede_seite
def test_links_lead_somewhere(seite: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", seite.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        found = (seite.parent / name).resolve() if name else seite
        assert found.is_file(), target
        assert not anchor or anchor in anchors(found), target


@jede_seite
def test_files_exist(seite: Path) -> None:
    """Words that are a path or end like a file of this project."""
    for word in code(seite):
        if not re.fullmatch(r"[\w./-]+(/|\.(py|yml|md|ipynb|csv|json|lock|toml|html|parquet))", word):
            continue
        if ERZEUGT.match(word) or word in GENANNT or word in regionsdateien():
            continue
        places = [
            PROJEKT,
            PAKET,
            PROJEKT / "notebooks",
            seite.parent,
            PROJEKT / "data" / "staedteregion-aachen",
        ]
        known = any((place / word).exists() for place in places)
        assert known or any(PAKET.rglob(word)) or any((PROJEKT / "tests").rglob(word)), word


def test_generated_files_are_written_by_the_store() -> None:
    written = "".join(
        (PAKET / "store" / f"{name}.py").read_text(encoding="utf-8") for name in ("schreiben", "bestand")
    )
    for name in (
        "gebiete.parquet",
        "umstiege.parquet",
        "indikatoren.json",
        "intern/merkmale.parquet",
        "pruefung.json",
        "bestand.json",
    ):
        assert f'"{name}"' in written


def variables(paths: Iterator[Path] | list[Path]) -> set[str]:
    return {
        name
        for path in paths
        for name in re.findall(r"SOZIALANALYSE_[A-Z]+", path.read_text(encoding="utf-8"))
    }


def test_variables_are_explained_and_exist() -> None:
    used = variables([*PAKET.rglob("*.py"), PROJEKT / ".ci" / "run"])
    explained = variables(SEITEN)
    assert explained <= used | variables((PROJEKT / "tests").rglob("*.py"))
    internal = {"SOZIALANALYSE_STATISCH", "SOZIALANALYSE_DATEIEN", "SOZIALANALYSE_REDAKTION"}
    assert used - explained == internal


def test_quoted_messages_exist() -> None:
    """What the guide quotes is what the program says."""
    pages = [*PAKET.rglob("*.py"), *(PAKET / "base" / "texts").rglob("*.yml")]
    sources = " ".join(path.read_text(encoding="utf-8") for path in pages)
    guide = (PAKET / "anleitung" / "planung.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| („.+?“(?: oder „.+?“)*) \|", guide, re.M)
    quoted = [words for cell in cells for words in re.findall(r"„(.+?)“", cell)]
    assert len(quoted) > 14
    for words in quoted:
        assert words in sources, words


@jede_seite
def test_yaml_blocks_are_strict_yaml(seite: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(seite, "yaml")):
        path = tmp_path / f"{number}.yml"
        path.write_text(block, encoding="utf-8")
        assert yamlio.lesen(path).inhalt


def test_new_indicator_of_the_guide_pastes_without_fault(tmp_path: Path) -> None:
    guide = PAKET / "anleitung" / "planung.md"
    (block,) = (b for b in blocks(guide, "yaml") if b.startswith("  MITTE:"))
    named = PROJEKT / "data" / "staedteregion-aachen" / "indikatoren" / "melderegister.yml"
    assert named.relative_to(PROJEKT).as_posix() in guide.read_text(encoding="utf-8")
    path = tmp_path / "seite.yml"
    path.write_text(named.read_text(encoding="utf-8") + block, encoding="utf-8")
    page = yamlio.pruefen(DatensatzSeite, yamlio.lesen(path))
    assert page.indikatoren["MITTE"].zaehler in page.felder


def test_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ordner = tmp_path / "mein-kreis"
    skeleton.lege_an(ordner)
    oberau.fuelle(ordner)
    build.build(ordner)
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(ordner))
    (block,) = blocks(PROJEKT / "README.md", "python")
    assert len(ast.parse(block).body) <= 12
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert {"typen", "aehnlich", "teilung", "lang", "karte"} <= set(names)


@jede_seite
def test_no_english_quotes_in_german_pages(seite: Path) -> None:
    if seite.name in ENGLISCH:
        return
    prose = re.sub(r"```.*?```|^    .*?$|`[^`]*`", "", seite.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert '"' not in prose


def test_skeleton_and_guides_are_part_of_the_package() -> None:
    names = {path.relative_to(PAKET).as_posix() for path in PAKET.rglob("*") if path.is_file()}
    assert {
        "anleitung/planung.md", "anleitung/betrieb.md", "anleitung/architektur.md", "anleitung/erweitern.md", "anleitung/laufzeit.md",
        "anleitung/entscheidungen.md", "anleitung/methods.md", "anleitung/sicherheit.md", "region/geruest/region.yml",
        "region/geruest/gebiete.csv", "region/geruest/sozialraeume.csv", "region/geruest/lieferungen/.gitignore",
    } <= names  # fmt: skip
