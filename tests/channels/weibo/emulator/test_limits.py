from typing import Any

import pytest

from channels.weibo.emulator import Emulator
from tests.channels.weibo.office import SOURCE, call
from tests.support import StandingClock


def read(emulator: Emulator) -> Any:
    return call(emulator, "GET", "/2/account/get_uid.json")


def limits(emulator: Emulator) -> Any:
    return call(emulator, "GET", "/2/account/rate_limit_status.json")


def test_a_day_has_a_hundred_calls_of_all_kinds(emulator: Emulator, clock: StandingClock) -> None:
    answers = [read(emulator) for _ in range(101)]
    assert [int(answer.get("error_code", 0)) for answer in answers] == [0] * 100 + [10023]
    clock.forward(hours=13, minutes=59)
    assert int(read(emulator)["error_code"]) == 10023
    clock.forward(minutes=1)
    assert "uid" in read(emulator)


def test_an_hour_may_be_tighter_than_the_day(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock, calls_an_hour=2)
    assert [int(read(emulator).get("error_code", 0)) for _ in range(3)] == [0, 0, 10023]
    clock.forward(hours=1)
    assert "uid" in read(emulator)


def test_posts_have_a_limit_of_their_own(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock)
    answers = [
        call(emulator, "POST", "/2/statuses/share.json", status=f"{count} {SOURCE}", rip="192.0.2.1")
        for count in range(31)
    ]
    assert int(answers[30]["error_code"]) == 10024
    assert len(emulator.shown()) == 30


@pytest.mark.parametrize(
    ("options", "seconds", "left"),
    [({}, 14 * 3600, 99), ({"calls_an_hour": 50}, 3600, 49)],
)
def test_the_limits_can_be_asked_for_free(
    options: dict[str, int], seconds: int, left: int, clock: StandingClock
) -> None:
    emulator = Emulator(clock=clock, **options)
    read(emulator)
    assert limits(emulator) == limits(emulator)
    assert limits(emulator)["reset_time_in_seconds"] == seconds
    assert limits(emulator)["remaining_user_hits"] == left
