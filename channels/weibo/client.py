"""The calls to the platform, each counted before it is made.

An answer is judged by its `error_code` (`code` for articles), never by the HTTP status. The token travels in
the form or the header: addresses end up in logs.
"""

from datetime import datetime, timedelta
from typing import Any

from channels.base import Services
from channels.errors import AccountRefused, ChannelError
from channels.transport import Part, Transport
from channels.weibo import errcodes

ADDRESS = "https://api.weibo.com"
USER_LIMIT = "10023"
LONGEST_WAIT = timedelta(days=1)

Json = dict[str, Any]


class Client:
    """Safe to use from several threads. Every method raises nothing but ChannelError."""

    def __init__(self, transport: Transport, services: Services, access_token: str) -> None:
        self._transport = transport
        self._services = services
        self._access_token = access_token

    def share(self, status: str, rip: str, picture: Part | None = None) -> Json:
        """https://open.weibo.com/wiki/2/statuses/share"""
        files = {"pic": picture} if picture else None
        return self._post("/2/statuses/share.json", {"status": status, "rip": rip}, files)

    def publish_article(self, form: dict[str, str]) -> Json:
        """https://open.weibo.com/wiki/Toutiao/api"""
        return self._post("/proxy/article/publish.json", form)

    def user_timeline(self) -> Json:
        """https://open.weibo.com/wiki/2/statuses/user_timeline: never more than the newest five."""
        return self._get("/2/statuses/user_timeline.json")

    def show(self, number: str) -> Json:
        """https://open.weibo.com/wiki/2/statuses/show"""
        return self._get("/2/statuses/show.json", {"id": number})

    def destroy(self, number: str) -> Json:
        """https://open.weibo.com/wiki/2/statuses/destroy"""
        return self._post("/2/statuses/destroy.json", {"id": number})

    def access_token(self, form: dict[str, str]) -> Json:
        """https://open.weibo.com/wiki/Oauth2/access_token"""
        return self._asked("POST", "/oauth2/access_token", form=form)

    def token_info(self) -> Json:
        """https://open.weibo.com/wiki/Oauth2/get_token_info"""
        return self._asked("POST", "/oauth2/get_token_info", form={"access_token": self._token()})

    def rate_limit_status(self) -> Json:
        """https://open.weibo.com/wiki/2/account/rate_limit_status"""
        return self._judged(self._limits(), effect=False)

    @property
    def base_url(self) -> str:
        return self._transport.base_url

    def _limits(self) -> Json:
        headers = self._authorization()
        answer: Json = self._transport.json(
            "GET", "/2/account/rate_limit_status.json", effect=False, headers=headers
        )
        return answer

    def _asked(self, method: str, path: str, **request: Any) -> Json:
        """A call that is none of the hundred a day."""
        return self._judged(self._transport.json(method, path, effect=False, **request), effect=False)

    def _post(self, path: str, form: dict[str, str], files: dict[str, Part] | None = None) -> Json:
        token = {"access_token": self._token()}
        self._services.meter.take(_name(path))
        return self._judged(
            self._transport.json("POST", path, effect=True, form=form | token, files=files), effect=True
        )

    def _get(self, path: str, params: dict[str, str] | None = None) -> Json:
        headers = self._authorization()
        self._services.meter.take(_name(path))
        return self._judged(
            self._transport.json("GET", path, effect=False, params=params, headers=headers), effect=False
        )

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"OAuth2 {self._token()}"}

    def _token(self) -> str:
        """The account's setting, else what the last authorisation left in the store."""
        if self._access_token:
            return self._access_token
        token = self._services.tokens.get(self._services.account)
        if token is None:
            raise AccountRefused("该账号还没有微博授权。请管理员完成授权，之后会自动继续发送。", "no_token")
        if not token.usable(self._services.clock()):
            raise AccountRefused("微博授权已过期。请管理员重新授权该账号，之后会自动继续发送。", "21327")
        return token.text

    def _judged(self, answer: Json, *, effect: bool) -> Json:
        code = answer.get("error_code", answer.get("code"))
        if code is None or errcodes.counts_as_done(code):
            return answer
        message = str(answer.get("error") or answer.get("msg") or "")
        until = self._limit_ends() if str(code) == USER_LIMIT else None
        raise errcodes.refusal(code, message, effect=effect, now=self._services.clock(), until=until)

    def _limit_ends(self) -> datetime | None:
        """Whether the hour or the day is used up, the error does not tell; this call does, and is free.
        Its own answer is not judged: a platform that refuses even this would be asked without end."""
        try:
            answer = self._limits()
        except ChannelError:
            return None
        seconds = answer.get("reset_time_in_seconds")
        if not isinstance(seconds, int) or not 0 < seconds <= LONGEST_WAIT.total_seconds():
            return None
        return self._services.clock() + timedelta(seconds=seconds)


def _name(path: str) -> str:
    """/2/statuses/share.json -> statuses/share"""
    return path.removeprefix("/2/").removeprefix("/proxy/").removesuffix(".json")
