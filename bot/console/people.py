"""People: who may log in, as what, for which unit."""

import secrets

from starlette.responses import Response

from bot.console.visit import Visit
from bot.people import Grant, Role, drawn_password

EVERYWHERE = "*"  # in the form, for every unit


def listing(visit: Visit) -> Response:
    return _listing(visit)


def add(visit: Visit) -> Response:
    """The password is shown once, on the answer itself."""
    password = drawn_password(secrets.choice)
    name = visit.text("name")
    visit.rooms.people.add(name, _grants(visit), password, visit.now, visit.person.name)
    return _listing(visit, f"已添加 {name}", password)


def show(visit: Visit) -> Response:
    return _show(visit)


def grant(visit: Visit) -> Response:
    number = visit.number("id")
    visit.rooms.people.grant(number, _grants(visit), visit.now, visit.person.name)
    return visit.go(f"/people/{number}", "角色已更新，立即生效。")


def reset(visit: Visit) -> Response:
    password = drawn_password(secrets.choice)
    visit.rooms.people.reset(visit.number("id"), password, visit.now, visit.person.name)
    return _show(visit, password)


def lock(visit: Visit) -> Response:
    visit.rooms.people.lock(visit.number("id"), visit.now, visit.person.name)
    return visit.go(f"/people/{visit.number('id')}", "账号已停用，已登录的也已退出。")


def unlock(visit: Visit) -> Response:
    visit.rooms.people.unlock(visit.number("id"), visit.now, visit.person.name)
    return visit.go(f"/people/{visit.number('id')}", "账号已恢复。")


def _grants(visit: Visit) -> set[Grant]:
    """The roles that were ticked, for the unit that was chosen; others of the person stay as they are."""
    unit = visit.text("unit").replace(EVERYWHERE, "")
    ticked = {Grant(Role(role), unit) for role in visit.texts("role") if role in set(Role)}
    parts = (each.partition("@") for each in visit.texts("kept"))
    kept = {Grant(Role(role), place) for role, _, place in parts if role in set(Role)}
    return ticked | kept


def _listing(visit: Visit, sentence: str = "", password: str = "") -> Response:
    return visit.page(
        "people.html",
        found=visit.rooms.people.listing(),
        roles=list(Role),
        units=list(visit.rooms.settings.units),
        sentence=sentence,
        password=password,
    )


def _show(visit: Visit, password: str = "") -> Response:
    number = visit.number("id")
    who = visit.rooms.people.get(number)
    row = next(row for person, row in visit.rooms.people.listing() if person.id == number)
    return visit.page(
        "person.html",
        who=who,
        row=row,
        roles=list(Role),
        units=list(visit.rooms.settings.units),
        sessions=visit.rooms.sessions.listing(visit.now, number),
        password=password,
    )
