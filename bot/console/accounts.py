"""Accounts: which rest and why, and how far today's limits are used up."""

from redis.exceptions import RedisError
from starlette.responses import Response

from bot.console import queries
from bot.console.navigation import ADMINISTRATORS
from bot.console.visit import Visit
from bot.errors import RuleBroken
from scheduler import ledger
from scheduler.database import reading
from scheduler.limits import Gauge
from scheduler.plan import midnight


def listing(visit: Visit) -> Response:
    rooms = visit.rooms
    with reading(rooms.engine) as connection:
        rests = {row["account"]: row for row in ledger.rests(connection, visit.now)}
        out = queries.out_since(connection, midnight(visit.now))
    return visit.page(
        "accounts.html",
        rests=rests,
        out=out,
        gauges={name: gauges(visit, name) for name in rooms.settings.accounts},
        administers=bool(visit.person.roles & ADMINISTRATORS),
    )


def resume(visit: Visit) -> Response:
    name = visit.request.path_params["name"]
    if name not in visit.rooms.settings.accounts:
        raise RuleBroken(f"配置里没有账号“{name}”，请从账号页面操作。")
    with visit.rooms.engine.begin() as connection:
        rested = ledger.resume(connection, name, visit.now)
    visit.rooms.house.nudge()
    return visit.go("/accounts", f"账号 {name} 已恢复发送。" if rested else f"账号 {name} 没有暂停。")


def gauges(visit: Visit, account: str) -> list[Gauge]:
    """How far today's limits are used up; nothing while Redis is away."""
    try:
        return visit.rooms.house.meters[account].gauges()
    except RedisError:
        return []
