"""Out exactly once, whatever breaks: the platform at random, ourselves at every note."""

import pytest

from channels.base import Found, NotThere, Parcel, Receipt
from channels.emulator import Fault, FaultRule
from channels.errors import Duplicate, NotAccepted, Throttled, Uncertain
from channels.weibo.channel import WeiboChannel
from channels.weibo.emulator import Emulator
from tests.channels.serving import served
from tests.channels.weibo.office import SOURCE, Memory, Office, a_post
from tests.support import StandingClock

LOOKS = 3
NOTES_OF_A_TRY = 5


class Killed(BaseException):
    """The process ends here."""


class Mortal(Memory):
    """Notes during whose `deadly`-th put the process is killed, before or after the value is durable."""

    deadly = -1
    durable = False

    def put(self, name: str, value: str) -> None:
        self.deadly -= 1
        if self.deadly == 0 and not self.durable:
            raise Killed
        super().put(name, value)
        if self.deadly == 0:
            raise Killed


def bring_out(office: Office, channel: WeiboChannel, parcel: Parcel) -> Receipt:
    """Try and look until it is out, by the scheduler's rules."""
    while True:
        try:
            return channel.publish(parcel)
        except Throttled as error:
            office.clock.now = error.until
        except NotAccepted:
            office.clock.forward(minutes=1)
        except (Uncertain, Duplicate, Killed):
            found = look(office, channel, parcel)
            if found:
                return found.receipt


def look(office: Office, channel: WeiboChannel, parcel: Parcel) -> Found | None:
    """Read back until one look finds it or all agree that it is not there."""
    left = LOOKS
    while left:
        office.clock.forward(minutes=3)
        try:
            verdict = channel.look_up(parcel)
        except (NotAccepted, Killed):
            continue
        if isinstance(verdict, Found):
            return verdict
        assert isinstance(verdict, NotThere)
        left = 0 if verdict.certain else left - 1
    return None


@pytest.mark.parametrize("mode", ["share", "article"])
@pytest.mark.parametrize("seed", range(3))
def test_with_half_of_all_calls_broken_each_post_is_out_once(
    seed: int, mode: str, clock: StandingClock
) -> None:
    emulator = Emulator(clock=clock, seed=seed, mode=mode, calls_a_day=10_000, calls_an_hour=10_000)
    broken = [fault for fault in Fault if fault.value.startswith(("drop", "html", "http"))]
    emulator.faults = [FaultRule(fault, share=0.12) for fault in broken]
    emulator.faults.append(FaultRule(Fault.ERRCODE, share=0.05, code=10001))
    with served(emulator) as address:
        office = Office(address, emulator, clock)
        channel = office.channel()
        for number in range(40):
            bring_out(office, channel, office.parcel(a_post(f"第{number}号通告"), key=f"{number:032x}"))
    assert [shown.title for shown in emulator.shown()] == [f"第{number}号通告" for number in range(40)]


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("deadly", range(1, NOTES_OF_A_TRY + 1))
def test_killed_at_any_note_the_post_is_out_once(
    deadly: int, durable: bool, office: Office, channel: WeiboChannel
) -> None:
    channel.publish(office.parcel(a_post("先前的一条"), key="c" * 32))
    notes = Mortal()
    notes.deadly, notes.durable = deadly, durable
    office.uploads = notes_of_account = Mortal(office.uploads)
    receipt = bring_out(office, channel, Parcel("a" * 32, (a_post(),), notes, notes_of_account))
    assert [shown.id for shown in office.emulator.shown()][1:] == [receipt.reference]


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER])
@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("deadly", [1, 2])
def test_killed_while_looking_up_the_post_is_out_once(
    deadly: int, durable: bool, fault: Fault, office: Office, channel: WeiboChannel
) -> None:
    notes = Mortal()
    parcel = Parcel("a" * 32, (a_post(),), notes, office.uploads)
    office.lose(parcel, fault)
    notes.deadly, notes.durable = deadly, durable
    receipt = bring_out(office, channel, parcel)
    assert [shown.id for shown in office.emulator.shown()] == [receipt.reference]


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("deadly", [1, 2])
def test_killed_while_the_account_remembers_the_post_is_out_once(
    deadly: int, durable: bool, office: Office, channel: WeiboChannel
) -> None:
    office.uploads = uploads = Mortal()
    uploads.deadly, uploads.durable = deadly, durable
    receipt = bring_out(office, channel, office.parcel())
    assert [shown.id for shown in office.emulator.shown()] == [receipt.reference]


def test_many_posts_in_a_row_stay_knowable(office: Office, channel: WeiboChannel) -> None:
    for number in range(12):
        parcel = office.parcel(a_post(f"第{number}号通告"), key=f"{number:032x}")
        office.lose(parcel, Fault.DROP_AFTER)
        assert isinstance(channel.look_up(parcel), Found)
    assert len(office.out()) == len(set(office.out())) == 12
    assert all(SOURCE in text for text in office.out())
