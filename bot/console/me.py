"""One's own account: password, second factor, where one is logged in, leaving."""

from starlette.responses import RedirectResponse, Response

from bot.console.cookies import SESSION
from bot.console.visit import Visit
from bot.errors import RuleBroken
from bot.people.people import new_otp_secret, otp_address


def show(visit: Visit) -> Response:
    found = visit.rooms.sessions.listing(visit.now, visit.person.id)
    return visit.page("me.html", sessions=found, this=visit.session.id)


def password(visit: Visit) -> Response:
    return visit.page("password.html", sentence="")


def change_password(visit: Visit) -> Response:
    old, new, again = (str(visit.form.get(name, "")) for name in ("old", "new", "again"))
    try:
        if new != again:
            raise RuleBroken("两次输入的新密码不一样，请重新输入。")
        visit.rooms.people.change_password(visit.person.id, old, new)
    except RuleBroken as refusal:
        return visit.page("password.html", 422, sentence=str(refusal))
    visit.rooms.sessions.end_others(visit.session, visit.now)
    return visit.go("/", "密码已修改，其他地方的登录已退出。")


def otp(visit: Visit) -> Response:
    return _otp(visit, new_otp_secret())


def set_otp(visit: Visit) -> Response:
    secret = visit.text("secret")
    try:
        visit.rooms.people.set_otp(visit.person.id, secret, visit.text("code"), visit.now)
    except RuleBroken as refusal:
        return _otp(visit, secret, str(refusal))
    return visit.go("/me", "两步验证已启用，下次登录要输入手机上的验证码。")


def drop_otp(visit: Visit) -> Response:
    visit.rooms.people.drop_otp(visit.person.id, str(visit.form.get("password", "")))
    return visit.go("/me", "两步验证已停用。")


def end_session(visit: Visit) -> Response:
    """One of one's own; the number of another person's does nothing."""
    own = {row["id"] for row in visit.rooms.sessions.listing(visit.now, visit.person.id)}
    if visit.number("id") in own:
        visit.rooms.sessions.end(visit.number("id"), visit.now)
    return visit.go("/me", "已结束这次登录。")


def log_out(visit: Visit) -> Response:
    visit.rooms.sessions.end(visit.session.id, visit.now)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(SESSION, path="/")
    return response


def _otp(visit: Visit, secret: str, sentence: str = "") -> Response:
    return visit.page(
        "otp.html",
        422 if sentence else 200,
        secret=secret,
        address=otp_address(secret, visit.person.name),
        sentence=sentence,
    )
