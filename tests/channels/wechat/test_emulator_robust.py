"""Whatever a client sends, it gets an answer of the platform and never breaks the emulator."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.wechat.emulator.quotas import DAILY
from tests.channels.wechat.emulated import Platform

PLATFORM = Platform(account="service", quotas=dict.fromkeys(DAILY, 10**9))
PATHS = sorted(PLATFORM.emulator.routes())
NAMES = [
    "media_id",
    "articles",
    "index",
    "offset",
    "count",
    "publish_id",
    "article_id",
    "msg_id",
    "article_idx",
    "filter",
    "is_to_all",
    "tag_id",
    "touser",
    "towxname",
    "msgtype",
    "text",
    "content",
    "button",
    "sub_button",
    "name",
    "type",
    "openid",
    "openid_list",
    "user_list",
    "tag",
    "tagid",
    "title",
    "thumb_media_id",
    "cover_info",
    "crop_percent_list",
    "image_info",
    "image_list",
    "speed",
    "msg_data_id",
    "user_comment_id",
    "command",
    "cgi_path",
    "news",
    "images",
    "media_ids",
    "clientmsgid",
    "next_openid",
]
WORDS = ["", "x", "text", "news", "mpnews", "images", "newspic", "click", "view", "1", "Typing", "follower1"]
SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 60) | st.floats(allow_nan=False) | st.sampled_from(WORDS)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)


@given(st.sampled_from(PATHS), BODIES)
@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_json_is_answered(path: str, fields: dict[str, Any]) -> None:
    assert PLATFORM.call("POST", path, body=json.dumps(fields).encode()).json()


@given(st.sampled_from(PATHS), st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WORDS), max_size=3))
@settings(max_examples=200, deadline=None)
def test_any_query_is_answered(path: str, query: dict[str, str]) -> None:
    assert PLATFORM.call("GET", path, query).json()


@given(st.sampled_from(["media/uploadimg", "media/upload", "material/add_material"]), st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_file_is_answered(path: str, content: bytes) -> None:
    assert PLATFORM.upload(path, content, type="image")["errcode"]


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_multipart_body_is_answered(body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert PLATFORM.call("POST", "media/uploadimg", {}, body, headers).json()["errcode"]
