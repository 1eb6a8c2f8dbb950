"""Followers and the tags they are grouped by."""

from dataclasses import dataclass, field
from datetime import datetime

from channels.wechat.emulator.calls import Call, Fields, Route, Routes, read_number, read_text
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.ids import Ids

A_PAGE = 10_000
MAX_BATCH = 100
MAX_TAGS = 100
MAX_TAG_NAME = 30  # bytes
MAX_TAGGED = 50
TAGS_PER_FOLLOWER = 20
SYSTEM_TAGS = {0, 1, 2}


@dataclass
class Follower:
    openid: str
    wxname: str
    since: datetime
    subscribed: bool = True
    blocks: bool = False  # takes no broadcasts and no messages
    remark: str = ""
    scene: str = "ADD_SCENE_SEARCH"
    tags: list[int] = field(default_factory=list)

    def info(self) -> dict[str, object]:
        if not self.subscribed:
            return {"subscribe": 0, "openid": self.openid, "tagid_list": []}
        return {
            "subscribe": 1,
            "openid": self.openid,
            "nickname": "",
            "sex": 0,
            "language": "zh_CN",
            "city": "",
            "province": "",
            "country": "",
            "headimgurl": "",
            "subscribe_time": int(self.since.timestamp()),
            "remark": self.remark,
            "groupid": self.tags[0] if self.tags else 0,
            "tagid_list": self.tags,
            "subscribe_scene": self.scene,
            "qr_scene": 0,
            "qr_scene_str": "",
        }


