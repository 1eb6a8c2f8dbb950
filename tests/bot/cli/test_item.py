"""`gongbao item`: the whole way of an item, and bad input in one sentence."""

import json
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Gongbao
from tests.bot.importing.offices import docx, paragraph
from tests.bot.importing.samples import drawn

NOTICE = "# 关于防汛的通知\n\n汛期将至，请做好准备。\n"


@pytest.fixture
def notice(office: Path) -> Path:
    (office / "通知.md").write_text(NOTICE, encoding="utf-8")
    return office / "通知.md"


def test_an_item_goes_from_a_file_to_its_delivery(gongbao: Gongbao, notice: Path) -> None:
    assert gongbao("item", "add", notice, "--by", "张三", "--at", "2099-01-01 08:30").code == 0
    assert "下一步：政务公开办审核" in gongbao("item", "submit", 1, "--by", "张三").out
    assert "下一步：分管领导签发" in gongbao("item", "review", 1, "--by", "李四", "--reason", "同意").out
    assert "已排入投递 1" in gongbao("item", "sign", 1, "--by", "王五", "--seen", 1).out
    shown = json.loads(gongbao("item", "show", 1, "--json").out)
    assert (shown["state"], shown["text"]) == ("signed", "汛期将至，请做好准备。")
    assert shown["deliveries"][0]["due_at"] == "2099-01-01T08:30:00+08:00"
    assert [act["who"] for act in shown["acts"]] == ["张三", "张三", "李四", "王五"]


def test_an_item_is_returned_revised_and_listed(gongbao: Gongbao, notice: Path) -> None:
    gongbao("item", "add", notice, "--by", "张三")
    gongbao("item", "submit", 1, "--by", "张三")
    assert "已退回" in gongbao("item", "return", 1, "--by", "李四", "--reason", "请补充电话").out
    assert "第 2 版" in gongbao("item", "revise", 1, notice, "--by", "张三", "--title", "防汛提醒").out
    (item,) = json.loads(gongbao("item", "list", "--json").out)
    assert (item["title"], item["version"], item["next_act"]) == ("防汛提醒", 2, "submit")
    assert "防汛提醒" in gongbao("item", "list", "--state", "editing").out
    assert "防汛提醒" not in gongbao("item", "list", "--state", "signed").out


def test_an_item_is_withdrawn_and_discarded(gongbao: Gongbao, notice: Path) -> None:
    gongbao("item", "add", notice, "--by", "张三")
    gongbao("item", "submit", 1, "--by", "张三")
    assert "已撤回" in gongbao("item", "withdraw", 1, "--by", "张三").out
    assert "已作废" in gongbao("item", "discard", 1, "--by", "张三").out


def test_the_page_of_an_item_tells_its_story(gongbao: Gongbao, notice: Path) -> None:
    gongbao("item", "add", notice, "--by", "张三")
    gongbao("item", "submit", 1, "--by", "张三")
    shown = gongbao("item", "show", 1).out
    for word in ("关于防汛的通知", "汛期将至", "拟稿", "送审", "张三", "通知.md"):
        assert word in shown


