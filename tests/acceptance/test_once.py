"""Two hundred deliveries are out once each, whatever dies or fails meanwhile."""

from scheduler.delivery import State
from tests.acceptance.office import Office

ITEMS = 100
DELIVERIES = 2 * ITEMS


def test_everything_goes_out_once(office: Office) -> None:
    office.sign(ITEMS)
    office.serve()
    office.wait_for(State.PUBLISHED, DELIVERIES, 40)
    assert office.complaints() == []


def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(office: Office) -> None:
    office.sign(ITEMS)
    for published in (20, 60, 100, 140, 180):
        program = office.serve()
        office.wait_for(State.PUBLISHED, published, 40)
        program.kill()
    office.serve()
    office.wait_for(State.PUBLISHED, DELIVERIES, 40)
    assert office.complaints() == []
