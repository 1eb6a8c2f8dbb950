"""What the platform reads in a text: its length, its links, its topics."""

import hashlib
import re
from urllib.parse import urlsplit

from channels.weibo import mids

LINK = re.compile(r"https?://\S+")  # whatever is glued to a link becomes part of it
COUNTED_LINK = re.compile(r"https?://[!-~]+")
TOPIC = re.compile(r"#[^#\s][^#]*#")
OWN_SITES = ("weibo.com", "weibo.cn")


def length(text: str) -> int:
    """Characters as the platform counts them: what GBK keeps in one byte is half a character, rounded up."""
    rest, links = COUNTED_LINK.sub("", text), COUNTED_LINK.findall(text)
    return -(-(sum(map(_half_units, rest)) + sum(map(_link_half_units, links))) // 2)


def _half_units(sign: str) -> int:
    try:
        return len(sign.encode("gbk"))
    except UnicodeEncodeError:
        return len(sign.encode("utf-16-le", "surrogatepass"))


def _link_half_units(link: str) -> int:
    if len(link) <= 41 and below(link, *OWN_SITES):
        return len(link)
    return 20 + max(0, len(link) - 140)


def links(text: str) -> list[str]:
    return LINK.findall(text)


def below(link: str, *domains: str) -> bool:
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def has_topic(text: str) -> bool:
    return TOPIC.search(LINK.sub(" ", text)) is not None


def shortened(text: str) -> str:
    """The text as it is kept: every link has become a t.cn link."""
    return LINK.sub(lambda match: short_link(match[0]), text)


def short_link(link: str) -> str:
    digest = int.from_bytes(hashlib.sha256(link.encode("utf-8", "surrogatepass")).digest()[:4])
    return f"http://t.cn/A6{mids.to_text(digest)[-6:]}"


def bare(text: str) -> str:
    """What is compared to find similar posts: no links, no blanks."""
    return "".join(LINK.sub(" ", text).split())
