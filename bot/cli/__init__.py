"""What the commands share: opening the house, tables and JSON, times of day, and the words for failures."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from bot.errors import RuleBroken
from scheduler.plan import BEIJING

if TYPE_CHECKING:
    from bot.app import House
    from bot.settings import Settings

PLAIN_WIDTH = 160  # of a table that goes into a file or a pipe
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}")

# By name, since the classes' modules are slow to import and most commands meet none of them.
# None: the error's own message is a sentence for staff; other words are followed by the cause.
FAILURES: dict[str, tuple[str | None, int]] = {
    "bot.errors.RuleBroken": (None, 1),
    "bot.errors.SettingsError": (None, 2),
    "bot.serving.PortTaken": (None, 1),
    "channels.errors.ChannelError": (None, 1),
    "channels.sealing.BadKey": (None, 1),
    "scheduler.delivery.WrongState": (None, 1),
    "scheduler.embedded.NoServer": (None, 1),
    "scheduler.withdrawal.rows.NothingThere": (None, 1),
    "scheduler.ledger.content.Tampered": (None, 1),
    "redis.exceptions.ConnectionError": ("连不上 Redis，请检查配置中的 redis.url 或服务是否在运行", 1),
    "sqlalchemy.exc.OperationalError": ("数据库打不开或正忙，请检查配置中的 database.url、磁盘和权限", 1),
}


def told(error: Exception) -> tuple[str, int]:
    """The line for a failure that people can mend, and the exit code. Raises any other one again."""
    for kind in type(error).__mro__:
        known = FAILURES.get(f"{kind.__module__}.{kind.__qualname__}")
        if known is not None:
            sentence, code = known
            return f"{sentence}（{_cause(error)}）" if sentence else str(error), code
    raise error


def settings_of(context: typer.Context) -> "Settings":
    """The configuration that this command was given. Raises SettingsError."""
    from bot import settings

    return settings.load(context.obj)


@contextmanager
def open_house(context: typer.Context) -> "Iterator[House]":
    """The house of this command's configuration, logging set up, closed at the end."""
    from bot import logs
    from bot.app import House

    settings = settings_of(context)
    logs.configure(settings.log.level, settings.log.format, settings.secrets())
    house = House(settings)
    try:
        yield house
    finally:
        house.close()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table in which Chinese takes the room it takes."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    console.print(table)


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def beijing(moment: datetime | None) -> str:
    """A moment as staff read it; empty for none."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}" if moment else ""


def beijing_seconds(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def moment(text: str) -> datetime:
    """A Beijing time such as 2026-11-23 08:30. Raises RuleBroken."""
    try:
        if MOMENT.fullmatch(text.strip()):
            return datetime.fromisoformat(text.strip()).replace(tzinfo=BEIJING)
    except ValueError:
        pass
    raise RuleBroken(f"看不懂时间“{text}”，请写成 2026-11-23 08:30 这样的北京时间。")


def day_or_moment(text: str) -> datetime:
    """As `moment`, or a day, which begins at 00:00. Raises RuleBroken."""
    return moment(f"{text.strip()} 00:00" if DAY.fullmatch(text.strip()) else text)


def _cause(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", error)).split())


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat(timespec="seconds")
    return str(value)
