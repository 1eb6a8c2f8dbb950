"""What the office's own settings and word lists add to the checks."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from bot.checks import data
from bot.checks.base import Context, Words
from bot.errors import SettingsError
from bot.settings import Settings
from scheduler.plan import BEIJING


def context_of(settings: Settings, now: datetime) -> Context:
    """What a check must know in this office. Raises SettingsError."""
    checks = settings.checks
    return Context(
        today=now.astimezone(BEIJING).date(),
        words=words_of(checks.words),
        hosts=tuple(checks.hosts),
        mailboxes=tuple(checks.mailboxes),
        telephones=frozenset("".join(filter(str.isdecimal, number)) for number in checks.telephones),
    )


@cache
def words_of(folder: str) -> Words:
    """The shipped lists and those of the office. Raises SettingsError."""
    folders = [data.FOLDER, *([Path(folder)] if folder else [])]
    return Words(
        protected=tuple(row[0] for row in _rows(folders, "protected.tsv", 1)),
        wrong=tuple((row[0], row[1], row[2]) for row in _rows(folders, "wrong.tsv", 3)),
        careful=tuple((row[0], row[1]) for row in _rows(folders, "careful.tsv", 2)),
    )


def _rows(folders: list[Path], name: str, columns: int) -> Iterator[list[str]]:
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(f"checks.words: there is no folder {folder}")
        if (folder / name).exists():
            yield from _read(folder / name, columns)


def _read(file: Path, columns: int) -> Iterator[list[str]]:
    try:
        found = data.read(file)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read as UTF-8 text ({type(error).__name__})") from None
    for number, row in found:
        if len(row) < columns:
            raise SettingsError(f"{file}: line {number} needs {columns} columns parted by tabs")
        yield row
