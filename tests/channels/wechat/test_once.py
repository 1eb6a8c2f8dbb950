"""Whatever fails or crashes: each post is out once, or a person is asked, and never twice."""

from dataclasses import dataclass, field

import pytest

from channels.base import Found, NotThere, Parcel, Receipt, Unknowable
from channels.emulator import ACTED, Fault, FaultRule
from channels.errors import ChannelError, NotAccepted, Uncertain
from channels.wechat.channel import WeChatChannel
from tests.channels.wechat.office import SUBMITS, Memory, Office, an_illustrated_post

LOOKS = (1, 3, 10)  # minutes, as the scheduler waits by default
PATHS = [
    "stable_token",
    "uploadimg",
    "add_material",
    "draft/add",
    "draft/get",
    "submit",
]
FAULTS = [
    Fault.DROP_BEFORE,
    Fault.DROP_AFTER,
    Fault.HTML_BEFORE,
    Fault.HTML_AFTER,
    Fault.HTTP_500_BEFORE,
    Fault.HTTP_500_AFTER,
    Fault.ERRCODE,
]


class Crash(Exception):
    """The process ended."""


@dataclass
class Course:
    """What the scheduler makes of a channel's words, without its ledger: the way one delivery goes."""

    office: Office
    channel: WeChatChannel
    parcel: Parcel
    states: list[str] = field(default_factory=lambda: ["queued"])
    receipt: Receipt = field(default_factory=lambda: Receipt("", published=False))

    @property
    def state(self) -> str:
        return self.states[-1]

    def run(self, steps: int = 12) -> str:
        for _ in range(steps):
            if self.state in {"published", "asking"}:
                break
            self.states.append(self.step())
        return self.state

    def step(self) -> str:
        self.office.clock.forward(minutes=2)
        match self.state:
            case "queued":
                return self._send()
            case "confirming":
                return self._confirm()
            case _:
                return self._settle()

    def _send(self) -> str:
        try:
            receipt = self.channel.publish(self.parcel)
        except NotAccepted:
            return "queued"
        except Uncertain:
            return "uncertain"
        return self._after(receipt)

    def _confirm(self) -> str:
        try:
            return self._after(self.channel.confirm(self.parcel, self.receipt))
        except ChannelError:
            return "confirming"

    def _settle(self) -> str:
        for minutes in LOOKS:
            self.office.clock.forward(minutes=minutes)
            try:
                found = self.channel.look_up(self.parcel)
            except ChannelError:
                return "uncertain"
            if isinstance(found, Unknowable):
                return "asking"
            if isinstance(found, Found):
                return self._after(found.receipt)
            if found.certain:
                return "queued"
        return "queued"

    def _after(self, receipt: Receipt) -> str:
        self.receipt = receipt
        return "published" if receipt.published else "confirming"


def course(office: Office, channel: WeChatChannel) -> Course:
    return Course(office, channel, office.parcel(an_illustrated_post("PNG")))


def path_of(path: str, mode: str) -> str:
    return SUBMITS[mode] if path == "submit" else path


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", PATHS)
def test_one_fault_on_any_call_leaves_the_post_out_once(
    office: Office, channel: WeChatChannel, mode: str, path: str, fault: Fault
) -> None:
    office.fault(fault, path_of(path, mode))
    way = course(office, channel)
    state = way.run()
    # a broadcast whose answer was lost cannot be read back: a person looks at the phone
    asked = mode == "broadcast" and path == "submit" and fault in ACTED
    assert state == ("asking" if asked else "published"), way.states
    assert len(office.out()) == 1


