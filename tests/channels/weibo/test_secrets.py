"""No token and no secret in an address, an error or a log line."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from channels.base import Parcel
from channels.emulator import Fault, FaultRule, Request, Response
from channels.errors import ChannelError
from channels.weibo.emulator import Emulator
from tests.channels.weibo.office import LATE, Office, a_picture, a_post
from tests.support import StandingClock


class Listening(Emulator):
    """Keeps the queries it was asked with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.queries: list[str] = []

    def handle(self, request: Request) -> Response:
        self.queries.append(str(request.query))
        return super().handle(request)


@pytest.fixture
def emulator(clock: StandingClock) -> Emulator:
    return Listening(clock=clock)


RULES = [
    *(FaultRule(fault, seconds=LATE) for fault in Fault if fault.value.endswith(("before", "after"))),
    *(FaultRule(Fault.ERRCODE, code=code) for code in (10017, 10023, 20019, 21332, 29999)),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.fault}{rule.code}")
def test_nothing_that_is_told_holds_the_token(
    rule: FaultRule, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = office.hasty_channel() if "slow" in rule.fault else office.channel()
    parcel = office.parcel(a_post(cover=a_picture()))
    office.emulator.faults = [rule]
    told = [repr(channel), failure(channel.publish, parcel)]
    parcel.notes.put("submitting", office.clock.now.isoformat())
    told.append(failure(channel.look_up, parcel))
    told += [record.getMessage() for record in caplog.records] + queries(office)
    assert not [line for line in told if holds_a_secret(line, office)]


def test_a_closed_port_is_told_without_the_token(office: Office) -> None:
    closed = Office("http://127.0.0.1:9", office.emulator, office.clock)
    assert not holds_a_secret(failure(closed.channel().publish, closed.parcel()), office)


def failure(call: Callable[[Parcel], object], parcel: Parcel) -> str:
    """All that Python would print of the error."""
    with pytest.raises(ChannelError) as failed:
        call(parcel)
    return "".join(traceback.format_exception(failed.value)) + repr(failed.value)


def queries(office: Office) -> list[str]:
    assert isinstance(office.emulator, Listening)
    return office.emulator.queries


def holds_a_secret(line: str, office: Office) -> bool:
    own = office.emulator.platform.terms
    return own.access_token in line or own.app_secret in line
