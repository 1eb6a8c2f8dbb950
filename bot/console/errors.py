"""The one table from what went wrong to what staff read."""

from collections.abc import Callable
from typing import Any

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.console.rendering import render
from bot.errors import RuleBroken
from bot.people import NotAllowed
from channels.errors import ChannelError
from scheduler.delivery import WrongState
from scheduler.ledger import Tampered

log = structlog.get_logger(__name__)

# None: the error's own message is a sentence for staff
TABLE: dict[type[Exception], tuple[int, str | None]] = {
    NotAllowed: (403, None),
    RuleBroken: (422, None),
    WrongState: (409, None),
    ChannelError: (502, None),
    Tampered: (409, None),
    RedisError: (503, "系统的消息服务连不上，请稍后再试；一直不行请联系管理员。"),
    OperationalError: (503, "数据库正忙或连不上，请稍后再试；一直不行请联系管理员。"),
    Exception: (500, "系统出错了，没有完成这次操作。请稍后再试；一直不行请把时间告诉管理员。"),
}
HTTP_WORDS = {
    400: "提交的内容不完整，请返回后再试。",
    404: "没有这个页面，可能编号写错了，或内容已不在。",
    405: "这个地址不能这样访问，请从菜单进入。",
}


def told(request: Request, status: int, sentence: str) -> Response:
    """The sentence as a page, or as JSON for who asks for it."""
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": sentence}, status)
    return HTMLResponse(render("error.html", status=status, sentence=sentence), status)


def _handler(status: int, words: str | None) -> Callable[[Request, Any], Response]:
    def handle(request: Request, error: Exception) -> Response:
        if status >= 500:
            log.error("page failed", path=request.url.path, error=type(error).__name__)
        return told(request, status, words or str(error))

    return handle


def _http(request: Request, error: HTTPException) -> Response:
    sentence = HTTP_WORDS.get(error.status_code, error.detail)
    return told(request, error.status_code, sentence)


HANDLERS: dict[Any, Callable[[Request, Any], Response]] = {
    HTTPException: _http,
    **{kind: _handler(status, words) for kind, (status, words) in TABLE.items()},
}
