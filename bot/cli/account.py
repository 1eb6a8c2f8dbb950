"""`gongbao account`: the accounts, how they stand, and what their platforms still allow."""

import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import beijing, open_house, print_json, print_table
from bot.errors import RuleBroken

if TYPE_CHECKING:
    from bot.app import House
    from scheduler.limits import Gauge

COLUMNS = ("账号", "渠道", "名称", "暂停到", "原因", "授权", "今天调用")
LIMITS = ("限额", "已用", "上限", "剩余", "何时重新计数", "")
BAR = 20  # characters

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who acts; else the system's user.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(no_args_is_help=True)


@app.command(name="list")
def listing(context: typer.Context, as_json: AsJson = False) -> None:
    """The accounts: whether one rests and why, how long its token lives, how many calls it made today."""
    with open_house(context) as house:
        now = house.clock()
        rows = [_row(house, name, now) for name in house.settings.accounts]
    if as_json:
        print_json(rows)
        return
    print_table(
        COLUMNS,
        (
            (
                row["account"],
                row["kind"],
                row["title"],
                beijing(row["rests_until"]),
                row["reason"],
                _life(row["token_ends_at"], now),
                row["calls_today"].get("", 0),
            )
            for row in rows
        ),
    )


@app.command()
def show(
    context: typer.Context,
    name: Name,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the platform for its own figures first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """One account: how it stands, what is used of its quotas, and when they begin anew."""
    from scheduler import ledger
    from scheduler.database import reading
    from scheduler.limits import quotas

    with open_house(context) as house:
        _known(house, name)
        if refresh:
            house.watch.ask(name)
        now, rules, meter = house.clock(), house.rules[name], house.meters[name]
        with reading(house.engine) as connection:
            standing = ledger.standing(connection, name, now, rules.looks_back_to(now))
        deliveries, calls, names = quotas(rules, standing, now), meter.gauges(), meter.names()
        row = _row(house, name, now)
    if as_json:
        print_json(row | {"deliveries": _plain(deliveries), "calls": _plain(calls)})
        return
    typer.echo(f"{name}（{row['kind']}）{row['title']}")
    typer.echo(f"暂停到 {beijing(row['rests_until'])}：{row['reason']}" if row["reason"] else "没有暂停。")
    if row["token_ends_at"]:
        typer.echo(f"授权：{_life(row['token_ends_at'], now)}")
    shown = [*deliveries, *(gauge for gauge in calls if gauge.call in names)]
    print_table(LIMITS, (_line(gauge) for gauge in shown))


@app.command()
def authorize(context: typer.Context, name: Name) -> None:
    """Print the address at which a person grants the account's token; good for ten minutes, once."""
    with open_house(context) as house:
        address = house.authorizing.begin(name, secrets.token_urlsafe(32))
        back = house.authorizing.back(name)
    typer.echo(f"请用 {name} 的管理账号登录，在 10 分钟内打开下面的地址并点“授权”：\n{address}")
    typer.echo(f"（平台的应用设置里，授权回调页须填 {back}；gongbao serve 须在运行。）")


@app.command()
def resume(context: typer.Context, name: Name, by: By = "") -> None:
    """Let a resting account go on at once, after its fault was repaired."""
    from bot import audit
    from scheduler import ledger

    with open_house(context) as house:
        _known(house, name)
        actor, now = by.strip() or os.environ.get("USER") or f"uid {os.getuid()}", house.clock()
        with house.engine.begin() as connection:
            rested = ledger.resume(connection, name, now)
            if rested:
                audit.record(connection, at=now, actor=actor, act="resume", kind="account", object_id=name)
        house.nudge()
    typer.echo(f"账号 {name} 已恢复发送。" if rested else f"账号 {name} 没有暂停。")


def _known(house: "House", name: str) -> None:
    if name not in house.settings.accounts:
        raise RuleBroken(f"配置里没有账号“{name}”，可选的有：{'、'.join(house.settings.accounts)}。")


def _row(house: "House", name: str, now: datetime) -> dict[str, Any]:
    from scheduler import ledger
    from scheduler.database import reading

    with reading(house.engine) as connection:
        rest = next((row for row in ledger.rests(connection, now) if row["account"] == name), None)
    channel = house.settings.accounts[name].channel
    return {
        "account": name,
        "kind": channel.kind,
        "title": channel.title,
        "rests_until": rest["until"] if rest else None,
        "reason": rest["sentence"] if rest else "",
        "token_ends_at": house.watch.token_ends(name),
        "calls_today": house.meters[name].used(),
    }


def _life(ends_at: datetime | None, now: datetime) -> str:
    """How long a token lives, and when it is time for a new one; empty where none is needed."""
    from bot.watch import alarm

    if ends_at is None:
        return ""
    if ends_at <= now:
        return "已失效，请重新授权"
    rest = f"到 {beijing(ends_at)}，还有 {(ends_at - now).days} 天"
    return f"{rest}，请重新授权" if alarm(ends_at, now) is not None else rest


def _line(gauge: "Gauge") -> tuple[object, ...]:
    filled = min(BAR, BAR * gauge.used // gauge.most)
    bar = "█" * filled + "░" * (BAR - filled)
    return gauge.call or "全部接口", gauge.used, gauge.most, gauge.left, beijing(gauge.resets_at), bar


def _plain(gauges: "Iterable[Gauge]") -> list[dict[str, object]]:
    return [
        {
            "call": gauge.call,
            "used": gauge.used,
            "limit": gauge.most,
            "left": gauge.left,
            "resets_at": gauge.resets_at,
        }
        for gauge in gauges
    ]
