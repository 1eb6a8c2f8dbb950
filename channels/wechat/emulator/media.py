"""Pictures of the text, permanent and temporary material."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from channels.emulator import File, Response
from channels.wechat.emulator import formats
from channels.wechat.emulator.calls import Call, Fields, Route, Routes, read_page, read_text
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.ids import Ids

KB = 1024
MB = 1024 * 1024
TEMPORARY_LIFE = timedelta(days=3)
MAX_PICTURES = 100_000
MAX_OTHERS = 1000


@dataclass(frozen=True)
class Rule:
    """What one type of material must be; `too_large` is the code for a file beyond `limit` bytes."""

    limit: int
    too_large: int
    formats: frozenset[str]
    sniff: Callable[[bytes], str]
    modern: int = 40005  # the code for webp and svg


TEXT_PICTURE = Rule(MB - 1, 40009, frozenset({"png", "jpeg"}), formats.picture_format)
RULES = {
    "image": Rule(10 * MB, 40009, frozenset({"png", "jpeg", "gif", "bmp"}), formats.picture_format, 40113),
    "thumb": Rule(64 * KB, 40012, frozenset({"jpeg"}), formats.picture_format),
    "voice": Rule(2 * MB, 40010, frozenset({"mp3", "wma", "wav", "amr"}), formats.voice_format),
    "video": Rule(10 * MB, 40011, frozenset({"mp4"}), formats.video_format),
}


@dataclass(frozen=True)
class Picture:
    """A picture at an address of the platform."""

    id: str
    content: bytes
    media_type: str
    url: str
    size: tuple[int, int]


@dataclass(frozen=True)
class Material:
    media_id: str
    type: str
    name: str
    content: bytes
    media_type: str
    at: datetime
    picture: Picture | None = None
    title: str = ""
    introduction: str = ""
    ends: datetime | None = None  # None: permanent

    @property
    def url(self) -> str:
        return self.picture.url if self.picture else ""


class Library:
    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.pictures: dict[str, Picture] = {}
        self._materials: dict[str, Material] = {}
        self._hosts: set[str] = set()

    def routes(self) -> Routes:
        return {
            "media/uploadimg": Route("POST", self.upload_picture),
            "media/upload": Route("POST", self.upload_temporary),
            "media/get": Route("GET", self.get_temporary),
            "media/uploadvideo": Route("POST", self.upload_mass_video),
            "material/add_material": Route("POST", self.add),
            "material/get_material": Route("POST", self.get),
            "material/del_material": Route("POST", self.delete),
            "material/batchget_material": Route("POST", self.page),
            "material/get_materialcount": Route("GET", self.count),
        }

    def upload_picture(self, call: Call) -> object:
        file = call.file()
        kind = _checked(file, TEXT_PICTURE)
        return {"url": self._keep_picture(file, kind, call.base).url}

    def upload_temporary(self, call: Call) -> object:
        material = self._read(call, ends=call.at + TEMPORARY_LIFE)
        name = "thumb_media_id" if material.type == "thumb" else "media_id"
        return {
            "type": material.type,
            name: material.media_id,
            "created_at": int(call.at.timestamp()),
            "item": [],
        }

    def get_temporary(self, call: Call) -> object:
        material = self.find(call.request.query.get("media_id", ""), call.at)
        if material is None or material.ends is None:
            raise Refusal(40007)
        if material.type == "video":
            return {"video_url": f"{call.base}/media/{material.media_id}"}
        return Response(material.content, media_type=material.media_type)

    def upload_mass_video(self, call: Call) -> object:
        fields = call.fields()
        self.find_or_refuse(read_text(fields, "media_id"), call.at, {"video"})
        return {
            "type": "video",
            "media_id": read_text(fields, "media_id"),
            "created_at": int(call.at.timestamp()),
        }

    def add(self, call: Call) -> object:
        material = self._read(call, ends=None)
        answer: dict[str, object] = {"media_id": material.media_id, "item": []}
        if material.picture:
            answer["url"] = material.url
        return answer

    def get(self, call: Call) -> object:
        material = self._permanent_or_refuse(call.fields())
        if material.type == "video":
            return {
                "title": material.title,
                "description": material.introduction,
                "down_url": f"{call.base}/media/{material.media_id}",
            }
        return Response(material.content, media_type=material.media_type)

    def delete(self, call: Call) -> object:
        material = self._permanent_or_refuse(call.fields())
        del self._materials[material.media_id]
        return {"errcode": 0, "errmsg": "ok"}

    def page(self, call: Call) -> object:
        fields = call.fields()
        kind = read_text(fields, "type")
        if kind not in {"image", "voice", "video", "news"}:
            raise Refusal(40004)
        offset, count = read_page(fields)
        found = [each for each in self._permanents() if each.type == kind][::-1]
        items = [_listed(each) for each in found[offset : offset + count]]
        return {"item": items, "total_count": len(found), "item_count": len(items)}

    def count(self, call: Call) -> object:  # noqa: ARG002 - a call without arguments
        counts = Counter(material.type for material in self._permanents())
        return {
            "voice_count": counts["voice"],
            "video_count": counts["video"],
            "image_count": counts["image"] + counts["thumb"],
            "news_count": 0,
        }

    def find(self, media_id: str, at: datetime) -> Material | None:
        material = self._materials.get(media_id)
        if material is None or (material.ends and material.ends <= at):
            return None
        return material

    def find_or_refuse(self, media_id: str, at: datetime, types: set[str]) -> Material:
        material = self.find(media_id, at)
        if material is None or material.type not in types:
            raise Refusal(40007)
        return material

    def has_permanent(self, media_id: str) -> bool:
        material = self._materials.get(media_id)
        return material is not None and material.ends is None

    def permanent_url(self, media_id: str) -> str:
        """Where a permanent picture lies; nothing once it was deleted."""
        material = self._materials.get(media_id)
        return material.url if material else ""

    def permanent(self, media_id: str, types: set[str]) -> Material:
        """Permanent material of one of these types; anything else is refused."""
        material = self._materials.get(media_id)
        if material is None or material.ends or material.type not in types:
            raise Refusal(40007)
        return material

    def knows(self, src: str) -> bool:
        """Whether an img's src, as it stands in the HTML, is a picture of the platform."""
        try:
            address = urlsplit(unescape(src))
        except ValueError:
            return False
        found = re.match(r"/mmbiz/([\w-]+)", address.path)
        return bool(found and found[1] in self.pictures and address.netloc in self._hosts)

    def content_at(self, path: str) -> Response | None:
        """What lies at an address of a picture or video."""
        found = re.match(r"/mmbiz/([\w-]+)", path)
        if found and (picture := self.pictures.get(found[1])):
            return Response(picture.content, media_type=picture.media_type)
        material = self._materials.get(path.removeprefix("/media/"))
        return Response(material.content, media_type=material.media_type) if material else None

    def _read(self, call: Call, ends: datetime | None) -> Material:
        fields, _ = call.form()
        type_ = call.request.query.get("type") or fields.get("type", "")
        if type_ not in RULES:
            raise Refusal(40004)
        file = call.file()
        kind = _checked(file, RULES[type_])
        permanent_video = type_ == "video" and ends is None
        title, introduction = _description(fields) if permanent_video else ("", "")
        if ends is None:
            self._make_room(type_)
        material = Material(
            self._ids.text(43 if ends is None else 64),
            type_,
            file.name,
            file.content,
            formats.MEDIA_TYPES[kind],
            call.at,
            self._keep_picture(file, kind, call.base) if type_ in {"image", "thumb"} else None,
            title,
            introduction,
            ends,
        )
        self._materials[material.media_id] = material
        return material

    def _keep_picture(self, file: File, kind: str, base: str) -> Picture:
        size = formats.picture_size(file.content)
        id_ = self._ids.text(40)
        url = f"{base}/mmbiz/{id_}/0?wx_fmt={kind}&from=appmsg"
        self._hosts.add(urlsplit(base).netloc)
        self.pictures[id_] = Picture(id_, file.content, formats.MEDIA_TYPES[kind], url, size)
        return self.pictures[id_]

    def _make_room(self, type_: str) -> None:
        pictures = {"image", "thumb"}
        limit = MAX_PICTURES if type_ in pictures else MAX_OTHERS
        alike = pictures if type_ in pictures else {type_}
        if sum(material.type in alike for material in self._permanents()) >= limit:
            raise Refusal(45034)

    def _permanents(self) -> list[Material]:
        return [material for material in self._materials.values() if material.ends is None]

    def _permanent_or_refuse(self, fields: Fields) -> Material:
        media_id = read_text(fields, "media_id")
        if not media_id:
            raise Refusal(41006)
        return self.permanent(media_id, set(RULES))


def _checked(file: File, rule: Rule) -> str:
    kind = rule.sniff(file.content)
    if kind not in rule.formats:
        raise Refusal(rule.modern if kind in {"webp", "svg"} else 40005)
    if len(file.content) > rule.limit:
        raise Refusal(rule.too_large)
    return kind


def _description(fields: dict[str, str]) -> tuple[str, str]:
    """Title and introduction of a video, a form field of their own beside the file."""
    try:
        description: Any = json.loads(fields["description"])
        return str(description["title"]), str(description["introduction"])
    except (KeyError, TypeError, ValueError):
        raise Refusal(41011, "description") from None


def _listed(material: Material) -> dict[str, object]:
    listed: dict[str, object] = {
        "media_id": material.media_id,
        "name": material.title or material.name,
        "update_time": int(material.at.timestamp()),
    }
    if material.picture:
        listed["url"] = material.url
    return listed
