"""Write the template as CloudFormation gets it, for tools that look at it."""

import json
import sys

from local.template import load_template
from tests.template.transformed import transformed

if __name__ == "__main__":
    written = load_template()
    stack = transformed(written)
    # SAM does not hand on what is said of an API to the stage that it makes of it.
    stack.resources["CallbackApiStage"]["Metadata"] = written["Resources"]["CallbackApi"]["Metadata"]
    json.dump(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": stack.parameters,
            "Conditions": stack.conditions,
            "Resources": stack.resources,
        },
        sys.stdout,
    )
