"""`gongbao account`: the accounts and how they stand."""

from typing import Annotated, Any

import typer

from bot.cli import beijing, open_house, print_json, print_table
from bot.errors import RuleBroken

COLUMNS = ("账号", "渠道", "名称", "暂停到", "原因", "今天调用")

app = typer.Typer(no_args_is_help=True)


@app.command(name="list")
def listing(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """The accounts: whether one rests and why, and how many calls it made today."""
    from scheduler import ledger
    from scheduler.database import reading

    with open_house(context) as house:
        with reading(house.engine) as connection:
            rests = {row["account"]: row for row in ledger.rests(connection, house.clock())}
        rows: list[dict[str, Any]] = [
            {
                "account": name,
                "kind": account.channel.kind,
                "title": account.channel.title,
                "rests_until": rests[name]["until"] if name in rests else None,
                "reason": rests[name]["sentence"] if name in rests else "",
                "calls_today": house.meters[name].used(),
            }
            for name, account in house.settings.accounts.items()
        ]
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
                row["calls_today"].get("", 0),
            )
            for row in rows
        ),
    )


@app.command()
def resume(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="The account.")]
) -> None:
    """Let a resting account go on at once, after its fault was repaired."""
    from scheduler import ledger

    with open_house(context) as house:
        if name not in house.settings.accounts:
            raise RuleBroken(f"配置里没有账号“{name}”，可选的有：{'、'.join(house.settings.accounts)}。")
        with house.engine.begin() as connection:
            rested = ledger.resume(connection, name, house.clock())
        house.nudge()
    typer.echo(f"账号 {name} 已恢复发送。" if rested else f"账号 {name} 没有暂停。")
