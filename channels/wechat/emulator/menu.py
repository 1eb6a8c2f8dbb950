"""The menu at the foot of the chat."""

from collections.abc import Callable
from urllib.parse import urlsplit

from channels.wechat.emulator.calls import Call, Fields, Route, Routes, read_text
from channels.wechat.emulator.errors import Refusal

MAX_BUTTONS = 3
MAX_SUB_BUTTONS = 5
MAX_KEY = 128  # bytes, as all sizes here
MAX_URL = 1024
KEYED = {
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
}
MEDIA = {"media_id", "view_limited"}
ARTICLE = {"article_id", "article_view_limited"}


class Level:
    """The codes of the two rows of buttons, and how long a name may be in each."""

    def __init__(self, name_size: int, *codes: int) -> None:
        self.name_size = name_size
        self.bad_type, self.bad_name, self.bad_key, self.bad_url, self.bad_domain = codes


TOP = Level(16, 40017, 40018, 40019, 40020, 40055)
SUB = Level(60, 40024, 40025, 40026, 40027, 40054)


class Menu:
    """`has_material` and `has_article` tell whether the id in a button leads anywhere."""

    def __init__(self, has_material: Callable[[str], bool], has_article: Callable[[str], bool]) -> None:
        self._has_material = has_material
        self._has_article = has_article
        self.buttons: list[Fields] = []

    def routes(self) -> Routes:
        return {
            "menu/create": Route("POST", self.create),
            "menu/get": Route("GET", self.get),
            "menu/delete": Route("GET", self.delete),
        }

    def create(self, call: Call) -> object:
        buttons = call.fields(escapes=40033).get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= MAX_BUTTONS:
            raise Refusal(40016)
        self.buttons = [self._top(button) for button in buttons]
        return {"errcode": 0, "errmsg": "ok"}

    def get(self, call: Call) -> object:  # noqa: ARG002 - a call without arguments
        if not self.buttons:
            raise Refusal(46003)
        return {"menu": {"button": self.buttons}}

    def delete(self, call: Call) -> object:  # noqa: ARG002 - a call without arguments
        self.buttons = []
        return {"errcode": 0, "errmsg": "ok"}

    def _top(self, button: object) -> Fields:
        if not isinstance(button, dict):
            raise Refusal(40016)
        name = _name(button, TOP)
        below = button.get("sub_button")
        if not below:
            return {"name": name, **self._action(button, TOP), "sub_button": []}
        if not isinstance(below, list) or len(below) > MAX_SUB_BUTTONS:
            raise Refusal(40023)
        return {"name": name, "sub_button": [self._sub(each) for each in below]}

    def _sub(self, button: object) -> Fields:
        if not isinstance(button, dict):
            raise Refusal(40023)
        return {"name": _name(button, SUB), **self._action(button, SUB), "sub_button": []}

    def _action(self, button: Fields, level: Level) -> Fields:
        kind = read_text(button, "type")
        if not kind:
            raise Refusal(65308)
        if kind in KEYED:
            return {"type": kind, "key": _key(button, level)}
        if kind == "view":
            return {"type": kind, "url": _url(button, level)}
        if kind in MEDIA | ARTICLE:
            return {"type": kind, **self._content(button, kind)}
        if kind == "miniprogram":
            page = {name: read_text(button, name) for name in ("appid", "pagepath")}
            return {"type": kind, "url": _url(button, level), **page}
        raise Refusal(level.bad_type)

    def _content(self, button: Fields, kind: str) -> Fields:
        if kind in MEDIA:
            media_id = read_text(button, "media_id")
            if not self._has_material(media_id):
                raise Refusal(40007)
            return {"media_id": media_id}
        article_id = read_text(button, "article_id")
        if not self._has_article(article_id):
            raise Refusal(53600)
        return {"article_id": article_id}


def _name(button: Fields, level: Level) -> str:
    name = read_text(button, "name")
    if not 1 <= len(name.encode()) <= level.name_size:
        raise Refusal(level.bad_name)
    return name


def _key(button: Fields, level: Level) -> str:
    key = read_text(button, "key")
    if not 1 <= len(key.encode()) <= MAX_KEY:
        raise Refusal(level.bad_key)
    return key


def _url(button: Fields, level: Level) -> str:
    url = read_text(button, "url")
    if not 1 <= len(url.encode()) <= MAX_URL:
        raise Refusal(level.bad_url)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refusal(level.bad_domain) from None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise Refusal(level.bad_domain)
    return url
