"""Events and messages to the account's callback, signed, in its mode and form; and its answers, read."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from channels.wechat.emulator.crypto import Seal, signature
from channels.wechat.emulator.ids import Ids

Mode = Literal["plain", "compatible", "safe"]
Form = Literal["xml", "json"]
Value = str | int | float | Mapping[str, "Value"] | list["Value"]
Tree = dict[str, Value]


class Later(Protocol):
    """`Emulator.push_later`."""

    def __call__(
        self,
        query: dict[str, str],
        body: bytes,
        media_type: str,
        at: datetime,
        *,
        method: str = "POST",
        about: str = "",
    ) -> None: ...


@dataclass(frozen=True)
class Callback:
    """How the account's callback is set up; without a key everything goes in clear."""

    token: str
    mode: Mode
    form: Form
    seal: Seal | None

    @property
    def sealed(self) -> bool:
        return self.seal is not None and self.mode != "plain"


class Postman:
    """Sends pushes; `name` is the account's own id (gh_...), `helper` the sender of its events."""

    def __init__(self, callback: Callback, ids: Ids, later: Later) -> None:
        self._callback = callback
        self._ids = ids
        self._later = later
        self.name = f"gh_{ids.hex(12)}"
        self.helper = f"o{ids.text(27)}"

    def event(self, event: str, fields: Tree, at: datetime, *, to: str | None = None) -> None:
        """An event that concerns no follower: a job that is done."""
        head: Tree = {
            "ToUserName": self.name if to is None else to,
            "FromUserName": self.helper,
            "CreateTime": int(at.timestamp()),
            "MsgType": "event",
            "Event": event,
        }
        self._send(head | fields, self.helper, at, about="")

    def from_follower(self, openid: str, fields: Tree, at: datetime, about: str) -> None:
        head: Tree = {"ToUserName": self.name, "FromUserName": openid, "CreateTime": int(at.timestamp())}
        self._send(head | fields, openid, at, about)

    def check_address(self, at: datetime) -> str:
        """Asks the callback to prove itself; the answer it must give."""
        echo = self._ids.digits(19)
        self._later(
            self._signed(at) | {"echostr": echo}, b"", "text/plain", at, method="GET", about=f"echo:{echo}"
        )
        return echo

    def read_answer(self, answer: bytes) -> Tree:
        """The reply inside an answer; nothing for "success". Raises ValueError for what shows as a fault."""
        text = answer.decode("utf-8").strip()
        if text in {"", "success"}:
            return {}
        reply = _read(text)
        if "Encrypt" in reply:
            return _read(self._opened(reply).decode("utf-8"))
        if self._callback.sealed and self._callback.mode == "safe":
            raise ValueError("not encrypted")
        return reply

    def _send(self, fields: Tree, openid: str, at: datetime, about: str) -> None:
        query = self._signed(at) | {"openid": openid}
        if self._callback.sealed:
            fields = self._sealed(fields)
            encrypted = str(fields["Encrypt"])
            query["encrypt_type"] = "aes"
            query["msg_signature"] = signature(
                self._callback.token, query["timestamp"], query["nonce"], encrypted
            )
        media_type = "text/xml" if self._callback.form == "xml" else "application/json"
        self._later(query, self._written(fields), media_type, at, about=about)

    def _signed(self, at: datetime) -> dict[str, str]:
        timestamp, nonce = str(int(at.timestamp())), self._ids.digits(10)
        return {
            "signature": signature(self._callback.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
        }

    def _sealed(self, fields: Tree) -> Tree:
        if self._callback.seal is None:
            return fields
        encrypted = self._callback.seal.encrypt(self._written(fields))
        clear = fields if self._callback.mode == "compatible" else {"ToUserName": fields["ToUserName"]}
        return clear | {"Encrypt": encrypted}

    def _opened(self, reply: Tree) -> bytes:
        if self._callback.seal is None:
            raise ValueError("an encrypted answer to a plain push")
        encrypted = str(reply["Encrypt"])
        parts = [str(reply.get(name, "")) for name in ("TimeStamp", "Nonce")]
        if signature(self._callback.token, *parts, encrypted) != reply.get("MsgSignature"):
            raise ValueError("signature of the answer is wrong")
        return self._callback.seal.decrypt(encrypted)

    def _written(self, fields: Tree) -> bytes:
        if self._callback.form == "json":
            return json.dumps(fields, ensure_ascii=False).encode()
        return f"<xml>{_elements(fields)}</xml>".encode()


def _elements(fields: Mapping[str, Value]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Value) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_elements(value)}</{name}>"
    if isinstance(value, str):
        safe = value.replace("]]>", "]]]]><![CDATA[>")
        return f"<{name}><![CDATA[{safe}]]></{name}>"
    return f"<{name}>{value}</{name}>"


def _read(text: str) -> Tree:
    if text.startswith("{"):
        read: Tree = json.loads(text)
        return read
    try:
        root = ET.fromstring(text)  # noqa: S314 - our own callback's answer
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    if root.tag != "xml":
        raise ValueError("the root is not xml")
    return {child.tag: _value(child) for child in root}


def _value(element: ET.Element) -> Value:
    if len(element) == 0:
        return element.text or ""
    children: Tree = {}
    for child in element:
        value = _value(child)
        before = children.get(child.tag)
        if before is None:
            children[child.tag] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            children[child.tag] = [before, value]
    return children
