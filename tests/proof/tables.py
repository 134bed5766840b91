"""The table as template.yaml describes it: what is proven, is proven of the table that is deployed."""

from functools import cache
from typing import Any, Final

from local.template import load_template

_OF_THE_TABLE: Final = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


def create_table(dynamodb: Any, name: str) -> None:
    """Create the template's table, with its indexes, under a name."""
    dynamodb.create_table(TableName=name, **_table_properties())


@cache
def _table_properties() -> dict[str, Any]:
    properties = load_template()["Resources"]["StatusTable"]["Properties"]
    return {name: properties[name] for name in _OF_THE_TABLE}
