"""`gongbao people`: who may log in to the console, and as what."""

import getpass
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import beijing, open_house, print_json, print_table
from bot.errors import RuleBroken

if TYPE_CHECKING:
    from bot.app import House
    from bot.people import Grant, People

COLUMNS = ("编号", "姓名", "角色", "两步验证", "状态", "添加时间")

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The person's name, as it stands on record.")]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE[@UNIT]",
        help="contributor, drafter, reviewer, leader, replier, administrator or auditor, "
        "for one unit or for all; may be repeated.",
    ),
]


@app.command()
def add(context: typer.Context, name: Name, role: Roles = None) -> None:
    """Add a person and print a password for the first login. The very first one should be administrator."""
    from bot.people import drawn_password

    grants = _grants(role)
    with _open_people(context) as (house, people):
        password = drawn_password(secrets.choice)
        people.add(name, grants, password, house.clock(), _actor())
    typer.echo(f"已添加 {name}。首次登录的密码：{password}（登录后须修改）")


@app.command(name="list")
def listing(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Everybody who may log in."""
    with _open_people(context) as (_, people):
        found = people.listing()
    if as_json:
        print_json(
            [
                {
                    "id": person.id,
                    "name": person.name,
                    "roles": [{"role": grant.role, "unit": grant.unit} for grant in sorted(person.grants)],
                    "second_factor": person.has_otp,
                    "locked_at": row["locked_at"],
                    "added_at": row["added_at"],
                }
                for person, row in found
            ]
        )
        return
    print_table(
        COLUMNS,
        (
            (
                person.id,
                person.name,
                _words(person.grants),
                "已启用" if person.has_otp else "",
                "已停用" if row["locked_at"] else "",
                beijing(row["added_at"]),
            )
            for person, row in found
        ),
    )


@app.command()
def grant(context: typer.Context, name: Name, role: Roles = None) -> None:
    """Give a person exactly these roles."""
    grants = _grants(role)
    with _open_people(context) as (house, people):
        people.grant(people.find(name).id, grants, house.clock(), _actor())
    typer.echo(f"{name} 现在的角色：{_words(grants) or '无'}")


@app.command()
def reset(context: typer.Context, name: Name) -> None:
    """Print a new password, drop the second factor, end the person's sessions."""
    from bot.people import drawn_password

    with _open_people(context) as (house, people):
        password = drawn_password(secrets.choice)
        people.reset(people.find(name).id, password, house.clock(), _actor())
    typer.echo(f"{name} 的新密码：{password}（登录后须修改）")


@app.command()
def lock(context: typer.Context, name: Name) -> None:
    """Let nobody log in as this person; what the person did stays on record."""
    with _open_people(context) as (house, people):
        people.lock(people.find(name).id, house.clock(), _actor())
    typer.echo(f"{name} 的账号已停用。")


@app.command()
def unlock(context: typer.Context, name: Name) -> None:
    """Undo `lock`, or the wait after too many wrong tries."""
    with _open_people(context) as (house, people):
        people.unlock(people.find(name).id, house.clock(), _actor())
    typer.echo(f"{name} 的账号已恢复。")


@contextmanager
def _open_people(context: typer.Context) -> "Iterator[tuple[House, People]]":
    from bot.people import People

    with open_house(context) as house:
        yield house, People(house.engine)


def _actor() -> str:
    """Who works at the shell, as the record names it: not a person of the house."""
    return f"命令行:{getpass.getuser()}"


def _grants(words: list[str] | None) -> "set[Grant]":
    from bot.people import Grant, Role

    grants = set()
    for word in words or ():
        role, _, unit = word.partition("@")
        if role not in set(Role):
            raise RuleBroken(f"没有角色“{role}”，可选的有：{'、'.join(Role)}。")
        grants.add(Grant(Role(role), unit))
    return grants


def _words(grants: "set[Grant] | frozenset[Grant]") -> str:
    from bot.people import ROLE_WORDS

    return "、".join(
        ROLE_WORDS[grant.role] + (f"（{grant.unit}）" if grant.unit else "") for grant in sorted(grants)
    )
