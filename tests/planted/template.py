"""Planted bugs of template.yaml: alarms, conditions, time limits, rights, and what outlives the stack."""

from typing import Final

from tests.planted.bug import Bug

TEMPLATE: Final = "template.yaml"
ALL: Final = ("tests/template", "tests/documents/test_figures.py", "tests/tooling")


def _bug(name: str, old: str, new: str) -> Bug:
    return Bug(name, TEMPLATE, old, new, ALL)


BUGS: Final = (
    # --- Alarms ---
    _bug("near the time limit: at 28,000 ms, which is never", "      Threshold: 20000", "      Threshold: 28000"),
    _bug(
        "near the time limit: on the average",
        "      Statistic: Maximum\n      Threshold: 20000",
        "      Statistic: Average\n      Threshold: 20000",
    ),
    _bug(
        "client certificate: comparison turned round",
        "      ComparisonOperator: LessThanOrEqualToThreshold\n      Threshold: 30\n      # It expires",
        "      ComparisonOperator: GreaterThanThreshold\n      Threshold: 30\n      # It expires",
    ),
    _bug(
        "client certificate: three days before it expires",
        "      Threshold: 30\n      # It expires",
        "      Threshold: 3\n      # It expires",
    ),
    _bug(
        "domain certificate: the day after it expired",
        "      Period: 86400\n      ComparisonOperator: LessThanOrEqualToThreshold\n      Threshold: 30",
        "      Period: 86400\n      ComparisonOperator: LessThanOrEqualToThreshold\n      Threshold: -1",
    ),
    _bug(
        "silence: comparison of the others",
        "      ComparisonOperator: LessThanThreshold\n      DatapointsToAlarm: !Ref SilenceHours\n",
        "      DatapointsToAlarm: !Ref SilenceHours\n",
    ),
    _bug(
        "silence: notifications without an operation count as traffic",
        "MetricName: OperationsReceived, ",
        "MetricName: NotificationsReceived, ",
    ),
    _bug("responses failed: on 4XXError", "      MetricName: 5XXError", "      MetricName: 4XXError"),
    _bug(
        "responses failed: of all stages",
        "        - { Name: Stage, Value: !Ref Stage }\n",
        "",
    ),
    _bug(
        "overdue not looked for: comparison of the others",
        "      ComparisonOperator: LessThanThreshold\n      # So that a schedule",
        "      # So that a schedule",
    ),
    _bug(
        "overdue not looked for: the whole weekend alarms",
        "      EvaluationPeriods: 4\n",
        "      EvaluationPeriods: 1\n",
    ),
    _bug(
        "queries failed: those that were refused count twice",
        "-1 * FILL(refused, 0)",
        "FILL(refused, 0)",
    ),
    _bug(
        "queries failed: no data if nothing was refused",
        "SUM([FILL(errors, 0), -1 * FILL(refused, 0)])",
        "errors - refused",
    ),
    _bug("table throttled: after half an hour", "      EvaluationPeriods: 3\n", "      EvaluationPeriods: 30\n"),
    _bug(
        "table throttled: the index of pending alerts is left out",
        "GlobalSecondaryIndexName, Value: PendingAlerts",
        "GlobalSecondaryIndexName, Value: OpenCards",
    ),
    _bug(
        "rejected operations: by their age",
        "      MetricName: ApproximateNumberOfMessagesVisible\n      Dimensions: &rejected-queue",
        "      MetricName: ApproximateAgeOfOldestMessage\n      Dimensions: &rejected-queue",
    ),
    _bug(
        "rejected operations: by the sum of samples",
        "Value: !GetAtt RejectedQueue.QueueName }]\n      Statistic: Maximum\n",
        "Value: !GetAtt RejectedQueue.QueueName }]\n",
    ),
    _bug(
        "rejected operations that expire: by an age that dry runs hide",
        "      MetricName: ApproximateNumberOfMessagesVisible\n      Dimensions: *rejected-queue",
        "      MetricName: ApproximateAgeOfOldestMessage\n      Dimensions: *rejected-queue",
    ),
    _bug("rejected operations that expire: any gap of an hour", "DatapointsToAlarm: 162", "DatapointsToAlarm: 168"),
    _bug(
        "alert delivery: of the topic of alarms",
        "Value: !GetAtt AlertTopic.TopicName",
        "Value: !GetAtt OperationsTopic.TopicName",
    ),
    _bug(
        "callers refused: sums up a day",
        "      MetricName: CallersRefused\n      Dimensions: *of-this-stack\n",
        "      MetricName: CallersRefused\n      Dimensions: *of-this-stack\n      Period: 86400\n",
    ),
    _bug(
        "unknown statuses: on another metric",
        "      MetricName: UnknownStatuses\n",
        "      MetricName: UpdatesWithoutChange\n",
    ),
    _bug(
        "contradictions: a hundred of them",
        "      MetricName: Contradictions\n      Dimensions: *of-this-stack\n",
        "      MetricName: Contradictions\n      Dimensions: *of-this-stack\n      Threshold: 100\n",
    ),
    _bug(
        "functions throttled: looks at errors",
        "Metric: { Namespace: AWS/Lambda, MetricName: Throttles, Dimensions: *of-relay-alerts }",
        "Metric: { Namespace: AWS/Lambda, MetricName: Errors, Dimensions: *of-relay-alerts }",
    ),
    _bug(
        "functions throttled: queries are left out",
        "Metric: { Namespace: AWS/Lambda, MetricName: Throttles, Dimensions: *of-get-card-status }",
        "Metric: { Namespace: AWS/Lambda, MetricName: Throttles, Dimensions: *of-relay-alerts }",
    ),
    _bug(
        "alarms tell nobody when they are over",
        "        OKActions: *tell\n        # Where nothing",
        "        # Where nothing",
    ),
    _bug(
        "notifications missed: never, without data",
        "      MetricName: NotificationsMissed\n      Dimensions: *of-this-stack\n",
        "      MetricName: NotificationsMissed\n      Dimensions: []\n",
    ),
    # --- Conditions and rules ---
    _bug(
        "condition of the alarm topic inverted",
        'MakesAlarmTopic: !Equals [!Ref AlarmTopicArn, ""]',
        'MakesAlarmTopic: !Not [!Equals [!Ref AlarmTopicArn, ""]]',
    ),
    _bug(
        "condition of silence inverted",
        "WatchesForSilence: !Not [!Equals [!Ref SilenceHours, 0]]",
        "WatchesForSilence: !Equals [!Ref SilenceHours, 0]",
    ),
    _bug(
        "condition of the gateway's logs inverted",
        'SetsUpGatewayLogging: !Equals [!Ref SetUpGatewayLogging, "true"]',
        'SetsUpGatewayLogging: !Equals [!Ref SetUpGatewayLogging, "false"]',
    ),
    _bug(
        "condition of the alert's e-mail inverted",
        'HasAlertEmail: !Not [!Equals [!Ref AlertEmail, ""]]',
        'HasAlertEmail: !Equals [!Ref AlertEmail, ""]',
    ),
    _bug(
        "condition of the key inverted",
        'MakesKey: !Equals [!Ref KmsKeyArn, ""]',
        'MakesKey: !Not [!Equals [!Ref KmsKeyArn, ""]]',
    ),
    _bug(
        "tokens are issued where a provider's are used",
        'IssuesTokens: !Equals [!Ref AccessTokens, "true"]',
        'IssuesTokens: !Not [!Equals [!Ref AccessTokens, "false"]]',
    ),
    _bug(
        "the default endpoint stays open beside a domain",
        "DisableExecuteApiEndpoint: !If [HasDomain, true, false]",
        "DisableExecuteApiEndpoint: false",
    ),
    _bug(
        "production without mutual TLS",
        "RuleCondition: !Equals [!Ref Stage, prod]",
        "RuleCondition: !Equals [!Ref Stage, production]",
    ),
    _bug(
        "mutual TLS without a subject",
        '      - Assert: !Not [!Equals [!Ref ClientCertificateSubject, ""]]\n',
        '      - Assert: !Equals ["", ""]\n',
    ),
    _bug(
        "tokens of a provider without a client",
        '      - Assert: !Not [!Equals [!Ref TokenClientId, ""]]\n',
        '      - Assert: !Equals ["", ""]\n',
    ),
    # --- Resources ---
    _bug(
        "the access log is kept for ever",
        "${AWS::StackName}/access\n      RetentionInDays: !Ref LogRetentionDays\n",
        "${AWS::StackName}/access\n",
    ),
    _bug("logs are kept for a day by default", "    Default: 90\n", "    Default: 1\n"),
    _bug(
        "calls of the relay wait in Lambda's queue for six hours",
        "        MaximumEventAgeInSeconds: 60\n      Events:\n        EveryMinute:",
        "        MaximumEventAgeInSeconds: 21600\n      Events:\n        EveryMinute:",
    ),
    _bug(
        "a failed run of the relay is repeated",
        "        MaximumRetryAttempts: 0\n        MaximumEventAgeInSeconds: 60\n      Events:\n        EveryMinute:",
        "        MaximumRetryAttempts: 2\n        MaximumEventAgeInSeconds: 60\n      Events:\n        EveryMinute:",
    ),
    _bug("a client secret of 8 characters", "PasswordLength: 48", "PasswordLength: 8"),
    _bug("a signing key of 8 characters", "PasswordLength: 64", "PasswordLength: 8"),
    _bug(
        "any method and path may invoke issue_token",
        "${CallbackApi}/*/POST/authz/d1/v1/oauth2/token",
        "${CallbackApi}/*",
    ),
    _bug(
        "the release check is shorter than the first start that it waits for",
        "      Handler: check_release.app.handler\n      Role: !GetAtt CheckReleaseRole.Arn\n      Timeout: 60\n",
        "      Handler: check_release.app.handler\n      Role: !GetAtt CheckReleaseRole.Arn\n      Timeout: 10\n",
    ),
    _bug(
        "get_card_status ends after 3 s",
        "      Role: !GetAtt GetCardStatusRole.Arn\n      Timeout: 15\n",
        "      Role: !GetAtt GetCardStatusRole.Arn\n      Timeout: 3\n",
    ),
    _bug("the gateway gives up before the function ends", "      Timeout: 28\n", "      Timeout: 30\n"),
    _bug("a run of the relay overlaps the next", "      Timeout: 50\n", "      Timeout: 300\n"),
    _bug(
        "rejected operations are kept for four days",
        "MessageRetentionPeriod: 1209600",
        "MessageRetentionPeriod: 345600",
    ),
    _bug(
        "the queue goes with the stack",
        "    # D1 does not send these again: this is the only copy.\n    DeletionPolicy: Retain\n",
        "    # D1 does not send these again: this is the only copy.\n    DeletionPolicy: Delete\n",
    ),
    _bug("the table can be deleted by mistake", "DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false"),
    _bug("items expire by an attribute that nobody writes", "AttributeName: expiresAt", "AttributeName: ttl"),
    _bug("a deleted key is gone after a week", "PendingWindowInDays: 30", "PendingWindowInDays: 7"),
    _bug("the key stays the same for ever", "EnableKeyRotation: true", "EnableKeyRotation: false"),
    _bug(
        "the gateway answers 500 and not 503",
        '          THROTTLED: &send-again\n            statusCode: "503"\n',
        '          THROTTLED: &send-again\n            statusCode: "500"\n',
    ),
    _bug("TLS 1.0 is spoken with D1", "SecurityPolicy: TLS_1_2", "SecurityPolicy: TLS_1_0"),
    _bug("a release changes over at once", "Type: Canary10Percent5Minutes", "Type: AllAtOnce"),
    _bug(
        "bodies are written to the gateway's log",
        "          MetricsEnabled: true\n",
        "          MetricsEnabled: true\n          DataTraceEnabled: true\n",
    ),
    _bug(
        "a layer that is in use is deleted with an update",
        "must not take it from them.\n      RetentionPolicy: Retain\n",
        "must not take it from them.\n      RetentionPolicy: Delete\n",
    ),
    _bug(
        "the role of receiving may read every item",
        "                  - dynamodb:PartiQLInsert\n",
        "                  - dynamodb:PartiQLInsert\n                  - dynamodb:Scan\n",
    ),
    _bug("the runtime is another than is tested", "    Runtime: python3.13\n", "    Runtime: python3.12\n"),
    _bug("changed settings never come into service", "    AutoPublishAliasAllProperties: true\n", ""),
)
