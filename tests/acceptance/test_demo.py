"""`gongbao demo --once`: a document of one's own, from the desk to both platforms."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.office import Office

NOTICE = """# 关于云溪河清淤期间临时断水的通知

各村（社区）：

云溪河清淤工程将于下周进行，期间部分村组临时断水，请提前储水。
"""


def bring_out(office: Office, name: str, text: str) -> dict[str, Any]:
    (office.folder / name).write_text(text, encoding="utf-8")
    said = office.run("demo", "--once", "--json", name)
    assert said.code == 0, said.err
    told: dict[str, Any] = json.loads(said.out)
    return told


def test_a_document_of_ones_own_is_out_once_on_each_platform(bare_office: Office) -> None:
    told = bring_out(bare_office, "通知.md", NOTICE)
    assert (told["ok"], told["complaints"]) == (True, [])
    assert {each["account"]: each["state"] for each in told["deliveries"]} == {
        "wechat": "published",
        "weibo": "published",
    }
    for each in told["deliveries"]:
        (seen,) = told["platforms"][each["account"]]
        assert (seen["act"], seen["withdrawn"]) == (each["platform_id"], False)
        assert each["addresses"] == [seen["address"]]


def test_the_platform_itself_tells_that_the_article_is_out(bare_office: Office) -> None:
    told = bring_out(bare_office, "通知.txt", NOTICE.replace("# ", ""))
    (history,) = (each["history"] for each in told["deliveries"] if each["account"] == "wechat")
    assert [event["event"] for event in history] == ["submit", "accept", "publish"]
    assert history[-1]["actor"] == "platform"


def test_without_a_screen_the_log_is_a_table(bare_office: Office) -> None:
    (bare_office.folder / "通知.md").write_text(NOTICE, encoding="utf-8")
    said = bare_office.run("demo", "--once", "通知.md")
    assert said.code == 0, said.err
    for word in ("账号", "平台编号", "已发布", "关于云溪河清淤期间临时断水的通知"):
        assert word in said.out
    assert "2 次投递全部发布，平台上每条恰好出现一次。" in said.out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "是空文件"),
        (b"PK\x03\x04\x14\x00", "是 Word"),
        ("字" * 20_001, "20001 个字"),
    ],
)
def test_a_broken_document_is_one_sentence(
    bare_office: Office, tmp_path: Path, content: str | bytes, sentence: str
) -> None:
    (tmp_path / "a.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    said = bare_office.run("demo", "--once", "--json", "a.txt")
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1
