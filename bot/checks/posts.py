"""A whole post looked over: title, body, pictures, and the links behind its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from bot.checks import check, links, pictures
from bot.checks.base import Context, Level, place
from channels.base import Post

HREF = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
MOST_TOLD = 5


@dataclass(frozen=True)
class Remark:
    """A finding as staff read it: the sentence names the place."""

    kind: str
    level: Level
    sentence: str


def look_over(post: Post, context: Context) -> list[Remark]:
    """All that the checks find in a post, the gravest first."""
    found = dict.fromkeys(
        [*_in_text(post, context), *_behind_words(post, context), *_in_pictures(post, context)]
    )
    return sorted(found, key=lambda remark: list(Level).index(remark.level))


def told(remarks: list[Remark]) -> str:
    """The first few sentences in one, and how many there are."""
    first = "".join(remark.sentence for remark in remarks[:MOST_TOLD])
    return first + (f"（共 {len(remarks)} 处）" if len(remarks) > MOST_TOLD else "")


def _in_text(post: Post, context: Context) -> Iterator[Remark]:
    text = f"{post.title}\n{post.text}"
    for finding in check(text, context):
        line, _ = place(text, finding.start)
        where = "标题" if line == 1 else f"正文第 {line - 1} 行"
        yield Remark(finding.kind, finding.level, f"{where}：{finding.sentence}")
    for where, words in (("摘要", post.digest), ("微博文字", post.short), ("作者", post.author)):
        if words not in text:
            for finding in check(words, context):
                yield Remark(finding.kind, finding.level, f"{where}：{finding.sentence}")


def _behind_words(post: Post, context: Context) -> Iterator[Remark]:
    for address in HREF.findall(post.html):
        host = links.host_of(unescape(address))
        verdict = links.judged(host, context.hosts) if host else None
        if verdict:
            yield Remark("link", verdict[0], f"文中链接：{verdict[1]}")


def _in_pictures(post: Post, context: Context) -> Iterator[Remark]:
    for number, picture in enumerate(post.pictures, 1):
        for finding in pictures.check(picture, context):
            yield Remark(finding.kind, finding.level, f"第 {number} 张图片：{finding.sentence}")
