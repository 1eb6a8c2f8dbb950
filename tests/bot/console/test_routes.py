"""Every page of the application refuses who is not logged in, and who lacks the role."""

import re

import pytest
from starlette.routing import Mount, Route

from bot.app import House
from bot.console import Console
from bot.console.routes import OWN, PAGES, Page
from bot.people import Role
from tests.bot.console.browser import Browser, admit

DOORS = {("GET", "/login"), ("POST", "/login")}
FORBIDDEN = [(page, role) for page in PAGES for role in Role if page.roles and role not in page.roles]


def path_of(page: Page) -> str:
    return re.sub(r"\{[^}]+\}", "1", page.path)


def test_the_application_has_no_page_beside_the_table(house: House) -> None:
    routes = Console(house).app.routes
    served = {
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert served == {(page.method, page.path) for page in PAGES} | DOORS
    assert [route.path for route in routes if isinstance(route, Mount)] == ["/static"]


def test_only_ones_own_affairs_need_no_role() -> None:
    assert {page.path.split("/")[1] for page in PAGES if page.roles == OWN} == {"me", "logout"}


def test_no_page_opens_without_a_login(browser: Browser) -> None:
    for page in PAGES:
        response = browser.session.request(
            page.method, browser.address + path_of(page), data={"csrf": "x"}, allow_redirects=False
        )
        if page.method == "GET":
            assert response.headers["location"].startswith("/login"), page
        else:
            assert response.status_code == 401, page


@pytest.mark.parametrize("role", Role)
def test_no_page_opens_with_a_wrong_role(house: House, address: str, role: Role) -> None:
    admit(house, "赵六", role)
    browser = Browser(address)
    browser.log_in("赵六")
    for page, wrong in FORBIDDEN:
        if wrong is role:
            response = browser.session.request(
                page.method, address + path_of(page), data={"csrf": browser.token}
            )
            assert response.status_code == 403, page
            assert "只对" in response.text, page


def test_no_form_is_taken_without_its_token(house: House, address: str) -> None:
    admit(house, "赵六", *Role)
    browser = Browser(address)
    browser.log_in("赵六")
    for page in PAGES:
        if page.method == "POST":
            for token in ("", "x", "0" * 64):
                response = browser.session.post(address + path_of(page), {"csrf": token})
                assert response.status_code == 403, page
                assert "页面已过期" in response.text
    assert browser.get("/me").status_code == 200
