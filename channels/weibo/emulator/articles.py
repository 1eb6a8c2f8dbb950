"""Headline articles (头条文章): they answer with a `code` of their own, as text."""

import re
from urllib.parse import unquote, urlsplit

from channels.weibo.emulator import limits, statuses
from channels.weibo.emulator.calls import Call, Json, Route
from channels.weibo.emulator.platform import Article
from channels.weibo.emulator.refusals import Refusal

RAWURLENCODED = re.compile(r"(?:[A-Za-z0-9_.~-]|%[0-9A-Fa-f]{2})+")
MOST = {"title": 32, "content": 90_000, "text": 1900}


def publish(call: Call) -> Json:
    if not call.platform.terms.article_right:
        raise Refusal(10014)
    fault = _fault(call)
    if fault:
        return {"code": "10008", "msg": fault, "data": {}}
    try:
        limits.look_at_posts(call.platform, "/proxy/article/publish", call.now)
    except Refusal:
        return {"code": "11001", "msg": "publish too often", "data": {}}
    try:
        statuses.look_at_repeats(call, call.params["text"])
    except Refusal:
        return {"code": "11002", "msg": "send weibo failed", "data": {}}
    return _published(call)


def _fault(call: Call) -> str:
    for name in ("title", "content", "cover", "text", "rip"):
        if not call.params.get(name, "").strip():
            return f"param {name} is missing"
    if not RAWURLENCODED.fullmatch(call.params["content"]):
        return "param content must be rawurlencoded"
    for name, most in MOST.items():
        if len(unquote(call.params[name])) > most:
            return f"param {name} is longer than {most}"
    if urlsplit(call.params["cover"]).scheme not in ("http", "https"):
        return "param cover must be a url"
    return ""


def _published(call: Call) -> Json:
    article = Article(
        object_id=f"230940{call.platform.number(call.now)}",
        title=call.params["title"],
        content=unquote(call.params["content"]),
        summary=call.params.get("summary", ""),
        cover=call.params["cover"],
    )
    status = statuses.add(call, "article", f"{call.params['text'].strip()} {article.address}")
    status.article = article
    data = {"object_id": article.object_id, "url": article.address, "mid": str(status.number)}
    return {"code": "100000", "msg": "success", "data": data}


ROUTES = {"/proxy/article/publish.json": Route("POST", publish)}
