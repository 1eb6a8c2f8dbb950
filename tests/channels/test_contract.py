"""What every kind of channel keeps to, on its own emulator; a new folder below channels/ is in at once."""

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import channels
from bot import settings
from channels.base import Channel, Forbidden, NotThere, Parcel, Post, Push, Receipt, Services
from channels.emulator import Emulator, Fault, FaultRule, Shown
from channels.errors import ChannelError, NotAccepted, Refused
from channels.tokens import MemoryTokens
from tests.channels.serving import served
from tests.support import StandingClock

FOLDER = Path(channels.__file__).parent
PLAYED = [kind for kind in channels.kinds() if channels.has_emulator(kind)]
WAYS = [(kind, mode) for kind in PLAYED for mode in channels.load_emulator(kind).modes]
NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there
POST = Post(
    title="关于冬季道路养护的通告",
    html="<p>请过往车辆绕行。</p>",
    text="请过往车辆绕行。",
    digest="请过往车辆绕行。",
    author="云溪镇",
    source="https://yunxi.gov.example/gk/1001.html",
)

every_kind = pytest.mark.parametrize("kind", channels.kinds())


class Memory(dict[str, str]):
    def put(self, name: str, value: str) -> None:
        self[name] = value


class FreeMeter:
    """Counts nothing."""

    def take(self, call: str, count: int = 1) -> None:
        """Every call may be made."""


@dataclass
class Stage:
    """One account of a kind in one of its modes, and the platform it is on."""

    emulator: Emulator
    clock: StandingClock
    changes: dict[str, str]
    uploads: Memory = field(default_factory=Memory)

    def channel(self, address: str) -> Channel:
        module = channels.load(self.emulator.kind)
        account: dict[str, Any] = self.emulator.account(address) | self.changes
        services = Services("town", MemoryTokens(), FreeMeter(), self.clock)
        return module.open_account(module.Settings(**account), services)

    def parcel(self) -> Parcel:
        return Parcel("a" * 32, (POST,), Memory(), self.uploads)

    def settled(self, channel: Channel, parcel: Parcel) -> Receipt:
        """The receipt once the platform has told the outcome."""
        receipt = channel.publish(parcel)
        self.clock.forward(minutes=5)
        return channel.confirm(parcel, receipt)

    def out(self) -> list[Shown]:
        return [shown for shown in self.emulator.shown() if not shown.withdrawn]


@pytest.fixture(params=WAYS, ids="-".join)
def stage(request: pytest.FixtureRequest) -> Stage:
    kind, mode = request.param
    clock = StandingClock()
    emulator = channels.load_emulator(kind)(clock=clock)
    return Stage(emulator, clock, dict(emulator.modes[mode]))


@pytest.fixture
def channel(stage: Stage) -> Iterator[Channel]:
    with served(stage.emulator) as address:
        yield stage.channel(address)


def test_a_post_is_out_once_under_its_number(stage: Stage, channel: Channel) -> None:
    receipt = stage.settled(channel, stage.parcel())
    (shown,) = stage.out()
    assert receipt.published
    assert shown.act == receipt.reference
    assert receipt.addresses in ((), (shown.address,))  # some platforms tell the address by an event alone


def test_publishing_again_goes_on_where_it_stood(stage: Stage, channel: Channel) -> None:
    parcel = stage.parcel()
    receipt = stage.settled(channel, parcel)
    assert channel.publish(parcel).reference == receipt.reference
    assert len(stage.out()) == 1


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.HTML_AFTER, Fault.HTTP_500_AFTER])
def test_a_lost_answer_is_never_followed_by_a_second_act(
    stage: Stage, channel: Channel, fault: Fault
) -> None:
    parcel = stage.parcel()
    stage.emulator.faults += [FaultRule(fault, act, times=1) for act in stage.emulator.acts]
    for _ in range(3):
        with suppress(ChannelError):
            channel.publish(parcel)
        stage.clock.forward(minutes=5)
    assert len(stage.out()) == 1
    assert not isinstance(channel.look_up(parcel), NotThere)


def test_what_was_never_begun_is_surely_not_there(stage: Stage, channel: Channel) -> None:
    found = channel.look_up(stage.parcel())
    assert isinstance(found, NotThere)
    assert found.certain


def test_a_look_up_never_sends(stage: Stage, channel: Channel) -> None:
    parcel = stage.parcel()
    stage.emulator.faults += [FaultRule(Fault.DROP_BEFORE, act, times=1) for act in stage.emulator.acts]
    with suppress(ChannelError):
        channel.publish(parcel)
    channel.look_up(parcel)
    assert stage.out() == []


def test_what_could_not_be_reached_is_surely_not_out(stage: Stage) -> None:
    with pytest.raises(NotAccepted):
        stage.channel(NOBODY).publish(stage.parcel())


def test_a_post_is_withdrawn_or_a_person_is_told_to(stage: Stage, channel: Channel) -> None:
    receipt = stage.settled(channel, stage.parcel())
    refusal = None
    try:
        channel.withdraw(receipt, 0)
    except Refused as error:
        refusal = error
    assert "请到" in refusal.sentence if refusal else stage.out() == []


def test_a_place_that_is_not_there_withdraws_nothing(stage: Stage, channel: Channel) -> None:
    receipt = stage.settled(channel, stage.parcel())
    with pytest.raises(Refused):
        channel.withdraw(receipt, 1)
    assert len(stage.out()) == 1


@pytest.mark.parametrize("push", [Push("GET", {}), Push("POST", {}, b"{}"), Push("POST", {"signature": ""})])
def test_a_push_without_proof_is_forbidden(stage: Stage, push: Push) -> None:
    with pytest.raises(Forbidden):
        stage.channel(NOBODY).receive(push)


def test_no_secret_stands_in_the_settings_text(stage: Stage) -> None:
    found = channels.load(stage.emulator.kind).Settings(**stage.emulator.account(NOBODY))
    values = (getattr(found, name) for name in type(found).model_fields)
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    assert any(secrets)
    assert not any(secret and secret in f"{found!r} {found}" for secret in secrets)


@every_kind
def test_the_folder_says_what_it_is_and_how_it_is_set_up(kind: str) -> None:
    assert (FOLDER / kind / "README.md").exists()
    example = settings.load(FOLDER / kind / "example.toml", {})
    assert [account.channel.kind for account in example.accounts.values()] == [kind]


@every_kind
def test_no_kind_may_lean_on_another(kind: str) -> None:
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    apart = next(contract for contract in contracts if contract["type"] == "independence")
    assert f"channels.{kind}" in apart["modules"]
