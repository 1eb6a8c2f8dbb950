"""`gongbao withdrawal`: taking back what is out, one person asking and another agreeing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import beijing_seconds, open_house, print_json, print_table
from bot.errors import RuleBroken
from scheduler.withdrawal.life import WORDS, Event, State

if TYPE_CHECKING:
    from bot.app import House
    from bot.desk import Withdrawals

LIST = ("编号", "投递", "第几篇", "账号", "标题", "状态", "申请", "同意", "时间", "说明")
HISTORY = ("时间", "经过", "之后", "谁", "代码", "说明")

app = typer.Typer(no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="ID", help="The withdrawal's number, as in the list.")]
Numbers = Annotated[list[int], typer.Argument(metavar="ID...", help="The withdrawals' numbers.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who acts.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stays on record.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(name="list")
def listing(
    context: typer.Context,
    state: Annotated[list[State] | None, typer.Option(help="Only these; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """The withdrawals, newest first."""
    with open_withdrawals(context) as (_, withdrawals):
        rows = withdrawals.listing(state or ())
    if as_json:
        print_json(rows)
    else:
        print_withdrawals(rows)


@app.command()
def show(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """One withdrawal, and every step of it."""
    with open_withdrawals(context) as (_, withdrawals):
        row = _one(withdrawals.listing(numbers=[number]), number)
        history = withdrawals.history(number)
    if as_json:
        print_json(dict(row) | {"history": history})
        return
    print_withdrawals([row])
    print_table(HISTORY, map(_step, history))


@app.command()
def confirm(context: typer.Context, numbers: Numbers, by: By) -> None:
    """Agree to withdrawals that another person asked for; then they are carried out."""
    with open_withdrawals(context) as (house, withdrawals):
        withdrawals.confirm(numbers, by, house.clock())
        house.nudge()
        rows = withdrawals.listing(numbers=numbers)
    for row in reversed(rows):
        typer.echo(f"撤回 {row['id']}（{row['account']}《{row['title']}》）：{_standing(row)}。")


@app.command()
def drop(context: typer.Context, numbers: Numbers, by: By, reason: Reason = "") -> None:
    """Do not withdraw. What was held meanwhile stays held: see `gongbao delivery retry`."""
    with open_withdrawals(context) as (house, withdrawals):
        withdrawals.drop(numbers, by, reason, house.clock())
    typer.echo(
        f"撤回 {'、'.join(map(str, numbers))} 不再办理。已暂缓的投递请用 gongbao delivery retry 重发。"
    )


@app.command()
def settle(context: typer.Context, number: Number, by: By, reason: Reason = "") -> None:
    """A person's word that it is gone: taken down by hand, or seen to be gone."""
    with open_withdrawals(context) as (house, withdrawals):
        withdrawals.settle(number, by, reason, house.clock())
    typer.echo(f"撤回 {number} 已认定为已撤回。")


@app.command()
def retry(context: typer.Context, number: Number, by: By, reason: Reason = "") -> None:
    """Try once more to take down what could not be taken down, or is still there."""
    with open_withdrawals(context) as (house, withdrawals):
        withdrawals.retry(number, by, reason, house.clock())
        house.nudge()
    typer.echo(f"撤回 {number} 马上再办一次。")


@contextmanager
def open_withdrawals(context: typer.Context) -> "Iterator[tuple[House, Withdrawals]]":
    from bot.desk import Withdrawals

    with open_house(context) as house:
        yield house, Withdrawals(house.engine, house.terms)


def asked(numbers: Sequence[int]) -> str:
    """What the person who asked is told."""
    given = " ".join(map(str, numbers))
    return f"已申请撤回 {'、'.join(map(str, numbers))}，请另一人用 gongbao withdrawal confirm {given} 同意。"


def print_withdrawals(rows: Sequence[Mapping[str, Any]]) -> None:
    print_table(LIST, map(_line, rows))


def _one(rows: Sequence[Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    if not rows:
        raise RuleBroken(f"没有撤回 {number}，编号见 gongbao withdrawal list。")
    return rows[0]


def _line(row: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        row["id"],
        row["delivery_id"],
        row["position"] + 1,
        row["account"],
        row["title"],
        _standing(row),
        row["asked_by"],
        row["confirmed_by"],
        beijing_seconds(row["since"]),
        row["sentence"],
    )


def _standing(row: Mapping[str, Any]) -> str:
    return WORDS[State(row["state"])]


def _step(step: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        beijing_seconds(step["at"]),
        WORDS[Event(step["event"])],
        WORDS[State(step["state"])],
        step["actor"],
        step["code"],
        step["sentence"],
    )