class Followers:
    def __init__(self, number: int, ids: Ids, since: datetime) -> None:
        self._ids = ids
        openids = [f"o{ids.text(27)}" for _ in range(number)]
        self._by_openid = {
            openid: Follower(openid, f"follower{place}", since)
            for place, openid in enumerate(openids, start=1)
        }
        self._by_wxname = {follower.wxname: follower for follower in self._by_openid.values()}
        self._tags: dict[int, str] = {2: "星标组"}

    def routes(self) -> Routes:
        return {
            "user/get": Route("GET", self.page),
            "user/info": Route("GET", self.info),
            "user/info/batchget": Route("POST", self.infos),
            "user/info/updateremark": Route("POST", self.set_remark),
            "tags/create": Route("POST", self.create_tag),
            "tags/get": Route("GET", self.list_tags),
            "tags/update": Route("POST", self.rename_tag),
            "tags/delete": Route("POST", self.delete_tag),
            "tags/members/batchtagging": Route("POST", self.tag),
            "tags/members/batchuntagging": Route("POST", self.untag),
            "tags/getidlist": Route("POST", self.tags_of),
            "user/tag/get": Route("POST", self.tagged_page),
        }

    def page(self, call: Call) -> object:
        return _page(
            [follower.openid for follower in self.present()], call.request.query.get("next_openid", "")
        )

    def info(self, call: Call) -> object:
        return self.known(call.request.query.get("openid", "")).info()

    def infos(self, call: Call) -> object:
        wanted = call.fields().get("user_list")
        if not isinstance(wanted, list) or not wanted:
            raise Refusal(40031)
        if len(wanted) > MAX_BATCH:
            raise Refusal(40032)
        openids = [read_text(each, "openid") if isinstance(each, dict) else "" for each in wanted]
        return {"user_info_list": [self.known(openid).info() for openid in openids]}

    def set_remark(self, call: Call) -> object:
        fields = call.fields()
        self.known(read_text(fields, "openid")).remark = read_text(fields, "remark")
        return _ok()

    def create_tag(self, call: Call) -> object:
        name = self._tag_name(call.fields())
        if len(self._tags) >= MAX_TAGS:
            raise Refusal(45056)
        tag = next(self._ids.tag)
        self._tags[tag] = name
        return {"tag": {"id": tag, "name": name}}

    def list_tags(self, call: Call) -> object:  # noqa: ARG002 - a call without arguments
        return {
            "tags": [
                {"id": tag, "name": name, "count": len(self.tagged(tag))} for tag, name in self._tags.items()
            ]
        }

    def rename_tag(self, call: Call) -> object:
        fields = call.fields()
        tag = self._own_tag(_tag_object(fields), "id")
        self._tags[tag] = self._tag_name(fields)
        return _ok()

    def delete_tag(self, call: Call) -> object:
        tag = self._own_tag(_tag_object(call.fields()), "id")
        del self._tags[tag]
        for follower in self.tagged(tag):
            follower.tags.remove(tag)
        return _ok()

    def tag(self, call: Call) -> object:
        tag, followers = self._tagging(call)
        if any(
            len(follower.tags) >= TAGS_PER_FOLLOWER and tag not in follower.tags for follower in followers
        ):
            raise Refusal(45059)
        for follower in followers:
            follower.tags = [*(each for each in follower.tags if each != tag), tag]
        return _ok()

    def untag(self, call: Call) -> object:
        tag, followers = self._tagging(call)
        for follower in followers:
            follower.tags = [each for each in follower.tags if each != tag]
        return _ok()

    def tags_of(self, call: Call) -> object:
        return {"tagid_list": self.known(read_text(call.fields(), "openid")).tags}

    def tagged_page(self, call: Call) -> object:
        fields = call.fields()
        tag = self._existing_tag(fields, "tagid")
        page = _page([follower.openid for follower in self.tagged(tag)], read_text(fields, "next_openid"))
        return {name: value for name, value in page.items() if name != "total"}

    def present(self) -> list[Follower]:
        return [follower for follower in self._by_openid.values() if follower.subscribed]

    def tagged(self, tag: int) -> list[Follower]:
        return [follower for follower in self.present() if tag in follower.tags]

    def has_tag(self, tag: int) -> bool:
        return tag in self._tags

    def known(self, openid: str) -> Follower:
        if not openid:
            raise Refusal(41009)
        follower = self._by_openid.get(openid)
        if follower is None:
            raise Refusal(40003)
        return follower

    def following(self, openid: str) -> Follower:
        follower = self.known(openid)
        if not follower.subscribed:
            raise Refusal(43004)
        return follower

    def named(self, wxname: str) -> Follower:
        follower = self._by_wxname.get(wxname)
        if follower is None:
            raise Refusal(40132)
        return follower

    def find(self, openid: str) -> Follower | None:
        return self._by_openid.get(openid)

    def join(self, openid: str, at: datetime) -> Follower:
        """Somebody follows, for the first time or again."""
        follower = self._by_openid.get(openid)
        if follower is None:
            follower = Follower(openid, f"follower{len(self._by_openid) + 1}", at)
            self._by_openid[openid] = follower
            self._by_wxname[follower.wxname] = follower
        follower.subscribed, follower.since = True, at
        return follower

    def _tag_name(self, fields: Fields) -> str:
        name = read_text(_tag_object(fields), "name")
        if not name or name in self._tags.values():
            raise Refusal(45157)
        if len(name.encode()) > MAX_TAG_NAME:
            raise Refusal(45158)
        return name

    def _own_tag(self, fields: Fields, name: str) -> int:
        tag = read_number(fields, name, -1)
        if tag in SYSTEM_TAGS:
            raise Refusal(45058)
        return self._existing_tag(fields, name)

    def _existing_tag(self, fields: Fields, name: str) -> int:
        tag = read_number(fields, name, -1)
        if tag not in self._tags:
            raise Refusal(45159)
        return tag

    def _tagging(self, call: Call) -> tuple[int, list[Follower]]:
        fields = call.fields()
        openids = fields.get("openid_list")
        if not isinstance(openids, list) or not openids:
            raise Refusal(40031)
        if len(openids) > MAX_TAGGED:
            raise Refusal(40032)
        tag = self._existing_tag(fields, "tagid")
        return tag, [self.following(str(openid)) for openid in openids]


def _tag_object(fields: Fields) -> Fields:
    tag = fields.get("tag")
    if not isinstance(tag, dict):
        raise Refusal(47001, "tag")
    return tag


def _page(openids: list[str], after: str) -> dict[str, object]:
    if after and after not in openids:
        raise Refusal(40003)
    start = openids.index(after) + 1 if after else 0
    page = openids[start : start + A_PAGE]
    answer: dict[str, object] = {"total": len(openids), "count": len(page)}
    if page:
        answer["data"] = {"openid": page}
    return answer | {"next_openid": page[-1] if page else ""}


def _ok() -> object:
    return {"errcode": 0, "errmsg": "ok"}
