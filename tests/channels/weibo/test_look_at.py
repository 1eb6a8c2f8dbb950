import pytest

from channels.base import Found, NotThere, Receipt, Unknowable
from channels.emulator import Fault, FaultRule
from channels.errors import AccountRefused, Unavailable, Uncertain
from channels.weibo.channel import WeiboChannel
from tests.channels.weibo.office import Office

SHOW = "/2/statuses/show.json"


def test_a_post_that_is_out_is_seen(channel: WeiboChannel, office: Office) -> None:
    receipt = channel.publish(office.parcel())
    found = channel.look_at(receipt, 0)
    assert isinstance(found, Found)
    assert receipt.reference in found.evidence


def test_a_post_that_was_taken_down_is_seen_to_be_gone(channel: WeiboChannel, office: Office) -> None:
    receipt = channel.publish(office.parcel())
    office.emulator.faults.append(FaultRule(Fault.DROP_AFTER, "destroy", times=1))
    with pytest.raises(Uncertain):
        channel.withdraw(receipt, 0)
    assert isinstance(channel.look_at(receipt, 0), NotThere)


def test_without_the_right_to_read_a_person_looks(channel: WeiboChannel, office: Office) -> None:
    receipt = channel.publish(office.parcel())
    office.emulator.faults.append(FaultRule(Fault.ERRCODE, SHOW, code=10014))
    assert isinstance(channel.look_at(receipt, 0), Unknowable)


@pytest.mark.parametrize(("code", "error"), [(21332, AccountRefused), (10001, Unavailable)])
def test_a_look_that_fails_tells_nothing(
    code: int, error: type[Exception], channel: WeiboChannel, office: Office
) -> None:
    receipt = channel.publish(office.parcel())
    office.emulator.faults.append(FaultRule(Fault.ERRCODE, SHOW, code=code))
    with pytest.raises(error):
        channel.look_at(receipt, 0)


def test_a_post_without_a_number_makes_no_call(channel: WeiboChannel, office: Office) -> None:
    assert isinstance(channel.look_at(Receipt("", True), 0), Unknowable)
    assert not office.emulator.calls
