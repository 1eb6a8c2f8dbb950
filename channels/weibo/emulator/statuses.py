"""Posts: share, read, count, delete."""

from channels.emulator import File
from channels.weibo import mids
from channels.weibo.emulator import limits, text
from channels.weibo.emulator.calls import Call, Json, Route, moment, newest, rounded
from channels.weibo.emulator.platform import Status
from channels.weibo.emulator.refusals import Refusal, invalid, no_domain, no_link

MOST_CHARACTERS = 140
MOST_BYTES = 5 * 1024 * 1024
NEWEST = 5
MOST_IDS = 100
SIMILAR_SECONDS = 600
PICTURE_STARTS = (b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"\x89PNG\r\n\x1a\n")


def share(call: Call) -> Json:
    words = call.need("status").strip()
    call.look_at_rip()
    _look_at_words(call, words)
    picture = call.files.get("pic")
    if picture is not None:
        _look_at_picture(picture)
    look_at_repeats(call, words)
    limits.look_at_posts(call.platform, "/2/statuses/share", call.now)
    status = add(call, "share", words, picture)
    if call.platform.terms.delay:
        raise Refusal(20032)
    return as_json(call, status)


def _look_at_words(call: Call, words: str) -> None:
    domain = call.platform.terms.safe_domain
    if not words:
        raise Refusal(20008)
    if not domain:
        raise no_domain()
    if not any(text.below(link, domain) for link in text.links(words)):
        raise no_link()
    if text.has_topic(words):
        raise invalid("status", "text without #topic#", "#topic#")
    if text.length(words) > MOST_CHARACTERS:
        raise Refusal(20012)


def _look_at_picture(picture: File) -> None:
    if not picture.content.startswith(PICTURE_STARTS):
        raise Refusal(20005)
    if len(picture.content) >= MOST_BYTES:
        raise Refusal(20006)


def look_at_repeats(call: Call, words: str) -> None:
    """Raises Refusal for the text of the newest post, or one like a text of the last minutes."""
    if not call.platform.terms.refuses_repeats:
        return
    live = [status for status in call.platform.statuses if call.now < status.deleted_at]
    if live and live[-1].text == words:
        raise Refusal(20019)
    recent = (status for status in live if (call.now - status.at).total_seconds() < SIMILAR_SECONDS)
    if any(text.bare(status.text) == text.bare(words) for status in recent):
        raise Refusal(20017)


def add(call: Call, kind: str, words: str, picture: File | None = None) -> Status:
    """Put a post on the account's page; a platform that delays shows it later."""
    status = Status(
        number=call.platform.number(call.now),
        kind=kind,
        text=words,
        kept=text.shortened(words),
        at=call.now,
        seen_from=call.now + call.platform.terms.delay,
        picture=picture,
    )
    call.platform.statuses.append(status)
    limits.count_post(call.platform, call.now)
    return status


def user_timeline(call: Call) -> Json:
    """Only the authorising user's own posts, and only the newest five, whatever `count` says."""
    own = call.platform.terms
    if call.params.get("uid", own.uid) != own.uid:
        return {"statuses": [], "total_number": 0}
    since = call.number("since_id", 0)
    seen = call.platform.seen(call.now)
    page = newest([as_json(call, status) for status in seen[:NEWEST] if status.number > since], call, NEWEST)
    return {"statuses": page, "total_number": len(seen), "previous_cursor": 0, "next_cursor": 0}


def show(call: Call) -> Json:
    return as_json(call, call.platform.status(call.need("id"), call.now))


def destroy(call: Call) -> Json:
    status = call.platform.status(call.need("id"), call.now)
    answer = as_json(call, status)
    status.deleted_at = call.now
    return answer


def count(call: Call) -> list[Json]:
    numbers = call.need("ids").split(",")
    if len(numbers) > MOST_IDS:
        raise Refusal(20009)
    seen = {str(status.number): status for status in call.platform.seen(call.now)}
    return [_counts(call, seen[number]) for number in numbers if number in seen]


def _counts(call: Call, status: Status) -> Json:
    return {
        "id": str(status.number),
        "comments": _comments(call, status),
        "reposts": "0",
        "attitudes": "0",
    }


def _comments(call: Call, status: Status) -> int:
    comments = call.platform.comments
    return sum(comment.status == status.number and not comment.deleted for comment in comments)


def querymid(call: Call) -> Json:
    if call.need("type") != "1":
        raise invalid("type", "1", call.params["type"])
    return {"mid": mids.to_text(int(call.platform.status(call.need("id"), call.now).number))}


def as_json(call: Call, status: Status) -> Json:
    """A post as the platform tells it: `id` has been through a float, `idstr` and `mid` are right."""
    pictures = [{"thumbnail_pic": _picture_address(status)}] if status.picture else []
    return {
        "created_at": moment(status.at),
        "id": rounded(status.number),
        "mid": str(status.number),
        "idstr": str(status.number),
        "text": status.kept,
        "source": '<a href="http://app.weibo.com/t/feed/emulated" rel="nofollow">云溪发布助手</a>',
        "favorited": False,
        "truncated": False,
        "pic_urls": pictures,
        "reposts_count": 0,
        "comments_count": _comments(call, status),
        "attitudes_count": 0,
        "user": user(call),
    }


def user(call: Call) -> Json:
    own = call.platform.terms
    return {"id": int(own.uid), "idstr": own.uid, "screen_name": own.screen_name, "verified": True}


def _picture_address(status: Status) -> str:
    return f"http://ww1.sinaimg.cn/thumbnail/{mids.to_text(status.number)}.jpg"


ROUTES = {
    "/2/statuses/share.json": Route("POST", share),
    "/2/statuses/user_timeline.json": Route("GET", user_timeline),
    "/2/statuses/show.json": Route("GET", show),
    "/2/statuses/destroy.json": Route("POST", destroy),
    "/2/statuses/count.json": Route("GET", count),
    "/2/statuses/querymid.json": Route("GET", querymid),
}
