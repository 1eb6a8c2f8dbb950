from datetime import timedelta
from typing import Any

import pytest

from channels.base import Found, NotThere, Unknowable
from channels.emulator import Fault, FaultRule
from channels.errors import AccountRefused, ChannelError, Duplicate, Unavailable, Uncertain
from channels.weibo.channel import WeiboChannel
from channels.weibo.emulator import Emulator
from tests.channels.serving import served
from tests.channels.weibo.office import LATE, SOURCE, Office, a_post
from tests.support import StandingClock

SHARE = "/2/statuses/share.json"
TIMELINE = "/2/statuses/user_timeline.json"
BEFORE = [Fault.SLOW_BEFORE, Fault.DROP_BEFORE, Fault.HTML_BEFORE, Fault.HTTP_500_BEFORE]
AFTER = [Fault.SLOW_AFTER, Fault.DROP_AFTER, Fault.HTML_AFTER, Fault.HTTP_500_AFTER]


@pytest.mark.parametrize("fault", AFTER)
def test_a_lost_answer_is_made_up_for_at_once(fault: Fault, office: Office) -> None:
    channel = office.hasty_channel() if "slow" in fault else office.channel()
    office.emulator.faults.append(FaultRule(fault, SHARE, times=1, seconds=LATE))
    receipt = channel.publish(parcel := office.parcel())
    assert receipt.reference == office.emulator.shown()[0].id
    assert channel.publish(parcel) == receipt
    assert len(office.out()) == 1


@pytest.mark.parametrize("fault", BEFORE)
def test_not_seeing_it_at_once_leaves_the_outcome_open(fault: Fault, office: Office) -> None:
    channel = office.hasty_channel() if "slow" in fault else office.channel()
    office.emulator.faults.append(FaultRule(fault, SHARE, times=1, seconds=LATE))
    parcel = office.parcel()
    with pytest.raises(Uncertain):
        channel.publish(parcel)
    with pytest.raises(Uncertain, match="submitting"):
        channel.publish(parcel)
    assert office.emulator.calls[SHARE] == 1


@pytest.mark.parametrize("fault", AFTER)
def test_a_post_whose_answer_was_lost_is_found_and_adopted(
    fault: Fault, channel: WeiboChannel, office: Office
) -> None:
    parcel = office.parcel()
    office.lose(parcel, fault)
    found = channel.look_up(parcel)
    assert isinstance(found, Found)
    assert found.receipt.reference == office.emulator.shown()[0].id
    assert channel.publish(parcel) == found.receipt
    assert len(office.out()) == 1


@pytest.mark.parametrize("fault", BEFORE)
def test_a_post_that_never_arrived_is_not_there_and_may_go_again(
    fault: Fault, channel: WeiboChannel, office: Office
) -> None:
    parcel = office.parcel()
    office.lose(parcel, fault)
    assert isinstance(channel.look_up(parcel), NotThere)
    assert channel.publish(parcel).published
    assert len(office.out()) == 1


def test_until_it_was_looked_up_a_lost_post_is_not_sent_again(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_AFTER)
    for _ in range(3):
        with pytest.raises(Uncertain):
            channel.publish(parcel)
    assert len(office.out()) == 1


def test_not_there_is_never_certain_after_a_call_however_often_we_look(
    channel: WeiboChannel, office: Office
) -> None:
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_BEFORE)
    looks = [channel.look_up(parcel) for _ in range(3)]
    assert [look.certain for look in looks if isinstance(look, NotThere)] == [False] * 3
    assert office.emulator.calls[TIMELINE] == 1 + 3


def test_a_post_that_comes_to_light_late_is_found_by_a_later_look(
    channel: WeiboChannel, office: Office
) -> None:
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_BEFORE)
    assert isinstance(channel.look_up(parcel), NotThere)
    office.post_by_hand(late := channel_text(office))
    assert isinstance(channel.look_up(parcel), Found)
    assert office.out() == [late]


def test_a_post_that_comes_to_light_after_the_last_look_is_not_doubled(
    channel: WeiboChannel, office: Office
) -> None:
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_BEFORE)
    channel.look_up(parcel)
    office.post_by_hand(channel_text(office))
    assert channel.publish(parcel).reference == office.emulator.shown()[0].id
    assert len(office.out()) == 1


def channel_text(office: Office) -> str:
    post = a_post()
    return f"【{post.title}】{post.digest} {SOURCE}"


def test_what_was_never_begun_is_certainly_not_there_and_costs_no_call(
    channel: WeiboChannel, office: Office
) -> None:
    assert channel.look_up(office.parcel()) == NotThere("还没有向微博提交过。", certain=True)
    assert not office.emulator.calls


def test_a_noted_number_is_proof_enough(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel()
    receipt = channel.publish(parcel)
    found = channel.look_up(parcel)
    assert isinstance(found, Found)
    assert found.receipt == receipt
    assert not office.emulator.calls[TIMELINE]


@pytest.mark.parametrize("known", [True, False])
def test_five_newer_posts_hide_the_truth(known: bool, channel: WeiboChannel, office: Office) -> None:
    if known:
        channel.publish(office.parcel(a_post("先前的一条"), key="c" * 32))
        office.clock.forward(hours=1)
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_AFTER)
    for number in range(5):
        office.post_by_hand(f"另外第 {number} 条 {SOURCE}")
    assert isinstance(channel.look_up(parcel), Unknowable)


def test_four_newer_posts_do_not(channel: WeiboChannel, office: Office) -> None:
    channel.publish(office.parcel(a_post("先前的一条"), key="c" * 32))
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_BEFORE)
    for number in range(4):
        office.post_by_hand(f"另外第 {number} 条 {SOURCE}")
    assert isinstance(channel.look_up(parcel), NotThere)


