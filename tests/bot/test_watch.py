"""Tokens near their end are told in time, platforms' figures taken over, changed settings noticed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine
from structlog.testing import capture_logs

from bot.watch import Watch, alarm
from channels.base import AccountSettings, Channel, Services, Token
from channels.errors import AccountRefused
from channels.sealing import Seal
from channels.weibo.channel import Settings, open_account
from channels.weibo.emulator import Emulator
from scheduler import ledger
from scheduler.database import reading
from scheduler.limits import RedisMeter
from scheduler.tokens import KeptTokens
from tests.channels.serving import served
from tests.support import NOW, MemoryChannel, StandingClock, claim, queue_one

SEAL = Seal(b"k" * 32)


class Watched:
    """A Weibo account whose token lives thirty days, and an account that needs no watching."""

    def __init__(
        self, redis: "Redis", engine: Engine, address: str, emulator: Emulator, clock: StandingClock
    ) -> None:
        self.engine, self.emulator, self.clock = engine, emulator, clock
        self.settings = Settings.model_validate(emulator.account(address))
        self.meter = RedisMeter(redis, engine, "town", self.clock, self.settings.limits())
        self.tokens = KeptTokens(redis, engine, SEAL)
        services = Services("town", self.tokens, self.meter, self.clock)
        town = open_account(self.settings, services)
        channels: dict[str, Channel] = {"memory": MemoryChannel(), "town": town}
        meters = {"memory": self.meter, "town": self.meter}
        self.watch = Watch(redis, engine, channels, meters, self.tokens, self.clock)

    def alarms_on(self, *days_left: int) -> list[int]:
        """The alarms raised by looks so many days before the end."""
        raised = []
        for days in days_left:
            self.clock.now = NOW + timedelta(days=30 - days)
            with capture_logs() as lines:
                self.watch.tokens()
            raised += [line["days"] for line in lines if line["event"] == "token ends soon"]
        return raised


@pytest.fixture
def watched(redis: "Redis", engine: Engine) -> Iterator[Watched]:
    clock = StandingClock()
    emulator = Emulator(clock=clock, token_life=timedelta(days=30))
    with served(emulator) as address:
        yield Watched(redis, engine, address, emulator, clock)


@pytest.mark.parametrize(
    ("left", "mark"),
    [
        (timedelta(days=8), None),
        (timedelta(days=7), 7),
        (timedelta(days=3, seconds=1), 7),
        (timedelta(days=3), 3),
        (timedelta(hours=5), 1),
        (timedelta(0), 0),
        (-timedelta(days=9), 0),
    ],
)
def test_the_nearest_mark_counts(left: timedelta, mark: int | None) -> None:
    assert alarm(NOW + left, NOW) == (None if mark is None else timedelta(days=mark))


def test_a_token_is_told_seven_three_and_one_day_ahead_once_each(watched: Watched) -> None:
    assert watched.alarms_on(20, 8, 7, 6, 5, 4, 3, 2, 1, 1) == [7, 3, 1]


def test_the_end_itself_is_told(watched: Watched) -> None:
    assert watched.alarms_on(0) == [0]
    assert watched.watch.token_ends("town") == NOW + timedelta(days=30)


def test_a_revoked_token_is_told_at_once(watched: Watched) -> None:
    watched.emulator.platform.grants[0].revoked = True
    assert watched.alarms_on(20) == [0]


def test_without_redis_memory_the_kept_token_tells_its_end(watched: Watched) -> None:
    assert watched.watch.token_ends("town") is None
    watched.tokens.keep("town", Token("2.00secret", NOW + timedelta(days=9), NOW))
    assert watched.watch.token_ends("town") == NOW + timedelta(days=9)
    assert watched.watch.token_ends("memory") is None


def test_the_platforms_count_takes_the_place_of_ours(watched: Watched) -> None:
    watched.meter.take("comments/to_me", 50)
    watched.watch.calls()
    assert watched.meter.used()[""] == 0


def test_an_account_that_cannot_be_asked_stops_nobody(redis: "Redis", engine: Engine) -> None:
    clock = StandingClock()
    watched = Watched(redis, engine, "http://127.0.0.1:9", Emulator(clock=clock), clock)
    with capture_logs() as lines:
        watched.watch.calls()
        watched.watch.tokens()
    assert [line["event"] for line in lines] == ["not told", "not told"]


def rest(engine: Engine) -> None:
    (item,) = claim(engine, queue_one(engine))
    ledger.record(engine, item, item.refused(AccountRefused("请检查设置。"), NOW), NOW, "worker")


def rests(engine: Engine) -> bool:
    with reading(engine) as connection:
        return bool(ledger.rests(connection, NOW))


def test_changed_settings_let_a_resting_account_go_on(watched: Watched) -> None:
    accounts: dict[str, AccountSettings] = {"town": watched.settings}
    watched.watch.settings(accounts, SEAL)
    rest(watched.engine)
    watched.watch.settings(accounts, SEAL)
    assert rests(watched.engine)
    watched.watch.settings({"town": watched.settings.model_copy(update={"rip": "192.0.2.11"})}, SEAL)
    assert not rests(watched.engine)


def test_a_changed_secret_counts_and_is_not_kept(watched: Watched) -> None:
    watched.watch.settings({"town": watched.settings}, SEAL)
    rest(watched.engine)
    changed = Settings.model_validate(
        watched.settings.model_dump() | {"access_token": "2.00another", "app_secret": "secret"}
    )
    watched.watch.settings({"town": changed}, SEAL)
    assert not rests(watched.engine)
