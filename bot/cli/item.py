"""`gongbao item`: from a file to a signed post, one person a step."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import beijing, day_or_moment, moment, open_house, print_json, print_table
from bot.cli.withdrawal import asked, open_withdrawals, print_withdrawals
from bot.drafts import WORDS, Act, State
from bot.errors import RuleBroken

if TYPE_CHECKING:
    from bot.app import House
    from bot.desk import Desk, Done, Dossier, Item, Proposal

COLUMNS = ("编号", "标题", "状态", "下一步", "栏目", "单位", "账号", "发布时间", "更新时间")

app = typer.Typer(no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="ID", help="The item's number, as in the list.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who acts.")]
Seen = Annotated[
    int | None,
    typer.Option("--seen", metavar="VERSION", help="The version you read; refused if there is a newer one."),
]
Opinion = Annotated[str, typer.Option("--reason", help="What to put on record with it.")]
Title = Annotated[str, typer.Option(help="The title; else a heading, the first line or the file's name.")]
Author = Annotated[str, typer.Option(help="The author's name on the post; else the unit's.")]
Source = Annotated[str, typer.Option(metavar="URL", help="The entry on the disclosure platform.")]
Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", metavar="NAME", help="Where to publish; may be repeated; else everywhere."),
]
At = Annotated[
    str, typer.Option(metavar="TIME", help='Beijing time, such as "2026-11-23 08:30"; else when signed.')
]
Expires = Annotated[
    str,
    typer.Option(
        "--expires",
        metavar="DATE",
        help='The day on which it is taken down by itself, at 00:00 Beijing time; or "2026-12-01 18:00".',
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def add(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Word, HTML, Markdown, text; Excel, CSV, ZIP.")
    ],
    by: By,
    title: Title = "",
    column: Annotated[str, typer.Option(help="The column it belongs to.")] = "",
    unit: Annotated[
        str, typer.Option(help="The unit it belongs to; else the column's, else the office's.")
    ] = "",
    author: Author = "",
    source: Source = "",
    account: Accounts = None,
    at: At = "",
    expires: Expires = "",
) -> None:
    """Put documents on the desk, and the items of lists and ZIPs: all, or none if one has a fault."""
    if title and len(files) > 1:
        raise RuleBroken("一次添加几个文件时不能用 --title，请逐个添加，或把标题写在文件里。")
    proposals = [
        proposal
        for file in files
        for proposal in _proposals(
            file,
            title=title,
            column=column,
            unit=unit,
            author=author,
            source=source,
            account=account,
            at=at,
            expires=expires,
        )
    ]
    with _open_desk(context) as (house, desk):
        ids = desk.add(proposals, by, house.clock())
    for number, proposal in zip(ids, proposals, strict=True):
        typer.echo(f"已添加稿件 {number}：《{proposal.document.title}》")
        _warn(proposal.document.notes)


@app.command()
def revise(
    context: typer.Context,
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The item's new text.")],
    by: By,
    title: Title = "",
    author: Author = "",
    source: Source = "",
    account: Accounts = None,
    at: At = "",
    expires: Expires = "",
    seen: Seen = None,
) -> None:
    """Lay down a new version of an item that is not under review; what is not given stays as it was."""
    proposal = _proposal(
        file, title=title, author=author, source=source, account=account, at=at, expires=expires
    )
    with _open_desk(context) as (house, desk):
        done = desk.revise(number, proposal, by, house.clock(), _seen(desk, number, seen))
    typer.echo(f"稿件 {number} 已改为第 {done.draft.version} 版：《{proposal.document.title}》")
    _warn(proposal.document.notes)


@app.command()
def submit(context: typer.Context, number: Number, by: By, seen: Seen = None, reason: Opinion = "") -> None:
    """Hand an item to the review."""
    _act(context, number, by, seen, reason, lambda desk: desk.submit)


@app.command()
def review(context: typer.Context, number: Number, by: By, seen: Seen = None, reason: Opinion = "") -> None:
    """Pass an item on to the next step."""
    _act(context, number, by, seen, reason, lambda desk: desk.review)


@app.command()
def sign(context: typer.Context, number: Number, by: By, seen: Seen = None, reason: Opinion = "") -> None:
    """Sign an item: it is frozen and goes out, at once or at its time."""
    _act(context, number, by, seen, reason, lambda desk: desk.sign_off)


@app.command(name="return")
def send_back(
    context: typer.Context, number: Number, by: By, seen: Seen = None, reason: Opinion = ""
) -> None:
    """Send an item back to its drafter; --reason says what must change."""
    _act(context, number, by, seen, reason, lambda desk: desk.send_back)


@app.command()
def withdraw(context: typer.Context, number: Number, by: By, seen: Seen = None, reason: Opinion = "") -> None:
    """Take back an item: before it is signed (its drafter), or from everywhere once it is.

    What is signed is only asked for: another person agrees by `gongbao withdrawal confirm`.
    """
    with _open_desk(context) as (_, desk):
        signed = desk.show(number).item.draft.state is State.SIGNED
    if not signed:
        _act(context, number, by, seen, reason, lambda desk: desk.withdraw)
        return
    with open_withdrawals(context) as (house, withdrawals):
        numbers = withdrawals.ask_for_item(number, by, reason, house.clock())
    typer.echo(asked(numbers))


@app.command()
def correct(
    context: typer.Context,
    number: Number,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The correction: what was wrong, what is right.")
    ],
    by: By,
    title: Title = "",
    author: Author = "",
    source: Source = "",
    at: At = "",
) -> None:
    """Add the correction of a published item: it names that one, and goes where that went."""
    proposal = _proposal(file, title=title, author=author, source=source, account=None, at=at)
    with _open_desk(context) as (house, desk):
        correction = desk.correct(number, proposal, by, house.clock())
    typer.echo(f"已添加稿件 {correction}：《{proposal.document.title}》，更正稿件 {number}")
    _warn(proposal.document.notes)


@app.command()
def discard(context: typer.Context, number: Number, by: By, seen: Seen = None, reason: Opinion = "") -> None:
    """Give up an item that is not under review (its drafter); it stays on record."""
    _act(context, number, by, seen, reason, lambda desk: desk.discard)


@app.command(name="list")
def listing(
    context: typer.Context,
    state: Annotated[
        list[State] | None, typer.Option(help="Only items in this state; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The items, newest first."""
    with _open_desk(context) as (_, desk):
        items = desk.listing(state or ())
    if as_json:
        print_json([_record(item) for item in items])
        return
    print_table(COLUMNS, (_row(item) for item in items))


