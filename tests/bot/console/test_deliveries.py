import pytest

from bot.app import House
from bot.people import Role
from channels.errors import ContentRefused, Uncertain
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import State
from tests.bot.console.browser import Browser
from tests.bot.console.conftest import Visitor
from tests.support import NOW, claim, queue_one

ADDRESS = "https://weibo.com/1/abc"


@pytest.fixture
def leader(visitor: Visitor) -> Browser:
    return visitor("陈静", Role.LEADER)


@pytest.fixture
def failed(house: House) -> int:
    return tried(house, ContentRefused("标题太长，请修改。"))


@pytest.fixture
def uncertain(house: House) -> int:
    return tried(house, Uncertain())


def tried(house: House, error: Exception) -> int:
    number = queue_one(house.engine, "town_weibo")
    [item] = claim(house.engine, number)
    assert ledger.record(house.engine, item, item.refused(error, NOW), NOW, "worker")
    return number


def state(house: House, number: int) -> State:
    with reading(house.engine) as connection:
        return ledger.load(connection, number).state


def test_home_shows_failures_first(leader: Browser, failed: int) -> None:
    page = leader.get("/").text
    assert page.index("标题太长，请修改。") < page.index("等我办理")


def test_the_timeline_tells_each_step(leader: Browser, failed: int) -> None:
    page = leader.get(f"/deliveries/{failed}").text
    assert "标题太长，请修改。" in page
    assert "第 1 次尝试" in page


def test_a_failed_delivery_is_sent_again_with_a_reason(house: House, leader: Browser, failed: int) -> None:
    assert leader.post(f"/deliveries/{failed}/retry").status_code == 422
    assert "已重新排入待发" in leader.post(f"/deliveries/{failed}/retry", {"reason": "已改短"}).text
    assert state(house, failed) is State.QUEUED


def test_what_may_be_out_is_neither_sent_again_nor_cancelled(
    house: House, leader: Browser, uncertain: int
) -> None:
    for act in ("retry", "cancel"):
        answer = leader.post(f"/deliveries/{uncertain}/{act}", {"reason": "再试"})
        assert (answer.status_code, "结果待确认" in answer.text) == (422, True)
    assert state(house, uncertain) is State.UNCERTAIN


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"out": "yes", "address": ADDRESS}, State.PUBLISHED),
        ({"out": "no", "reason": "主页上没有"}, State.QUEUED),
        ({"out": "yes"}, State.UNCERTAIN),
        ({"out": "no"}, State.UNCERTAIN),
        ({}, State.UNCERTAIN),
    ],
)
def test_a_person_settles_what_is_in_doubt(
    house: House, leader: Browser, uncertain: int, fields: dict[str, str], after: State
) -> None:
    leader.post(f"/deliveries/{uncertain}/settle", fields)
    assert state(house, uncertain) is after


def test_a_waiting_delivery_is_cancelled(house: House, leader: Browser) -> None:
    number = queue_one(house.engine, "town_weibo")
    assert "不会发出" in leader.post(f"/deliveries/{number}/cancel", {"reason": "改期"}).text
    assert state(house, number) is State.CANCELLED


def test_a_resting_account_is_told_and_resumed(house: House, visitor: Visitor) -> None:
    administrator = visitor("赵六", Role.ADMINISTRATOR)
    assert "town_weibo" in administrator.get("/accounts").text
    assert "没有暂停" in administrator.post("/accounts/town_weibo/resume").text
