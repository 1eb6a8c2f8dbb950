"""Who did what, in a chain: each entry holds the hash of the one before it, and none is ever changed."""

from bot.audit.chain import Break, Entry, entries, head, record, verify

__all__ = ["Break", "Entry", "entries", "head", "record", "verify"]
