"""A WeChat account on an emulator behind a real socket, in each of its two modes."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels.wechat.channel import WeChatChannel
from channels.wechat.emulator import Emulator
from tests.channels.serving import served
from tests.channels.wechat.office import Hook, Office
from tests.support import StandingClock


class Socket:
    """One server for all tests, since starting one takes longer than most of them; each plugs its own in."""

    def __init__(self) -> None:
        self.emulator: Emulator | None = None
        self.address = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and self.emulator is not None:
            await self.emulator(scope, receive, send)
        elif scope["type"] == "lifespan":
            for word in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{word}.complete"})


@pytest.fixture(scope="session")
def wall_socket() -> Iterator[Socket]:
    socket = Socket()
    with served(socket) as socket.address:
        yield socket


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def emulator(clock: StandingClock, hook: Hook) -> Emulator:
    return Emulator(clock=clock, callback="http://127.0.0.1/hook", push=hook)


@pytest.fixture
def office(wall_socket: Socket, emulator: Emulator, clock: StandingClock) -> Office:
    wall_socket.emulator = emulator
    return Office(wall_socket.address, emulator, clock)


@pytest.fixture(params=["publish", "broadcast"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def channel(office: Office, mode: str) -> WeChatChannel:
    return office.channel(mode=mode)
