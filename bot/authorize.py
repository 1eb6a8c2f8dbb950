"""Bringing an account's token: a person presses a button on the platform's page, which leads back here."""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from html import escape
from typing import cast

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.errors import RuleBroken
from bot.watch import TokenEnds
from channels.base import Authorizer, Channel, Token
from channels.errors import ChannelError
from scheduler import ledger
from scheduler.plan import BEIJING
from scheduler.tokens import KeptTokens

log = structlog.get_logger(__name__)

PREFIX = "/authorize/"
OPEN = "gongbao:authorize:"
OPEN_FOR = timedelta(minutes=10)
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
PAGE = """<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>账号授权</title>
<body style="font: 16px/1.7 sans-serif; max-width: 32em; margin: 4em auto; padding: 0 1em"><p>{}</p>"""


class Authorizing:
    """One account at a time has one open authorisation; a new one takes its place."""

    def __init__(
        self,
        redis: "Redis",
        engine: Engine,
        channels: Mapping[str, Channel],
        tokens: KeptTokens,
        *,
        clock: Callable[[], datetime],
        public_address: str,
    ) -> None:
        self._redis, self._engine, self._channels, self._tokens = redis, engine, channels, tokens
        self._clock, self._public_address = clock, public_address.rstrip("/")

    def begin(self, account: str, state: str) -> str:
        """The address for the person to open within ten minutes. Raises RuleBroken, ChannelError."""
        if not self._public_address:
            raise RuleBroken("配置中没有 web.public_address，平台不知道授权后回到哪里，请先填写。")
        address = self._authorizer(account).address(self.back(account), state)
        self._redis.set(f"{OPEN}{account}", state, ex=OPEN_FOR)
        return address

    def back(self, account: str) -> str:
        """Where the platform leads the person back to; it must be told of this address beforehand."""
        return f"{self._public_address}{PREFIX}{account}"

    def finish(self, account: str, state: str, code: str) -> Token:
        """Keep the token that the code is good for; the account goes on. Raises RuleBroken, ChannelError."""
        authorizer = self._authorizer(account)
        self._use_up(account, state)
        if not code:
            raise RuleBroken("没有授权：在平台的页面上点了取消。")
        token = authorizer.exchange(self.back(account), code)
        self._tokens.keep(account, token)
        with self._engine.begin() as connection:
            ledger.resume(connection, account, self._clock())
        TokenEnds(self._redis).put(account, token.expires_at)
        log.info("authorised", account=account, until=token.expires_at.isoformat())
        return token

    def page(self, request: Request) -> Response:
        """`/authorize/<account>?code=...&state=...`, opened by the person's browser."""
        account, query = request.path_params["account"], request.query_params
        try:
            token = self.finish(account, query.get("state", ""), query.get("code", ""))
        except (RuleBroken, ChannelError) as error:
            log.warning("not authorised", account=account, code=getattr(error, "code", ""))
            return _page(getattr(error, "sentence", str(error)), 400)
        except RedisError:
            return _page("服务暂时不可用，没有保存授权，请稍后重新授权。", 503)
        return _page(
            f"授权成功，有效期到 {token.expires_at.astimezone(BEIJING):%Y-%m-%d}。可以关闭本页。", 200
        )

    def _authorizer(self, account: str) -> Authorizer:
        channel = self._channels.get(account)
        if channel is None:
            raise RuleBroken(f"配置里没有账号“{account}”，可选的有：{'、'.join(self._channels)}。")
        if not isinstance(channel, Authorizer):
            raise RuleBroken(f"账号 {account} 的平台不用网页授权，按配置中的密钥连接。")
        return channel

    def _use_up(self, account: str, state: str) -> None:
        """A state is good for once: of two who bring the right one, one deletes it."""
        key = f"{OPEN}{account}"
        kept = cast("bytes | None", self._redis.get(key))
        if kept is None or not hmac.compare_digest(kept, state.encode()) or not self._redis.delete(key):
            raise RuleBroken(
                f"授权链接不对、用过了或过了 10 分钟。请重新运行 gongbao account authorize {account}。"
            )


def _page(sentence: str, status: int) -> Response:
    return HTMLResponse(PAGE.format(escape(sentence)), status, NO_STORE)
