"""Lines thought out by hand: spellings people use, and numbers that are nobody's secret."""

from pathlib import Path

import pytest

from bot.checks import Context, Level, check
from bot.checks.data import read
from tests.bot.checks.labelled import TODAY, Maker

CONTEXT = Context(TODAY)
LINES = [
    (kind, line.replace("\\t", "\t").replace("\\n", "\n").replace("\\u200b", "\u200b"))
    for _, (kind, line) in read(Path(__file__).parent / "handmade.tsv")
]
ID_NUMBER = Maker(1).id_number()
DUTY_LINE = "值班电话：13812345678（王主任）"
CITIZEN_LINE = "户主李桂兰，13812345678"
ORGAN_LINE = "户名：云溪镇慈善协会，开户行：农业银行，账号：12360101040012345"


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_a_line_holds_its_kind_and_no_other(kind: str, line: str) -> None:
    assert {finding.kind for finding in check(line, CONTEXT)} == ({kind} - {"-"})


def test_the_span_covers_the_number_as_it_stands() -> None:
    text = f"张三：{ID_NUMBER[:6]}\u200b{ID_NUMBER[6:14]} {ID_NUMBER[14:]}。"
    (finding,) = check(text, CONTEXT)
    assert text[finding.start : finding.end] == text[3:-1]


def test_the_repair_hides_the_middle() -> None:
    (finding,) = check(ID_NUMBER, CONTEXT)
    assert finding.repair == f"{ID_NUMBER[:4]}{'*' * 10}{ID_NUMBER[-4:]}"
    assert ID_NUMBER not in finding.sentence


def test_what_the_repair_leaves_is_no_longer_found() -> None:
    (finding,) = check(CITIZEN_LINE, CONTEXT)
    mended = CITIZEN_LINE[: finding.start] + str(finding.repair) + CITIZEN_LINE[finding.end :]
    assert check(mended, CONTEXT) == []


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (DUTY_LINE, Level.NEED_REASON),
        (CITIZEN_LINE, Level.BLOCK),
        (ORGAN_LINE, Level.NEED_REASON),
        ("一卡通账号：12360101040012345", Level.BLOCK),
    ],
)
def test_what_an_organ_may_show_needs_a_reason_only(line: str, level: Level) -> None:
    (finding,) = check(line, CONTEXT)
    assert finding.level is level


def test_an_office_number_is_looked_up_where_a_directory_is_kept() -> None:
    office = Context(TODAY, telephones=frozenset({"05648621234"}))
    assert check("咨询电话：0564-8621234", office) == []
    (finding,) = check("咨询电话：0564-8621235", office)
    assert (finding.kind, finding.level) == ("landline", Level.WARN)


def test_a_mailbox_of_the_office_is_no_finding() -> None:
    line = "邮箱：yunxi@163.com，hall@mail.yunxi.cn"
    assert len(check(line, CONTEXT)) == 2
    assert check(line, Context(TODAY, mailboxes=("yunxi@163.com", "yunxi.cn"))) == []
