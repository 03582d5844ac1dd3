"""Amazon's own model of the orders API as a strict JSON schema."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from isthmus_sandbox.amazon.examples import MODEL_FILE

BESIDE_THE_REPOSITORY = Path(__file__).parents[4] / "shared" / "data" / "amazon" / "models"


def models_folder() -> Path:
    """Return the folder of Amazon's models, or skip the test that asks for it."""
    # Where the models are is an affair of the machine, not of the product's settings.
    named = os.environ.get("ISTHMUS_AMAZON_MODELS")  # noqa: TID251
    folder = Path(named) if named else BESIDE_THE_REPOSITORY
    if not (folder / MODEL_FILE).exists():
        pytest.skip(f"Amazon's API models are not in {folder}; set ISTHMUS_AMAZON_MODELS")
    return folder


def complaints(folder: Path, definition: str, body: object) -> list[str]:
    """Return where the body is not what Amazon's model says: wrong, missing or invented."""
    model = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
    definitions = {name: _strict(schema) for name, schema in model["definitions"].items()}
    schema = {"$ref": f"#/definitions/{definition}", "definitions": definitions}
    errors = Draft4Validator(schema).iter_errors(body)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Amazon's model allows any further field; a stand-in that invents one shall be caught."""
    return {**schema, "additionalProperties": False} if "properties" in schema else schema
