"""The house, opened from its settings. Nothing else wires anything; tests and commands come through here."""

import os
import secrets
import socket
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

import channels
from bot import schema
from bot.authorize import Authorizing
from bot.checks.office import context_of
from bot.console import Console
from bot.desk import Withdrawals
from bot.desk.looking import stopping
from bot.settings import Settings
from bot.watch import Watch
from bot.web import Health, Web
from bot.webhook import Webhook
from channels.base import Channel, Post, Problem, Services
from channels.sealing import Seal, seal_of
from scheduler.clock import Clock, Lead, Release
from scheduler.crew import Crew
from scheduler.database import open_engine
from scheduler.duties import HEARTBEAT_EVERY, Duties, Duty, Heartbeat
from scheduler.embedded import EmbeddedRedis
from scheduler.limits import RedisMeter
from scheduler.queue import Queue
from scheduler.tokens import KeptTokens
from scheduler.worker import Worker

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

ROLES = ("web", "scheduler", "worker")
STOP_SECONDS = 30.0
LEASE_TICKS = 3  # a leader that was killed holds up the others for so long
ASK_CALLS_EVERY = timedelta(hours=1)
ASK_TOKENS_EVERY = timedelta(days=1)
RECLAIM_EVERY = timedelta(seconds=30)
EXPIRY_EVERY = timedelta(minutes=1)


def utc_now() -> datetime:
    return datetime.now(UTC)


class House:
    """What one process needs, each part opened when it is first asked for."""

    adapter: "BaseAdapter | None" = None  # another way to the platforms than the network

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings, self.clock = settings, clock
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self.terms = settings.scheduler.terms()
        self.rules = {name: account.rules for name, account in settings.accounts.items()}
        self._embedded: EmbeddedRedis | None = None

    @cached_property
    def engine(self) -> Engine:
        """The ledger, of this program's version. Raises OldSchema."""
        self.settings.data.ready()
        engine = open_engine(self.settings.database_url())
        schema.prepare(engine)
        return engine

    @cached_property
    def redis(self) -> "Redis":
        """The server of the settings, else our own, started if need be. Raises NoServer."""
        url = self.settings.redis.url.get_secret_value()
        if not url:
            self._embedded = EmbeddedRedis(self.settings.data.ready() / "redis")
            self._embedded.start()
            url = self._embedded.url
        return Redis.from_url(url, socket_timeout=10, health_check_interval=30)

    @cached_property
    def seal(self) -> Seal:
        """What closes and opens tokens at rest. Raises BadKey."""
        self.settings.data.ready()
        return seal_of(self.settings.data.key_path())

    @cached_property
    def tokens(self) -> KeptTokens:
        return KeptTokens(self.redis, self.engine, self.seal)

    @cached_property
    def meters(self) -> dict[str, RedisMeter]:
        """What each account's calls are counted by."""
        return {name: self._meter(name) for name in self.settings.accounts}

    @cached_property
    def channels(self) -> dict[str, Channel]:
        """The accounts, opened; no call is made yet."""
        return {name: self._open(name) for name in self.settings.accounts}

    @cached_property
    def queue(self) -> Queue:
        return Queue(self.redis, self.name)

    @cached_property
    def release(self) -> Release:
        return Release(self.engine, self.queue, self.rules, self.terms, self.name, self.meters)

    @cached_property
    def worker(self) -> Worker:
        return Worker(
            self.engine,
            self.channels,
            clock=self.clock,
            name=self.name,
            rules=self.rules,
            terms=self.terms,
            look=self.look,
        )

    @cached_property
    def authorizing(self) -> Authorizing:
        return Authorizing(
            self.redis,
            self.engine,
            self.channels,
            self.tokens,
            clock=self.clock,
            public_address=self.settings.web.public_address,
        )

    @cached_property
    def watch(self) -> Watch:
        return Watch(self.redis, self.engine, self.channels, self.meters, self.tokens, self.clock)

    def notice_settings(self) -> None:
        """Let accounts go on that rest and were set anew since."""
        accounts = {name: account.channel for name, account in self.settings.accounts.items()}
        self.watch.settings(accounts, self.seal)

    def check(self, account: str, posts: Sequence[Post]) -> list[Problem]:
        """What the account's platform would refuse or spoil."""
        return self.channels[account].check(posts)

    def look(self, post: Post) -> str:
        """Why a signed post must not go out after all; empty if nothing speaks against it."""
        return stopping(post, context_of(self.settings, self.clock()))

    def nudge(self) -> None:
        """Tell a running clock that something new is due; without one it will see by itself."""
        try:
            self.queue.nudge()
        except RedisError:
            return

    def close(self) -> None:
        if "redis" in self.__dict__:
            self.redis.close()
        if self._embedded is not None:
            self._embedded.stop()
        if "engine" in self.__dict__:
            self.engine.dispose()

    def _meter(self, name: str) -> RedisMeter:
        limits = self.settings.accounts[name].channel.limits()
        return RedisMeter(self.redis, self.engine, name, self.clock, limits)

    def _open(self, name: str) -> Channel:
        account = self.settings.accounts[name].channel
        services = Services(name, self.tokens, self.meters[name], self.clock, self.adapter)
        return channels.load(account.kind).open_account(account, services)