@app.command()
def show(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """Everything about one item: its text, who did what, and its deliveries."""
    with _open_desk(context) as (_, desk):
        dossier = desk.show(number)
    if as_json:
        print_json(_full_record(dossier))
    else:
        _print_dossier(dossier)


@app.command()
def evidence(
    context: typer.Context,
    number: Number,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.zip", help="Where to write it; else item-ID-evidence.zip.")
    ] = None,
) -> None:
    """Write all that is on record of an item as a ZIP that can be checked without this program."""
    from bot.evidence import bundle, gather
    from scheduler.database import reading

    with open_house(context) as house, reading(house.engine) as connection:
        content = bundle(gather(connection, number, house.settings))
    file = out or Path(f"item-{number}-evidence.zip")
    try:
        file.write_bytes(content)
    except OSError:
        raise RuleBroken(f"写不了文件 {file}，请检查文件夹是否存在、有没有权限和空间。") from None
    typer.echo(f"稿件 {number} 的办理存证已写入 {file}。")


@contextmanager
def _open_desk(context: typer.Context) -> "Iterator[tuple[House, Desk]]":
    from bot.desk import Desk

    with open_house(context) as house:
        yield house, Desk(house.engine, house.settings, house.check, lambda: secrets.token_hex(16))


def _proposal(file: Path, **said: Any) -> "Proposal":
    """The one item of a file, for a new version or a correction."""
    found = _proposals(file, **said)
    if len(found) > 1:
        raise RuleBroken(f"{file.name} 里有 {len(found)} 篇稿件，这里只能提供一篇。")
    return found[0]


def _proposals(
    file: Path,
    *,
    title: str,
    author: str,
    source: str,
    account: list[str] | None,
    at: str,
    expires: str = "",
    column: str = "",
    unit: str = "",
) -> "list[Proposal]":
    """The items of a file. What it says of an item itself counts more than the command line."""
    from bot import importing
    from bot.desk import Proposal

    entries = importing.read_list(file, title)
    if title and len(entries) > 1:
        raise RuleBroken(f"{file.name} 里有 {len(entries)} 篇稿件，不能用 --title，标题请写在文件里。")
    return [
        Proposal(
            entry.document,
            entry.file,
            entry.column or column,
            entry.unit or unit,
            entry.author or author,
            entry.source or source,
            entry.accounts or tuple(account or ()),
            entry.due_at or (moment(at) if at else None),
            day_or_moment(expires) if expires else None,
        )
        for entry in entries
    ]


