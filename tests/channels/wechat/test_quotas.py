"""What the fact sheet grants, and what the platform tells of it."""

import pytest

from channels.base import Authorizer, Metered, Quota, Span, Spent
from channels.wechat import quotas
from channels.wechat.emulator import quotas as played
from tests.channels.wechat.office import Office


@pytest.mark.parametrize(
    ("mode", "account_type", "expected"),
    [
        ("publish", "subscription", ()),
        ("publish", "service", ()),
        ("broadcast", "subscription", (Quota("群发", 1, Span.DAY),)),
        ("broadcast", "service", (Quota("群发", 1, Span.DAY), Quota("群发", 4, Span.MONTH))),
    ],
)
def test_broadcasts_are_counted_by_the_day_and_the_month(
    mode: str, account_type: str, expected: tuple[Quota, ...]
) -> None:
    assert quotas.limits(mode, account_type).quotas == expected


@pytest.mark.parametrize("call", sorted(quotas.DAILY.keys() & played.DAILY.keys()))
def test_our_table_and_the_played_platforms_agree(call: str) -> None:
    assert quotas.DAILY[call] == played.DAILY[call]


def test_every_call_that_the_platform_counts_is_counted(office: Office) -> None:
    ours = {"token", "message/mass/send"}  # calls that this program never makes
    assert played.DAILY.keys() - quotas.DAILY.keys() == ours


@pytest.mark.parametrize("mode", ["publish", "broadcast"])
def test_what_a_delivery_needs_is_what_it_takes(office: Office, mode: str) -> None:
    office.channel(mode=mode).publish(office.parcel())
    needs = quotas.limits(mode, "subscription").needs
    assert {call: office.meter.calls[call] for call in needs} == needs


def test_the_platform_tells_its_own_figures(office: Office) -> None:
    channel = office.channel(mode="publish")
    channel.publish(office.parcel())
    told = channel.spent(["freepublish/submit", "draft/add", "no/such/call", ""])
    assert told == {"freepublish/submit": Spent(1, 100), "draft/add": Spent(1, 1000)}


def test_the_channel_is_metered_and_needs_no_authorisation(office: Office) -> None:
    channel = office.channel()
    assert isinstance(channel, Metered)
    assert not isinstance(channel, Authorizer)
