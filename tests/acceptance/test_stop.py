"""SIGTERM ends the office in good order."""

import time

from channels.emulator import Fault, FaultRule
from scheduler.delivery import State
from tests.acceptance.office import Office


def test_a_stop_finishes_what_is_being_sent_and_hands_back_the_rest(office: Office) -> None:
    for platform, path in zip(office.platforms.values(), ("freepublish/submit", "share"), strict=True):
        platform.faults.append(FaultRule(Fault.SLOW_AFTER, path, times=1, seconds=1.5))
    office.sign(10)
    program = office.serve()
    office.wait_for(State.SENDING, 1, 20)
    began = time.monotonic()
    assert program.stop() == 0
    assert time.monotonic() - began < 30
    assert State.SENDING not in office.states()
    assert office.states()[State.QUEUED] > 0
    office.serve()
    office.wait_for(State.PUBLISHED, 20, 30)
    assert office.complaints() == []