class Engines:
    """The running parts of a house: what `serve` starts, and stops within 30 seconds."""

    def __init__(self, house: House, roles: Iterable[str] = ROLES) -> None:
        self._house = house
        self._roles = set(roles)
        self._clock = self._make_clock() if "scheduler" in self._roles else None
        self._crew = self._make_crew() if "worker" in self._roles else None
        self._heartbeat = Heartbeat(house.redis, house.name)
        self._duties = Duties(self._make_duties())

    def start(self) -> None:
        if self._clock is not None:
            self._house.notice_settings()
        for part in (self._crew, self._clock, self._duties):
            if part is not None:
                part.start()

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """False: something was still being sent; it will be looked up, not sent again."""
        self._duties.stop()
        if self._clock is not None:
            self._clock.stop(seconds)
        done = self._crew.stop(seconds) if self._crew is not None else True
        self._heartbeat.end(self._roles)
        return done

    def _make_clock(self) -> Clock:
        house = self._house
        tick = timedelta(seconds=house.settings.scheduler.tick_seconds)
        return Clock(
            house.engine,
            house.queue,
            Lead(house.redis, house.name, LEASE_TICKS * tick),
            house.release,
            now=house.clock,
            tick=tick,
        )

    def _make_crew(self) -> Crew:
        house = self._house
        return Crew(house.queue, house.worker, house.settings.scheduler.workers, house.clock)

    def _make_duties(self) -> list[Duty]:
        duties = [Duty("heartbeat", HEARTBEAT_EVERY, self._beat)]
        if self._clock is not None:
            duties.append(Duty("calls", ASK_CALLS_EVERY, self._house.watch.calls))
            duties.append(Duty("tokens", ASK_TOKENS_EVERY, self._house.watch.tokens))
            duties.append(Duty("expiry", EXPIRY_EVERY, self._take_down_expired))
        if self._crew is not None:
            duties.append(Duty("reclaim", RECLAIM_EVERY, self._crew.reclaim))
        return duties

    def _take_down_expired(self) -> None:
        house = self._house
        if Withdrawals(house.engine, house.terms).take_down_expired(house.clock()):
            house.nudge()

    def _beat(self) -> None:
        """A part whose thread has died is not said to live."""
        working = {"scheduler": self._clock, "worker": self._crew}
        for role in self._roles:
            part = working.get(role)
            if part is None or part.alive():
                self._heartbeat.beat(role, self._house.clock())


def web(house: House) -> Web:
    """The web application of a house."""
    webhook = Webhook(house.engine, house.channels, clock=house.clock, terms=house.terms)
    return Web(webhook, Health(house.engine, house.redis), house.authorizing, Console(house))
