"""What the office's own settings and word lists add to the checks."""

import csv
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from bot.checks.base import Context, Words
from bot.errors import SettingsError
from bot.settings import Settings
from scheduler.plan import BEIJING

SHIPPED = Path(__file__).parent / "data"


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
    folders = [SHIPPED, *([Path(folder)] if folder else [])]
    return Words(
        protected=tuple(row[0] for row in _rows(folders, "protected.tsv", 1)),
        wrong=tuple((row[0], row[1], row[2]) for row in _rows(folders, "wrong.tsv", 3)),
        careful=tuple((row[0], row[1]) for row in _rows(folders, "careful.tsv", 2)),
    )


def _rows(folders: list[Path], name: str, columns: int) -> Iterator[list[str]]:
    for folder in folders:
        file = folder / name
        if folder is not SHIPPED and not folder.is_dir():
            raise SettingsError(f"checks.words: there is no folder {folder}")
        if file.exists():
            yield from _read(file, columns)


def _read(file: Path, columns: int) -> Iterator[list[str]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read as UTF-8 text ({type(error).__name__})") from None
    for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
        if not row or row[0].startswith("#") or not row[0].strip():
            continue
        if len(row) < columns:
            raise SettingsError(f"{file}: line {number} needs {columns} columns parted by tabs")
        yield [cell.strip() for cell in row]
