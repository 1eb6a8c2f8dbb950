"""Comments below articles; an article is named by its msg_data_id and its place, counted from 0."""

from dataclasses import dataclass, field
from datetime import datetime

from channels.wechat.emulator.calls import Call, Fields, Route, Routes, read_id, read_number, read_text
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.ids import Ids
from channels.wechat.emulator.shelf import Piece, Shelf

MAX_REPLY = 600  # characters
MAX_ELECTED = 100
MAX_PAGE = 49
ALL, PLAIN, ELECTED = range(3)


@dataclass
class Comment:
    id: int
    openid: str
    content: str
    at: datetime
    elected: bool = False
    reply: str = ""
    replied_at: datetime | None = None

    def told(self) -> Fields:
        told: Fields = {
            "user_comment_id": self.id,
            "openid": self.openid,
            "create_time": int(self.at.timestamp()),
            "content": self.content,
            "comment_type": int(self.elected),
        }
        if self.replied_at:
            told["reply"] = {"content": self.reply, "create_time": int(self.replied_at.timestamp())}
        return told


@dataclass
class Board:
    """The comments below one article."""

    open: bool
    comments: dict[int, Comment] = field(default_factory=dict)


class Comments:
    def __init__(self, shelf: Shelf, ids: Ids) -> None:
        self._shelf = shelf
        self._ids = ids
        self._boards: dict[str, Board] = {}

    def routes(self) -> Routes:
        return {
            "comment/open": Route("POST", self.open, verified=True),
            "comment/close": Route("POST", self.close, verified=True),
            "comment/list": Route("POST", self.page, verified=True),
            "comment/markelect": Route("POST", self.elect, verified=True),
            "comment/unmarkelect": Route("POST", self.unelect, verified=True),
            "comment/delete": Route("POST", self.delete, verified=True),
            "comment/reply/add": Route("POST", self.reply, verified=True),
            "comment/reply/delete": Route("POST", self.delete_reply, verified=True),
        }

    def open(self, call: Call) -> object:
        self._board(call.fields()).open = True
        return _ok()

    def close(self, call: Call) -> object:
        self._board(call.fields()).open = False
        return _ok()

    def page(self, call: Call) -> object:
        fields = call.fields()
        board = self._board(fields)
        begin, count = read_number(fields, "begin"), read_number(fields, "count")
        if begin < 0 or not 1 <= count <= MAX_PAGE:
            raise Refusal(88010)
        kind = read_number(fields, "type")
        if kind not in (ALL, PLAIN, ELECTED):
            raise Refusal(40035, "type")
        found = [each for each in board.comments.values() if kind == ALL or each.elected == (kind == ELECTED)]
        listed = [comment.told() for comment in found[begin : begin + count]]
        return {"errcode": 0, "errmsg": "ok", "total": len(found), "comment": listed}

    def elect(self, call: Call) -> object:
        fields = call.fields()
        board, comment = self._board(fields), self._comment(fields)
        if sum(each.elected for each in board.comments.values()) >= MAX_ELECTED:
            raise Refusal(88003)
        comment.elected = True
        return _ok()

    def unelect(self, call: Call) -> object:
        self._comment(call.fields()).elected = False
        return _ok()

    def delete(self, call: Call) -> object:
        fields = call.fields()
        comment = self._comment(fields)
        del self._board(fields).comments[comment.id]
        return _ok()

    def reply(self, call: Call) -> object:
        fields = call.fields()
        comment = self._comment(fields)
        content = read_text(fields, "content")
        if not 1 <= len(content) <= MAX_REPLY:
            raise Refusal(88007)
        if comment.replied_at:
            raise Refusal(88005)
        comment.reply, comment.replied_at = content, call.at
        return _ok()

    def delete_reply(self, call: Call) -> object:
        comment = self._comment(call.fields())
        if comment.replied_at is None:
            raise Refusal(88009)
        comment.reply, comment.replied_at = "", None
        return _ok()

    def write(self, msg_data_id: int, index: int, openid: str, content: str, at: datetime) -> int:
        """A follower comments. Raises KeyError where there is no article, ValueError where it is closed."""
        piece = self._shelf.piece(msg_data_id, index)
        if piece is None:
            raise KeyError(msg_data_id)
        board = self._board_of(piece)
        if not board.open:
            raise ValueError("comments are closed")
        comment = Comment(next(self._ids.comment), openid, content, at)
        board.comments[comment.id] = comment
        return comment.id

    def _board(self, fields: Fields) -> Board:
        msg_data_id = read_id(fields, "msg_data_id", 88001)
        piece = self._shelf.piece(msg_data_id, read_number(fields, "index"))
        if piece is None:
            raise Refusal(88001)
        return self._board_of(piece)

    def _board_of(self, piece: Piece) -> Board:
        return self._boards.setdefault(piece.id, Board(bool(piece.article.open_comment)))

    def _comment(self, fields: Fields) -> Comment:
        comment = self._board(fields).comments.get(read_id(fields, "user_comment_id", 88008))
        if comment is None:
            raise Refusal(88008)
        return comment


def _ok() -> object:
    return {"errcode": 0, "errmsg": "ok"}