@pytest.mark.parametrize("fault", [Fault.SLOW_BEFORE, Fault.SLOW_AFTER])
@pytest.mark.parametrize("path", ["stable_token", "draft/add", "submit"])
def test_a_platform_that_answers_too_late_gets_the_post_once(
    office: Office, mode: str, path: str, fault: Fault
) -> None:
    office.fault(fault, path_of(path, mode))
    way = course(office, office.hasty(mode))
    way.step()
    way.channel = office.channel(mode=mode)
    way.states.append("uncertain" if path == "submit" else "queued")
    asked = mode == "broadcast" and path == "submit" and fault in ACTED
    assert way.run() == ("asking" if asked else "published"), way.states
    assert len(office.out()) == 1


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER])
def test_faults_on_every_second_call_still_leave_it_out_once(
    office: Office, channel: WeChatChannel, mode: str, fault: Fault
) -> None:
    office.emulator.faults.append(_often(fault))
    way = course(office, channel)
    state = way.run(60)
    assert state in {"published", "asking"}, way.states
    assert len(office.out()) == 1


def _often(fault: Fault) -> FaultRule:
    return FaultRule(fault, share=0.4)


class CrashingMemory(Memory):
    """Notes of a process that dies at the `nth` write, before or after it is durable."""

    def __init__(self, nth: int, *, durable: bool) -> None:
        super().__init__()
        self.left, self.durable = nth, durable

    def put(self, name: str, value: str) -> None:
        self.left -= 1
        if self.left or self.durable:
            super().put(name, value)
        if self.left == 0:
            raise Crash


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("nth", range(1, 6))
def test_a_crash_at_any_note_leaves_the_post_out_once(
    office: Office, channel: WeChatChannel, mode: str, nth: int, durable: bool
) -> None:
    parcel = Parcel(
        "a" * 32, (an_illustrated_post("PNG"),), CrashingMemory(nth, durable=durable), office.uploads
    )
    way = Course(office, channel, parcel)
    with pytest.raises(Crash):
        channel.publish(parcel)
    way.states.append("uncertain")  # its lease lapses
    state = way.run()
    asked = mode == "broadcast" and (nth, durable) == (5, False)
    assert state == ("asking" if asked else "published"), (way.states, parcel.notes)
    assert len(office.out()) == 1


def test_a_crash_at_any_upload_leaves_the_post_out_once(office: Office, channel: WeChatChannel) -> None:
    uploads = CrashingMemory(2, durable=False)
    parcel = Parcel("a" * 32, (an_illustrated_post("PNG"),), Memory(), uploads)
    with pytest.raises(Crash):
        channel.publish(parcel)
    assert Course(office, channel, parcel, ["uncertain"]).run() == "published"
    assert len(office.out()) == 1