@pytest.mark.parametrize("skew", [-7200.0, 7200.0])
def test_clocks_that_disagree_do_not_matter_once_a_number_is_known(
    skew: float, channel: WeiboChannel, office: Office
) -> None:
    office.emulator.faults.append(FaultRule(Fault.CLOCK_SKEW, seconds=skew))
    channel.publish(office.parcel(a_post("先前的一条"), key="c" * 32))
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_AFTER)
    assert isinstance(channel.look_up(parcel), Found)


def test_an_equal_text_of_long_before_is_for_a_person(channel: WeiboChannel, office: Office) -> None:
    office.post_by_hand(channel_text(office))
    office.clock.forward(hours=2)
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_BEFORE)
    assert isinstance(channel.look_up(parcel), Unknowable)


def test_a_post_of_another_delivery_is_not_adopted(channel: WeiboChannel, office: Office) -> None:
    first = office.parcel(a_post("公告", digest=""), key="c" * 32)
    second = office.parcel(a_post("公告", digest="", source=f"{SOURCE}?2"), key="d" * 32)
    office.lose(second, Fault.DROP_BEFORE)
    channel.publish(first)
    assert isinstance(channel.look_up(second), NotThere)


def test_a_duplicate_that_cannot_be_found_is_for_a_person(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel()
    office.emulator.faults.append(FaultRule(Fault.ERRCODE, SHARE, times=1, code=20019))
    with pytest.raises(Duplicate):
        channel.publish(parcel)
    assert isinstance(channel.look_up(parcel), Unknowable)
    assert isinstance(channel.look_up(parcel), Unknowable)


def test_a_duplicate_of_a_minute_ago_is_adopted(channel: WeiboChannel, office: Office) -> None:
    number = office.post_by_hand(channel_text(office))
    office.clock.forward(minutes=1)
    parcel = office.parcel()
    with pytest.raises(Duplicate):
        channel.publish(parcel)
    found = channel.look_up(parcel)
    assert isinstance(found, Found)
    assert found.receipt.reference == number


def test_after_a_persons_word_an_unknowable_post_goes_out(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel()
    office.emulator.faults.append(FaultRule(Fault.ERRCODE, SHARE, times=1, code=20019))
    with pytest.raises(Duplicate):
        channel.publish(parcel)
    channel.look_up(parcel)
    assert channel.publish(parcel).published


def test_without_the_right_to_read_only_a_person_can_tell(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_AFTER)
    office.emulator.faults.append(FaultRule(Fault.ERRCODE, TIMELINE, code=10014))
    assert isinstance(channel.look_up(parcel), Unknowable)


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"fault": Fault.ERRCODE, "code": 21332}, AccountRefused),
        ({"fault": Fault.ERRCODE, "code": 10001}, Unavailable),
        ({"fault": Fault.DROP_BEFORE}, Unavailable),
        ({"fault": Fault.HTML_BEFORE}, Unavailable),
        ({"fault": Fault.HTTP_500_AFTER}, Unavailable),
    ],
)
def test_a_look_that_fails_settles_nothing(
    rule: dict[str, Any], error: type[ChannelError], channel: WeiboChannel, office: Office
) -> None:
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_AFTER)
    office.emulator.faults.append(FaultRule(path=TIMELINE, times=1, **rule))
    with pytest.raises(error):
        channel.look_up(parcel)
    with pytest.raises(Uncertain):
        channel.publish(parcel)
    assert isinstance(channel.look_up(parcel), Found)


def test_a_look_that_is_answered_too_late_settles_nothing(office: Office) -> None:
    parcel = office.parcel()
    office.lose(parcel, Fault.DROP_AFTER)
    office.emulator.faults.append(FaultRule(Fault.SLOW_AFTER, TIMELINE, times=1, seconds=LATE))
    with pytest.raises(Unavailable):
        office.hasty_channel().look_up(parcel)
    assert isinstance(office.channel().look_up(parcel), Found)


@pytest.fixture
def delaying(clock: StandingClock) -> Emulator:
    return Emulator(clock=clock, delay=timedelta(seconds=90))


def test_a_post_held_back_for_a_minute_is_found_later(delaying: Emulator, clock: StandingClock) -> None:
    with served(delaying) as address:
        office = Office(address, delaying, clock)
        channel, parcel = office.channel(), office.parcel()
        waiting = channel.publish(parcel)
        assert (waiting.published, waiting.reference) == (False, "")
        assert channel.publish(parcel) == waiting
        assert channel.confirm(parcel, waiting) == waiting
        clock.forward(minutes=2)
        confirmed = channel.confirm(parcel, waiting)
    assert confirmed.published
    assert confirmed.reference == delaying.shown()[0].id
    assert delaying.calls[SHARE] == 1


def test_a_post_held_back_and_never_seen_is_for_a_person(delaying: Emulator, clock: StandingClock) -> None:
    with served(delaying) as address:
        office = Office(address, delaying, clock)
        channel, parcel = office.channel(), office.parcel()
        channel.publish(parcel)
        assert isinstance(channel.look_up(parcel), Unknowable)
        assert isinstance(channel.look_up(parcel), Unknowable)


def test_a_confirmed_receipt_stays_as_it_is(channel: WeiboChannel, office: Office) -> None:
    parcel = office.parcel()
    receipt = channel.publish(parcel)
    assert channel.confirm(parcel, receipt) == receipt
    assert not office.emulator.calls[TIMELINE]
