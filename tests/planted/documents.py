"""Planted bugs of the documents: figures, names and commands that are not those of code and template."""

from typing import Final

from tests.planted.bug import Bug

OPERATIONS: Final = "docs/operations.md"
README: Final = "README.md"
DECISIONS: Final = "docs/decisions.md"
CONTRACT: Final = "docs/contract.md"
OPENAPI: Final = "docs/openapi.yaml"
ALERT_SCHEMA: Final = "docs/schemas/alert.json"

FIGURES: Final = ("tests/documents/test_figures.py",)
OF_DOCUMENTS: Final = ("tests/documents", "tests/contract", "tests/template/test_alarms.py")

BUGS: Final = (
    Bug(
        "table of metrics: CallersRefused counts 5xx",
        OPERATIONS,
        "| requests answered 401, 403 or 404 |",
        "| requests answered 5xx |",
        FIGURES,
    ),
    Bug(
        "table of metrics: NotificationsFailed counts 500",
        OPERATIONS,
        "| requests answered 503 by us |",
        "| requests answered 500 by us |",
        FIGURES,
    ),
    Bug(
        "table of metrics: a metric has another name",
        OPERATIONS,
        "| `NotificationsMissed` |",
        "| `MissedNotifications` |",
        OF_DOCUMENTS,
    ),
    Bug(
        "capacity: 58 s for a notification",
        OPERATIONS,
        "| one notification | 28 s,",
        "| one notification | 58 s,",
        FIGURES,
    ),
    Bug(
        "capacity: rejected operations are kept for 30 days",
        OPERATIONS,
        "| rejected operations | 14 days;",
        "| rejected operations | 30 days;",
        FIGURES,
    ),
    Bug(
        "capacity: a thousand cards an answer", OPERATIONS, "| 100 cards an answer", "| 1,000 cards an answer", FIGURES
    ),
    Bug("capacity: tokens live for an hour", OPERATIONS, "ours: 15 minutes;", "ours: 60 minutes;", FIGURES),
    Bug(
        "capacity: reconciliation runs for ten minutes",
        OPERATIONS,
        "five minutes a run:",
        "ten minutes a run:",
        FIGURES,
    ),
    Bug(
        "capacity: a reconciliation asks about more cards than it can",
        OPERATIONS,
        "run: 1,500 cards",
        "run: 15,000 cards",
        FIGURES,
    ),
    Bug(
        "capacity: the history is kept for 40 days",
        OPERATIONS,
        "`RetentionDays` (400)",
        "`RetentionDays` (40)",
        FIGURES,
    ),
    Bug(
        "rotation: the old secret ends within an hour",
        OPERATIONS,
        "the old one ends within a minute;",
        "the old one ends within an hour;",
        FIGURES,
    ),
    Bug(
        "rotation: keys that were taken back are valid for an hour",
        OPERATIONS,
        "taken back ends within five minutes",
        "taken back ends within fifty minutes",
        FIGURES,
    ),
    Bug(
        "rotation: a signing key of 8 characters",
        OPERATIONS,
        "with 64 random characters",
        "with 8 random characters",
        FIGURES,
    ),
    Bug(
        "runbook: a link leads nowhere",
        OPERATIONS,
        "see [table throttled](#table-throttled).\n- `AccessDenied`",
        "see [table throttled](#throttled-table).\n- `AccessDenied`",
        OF_DOCUMENTS,
    ),
    Bug(
        "runbook: the entry of an alarm has another heading",
        OPERATIONS,
        "### Contradictions\n",
        "### Canceled and shipped\n",
        OF_DOCUMENTS,
    ),
    Bug(
        "runbook: a command that make does not have",
        OPERATIONS,
        "or count by reason with `make replay`",
        "or count by reason with `make again`",
        OF_DOCUMENTS,
    ),
    Bug(
        "runbook: an option that AWS does not have",
        OPERATIONS,
        "--message-attribute-names All",
        "--message-attributes All",
        OF_DOCUMENTS,
    ),
    Bug("cost: a sum is wrong", OPERATIONS, "| **14.90** |", "| **13.90** |", ("tests/template/test_costs.py",)),
    Bug(
        "cost: a metric is not counted",
        OPERATIONS,
        "| Metrics | 40 |",
        "| Metrics | 39 |",
        ("tests/template/test_costs.py",),
    ),
    Bug(
        "readme: rejected operations are kept for a week",
        README,
        "`RejectedQueueUrl` for 14 days",
        "`RejectedQueueUrl` for 7 days",
        FIGURES,
    ),
    Bug("readme: 200 cards at once", README, "at most 100 |", "at most 200 |", FIGURES),
    Bug("readme: a query that nobody answers", README, '| `{"overdue": true}` |', '| `{"late": true}` |', OF_DOCUMENTS),
    Bug("readme: D1 is answered 200", README, "D1 is answered 204 only", "D1 is answered 200 only", FIGURES),
    Bug("decisions: a lease of ten minutes", DECISIONS, "**The lease is 60 s,", "**The lease is 600 s,", FIGURES),
    Bug("decisions: rounds of 800", DECISIONS, "in rounds of 80,", "in rounds of 800,", FIGURES),
    Bug(
        "decisions: digests of the latest 64 contents",
        DECISIONS,
        "the latest 32 of an operation",
        "the latest 64 of an operation",
        FIGURES,
    ),
    Bug(
        "contract: rejected operations share messages from the 11th on",
        CONTRACT,
        "From the 101st rejected",
        "From the 11th rejected",
        FIGURES,
    ),
    Bug(
        "contract: D1 waits for an hour before it sends again",
        CONTRACT,
        "`Retry-After: 30`",
        "`Retry-After: 3600`",
        ("tests/contract",),
    ),
    Bug(
        "contract: a reason that the code does not have",
        CONTRACT,
        "| `TOO_LARGE` |",
        "| `TOO_BIG` |",
        ("tests/contract",),
    ),
    Bug(
        "OpenAPI: D1 is answered 202",
        OPENAPI,
        "        '204':\n          description: every operation",
        "        '202':\n          description: every operation",
        ("tests/contract",),
    ),
    Bug(
        "schema of alerts: the day of an overdue card is required",
        ALERT_SCHEMA,
        '    "superseded",\n    "receivedAt"\n',
        '    "superseded",\n    "receivedAt",\n    "overdueOn"\n',
        ("tests/contract",),
    ),
)
