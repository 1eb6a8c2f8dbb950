"""Three duties: send what is due, confirm what was accepted, settle what is uncertain."""

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from sqlalchemy import Engine

from channels.base import Channel, Parcel
from channels.errors import ChannelError
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import Change, Delivery, State, Terms
from scheduler.plan import Go, Hold, Rules, plan

log = structlog.get_logger(__name__)


class Worker:
    """Takes one delivery one step on. Safe to use from several threads; `name` stands in the history."""

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        *,
        clock: Callable[[], datetime],
        name: str,
        rules: Mapping[str, Rules] | None = None,
        terms: Terms | None = None,
    ) -> None:
        self._engine, self._channels, self._clock, self._name = engine, channels, clock, name
        self._rules = rules or {}
        self._terms = terms or Terms()

    def handle(self, delivery_id: int) -> bool:
        """One step for this delivery. False: its account is at work or rests, try again later."""
        with reading(self._engine) as connection:
            item = ledger.load(connection, delivery_id, self._terms)
        match item.state:
            case State.QUEUED:
                return self.send(item)
            case State.CONFIRMING:
                self.confirm(item)
            case State.UNCERTAIN:
                self.settle(item)
            case _:
                pass  # it has moved on since it was put
        return True

    def send(self, item: Delivery) -> bool:
        """Claim, publish, record. False: not claimed, and nobody else has it."""
        channel = self._channels.get(item.account)
        if channel is None:
            self._record(item, item.held(f"配置中没有账号 {item.account},请管理员核对。"))
            return True
        if not self._may_go(item):
            return True
        claimed = ledger.claim(self._engine, item, self._clock(), self._name)
        if claimed is None:
            return self._moved_on(item)
        self._record(claimed, self._publish(channel, claimed))
        return True

    def confirm(self, item: Delivery) -> None:
        """Ask the platform what became of the job it took."""
        channel = self._channels.get(item.account)
        if channel is None or item.receipt is None:
            return
        try:
            receipt = channel.confirm(self._parcel(item), item.receipt)
        except Exception as error:
            self._note_unforeseen(item, error)
            change = item.not_confirmed(error, self._clock())
        else:
            change = item.answered(receipt, self._clock())
        self._record(item, change)

    def settle(self, item: Delivery) -> None:
        """Read the platform back: was it out or not? Never sends."""
        channel = self._channels.get(item.account)
        if channel is None:
            return
        try:
            found = channel.look_up(self._parcel(item))
        except Exception as error:
            self._note_unforeseen(item, error)
            change = item.not_looked_up(error, self._clock())
        else:
            change = item.looked_up(found, self._clock())
        self._record(item, change)

    def hand_back(self, delivery_ids: list[int], until: datetime) -> None:
        """Leave these to the clock again, from `until` on."""
        with self._engine.begin() as connection:
            ledger.put_off(connection, delivery_ids, until)

    def _publish(self, channel: Channel, claimed: Delivery) -> Change:
        """One try. Whatever is raised has its place in `Delivery.refused`."""
        try:
            parcel = self._parcel(claimed)
        except (ledger.Tampered, LookupError) as error:
            return claimed.held(str(error))
        try:
            receipt = channel.publish(parcel)
        except Exception as error:
            self._note_unforeseen(claimed, error)
            return claimed.refused(error, self._clock())
        return claimed.answered(receipt, self._clock())

    def _may_go(self, item: Delivery) -> bool:
        """The plan's last word, with what went out since the clock asked it."""
        rules = self._rules.get(item.account)
        if rules is None or not (rules.per_day or rules.spacing):
            return True
        now = self._clock()
        with reading(self._engine) as connection:
            standing = ledger.standing(connection, item.account, now)
        verdict = plan(item.due_at, rules, standing, now)
        if isinstance(verdict, Go):
            return True
        if isinstance(verdict, Hold):
            self._record(item, item.held(verdict.sentence))
            return False
        with self._engine.begin() as connection:
            ledger.put_off(connection, [item.id], verdict.until, verdict.sentence)
        return False

    def _moved_on(self, item: Delivery) -> bool:
        with reading(self._engine) as connection:
            return ledger.load(connection, item.id).version != item.version

    def _parcel(self, item: Delivery) -> Parcel:
        with reading(self._engine) as connection:
            posts = ledger.posts_of(connection, item.id)
        return Parcel(
            item.key,
            posts,
            ledger.DeliveryNotes(self._engine, item.id),
            ledger.AccountUploads(self._engine, item.account),
        )

    def _record(self, item: Delivery, change: Change) -> None:
        written = ledger.record(self._engine, item, change, self._clock(), self._name)
        log.info(
            "delivery",
            delivery=item.id,
            account=item.account,
            attempt=item.attempt,
            happened=str(change.event),
            state=str(change.state),
            code=change.code,
            overtaken=not written,
        )

    def _note_unforeseen(self, item: Delivery, error: Exception) -> None:
        if not isinstance(error, ChannelError):
            log.error("unforeseen", delivery=item.id, account=item.account, exc_info=error)
