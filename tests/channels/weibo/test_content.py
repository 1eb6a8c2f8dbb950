from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.weibo import content
from channels.weibo.content import characters, compose, counted
from channels.weibo.emulator import text as platform
from tests.channels.weibo.office import SOURCE, a_post

DOMAIN = "yunxi.gov.example"
SIGNS = st.sampled_from("云溪镇公开第三期。！？!?“”（）《》 abc123#,.:é€😀𠮷")
TEXTS = st.text(SIGNS, max_size=90)
LINKS = st.sampled_from(["", SOURCE, "http://yunxi.gov.example/" + "p" * 160, "https://weibo.com/u/1"])


@pytest.mark.parametrize(
    ("text", "half_units"),
    [
        ("公开", 4),
        ("，。！", 6),
        ("ab 12", 5),
        ("é", 2),
        ("€", 2),
        ("😀", 4),
        ("𠮷", 4),
        ("https://yunxi.gov.example/1", 20),
        ("http://yunxi.gov.example/" + "p" * 125, 20 + 10),
        ("https://weibo.com/7300112233/Aw8Wrzaes", 38),
        ("https://weibo.com/" + "p" * 30, 20),
        ("http://t.cn/A6abcd", 20),
        ("见 https://a.example/1 和 https://a.example/2", 2 + 1 + 20 + 1 + 2 + 1 + 20),
    ],
)
def test_half_units_follow_the_platforms_rule(text: str, half_units: int) -> None:
    assert counted(text) == half_units


def test_an_odd_half_unit_is_a_whole_character() -> None:
    assert characters("公a") == 2


@given(TEXTS, LINKS, TEXTS)
def test_the_emulators_own_count_agrees(before: str, link: str, after: str) -> None:
    text = f"{before} {link} {after}"
    assert characters(text) == platform.length(text)


def test_title_digest_and_link_make_the_text() -> None:
    text = compose(a_post("通告", digest="道路养护。请绕行。"), domain=DOMAIN, link="", limit=130)
    assert text == f"【通告】道路养护。请绕行。 {SOURCE}"


def test_without_digest_the_first_paragraph_after_the_title_stands_in() -> None:
    post = a_post("通告", digest="", text="通告\n\n道路养护。\n附件略。")
    assert compose(post, domain=DOMAIN, link="", limit=130) == f"【通告】道路养护。 {SOURCE}"


def test_a_sentence_that_does_not_fit_is_left_out_whole() -> None:
    post = a_post("通告", digest="道路养护。" + "请过往车辆绕行" * 20 + "。")
    assert compose(post, domain=DOMAIN, link="", limit=130) == f"【通告】道路养护。 {SOURCE}"


def test_a_title_in_brackets_of_its_own_gets_no_others() -> None:
    text = compose(a_post("【通告】道路养护", digest=""), domain=DOMAIN, link="", limit=130)
    assert text.startswith("【通告】道路养护")


def test_a_post_without_source_carries_the_accounts_link() -> None:
    text = compose(a_post("通告", source=""), domain=DOMAIN, link="https://yunxi.gov.example/", limit=130)
    assert text.endswith(" https://yunxi.gov.example/")


def test_the_editors_text_is_taken_as_it_stands() -> None:
    short = f"养护提醒 {SOURCE} 请绕行"
    assert compose(a_post(short=short), domain=DOMAIN, link="", limit=130) == short


def test_the_editors_text_without_a_fit_link_gets_the_source() -> None:
    text = compose(a_post(short="养护提醒 https://other.example/1"), domain=DOMAIN, link="", limit=130)
    assert text == f"养护提醒 https://other.example/1 {SOURCE}"


@given(TEXTS.filter(str.strip), TEXTS, st.integers(20, 140))
def test_a_composed_text_never_passes_the_limit_by_its_digest(title: str, digest: str, limit: int) -> None:
    post = a_post(title, digest=digest, text="")
    bare = compose(a_post(title, digest="", text=""), domain=DOMAIN, link="", limit=limit)
    text = compose(post, domain=DOMAIN, link="", limit=limit)
    assert characters(text) <= limit or text == bare


