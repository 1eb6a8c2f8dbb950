"""From a post to an article of a draft, and what the platform would refuse or spoil on the way."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

import css_inline
from jinja2 import Environment, Template
from markupsafe import Markup as Safe

from channels.base import Level, Picture, Post, Problem
from channels.errors import ContentRefused
from channels.wechat import markup, pictures

# https://developers.weixin.qq.com/doc/subscription/api/draftbox/draftmanage/api_draft_add
TITLE, AUTHOR, DIGEST = 32, 16, 128  # characters
CONTENT, CONTENT_BYTES = 20_000, 1_000_000  # the content stays below both, markup included
SOURCE_BYTES = 1024
ARTICLES = 8

SAMPLE_ADDRESS = f"https://mmbiz.qpic.cn/{'x' * 120}"  # as long as a real one, to judge the length
UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
UNSENDABLE_SENTENCE = "文字里有看不见的控制字符或半个表情符号，微信不接受，请删除后重新送审。"
WHITE = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff]+")

Article = dict[str, object]


def article(
    post: Post,
    addresses: Mapping[str, str],
    cover: str,
    *,
    alone: bool = True,
    author: str = "",
    comments: bool = False,
    fans_only: bool = False,
) -> Article:
    """One entry of draft/add; `cover` is a permanent media_id, `author` stands in where the post names none.

    Only an article that goes out alone has a digest. Raises ContentRefused for what cannot be sent at all.
    """
    if any(UNSENDABLE.search(text) for text in (post.title, post.digest, post.author, post.html)):
        raise ContentRefused(UNSENDABLE_SENTENCE, "characters")
    return {
        "article_type": "news",
        "title": post.title,
        "author": post.author or author,
        "digest": post.digest if alone else "",
        "content": content(post, addresses, author)[0],
        "content_source_url": post.source,
        "thumb_media_id": cover,
        "need_open_comment": int(comments),
        "only_fans_can_comment": int(comments and fans_only),
    }


def content(post: Post, addresses: Mapping[str, str], author: str) -> tuple[str, markup.Markup]:
    """The article's HTML in the house style, and what became of the post's own."""
    body = markup.rewritten(post.html, addresses)
    page = _template().render(
        body=Safe(_styled(body.html)),  # noqa: S704 - written by markup from a short list of tags
        author=post.author or author,
        source=post.source,
        links=body.links,
    )
    return page, body


def check(posts: Sequence[Post], author: str) -> list[Problem]:
    problems = [
        Problem(level, sentence, index)
        for index, post in enumerate(posts)
        for level, sentence in _faults(post, author)
    ]
    if len(posts) > ARTICLES:
        sentence = f"一次图文最多 {ARTICLES} 篇，现在有 {len(posts)} 篇，请分次发布。"
        problems.append(Problem(Level.BLOCK, sentence, ARTICLES))
    return problems


def cover_of(post: Post) -> Picture:
    if post.cover is not None:
        return pictures.fitted(post.cover, pictures.COVER)
    return pictures.drawn_cover(post.title, pictures.chinese_font())


def used_pictures(post: Post) -> list[Picture]:
    """The pictures that stand in the body, each once."""
    return [picture for picture in dict.fromkeys(post.pictures) if f"picture:{picture.sha256}" in post.html]


def all_differences(sent: Sequence[Mapping[str, object]], kept: object) -> list[str]:
    """As `differences`, for the articles of a draft; `kept` is its `news_item`."""
    items = kept if isinstance(kept, list) else []
    if len(items) != len(sent):
        return [f"送出 {len(sent)} 篇，微信只存了 {len(items)} 篇"]
    found = []
    for nth, (ours, theirs) in enumerate(zip(sent, items, strict=True), start=1):
        place = f"第 {nth} 篇：" if len(sent) > 1 else ""
        found += [place + sentence for sentence in differences(ours, theirs)]
    return found


def differences(sent: Mapping[str, object], kept: object) -> list[str]:
    """What the platform changed in an article, in Chinese; nothing where only white space differs."""
    if not isinstance(kept, Mapping):
        return ["微信没有返回这篇文章"]
    found: list[str] = [
        f"{word}被改为“{kept.get(name, '')}”"
        for name, word in (("title", "标题"), ("author", "作者"), ("digest", "摘要"))
        if _solid(sent[name]) and _solid(sent[name]) != _solid(kept.get(name, ""))
    ]
    ours, theirs = markup.read(str(sent["content"])), markup.read(str(kept.get("content", "")))
    if len(ours.pictures) != len(theirs.pictures):
        found.append(f"正文图片送出 {len(ours.pictures)} 张，只存下 {len(theirs.pictures)} 张")
    return found + _text_differences(_solid(ours.text), _solid(theirs.text))


def _faults(post: Post, author: str) -> Iterator[tuple[Level, str]]:
    for fault in _field_faults(post, author):
        yield Level.BLOCK, fault
    if UNSENDABLE.search(post.title + post.digest + post.author + post.html):
        yield Level.BLOCK, UNSENDABLE_SENTENCE
        return
    yield from _body_faults(post, author)
    yield from _picture_faults(post)


def _field_faults(post: Post, author: str) -> Iterator[str]:
    if not post.title.strip():
        yield "没有标题，请补上标题。"
    for word, text, limit in (
        ("标题", post.title, TITLE),
        ("作者", post.author or author, AUTHOR),
        ("摘要", post.digest, DIGEST),
    ):
        if len(text) > limit:
            yield f"{word}有 {len(text)} 个字，微信最多 {limit} 个字，请缩短。"
    if post.source and not _is_web_address(post.source):
        yield "来源网址不是完整的网址（应以 http:// 或 https:// 开头，不超过 1024 字节），请改正。"


def _body_faults(post: Post, author: str) -> Iterator[tuple[Level, str]]:
    samples = {picture.sha256: SAMPLE_ADDRESS for picture in post.pictures}
    html, body = content(post, samples, author)
    if not body.text.strip() and not body.pictures:
        yield Level.BLOCK, "正文是空的，请补上正文。"
    if len(html) >= CONTENT or len(html.encode()) >= CONTENT_BYTES:
        yield Level.BLOCK, f"正文连同排版有 {len(html)} 个字符，微信要求少于 {CONTENT} 个，请删减或分成几篇。"
    if body.lost:
        yield Level.BLOCK, f"正文有 {len(body.lost)} 张图片没有随稿件上传，微信会删掉，请重新插入。"
    if body.previews:
        yield Level.BLOCK, "正文里有微信草稿的临时预览链接，微信不接受，请换成正式链接或删除。"
    if body.links:
        yield (
            Level.WARN,
            f"正文有 {len(body.links)} 个外部链接，在微信里点不开，网址会列在文末。",
        )


def _picture_faults(post: Post) -> Iterator[tuple[Level, str]]:
    for picture in used_pictures(post):
        yield from _changes(picture, pictures.IN_TEXT, "图片")
    if post.cover is None:
        yield Level.WARN, "没有封面，会用标题自动做一张。"
    else:
        yield from _changes(post.cover, pictures.COVER, "封面")


def _changes(picture: Picture, place: pictures.Place, word: str) -> Iterator[tuple[Level, str]]:
    try:
        changes = pictures.changes(picture, place)
    except ContentRefused as error:
        yield Level.BLOCK, error.sentence
        return
    if changes:
        yield Level.WARN, f"{word}“{picture.name}”{'，'.join(changes)}。"


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and len(address.encode()) <= SOURCE_BYTES


def _text_differences(ours: str, theirs: str) -> list[str]:
    if ours == theirs:
        return []
    at = next(
        (at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other),
        min(len(ours), len(theirs)),
    )
    near = ours[max(0, at - 8) : at + 12]
    return [f"正文在“{near}”附近与送出的不一致（送出 {len(ours)} 字，存下 {len(theirs)} 字）"]


def _solid(text: object) -> str:
    return WHITE.sub("", str(text))


def _styled(html: str) -> str:
    return css_inline.inline_fragment(
        html, _resource("article.css"), minify_css=True, load_remote_stylesheets=False
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_resource("article.html"))


@cache
def _resource(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8")