def _act(
    context: typer.Context,
    number: int,
    by: str,
    seen: int | None,
    reason: str,
    verb: "Callable[[Desk], Callable[..., Done]]",
) -> None:
    with _open_desk(context) as (house, desk):
        done = verb(desk)(number, by, house.clock(), _seen(desk, number, seen), reason)
        if done.deliveries:
            house.nudge()
    _warn(done.warnings)
    typer.echo(f"稿件 {number} {WORDS[done.draft.state]}。{_next_step(done)}")


def _seen(desk: "Desk", number: int, seen: int | None) -> int:
    return desk.show(number).item.draft.version if seen is None else seen


def _next_step(done: "Done") -> str:
    if done.deliveries:
        return f"已排入投递 {'、'.join(map(str, done.deliveries))}。"
    due = done.draft.due
    return f"下一步：{done.draft.step}{WORDS[due]}。" if due else ""


def _warn(sentences: tuple[str, ...]) -> None:
    for sentence in sentences:
        typer.echo(f"注意：{sentence}", err=True)


def _row(item: "Item") -> tuple[object, ...]:
    draft = item.draft
    due = f"{draft.step}{WORDS[draft.due]}" if draft.due else ""
    return (
        draft.id,
        item.title,
        WORDS[draft.state],
        due,
        item.column,
        item.unit,
        "、".join(item.accounts),
        beijing(item.due_at) or "签发后即发",
        beijing(item.changed_at),
    )


def _record(item: "Item") -> dict[str, Any]:
    return {
        "id": item.draft.id,
        "state": item.draft.state,
        "version": item.draft.version,
        "title": item.title,
        "column": item.column,
        "unit": item.unit,
        "accounts": item.accounts,
        "due_at": item.due_at,
        "expires_at": item.expires_at,
        "corrects": item.corrects,
        "next_act": item.draft.due,
        "next_step": item.draft.step,
        "post_id": item.post_id,
        "added_at": item.added_at,
        "changed_at": item.changed_at,
    }


def _full_record(dossier: "Dossier") -> dict[str, Any]:
    post = dossier.post
    return _record(dossier.item) | {
        "digest": post.digest,
        "author": post.author,
        "source": post.source,
        "text": post.text,
        "html": post.html,
        "pictures": [{"name": each.name, "sha256": each.sha256, "alt": each.alt} for each in post.pictures],
        "sha256": dossier.sha256,
        "file": dossier.file,
        "acts": dossier.acts,
        "deliveries": dossier.deliveries,
        "withdrawals": dossier.withdrawals,
        "corrections": dossier.corrections,
    }


def _print_dossier(dossier: "Dossier") -> None:
    post, item = dossier.post, dossier.item
    facts = {
        "标题": post.title,
        "摘要": post.digest,
        "作者": post.author,
        "来源": post.source,
        "文件": dossier.file,
        "版本": item.draft.version,
        "校验值": dossier.sha256,
        "图片": "、".join(picture.name for picture in post.pictures),
        "到期撤下": beijing(item.expires_at),
        "更正对象": f"稿件 {item.corrects}" if item.corrects else "",
        "更正稿": "、".join(f"稿件 {number}" for number in dossier.corrections),
    }
    print_table(COLUMNS, [_row(item)])
    print_table(("项目", "内容"), [fact for fact in facts.items() if fact[1]])
    typer.echo(post.text + "\n")
    acts = (
        (beijing(act["at"]), act["who"], _word(act["act"]), act["version"], act["opinion"])
        for act in dossier.acts
    )
    print_table(("时间", "办理人", "办理", "版本", "意见"), acts)
    if dossier.deliveries:
        print_table(("投递", "账号", "状态", "说明"), map(_delivery_row, dossier.deliveries))
    if dossier.withdrawals:
        print_withdrawals(dossier.withdrawals)


def _word(act: str) -> str:
    return "拟稿" if act == "add" else WORDS[Act(act)]


def _delivery_row(row: Any) -> tuple[object, ...]:
    from scheduler import delivery

    return row["id"], row["account"], delivery.WORDS[delivery.State(row["state"])], row["sentence"]
