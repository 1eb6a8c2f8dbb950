"""`gongbao audit`: who did what, and the proof that nobody changed the record."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import beijing_seconds, open_house, print_json, print_table
from bot.drafts import WORDS, Act
from bot.errors import RuleBroken

if TYPE_CHECKING:
    from bot.audit import Entry

COLUMNS = ("序号", "时间", "办理人", "办理", "对象", "详情", "校验值")
KINDS = {"item": "稿件", "delivery": "投递", "account": "账号", "person": "人员"}
ACTS = {
    **{str(act): WORDS[act] for act in Act},
    "add": "拟稿",
    "retry": "重新发送",
    "look_up": "再次查对",
    "cancel": "取消",
    "settle": "认定结果",
    "resume": "恢复发送",
}
SHORT = 12  # characters of a hash that a table shows

app = typer.Typer(no_args_is_help=True)


@app.command(name="list")
def listing(
    context: typer.Context,
    of: Annotated[
        str,
        typer.Option("--object", metavar="KIND[:ID]", help="Only acts on this, such as item:3 or delivery."),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The newest acts, oldest first."""
    from bot import audit
    from scheduler.database import reading

    kind, _, object_id = of.strip().partition(":")
    with open_house(context) as house, reading(house.engine) as connection:
        found = audit.entries(connection, kind, object_id, limit)
    if as_json:
        print_json([asdict(entry) for entry in found])
        return
    print_table(COLUMNS, map(_row, found))


@app.command()
def verify(context: typer.Context) -> None:
    """Prove the record unbroken from its first entry to its last; else name the first broken one, exit 1."""
    from bot import audit
    from scheduler.database import reading

    with open_house(context) as house, reading(house.engine) as connection:
        broken = audit.verify(connection)
        count, newest = audit.head(connection)
    if broken is not None:
        raise RuleBroken(f"办理记录不完整：{broken.sentence}请保留现场，报告管理员，并用备份核对。")
    typer.echo(f"办理记录完整，共 {count} 条。最后一条的校验值：{newest}")


def _row(entry: "Entry") -> tuple[object, ...]:
    return (
        entry.id,
        beijing_seconds(entry.at),
        entry.actor,
        ACTS.get(entry.act, entry.act),
        f"{KINDS.get(entry.kind, entry.kind)} {entry.object_id}",
        "，".join(f"{name}={value}" for name, value in entry.details.items() if _telling(name, value)),
        entry.hash[:SHORT],
    )


def _telling(name: str, value: object) -> bool:
    return name != "sha256" and value not in ("", None)
