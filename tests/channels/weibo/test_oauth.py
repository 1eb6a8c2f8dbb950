"""A token is brought by the right person, once, and its end is known from the platform."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from channels.base import Authorizer, Metered, Spent
from channels.errors import AccountRefused, Refused
from channels.weibo.emulator import Emulator
from tests.channels.serving import served
from tests.channels.weibo.office import Office
from tests.support import NOW, StandingClock

BACK = Emulator().platform.terms.redirect_uri


def press(address: str) -> str:
    """A person presses the button; gives the code that the platform sends along."""
    pressed = requests.post(address, {"press": "allow"}, allow_redirects=False, timeout=5)
    return parse_qs(urlsplit(pressed.headers["location"]).query)["code"][0]


def test_a_code_becomes_a_token_with_its_end(office: Office) -> None:
    channel = office.channel(access_token="")
    token = channel.exchange(BACK, press(channel.address(BACK, "s1")))
    assert token.expires_at == NOW + office.emulator.platform.terms.token_life
    office.tokens.put("town", token)
    assert channel.ends_at() == token.expires_at
    assert channel.publish(office.parcel()).published


def test_the_page_is_asked_for_the_right_app_and_leads_back(office: Office) -> None:
    query = parse_qs(urlsplit(office.channel(access_token="").address(BACK, "s1")).query)
    assert query["client_id"] == [office.emulator.platform.terms.appkey]
    assert (query["redirect_uri"], query["state"]) == ([BACK], ["s1"])


def test_somebody_elses_token_is_not_taken(office: Office) -> None:
    channel = office.channel(access_token="", uid="7399999999")
    with pytest.raises(AccountRefused, match="7399999999"):
        channel.exchange(BACK, press(channel.address(BACK, "s1")))


def test_a_code_is_good_for_once(office: Office) -> None:
    channel = office.channel(access_token="")
    code = press(channel.address(BACK, "s1"))
    channel.exchange(BACK, code)
    with pytest.raises(AccountRefused) as caught:
        channel.exchange(BACK, code)
    assert caught.value.code == "21325"


@pytest.mark.parametrize(
    ("changes", "word"), [({}, "access_token"), ({"access_token": "", "app_secret": ""}, "app_secret")]
)
def test_what_would_come_to_nothing_is_said_before(
    office: Office, changes: dict[str, Any], word: str
) -> None:
    with pytest.raises(Refused, match=word):
        office.channel(**changes).address(BACK, "s1")


def test_an_account_without_a_token_has_no_end(office: Office) -> None:
    assert office.channel(access_token="").ends_at() is None


def test_a_revoked_token_is_noticed(office: Office) -> None:
    office.emulator.platform.grants[0].revoked = True
    with pytest.raises(AccountRefused):
        office.channel().ends_at()


def test_the_token_of_the_settings_has_an_end_too(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock, token_life=timedelta(days=30))
    with served(emulator) as address:
        assert Office(address, emulator, clock).channel().ends_at() == NOW + timedelta(days=30)


def test_no_secret_is_in_the_address_or_counted_as_a_call(office: Office) -> None:
    channel = office.channel(access_token="")
    address = channel.address(BACK, "s1")
    channel.exchange(BACK, press(address))
    assert office.emulator.platform.terms.app_secret not in address
    assert office.meter.calls.total() == 0


def test_the_platform_tells_what_is_left_of_the_day(office: Office) -> None:
    channel = office.channel()
    channel.publish(office.parcel())
    assert channel.spent(["", "statuses/share"]) == {"": Spent(used=1, most=100)}
    assert channel.spent([]) == {}


def test_an_hours_figures_are_not_taken_for_the_days(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock, calls_a_day=1000, calls_an_hour=150)
    with served(emulator) as address:
        assert Office(address, emulator, clock).channel().spent([""]) == {}


def test_the_channel_keeps_both_protocols(office: Office) -> None:
    assert isinstance(office.channel(), Authorizer)
    assert isinstance(office.channel(), Metered)
