"""Pictures and material: what is taken, told by the bytes."""

import json
from typing import Any

import pytest

from tests.channels.wechat.emulated import JPEG, PNG, Platform, picture

MB = 1024 * 1024
WEBP = picture("WEBP")
GIF = picture("GIF")
BMP = picture("BMP", (20, 20))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'
MP3 = b"ID3" + b"\0" * 100
AMR = b"#!AMR\n" + b"\0" * 100
WAV = b"RIFF\0\0\0\0WAVE" + b"\0" * 100
MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 100
ADD = "material/add_material"


@pytest.fixture
def platform() -> Platform:
    return Platform()


def padded(content: bytes, size: int) -> bytes:
    return content + b"\0" * (size - len(content))


@pytest.mark.parametrize("content", [PNG, JPEG])
def test_a_picture_of_the_text_lies_at_the_address_it_is_given(platform: Platform, content: bytes) -> None:
    url = platform.upload("media/uploadimg", content)["url"]
    assert url.startswith("http://127.0.0.1:8800/mmbiz/")
    assert platform.page(url).body == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 44001),
        (b"just text", 40005),
        (GIF, 40005),
        (BMP, 40005),
        (WEBP, 40005),
        (SVG, 40005),
        (padded(JPEG, MB), 40009),
        (PNG[:60], 40137),
        (picture(size=(2, 2)), 40137),
    ],
)
def test_other_files_are_no_pictures_of_the_text(platform: Platform, content: bytes, code: int) -> None:
    assert platform.upload("media/uploadimg", content)["errcode"] == code


def test_a_picture_just_below_one_megabyte_is_taken(platform: Platform) -> None:
    assert "url" in platform.upload("media/uploadimg", padded(JPEG, MB - 1))


def test_the_file_must_be_in_the_field_media(platform: Platform) -> None:
    assert platform.upload("media/uploadimg", PNG, name="file")["errcode"] == 41005
    assert platform.raw("media/uploadimg", PNG)["errcode"] == 41005


@pytest.mark.parametrize(
    ("type_", "content"),
    [
        ("image", PNG),
        ("image", JPEG),
        ("image", GIF),
        ("image", BMP),
        ("image", padded(JPEG, 10 * MB)),
        ("thumb", JPEG),
        ("voice", MP3),
        ("voice", AMR),
        ("voice", WAV),
    ],
)
def test_material_of_each_type_is_kept(platform: Platform, type_: str, content: bytes) -> None:
    added = platform.upload(ADD, content, type=type_)
    kept = platform.call("POST", "material/get_material", body=json.dumps(added).encode()).response
    assert kept.body == content
    assert ("url" in added) == (type_ in {"image", "thumb"})


@pytest.mark.parametrize(
    ("type_", "content", "code"),
    [
        ("image", WEBP, 40113),
        ("image", SVG, 40113),
        ("image", MP4, 40005),
        ("image", padded(JPEG, 10 * MB + 1), 40009),
        ("image", b"\xff\xd8\xffbroken", 40137),
        ("thumb", PNG, 40005),
        ("thumb", padded(JPEG, 64 * 1024 + 1), 40012),
        ("voice", JPEG, 40005),
        ("voice", padded(MP3, 2 * MB + 1), 40010),
        ("video", JPEG, 40005),
        ("video", padded(MP4, 10 * MB + 1), 40011),
        ("news", JPEG, 40004),
        ("", JPEG, 40004),
        ("image", b"", 44001),
    ],
)
def test_material_that_breaks_a_rule_is_refused(
    platform: Platform, type_: str, content: bytes, code: int
) -> None:
    assert platform.upload(ADD, content, type=type_)["errcode"] == code


def test_a_video_brings_its_description_as_a_form_field(platform: Platform) -> None:
    description = json.dumps({"title": "政务公开日", "introduction": "活动记录"}, ensure_ascii=False)
    added = platform.upload(ADD, MP4, fields={"description": description}, type="video")
    told = platform.post("material/get_material", {"media_id": added["media_id"]})
    assert (told["title"], told["description"]) == ("政务公开日", "活动记录")
    assert platform.page(told["down_url"]).body == MP4


def test_a_video_with_its_description_in_the_address_is_refused(platform: Platform) -> None:
    description = '{"title": "a", "introduction": "b"}'
    assert platform.upload(ADD, MP4, type="video", description=description)["errcode"] == 41011


def test_deleted_material_is_gone(platform: Platform) -> None:
    wanted = {"media_id": platform.cover()}
    assert platform.post("material/del_material", wanted)["errcode"] == 0
    assert platform.post("material/del_material", wanted)["errcode"] == 40007
    assert platform.post("material/get_material", {})["errcode"] == 41006


def test_material_is_counted_and_listed_newest_first(platform: Platform) -> None:
    covers = [platform.cover() for _ in range(3)]
    platform.upload(ADD, MP3, type="voice")
    platform.upload("media/uploadimg", PNG)
    assert platform.get("material/get_materialcount") == {
        "voice_count": 1,
        "video_count": 0,
        "image_count": 3,
        "news_count": 0,
    }
    page = platform.post("material/batchget_material", {"type": "image", "offset": 1, "count": 2})
    assert [item["media_id"] for item in page["item"]] == covers[1::-1]
    assert (page["total_count"], page["item_count"]) == (3, 2)


@pytest.mark.parametrize("fields", [{"count": 0}, {"count": 21}, {"offset": -1}])
def test_a_page_has_one_to_twenty_items(platform: Platform, fields: dict[str, int]) -> None:
    asked: dict[str, Any] = {"type": "image", "offset": 0, "count": 20} | fields
    assert platform.post("material/batchget_material", asked)["errcode"] == 40097


def test_temporary_material_lives_three_days_and_is_no_cover(platform: Platform) -> None:
    uploaded = platform.upload("media/upload", JPEG, type="image")
    asked = {"media_id": uploaded["media_id"]}
    assert uploaded["created_at"] == int(platform.now.timestamp())
    assert platform.call("GET", "media/get", asked).response.body == JPEG
    assert platform.post("draft/add", {"articles": [_with_cover(uploaded["media_id"])]})["errcode"] == 40007
    platform.later(days=3)
    platform.sign_in()
    assert platform.get("media/get", **asked)["errcode"] == 40007


def test_a_temporary_thumb_is_named_by_a_field_of_its_own(platform: Platform) -> None:
    assert "thumb_media_id" in platform.upload("media/upload", JPEG, type="thumb")


def _with_cover(media_id: str) -> dict[str, str]:
    return {"title": "题", "content": "文", "thumb_media_id": media_id}
