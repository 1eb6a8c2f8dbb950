"""Comments below the account's posts."""

from datetime import datetime

from channels.weibo.emulator import text
from channels.weibo.emulator.calls import Call, Json, Route, moment, newest, rounded
from channels.weibo.emulator.platform import Comment, Platform
from channels.weibo.emulator.refusals import Refusal
from channels.weibo.emulator.statuses import as_json

MOST_CHARACTERS = 140
PAGE = 50


def create(call: Call) -> Json:
    status = call.platform.status(call.need("id"), call.now)
    return _written(call, status.number, answers=0)


def reply(call: Call) -> Json:
    status = call.platform.status(call.need("id"), call.now)
    answered = call.platform.comment(call.need("cid"))
    return _written(call, status.number, answers=answered.number)


def _written(call: Call, status: int, answers: int) -> Json:
    words = call.need("comment").strip()
    call.look_at_rip()
    if not words:
        raise Refusal(20008)
    if text.length(words) > MOST_CHARACTERS:
        raise Refusal(20012)
    own = call.platform.terms
    before = [comment for comment in call.platform.comments if comment.author == own.uid]
    if before and before[-1].text == words:
        raise Refusal(20019)
    return _as_json(call, add(call.platform, status, own.uid, own.screen_name, words, call.now, answers))


def add(
    platform: Platform, status: int, author: str, name: str, words: str, now: datetime, answers: int = 0
) -> Comment:
    comment = Comment(platform.number(now), status, author, name, words, now, answers)
    platform.comments.append(comment)
    return comment


def destroy(call: Call) -> Json:
    comment = call.platform.comment(call.need("cid"))
    answer = _as_json(call, comment)
    comment.deleted = True
    return answer


def show(call: Call) -> Json:
    status = call.platform.status(call.need("id"), call.now)
    return _page(call, [comment for comment in _live(call) if comment.status == status.number])


def to_me(call: Call) -> Json:
    return _page(call, [comment for comment in _live(call) if comment.author != call.platform.terms.uid])


def timeline(call: Call) -> Json:
    return _page(call, _live(call))


def mentions(call: Call) -> Json:
    name = f"@{call.platform.terms.screen_name}"
    return _page(call, [comment for comment in _live(call) if name in comment.text])


def _live(call: Call) -> list[Comment]:
    """Newest first."""
    return [comment for comment in reversed(call.platform.comments) if not comment.deleted]


def _page(call: Call, comments: list[Comment]) -> Json:
    since = call.number("since_id", 0)
    told = [_as_json(call, comment) for comment in comments if comment.number > since]
    return {"comments": newest(told, call, PAGE), "total_number": len(comments), "next_cursor": 0}


def _as_json(call: Call, comment: Comment) -> Json:
    status = next((s for s in call.platform.statuses if s.number == comment.status), None)
    return {
        "created_at": moment(comment.at),
        "id": rounded(comment.number),
        "mid": str(comment.number),
        "idstr": str(comment.number),
        "text": comment.text,
        "user": {"id": int(comment.author), "idstr": comment.author, "screen_name": comment.name},
        "status": as_json(call, status) if status else None,
    }


ROUTES = {
    "/2/comments/create.json": Route("POST", create),
    "/2/comments/reply.json": Route("POST", reply),
    "/2/comments/destroy.json": Route("POST", destroy),
    "/2/comments/show.json": Route("GET", show),
    "/2/comments/to_me.json": Route("GET", to_me),
    "/2/comments/timeline.json": Route("GET", timeline),
    "/2/comments/mentions.json": Route("GET", mentions),
}
