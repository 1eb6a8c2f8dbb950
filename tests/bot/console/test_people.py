from bot.app import House
from bot.people import People, Role
from tests.bot.console.browser import Browser
from tests.bot.console.conftest import Visitor


def test_a_person_is_added_with_a_password_for_once(house: House, visitor: Visitor, address: str) -> None:
    administrator = visitor("赵六", Role.ADMINISTRATOR)
    page = administrator.post("/people", {"name": "王芳", "role": "drafter", "unit": "*"}).text
    password = page.partition('首次登录的密码：<b class="hash">')[2].partition("<")[0]
    assert Browser(address).log_in("王芳", password).url.endswith("/me/password")
    assert password not in administrator.get("/people").text


def test_roles_are_given_and_taken(house: House, visitor: Visitor) -> None:
    administrator = visitor("赵六", Role.ADMINISTRATOR)
    fields = [("kept", "administrator@"), ("role", "auditor"), ("unit", "党政办")]
    page = administrator.post("/people/1/grant", fields).text
    assert "监督人（党政办）" in page
    administrator.post("/people/1/grant", [("kept", "administrator@")])
    assert People(house.engine).get(1).roles == {Role.ADMINISTRATOR}


def test_the_last_administrator_is_not_locked(visitor: Visitor) -> None:
    answer = visitor("赵六", Role.ADMINISTRATOR).post("/people/1/lock")
    assert (answer.status_code, "最后一位管理员" in answer.text) == (422, True)
