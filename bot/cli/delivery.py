"""`gongbao delivery`: what went out, what did not, and what a person does about it."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import beijing, beijing_seconds, moment, open_house, print_json, print_table
from bot.cli.withdrawal import asked, open_withdrawals, print_withdrawals
from bot.errors import RuleBroken
from scheduler.delivery import WORDS, Delivery, State

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.app import House

LIST = ("编号", "账号", "标题", "状态", "发布时间", "说明")
LOG = ("账号", "标题", "状态", "平台编号", "地址", "尝试", "时间")
HISTORY = ("时间", "第几次", "经过", "之后", "谁", "代码", "说明")

ADDRESS = re.compile(r"https?://[\w.-]+(:\d+)?/[^\s<>\"]+", re.IGNORECASE)  # of a post, so with a path

app = typer.Typer(no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="ID", help="The delivery's number, as in the list.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stays on record.")]
States = Annotated[list[State] | None, typer.Option("--state", help="Only these; may be repeated.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(name="list")
def listing(context: typer.Context, state: States = None, as_json: AsJson = False) -> None:
    """The deliveries, newest first."""
    rows = _rows(context, state)
    if as_json:
        print_json([record(row) for row in rows])
        return
    print_table(LIST, (_line(row) for row in rows))


@app.command()
def log(context: typer.Context, state: States = None, as_json: AsJson = False) -> None:
    """The delivery log: what stands where, under which number and address."""
    rows = list(reversed(_rows(context, state)))
    if as_json:
        print_json([record(row) for row in rows])
        return
    print_log(rows)


@app.command()
def show(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """One delivery and everything that happened to it."""
    from scheduler import ledger
    from scheduler.database import reading
    from scheduler.withdrawal import rows as withdrawal

    with open_house(context) as house, reading(house.engine) as connection:
        row = _one(ledger.listing(connection, ids=[number]), number)
        history = ledger.history(connection, number)
        places = withdrawal.places_of_delivery(connection, number)
        withdrawals = withdrawal.listing(connection, places=places)
    if as_json:
        print_json(record(row) | {"history": history, "withdrawals": withdrawals})
        return
    print_table(LOG, [_log_line(row)])
    print_table(HISTORY, (_event(event) for event in history))
    if withdrawals:
        print_withdrawals(withdrawals)


@app.command()
def look(context: typer.Context, number: Number, by: By, reason: Reason = "") -> None:
    """Read the platform back at once about an uncertain delivery."""
    with open_house(context) as house:
        item = _load(house, number)
        if item.state is not State.UNCERTAIN:
            raise RuleBroken(f"投递 {number} 现在是“{WORDS[item.state]}”，不需要查对。")
        _look_again(house, number, by, reason)
    typer.echo(f"已安排马上查对投递 {number}，结果见 gongbao delivery show {number}。")


@app.command()
def withdraw(
    context: typer.Context,
    number: Number,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays on record.")],
    post: Annotated[
        int | None, typer.Option(metavar="PLACE", min=1, help="Only this post of it, counted from 1.")
    ] = None,
) -> None:
    """Ask for the withdrawal of one delivery; another person agrees by `gongbao withdrawal confirm`."""
    with open_withdrawals(context) as (house, withdrawals):
        position = None if post is None else post - 1
        numbers = withdrawals.ask_for_delivery(number, by, reason, house.clock(), position)
    typer.echo(asked(numbers))


@app.command()
def retry(
    context: typer.Context,
    number: Number,
    by: By,
    reason: Reason = "",
    at: Annotated[str, typer.Option(metavar="TIME", help='Beijing time, such as "2026-11-23 08:30".')] = "",
) -> None:
    """Send a held or failed delivery (again). An uncertain one is looked up again, never just sent."""
    due_at = moment(at) if at else None
    with open_house(context) as house:
        item = _load(house, number)
        if item.state is State.UNCERTAIN:
            _look_again(house, number, by, reason)
            typer.echo(f"投递 {number} 可能已经发出，不会直接重发；已安排马上再查对一次。")
            return
        change = item.deferred(due_at or house.clock(), _words("重新发送", by, reason))
        _decide(house, item, change, "retry", by, reason)
        house.nudge()
    typer.echo(f"投递 {number} 已重新排入待发。")


@app.command()
def cancel(context: typer.Context, number: Number, by: By, reason: Reason = "") -> None:
    """Do not send it. What is being sent or may be out already cannot be cancelled."""
    with open_house(context) as house:
        item = _load(house, number)
        if item.state is State.UNCERTAIN:
            raise RuleBroken(
                f"投递 {number} 可能已经发出，不能取消；请先查对，再用 gongbao delivery settle 认定。"
            )
        _decide(house, item, item.cancelled(_words("取消", by, reason)), "cancel", by, reason)
    typer.echo(f"投递 {number} 已取消，不会发出。")


@app.command()
def settle(
    context: typer.Context,
    number: Number,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="What you saw on the platform; required.")],
    out: Annotated[
        str, typer.Option(metavar="ADDRESS", help="It is out: the address where it can be seen.")
    ] = "",
    not_out: Annotated[bool, typer.Option("--not-out", help="It is not out: send it again.")] = False,
) -> None:
    """A person's word on an uncertain delivery, after looking at the platform."""
    from channels.base import Found, Receipt

    if bool(out) == not_out:
        raise RuleBroken("请二选一：已发出用 --out 地址，未发出用 --not-out。")
    if not reason.strip():
        raise RuleBroken("没有写明理由，请用 --reason 写上您在平台上看到了什么。")
    with open_house(context) as house:
        item = _load(house, number)
        if item.state is not State.UNCERTAIN:
            raise RuleBroken(f"投递 {number} 现在是“{WORDS[item.state]}”，不需要认定。")
        if not_out:
            change = item.deferred(house.clock(), _words("认定未发出", by, reason))
        else:
            _want_a_place_of_its_own(house, item, out)
            reference = item.receipt.reference if item.receipt else ""
            seen = Found(
                Receipt(reference, True, (out,), {"settled_by": by}), _words("认定已发出", by, reason)
            )
            change = item.looked_up(seen, house.clock())
        _decide(house, item, change, "settle", by, reason)
        house.nudge()
    typer.echo(f"投递 {number} 已认定为{'未发出，将重新发送' if not_out else '已发出'}。")


