"""Secrecy, wording, form and links: what is found, at which level, with which repair."""

from datetime import date
from pathlib import Path

import pytest

from bot.checks import Context, Finding, Level, Words, check
from bot.checks.data import read
from bot.checks.office import words_of
from bot.checks.wording import traditional, without_pinyin
from tests.bot.checks.labelled import TODAY

CONTEXT = Context(TODAY, words=words_of(""))
LINES = [
    (kind, line.replace("\\t", "\t").replace("\\n", "\n"))
    for _, (kind, line) in read(Path(__file__).parent / "handmade_forms.tsv")
]


def only(text: str, context: Context = CONTEXT) -> Finding:
    (finding,) = check(text, context)
    return finding


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_a_line_holds_its_kind_and_no_other(kind: str, line: str) -> None:
    assert {finding.kind for finding in check(line, CONTEXT)} == ({kind} - {"-"})


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("机密★10年", Level.BLOCK),
        ("签发人：王强", Level.NEED_REASON),
        ("根据(jù)条例", Level.BLOCK),
        ("政府網站發布訊息", Level.WARN),
        ("2026年2月30日", Level.BLOCK),
        ("二0二四年", Level.WARN),
        ("村\t户数\n上溪\t3\n下溪\t4\n合计\t8", Level.NEED_REASON),
        ("https://t.cn/abc", Level.BLOCK),
        ("http://www.example.com/1", Level.NEED_REASON),
        ("中国共严党", Level.BLOCK),
        ("截止目前", Level.WARN),
    ],
)
def test_the_level_says_what_follows(text: str, level: Level) -> None:
    assert only(text).level is level


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("云政办[24]第07号", "云政办〔2024〕7号"),
        ("根据(jù)条例", "根据条例"),
        ("二0二四年", "二〇二四年"),
        ("2026年11月22日（星期一）", "2026年11月22日（星期日）"),
        ("安装了了电脑", "安装了电脑"),
        ("提到议事日常", "提到议事日程"),
        ("中国共严党", "中国共产党"),
        ("村\t户数\n上溪\t3\n下溪\t4\n合计\t8", "村\t户数\n上溪\t3\n下溪\t4\n合计\t7"),
    ],
)
def test_a_repair_mends_the_text(text: str, repaired: str) -> None:
    finding = only(text)
    mended = text[: finding.start] + str(finding.repair) + text[finding.end :]
    assert mended == repaired
    assert check(mended, CONTEXT) == []


def test_a_traditional_text_is_told_once() -> None:
    assert "7 处" in only("政府網站發布訊息，請閱讀通訊").sentence


def test_the_table_of_traditional_characters_holds_no_simplified_one() -> None:
    assert set("國發據鎮") <= traditional()
    assert not traditional() & set("国发据镇于后里面干")


def test_notes_of_pinyin_are_taken_out() -> None:
    assert without_pinyin("鎮(zhèn)發(fā)布(A类)公告(2024)") == ("鎮發布(A类)公告(2024)", 2)


def test_periods_in_an_unpublished_year_are_said_to_be_open() -> None:
    text = "公示期为5个工作日，自2035年11月24日至2035年11月30日"
    finding = only(text)
    assert finding.level is Level.INFO
    assert "尚未公布" in finding.sentence


def test_a_made_up_working_saturday_counts() -> None:
    text = "公示期为4个工作日，自2026年2月11日至2026年2月14日"
    assert check(text, Context(date(2026, 2, 10))) == []


def test_a_period_that_is_over_is_told() -> None:
    finding = only("公示期为7天，自2026年11月1日至2026年11月7日")
    assert "已经过去" in finding.sentence


def test_a_neighbour_in_the_list_is_no_near_miss() -> None:
    words = Words(protected=("云溪镇人民政府", "云溪县人民政府"))
    assert check("云溪县人民政府和云溪镇人民政府", Context(TODAY, words)) == []
    assert only("云溪镇人民改府", Context(TODAY, words)).kind == "protected"


def test_hosts_of_the_office_need_no_reason() -> None:
    assert check("http://news.example.com/1", Context(TODAY, hosts=("example.com",))) == []
    assert only("http://badexample.com/1", Context(TODAY, hosts=("example.com",))).kind == "link"
