"""`gongbao check`: what is wrong with a text, before anyone reads it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from bot.checks.base import place
from bot.cli import print_json, print_table, settings_of
from bot.errors import RuleBroken

if TYPE_CHECKING:
    from bot.checks import Finding

COLUMNS = ("文件", "位置", "级别", "类别", "问题", "建议改为")
LEVELS = {"block": "不能发布", "need_reason": "要写理由", "warn": "请核对", "info": "提示"}
HTML = {".html", ".htm", ".xhtml"}

app = typer.Typer()


class Found(NamedTuple):
    """A finding in a file; `line` counts from 1 if each line was a text of its own, else it is None."""

    file: Path
    line: int | None
    text: str
    finding: "Finding"


@app.command()
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Text, Markdown or HTML.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    lines: Annotated[bool, typer.Option("--lines", help="Take each line as a text of its own.")] = False,
) -> None:
    """Look for personal data, secret marks and faults of form; exit code 1 if one forbids publishing."""
    found = [each for file in files for each in _findings(context, file, lines)]
    if as_json:
        print_json([_record(each) for each in found])
    elif found:
        print_table(COLUMNS, (_row(each) for each in found))
    else:
        typer.echo("没有发现问题。")
    if any(each.finding.level == "block" for each in found):
        sys.exit(1)


def _findings(context: typer.Context, file: Path, lines: bool) -> Iterator[Found]:
    from bot.app import utc_now
    from bot.checks import check
    from bot.checks.office import context_of

    known = context_of(settings_of(context), utc_now())
    text = _text_of(file)
    texts = [(number, line) for number, line in enumerate(text.splitlines(), 1)] if lines else [(None, text)]
    for number, each in texts:
        for finding in check(each, known):
            yield Found(file, number, each, finding)


def _text_of(file: Path) -> str:
    """A page's text without its markup; of any other file the text as it is. Raises RuleBroken."""
    from bot import importing
    from bot.importing.decoding import decode

    if file.suffix.lower() in HTML:
        return importing.read(file).text
    try:
        content = file.read_bytes()
    except OSError:
        raise RuleBroken(f"文件 {file} 打不开，请检查路径和权限。") from None
    return decode(content, file.name)[0]


def _row(found: Found) -> tuple[object, ...]:
    finding = found.finding
    return (
        found.file.name,
        _place(found),
        LEVELS[finding.level],
        finding.kind,
        finding.sentence,
        "（删去）" if finding.repair == "" else finding.repair,
    )


def _place(found: Found) -> str:
    line, column = place(found.text, found.finding.start)
    return f"第 {line + (found.line or 1) - 1} 行第 {column} 字"


def _record(found: Found) -> dict[str, Any]:
    finding = found.finding
    record = {
        "file": str(found.file),
        "kind": finding.kind,
        "level": finding.level,
        "start": finding.start,
        "end": finding.end,
        "sentence": finding.sentence,
        "repair": finding.repair,
    }
    return record if found.line is None else record | {"line": found.line}
