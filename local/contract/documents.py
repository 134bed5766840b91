"""Every document that is made, and what has to be in it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from local.contract import asyncapi, openapi, page
from local.contract.schemas import all_schemas
from local.engine import ROOT

DOCS: Final = ROOT / "docs"
PAGE: Final = DOCS / "contract.md"
SCHEMAS: Final = DOCS / "schemas"
MADE: Final = "# Made by `make docs` from template.yaml and the code: change those.\n"


def documents() -> Mapping[Path, str]:
    """Write all of them; the page keeps what stands outside of its marks."""
    made = {SCHEMAS / f"{name}.json": _json(schema) for name, schema in all_schemas().items()}
    made[DOCS / "openapi.yaml"] = _yaml(openapi.document())
    made[DOCS / "asyncapi.yaml"] = _yaml(asyncapi.document())
    made[PAGE] = page.filled(PAGE.read_text())
    return made


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _yaml(document: Mapping[str, Any]) -> str:
    # Through JSON once: what is the same in two places is then written twice, and needs no aliases of YAML.
    plain = json.loads(json.dumps(document))
    return MADE + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)
