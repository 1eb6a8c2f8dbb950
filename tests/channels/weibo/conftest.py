"""A Weibo account on an emulator behind a real socket."""

from collections.abc import Iterator

import pytest

from channels.weibo.channel import WeiboChannel
from channels.weibo.emulator import Emulator
from tests.channels.serving import served
from tests.channels.weibo.office import Office
from tests.support import StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def emulator(clock: StandingClock) -> Emulator:
    return Emulator(clock=clock)


@pytest.fixture
def office(emulator: Emulator, clock: StandingClock) -> Iterator[Office]:
    with served(emulator) as address:
        yield Office(address, emulator, clock)


@pytest.fixture
def channel(office: Office) -> WeiboChannel:
    return office.channel()
