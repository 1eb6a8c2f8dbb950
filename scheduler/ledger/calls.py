"""How often an account's calls were made in a day, for when Redis forgets."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from scheduler.database import upsert
from scheduler.tables import calls


def keep_calls(connection: Connection, account: str, day: str, used: Mapping[str, int]) -> None:
    """`day` is Beijing's, as 20261123; `used` is by call, "" for all together."""
    upsert(connection, calls, {"account": account, "day": day}, {"used": dict(used)})


def kept_calls(connection: Connection, account: str, day: str) -> dict[str, int]:
    return connection.execute(_USED, {"account": account, "day": day}).scalar() or {}


_USED = select(calls.c.used).where(calls.c.account == bindparam("account"), calls.c.day == bindparam("day"))
