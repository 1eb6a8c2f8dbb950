"""`gongbao database`: the schema's version, and the way to the newest."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import schema
from tests.bot.cli.conftest import Gongbao


def test_an_empty_database_is_set_up_and_then_left_alone(gongbao: Gongbao, office: Path) -> None:
    assert gongbao("database", "upgrade").out == f"数据库已从 空库 升级到 {schema.head()}。\n"
    assert gongbao("database", "upgrade").out == f"数据库已是最新版本（{schema.head()}）。\n"
    assert (office / "data" / "gongbao.db").exists()


def test_the_version_is_told(gongbao: Gongbao) -> None:
    gongbao("database", "upgrade")
    assert gongbao("database", "show").out == f"数据库版本：{schema.head()}；程序需要：{schema.head()}。\n"


def test_before_anything_was_kept_the_database_is_empty(gongbao: Gongbao) -> None:
    assert gongbao("database", "show").out == f"数据库版本：空库；程序需要：{schema.head()}。\n"


@pytest.mark.parametrize(("version", "sentence"), [("0000", "旧版本"), ("9999", "更新的版本")])
def test_commands_stop_at_a_database_of_another_version(
    gongbao: Gongbao, office: Path, version: str, sentence: str
) -> None:
    gongbao("database", "upgrade")
    with closing(sqlite3.connect(office / "data" / "gongbao.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    said = gongbao("delivery", "list")
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_a_data_folder_that_cannot_be_used_is_one_sentence(gongbao: Gongbao, office: Path) -> None:
    (office / "data").write_text("", encoding="utf-8")
    for command in ("upgrade", "show"):
        said = gongbao("database", command)
        assert (said.code, said.out) == (1, "")
        assert "数据文件夹" in said.err
        assert said.err.count("\n") == 1
