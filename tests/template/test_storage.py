"""The table and the queue: nothing that D1 told us is lost by an operation on the stack."""

from typing import Final

from tests.template.transformed import Stack

KEY: Final = {"Fn::If": ["MakesKey", {"Fn::GetAtt": ["Key", "Arn"]}, {"Ref": "KmsKeyArn"}]}


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
        "OpenCards": (
            ("openShard", "S", "HASH"),
            ("dueDate", "S", "RANGE"),
            {"ProjectionType": "KEYS_ONLY"},
        ),
        "PendingAlerts": (
            ("pendingShard", "S", "HASH"),
            ("waitsSince", "N", "RANGE"),
            {"ProjectionType": "ALL"},
        ),
    }


def test_rejected_operations_wait_for_two_weeks(stack: Stack) -> None:
    """There is time to look at what could not be read; it is encrypted, and outlives the stack."""
    queue = stack.resources["RejectedQueue"]

    assert queue["Properties"] == {"MessageRetentionPeriod": 14 * 24 * 3600, "KmsMasterKeyId": KEY}
    assert queue["DeletionPolicy"] == queue["UpdateReplacePolicy"] == "Retain"


def test_everything_is_encrypted_with_one_key(stack: Stack) -> None:
    """Cards, alerts, what was rejected, logs and secrets are under the stack's key, or the one it was given."""
    table = stack.properties("StatusTable")["SSESpecification"]

    assert table == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    for kind, name in (
        ("AWS::SNS::Topic", "KmsMasterKeyId"),
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::SecretsManager::Secret", "KmsKeyId"),
    ):
        found = stack.of_type(kind)
        assert found
        assert all(one[name] == KEY for one in found.values())


def test_the_key_outlives_what_it_encrypts(stack: Stack) -> None:
    """The table stays when the stack goes, and its key with it; the key is renewed each year."""
    key = stack.resources["Key"]

    assert key["Condition"] == "MakesKey"
    assert key["DeletionPolicy"] == key["UpdateReplacePolicy"] == "Retain"
    assert key["Properties"]["EnableKeyRotation"] is True


def test_who_may_use_the_key(stack: Stack) -> None:
    """Beside this account's own policies: its logs, its alarms and the deliveries of its topics, and nobody else."""
    statements = {one["Sid"]: one for one in stack.properties("Key")["KeyPolicy"]["Statement"]}

    assert statements.keys() == {"ByPoliciesOfThisAccount", "LogsOfThisStack", "AlarmsAndDeliveries"}
    assert statements["AlarmsAndDeliveries"]["Principal"] == {
        "Service": ["cloudwatch.amazonaws.com", "sns.amazonaws.com"]
    }
    assert statements["AlarmsAndDeliveries"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }
    groups = statements["LogsOfThisStack"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    prefixes = {group["Fn::Sub"].split(":log-group:")[1].removesuffix("*") for group in groups}
    for one in stack.of_type("AWS::Logs::LogGroup").values():
        assert any(one["LogGroupName"]["Fn::Sub"].startswith(prefix) for prefix in prefixes)
