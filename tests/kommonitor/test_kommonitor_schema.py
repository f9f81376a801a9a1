"""Bodies of requests against the published interface, where a developer has it; no copy lies here.

``SOZIALANALYSE_KOMMONITOR_SCHEMA`` names the file ``kommonitor_dataAccessAPI.yaml`` of a server of generation 5.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_kommonitor_apply import Lage

SCHEMA = "SOZIALANALYSE_KOMMONITOR_SCHEMA"
LUECKE = "indicatorValue"
"""May be null: the servers take it, their description has forgotten it."""
NAMED = os.environ.get(SCHEMA, "")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    if not Path(NAMED).is_file():
        pytest.skip(f"{SCHEMA} nennt keine Beschreibung der Schnittstelle von KomMonitor")
    found = yaml.load(Path(NAMED).read_text(encoding="utf-8"), yaml.CSafeLoader)
    return _nullable(found)


def _nullable(thing: Any) -> Any:
    """OpenAPI 3.0 says ``nullable`` where JSON Schema has a type more."""
    if isinstance(thing, list):
        return [_nullable(one) for one in thing]
    if not isinstance(thing, dict):
        return thing
    made = {key: _nullable(one) for key, one in thing.items() if key != "nullable"}
    if thing.get("nullable") and isinstance(thing.get("type"), str):
        made["type"] = [thing["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


def _wanted(schema: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """Schema of a body by the path it was sent to."""
    inner = path.removeprefix("/management")
    fits = [
        one[method.lower()]
        for template, one in schema["paths"].items()
        if method.lower() in one and re.fullmatch(re.sub(r"\{.*?\}", "[^/]+", template), inner)
    ]
    assert len(fits) == 1, (method, inner)
    (content,) = fits[0]["requestBody"]["content"].values()
    return content["schema"]


def test_bodies_are_those_of_the_published_interface(schema, neuer_kreis, oidc, tmp_path):
    """All that is sent while something is written, changed and taken back; also names that nobody knows there."""
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    here = Lage(neuer_kreis("5.2"), oidc, tmp_path)
    here.wende_an(here.plane(rechte=here.rechte(offen=True)))
    plan = here.plane(here.werte(["2022-12-31", "2024-12-31"]), here.rechte(*here.kreis.kommunen[:2]), interpretation="anders")  # fmt: skip
    here.wende_an(plan)
    here.nimm_zurueck(plan)
    sent = here.fake.gesendet
    assert {method for method, _, _ in sent} == {"POST", "PUT", "PATCH"}
    for method, path, body in sent:
        wanted = _wanted(schema, method, path)
        errors = [
            f"{method} {path}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator({"components": schema["components"], **wanted}).iter_errors(body)
            if [*error.absolute_path][-1:] != [LUECKE] or error.instance is not None
        ]
        assert errors == []
        name = wanted["$ref"].rpartition("/")[2]
        known = set(schema["components"]["schemas"][name]["properties"])
        assert set(body) <= known | {"regionalReferenceValues"}, name  # POST ignores these where it has none
