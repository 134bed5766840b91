"""What a notification leaves in the table: statuses over what was read, and deliveries."""

from collections.abc import Collection, Sequence

from card_tracking.adapters.deliveries import Delivery, delivery_item
from card_tracking.adapters.status_items import StatusChange, StoredStatus, read_statuses, write_statement
from card_tracking.adapters.table import STATEMENTS_A_CALL, Table
from card_tracking.deadline import Deadline


class NotificationStore:
    """Reads statuses, writes them back where nobody else did meanwhile, and records deliveries."""

    def __init__(self, table: Table, retention_days: int) -> None:
        """Keep deliveries for so many days."""
        self._table = table
        self._retention_days = retention_days

    def read(self, card_ids: Collection[str], deadline: Deadline) -> dict[str, StoredStatus]:
        """Read the statuses of distinct cards, consistently; a card without one is left out."""
        return read_statuses(self._table, card_ids, deadline)

    def write(
        self, changes: Sequence[StatusChange], deliveries: Sequence[Delivery], deadline: Deadline
    ) -> list[StatusChange]:
        """Record the deliveries and store the changes; return the changes that lost a race and were not stored.

        When this returns, all else is durable. When it raises, some of it may be: doing all of it again does no harm.
        """
        statements = [write_statement(self._table, change) for change in changes]
        items = [delivery_item(delivery, self._retention_days) for delivery in deliveries]
        if len(statements) + len(items) <= STATEMENTS_A_CALL:
            # One request in all. A delivery that is refused as a duplicate is our own, stored by an earlier try.
            statements += [self._table.insert(item) for item in items]
            items = []
        # Statuses first: where the time does not suffice for all, a resend finds them written and gets further.
        refusals = self._table.execute(statements, deadline)
        # Puts cost less CPU than statements.
        self._table.put(items, deadline)
        return [change for change, refusal in zip(changes, refusals, strict=False) if refusal is not None]
