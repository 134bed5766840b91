"""The edge of a function, imported as Lambda imports it: with its environment in place."""

import importlib
import os
import sys
from collections.abc import Mapping
from types import ModuleType
from unittest.mock import patch


def fresh_edge(name: str, environment: Mapping[str, str]) -> ModuleType:
    """Import a function's edge anew. Whoever imports it elsewhere does not meet this one, with another environment."""
    module = f"{name}.app"
    known = sys.modules.pop(module, None)
    try:
        with patch.dict(os.environ, environment):
            return importlib.import_module(module)
    finally:
        sys.modules.pop(module, None)
        if known is not None:
            sys.modules[module] = known
