"""What people get wrong is one plain line and leaves everything as it was."""

import contextlib
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.office import Office, Said

NOTICE = "# 关于防汛的通知\n\n汛期将至，请做好准备。\n"
BAD_FILES: list[tuple[bytes, str]] = [
    (b"", "是空文件"),
    (("字" * 20_001).encode(), "20001 个字"),
    (b"\x00\x01\x02", "里有空字节"),
    ("![](图.png)".encode(), "图.png 不是能打开的图片"),
]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def wrong(said: Said, sentence: str) -> None:
    assert (said.code, said.out) == (1, ""), said.err
    assert sentence in said.err
    assert said.err.count("\n") == 1


def content(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


@pytest.fixture
def before(office: Office) -> list[str]:
    """What the database holds once an item is under review."""
    (office.folder / "通知.md").write_text(NOTICE, encoding="utf-8")
    (office.folder / "图.png").write_bytes(b"no picture")
    assert office.run("item", "add", "通知.md", "--by", "张三").code == 0
    assert office.run("item", "submit", "1", "--by", "张三").code == 0
    return content(office.database)


@pytest.mark.parametrize(("bytes_", "sentence"), BAD_FILES)
def test_a_bad_file_stores_nothing(office: Office, before: list[str], bytes_: bytes, sentence: str) -> None:
    (office.folder / "a.md").write_bytes(bytes_)
    wrong(office.run("item", "add", "通知.md", "a.md", "--by", "张三"), sentence)
    assert content(office.database) == before


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["add", "通知.md", "--by", "张三", "--at", "2020-01-01 08:00"], "2020-01-01 08:00 已经过去"),
        (["add", "通知.md", "--by", "张三", "--account", "weibo-O"], "配置里没有账号“weibo-O”"),
        (["review", "1", "--by", "张三"], "不能自己审核"),
    ],
)
def test_a_rule_that_says_no_stores_nothing(
    office: Office, before: list[str], command: list[str], sentence: str
) -> None:
    wrong(office.run("item", *command), sentence)
    assert content(office.database) == before


def test_an_old_database_is_left_alone(office: Office) -> None:
    assert office.run("database", "upgrade").code == 0
    with contextlib.closing(sqlite3.connect(office.database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    wrong(office.run("serve"), "数据库是旧版本（0000）")


def test_a_taken_port_is_named(office: Office, taken: int) -> None:
    office.configure(web={"port": taken})
    wrong(office.run("serve"), f"无法监听 127.0.0.1:{taken}")


@pytest.mark.parametrize("role", ["web", "scheduler", "worker"])
def test_a_redis_that_does_not_answer_is_named(office: Office, role: str) -> None:
    office.configure(redis={"url": "redis://127.0.0.1:9/0"})
    wrong(office.run("serve", "--role", role), "连不上 Redis")


@pytest.mark.parametrize("folder", ["taken.txt", "taken.txt/below", "/proc/gongbao"])
def test_a_data_folder_that_cannot_be_written_is_named(office: Office, folder: str) -> None:
    (office.folder / "taken.txt").write_text("a file", encoding="utf-8")
    office.configure(data={"folder": folder})
    wrong(office.run("serve"), "数据文件夹")
    wrong(office.run("database", "upgrade"), "数据文件夹")
