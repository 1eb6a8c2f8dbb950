"""What the ledger hands out and takes in, and how it stands in rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels.base import Receipt
from scheduler.delivery import Change, Delivery, State, Terms
from scheduler.ledger.content import Content

Row = Mapping[str, Any]  # by column name


@dataclass(frozen=True)
class Job:
    """A delivery and what was signed for it."""

    item: Delivery
    content: Content


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery, to be written."""

    item: Delivery
    change: Change
    at: datetime


def delivery(row: Row, terms: Terms | None = None) -> Delivery:
    """A row of `deliveries` as the value that decides."""
    return Delivery(
        id=row["id"],
        key=row["key"],
        account=row["account"],
        state=State(row["state"]),
        due_at=row["due_at"],
        version=row["version"],
        attempt=row["attempt"],
        failures=row["failures"],
        looks=row["looks"],
        since=row["since"],
        receipt=receipt_of(row["receipt"]),
        terms=terms or Terms(),
    )


def receipt_row(receipt: Receipt | None) -> dict[str, Any] | None:
    if receipt is None:
        return None
    return {
        "reference": receipt.reference,
        "published": receipt.published,
        "addresses": list(receipt.addresses),
        "details": dict(receipt.details),
    }


def receipt_of(row: Row | None) -> Receipt | None:
    if row is None:
        return None
    return Receipt(row["reference"], row["published"], tuple(row["addresses"]), row["details"])
