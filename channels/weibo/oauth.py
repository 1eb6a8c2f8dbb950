"""The way to a token, and how long it lives: https://open.weibo.com/wiki/Oauth2

The account's own token of its own app lives about five years, others days or a month; only what the platform
answers counts.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from channels.base import Token
from channels.errors import AccountRefused, Refused, Unavailable
from channels.weibo.client import Client, Json


class Authorization:
    """`uid` is the account's number: a person may be signed in as somebody else."""

    def __init__(self, client: Client, appkey: str, app_secret: str, uid: str) -> None:
        self._client, self._appkey, self._app_secret, self._uid = client, appkey, app_secret, uid

    def address(self, back: str, state: str) -> str:
        if not self._app_secret:
            raise Refused("配置中没有 app_secret，不能授权。请填写微博应用的 App Secret。", "app_secret")
        query = {
            "client_id": self._appkey,
            "redirect_uri": back,
            "response_type": "code",
            "state": state,
            "forcelogin": "true",
        }
        return f"{self._client.base_url}/oauth2/authorize?{urlencode(query)}"

    def exchange(self, back: str, code: str, now: datetime) -> Token:
        answer = self._client.access_token(
            {
                "client_id": self._appkey,
                "client_secret": self._app_secret,
                "grant_type": "authorization_code",
                "redirect_uri": back,
                "code": code,
            }
        )
        if str(answer.get("uid", "")) != self._uid:
            raise AccountRefused(
                f"登录的微博不是本账号（uid {self._uid}），没有保存授权。请换本账号登录后重新授权。", "uid"
            )
        text, seconds = answer.get("access_token"), _seconds(answer, "expires_in")
        if not isinstance(text, str) or not text or seconds is None:
            raise Unavailable("微博没有给出授权，请重新授权。", "incomplete")
        return Token(text, now + timedelta(seconds=seconds), now)

    def ends_at(self, now: datetime) -> datetime | None:
        try:
            answer = self._client.token_info()
        except AccountRefused as error:
            if error.code == "no_token":
                return None
            raise
        seconds = _seconds(answer, "expire_in", "expires_in")
        if seconds is None:
            raise Unavailable("微博没有给出授权的期限，稍后会自动再试。", "incomplete")
        return now + timedelta(seconds=seconds)


def _seconds(answer: Json, *names: str) -> int | None:
    """The wiki spells the field in two ways, and the platform writes numbers as text now and then."""
    for name in names:
        text = str(answer.get(name, ""))
        if text.isascii() and text.isdigit():
            return int(text)
    return None