def test_a_guess_is_told_on_stderr(gongbao: Gongbao, office: Path) -> None:
    (office / "a.txt").write_text("汛期将至。", encoding="gbk")
    said = gongbao("item", "add", "a.txt", "--by", "张三")
    assert said.code == 0
    assert "注意：a.txt 不是 UTF-8" in said.err
    assert "暂用文件名“a”" in said.err


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        (b"", [], "a.md 是空文件"),
        (("字" * 20_001).encode(), [], "20001 个字"),
        (b"PK\x03\x04", [], "a.md 是 Word"),
        (b"\x00\x01\x02", [], "a.md 里有空字节"),
        ("![](图.png)".encode(), [], "图.png 不是能打开的图片"),
        (NOTICE.encode(), ["--at", "2020-01-01 08:00"], "2020-01-01 08:00 已经过去"),
        (NOTICE.encode(), ["--at", "明天"], "看不懂时间“明天”"),
        (NOTICE.encode(), ["--account", "town_weibu"], "是不是“town_weibo”"),
        (NOTICE.encode(), ["--source", "ftp://h"], "不是网址"),
        (NOTICE.encode(), ["--by", " "], "请写上姓名"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_stored(
    gongbao: Gongbao, notice: Path, content: bytes, options: list[str], sentence: str
) -> None:
    (notice.parent / "图.png").write_bytes(b"no picture")
    (notice.parent / "a.md").write_bytes(content)
    said = gongbao("item", "add", notice, "a.md", "--by", "张三", *options)
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert json.loads(gongbao("item", "list", "--json").out) == []


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["review", 1, "--by", "张三"], "不能自己审核"),
        (["sign", 1, "--by", "王五"], "现在是“已送审”，不能签发"),
        (["review", 9, "--by", "李四"], "没有编号为 9 的稿件"),
        (["review", 1, "--by", "李四", "--seen", 7], "您看的是第 7 版"),
        (["return", 1, "--by", "李四"], "退回要写明理由"),
        (["show", 9], "没有编号为 9 的稿件"),
    ],
)
def test_a_rule_that_says_no_is_one_sentence(
    gongbao: Gongbao, notice: Path, command: list[object], sentence: str
) -> None:
    gongbao("item", "add", notice, "--by", "张三")
    gongbao("item", "submit", 1, "--by", "张三")
    said = gongbao("item", *command)
    assert said.code == 1
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert '"submitted"' in gongbao("item", "list", "--json").out


def test_a_title_is_for_one_file(gongbao: Gongbao, notice: Path) -> None:
    said = gongbao("item", "add", notice, notice, "--title", "防汛", "--by", "张三")
    assert said.code == 1
    assert "--title" in said.err


def test_a_picture_goes_with_the_item(gongbao: Gongbao, notice: Path) -> None:
    (notice.parent / "图.png").write_bytes(drawn())
    notice.write_text(NOTICE + "\n![水位](图.png)\n", encoding="utf-8")
    gongbao("item", "add", notice, "--by", "张三")
    (picture,) = json.loads(gongbao("item", "show", 1, "--json").out)["pictures"]
    assert (picture["name"], picture["alt"]) == ("图.png", "水位")


def test_a_list_is_added_whole(gongbao: Gongbao, office: Path) -> None:
    lines = "标题,正文,账号,发布时间\n甲通知,甲文,town_weibo,2099-01-01 08:30\n乙通知,乙文,,\n"
    (office / "清单.csv").write_text(lines, encoding="gbk")
    said = gongbao("item", "add", "清单.csv", "--by", "张三", "--at", "2099-02-01 08:30")
    assert "已添加稿件 2：《乙通知》" in said.out
    second, first = json.loads(gongbao("item", "list", "--json").out)
    assert (first["due_at"], second["due_at"]) == ("2099-01-01T08:30:00+08:00", "2099-02-01T08:30:00+08:00")


def test_a_fault_in_a_list_is_told_with_its_row_and_nothing_is_stored(gongbao: Gongbao, office: Path) -> None:
    lines = "标题,正文,账号\n甲通知,甲文,town_weibo\n乙通知,乙文,town_weibu\n"
    (office / "清单.csv").write_text(lines, encoding="utf-8")
    said = gongbao("item", "add", "清单.csv", "--by", "张三")
    assert "清单.csv 第 3 行：配置里没有账号“town_weibu”" in said.err
    assert json.loads(gongbao("item", "list", "--json").out) == []


def test_a_word_document_is_added(gongbao: Gongbao, office: Path) -> None:
    (office / "通知.docx").write_bytes(docx(paragraph("防汛通知") + paragraph("汛期将至。")))
    assert "已添加稿件 1：《防汛通知》" in gongbao("item", "add", "通知.docx", "--by", "张三").out


def test_a_version_is_of_one_document(gongbao: Gongbao, office: Path, notice: Path) -> None:
    (office / "清单.csv").write_text("标题,正文\n甲通知,甲文\n乙通知,乙文\n", encoding="utf-8")
    gongbao("item", "add", notice, "--by", "张三")
    assert "只能提供一篇" in gongbao("item", "revise", 1, "清单.csv", "--by", "张三").err
