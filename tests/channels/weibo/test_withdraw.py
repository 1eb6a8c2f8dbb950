import pytest

from channels.base import Receipt
from channels.emulator import Fault, FaultRule
from channels.errors import AccountRefused, Refused, Uncertain
from channels.weibo.channel import WeiboChannel
from tests.channels.weibo.office import Office

DESTROY = "/2/statuses/destroy.json"


def test_a_withdrawn_post_is_seen_no_more(channel: WeiboChannel, office: Office) -> None:
    receipt = channel.publish(office.parcel())
    channel.withdraw(receipt, 0)
    assert [shown.withdrawn for shown in office.emulator.shown()] == [True]


def test_what_is_gone_already_counts_as_withdrawn(channel: WeiboChannel, office: Office) -> None:
    receipt = channel.publish(office.parcel())
    channel.withdraw(receipt, 0)
    channel.withdraw(receipt, 0)
    assert office.emulator.calls[DESTROY] == 2


def test_a_withdrawal_whose_answer_was_lost_may_simply_be_repeated(
    channel: WeiboChannel, office: Office
) -> None:
    receipt = channel.publish(office.parcel())
    office.emulator.faults.append(FaultRule(Fault.DROP_AFTER, DESTROY, times=1))
    with pytest.raises(Uncertain):
        channel.withdraw(receipt, 0)
    channel.withdraw(receipt, 0)
    assert [shown.withdrawn for shown in office.emulator.shown()] == [True]


@pytest.mark.parametrize(("code", "error"), [(20102, Refused), (21332, AccountRefused)])
def test_a_refused_withdrawal_is_told(
    code: int, error: type[Refused], channel: WeiboChannel, office: Office
) -> None:
    receipt = channel.publish(office.parcel())
    office.emulator.faults.append(FaultRule(Fault.ERRCODE, DESTROY, code=code))
    with pytest.raises(error):
        channel.withdraw(receipt, 0)


@pytest.mark.parametrize(("receipt", "index"), [(Receipt("4711", True), 1), (Receipt("", False), 0)])
def test_a_post_without_number_or_place_makes_no_call(
    receipt: Receipt, index: int, channel: WeiboChannel, office: Office
) -> None:
    with pytest.raises(Refused):
        channel.withdraw(receipt, index)
    assert not office.emulator.calls
