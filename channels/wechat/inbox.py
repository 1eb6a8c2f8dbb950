"""Pushes from the platform: proved, decrypted and read. No push, however odd, breaks it.

https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
"""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from xml.parsers import expat

from wechatpy.crypto import PrpCrypto

from channels.base import Finished, Forbidden, Push, Receipt, Received
from channels.wechat import outcomes
from channels.wechat.outcomes import Outcome, addresses_in, many

SUCCESS = Received(b"success")
PUBLISHED_EVENTS = frozenset({"publishjobfinish", "freepublishjobfinish"})
BROADCAST_EVENT = "masssendjobfinish"
COUNTS = {
    "totalcount": "total_count",
    "filtercount": "filter_count",
    "sentcount": "sent_count",
    "errorcount": "error_count",
}

Node = Mapping[str, Any]  # names in lower case; several children of one name are a list
log = logging.getLogger(__name__)


class Unreadable(Exception):
    """A push that is neither XML nor JSON, or not as the platform makes it."""


class Inbox:
    """`aes_keys`: the present one and the one before; with a present one only encrypted pushes are let in."""

    def __init__(self, appid: str, token: str, aes_keys: Sequence[str]) -> None:
        self._appid, self._token = appid, token
        self._ciphers = [PrpCrypto(base64.b64decode(f"{key}=")) for key in aes_keys if key]
        self._encrypted = bool(aes_keys and aes_keys[0])

    def receive(self, push: Push) -> Received:
        if push.method.upper() == "GET":
            self._prove(push.query, "signature")
            return Received(push.query.get("echostr", "").encode())
        try:
            message = self._opened(push)
        except Unreadable as error:
            log.warning("WeChat pushed what cannot be read: %s", error)
            return SUCCESS
        finished = finished_by(message)
        return Received(SUCCESS.answer, finished=finished) if finished else SUCCESS

    def _opened(self, push: Push) -> Node:
        """The message inside. What a compatible push says beside its Encrypt is not signed, and not read."""
        if not self._encrypted:
            self._prove(push.query, "signature")
            return parsed(push.body)
        encrypted = self._encrypted_part(push)
        self._prove(push.query, "msg_signature", encrypted)
        return parsed(self._decrypted(encrypted))

    def _encrypted_part(self, push: Push) -> str:
        try:
            encrypted = parsed(push.body).get("encrypt")
        except Unreadable:
            encrypted = None
        if not isinstance(encrypted, str):
            raise Forbidden
        return encrypted

    def _prove(self, query: Mapping[str, str], name: str, *signed: str) -> None:
        parts = sorted((self._token, query.get("timestamp", ""), query.get("nonce", ""), *signed))
        right = hashlib.sha1("".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        given = query.get(name, "").encode("utf-8", "replace")
        if not self._token or not hmac.compare_digest(right.encode(), given):
            raise Forbidden

    def _decrypted(self, encrypted: str) -> bytes:
        for cipher in self._ciphers:
            try:
                text: str = cipher.decrypt(encrypted, self._appid)
            except Exception:  # noqa: S112 - a wrong key makes wechatpy raise anything
                continue
            return text.encode()
        raise Unreadable("no key opens it")


def finished_by(message: Node) -> Finished | None:
    """The outcome that a finish event tells; None for everything else."""
    event = str(message.get("event", "")).strip().lower()
    if event in PUBLISHED_EVENTS:
        return _publishing_finished(message)
    if event == BROADCAST_EVENT:
        return _broadcast_finished(message)
    return None


def parsed(body: bytes) -> Node:
    """XML below one root, or a JSON object. Raises Unreadable."""
    try:
        if body.lstrip()[:1] == b"{":
            found = _folded(json.loads(body))
        else:
            found = _Tree().read(body)
    except (ValueError, LookupError, RecursionError, expat.ExpatError) as error:
        raise Unreadable(type(error).__name__) from None
    if not isinstance(found, dict):
        raise Unreadable("not an object")
    return found


def _publishing_finished(message: Node) -> Finished | None:
    info = _node(message.get("publisheventinfo")) or message
    reference = str(info.get("publish_id", "")).strip()
    detail = _node(info.get("article_detail"))
    outcome = outcomes.of_publishing(
        reference,
        info.get("publish_status"),
        info.get("article_id"),
        addresses_in(many(detail.get("item")), "idx", "article_url"),
        many(info.get("fail_idx")),
    )
    return _finished(reference, outcome)


def _broadcast_finished(message: Node) -> Finished | None:
    reference = str(message.get("msgid", "")).strip()
    results = _node(_node(message.get("articleurlresult")).get("resultlist"))
    counts = {word: str(message[name]).strip() for name, word in COUNTS.items() if message.get(name)}
    outcome = outcomes.of_broadcast(
        reference,
        str(message.get("status", "")),
        addresses_in(many(results.get("item")), "articleidx", "articleurl"),
        counts,
    )
    return _finished(reference, outcome)


def _finished(reference: str, outcome: Outcome) -> Finished | None:
    if not reference or outcome is None:
        return None
    if isinstance(outcome, Receipt):
        return Finished(reference, receipt=outcome)
    return Finished(reference, error=outcome)


def _node(value: object) -> Node:
    return value if isinstance(value, dict) else {}


def _folded(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name).lower(): _folded(child) for name, child in value.items()}
    return [_folded(child) for child in value] if isinstance(value, list) else value


class _Tree:
    """Reads XML into Nodes; entity declarations are refused."""

    def __init__(self) -> None:
        self._open: list[tuple[str, dict[str, Any], list[str]]] = [("", {}, [])]

    def read(self, body: bytes) -> Any:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.EntityDeclHandler = self._refuse
        parser.Parse(body, True)
        (root,) = self._open[0][1].values()
        return root

    def _start(self, name: str, _attributes: object) -> None:
        self._open.append((name.lower(), {}, []))

    def _data(self, data: str) -> None:
        self._open[-1][2].append(data)

    def _end(self, _name: str) -> None:
        name, children, text = self._open.pop()
        siblings = self._open[-1][1]
        value: Any = children or "".join(text)
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

    def _refuse(self, *_declaration: object) -> None:
        raise ValueError("entity declaration")
