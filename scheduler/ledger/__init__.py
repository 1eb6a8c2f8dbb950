"""The ledger: every step of a delivery in one transaction, state and history together.

Redis may forget everything; what stands here is the truth. No function here calls a platform, and no
transaction is open while one is called.
"""

from scheduler.ledger.accounts import settings_changed
from scheduler.ledger.calls import keep_calls, kept_calls
from scheduler.ledger.clock import due, next_wake, put_off, resume, standing
from scheduler.ledger.content import Content, Tampered, blob, keep_blob
from scheduler.ledger.desk import freeze, submit
from scheduler.ledger.notes import AccountUploads, DeliveryNotes
from scheduler.ledger.reading import counts, history, listing, rests, titles
from scheduler.ledger.values import Job, Outcome, delivery
from scheduler.ledger.work import claim, finish, load, load_jobs, record, still_queued, write

__all__ = [
    "AccountUploads",
    "Content",
    "DeliveryNotes",
    "Job",
    "Outcome",
    "Tampered",
    "blob",
    "claim",
    "counts",
    "delivery",
    "due",
    "finish",
    "freeze",
    "history",
    "keep_blob",
    "keep_calls",
    "kept_calls",
    "listing",
    "load",
    "load_jobs",
    "next_wake",
    "put_off",
    "record",
    "rests",
    "resume",
    "settings_changed",
    "standing",
    "still_queued",
    "submit",
    "titles",
    "write",
]
