"""`gongbao audit`: the acts of the desk and of deliveries, and the proof."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Gongbao


@pytest.fixture
def signed(gongbao: Gongbao, office: Path) -> Path:
    """An item that went the whole way, and its delivery put off to another century."""
    (office / "a.md").write_text("# 关于防汛的通知\n\n汛期将至。", encoding="utf-8")
    gongbao("item", "add", "a.md", "--by", "张三", "--at", "2099-01-01 08:30")
    gongbao("item", "submit", 1, "--by", "张三")
    gongbao("item", "review", 1, "--by", "李四", "--reason", "同意")
    gongbao("item", "sign", 1, "--by", "王五")
    return office


def test_every_act_of_the_desk_is_one_entry(gongbao: Gongbao, signed: Path) -> None:
    found = json.loads(gongbao("audit", "list", "--json").out)
    assert [entry["act"] for entry in found] == ["add", "submit", "review", "sign"]
    assert [entry["actor"] for entry in found] == ["张三", "张三", "李四", "王五"]
    assert found[2]["details"]["opinion"] == "同意"
    shown = json.loads(gongbao("item", "show", 1, "--json").out)
    assert {entry["details"]["sha256"] for entry in found} == {shown["sha256"]}


def test_a_persons_word_on_a_delivery_is_one_entry(gongbao: Gongbao, signed: Path) -> None:
    assert gongbao("delivery", "cancel", 1, "--by", "王五", "--reason", "日期有误").code == 0
    (entry,) = json.loads(gongbao("audit", "list", "--object", "delivery:1", "--json").out)
    assert (entry["act"], entry["actor"]) == ("cancel", "王五")
    assert entry["details"] == {"reason": "日期有误", "state": "cancelled"}


def test_what_was_refused_leaves_no_entry(gongbao: Gongbao, signed: Path) -> None:
    assert gongbao("item", "sign", 1, "--by", "赵六").code == 1
    assert gongbao("delivery", "cancel", 1, "--by", " ").code == 1
    assert len(json.loads(gongbao("audit", "list", "--json").out)) == 4


def test_the_table_tells_who_did_what(gongbao: Gongbao, signed: Path) -> None:
    shown = gongbao("audit", "list", "--object", "item:1").out
    for word in ("稿件 1", "拟稿", "签发", "王五", "opinion=同意"):
        assert word in shown


def test_an_unbroken_record_is_told_with_its_last_hash(gongbao: Gongbao, signed: Path) -> None:
    said = gongbao("audit", "verify")
    assert said.code == 0
    newest = json.loads(gongbao("audit", "list", "--json").out)[-1]
    assert "共 4 条" in said.out
    assert newest["hash"] in said.out


def test_the_first_broken_entry_is_named(gongbao: Gongbao, signed: Path) -> None:
    (file,) = signed.rglob("*.db")
    with sqlite3.connect(file) as database:
        database.execute("DROP TRIGGER audit_keeps_entries")
        database.execute("UPDATE audit SET actor = '赵六' WHERE id = 3")
    database.close()
    said = gongbao("audit", "verify")
    assert said.code == 1
    assert "第 3 条记录的内容被改过" in said.err
    assert said.err.count("\n") == 1


def test_the_evidence_of_an_item_is_written(gongbao: Gongbao, signed: Path) -> None:
    assert gongbao("item", "evidence", 1, "--out", "a.zip").code == 0
    assert gongbao("item", "evidence", 1).code == 0
    assert (signed / "a.zip").read_bytes() == (signed / "item-1-evidence.zip").read_bytes()


def test_evidence_that_cannot_be_written_is_one_sentence(gongbao: Gongbao, signed: Path) -> None:
    said = gongbao("item", "evidence", 1, "--out", "没有/a.zip")
    assert (said.code, said.out) == (1, "")
    assert "写不了文件 没有/a.zip" in said.err
