"""Deliveries: the list, the timeline of one, and what a person decides about it."""

from collections.abc import Mapping
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot import audit
from bot.console import queries
from bot.console.drafts import scope_of
from bot.console.navigation import DECIDERS
from bot.console.visit import Visit
from bot.errors import RuleBroken
from channels.base import Receipt
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import TRANSITIONS, WORDS, Change, Delivery, Event, State
from scheduler.plan import BEIJING

FILTERS: Mapping[str, tuple[str, tuple[State, ...]]] = {
    "": ("全部", ()),
    "trouble": ("要处理", queries.TROUBLED),
    "open": ("进行中", (State.QUEUED, State.SENDING, State.CONFIRMING)),
    "published": ("已发布", (State.PUBLISHED,)),
    "over": ("已撤回或取消", (State.WITHDRAWN, State.CANCELLED)),
}
UNKNOWN = (State.SENDING, State.UNCERTAIN)  # may be out: neither sent again nor cancelled by a click
AGAIN = [state for state in State if (state, Event.DEFER) in TRANSITIONS and state not in UNKNOWN]
STOPPABLE = [state for state in State if (state, Event.CANCEL) in TRANSITIONS and state not in UNKNOWN]


def listing(visit: Visit) -> Response:
    chosen = visit.text("state") if visit.text("state") in FILTERS else ""
    account = visit.text("account")
    with reading(visit.rooms.engine) as connection:
        rows = queries.delivery_page(
            connection, scope_of(visit), FILTERS[chosen][1], account, visit.number("before")
        )
    more = rows[-1]["id"] if len(rows) == queries.PAGE else 0
    return visit.page(
        "deliveries.html", rows=rows, filters=FILTERS, chosen=chosen, account=account, more=more
    )


def show(visit: Visit) -> Response:
    number = _seen(visit)
    with reading(visit.rooms.engine) as connection:
        [row] = ledger.listing(connection, ids=[number])
        history = ledger.history(connection, number)
        draft = queries.draft_of(connection, number)
    state = State(row["state"])
    decides = bool(visit.person.roles & DECIDERS)
    return visit.page(
        "delivery.html",
        row=row,
        history=history[::-1],
        draft=draft,
        receipt=row["receipt"] or {},
        can_retry=decides and state in AGAIN,
        can_cancel=decides and state in STOPPABLE,
        can_settle=decides and state is State.UNCERTAIN,
    )


def retry(visit: Visit) -> Response:
    item = _load(visit)
    if item.state not in AGAIN:
        raise RuleBroken(f"投递 {item.id} 现在是“{WORDS[item.state]}”，不能重新发送，请刷新页面查看。")
    due_at = _due_at(visit.text("due_at")) or visit.now
    _decide(visit, item, item.deferred(due_at, _words(visit, "重新发送")), "retry")
    return visit.go(f"/deliveries/{item.id}", "已重新排入待发。")


def cancel(visit: Visit) -> Response:
    item = _load(visit)
    if item.state not in STOPPABLE:
        raise RuleBroken(f"投递 {item.id} 现在是“{WORDS[item.state]}”，不能取消，请刷新页面查看。")
    _decide(visit, item, item.cancelled(_words(visit, "取消")), "cancel")
    return visit.go(f"/deliveries/{item.id}", "已取消，不会发出。")


def settle(visit: Visit) -> Response:
    """A person looked at the platform and says whether it is out."""
    item = _load(visit)
    if item.state is not State.UNCERTAIN:
        raise RuleBroken(f"投递 {item.id} 现在是“{WORDS[item.state]}”，不需要认定，请刷新页面查看。")
    match visit.text("out"):
        case "yes":
            _decide(visit, item, item.answered(_found(visit, item), visit.now), "settle")
            return visit.go(f"/deliveries/{item.id}", "已认定为已发出。")
        case "no":
            _decide(visit, item, item.deferred(visit.now, _words(visit, "认定未发出")), "settle")
            return visit.go(f"/deliveries/{item.id}", "已认定为未发出，将重新发送。")
        case _:
            raise RuleBroken("请选择“已发出”或“未发出”，再提交。")


def _seen(visit: Visit) -> int:
    """The number of the address, if this person may see it."""
    number = visit.number("id")
    with reading(visit.rooms.engine) as connection:
        if not queries.sees_delivery(connection, scope_of(visit), number):
            raise HTTPException(404)
    return number


def _load(visit: Visit) -> Delivery:
    with reading(visit.rooms.engine) as connection:
        return ledger.load(connection, _seen(visit), visit.rooms.house.terms)


def _decide(visit: Visit, item: Delivery, change: Change, act: str) -> None:
    """The change and its entry on record, or neither."""
    who, details = visit.person.name, {"reason": visit.text("reason"), "state": change.state}
    with visit.rooms.engine.begin() as connection:
        if not ledger.write(connection, [ledger.Outcome(item, change, visit.now)], who):
            raise RuleBroken(f"投递 {item.id} 的状态刚刚变了，请刷新页面后再办理。")
        audit.record(
            connection,
            at=visit.now,
            actor=who,
            act=act,
            kind="delivery",
            object_id=item.id,
            details=details,
        )
    visit.rooms.house.nudge()


def _found(visit: Visit, item: Delivery) -> Receipt:
    address = visit.text("address")
    if not address.startswith(("http://", "https://")):
        raise RuleBroken("认定已发出时，请填写平台上能看到它的网址（以 http:// 或 https:// 开头）。")
    reference = item.receipt.reference if item.receipt else ""
    return Receipt(reference, True, (address,), {"settled_by": visit.person.name})


def _words(visit: Visit, what: str) -> str:
    """Who decided what, and why: the reason is asked for."""
    reason = visit.text("reason")
    if not reason:
        raise RuleBroken(f"{what}要写明理由，请补上。")
    return f"{visit.person.name}{what}：{reason}"


def _due_at(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING) if text else None
    except ValueError:
        raise RuleBroken(f"看不懂时间“{text}”，请重新选择。") from None
