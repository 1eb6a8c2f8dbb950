"""wechatpy's API classes over a request path of our own.

wechatpy asks for tokens without end, without a lock and without a time limit, sends an empty file when it
repeats an upload, and takes an HTML page for success. Here every call goes through `Transport`, the token
through `TokenStore`, and a refused token is renewed once, the call repeated once, from bytes.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from wechatpy.client import WeChatClient

from channels.base import Services, Token
from channels.errors import AccountRefused, ChannelError, ContentRefused, Unavailable, Uncertain
from channels.transport import Part, Transport
from channels.wechat import errcodes

ADDRESS = "https://api.weixin.qq.com"
TOKEN_PATH = "/cgi-bin/stable_token"  # noqa: S105 - a path
JSON_HEADERS = {"Content-Type": "application/json"}

# Below 300 s, the least life that stable_token hands out, and within the 5 minutes in which it renews.
REFRESH_AHEAD = timedelta(minutes=4)
LONGEST_LIFE = 7200
FORCED_APART = timedelta(seconds=30)
FORCED_A_DAY = 20

# Calls that change nothing, or nothing that a repeat would harm. All others have effect.
HARMLESS = frozenset(
    {
        "draft/batchget",
        "draft/count",
        "draft/get",
        "freepublish/batchget",
        "freepublish/get",
        "freepublish/getarticle",
        "get_current_selfmenu_info",
        "material/add_material",
        "material/batchget_material",
        "material/get_material",
        "material/get_materialcount",
        "media/get",
        "media/upload",
        "media/uploadimg",
        "menu/get",
        "message/mass/get",
        "message/mass/speed/get",
        "openapi/quota/get",
        "tags/get",
        "user/get",
        "user/info",
        "user/info/batchget",
    }
)

# What the answer must hold: without it there was no success, whatever else stands there.
EXPECTED = {
    "draft/add": "media_id",
    "draft/delete": "errcode",
    "draft/get": "news_item",
    "freepublish/batchget": "total_count",
    "freepublish/delete": "errcode",
    "freepublish/get": "publish_status",
    "freepublish/getarticle": "news_item",
    "freepublish/submit": "publish_id",
    "material/add_material": "media_id",
    "media/uploadimg": "url",
    "message/mass/delete": "errcode",
    "message/mass/get": "msg_status",
    "message/mass/preview": "errcode",
    "message/mass/sendall": "msg_id",
}

Json = dict[str, Any]
log = logging.getLogger(__name__)


class RefusedToken(Exception):
    """The platform did not accept the token of this call; `answer` is what it said."""

    def __init__(self, answer: Json) -> None:
        self.answer = answer
        super().__init__(errcodes.code_of(answer))


@dataclass(frozen=True)
class Call:
    """One call as it is sent, and sent again if the token was refused."""

    method: str
    path: str
    params: dict[str, str]
    body: bytes | None
    files: dict[str, Part] | None

    @property
    def name(self) -> str:
        return self.path.removeprefix("/").removeprefix("cgi-bin/")

    @property
    def effect(self) -> bool:
        return self.name not in HARMLESS and not self.name.startswith("datacube/")


class Client(WeChatClient):  # type: ignore[misc] # wechatpy is untyped
    """Safe to use from several threads. Every call raises nothing but ChannelError."""

    def __init__(
        self, appid: str, secret: SecretStr, transport: Transport, services: Services, account_type: str
    ) -> None:
        super().__init__(appid, secret, auto_retry=False)
        self._transport = transport
        self._services = services
        self._account_type = account_type
        self._token_name = f"wechat:{appid}"
        self._forced_name = f"wechat:{appid}:forced"

    def _request(self, method: str, url_or_endpoint: str, **request: Any) -> Any:
        """What wechatpy's API classes call in the end."""
        process: Callable[[Json], Any] = request.pop("result_processor", None) or (lambda answer: answer)
        call = _call(method, url_or_endpoint, request)
        token = self._token()
        try:
            answer = self._send(call, token)
        except RefusedToken as refused:
            answer = self._send_again(call, token, refused)
        return process(answer)

    def _send_again(self, call: Call, failed: Token, refused: RefusedToken) -> Json:
        token = self._renewed(failed)
        if token.text == failed.text:
            raise self._refusal(call, refused.answer, failed)
        try:
            return self._send(call, token)
        except RefusedToken as again:
            raise self._refusal(call, again.answer, token) from None

    def _send(self, call: Call, token: Token) -> Json:
        self._services.meter.take(call.name)
        answer: Json = self._transport.json(
            call.method,
            call.path,
            effect=call.effect,
            params={**call.params, "access_token": token.text},
            headers=JSON_HEADERS if call.body is not None else None,
            data=call.body,
            files=call.files,
        )
        code = errcodes.code_of(answer)
        if code in errcodes.TOKEN_CODES:
            raise RefusedToken(answer)
        if not errcodes.is_ok(code):
            raise self._refusal(call, answer, token)
        return _complete(call, answer)

    def _refusal(self, call: Call, answer: Json, token: Token) -> ChannelError:
        code, message = errcodes.code_of(answer), self._message(answer, token.text)
        log.warning("WeChat refused %s: %s %s", call.name, code, message)
        return errcodes.refusal(
            code,
            message,
            effect=call.effect,
            now=self._services.clock(),
            response=answer,
            account_type=self._account_type,
        )

    # Tokens

    @property
    def access_token(self) -> str:
        return self._token().text

    def fetch_access_token(self) -> Json:
        """wechatpy's name for a refresh asked for by hand."""
        token = self._renewed(self._token())
        seconds = (token.expires_at - self._services.clock()).total_seconds()
        return {"access_token": token.text, "expires_in": int(seconds)}

    def _token(self) -> Token:
        """The shared one; fetched by whoever first finds it missing or near its end."""
        kept = self._kept()
        if kept is not None:
            return kept
        with self._services.tokens.lock(self._token_name):
            return self._kept() or self._fetch(force=False)

    def _renewed(self, failed: Token) -> Token:
        """The shared token if another process renewed it meanwhile, else a forced one, if that is allowed."""
        with self._services.tokens.lock(self._token_name):
            kept = self._kept()
            if kept is not None and kept.text != failed.text:
                return kept
            self._count_forced()
            return self._fetch(force=True)

    def _kept(self) -> Token | None:
        kept = self._services.tokens.get(self._token_name)
        return kept if kept is not None and kept.usable(self._services.clock(), REFRESH_AHEAD) else None

    def _count_forced(self) -> None:
        """The platform allows a forced refresh each 30 s and 20 a day; a count in the store keeps to both."""
        now = self._services.clock()
        forced = self._services.tokens.get(self._forced_name)
        if forced is None or not forced.usable(now):
            forced = Token("0", errcodes.next_midnight(now), now - FORCED_APART)
        if now - forced.refreshed_at < FORCED_APART:
            raise Unavailable("微信不认可刚刷新的访问令牌，稍后会自动再试。", "forced_refresh")
        if int(forced.text) >= FORCED_A_DAY:
            raise AccountRefused(
                "微信今天多次不认可访问令牌，已停止强制刷新。请管理员确认没有别的系统在刷新同一个账号的令牌。",
                "forced_refresh",
            )
        counted = Token(str(int(forced.text) + 1), forced.expires_at, now)
        self._services.tokens.put(self._forced_name, counted)

    def _fetch(self, *, force: bool) -> Token:
        """https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken"""
        now = self._services.clock()
        self._services.meter.take("stable_token")
        answer = self._transport.json(
            "POST", TOKEN_PATH, effect=False, headers=JSON_HEADERS, data=self._token_request(force)
        )
        code = errcodes.code_of(answer)
        if not errcodes.is_ok(code):
            message = self._message(answer)
            log.warning("WeChat refused a token: %s %s", code, message)
            raise errcodes.token_refusal(code, message, now=now)
        token = _token_in(answer, now)
        self._services.tokens.put(self._token_name, token)
        return token

    def _token_request(self, force: bool) -> bytes:
        return _encoded(
            {
                "grant_type": "client_credential",
                "appid": self.appid,
                "secret": self.secret.get_secret_value(),
                "force_refresh": force,
            }
        )

    def _message(self, answer: Json, token: str = "") -> str:
        """The errmsg, with its rid for the platform's help desk and without our secrets."""
        message = str(answer.get("errmsg", ""))
        for known in (self.secret.get_secret_value(), token):
            message = message.replace(known, "***") if known else message
        return message


