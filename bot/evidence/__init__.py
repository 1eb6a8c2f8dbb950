"""All that is on record of an item, in one ZIP that can be checked without this program."""

from bot.evidence.bundle import bundle
from bot.evidence.record import Record, gather

__all__ = ["Record", "bundle", "gather"]
