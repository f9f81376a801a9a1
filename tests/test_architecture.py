"""What the layout promises, held against the source: imports, texts, names of places, environment, notebooks."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import schichten
import yaml
from schichten import PACKAGE, floors, handed_on, imported, past_the_door, room, tree

from sozialanalyse.base import settings, texts
from sozialanalyse.region import redaktion
from sozialanalyse.seiten import erklaerte, pruefe_seiten, regionsdateien, seiten
from sozialanalyse.sources import lies_spalten

ROOT = Path(__file__).parents[1]
SOURCES = sorted(PACKAGE.rglob("*.py"))


# --- imports ------------------------------------------------------------------------------------


def test_the_table_names_every_room_once():
    assert {room(path) for path in SOURCES} == {"", *floors()}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_down_and_use_front_doors(path):
    own = floors().get(room(path), 0)
    assert {name for name in imported(path) if name and floors()[name] <= own} == set(), (
        "a room knows lower floors"
    )
    assert past_the_door(path) == []
    if room(path) == "kernels":
        assert imported(path) <= {"base"}


def test_imports_are_seen():
    """The walk above would notice: it finds what is known to be there."""
    assert {"harmonise", "sources", "store", "geheimhaltung"} <= imported(PACKAGE / "build.py")
    assert imported(PACKAGE / "analyse" / "variance" / "decomposition.py") <= {"base"}
    assert {"text", "settings"} <= handed_on("base")


def test_the_architecture_page_shows_the_table():
    assert schichten.PAGE.read_text(encoding="utf-8") == schichten.page(), "python tests/schichten.py"


# --- names and words ----------------------------------------------------------------------------


def places() -> set[str]:
    """Names of regions and Kommunen that the repository knows."""
    names: set[str] = set()
    for page in [*ROOT.glob("data/*/region.yml"), *ROOT.glob("tests/regionen/*/region.yml")]:
        region = yaml.safe_load(page.read_text(encoding="utf-8"))
        names |= {region["id"], region["name"], *region["name"].split()[-1:]}
        for source in region["gebiete"]:
            if source["ebene"] == "kommune" and (page.parent / source["datei"]).exists():
                table = lies_spalten(page.parent / source["datei"], trennzeichen=source.get("trennzeichen"))
                for column in ("id", "name"):
                    names |= {str(cell) for cell in table.spalte(list(table.kopf).index(source[column]))}
    return names


def test_package_holds_no_name_of_a_place():
    names = places()
    assert len(names) > 20
    pattern = re.compile(
        r"\b(" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + r")\b", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in PACKAGE.rglob("*")
        if path.suffix in {".py", ".yml", ".j2", ".css", ".js", ".html", ".csv"}
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_public_class_and_no_module_has_the_name_of_another():
    """A format is a module with a ``Form``; apart from that one name means one thing."""
    where: dict[str, list[str]] = {}
    for path in SOURCES:
        if path.stem not in {"__init__", "__main__"}:
            where.setdefault(f"module {path.stem}", []).append(str(path.relative_to(PACKAGE)))
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where.setdefault(f"class {node.name}", []).append(str(path.relative_to(PACKAGE)))
    twice = {name: places for name, places in where.items() if len(places) > 1}
    formats = twice.pop("class Form", [])
    assert {place.split("/")[0] for place in formats} == {"formate"}
    assert twice == {}


def strings(module: ast.Module) -> Iterator[str]:
    """String literals without docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    bodies = [node.body for node in ast.walk(module) if isinstance(node, documented)]
    notes = {id(line.value) for body in bodies for line in body if isinstance(line, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.value


def test_analysis_holds_no_german_text():
    found = {
        f"{path.relative_to(PACKAGE)}: {string}"
        for path in (PACKAGE / "analyse").rglob("*.py")
        for string in strings(tree(path))
        if re.search("[äöüÄÖÜß]", string)
    }
    assert found == set()


def asked() -> tuple[set[str], set[str]]:
    """Keys that calls of ``text`` name in full, and beginnings of keys that are put together."""
    literal, prefixes = set(), set()
    for template in PACKAGE.rglob("*.j2"):
        quoted = re.findall(r"'(\w+\.[\w.]+)'", template.read_text(encoding="utf-8"))
        literal |= {key for key in quoted if key.split(".")[0] in ROOMS}
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                prefixes.add(str(node.values[0].value))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "text" and node.args:
                choices = (
                    [node.args[0].body, node.args[0].orelse]
                    if isinstance(node.args[0], ast.IfExp)
                    else node.args[:1]
                )
                literal |= {choice.value for choice in choices if isinstance(choice, ast.Constant)}
    return literal, {prefix for prefix in prefixes if prefix.split(".")[0] in ROOMS and "." in prefix}


ROOMS = {path.stem for path in (PACKAGE / "base" / "texts").glob("*/*.yml")}
ALLE = texts.keys() | texts.keys("einfach")


def test_every_text_asked_for_exists():
    literal, prefixes = asked()
    assert len(literal) > 100
    assert literal - ALLE == set()
    assert [prefix for prefix in prefixes if not any(key.startswith(prefix) for key in ALLE)] == []


def test_no_text_is_unused():
    literal, prefixes = asked()
    named = literal | {string for path in SOURCES for string in strings(tree(path))}
    unused = {key for key in ALLE - named if not any(key.startswith(prefix) for prefix in prefixes)}
    assert unused == set()


# --- environment --------------------------------------------------------------------------------


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def normal(requirement: str) -> str:
    return requirement.lower().replace("_", "-").replace(" ", "")


def test_version_stands_once():
    assert project()["version"] == settings.VERSION


def test_conda_environment_matches_the_project():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = [entry for entry in listed if isinstance(entry, str)] + next(
        e["pip"] for e in listed if isinstance(e, dict)
    )
    extra = {"python" + project()["requires-python"], "pip", "-e.[dev]"}
    assert {normal(entry) for entry in plain} == {
        normal(entry) for entry in project()["dependencies"]
    } | extra


def test_lock_holds_every_dependency_with_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    entries = re.findall(
        r"^([\w.-]+)==\S+ \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", lock, re.MULTILINE
    )
    locked = {normal(name) for name, _ in entries}
    assert len(entries) == len(re.findall(r"^\S+==", lock, re.MULTILINE))
    wanted = [*project()["dependencies"], *project()["optional-dependencies"]["dev"]]
    assert {normal(re.split(r"[><=\[]", entry)[0]) for entry in wanted} - locked == set()


# --- notebooks ----------------------------------------------------------------------------------


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def committed(pattern: str) -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", pattern], cwd=ROOT, capture_output=True, text=True
    )
    if found.returncode:
        pytest.skip("kein Git-Arbeitsordner")
    return [ROOT / name for name in found.stdout.splitlines() if (ROOT / name).exists()]


def test_no_notebook_is_committed_with_outputs():
    notebooks = committed("*.ipynb")
    assert {path.stem for path in notebooks} >= set(seiten())
    filled = [
        f"{path.name}, Zelle {number}"
        for path in notebooks
        for number, cell in enumerate(cells(path))
        if cell.get("outputs") or cell.get("execution_count")
    ]
    assert filled == []


def test_files_of_a_region_that_pages_read_are_declared(tmp_path):
    """Else the public service, which lives in a folder of its own, would not have them, and pages would be kept too long."""
    rooms = {path.stem for path in PACKAGE.iterdir()}
    read = {
        importlib.import_module(
            f"sozialanalyse.{'' if node.value.id in rooms else 'region.'}{node.value.id}"
        ).DATEI
        for path in (PACKAGE / "seiten").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "DATEI" and isinstance(node.value, ast.Name)
    }
    assert read
    assert read <= set(regionsdateien())
    (tmp_path / "foerderung.yml").write_text("a")
    before = redaktion.stand(tmp_path, regionsdateien())
    (tmp_path / "foerderung.yml").write_text("b")
    assert redaktion.stand(tmp_path, regionsdateien()) != before


def test_pages_have_all_their_texts_and_the_parameters_they_declare():
    assert pruefe_seiten(ROOT) == []


@pytest.mark.parametrize("notebook", seiten())
def test_notebooks_are_thin(notebook):
    found = cells(ROOT / "notebooks" / f"{notebook}.ipynb")
    assert len(found) <= 30
    for cell in found:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        assert len(source.splitlines()) <= 15
        nodes = list(ast.walk(ast.parse(source)))
        assert not [
            n for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.Try | ast.Lambda | ast.For)
        ]
        assert not re.search(r"\bread_\w+\(|\bopen\(", source)


def test_every_notebook_is_the_page_of_a_declaration():
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == set(erklaerte())


def test_files_that_begin_first_exist() -> None:
    """A renamed test file keeps its place in the order of the workers."""
    block = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8").partition("\nZUERST = (")[2]
    named = re.findall(r'"([\w/]+\.py)"', block.partition('"""')[0])
    assert len(named) > 10
    assert [name for name in named if not (ROOT / "tests" / name).is_file()] == []