def _call(method: str, address: str, request: Mapping[str, Any]) -> Call:
    data, files = request.get("data"), request.get("files")
    base = request.get("api_base_url", f"{ADDRESS}/cgi-bin/")
    params = {name: str(value) for name, value in (request.get("params") or {}).items() if value is not None}
    return Call(
        method.upper(),
        _path(address if "://" in address else base + address),
        params,
        data if data is None or isinstance(data, bytes) else _encoded(data),
        {name: _part(file) for name, file in files.items()} if files else None,
    )


def _path(address: str) -> str:
    """The token goes to the platform's own host and to no other."""
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" != ADDRESS:
        raise AccountRefused(f"这项功能在微信的另一个地址（{parts.netloc}）上，本程序不支持。", "address")
    return parts.path


def _encoded(data: object) -> bytes:
    """UTF-8 with real characters: the platform counts each escape as six."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise ContentRefused("文字中有不完整的字符（半个表情符号），请删除后重新送审。", "encoding") from None


def _part(file: Any) -> Part:
    """A file as wechatpy takes it (bytes, file object, or a tuple with its name), read into memory."""
    name, content, media_type = "file", file, "application/octet-stream"
    if isinstance(file, tuple):
        name, content = file[0], file[1]
        media_type = file[2] if len(file) > 2 else media_type
    elif hasattr(file, "read"):
        name = str(getattr(file, "name", name)).rpartition("/")[2]
    return name, content if isinstance(content, bytes) else content.read(), media_type


def _complete(call: Call, answer: Json) -> Json:
    expected = EXPECTED.get(call.name)
    if expected is None or expected in answer:
        return answer
    if call.effect:
        raise Uncertain("微信的答复不完整，正在查对是否已生效，不会重复发送。", "incomplete")
    raise Unavailable("微信的答复不完整，稍后会自动再试。", "incomplete")


def _token_in(answer: Json, now: datetime) -> Token:
    text, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(text, str) or not text or not isinstance(seconds, int) or seconds <= 0:
        raise Unavailable("微信没有给出访问令牌，稍后会自动再试。", "incomplete")
    return Token(text, now + timedelta(seconds=min(seconds, LONGEST_LIFE)), now)
