"""Lists from Excel and CSV: a row is an item, a fault is told with its row, and one fault stops all."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot import importing
from bot.errors import RuleBroken
from bot.importing import ListRefused
from tests.bot.importing.offices import packed, saved, xlsx

HEADER = ("标题", "正文", "栏目", "单位", "来源", "账号", "发布时间")
ROW = (
    *("防汛通知", "汛期将至。\n请做好准备。", "通知公告", "水利站", "https://www.example.gov.cn/1"),
    *("town_wechat、town_weibo", "2026-11-24 08:30"),
)
DUE = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
CSV = "标题,正文\n甲通知,甲的正文。\n乙通知,乙的正文。\n"


def test_a_row_is_an_item_with_all_that_the_list_says_of_it() -> None:
    (found,) = importing.take_list("清单.xlsx", xlsx(HEADER, ROW))
    assert (found.document.title, found.document.html) == ("防汛通知", "<p>汛期将至。</p><p>请做好准备。</p>")
    assert (found.column, found.unit, found.source) == ("通知公告", "水利站", "https://www.example.gov.cn/1")
    assert (found.accounts, found.due_at) == (("town_wechat", "town_weibo"), DUE)
    assert found.file == "清单.xlsx 第 2 行"


def test_headers_may_be_english_and_stand_below_a_title() -> None:
    content = xlsx(("十一月发布清单",), ("No.", "Title", "Body", "Time"), (1, "甲", "文", ROW[-1]))
    (found,) = importing.take_list("a.xlsx", content)
    assert (found.document.title, found.due_at, found.file) == ("甲", DUE, "a.xlsx 第 3 行")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_the_usual_encodings(encoding: str, delimiter: str) -> None:
    found = importing.take_list("a.csv", CSV.replace(",", delimiter).encode(encoding))
    assert [each.document.title for each in found] == ["甲通知", "乙通知"]
    assert bool(found[0].document.notes) == (encoding == "gbk")


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2026-11-24 08:30",
            "2026/11/24 8:30",
            "2026年11月24日 8:30",
            "2026年11月24日8时30分",
            "2026-11-24T08:30:00",
        ),
        datetime(2026, 11, 24, 8, 30),  # noqa: DTZ001 - as Excel keeps it
    ],
)
def test_a_time_is_beijings_however_it_is_written(written: object) -> None:
    (found,) = importing.take_list("a.xlsx", xlsx(("标题", "正文", "发布时间"), ("甲", "文", written)))
    assert found.due_at == DUE


def test_a_day_alone_is_its_first_minute() -> None:
    (found,) = importing.take_list(
        "a.xlsx", xlsx(("标题", "正文", "发布时间"), ("甲", "文", date(2026, 11, 24)))
    )
    assert found.due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_every_fault_is_told_with_its_row_and_nothing_is_taken() -> None:
    rows = [HEADER[:2], ("甲", "文"), ("", "没有标题"), ("丙", ""), ("丁", "字" * 20_001)]
    with pytest.raises(ListRefused, match=r"清单\.xlsx 有 3 处有误，一篇也没有导入") as caught:
        importing.take_list("清单.xlsx", xlsx(*rows))
    assert [place for place, _ in caught.value.faults] == ["第 3 行", "第 4 行", "第 5 行"]
    assert "第 4 行：“正文”是空的" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("标提,正文\n甲,文", "没有找到表头"),
        ("标题,正文,栏木\n甲,文,x", "“栏木”不认识，是不是“栏目”"),
        ("标题,正文,内容\n甲,文,文", "“内容”与另一列重复"),
        ("标题,正文\n甲,文,多出来", "第 2 行第 3 列有内容，但没有表头"),
        ("标题,正文\n", "没有内容"),
        ('标题,正文\n甲,"文', "引号"),
        ("标题,正文,发布时间\n甲,文,明天", "第 2 行：看不懂发布时间“明天”"),
        ("标题,正文,发布时间\n甲,文,2026-02-30 08:00", "第 2 行：看不懂发布时间"),
        ("标题,正文\n=1+1,文", "第 2 行：“=1.1”是公式"),
        ("标题,正文\n" + "甲,文\n" * 501, "501 行，超过 500 行"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        importing.take_list("a.csv", text.encode())


def with_formula(cached: str) -> bytes:
    """A workbook whose B2 is a formula, as Excel saves it with the value that it showed."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>标题</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>正文</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>甲</t></is></c>'
        f'<c r="B2" t="str"><f>CONCAT("文","字")</f>{cached}</c></row></sheetData></worksheet>'
    )
    return rebuilt(xlsx(("x",)), {"xl/worksheets/sheet1.xml": sheet})


def rebuilt(content: bytes, parts: dict[str, bytes | str]) -> bytes:
    import io
    from zipfile import ZipFile

    with ZipFile(io.BytesIO(content)) as package:
        return packed({name: package.read(name) for name in package.namelist()} | parts)


def test_a_formula_gives_the_value_that_it_showed() -> None:
    (found,) = importing.take_list("a.xlsx", with_formula("<v>文字</v>"))
    assert found.document.text == "文字"


def test_a_formula_without_a_value_is_refused_with_its_cell() -> None:
    with pytest.raises(RuleBroken, match="第 2 行的 B2 是没有算出结果的公式"):
        importing.take_list("a.xlsx", with_formula(""))


def test_what_is_hidden_in_a_workbook_stays_behind() -> None:
    book = Workbook()
    secret = book.create_sheet("密", 0)
    secret.sheet_state = "hidden"
    secret.append(["标题", "正文"])
    secret.append(["机密", "机密"])
    sheet = book.worksheets[1]
    for row in (["标题", "正文", "备注"], ["甲", "文", "机密"], ["机密", "机密", ""]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    book.properties.creator = "张三"
    (found,) = importing.take_list("a.xlsx", saved(book))
    assert found.document.title == "甲"
    assert "机密" not in repr(found)
    assert found.document.notes == ("a.xlsx 里隐藏的行没有导入。",)


def test_a_second_sheet_is_told() -> None:
    book = Workbook()
    book.worksheets[0].append(["标题", "正文"])
    book.worksheets[0].append(["甲", "文"])
    book.create_sheet("另一张").append(["别的"])
    (found,) = importing.take_list("a.xlsx", saved(book))
    assert "另外 1 张没有导入" in found.document.notes[0]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"xl/vbaProject.bin": b"x"}, "有宏"),
        ({"xl/workbook.xml": '<!DOCTYPE x SYSTEM "http://evil.example/x"><x/>'}, "外部实体"),
        ({"xl/worksheets/sheet1.xml": "<x/>"}, "没有找到表头|已损坏"),
        ({"xl/workbook.xml": "<x/>"}, "已损坏"),
    ],
)
def test_a_hostile_workbook_is_one_sentence(parts: dict[str, bytes | str], sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        importing.take_list("a.xlsx", rebuilt(xlsx(HEADER, ROW), parts))


def test_a_cell_at_the_end_of_the_world_is_refused_at_once() -> None:
    book = Workbook()
    book.worksheets[0]["XFD1048576"] = "x"
    with pytest.raises(RuleBroken, match="5000 行或 50 列"):
        importing.take_list("a.xlsx", saved(book))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=6))
def test_any_csv_is_read_or_refused(rows: list[list[str]]) -> None:
    lines = ["标题,正文", *(",".join(row) for row in rows)]
    try:
        found = importing.take_list("a.csv", "\n".join(lines).encode(errors="replace"))
    except RuleBroken:
        return
    assert all(each.document.title and each.document.text for each in found)
