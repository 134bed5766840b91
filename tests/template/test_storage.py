"""The table and the queue: nothing that D1 told us is lost by an operation on the stack."""

from tests.template.transformed import Stack


def test_the_table_outlives_the_stack(stack: Stack) -> None:
    """Neither a deleted stack nor a replaced resource nor a mistaken call takes the cards with it."""
    table = stack.resources["StatusTable"]

    assert table["DeletionPolicy"] == "Retain"
    assert table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_table_takes_bursts(stack: Stack) -> None:
    """An order batch brings 6,000 updates at once: capacity is by demand."""
    assert stack.properties("StatusTable")["BillingMode"] == "PAY_PER_REQUEST"


def test_history_expires(stack: Stack) -> None:
    """Items go by the attribute that the code writes."""
    assert stack.properties("StatusTable")["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}


def test_keys_and_indexes(stack: Stack) -> None:
    """The table is keyed as the code reads and writes it; an index holds no more than its question needs."""
    table = stack.properties("StatusTable")
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}

    def keys(schema: list[dict[str, str]]) -> list[tuple[str, str, str]]:
        return [(one["AttributeName"], types[one["AttributeName"]], one["KeyType"]) for one in schema]

    assert keys(table["KeySchema"]) == [("pk", "S", "HASH"), ("sk", "S", "RANGE")]
    assert {
        index["IndexName"]: (*keys(index["KeySchema"]), index["Projection"])
        for index in table["GlobalSecondaryIndexes"]
    } == {
        "ByStatus": (
            ("statusShard", "S", "HASH"),
            ("pk", "S", "RANGE"),
            {"ProjectionType": "KEYS_ONLY"},
        ),
        "ByInputFile": (
            ("inputFileShard", "S", "HASH"),
            ("pk", "S", "RANGE"),
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"]},
        ),
        "ByIssuerRequest": (
            ("issuerRequestId", "S", "HASH"),
            ("pk", "S", "RANGE"),
            {"ProjectionType": "KEYS_ONLY"},
        ),
        "PendingAlerts": (
            ("pendingShard", "S", "HASH"),
            ("dueAt", "N", "RANGE"),
            {"ProjectionType": "ALL"},
        ),
    }


def test_rejected_operations_wait_for_two_weeks(stack: Stack) -> None:
    """There is time to look at what could not be read; it is encrypted, and outlives the stack."""
    queue = stack.resources["RejectedQueue"]

    assert queue["Properties"] == {"MessageRetentionPeriod": 14 * 24 * 3600, "SqsManagedSseEnabled": True}
    assert queue["DeletionPolicy"] == queue["UpdateReplacePolicy"] == "Retain"
