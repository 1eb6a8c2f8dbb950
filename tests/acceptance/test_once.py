"""Two hundred deliveries are out once each, whatever dies or fails meanwhile."""

from itertools import cycle

from channels.emulator import Fault, FaultRule
from scheduler.delivery import State
from tests.acceptance.conftest import KINDS, OF_A_KIND
from tests.acceptance.office import Office

ITEMS = 25
DELIVERIES = ITEMS * len(KINDS) * OF_A_KIND
STAGES = (20, 60, 100, 140, 180)
BUSY = {"wechat": -1, "weibo": 10001}
CALL_FAULTS = (
    Fault.SLOW_BEFORE,
    Fault.SLOW_AFTER,
    Fault.DROP_BEFORE,
    Fault.DROP_AFTER,
    Fault.HTML_BEFORE,
    Fault.HTML_AFTER,
    Fault.HTTP_500_BEFORE,
    Fault.HTTP_500_AFTER,
    Fault.ERRCODE,
)
A_FIFTH = 1 - 0.8 ** (1 / len(CALL_FAULTS))  # of each, so that one call in five meets one


def test_everything_goes_out_once(large_office: Office) -> None:
    large_office.sign(ITEMS)
    large_office.serve()
    large_office.wait_for(State.PUBLISHED, DELIVERIES, 40)
    assert large_office.complaints() == []


def test_an_office_killed_again_and_again_loses_and_doubles_nothing(large_office: Office) -> None:
    large_office.sign(ITEMS)
    for published in STAGES:
        program = large_office.serve()
        large_office.wait_for(State.PUBLISHED, published, 40)
        program.kill()
    large_office.serve()
    large_office.wait_for(State.PUBLISHED, DELIVERIES, 40)
    assert large_office.complaints() == []


def test_a_redis_flushed_again_and_again_loses_and_doubles_nothing(large_office: Office) -> None:
    large_office.sign(ITEMS)
    large_office.serve()
    for published in STAGES:
        large_office.wait_for(State.PUBLISHED, published, 40)
        large_office.flush_redis()
    large_office.wait_for(State.PUBLISHED, DELIVERIES, 40)
    assert large_office.complaints() == []


def test_platforms_that_fail_at_one_call_in_five_and_go_away_get_each_post_once(large_office: Office) -> None:
    for platform in large_office.platforms.values():
        platform.faults += faults(BUSY[platform.kind])
    large_office.sign(ITEMS)
    large_office.serve()
    for published, account in zip(STAGES, cycle(large_office.platforms), strict=False):
        large_office.wait_for(State.PUBLISHED, published, 60)
        large_office.restart_site(account)
    large_office.wait_for(State.PUBLISHED, DELIVERIES, 60)
    assert large_office.complaints() == []


def test_an_answer_that_comes_after_the_lease_changes_nothing(office: Office) -> None:
    for platform, path in zip(office.platforms.values(), ("freepublish/submit", "share"), strict=True):
        platform.faults.append(FaultRule(Fault.SLOW_AFTER, path, times=2, seconds=4))
    office.sign(5)
    program = office.serve()
    office.wait_for(State.PUBLISHED, 10, 40)
    assert len(program.logged("lease ended")) >= 2
    assert office.complaints() == []


def faults(busy: int) -> list[FaultRule]:
    return [
        *(FaultRule(fault, share=A_FIFTH, code=busy, seconds=0.2) for fault in CALL_FAULTS),
        FaultRule(Fault.EVENT_LOST, share=0.1),
        FaultRule(Fault.EVENT_REPEATED, share=0.1),
        FaultRule(Fault.CLOCK_SKEW, seconds=20),
    ]
