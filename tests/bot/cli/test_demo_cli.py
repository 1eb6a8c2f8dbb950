"""`gongbao demo`: what it is given, and how it ends."""

import json
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Gongbao


def test_it_ends_well_only_if_each_post_is_out_once(gongbao: Gongbao, office: Path) -> None:
    (office / "a.txt").write_text("关于防汛的通知\n\n汛期将至，请做好准备。\n", encoding="utf-8")
    said = gongbao("demo", "--once", "--json", "a.txt")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["ok"]
    assert {each["state"] for each in told["deliveries"]} == {"published"}


def test_a_wait_of_no_time_is_not_taken(gongbao: Gongbao) -> None:
    said = gongbao("demo", "--once", "--seconds", 0)
    assert (said.code, said.out) == (2, "")
    assert "--seconds" in said.err


@pytest.mark.parametrize(("name", "sentence"), [("none.txt", "none.txt"), ("empty.txt", "是空文件")])
def test_a_file_that_cannot_be_read_is_one_sentence(
    gongbao: Gongbao, office: Path, name: str, sentence: str
) -> None:
    (office / "empty.txt").write_bytes(b"")
    said = gongbao("demo", "--once", name)
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1