def record(row: Mapping[str, Any]) -> dict[str, Any]:
    """A delivery as JSON."""
    receipt = row["receipt"] or {}
    return {
        "id": row["id"],
        "account": row["account"],
        "titles": row["titles"],
        "state": row["state"],
        "platform_id": row["reference"],
        "addresses": receipt.get("addresses", []),
        "details": receipt.get("details", {}),
        "attempts": row["attempt"],
        "due_at": row["due_at"],
        "at": row["since"],
        "code": row["code"],
        "sentence": row["sentence"],
    }


def print_log(rows: Sequence[Mapping[str, Any]]) -> None:
    print_table(LOG, (_log_line(row) for row in rows))


def _rows(context: typer.Context, states: Sequence[State] | None) -> list[Mapping[str, Any]]:
    from scheduler import ledger
    from scheduler.database import reading

    with open_house(context) as house, reading(house.engine) as connection:
        return ledger.listing(connection, states or ())


def _one(rows: Sequence[Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    if not rows:
        raise RuleBroken(f"没有投递 {number}，编号见 gongbao delivery list。")
    return rows[0]


def _load(house: "House", number: int) -> Delivery:
    from scheduler import ledger
    from scheduler.database import reading

    with reading(house.engine) as connection:
        try:
            return ledger.load(connection, number, house.terms)
        except LookupError:
            raise RuleBroken(f"没有投递 {number}，编号见 gongbao delivery list。") from None


def _decide(house: "House", item: Delivery, change: Any, act: str, by: str, reason: str) -> None:
    from scheduler import ledger

    now = house.clock()
    with house.engine.begin() as connection:
        if not ledger.write(connection, [ledger.Outcome(item, change, now)], _name(by)):
            raise RuleBroken(f"投递 {item.id} 的状态刚刚变了，请查看后再试。")
        _put_on_record(connection, item.id, act, by, reason, now, change.state)


def _want_a_place_of_its_own(house: "House", item: Delivery, address: str) -> None:
    """Whole, and not where another delivery of the account is known to be."""
    from scheduler import ledger
    from scheduler.database import reading

    if not ADDRESS.fullmatch(address):
        raise RuleBroken(f"“{address}”不是网址，请填写以 http:// 或 https:// 开头的完整地址。")
    with reading(house.engine) as connection:
        others = ledger.listing(connection, [State.PUBLISHED])
    for other in others:
        if other["account"] == item.account and address in (other["receipt"] or {}).get("addresses", []):
            raise RuleBroken(
                f"{address} 是投递 {other['id']} 的地址，请核对后填写投递 {item.id} 自己的地址。"
            )


def _look_again(house: "House", number: int, by: str, reason: str) -> None:
    from scheduler import ledger

    now = house.clock()
    with house.engine.begin() as connection:
        ledger.put_off(connection, [number], now)
        _put_on_record(connection, number, "look_up", _name(by), reason, now, State.UNCERTAIN)
    house.nudge()


def _put_on_record(
    connection: "Connection", number: int, act: str, by: str, reason: str, now: "datetime", state: State
) -> None:
    from bot import audit

    details = {"reason": reason.strip(), "state": state}
    audit.record(
        connection, at=now, actor=by.strip(), act=act, kind="delivery", object_id=number, details=details
    )


def _name(by: str) -> str:
    if not by.strip():
        raise RuleBroken("没有写明是谁在办理，请写上姓名。")
    return by.strip()


def _words(what: str, by: str, reason: str) -> str:
    return f"{by.strip()}{what}" + (f"：{reason.strip()}" if reason.strip() else "")


def _line(row: Mapping[str, Any]) -> tuple[object, ...]:
    state = WORDS[State(row["state"])]
    return row["id"], row["account"], _titles(row), state, beijing(row["due_at"]), row["sentence"]


def _log_line(row: Mapping[str, Any]) -> tuple[object, ...]:
    addresses = (row["receipt"] or {}).get("addresses", [])
    return (
        row["account"],
        _titles(row),
        WORDS[State(row["state"])],
        row["reference"],
        "\n".join(addresses),
        row["attempt"],
        beijing(row["since"]),
    )


def _titles(row: Mapping[str, Any]) -> str:
    return "\n".join(row["titles"])


def _event(event: Mapping[str, Any]) -> tuple[object, ...]:
    from scheduler.delivery import Event

    return (
        beijing_seconds(event["at"]),
        event["number"] or "",
        WORDS[Event(event["event"])],
        WORDS[State(event["state"])],
        event["actor"],
        event["code"],
        event["sentence"],
    )
