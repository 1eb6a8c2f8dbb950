"""How often an account may do what: https://open.weibo.com/wiki/Rate-limiting

A hundred calls a day are few. Posts, their look-ups and their removal have a share of their own, so that
reading comments never keeps an announcement from going out.
"""

from channels.base import Limits, Quota, Span

CALLS_A_DAY = 100
POSTS = Quota("微博", 30, Span.HOUR)
KEPT_FOR_POSTS = 46  # fifteen posts, each read back once, and some for second tries
POSTING = frozenset(
    {"article/publish", "statuses/destroy", "statuses/share", "statuses/show", "statuses/user_timeline"}
)
SUBMIT = {"share": "statuses/share", "article": "article/publish"}


def limits(mode: str) -> Limits:
    return Limits(
        daily={"": CALLS_A_DAY},
        needs={SUBMIT[mode]: 1, "statuses/user_timeline": 1},
        posting=POSTING,
        kept=KEPT_FOR_POSTS,
        quotas=(POSTS,),
    )
