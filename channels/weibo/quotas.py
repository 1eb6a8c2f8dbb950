"""How often an account may do what: https://open.weibo.com/wiki/Rate-limiting

A hundred calls a day are few. Posts, their look-ups and their removal have a share of their own, so that
reading comments never keeps an announcement from going out.
"""

from collections.abc import Sequence

from channels.base import Limits, Quota, Span, Spent
from channels.weibo.client import Client

ALL = ""  # calls together
CALLS_A_DAY = 100
POSTS = Quota("微博", 30, Span.HOUR)
KEPT_FOR_POSTS = 46  # fifteen posts, each read back once, and some for second tries
POSTING = frozenset(
    {"article/publish", "statuses/destroy", "statuses/share", "statuses/show", "statuses/user_timeline"}
)
SUBMIT = {"share": "statuses/share", "article": "article/publish"}


def limits(mode: str) -> Limits:
    return Limits(
        daily={ALL: CALLS_A_DAY},
        needs={SUBMIT[mode]: 1, "statuses/user_timeline": 1},
        posting=POSTING,
        kept=KEPT_FOR_POSTS,
        quotas=(POSTS,),
    )


def spent(client: Client, calls: Sequence[str]) -> dict[str, Spent]:
    """The platform tells only of the limit that is reached first; the day's is the one that we count."""
    answer = client.rate_limit_status()
    most, left = answer.get("user_limit"), answer.get("remaining_user_hits")
    if ALL not in calls or answer.get("limit_time_unit") != "DAYS":
        return {}
    return {ALL: Spent(most - left, most)} if isinstance(most, int) and isinstance(left, int) else {}
