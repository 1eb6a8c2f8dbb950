"""What is looked at from time to time: how long tokens live, what platforms count, what was set anew."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import cast

import structlog
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import Engine

from channels.base import AccountSettings, Authorizer, Channel, Metered, TokenStore
from channels.errors import AccountRefused, ChannelError
from channels.sealing import Seal
from scheduler import ledger
from scheduler.limits import RedisMeter

log = structlog.get_logger(__name__)

ENDS = "gongbao:token-ends"
ALARMS = tuple(timedelta(days=days) for days in (0, 1, 3, 7))  # before a token ends, nearest first
ALARM_KEPT = timedelta(days=30)


class TokenEnds:
    """When each account's token ends, as the platform told it last; lost, it is asked again the next day."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def put(self, account: str, ends_at: datetime) -> None:
        self._redis.hset(ENDS, account, ends_at.isoformat())

    def get(self, account: str) -> datetime | None:
        kept = cast("bytes | None", self._redis.hget(ENDS, account))
        return datetime.fromisoformat(kept.decode()) if kept else None


class Watch:
    """Of all accounts. One that cannot be asked does not keep the others from being asked."""

    def __init__(
        self,
        redis: "Redis",
        engine: Engine,
        channels: Mapping[str, Channel],
        meters: Mapping[str, RedisMeter],
        tokens: TokenStore,
        clock: Callable[[], datetime],
    ) -> None:
        self._redis, self._engine, self._channels, self._meters = redis, engine, channels, meters
        self._tokens, self._clock = tokens, clock

    def ask(self, account: str) -> None:
        """The platform's own figures on calls and token. Raises ChannelError."""
        self._ask_calls(account)
        self._ask_token(account)

    def calls(self) -> None:
        """A duty of each hour."""
        self._of_each(self._ask_calls)

    def tokens(self) -> None:
        """A duty of each day."""
        self._of_each(self._ask_token)

    def token_ends(self, account: str) -> datetime | None:
        """As far as is known without asking the platform; None for an account that needs no authorisation."""
        if not isinstance(self._channels[account], Authorizer):
            return None
        told = TokenEnds(self._redis).get(account)
        if told is not None:
            return told
        try:
            token = self._tokens.get(account)
        except AccountRefused:
            return None
        return token.expires_at if token else None

    def settings(self, accounts: Mapping[str, AccountSettings], seal: Seal) -> None:
        """Let an account go on whose settings were changed: what it was refused for may be mended."""
        for account, settings in accounts.items():
            fingerprint = seal.fingerprint(_plain(settings))
            with self._engine.begin() as connection:
                if not ledger.settings_changed(connection, account, fingerprint):
                    continue
                if ledger.resume(connection, account, self._clock()):
                    log.info("settings changed, account goes on", account=account)

    def _of_each(self, ask: Callable[[str], None]) -> None:
        for account in self._channels:
            try:
                ask(account)
            except ChannelError as error:
                log.info("not told", account=account, code=error.code)

    def _ask_calls(self, account: str) -> None:
        channel, meter = self._channels[account], self._meters[account]
        if isinstance(channel, Metered):
            meter.correct(channel.spent(meter.names()))

    def _ask_token(self, account: str) -> None:
        channel, now = self._channels[account], self._clock()
        if not isinstance(channel, Authorizer):
            return
        try:
            ends_at = channel.ends_at()
        except AccountRefused:
            ends_at = now
        if ends_at is not None:
            TokenEnds(self._redis).put(account, ends_at)
            self._alarm(account, ends_at, now)

    def _alarm(self, account: str, ends_at: datetime, now: datetime) -> None:
        """Once for each of the marks that a token's life passes."""
        mark = alarm(ends_at, now)
        if mark is None:
            return
        raised = f"gongbao:alarm:{account}:{ends_at:%Y%m%d}:{mark.days}"
        if self._redis.set(raised, 1, nx=True, ex=ALARM_KEPT):
            log.warning("token ends soon", account=account, ends_at=ends_at.isoformat(), days=mark.days)


def alarm(ends_at: datetime, now: datetime) -> timedelta | None:
    """The nearest mark before the end that is passed; None while there is time enough."""
    return next((mark for mark in ALARMS if ends_at - now <= mark), None)


def _plain(settings: AccountSettings) -> str:
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    shown = {name: v.get_secret_value() if isinstance(v, SecretStr) else v for name, v in values.items()}
    return json.dumps(shown, sort_keys=True, default=str)
