"""Write a digest of a stage's settings into the built template, so that a change of them alone is a change of code.

SAM publishes a new version of a function where the template's text about it has changed; ``!Ref RetentionDays`` is the
same text whatever the parameter's value is. Run by ``make deploy``, between build and deployment.
"""

import hashlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Final

from local.engine import ROOT

BUILT_TEMPLATE: Final = ROOT / ".aws-sam/build/template.yaml"
SETTINGS: Final = ROOT / "samconfig.toml"
UNSTAMPED: Final = "SETTINGS_DIGEST: unstamped"


class NotStamped(Exception):
    """The template could not be stamped; the message says why."""


def main() -> int:
    """Stamp the built template for the stage that is named; answer the exit code."""
    try:
        stamp(BUILT_TEMPLATE, SETTINGS, sys.argv[1])
    except (NotStamped, OSError) as error:
        print(f"Not deployed: {error}", file=sys.stderr)
        return 1
    return 0


def stamp(template: Path, settings: Path, stage: str) -> None:
    """Write the digest of everything that the settings say for a stage. Raises NotStamped."""
    stages = tomllib.loads(settings.read_text())
    if stage not in stages or "deploy" not in stages[stage]:
        known = ", ".join(name for name, one in stages.items() if isinstance(one, dict) and "deploy" in one)
        raise NotStamped(f"{settings.name} says nothing of the stage {stage}. It knows {known}.")
    text = template.read_text()
    if text.count(UNSTAMPED) != 1:
        raise NotStamped(f"{template.name} has no place for the digest, or too many. Build it anew.")
    said = json.dumps(stages[stage]["deploy"], sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()[:12]
    # A digest of digits alone would be a number in YAML.
    template.write_text(text.replace(UNSTAMPED, f'SETTINGS_DIGEST: "{digest}"'))


if __name__ == "__main__":
    sys.exit(main())
