"""Access tokens of two kinds, wholly separate: `token` makes a new one each time, `stable_token` keeps one.

A token that is followed by a new one works on for five minutes, except after a forced refresh.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.wechat.emulator.calls import Call, Route, Routes, read_text
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.ids import Ids
from channels.wechat.emulator.quotas import beijing_date

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
FORCED_A_DAY = 20
FORCED_APART = timedelta(seconds=30)
TOKEN_LENGTH = 136
SECRET_LENGTH = 32


@dataclass
class Token:
    text: str
    ends: datetime
    retired: bool = False  # a newer one was made


class Tokens:
    def __init__(self, appid: str, secret: str, allowed_ips: frozenset[str], ids: Ids) -> None:
        self._appid = appid
        self._secret = secret
        self._allowed_ips = allowed_ips
        self._ids = ids
        self._issued: dict[str, Token] = {}
        self._fetched: Token | None = None
        self._stable: Token | None = None
        self._forced_at: list[datetime] = []

    def routes(self) -> Routes:
        return {
            "token": Route("GET", self.fetch, open=True),
            "stable_token": Route("POST", self.stable, open=True),
        }

    def fetch(self, call: Call) -> object:
        query = call.request.query
        self._admit(call, query.get("grant_type", ""), query.get("appid", ""), query.get("secret", ""))
        self._fetched = self._renew(self._fetched, call.at)
        return _answer(self._fetched, call.at)

    def stable(self, call: Call) -> object:
        fields = call.fields()
        self._admit(
            call, read_text(fields, "grant_type"), read_text(fields, "appid"), read_text(fields, "secret")
        )
        if fields.get("force_refresh") is True and self._may_force(call.at):
            self._forced_at.append(call.at)
            if self._stable:
                self._stable.ends = call.at
            self._stable = self._renew(self._stable, call.at)
        elif self._stable is None or self._stable.ends - call.at <= OVERLAP:
            self._stable = self._renew(self._stable, call.at)
        return _answer(self._stable, call.at)

    def check(self, text: str, at: datetime) -> None:
        """Refuses a call whose token is missing, malformed, not the newest, or over."""
        if not text:
            raise Refusal(41001)
        if len(text) != TOKEN_LENGTH:
            raise Refusal(40014)
        token = self._issued.get(text)
        if token is None or (token.retired and token.ends <= at):
            raise Refusal(40001)
        if token.ends <= at:
            raise Refusal(42001)

    def admit_secret(self, appid: str, secret: str) -> None:
        if appid != self._appid:
            raise Refusal(40013)
        if len(secret) != SECRET_LENGTH:
            raise Refusal(40125)
        if secret != self._secret:
            raise Refusal(40001)

    def _admit(self, call: Call, grant_type: str, appid: str, secret: str) -> None:
        if grant_type != "client_credential":
            raise Refusal(40002)
        if not appid:
            raise Refusal(41002)
        if not secret:
            raise Refusal(41004)
        self.admit_secret(appid, secret)
        caller = call.request.caller
        if self._allowed_ips and caller not in self._allowed_ips:
            raise Refusal(40164, f"{caller} ipv6 ::ffff:{caller}, not in whitelist")

    def _renew(self, last: Token | None, at: datetime) -> Token:
        if last:
            last.ends = min(last.ends, at + OVERLAP)
            last.retired = True
        token = Token(self._ids.text(TOKEN_LENGTH), at + LIFE)
        self._issued[token.text] = token
        return token

    def _may_force(self, at: datetime) -> bool:
        # yesterday's last one still keeps its distance
        apart = not self._forced_at or at - self._forced_at[-1] >= FORCED_APART
        today = [forced for forced in self._forced_at if beijing_date(forced) == beijing_date(at)]
        return apart and len(today) < FORCED_A_DAY


def _answer(token: Token, at: datetime) -> object:
    return {"access_token": token.text, "expires_in": int((token.ends - at).total_seconds())}
