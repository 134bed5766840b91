"""Cards, and what D1 says of them: the shapes of its "Track production" page, stage by stage."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any, Final

from local.d1.script import PRODUCE, Operation

FIRST_DAY: Final = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAYS_TO_SHIP: Final = 4
DAYS_TO_RENEWAL: Final = 1_000
HOURS_A_CHECKPOINT: Final = 7

SITES: Final = ("Gemenos", "Pont-Audemer", "Barcelona", "Tczew")
CARRIERS: Final = ("fedex", "dhl", "colissimo")
CHECKPOINTS: Final = (
    ("IN_TRANSIT", "In transit", "Marseille", "Picked up"),
    ("IN_TRANSIT", "In transit", "Lyon", "Departed from facility"),
    ("IN_TRANSIT", "In transit", "Paris", "Arrived at facility"),
    ("OUT_FOR_DELIVERY", "Out for delivery", "Paris", "With the courier"),
    ("DELIVERED", "Delivered", "Paris", "Left in the letter box"),
)
DELIVERED: Final = len(CHECKPOINTS)


@dataclass(frozen=True, slots=True)
class Card:
    """One card in one production, and the words that D1 has for it."""

    card_id: str
    operation_id: str
    started: datetime
    production_site: str
    carrier: str
    tracking_number: str
    identifiers: Mapping[str, str]
    """``inputFileName`` and ``issuerRequestId``, which D1 writes on the operation or inside its details."""
    identifiers_in_details: bool

    def update(
        self, status: str, operation_status: str = "PENDING", details: Mapping[str, Any] | None = None, **more: Any
    ) -> Operation:
        """Write any state of the production."""
        inside = {**(details or {}), **(self.identifiers if self.identifiers_in_details else {})}
        return {
            "operationId": self.operation_id,
            "operation": PRODUCE,
            "status": operation_status,
            "startTime": written(self.started),
            "cardId": self.card_id,
            "details": {"status": status, **inside},
            **({} if self.identifiers_in_details else self.identifiers),
            **more,
        }

    @property
    def estimates(self) -> dict[str, str]:
        """What D1 knows once the data is prepared: the day and the place."""
        due = self.started + timedelta(days=DAYS_TO_SHIP)
        return {"dueDate": f"{due:%Y-%m-%d}", "productionSite": self.production_site}

    def requested(self) -> Operation:
        """Write that the card was asked for."""
        return self.update("CARD_PROD_REQUESTED")

    def prepared(self) -> Operation:
        """Write that its data was processed."""
        return self.update("DATA_PREPARED", details=self.estimates)

    def ready(self) -> Operation:
        """Write that its data is at the personalization center."""
        return self.update("CARD_PROD_READY", details=self.estimates)

    def ongoing(self) -> Operation:
        """Write that it is being personalized."""
        return self.update("CARD_PROD_ONGOING", details=self.estimates)

    def done(self) -> Operation:
        """Write that it was personalized."""
        return self.update("CARD_PROD_DONE", details=self.estimates)

    def production(self) -> list[Operation]:
        """Write every stage before the carrier has it."""
        return [self.requested(), self.prepared(), self.ready(), self.ongoing(), self.done()]

    def data_exception(self) -> Operation:
        """Write that its data was refused; D1 repeats neither day nor place then."""
        ended = written(self._handed_over)
        return self.update("DATA_EXCEPTION", "FAILED", endTime=ended, errorCode="FIELD_INVALID_FORMAT", error="pan")

    def canceled(self, operation_status: str = "SUCCESSFUL") -> Operation:
        """Write that the issuer canceled it. What the operation's status is then, D1 does not say."""
        details = {**self.estimates, "reason": "Canceled by the issuer"}
        ended = {} if operation_status == "PENDING" else {"endTime": written(self._handed_over)}
        return self.update("CARD_PROD_CANCELED", operation_status, details, **ended)

    def shipped(self) -> Operation:
        """Write the first that D1 says of the shipment."""
        return self._shipment({"estimatedDeliveryDate": written(self._handed_over + timedelta(days=2))})

    def tracked(self, checkpoint: int) -> Operation:
        """Write the shipment at a checkpoint, 1 to DELIVERED."""
        status, message, city, happened = CHECKPOINTS[checkpoint - 1]
        moment = written(self._handed_over + timedelta(hours=HOURS_A_CHECKPOINT * checkpoint))
        return self._shipment(
            {
                "carrier": self.carrier,
                "trackingNumber": self.tracking_number,
                "status": status,
                "message": message,
                "trackingUrl": f"https://carrier.example/track?trk={self.tracking_number}",
                "estimatedDeliveryDate": written(self._handed_over + timedelta(days=2)),
                "lastUpdatedAt": moment,
                "lastCheckpoint": {
                    "checkpointTime": moment,
                    "city": city,
                    "countryName": "France",
                    "message": happened,
                },
            }
        )

    def produced_again(self, draw: Random) -> "Card":
        """Return the same card in a later production, as after a renewal."""
        later = self.started + timedelta(days=DAYS_TO_RENEWAL)
        return replace(new_card(draw), card_id=self.card_id, started=later)

    def other_operation(self, operation: str, draw: Random) -> Operation:
        """Write an operation that is not the production, such as the order's cancellation."""
        return {
            "operationId": _hexadecimal(draw, 8, 4, 4, 4, 12),
            "operation": operation,
            "status": "SUCCESSFUL",
            "startTime": written(self.started + timedelta(days=1)),
            "endTime": written(self.started + timedelta(days=1, seconds=2)),
            "cardId": self.card_id,
        }

    @property
    def _handed_over(self) -> datetime:
        return self.started + timedelta(days=DAYS_TO_SHIP, hours=3)

    def _shipment(self, shipment: Mapping[str, Any]) -> Operation:
        details = {**self.estimates, "shipment": shipment}
        return self.update("CARD_SHIPPED", "SUCCESSFUL", details, endTime=written(self._handed_over))


