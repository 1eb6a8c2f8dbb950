"""Three duties: send what is due, confirm what is pending, settle what is uncertain.

A worker calls platforms in `do`, with no transaction open, and keeps the books in `exchange`: what became of
the deliveries in hand is written, and the next ones are claimed, in one transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from channels.base import Channel, Parcel, Post
from channels.errors import ChannelError
from channels.transport import acting_while
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import Change, Delivery, State, Terms
from scheduler.ledger import Job, Outcome
from scheduler.plan import Go, Rules, plan
from scheduler.queue import Entry, Errand
from scheduler.withdrawal import work as withdrawing

log = structlog.get_logger(__name__)

Work = Job | withdrawing.Job
Done = Outcome | withdrawing.Outcome


class Worker:
    """`name` stands in the history of what it did. Safe to use from several threads.

    `look` is asked about each post before it is sent; a sentence holds the delivery.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        *,
        clock: Callable[[], datetime],
        name: str,
        rules: Mapping[str, Rules] | None = None,
        terms: Terms | None = None,
        look: Callable[[Post], str] = lambda _: "",
    ) -> None:
        self._engine, self._channels, self._clock, self._name = engine, channels, clock, name
        self._look = look
        self._rules = rules or {}
        self._terms = terms or Terms()
        self._takedown = withdrawing.Takedown(channels, clock, self._terms, name)

    def handle(self, entry: Entry) -> bool:
        """One delivery one step on, from claim to record. False: its account is at work or rests."""
        jobs, busy = self.exchange([], [entry])
        self.exchange([self.do(job) for job in jobs], [])
        return not busy

    def exchange(self, done: Sequence[Done], wanted: Sequence[Entry]) -> tuple[list[Work], set[int]]:
        """Write what is done, claim what is wanted: at most one entry for each account.

        Returns the jobs got, and the ids that are still queued but cannot be had now. Raises what the
        database raises; nothing is written then, and the same call may be repeated.
        """
        now = self._clock()
        try:
            with self._engine.begin() as connection:
                if not self._write(connection, done):
                    raise _Overtaken
                got = self._claim(connection, wanted, now)
        except (_Overtaken, IntegrityError):
            self._write_one_by_one(done)
            return [], {entry.delivery_id for entry in wanted}
        _tell(done)
        return got

    def do(self, job: Work) -> Done:
        """Call the platform: send, confirm, settle or withdraw, by where it stands. Raises nothing."""
        if isinstance(job, withdrawing.Job):
            return self._takedown.do(job)
        match job.item.state:
            case State.SENDING:
                change = self._send(job)
            case State.CONFIRMING:
                change = self._confirm(job)
            case _:
                change = self._settle(job)
        return Outcome(job.item, change, self._clock())

    def hand_back(self, ids: Sequence[int], until: datetime) -> None:
        """Leave these to the clock again, from `until` on."""
        with self._engine.begin() as connection:
            ledger.put_off(connection, ids, until)

    def _send(self, job: Job) -> Change:
        """One try. Whatever is raised has its place in `Delivery.refused`."""
        item = job.item
        try:
            parcel = self._parcel(job)
        except ledger.Tampered as error:
            return item.held(str(error))
        objection = next(filter(None, map(self._look, parcel.posts)), "")
        if objection:
            return item.held(objection)
        try:
            with acting_while(lambda: self._still_ours(item)):
                receipt = self._channels[item.account].publish(parcel)
        except Exception as error:
            _note_unforeseen(item, error)
            return item.refused(error, self._clock())
        return item.answered(receipt, self._clock())

    def _still_ours(self, item: Delivery) -> bool:
        """A process that slept past its lease must not send what another one has taken up since."""
        with reading(self._engine) as connection:
            return ledger.load(connection, item.id).version == item.version

    def _confirm(self, job: Job) -> Change:
        """What became of the job that the platform took?"""
        item = job.item
        assert item.receipt is not None  # a delivery is confirming only with one
        try:
            receipt = self._channels[item.account].confirm(self._parcel(job), item.receipt)
        except Exception as error:
            _note_unforeseen(item, error)
            return item.not_confirmed(error, self._clock())
        return item.answered(receipt, self._clock())

    def _settle(self, job: Job) -> Change:
        """Was it out or not? Never sends."""
        item = job.item
        try:
            found = self._channels[item.account].look_up(self._parcel(job))
        except Exception as error:
            _note_unforeseen(item, error)
            return item.not_looked_up(error, self._clock())
        return item.looked_up(found, self._clock())

    def _parcel(self, job: Job) -> Parcel:
        return Parcel(
            job.item.key,
            job.content.posts(),
            ledger.DeliveryNotes(self._engine, job.item.id),
            ledger.AccountUploads(self._engine, job.item.account),
        )

    def _claim(
        self, connection: Connection, wanted: Sequence[Entry], now: datetime
    ) -> tuple[list[Work], set[int]]:
        known = [entry for entry in wanted if entry.account in self._channels]
        to_send, to_ask, to_withdraw = (
            [entry.delivery_id for entry in known if entry.errand is errand]
            for errand in (Errand.SEND, Errand.ASK, Errand.WITHDRAW)
        )
        may_go = [
            entry.delivery_id
            for entry in known
            if entry.errand is Errand.SEND and self._may_go(connection, entry.account, now)
        ]
        claimed = ledger.claim(connection, may_go, now, self._terms)
        asked = [job for job in ledger.load_jobs(connection, to_ask, self._terms) if _in_doubt(job.item)]
        missed = set(to_send) - {job.item.id for job in claimed}
        taken_down = self._takedown.claim(connection, to_withdraw, now)
        return [*claimed, *asked, *taken_down], ledger.still_queued(connection, sorted(missed))

    def _may_go(self, connection: Connection, account: str, now: datetime) -> bool:
        """The clock asked the plan when it let this go; other deliveries may have gone since."""
        rules = self._rules.get(account)
        if rules is None or not (rules.all_quotas() or rules.spacing):
            return True
        standing = ledger.standing(connection, account, now, rules.looks_back_to(now))
        return isinstance(plan(now, rules, standing, now), Go)

    def _write(self, connection: Connection, done: Sequence[Done]) -> bool:
        """False: one of them was overtaken, and the caller must roll back."""
        sent = [outcome for outcome in done if isinstance(outcome, Outcome)]
        taken_down = [outcome for outcome in done if isinstance(outcome, withdrawing.Outcome)]
        return ledger.write(connection, sent, self._name) and self._takedown.write(connection, taken_down)

    def _write_one_by_one(self, done: Sequence[Done]) -> None:
        """One of them was overtaken; the others count all the same."""
        for outcome in done:
            with self._engine.begin() as connection:
                written = self._write(connection, [outcome])
            if written:
                _tell([outcome])
            else:
                log.warning("overtaken", delivery=outcome.item.id, attempt=outcome.item.attempt)


class _Overtaken(Exception):
    """A delivery has moved on since it was read."""


def _in_doubt(item: Delivery) -> bool:
    return item.state is State.UNCERTAIN or (item.state is State.CONFIRMING and item.receipt is not None)


def _tell(done: Sequence[Done]) -> None:
    for outcome in done:
        log.info(
            "delivery",
            delivery=outcome.item.id,
            account=outcome.item.account,
            attempt=outcome.item.attempt,
            happened=str(outcome.change.event),
            state=str(outcome.change.state),
            code=outcome.change.code,
        )
        if isinstance(outcome, Outcome) and outcome.change.account_refused:
            log.warning("account refused, it rests", account=outcome.item.account, code=outcome.change.code)


def _note_unforeseen(item: Delivery, error: Exception) -> None:
    if not isinstance(error, ChannelError):
        log.error("unforeseen", delivery=item.id, account=item.account, exc_info=error)
