from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.wechat.emulator import Emulator as WeChat
from channels.weibo.emulator import Emulator as Weibo
from tests.acceptance.office import Office

MANY = 100_000
QUOTAS = (
    "draft/add",
    "draft/get",
    "draft/batchget",
    "freepublish/submit",
    "freepublish/get",
    "freepublish/batchget",
)


@pytest.fixture
def bare_office(tmp_path: Path) -> Iterator[Office]:
    """A folder without configuration or platforms."""
    office = Office(tmp_path)
    yield office
    office.close()


@pytest.fixture
def office(bare_office: Office) -> Office:
    """One account on each platform, both without limits that a day's test could reach."""
    wechat = WeChat(quotas=dict.fromkeys(QUOTAS, MANY))
    weibo = Weibo(calls_a_day=MANY, calls_an_hour=MANY, posts_an_hour=MANY)
    bare_office.play("town_wechat", wechat)
    bare_office.play("town_weibo", weibo)
    bare_office.configure()
    return bare_office
