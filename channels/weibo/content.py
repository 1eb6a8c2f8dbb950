"""What a post becomes on Weibo: its length, its text, its links.

The counting rule has no official page; it is that of the platform's own web editor. A sign that GBK keeps in
one byte is half a character, a link is ten characters and longer beyond 140 bytes.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from channels.base import PICTURE_SCHEME, Post

LINK_HALF_UNITS = 20
FREE_LINK_BYTES = 140
OWN_SITES = ("weibo.com", "weibo.cn")
OWN_LINK_BYTES = 41  # a link to the platform itself counts as it is up to here

COUNTED_LINK = re.compile(r"https?://[!-~]+")
LINK = re.compile(r"https?://[!-~]*[A-Za-z0-9/=&%#~+$@_-]")  # closing punctuation is not part of it
TOPIC = re.compile(r"#[^#]+#")
PART = re.compile(r".+?(?:[。！？]+[”’」』）)】》]*|[!?]+(?=\s|$)|$)")
PAIRS = ("“”", "‘’", "「」", "『』", "（）", "()", "《》", "【】")
PICTURE_TAG = re.compile(rf"<img\b[^>]*\bsrc=[\"']?{PICTURE_SCHEME}[^>]*>", re.IGNORECASE)


def counted(text: str) -> int:
    """The length in half units: two make a character."""
    links = COUNTED_LINK.findall(text)
    return sum(map(_half_units, COUNTED_LINK.sub("", text))) + sum(map(_link_half_units, links))


def characters(text: str) -> int:
    """The length as the platform shows it, rounded up."""
    return -(-counted(text) // 2)


def _half_units(sign: str) -> int:
    """Signs outside GBK are not in the platform's rule; two for each UTF-16 unit is surely enough."""
    if sign.isascii():
        return 1
    return 2 if ord(sign) <= 0xFFFF else 4


def _link_half_units(link: str) -> int:
    if len(link) <= OWN_LINK_BYTES and any(below(link, site) for site in OWN_SITES):
        return len(link)
    return LINK_HALF_UNITS + max(0, len(link) - FREE_LINK_BYTES)


def compose(post: Post, *, domain: str, link: str, limit: int) -> str:
    """The text that goes out: the editor's own, or title, whole sentences as far as they fit, and the link.

    Longer than `limit` characters only if the editor's text, or title and link alone, are.
    """
    address = post.source.strip() or link
    if post.short.strip():
        words = spaced(post.short.strip())
        return words if has_link_below(words, domain) else _with_link(words, address)
    text = _bracketed(post.title)
    for sentence in sentences(spaced(lead(post))):
        if counted(_with_link(text + sentence, address)) > 2 * limit:
            break
        text += sentence
    return _with_link(text, address)


def lead(post: Post) -> str:
    """The digest, else the first paragraph that is not the title; one line."""
    title = _one_line(post.title)
    paragraphs = map(_one_line, post.text.splitlines())
    first = next((paragraph for paragraph in paragraphs if paragraph not in ("", title)), "")
    return _one_line(post.digest) or first


def sentences(text: str) -> Iterator[str]:
    """Whole sentences; an end inside quotation marks or brackets is none."""
    sentence = ""
    for part in PART.findall(text):
        sentence += part
        if all(sentence.count(pair[0]) <= sentence.count(pair[1]) for pair in PAIRS):
            yield sentence
            sentence = ""
    if sentence:
        yield sentence


def spaced(text: str) -> str:
    """A blank on both sides of each link: the platform takes whatever is glued to it for a part of it."""

    def apart(match: re.Match[str]) -> str:
        before = text[match.start() - 1 : match.start()]
        after = text[match.end() : match.end() + 1]
        return " " * (before.strip() != "") + match[0] + " " * (after.strip() != "")

    return LINK.sub(apart, text)


def has_link_below(text: str, domain: str) -> bool:
    return any(below(link, domain) for link in LINK.findall(text))


def below(link: str, domain: str) -> bool:
    """Whether the link's host is the domain or stands below it."""
    try:
        address = urlsplit(link)
        host = address.hostname or ""
    except ValueError:
        return False
    return address.scheme in ("http", "https") and (host == domain or host.endswith(f".{domain}"))


def has_topic(text: str) -> bool:
    return TOPIC.search(COUNTED_LINK.sub(" ", text)) is not None


def normalised(text: str) -> str:
    """What two texts have in common if they are one post: no links, blanks or invisible signs."""
    rest = COUNTED_LINK.sub("", html.unescape(text))
    return "".join(sign for sign in rest if not sign.isspace() and unicodedata.category(sign) != "Cf")


def as_html(text: str, picture: str) -> str:
    """A status as a page shows it; `picture` is the address of its picture, if it has one."""
    lines = "<br>".join(map(html.escape, text.split("\n")))
    return f"<p>{lines}</p>" + (f'<p><img src="{html.escape(picture)}" alt=""></p>' if picture else "")


def article_body(post: Post) -> str:
    """The body for an article: a picture of ours has no public address, so it stays behind."""
    return PICTURE_TAG.sub("", post.html)


def rawurlencoded(text: str) -> str:
    """As PHP's function of that name; the article call wants its content so, inside the form's own coding."""
    return quote(text, safe="")


def _with_link(text: str, address: str) -> str:
    return f"{text.rstrip()} {address}".strip()


def _bracketed(title: str) -> str:
    words = _one_line(title)
    return words if not words or words.startswith("【") else f"【{words}】"


def _one_line(text: str) -> str:
    return " ".join(text.split())