@given(TEXTS, st.integers(20, 140))
def test_what_is_taken_of_the_digest_is_whole_sentences_from_its_start(digest: str, limit: int) -> None:
    post = a_post("通告", digest=digest, text="")
    text = compose(post, domain=DOMAIN, link="", limit=limit)
    taken = text.removeprefix("【通告】").removesuffix(SOURCE).rstrip()
    whole = list(content.sentences(content.spaced(content.lead(post))))
    assert taken in ["".join(whole[:count]).rstrip() for count in range(len(whole) + 1)]


@given(TEXTS)
def test_sentences_lose_nothing(text: str) -> None:
    line = " ".join(text.split())
    assert "".join(content.sentences(line)) == line


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("他说：“好。走吧。”随后离开。", ["他说：“好。走吧。”", "随后离开。"]),
        ("见附件（第一。第二）。完。", ["见附件（第一。第二）。", "完。"]),
        ("同比增长3.5%。再见", ["同比增长3.5%。", "再见"]),
        ("查询 https://a.example/x?id=1 即可。好", ["查询 https://a.example/x?id=1 即可。", "好"]),
    ],
)
def test_a_sentence_ends_where_a_reader_would_say(text: str, parts: list[str]) -> None:
    assert list(content.sentences(text)) == parts


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("详见https://a.example/1。谢谢", "详见 https://a.example/1 。谢谢"),
        ("(https://a.example/1)", "( https://a.example/1 )"),
        ("https://a.example/1", "https://a.example/1"),
        ("到 https://a.example/?to=https://b.example/ 查", "到 https://a.example/?to=https://b.example/ 查"),
    ],
)
def test_links_stand_apart_from_their_neighbours(text: str, apart: str) -> None:
    assert content.spaced(text) == apart


@given(TEXTS, TEXTS)
def test_the_platform_sees_a_spaced_link_as_it_was_meant(before: str, after: str) -> None:
    text = content.spaced(f"{before}{SOURCE}。{after}")
    assert SOURCE in platform.links(text)


@pytest.mark.parametrize(
    ("link", "fits"),
    [
        ("https://yunxi.gov.example/1", True),
        ("http://www.yunxi.gov.example:8080/1", True),
        ("https://evilyunxi.gov.example/", False),
        ("https://yunxi.gov.example.evil.example/", False),
        ("https://yunxi.gov.example@evil.example/", False),
        ("ftp://yunxi.gov.example/", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_only_the_domain_and_what_is_below_it_fits(link: str, fits: bool) -> None:
    assert content.below(link, DOMAIN) is fits


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("#云溪政务公开# 通告", True),
        ("3#楼和5号楼", False),
        ("https://a.example/#a https://a.example/#b", False),
    ],
)
def test_topics_are_found_outside_links(text: str, topic: bool) -> None:
    assert content.has_topic(text) is topic


@given(TEXTS)
def test_whatever_the_platform_takes_for_a_topic_is_one_here(text: str) -> None:
    assert content.has_topic(text) or not platform.has_topic(text)


def test_texts_are_one_post_whatever_became_of_links_blanks_and_signs() -> None:
    sent = f"【通告】A&B 养护 {SOURCE}"
    kept = "【通告】A&amp;B养护 http://t.cn/A6abcd \u200b"
    assert content.normalised(sent) == content.normalised(kept)


def test_a_picture_of_ours_stays_out_of_an_article() -> None:
    post = a_post(html='<p>甲</p><img alt="图" src="picture:abc"><img src="https://a.example/1.png">')
    assert content.article_body(post) == '<p>甲</p><img src="https://a.example/1.png">'


@given(st.text(max_size=40))
def test_rawurlencoded_text_has_only_safe_signs_and_leads_back(text: str) -> None:
    encoded = content.rawurlencoded(text)
    assert all(sign.isascii() and (sign.isalnum() or sign in "-_.~%") for sign in encoded)
    assert unquote(encoded) == text