def test_publishing_again_after_it_was_submitted_submits_nothing(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    parcel = office.parcel()
    first = channel.publish(parcel)
    assert channel.publish(parcel) == first
    office.finish()
    assert channel.publish(parcel).published
    assert office.emulator.calls[f"/cgi-bin/{'message/' if mode == 'broadcast' else ''}{SUBMITS[mode]}"] == 1


def test_an_open_submit_is_never_followed_by_another(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    office.fault(Fault.DROP_AFTER, SUBMITS[mode])
    parcel = office.parcel()
    for _ in range(3):
        with pytest.raises(Uncertain):
            channel.publish(parcel)
    office.finish()
    assert len(office.out()) == 1


def test_two_workers_on_one_delivery_submit_once(office: Office, channel: WeChatChannel, mode: str) -> None:
    parcel = office.parcel()

    class Late(Memory):
        """When the first worker comes to its submit, the second has just begun its own."""

        def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
            if name == "submitting" and "draft" in self and not self.get("met"):
                self["met"] = "yes"
                self["submitting"] = office.clock().isoformat()
            return super().get(name, default)

    late = Parcel(parcel.key, parcel.posts, Late(), parcel.uploads)
    with pytest.raises(Uncertain):
        channel.publish(late)
    office.finish()
    assert office.out() == []


def test_a_broadcast_repeated_with_its_key_is_adopted_and_not_sent_again(office: Office) -> None:
    channel = office.channel(mode="broadcast")
    first = channel.publish(office.parcel())
    office.clock.forward(minutes=2)
    again = office.parcel()  # the same key, and a memory that was lost
    assert channel.publish(again).reference == first.reference
    office.finish()
    assert channel.confirm(again, channel.publish(again)).published
    assert len(office.out()) == 1


def test_a_person_who_says_it_is_not_out_gets_the_broadcast_adopted_if_it_is(office: Office) -> None:
    channel = office.channel(mode="broadcast")
    office.fault(Fault.DROP_AFTER, SUBMITS["broadcast"])
    way = course(office, channel)
    assert way.run() == "asking"
    way.states.append("queued")  # the person is wrong
    assert way.run() == "published"
    assert len(office.out()) == 1


def test_a_person_who_took_the_draft_out_of_the_box_may_have_it_sent_again(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    office.fault(Fault.ERRCODE, SUBMITS[mode], code=45011)
    way = course(office, channel)
    way.run(1)
    office.by_hand.draft.delete(way.parcel.notes.get("draft"))
    assert way.run() == "asking"
    assert office.out() == []
    way.states.append("queued")
    assert way.run() == "published"
    assert len(office.out()) == 1


def test_a_draft_published_by_hand_is_found_and_not_sent_again(office: Office) -> None:
    office.fault(Fault.ERRCODE, SUBMITS["publish"], code=45011)
    way = course(office, office.channel())
    way.run(1)
    office.by_hand.freepublish.submit(way.parcel.notes.get("draft"))
    assert way.run() == "published"
    assert len(office.out()) == 1


def test_what_appears_in_the_list_after_the_last_look_is_not_sent_again(office: Office) -> None:
    office.fault(Fault.DROP_BEFORE, SUBMITS["publish"])
    channel, parcel = office.channel(), office.parcel()
    with pytest.raises(Uncertain):
        channel.publish(parcel)
    assert isinstance(channel.look_up(parcel), NotThere)
    office.by_hand.freepublish.submit(parcel.notes.get("draft"))
    office.finish()
    assert channel.publish(parcel).published
    assert len(office.out()) == 1


def test_a_person_who_sends_again_what_came_out_late_sends_nothing(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    parcel = office.parcel()
    channel.publish(parcel)
    office.clock.forward(hours=13)
    office.fault(Fault.ERRCODE, "freepublish/get" if mode == "publish" else "mass/get", code=40035)
    assert isinstance(channel.look_up(parcel), Unknowable)
    assert channel.publish(parcel).published
    assert len(office.out()) == 1


def test_a_draft_changed_by_hand_is_not_sent(office: Office, channel: WeChatChannel, mode: str) -> None:
    office.fault(Fault.ERRCODE, SUBMITS[mode], code=45011)
    way = course(office, channel)
    way.run(1)
    draft = way.parcel.notes.get("draft")
    changed = office.by_hand.draft.get(draft)["news_item"][0] | {"title": "改过的标题"}
    office.by_hand.draft.update(draft, 0, changed)
    assert way.run() == "published"
    assert office.out() == [way.parcel.posts[0].title]


def test_a_broadcast_is_not_repeated_once_the_platform_forgets_its_key(office: Office) -> None:
    channel = office.channel(mode="broadcast")
    office.fault(Fault.DROP_BEFORE, SUBMITS["broadcast"])
    parcel = office.parcel()
    with pytest.raises(Uncertain):
        channel.publish(parcel)
    assert isinstance(channel.look_up(parcel), NotThere)
    office.clock.forward(hours=24)
    with pytest.raises(Uncertain):
        channel.publish(parcel)
    assert isinstance(channel.look_up(parcel), Unknowable)


def test_no_broadcast_left_after_a_lost_answer_is_a_sign_and_no_reason_to_wait(office: Office) -> None:
    channel = office.channel(mode="broadcast")
    office.fault(Fault.DROP_BEFORE, SUBMITS["broadcast"])
    parcel = office.parcel()
    with pytest.raises(Uncertain):
        channel.publish(parcel)
    channel.look_up(parcel)
    office.fault(Fault.ERRCODE, SUBMITS["broadcast"], code=45028)
    with pytest.raises(Uncertain, match="上一次可能已经群发成功"):
        channel.publish(parcel)
