"""What is kept depends on all the code and libraries it came from, and on no others."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sozialanalyse.base import codestand

PAKET = codestand.PAKET


@pytest.fixture
def kopie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package to change; the hash is taken of it."""
    target = tmp_path / "sozialanalyse"
    shutil.copytree(PAKET, target, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(codestand, "PAKET", target)
    monkeypatch.setattr(codestand, "libraries", lambda _: [])
    return target


def stand() -> str:
    codestand.of_module.cache_clear()
    try:
        return codestand.of_module("sozialanalyse.build")
    finally:
        codestand.of_module.cache_clear()


BUILD = sorted(path.relative_to(PAKET).as_posix() for path in codestand.modules("sozialanalyse.build"))


def test_every_module_a_snapshot_comes_from_changes_its_name(kopie: Path) -> None:
    before = stand()
    for name in BUILD:
        path = kopie / name
        content = path.read_bytes()
        path.write_bytes(content + b"\n# anders\n")
        assert stand() != before, name
        path.write_bytes(content)
    assert stand() == before


def test_what_a_build_loads_is_what_is_followed(tmp_path: Path) -> None:
    """Run for real: no module of the package takes part in a build that is not among those found."""
    program = """
import json, sys
from sozialanalyse import build, geheimhaltung, harmonise, sources, store
for room, names in ((geheimhaltung, geheimhaltung.__all__), (store, store.__all__)):
    for name in names:
        getattr(room, name)
print(json.dumps(sorted(m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "sozialanalyse")))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {Path(name).relative_to(PAKET).as_posix() for name in json.loads(done.stdout)}
    assert {"base/yamlio.py", "region/catalogue/katalog.py", "geheimhaltung/sperren.py"} <= loaded
    assert loaded <= set(BUILD)


def test_pages_and_analyses_do_not_rename_snapshots() -> None:
    assert not [name for name in BUILD if name.split("/")[0] in {"present", "publish", "analyse", "berichte"}]


def test_a_new_import_is_followed(kopie: Path) -> None:
    before = stand()
    (kopie / "neu.py").write_text("from sozialanalyse.present import formats\n")
    assert stand() == before
    codestand._imports.cache_clear()
    path = kopie / "harmonise" / "keys.py"
    path.write_text(
        path.read_text() + "\n\ndef spaeter() -> None:\n    from sozialanalyse import neu  # noqa\n"
    )
    found = {one.relative_to(kopie).as_posix() for one in codestand.modules("sozialanalyse.build")}
    assert {"neu.py", "present/formats.py"} <= found


def test_another_version_of_a_library_changes_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = stand()
    names = [name.lower() for name, _ in codestand.libraries(codestand.modules("sozialanalyse.build"))]
    assert {"pandas", "numpy", "openpyxl", "geopandas", "highspy"} <= set(names)
    assert "voila" not in names
    version = codestand.metadata.version
    monkeypatch.setattr(
        codestand.metadata, "version", lambda name: "99" if name.lower() == "openpyxl" else version(name)
    )
    assert stand() != before


def test_any_file_changes_the_state_of_the_package(kopie: Path) -> None:
    def state() -> str:
        codestand.of_package.cache_clear()
        try:
            return codestand.of_package()
        finally:
            codestand.of_package.cache_clear()

    before = state()
    files = [
        path
        for path in sorted(kopie.rglob("*"))
        if path.is_file() and path.suffix not in {".md", ".txt", ""}  # guides, licences
    ]
    one_of_each_kind = {path.suffix: path for path in files}.values()
    for path in [*files[:: max(1, len(files) // 40)], *one_of_each_kind]:
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        assert state() != before, path
        path.write_bytes(content)


def test_all_modules_can_be_followed() -> None:
    """Each module's own file is found by its name and can be read, alone and as part of what imports it."""
    for number, path in enumerate(sorted(PAKET.rglob("*.py"))):
        parts = ["sozialanalyse", *path.relative_to(PAKET).with_suffix("").parts]
        name = ".".join(parts).removesuffix(".__init__")
        assert codestand._file(name) == path
        codestand._imports(path)
        assert number % 20 or path in codestand.modules(name), name
    assert importlib.util.find_spec("sozialanalyse.base.codestand") is not None
