"""Private messages: what fans write is pushed, what the account answers is sent within 48 hours."""

import hashlib
import json
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import unquote

from channels.weibo.emulator.calls import Call, Json, Route, moment
from channels.weibo.emulator.platform import Letter, Platform
from channels.weibo.emulator.refusals import Refusal, invalid

WINDOW = timedelta(hours=48)
MOST_CHARACTERS = 300
KINDS = ("text", "articles", "position")


def reply(call: Call) -> Json:
    """POST m.api.weibo.com/2/messages/reply.json, a form whose `data` is JSON."""
    kind, fan = call.need("type"), call.need("receiver_id")
    if kind not in KINDS:
        raise invalid("type", "|".join(KINDS), kind)
    if not _may_answer(call.platform, fan, call.now):
        raise Refusal(20301)
    words = _words(kind, call.need("data"))
    call.platform.letters.append(Letter(fan, words, call.now, ours=True))
    own = call.platform.terms.uid
    return {"result": True, "sender_id": own, "receiver_id": fan, "type": kind, "data": call.params["data"]}


def _may_answer(platform: Platform, fan: str, now: datetime) -> bool:
    written = [letter.at for letter in platform.letters if letter.fan == fan and not letter.ours]
    return bool(written) and now - written[-1] <= WINDOW


def _words(kind: str, data: str) -> str:
    try:
        content = json.loads(data)
    except ValueError:
        raise invalid("data", "json", "text") from None
    if not isinstance(content, dict):
        raise invalid("data", "json object", type(content).__name__)
    if kind != "text":
        return json.dumps(content, ensure_ascii=False)
    words = str(content.get("text", "")).strip()
    if not words:
        raise Refusal(20008)
    if len(words) > MOST_CHARACTERS:
        raise Refusal(20013)
    return words


def receive(platform: Platform, fan: str, words: str, now: datetime) -> bytes:
    """A fan writes: the body that is pushed to the account's callback."""
    platform.letters.append(Letter(fan, words, now, ours=False))
    return pushed(platform, fan, "text", words, {}, now)


def pushed(platform: Platform, fan: str, kind: str, words: str, data: dict[str, Any], now: datetime) -> bytes:
    content = {
        "type": kind,
        "receiver_id": int(platform.terms.uid),
        "sender_id": int(fan),
        "created_at": moment(now),
        "text": words,
        "data": data,
    }
    return json.dumps(content, ensure_ascii=False).encode()


def signature(platform: Platform, random: Random, now: datetime) -> dict[str, str]:
    """The query of a push: the app's secret, milliseconds and a nonce, sorted, joined, SHA-1."""
    timestamp, nonce = str(int(now.timestamp() * 1000)), str(random.randrange(10_000_000, 100_000_000))
    joined = "".join(sorted([platform.terms.app_secret, timestamp, nonce]))
    digest = hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324 - the platform's rule
    return {"signature": digest, "timestamp": timestamp, "nonce": nonce}


def answered(platform: Platform, fan: str, answer: bytes, now: datetime) -> None:
    """The callback's body is a reply if it names account and fan the other way round; else it is ignored."""
    try:
        content = json.loads(answer)
        fits = content["sender_id"] == platform.terms.uid and content["receiver_id"] == fan
        words = _words(str(content["type"]), unquote(content["data"]))
    except (ValueError, KeyError, TypeError, Refusal):
        return
    if fits:
        platform.letters.append(Letter(fan, words, now, ours=True))


ROUTES = {"/2/messages/reply.json": Route("POST", reply)}
