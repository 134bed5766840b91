"""Notifications in the shapes of D1's documentation ("Track production"), about a card of the test's own."""

import itertools
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import uuid4

Json: TypeAlias = dict[str, Any]

FIRST_START: Final = "2025-01-17T06:28:02.492Z"
SECOND_START: Final = "2025-06-02T10:00:00Z"


@dataclass(frozen=True, slots=True)
class Card:
    """A card that no other test knows, and what D1 may say of it."""

    card_id: str = field(default_factory=lambda: str(uuid4()))
    operation_id: str = field(default_factory=lambda: str(uuid4()))
    start_time: str = FIRST_START

    def produced_again(self) -> "Card":
        """Answer the same card in a second operation, as after a renewal."""
        return Card(card_id=self.card_id, start_time=SECOND_START)

    def update(self, status: str, operation_status: str = "PENDING", details: Json | None = None, **more: Any) -> Json:
        """Write one operation, as it stands in a body."""
        return {
            "operationId": self.operation_id,
            "operation": "PRODUCE",
            "status": operation_status,
            "startTime": self.start_time,
            "cardId": self.card_id,
            "details": {"status": status, **(details or {})},
            **more,
        }

    def requested(self) -> Json:
        """Write "Card requested"."""
        return self.update("CARD_PROD_REQUESTED")

    def data_prepared(self) -> Json:
        """Write "Data processing done and successful"."""
        return self.update("DATA_PREPARED", details={"dueDate": "2025-01-21", "productionSite": "Gemenos"})

    def data_exception(self) -> Json:
        """Write "Data processing in error, card is rejected"."""
        ended = "2025-01-21T09:28:12.492Z"
        return self.update("DATA_EXCEPTION", "FAILED", endTime=ended, errorCode="FIELD_INVALID_FORMAT", error="pan")

    def shipped(self) -> Json:
        """Write "Card shipped - first notification"."""
        return self._shipped({"estimatedDeliveryDate": "2025-01-21T17:32:28Z"})

    def in_transit(self) -> Json:
        """Write "Card shipped - subsequent notification"."""
        return self._shipped(
            {
                "carrier": "fedex",
                "trackingNumber": "1234567890",
                "status": "IN_TRANSIT",
                "message": "In transit",
                "trackingUrl": "https://www.fedex.com/track?trk=1234567890",
                "estimatedDeliveryDate": "2026-05-24T00:00:00Z",
                "lastUpdatedAt": "2026-05-22T13:55:00Z",
                "lastCheckpoint": {
                    "checkpointTime": "2026-05-22T13:55:00Z",
                    "city": "Paris",
                    "countryName": "France",
                    "message": "Arrived at facility",
                },
            }
        )

    def _shipped(self, shipment: Json) -> Json:
        details = {"dueDate": "2025-01-21", "productionSite": "Gemenos", "shipment": shipment}
        return self.update("CARD_SHIPPED", "SUCCESSFUL", details, endTime="2025-01-21T09:28:12.492Z")

    def page(self) -> list[list[Json]]:
        """Answer the bodies of the whole page in its order; the last one is the bulk notification."""
        return [
            [self.requested()],
            [self.data_prepared()],
            [self.data_exception()],
            [self.shipped()],
            [self.in_transit()],
            self.bulk(),
        ]

    def bulk(self) -> list[Json]:
        """Answer "Bulk notification": three states of one operation in one body."""
        return [self.requested(), self.data_prepared(), self.data_exception()]


def orders(bodies: list[list[Json]]) -> list[tuple[list[Json], ...]]:
    """Answer some orders that are as unlike as six bodies allow: backwards, and each body once in the lead."""
    rotations = [bodies[start:] + bodies[:start] for start in range(1, len(bodies))]
    return [tuple(order) for order in itertools.chain([bodies[::-1]], rotations)]
