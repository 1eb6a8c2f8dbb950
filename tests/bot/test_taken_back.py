"""From the signature to the platform and back: withdrawals on both emulators, over a real socket."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.app import House
from bot.desk import Desk, Proposal, Withdrawals
from bot.importing import Imported
from channels import load_emulator
from channels.emulator import Emulator, Fault, FaultRule
from scheduler.embedded import EmbeddedRedis
from tests.channels.serving import served
from tests.support import StandingClock

DRAFTER, OFFICE, LEADER = "王芳", "李明", "陈静"
SOURCE = "https://zwgk.yunxi.gov.example/content/2026/11/1001.html"
LIST = Imported("关于低保对象的公示", "<p>现将名单予以公示。</p>", "现将名单予以公示。", source=SOURCE)
DELETES = {"wechat": "freepublish/delete", "weibo": "statuses/destroy"}


class Town:
    """An office with one account on each platform, moved on by hand."""

    def __init__(self, house: House, clock: StandingClock, platforms: dict[str, Emulator]) -> None:
        self.house, self.clock, self.platforms = house, clock, platforms
        numbers = iter(range(1, 100))
        self.desk = Desk(house.engine, house.settings, house.check, lambda: f"{next(numbers):032x}")
        self.withdrawals = Withdrawals(house.engine, house.terms)
        house.queue.pull(1, 0.01)

    def publish(self, expires_days: int = 0) -> int:
        expires_at = self.clock() + timedelta(days=expires_days) if expires_days else None
        proposal = Proposal(LIST, "名单.md", expires_at=expires_at)
        (item,) = self.desk.add([proposal], DRAFTER, self.clock())
        self.desk.submit(item, DRAFTER, self.clock(), 1)
        self.desk.review(item, OFFICE, self.clock(), 1)
        self.desk.sign_off(item, LEADER, self.clock(), 1)
        self.run()
        return item

    def withdraw(self, item: int) -> None:
        numbers = self.withdrawals.ask_for_item(item, DRAFTER, "姓名有误", self.clock())
        self.withdrawals.confirm(numbers, OFFICE, self.clock())

    def run(self, turns: int = 6) -> None:
        """Some minutes of the clock, each with all that the worker finds."""
        for _ in range(turns):
            self.house.release.due(self.clock())
            entries = self.house.queue.pull(10, 0.01)
            for entry in entries:
                self.house.worker.handle(entry)
            self.house.queue.ack(entries)
            self.clock.forward(minutes=2)

    def lose(self, fault: Fault) -> None:
        """Spoil the next call that takes a post down, on each platform."""
        for kind, platform in self.platforms.items():
            platform.faults.append(FaultRule(fault, DELETES[kind], times=1))

    def standing(self) -> set[str]:
        return {
            shown.title for each in self.platforms.values() for shown in each.shown() if not shown.withdrawn
        }

    def states(self) -> dict[str, str]:
        return {row["account"]: row["state"] for row in self.withdrawals.listing()}

    def calls(self) -> list[int]:
        """How often each platform was told to take something down."""
        return [
            sum(count for path, count in each.calls.items() if DELETES[kind] in path)
            for kind, each in self.platforms.items()
        ]


@pytest.fixture
def town(tmp_path: Path, database_url: str, redis_server: EmbeddedRedis, redis: object) -> Iterator[Town]:
    clock = StandingClock()
    platforms = {kind: load_emulator(kind)(clock=clock) for kind in DELETES}
    with ExitStack() as stack:
        lines = ["[redis]", f'url = "{redis_server.url}"', "[database]", f'url = "{database_url}"']
        for kind, platform in platforms.items():
            account = platform.account(stack.enter_context(served(platform)))
            lines += [f"[accounts.{kind}]", *(f'{name} = "{value}"' for name, value in account.items())]
        (tmp_path / "config.toml").write_text("\n".join(lines), encoding="utf-8")
        house = House(settings.load(tmp_path / "config.toml"), clock)
        stack.callback(house.close)
        yield Town(house, clock, platforms)


def test_one_act_takes_an_item_down_everywhere(town: Town) -> None:
    item = town.publish()
    assert town.standing()
    town.withdraw(item)
    town.run()
    assert (town.standing(), town.calls()) == (set(), [1, 1])
    assert town.states() == {"wechat": "withdrawn", "weibo": "withdrawn"}
    assert {row["state"] for row in town.desk.show(item).deliveries} == {"withdrawn"}


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.HTML_AFTER, Fault.HTTP_500_AFTER])
def test_a_lost_answer_is_proven_by_reading_back_and_nothing_is_done_twice(town: Town, fault: Fault) -> None:
    item = town.publish()
    town.lose(fault)
    town.withdraw(item)
    town.run(1)
    assert town.states() == {"wechat": "uncertain", "weibo": "uncertain"}
    town.run()
    assert (town.standing(), town.calls()) == (set(), [1, 1])
    assert town.states() == {"wechat": "withdrawn", "weibo": "withdrawn"}
    evidence = {row["account"]: row["sentence"] for row in town.withdrawals.listing()}
    assert "已删除" in evidence["wechat"]
    assert "已不存在" in evidence["weibo"]


def test_a_call_that_never_arrived_is_made_again(town: Town) -> None:
    item = town.publish()
    town.lose(Fault.DROP_BEFORE)
    town.withdraw(item)
    town.run()
    assert (town.standing(), town.calls()) == (set(), [2, 2])


def test_what_may_be_shown_no_longer_is_taken_down_on_its_day(town: Town) -> None:
    town.publish(expires_days=7)
    town.clock.forward(days=6)
    town.withdrawals.take_down_expired(town.clock())
    town.run()
    assert town.standing()
    town.clock.forward(days=1)
    town.withdrawals.take_down_expired(town.clock())
    town.run()
    assert (town.standing(), town.calls()) == (set(), [1, 1])
    assert {row["asked_by"] for row in town.withdrawals.listing()} == {"clock"}


def test_a_correction_goes_out_beside_the_original_and_names_it(town: Town) -> None:
    item = town.publish()
    right = Imported("更正：低保对象公示", "<p>应为张某某。</p>", "应为张某某。", source=SOURCE)
    correction = town.desk.correct(item, Proposal(right, "更正.md"), DRAFTER, town.clock())
    town.desk.submit(correction, DRAFTER, town.clock(), 1)
    town.desk.review(correction, OFFICE, town.clock(), 1)
    town.desk.sign_off(correction, LEADER, town.clock(), 1)
    town.clock.forward(hours=1)
    town.run()
    for platform in town.platforms.values():
        texts = [shown.text for shown in platform.shown()]
        assert any("本文更正2026年11月23日发布的《关于低保对象的公示》。" in text for text in texts)
