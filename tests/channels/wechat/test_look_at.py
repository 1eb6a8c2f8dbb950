import pytest

from channels.base import Found, NotThere, Receipt, Unknowable
from channels.emulator import Fault
from channels.errors import Refused, Uncertain
from channels.wechat.channel import WeChatChannel
from tests.channels.wechat.office import Office, a_post

DELETES = {"publish": "freepublish/delete", "broadcast": "mass/delete"}


def out(office: Office, channel: WeChatChannel, posts: int = 1) -> Receipt:
    parcel = office.parcel(*(a_post(f"通告{nth}") for nth in range(posts)))
    receipt = channel.publish(parcel)
    office.finish()
    return channel.confirm(parcel, receipt)


def test_a_published_article_is_seen_in_its_place(office: Office) -> None:
    channel = office.channel()
    receipt = out(office, channel, 3)
    channel.withdraw(receipt, 1)
    looks = [type(channel.look_at(receipt, index)) for index in range(3)]
    assert looks == [Found, NotThere, Found]


def test_a_lost_answer_is_proven_by_reading_back(office: Office, channel: WeChatChannel, mode: str) -> None:
    receipt = out(office, channel)
    office.fault(Fault.DROP_AFTER, DELETES[mode])
    with pytest.raises(Uncertain):
        channel.withdraw(receipt, 0)
    assert isinstance(channel.look_at(receipt, 0), NotThere)


def test_one_article_of_a_broadcast_is_for_a_person_to_look_at(office: Office) -> None:
    channel = office.channel(mode="broadcast")
    receipt = out(office, channel, 2)
    channel.withdraw(receipt, 0)
    assert isinstance(channel.look_at(receipt, 0), Unknowable)


def test_a_place_that_is_none_makes_no_call(office: Office, channel: WeChatChannel) -> None:
    receipt = out(office, channel)
    before = office.meter.calls.total()
    with pytest.raises(Refused):
        channel.look_at(receipt, -1)
    assert office.meter.calls.total() == before
