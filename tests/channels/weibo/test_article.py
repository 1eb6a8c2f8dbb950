from urllib.parse import parse_qs

import pytest

from channels.base import Found, Unknowable
from channels.emulator import Fault, Request, Response
from channels.errors import AccountRefused, Refused, Throttled, Uncertain
from channels.weibo.emulator import Emulator
from tests.channels.serving import served
from tests.channels.weibo.office import SOURCE, Office, a_post
from tests.support import StandingClock

HTML = "<p>一、100% 公开；A&amp;B + C</p>\n<p>二、<b>限期</b>办结</p>"


@pytest.fixture
def emulator(clock: StandingClock) -> Emulator:
    return Emulator(clock=clock, mode="article")


def test_an_article_arrives_whole_with_its_short_post(office: Office) -> None:
    receipt = office.channel().publish(office.parcel(a_post("通告", html=HTML, digest="道路养护。")))
    status = office.emulator.platform.statuses[0]
    assert status.article is not None
    assert (status.article.title, status.article.content, status.article.summary) == (
        "通告",
        HTML,
        "道路养护。",
    )
    assert status.text == f"【通告】道路养护。 {SOURCE} {status.article.address}"
    assert receipt.reference == str(status.number)
    assert receipt.addresses == (status.article.address,)
    assert receipt.details == {"mode": "article"}
    assert [shown.kind for shown in office.emulator.shown()] == ["article"]


def test_a_second_try_gives_the_same_receipt_without_a_call(office: Office) -> None:
    channel, parcel = office.channel(), office.parcel()
    first = channel.publish(parcel)
    assert channel.publish(parcel) == first
    assert office.emulator.calls.total() == 1


def test_an_article_whose_answer_was_lost_is_found_by_its_short_post(office: Office) -> None:
    channel, parcel = office.channel(), office.parcel()
    office.lose(parcel, Fault.DROP_AFTER)
    assert isinstance(channel.look_up(parcel), Found)
    assert len(office.out()) == 1


def test_a_short_post_that_failed_leaves_the_article_to_a_person(office: Office) -> None:
    channel = office.channel()
    channel.publish(office.parcel())
    parcel = office.parcel(key="b" * 32)
    with pytest.raises(Uncertain) as lost:
        channel.publish(parcel)
    assert lost.value.code == "11002"
    assert isinstance(channel.look_up(parcel), Unknowable)


def test_articles_too_often_wait(office: Office, clock: StandingClock) -> None:
    office.emulator.platform.used[f"posts {clock.now:%Y-%m-%d} 10"] = 30
    with pytest.raises(Throttled):
        office.channel().publish(office.parcel())


def test_an_article_cannot_be_withdrawn_by_a_call(office: Office) -> None:
    channel = office.channel()
    receipt = channel.publish(office.parcel())
    with pytest.raises(Refused, match="微博后台"):
        channel.withdraw(receipt, 0)
    assert office.emulator.calls.total() == 1


def test_without_the_right_the_account_is_stopped(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock, mode="article", article_right=False)
    with served(emulator) as address:
        office = Office(address, emulator, clock)
        channel, parcel = office.channel(), office.parcel()
        with pytest.raises(AccountRefused):
            channel.publish(parcel)


class Listening(Emulator):
    """Keeps what was sent."""

    sent: bytes = b""

    def answer(self, request: Request) -> Response:
        self.sent = request.body
        return super().answer(request)


def test_the_content_is_encoded_once_more_inside_the_form(clock: StandingClock) -> None:
    emulator = Listening(clock=clock, mode="article")
    with served(emulator) as address:
        office = Office(address, emulator, clock)
        office.channel().publish(office.parcel(a_post(html="<p>云 +%</p>")))
    assert parse_qs(emulator.sent.decode())["content"] == ["%3Cp%3E%E4%BA%91%20%2B%25%3C%2Fp%3E"]
