"""Every screen, on a desk and on a phone: no barrier that axe finds, nothing wider than the window."""

import secrets
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from bot import importing
from bot.console.routes import PAGES
from bot.demo import ITEMS, ROLES, Demo
from bot.desk import Desk, Proposal
from bot.people import Grant, People, Role
from tests.browser.conftest import keep_picture, log_in

NAME, PASSWORD = "赵六", "three quiet lakes"
BINARY = ("pictures", "preview/{account}")
SCREENS = [
    page.path for page in PAGES if page.method == "GET" and not any(word in page.path for word in BINARY)
]


@pytest.fixture
def filled(stage: Demo) -> Demo:
    """Items out, waiting, returned and planned, and a person who may see everything."""
    house = stage.house
    now = house.clock()
    given = [Grant(role) for role in Role]
    People(house.engine).add(NAME, given, PASSWORD, now, "test", must_change=False)
    documents = sorted(ITEMS.glob("*.md"))
    stage.publish(documents[:2])
    desk = Desk(house.engine, house.settings, house.check, lambda: secrets.token_hex(16))
    drafter, office, _ = list(ROLES)[:3]
    later = [
        Proposal(importing.read(file), file.name, due_at=now + timedelta(days=1)) for file in documents[2:5]
    ]
    for number in desk.add(later, drafter, now):
        desk.submit(number, drafter, now, 1)
    desk.send_back(number, office, now, 1, "请写明联系电话。")
    return stage


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_every_screen_is_open_to_everybody(page: Page, filled: Demo, width: int, height: int) -> None:
    page.set_viewport_size(ViewportSize(width=width, height=height))
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    log_in(page, filled, NAME, PASSWORD)
    for path in [*SCREENS, "/plan?span=month"]:
        place = path.replace("{id:int}", "1").replace("{version:int}", "1").replace("/1/edit", "/5/edit")
        response = page.goto(filled.web.address + place)
        assert response is not None
        assert response.status == 200, place
        keep_picture(page, f"{place.strip('/').replace('/', '-').replace('?', '-') or 'home'}-{width}")
        found = Axe().run(page).response["violations"]
        faults += [f"{place}: {each['id']} {each['nodes'][0]['html']}" for each in found]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{place} is wider than the window")
    assert faults == []
