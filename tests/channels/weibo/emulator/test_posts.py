"""Posting, reading, counting and deleting, by the platform's rules."""

import json
from datetime import timedelta
from typing import Any

import pytest

from channels.emulator import Request
from channels.weibo.emulator import Emulator
from tests.channels.weibo.office import SOURCE, a_noisy_picture, a_picture, call, request
from tests.support import StandingClock

SHARE = "/2/statuses/share.json"
TIMELINE = "/2/statuses/user_timeline.json"


def share(emulator: Emulator, text: str, **params: str) -> Any:
    return call(emulator, "POST", SHARE, **({"status": text, "rip": "192.0.2.1"} | params))


def share_picture(emulator: Emulator, content: bytes) -> Any:
    fields = {
        "access_token": emulator.platform.terms.access_token,
        "status": f"图 {SOURCE}",
        "rip": "192.0.2.1",
    }
    part = '--edge\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    head = "".join(part.format(name, value) for name, value in fields.items())
    head += '--edge\r\nContent-Disposition: form-data; name="pic"; filename="a.png"\r\n'
    body = head.encode() + b"Content-Type: image/png\r\n\r\n" + content + b"\r\n--edge--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    return json.loads(emulator.handle(Request("POST", SHARE, headers=headers, body=body)).body)


def code(answer: Any) -> int:
    return int(answer["error_code"])


def test_the_answer_names_the_post_with_a_number_that_went_through_a_float(emulator: Emulator) -> None:
    answer = share(emulator, f"通告 {SOURCE}")
    assert answer["created_at"] == "Mon Nov 23 10:00:00 +0800 2026"
    assert answer["idstr"] == answer["mid"] == emulator.shown()[0].id
    assert str(answer["id"]) != answer["idstr"]
    assert abs(answer["id"] - int(answer["idstr"])) < 10_000
    assert answer["text"].startswith("通告 http://t.cn/A6")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", 20008),
        ("没有链接", 10017),
        ("别的网站 https://other.example/1", 10017),
        (f"粘住的链接{SOURCE.replace('/content', '。/content')}", 10017),
        (f"#云溪# {SOURCE}", 10017),
        ("长" * 130 + f" {SOURCE}", 20012),
    ],
)
def test_a_text_against_the_rules_is_refused(text: str, refused: int, emulator: Emulator) -> None:
    assert code(share(emulator, text)) == refused
    assert emulator.shown() == []


def test_140_counted_characters_fit(emulator: Emulator) -> None:
    assert "idstr" in share(emulator, "长" * 129 + f"x {SOURCE}")


def test_the_machines_address_is_wanted(emulator: Emulator) -> None:
    token = emulator.platform.terms.access_token
    without = emulator.handle(request("POST", SHARE, {"access_token": token, "status": f"通告 {SOURCE}"}))
    assert without.status == 400
    assert code(json.loads(without.body)) == 10016
    assert "rip" in json.loads(without.body)["error"]
    assert code(share(emulator, f"通告 {SOURCE}", rip="here")) == 10017


def test_an_app_without_a_reviewed_domain_cannot_share(clock: StandingClock) -> None:
    answer = share(Emulator(clock=clock, safe_domain=""), f"通告 {SOURCE}")
    assert (code(answer), answer["error"]) == (10017, "appkey not bind domain!")


def test_reading_the_posting_address_is_refused(emulator: Emulator) -> None:
    assert code(call(emulator, "GET", SHARE, status=f"通告 {SOURCE}", rip="192.0.2.1")) == 10021


def test_an_unknown_address_is_refused(emulator: Emulator) -> None:
    assert code(call(emulator, "POST", "/2/statuses/update.json")) == 10020


@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG"])
def test_one_picture_of_the_right_kind_is_kept(kind: str, emulator: Emulator) -> None:
    answer = share_picture(emulator, a_picture(kind).content)
    assert len(answer["pic_urls"]) == 1
    assert emulator.shown()[0].pictures == 1


def test_a_picture_of_another_kind_or_too_large_is_refused(emulator: Emulator) -> None:
    assert code(share_picture(emulator, a_picture("WEBP").content)) == 20005
    assert code(share_picture(emulator, a_noisy_picture(1500).content)) == 20006


def test_equal_and_similar_texts_are_refused(emulator: Emulator, clock: StandingClock) -> None:
    share(emulator, f"通告 {SOURCE}")
    assert code(share(emulator, f"通告 {SOURCE}")) == 20019
    assert code(share(emulator, f"通 告 {SOURCE}?2")) == 20017
    clock.forward(minutes=11)
    assert "idstr" in share(emulator, f"通 告 {SOURCE}?2")


def test_error_codes_are_a_number_once_and_text_the_next_time(emulator: Emulator) -> None:
    kinds = {type(share(emulator, "没有链接")["error_code"]) for _ in range(2)}
    assert kinds == {int, str}


def test_the_timeline_ends_with_the_newest_five(emulator: Emulator) -> None:
    numbers = [share(emulator, f"第 {count} 条 {SOURCE}")["idstr"] for count in range(7)]
    answer = call(emulator, "GET", TIMELINE, count="100")
    assert [status["idstr"] for status in answer["statuses"]] == numbers[:1:-1]
    assert answer["total_number"] == 7


def test_a_held_back_post_is_seen_later(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock, delay=timedelta(seconds=90))
    assert code(share(emulator, f"通告 {SOURCE}")) == 20032
    assert call(emulator, "GET", TIMELINE)["statuses"] == []
    clock.forward(minutes=2)
    assert len(call(emulator, "GET", TIMELINE)["statuses"]) == 1


def test_a_deleted_post_is_gone_for_reader_and_owner(emulator: Emulator) -> None:
    number = share(emulator, f"通告 {SOURCE}")["idstr"]
    assert call(emulator, "GET", "/2/statuses/show.json", id=number)["idstr"] == number
    assert call(emulator, "POST", "/2/statuses/destroy.json", id=number)["idstr"] == number
    assert code(call(emulator, "GET", "/2/statuses/show.json", id=number)) == 20101
    assert code(call(emulator, "POST", "/2/statuses/destroy.json", id=number)) == 20101
    assert [shown.withdrawn for shown in emulator.shown()] == [True]


def test_the_rounded_number_finds_nothing(emulator: Emulator) -> None:
    rounded = share(emulator, f"通告 {SOURCE}")["id"]
    assert code(call(emulator, "GET", "/2/statuses/show.json", id=str(rounded))) == 20101


def test_numbers_and_addresses_are_told(emulator: Emulator) -> None:
    number = share(emulator, f"通告 {SOURCE}")["idstr"]
    short = call(emulator, "GET", "/2/statuses/querymid.json", id=number, type="1")["mid"]
    assert emulator.shown()[0].address.endswith(f"/{short}")
    counts = call(emulator, "GET", "/2/statuses/count.json", ids=f"{number},1")
    assert [each["id"] for each in counts] == [number]
    assert code(call(emulator, "GET", "/2/statuses/count.json", ids="1," * 100 + "1")) == 20009
