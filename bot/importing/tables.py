"""A list of items: a header row and a row for each item, from CSV or Excel, whole or not at all."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from bot.errors import RuleBroken
from bot.importing import body, titles
from bot.importing.decoding import decode
from bot.importing.values import Entry, Imported, ListRefused
from scheduler.plan import BEIJING

MAX_ITEMS = 500
MAX_TEXT = 20_000  # code points of one item
HEADER_WITHIN = 5  # rows: office lists have a title above their header
DELIMITERS = ",\t;"
HEADERS: dict[str, tuple[str, ...]] = {
    "title": ("标题", "题目", "稿件标题", "信息标题", "title"),
    "text": ("正文", "内容", "稿件内容", "信息内容", "text", "body", "content"),
    "column": ("栏目", "所属栏目", "发布栏目", "column"),
    "unit": ("单位", "责任单位", "发布单位", "供稿单位", "部门", "unit"),
    "source": (
        "来源",
        "来源地址",
        "来源网址",
        "原文链接",
        "原文地址",
        "链接",
        "网址",
        "source",
        "url",
        "link",
    ),
    "author": ("作者", "署名", "author"),
    "accounts": ("账号", "帐号", "发布账号", "发布渠道", "account", "accounts"),
    "due_at": ("发布时间", "定时发布", "计划发布时间", "publish_at", "publish time", "due_at", "time"),
    "": ("序号", "编号", "备注", "no", "no.", "remark", "remarks"),  # known, of no use here
}
FIELDS = {word: field for field, words in HEADERS.items() for word in words}
SPOKEN = {"title": "标题", "text": "正文"}
NAMES = re.compile(r"[,，、;；\s]+")
MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](?:\d{1,2}秒?)?)?"
)

Cell = str | datetime
Row = tuple[int, Sequence[Cell]]  # its number, as a spreadsheet shows it


@dataclass(frozen=True)
class Table:
    rows: Sequence[Row]
    notes: tuple[str, ...] = ()


def read_csv(content: bytes, name: str) -> Table:
    """Rows of a CSV in any of the usual encodings and delimiters. Raises RuleBroken."""
    text, note = decode(content, name)
    delimiter = max(DELIMITERS, key=lambda each: _headers_in(text, each))
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise RuleBroken(
            f"{name} 的引号或分隔符不成对，请用 Excel 或 WPS 重新另存为 .xlsx 后再导入。"
        ) from None
    return Table(list(enumerate(lines, 1)), (note,) if note else ())


def entries(table: Table, name: str) -> list[Entry]:
    """An item for each row. Raises ListRefused with every row's fault, or RuleBroken for the list itself."""
    number, fields = _header(table, name)
    rows = [row for row in table.rows if row[0] > number and any(_shown(cell) for cell in row[1])]
    if not rows:
        raise RuleBroken(f"{name} 只有表头，没有内容，请检查后再导入。")
    if len(rows) > MAX_ITEMS:
        raise RuleBroken(f"{name} 有 {len(rows)} 行，超过 {MAX_ITEMS} 行的上限，请拆成几个文件。")
    found: list[Entry] = []
    faults: list[tuple[str, str]] = []
    for place, cells in rows:
        try:
            found.append(_entry(fields, cells, f"{name} 第 {place} 行", table.notes if not found else ()))
        except RuleBroken as error:
            faults.append((f"第 {place} 行", str(error)))
    if faults:
        raise ListRefused(name, faults)
    return found


def _headers_in(text: str, delimiter: str) -> int:
    """How many known headers the first lines hold, if they are parted like this."""
    first = text.splitlines()[:HEADER_WITHIN]
    return max(sum(_word(cell.strip('"')) in FIELDS for cell in line.split(delimiter)) for line in first)


def _header(table: Table, name: str) -> tuple[int, list[str]]:
    """The number of the header row, and the field of each column; a column without header has none."""
    for number, cells in table.rows[:HEADER_WITHIN]:
        words = [_word(_shown(cell)) for cell in cells]
        known = {FIELDS.get(word) for word in words}
        if {"title", "text"} <= known:
            _want_known(words, name, number)
            _want_headed(table, name, number, words)
            return number, [FIELDS.get(word, "") for word in words]
    raise RuleBroken(f"{name} 里没有找到表头，前 {HEADER_WITHIN} 行里要有一行写着“标题”和“正文”。")


def _word(header: str) -> str:
    return "".join(titles.tidy(header).lower().split()) if not header.isascii() else header.strip().lower()


def _want_known(words: Sequence[str], name: str, number: int) -> None:
    fields: set[str] = set()
    for word in words:
        if word and word not in FIELDS:
            near = get_close_matches(word, FIELDS, n=1, cutoff=0.5)
            advice = f"是不是“{near[0]}”？" if near else "请删去这一列，或改为认识的表头。"
            raise RuleBroken(f"{name} 第 {number} 行的表头“{word}”不认识，{advice}")
        field = FIELDS.get(word, "")
        if field and field in fields:
            raise RuleBroken(f"{name} 第 {number} 行的表头“{word}”与另一列重复，请只留一列。")
        fields.add(field)


def _want_headed(table: Table, name: str, header: int, words: Sequence[str]) -> None:
    """A column with content but no header would be lost without a word."""
    for number, cells in table.rows:
        for at, cell in enumerate(cells):
            if number > header and _shown(cell) and (at >= len(words) or not words[at]):
                raise RuleBroken(f"{name} 第 {number} 行第 {at + 1} 列有内容，但没有表头，请补上表头或删去。")


def _entry(fields: Sequence[str], cells: Sequence[Cell], place: str, notes: tuple[str, ...]) -> Entry:
    given = {field: cell for field, cell in zip(fields, cells, strict=False) if field and _shown(cell)}
    for field, spoken in SPOKEN.items():
        if field not in given:
            raise RuleBroken(f"“{spoken}”是空的，请补上。")
    for cell in given.values():
        if _shown(cell).startswith("="):
            raise RuleBroken(f"“{_shown(cell)[:20]}”是公式，请改为文字。")
    words = {field: titles.tidy(_shown(cell)) for field, cell in given.items()}
    return Entry(
        _document(words["title"], _shown(given["text"]), notes),
        place,
        words.get("column", ""),
        words.get("unit", ""),
        words.get("author", ""),
        words.get("source", ""),
        tuple(filter(None, NAMES.split(words.get("accounts", "")))),
        _moment(given["due_at"]) if "due_at" in given else None,
    )


def _document(title: str, text: str, notes: tuple[str, ...]) -> Imported:
    root = body.parse(body.paragraphs(text))
    plain = body.plain_text(root)
    if len(plain) > MAX_TEXT:
        raise RuleBroken(f"正文有 {len(plain)} 个字，超过 {MAX_TEXT} 个字的上限，请删减或拆成几篇。")
    return Imported(title, body.write(root), plain, notes=notes)


def _moment(cell: Cell) -> datetime:
    """Beijing time, however the list writes it."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=BEIJING, microsecond=0)
    match = MOMENT.fullmatch(cell.strip())
    try:
        if match:
            year, month, day, hour, minute = map(int, match.groups())
            return datetime(year, month, day, hour, minute, tzinfo=BEIJING)
    except ValueError:
        pass
    raise RuleBroken(f"看不懂发布时间“{titles.tidy(cell)}”，请写成 2026-11-23 08:30 这样的北京时间。")


def _shown(cell: Cell) -> str:
    return str(cell).strip()