def new_card(draw: Random, input_file_name: str | None = None) -> Card:
    """Draw a card that nobody has heard of."""
    started = FIRST_DAY + timedelta(seconds=draw.randrange(20 * 86_400), milliseconds=10 * draw.randrange(100))
    return Card(
        card_id=_hexadecimal(draw, 4, 4, 4, 4),
        operation_id=_hexadecimal(draw, 8, 4, 4, 4, 12),
        started=started,
        production_site=draw.choice(SITES),
        carrier=draw.choice(CARRIERS),
        tracking_number=str(draw.randrange(10**9, 10**10)),
        identifiers={
            "inputFileName": input_file_name or f"CARDS_{started:%Y%m%d}_{draw.randrange(100):02d}.xml",
            "issuerRequestId": _hexadecimal(draw, 12),
        },
        identifiers_in_details=draw.random() < 0.5,  # noqa: PLR2004  # either place, as often
    )


def new_cards(draw: Random, number: int) -> list[Card]:
    """Draw so many cards."""
    return [new_card(draw) for _ in range(number)]


def written(moment: datetime) -> str:
    """Write a time as D1 usually does."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def written_otherwise(moment: datetime, draw: Random) -> str:
    """Write the same time in another of the forms that D1 uses: offsets, and fractions of any length."""
    hours = draw.choice((-5, 0, 1, 2))
    there = moment.astimezone(timezone(timedelta(hours=hours)))
    fraction = f"{there.microsecond:06d}"[: draw.choice((2, 3, 6))]
    return f"{there:%Y-%m-%dT%H:%M:%S}.{fraction}{there:%z}"[:-2] + ":00"


def _hexadecimal(draw: Random, *groups: int) -> str:
    return "-".join(f"{draw.getrandbits(4 * digits):0{digits}x}" for digits in groups)
