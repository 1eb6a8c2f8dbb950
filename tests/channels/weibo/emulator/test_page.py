import json
from urllib.parse import quote

from channels.emulator import Request
from channels.weibo.emulator import Emulator
from tests.channels.weibo.office import SOURCE, call


def page(emulator: Emulator) -> str:
    return emulator.handle(Request("GET", "/")).body.decode()


def share(emulator: Emulator, text: str) -> str:
    answer = call(emulator, "POST", "/2/statuses/share.json", status=text, rip="192.0.2.1")
    return str(answer["idstr"])


def test_an_account_without_posts_says_so(emulator: Emulator) -> None:
    assert "还没有发布微博" in page(emulator)


def test_posts_stand_newest_first_with_their_links_and_comments(emulator: Emulator) -> None:
    first = share(emulator, f"【一】 {SOURCE}")
    share(emulator, f"【二】 {SOURCE}?2")
    emulator.write_comment(first, "收到")
    text = page(emulator)
    assert text.index("【二】") < text.index("【一】") < text.index("收到")
    assert f'<a href="{SOURCE}">网页链接</a>' in text


def test_a_deleted_post_is_not_shown(emulator: Emulator) -> None:
    call(emulator, "POST", "/2/statuses/destroy.json", id=share(emulator, f"【一】 {SOURCE}"))
    assert "【一】" not in page(emulator)


def test_what_people_write_is_never_markup(emulator: Emulator) -> None:
    share(emulator, f"<script>alert(1)</script> {SOURCE}")
    emulator.write_message("<img src=x onerror=alert(1)>")
    call(
        emulator,
        "POST",
        "/proxy/article/publish.json",
        title="通告",
        content=quote("<p>正文</p><script>alert(1)</script>", safe=""),
        cover="https://yunxi.gov.example/cover.png",
        text="【通告】",
        rip="192.0.2.1",
    )
    text = page(emulator)
    assert "<p>正文</p>" in text
    assert "<script" not in text
    assert "<img src=x" not in text


def test_what_followers_see_is_also_a_list(emulator: Emulator) -> None:
    number = share(emulator, f"【道路养护】 {SOURCE}")
    (shown,) = json.loads(emulator.handle(Request("GET", "/_emulator/posts")).body)
    assert (shown["id"], shown["act"], shown["title"]) == (number, number, "道路养护")
