"""No text breaks the checks or holds them up."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks import Context, check
from tests.bot.checks.labelled import TODAY

CONTEXT = Context(TODAY)
PIECES = [
    "身份证号",
    "1",
    "3401",
    "13812345678",
    "张建国",
    "，",
    "患",
    "岁",
    "路",
    "号",
    "室",
    "（",
    "\u200b",
    "\n",
    "《",
    "2024年",
    "★",
    "秘密",
    "\t",
    "@qq.com",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map("".join))
def test_every_finding_stands_in_the_text(text: str) -> None:
    for finding in check(text, CONTEXT):
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.sentence.endswith("。")


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "张", "路1号", "一单元", "张三，", "村一组", "a.", "<p", "中(a", "《", "，"]
)
def test_a_long_monotonous_text_takes_no_time_to_speak_of(piece: str) -> None:
    text = (piece * 20_000)[:20_000] + "病岁"
    start = time.process_time()
    check(text, CONTEXT)
    assert time.process_time() - start < 5  # the quadratic ways took 10 to 40 seconds
