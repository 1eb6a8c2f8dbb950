"""What every answer carries, and what no request may be."""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 80 * 1024 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
A_YEAR = "max-age=31536000"


class Armour:
    """Around the whole console. `hosts` are the names it answers to, without ports."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app, self._hosts = app, {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], Headers(scope=scope))
        await (refusal or self._app)(scope, receive, _armoured(scope, send))

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = _name(headers.get("host", ""))
        if host not in self._hosts:
            sentence = f"不能用“{host}”访问，请用管理员给的网址；管理员可在配置的 web.hosts 里加上这个名字。"
            return PlainTextResponse(sentence, 421)
        if method == "POST":
            length = headers.get("content-length", "")
            if not length.isdecimal():
                return PlainTextResponse("请求没有写明长度，请用浏览器提交。", 411)
            if int(length) > MAX_BODY:
                return PlainTextResponse("提交的内容超过 80 MB，请压缩图片或分几次上传。", 413)
        return None


def _name(host: str) -> str:
    """The host without its port."""
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() else host.lower()


def _armoured(scope: Scope, send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if scope["scheme"] == "https":
                headers["strict-transport-security"] = A_YEAR
        await send(message)

    return answer
