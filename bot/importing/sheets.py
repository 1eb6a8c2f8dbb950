"""Excel: the first sheet and the rows that are shown, as values; a formula gives what it showed."""

import io
import posixpath
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from bot.errors import RuleBroken
from bot.importing import markup
from bot.importing.package import Package
from bot.importing.tables import Cell, Row, Table

MAX_ROWS = 5_000
MAX_COLUMNS = 50
XML = (".xml", ".rels", ".vml")


def read_sheet(content: bytes, name: str) -> Table:
    """Raises RuleBroken."""
    package = Package(content, name)
    for part in package.names:
        if posixpath.splitext(part)[1] in XML:
            markup.want_harmless(package.read(part), name)
    try:
        return _table(_opened(content, cached=True), _opened(content, cached=False), name)
    except RuleBroken:
        raise
    except Exception:  # a forged workbook makes the parser fail in every way there is
        raise RuleBroken(f"{name} 已损坏，打不开，请用 Excel 或 WPS 重新另存为 .xlsx 后再导入。") from None


def _opened(content: bytes, *, cached: bool) -> Any:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about looks and extensions that are of no use here
        return load_workbook(io.BytesIO(content), data_only=cached, keep_links=False)


def _table(values: Any, formulas: Any, name: str) -> Table:
    shown = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"]
    sheet, *others = [each for each in shown if _is_filled(each)] or shown
    if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
        raise RuleBroken(
            f"{name} 的表格超过 {MAX_ROWS} 行或 {MAX_COLUMNS} 列，请把要导入的内容复制到新表格后再导入。"
        )
    notes = []
    if others:
        notes.append(f"{name} 只导入了工作表“{sheet.title}”，另外 {len(others)} 张没有导入。")
    if any(row.hidden for row in sheet.row_dimensions.values()):
        notes.append(f"{name} 里隐藏的行没有导入。")
    return Table(list(_rows(sheet, formulas[sheet.title], name)), tuple(notes))


def _is_filled(sheet: Any) -> bool:
    return sheet.max_row > 1 or sheet.max_column > 1 or sheet["A1"].value is not None


def _rows(sheet: Any, formulas: Any, name: str) -> Iterator[Row]:
    hidden = _hidden_columns(sheet)
    for number, (row, written) in enumerate(zip(sheet.rows, formulas.rows, strict=True), 1):
        if sheet.row_dimensions[number].hidden:
            continue
        for cell, origin in zip(row, written, strict=True):
            _want_a_value(cell, origin, name)
        yield number, ["" if at in hidden else _value(cell.value) for at, cell in enumerate(row, 1)]


def _hidden_columns(sheet: Any) -> set[int]:
    groups = [each for each in sheet.column_dimensions.values() if each.hidden]
    return {at for each in groups for at in range(each.min, each.max + 1)}


def _want_a_value(cell: Any, origin: Any, name: str) -> None:
    if (origin.data_type == "f" and cell.value is None) or cell.data_type == "e":
        raise RuleBroken(
            f"{name} 第 {cell.row} 行的 {cell.coordinate} 是没有算出结果的公式，"
            "请在 Excel 或 WPS 里改为文字，或重新计算并保存后再导入。"
        )


def _value(value: object) -> Cell:
    match value:
        case None:
            return ""
        case datetime():
            return value
        case date():
            return datetime.combine(value, time())
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
