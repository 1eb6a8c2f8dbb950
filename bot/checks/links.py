"""Links: to hosts of the allow-list, never shortened."""

import re
from urllib.parse import urlsplit

from bot.checks.base import Context, Finding, Level, Text

SHORTENERS = (
    "t.cn",
    "dwz.cn",
    "url.cn",
    "suo.im",
    "bit.ly",
    "tinyurl.com",
    "u.nu",
    "3.cn",
    "c7.gg",
    "w.url.cn",
)
PUBLIC = ("gov.cn", "mp.weixin.qq.com", "weibo.com", "gov.example")
SCHEME = re.compile(r"https?://", re.IGNORECASE)


def check(text: Text, context: Context) -> list[Finding]:
    found = (_finding(text, span, context) for span in text.links)
    return [finding for finding in found if finding]


def _finding(text: Text, span: tuple[int, int], context: Context) -> Finding | None:
    host = host_of(text.plain[slice(*span)])
    verdict = judged(host, context.hosts)
    return text.finding("link", verdict[0], span, verdict[1]) if verdict else None


def judged(host: str, hosts: tuple[str, ...]) -> tuple[Level, str] | None:
    """What is wrong with a link to this host, if anything is."""
    if host in SHORTENERS:
        return Level.BLOCK, f"短链接 {host} 看不出去向，请换成完整的网址。"
    if any(host == known or host.endswith("." + known) for known in (*PUBLIC, *hosts)):
        return None
    return Level.NEED_REASON, f"网站 {host} 不在允许的名单里，请确认链接可靠并写明理由。"


def host_of(address: str) -> str:
    """The host of an address in lower case; empty if it cannot be read."""
    whole = address if SCHEME.match(address) else f"//{address}"
    try:
        return (urlsplit(whole).hostname or "").rstrip(".")
    except ValueError:
        return ""
