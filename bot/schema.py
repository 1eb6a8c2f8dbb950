"""The database's schema: is it ours, and of this version?"""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from bot.errors import RuleBroken
from scheduler.database import reading

MIGRATIONS = Path(__file__).parent / "migrations"


class OldSchema(RuleBroken):
    """The program and the database do not fit; nothing is read or written."""


def head() -> str:
    """The newest migration's number."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("0*.py"))


def current(engine: Engine) -> str:
    """The database's version; empty for a database without tables of ours."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def prepare(engine: Engine) -> None:
    """Set up an empty database, accept one of this version. Raises OldSchema for any other."""
    found = current(engine)
    if not found:
        upgrade(engine)
    elif found < head():
        raise OldSchema(
            f"数据库是旧版本（{found}），程序需要 {head()}。请先备份，再运行 gongbao database upgrade。"
        )
    elif found > head():
        raise OldSchema(f"数据库是更新的版本（{found}），本程序只认识 {head()}。请升级程序。")


def upgrade(engine: Engine) -> None:
    """Bring the database to this version; each step whole or not at all."""
    from alembic import command
    from alembic.config import Config

    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
