from datetime import UTC, datetime, timedelta

import pytest

from channels.base import Receipt, Token
from channels.errors import AccountRefused, ContentRefused, Duplicate, Throttled, Uncertain
from channels.weibo.channel import WeiboChannel
from channels.weibo.emulator import Emulator
from tests.channels.serving import served
from tests.channels.weibo.office import SOURCE, Counted, Office, a_picture, a_post
from tests.support import StandingClock


def test_a_post_goes_out_as_composed_and_is_told_by_its_exact_number(
    channel: WeiboChannel, office: Office
) -> None:
    receipt = channel.publish(office.parcel(a_post("通告", digest="道路养护。")))
    shown = office.emulator.shown()
    assert [each.text for each in shown] == [f"【通告】道路养护。 {SOURCE}"]
    assert receipt == Receipt(shown[0].id, True, (shown[0].address,), {"mode": "share"})


def test_signs_that_forms_treat_specially_arrive_unchanged(channel: WeiboChannel, office: Office) -> None:
    short = f"100% + 甲&乙 = 丙；“引号” <b> \\ ?\n第二行 {SOURCE} 完"
    channel.publish(office.parcel(a_post(short=short)))
    channel.publish(office.parcel(a_post(short=f"图：{short}", cover=a_picture()), key="b" * 32))
    assert office.out() == [short, f"图：{short}"]


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "PNG", "WEBP"])
def test_one_picture_goes_along(kind: str, channel: WeiboChannel, office: Office) -> None:
    channel.publish(office.parcel(a_post(cover=a_picture(kind))))
    assert [shown.pictures for shown in office.emulator.shown()] == [1]


def test_a_second_try_after_success_makes_no_call(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel()
    first = channel.publish(parcel)
    made = office.emulator.calls.total()
    assert channel.publish(parcel) == first
    assert office.emulator.calls.total() == made


def test_a_call_that_was_begun_is_never_begun_again(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel()
    parcel.notes.put("submitting", office.clock.now.isoformat())
    with pytest.raises(Uncertain):
        channel.publish(parcel)
    assert not office.emulator.calls


def test_the_begun_call_is_noted_before_it_is_made(office: Office) -> None:
    parcel = office.parcel()

    class Looking(Counted):
        def take(self, call: str, count: int = 1) -> None:
            assert parcel.notes.get("submitting") == office.clock.now.isoformat()
            super().take(call, count)

    office.meter = Looking()
    office.channel().publish(parcel)
    assert office.meter.calls == {"statuses/share": 1}


def test_a_refused_post_can_be_sent_again_once_it_is_mended(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel(a_post(source="https://other.example/1"))
    with pytest.raises(ContentRefused):
        channel.publish(parcel)
    with pytest.raises(ContentRefused):
        channel.publish(parcel)
    assert office.emulator.calls["/2/statuses/share.json"] == 2


def test_an_equal_text_leads_to_a_look_and_not_to_a_second_post(
    channel: WeiboChannel, office: Office
) -> None:
    office.post_by_hand(f"【通告】道路养护。 {SOURCE}")
    with pytest.raises(Duplicate):
        channel.publish(office.parcel(a_post("通告", digest="道路养护。")))
    assert len(office.out()) == 1


def test_two_posts_are_no_weibo(channel: WeiboChannel, office: Office) -> None:
    with pytest.raises(ContentRefused):
        channel.publish(office.parcel(a_post(), a_post("第二条")))
    assert not office.emulator.calls


def test_a_text_of_links_alone_is_not_sent(channel: WeiboChannel, office: Office) -> None:
    with pytest.raises(ContentRefused):
        channel.publish(office.parcel(a_post(short=SOURCE)))
    assert not office.emulator.calls


def test_a_spoilt_picture_is_told_before_anything_is_begun(channel: WeiboChannel, office: Office) -> None:
    broken = a_picture()
    object.__setattr__(broken, "content", broken.content[:60])
    parcel = office.parcel(a_post(cover=broken))
    with pytest.raises(ContentRefused, match=r"道路\.png"):
        channel.publish(parcel)
    assert not parcel.notes.get("submitting")


def test_a_token_of_the_store_serves_where_the_settings_have_none(office: Office) -> None:
    own = office.emulator.platform.terms
    office.tokens.put("town", Token(own.access_token, office.clock.now + timedelta(1), office.clock.now))
    assert office.channel(access_token="").publish(office.parcel()).published


@pytest.mark.parametrize("days", [-1, 0])
def test_without_a_usable_token_no_call_is_made(days: int, office: Office) -> None:
    channel = office.channel(access_token="")
    with pytest.raises(AccountRefused):
        channel.publish(office.parcel())
    office.tokens.put("town", Token("old", office.clock.now + timedelta(days), office.clock.now))
    with pytest.raises(AccountRefused):
        channel.publish(office.parcel())
    assert not office.emulator.calls
    assert not office.meter.calls


def test_our_own_limit_stops_the_call_and_leaves_the_way_open(office: Office) -> None:
    office.meter = Counted(limit=0)
    parcel = office.parcel()
    with pytest.raises(Throttled):
        office.channel().publish(parcel)
    assert not office.emulator.calls
    office.meter = Counted()
    assert office.channel().publish(parcel).published


@pytest.mark.parametrize(
    ("limits", "until"),
    [
        ({"calls_a_day": 1}, datetime(2026, 11, 23, 16, tzinfo=UTC)),
        ({"calls_an_hour": 1}, datetime(2026, 11, 23, 3, tzinfo=UTC)),
        ({"posts_an_hour": 1}, datetime(2026, 11, 23, 3, tzinfo=UTC)),
    ],
)
def test_a_used_up_limit_waits_for_its_own_end(
    limits: dict[str, int], until: datetime, clock: StandingClock
) -> None:
    emulator = Emulator(clock=clock, **limits)
    with served(emulator) as address:
        office = Office(address, emulator, clock)
        channel = office.channel()
        channel.publish(office.parcel())
        with pytest.raises(Throttled) as refused:
            channel.publish(office.parcel(a_post("第二条", digest="另一件事。"), key="b" * 32))
    assert refused.value.until == until


def test_after_the_wait_the_same_parcel_goes_out(office: Office) -> None:
    channel, parcel = office.channel(), office.parcel()
    office.emulator.platform.used[f"posts {office.clock.now:%Y-%m-%d} 10"] = 30
    with pytest.raises(Throttled) as refused:
        channel.publish(parcel)
    office.clock.now = refused.value.until
    assert channel.publish(parcel).published
    assert len(office.out()) == 1
