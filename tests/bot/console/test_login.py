import pytest

from bot.app import House
from bot.console.login import TRIES
from bot.people import Grant, People, Role
from tests.bot.console.browser import PASSWORD, Browser, admit, hidden
from tests.support import StandingClock


def test_a_person_comes_in_and_goes_out(house: House, browser: Browser) -> None:
    admit(house, "王芳", Role.DRAFTER)
    assert "王芳，您好" in browser.log_in("王芳").text
    assert browser.post("/logout").url.endswith("/login")
    assert browser.get("/drafts").url.endswith("/login?next=/drafts")


def test_a_wrong_password_is_told_and_opens_nothing(house: House, browser: Browser) -> None:
    admit(house, "王芳", Role.DRAFTER)
    response = browser.log_in("王芳", "wrong")
    assert (response.status_code, "姓名、密码或验证码不对" in response.text) == (403, True)
    assert "wrong" not in response.text
    assert browser.get("/").url.endswith("/login")


def test_the_form_of_another_site_does_not_log_in(house: House, browser: Browser) -> None:
    admit(house, "王芳", Role.DRAFTER)
    fields = {"name": "王芳", "password": PASSWORD}
    for door in ("", "x"):
        response = browser.session.post(f"{browser.address}/login", {"door": door, **fields})
        assert response.status_code == 403


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_the_login_leads_to_no_other_site(house: House, browser: Browser, path: str) -> None:
    admit(house, "王芳", Role.DRAFTER)
    door = hidden(browser.get("/login").text, "door")
    fields = {"door": door, "name": "王芳", "password": PASSWORD, "next": path}
    response = browser.session.post(f"{browser.address}/login", fields, allow_redirects=False)
    assert response.headers["location"] == "/"


def test_one_address_does_not_try_for_ever(browser: Browser) -> None:
    door = hidden(browser.get("/login").text, "door")
    fields = {"door": door, "name": "谁", "password": "x"}
    answers = [browser.session.post(f"{browser.address}/login", fields).status_code for _ in range(TRIES + 1)]
    assert answers == [403] * TRIES + [429]


def test_a_password_that_somebody_else_has_seen_is_changed_first(house: House, browser: Browser) -> None:
    People(house.engine).add("王芳", {Grant(Role.DRAFTER)}, PASSWORD, house.clock(), "管理员")
    assert browser.log_in("王芳").url.endswith("/me/password")
    assert browser.get("/drafts").url.endswith("/me/password")
    fields = {"old": PASSWORD, "new": "nine green hills", "again": "nine green hills"}
    browser.token = hidden(browser.get("/me/password").text, "csrf")
    assert "密码已修改" in browser.post("/me/password", fields).text
    assert browser.get("/drafts").url.endswith("/drafts")


def test_a_session_ends_by_itself(house: House, browser: Browser, clock: StandingClock) -> None:
    admit(house, "王芳", Role.DRAFTER)
    browser.log_in("王芳")
    clock.forward(hours=3)
    assert browser.get("/").url.endswith("/login")


def test_an_administrator_ends_a_session(house: House, browser: Browser, address: str) -> None:
    admit(house, "王芳", Role.DRAFTER)
    admit(house, "赵六", Role.ADMINISTRATOR)
    browser.log_in("王芳")
    other = Browser(address)
    other.log_in("赵六")
    assert "王芳" in other.get("/sessions").text
    assert "已结束这次登录" in other.post("/sessions/1/end").text
    assert browser.get("/").url.endswith("/login")
