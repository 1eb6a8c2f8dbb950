"""What a follower sees: the chat and the account's articles on a phone, and the articles themselves."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader

from channels.emulator import Request, Response
from channels.wechat.emulator.articles import Article
from channels.wechat.emulator.chat import Chat
from channels.wechat.emulator.drafts import DraftBox
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.media import Library
from channels.wechat.emulator.menu import Menu
from channels.wechat.emulator.quotas import BEIJING
from channels.wechat.emulator.shelf import Shelf

TEMPLATES = Path(__file__).parents[1] / "templates"
HTML = "text/html; charset=utf-8"
PAUSE = timedelta(minutes=5)  # a longer one shows the time again
DELETED = "该内容已被发布者删除"
MISSING = "没有找到这个页面"


class Pages:
    def __init__(
        self, title: str, shelf: Shelf, box: DraftBox, library: Library, chat: Chat, menu: Menu
    ) -> None:
        self._title = title
        self._shelf = shelf
        self._box = box
        self._library = library
        self._chat = chat
        self._menu = menu
        self._templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)

    def phone(self, openid: str) -> str:
        return self._render(
            "phone.html",
            title=self._title,
            lines=self._chat.seen_by(openid),
            pieces=self._shelf.newest_first(),
            buttons=self._menu.buttons,
            beijing=BEIJING,
            pause=PAUSE,
        )

    def answer(self, request: Request) -> Response:
        if found := self._library.content_at(request.path):
            return found
        if request.path == "/s" and "tempkey" in request.query:
            return self._preview(request)
        piece = self._shelf.at(request.path)
        if piece is None:
            return self._notice(MISSING, 404)
        if piece.deleted:
            return self._notice(DELETED, 200)
        return self._article(piece.article, piece.at.astimezone(BEIJING).strftime("%Y年%-m月%-d日 %H:%M"))

    def _preview(self, request: Request) -> Response:
        try:
            draft = self._box.find(request.query["tempkey"])
            return self._article(draft.articles[int(request.query.get("chksm", "0"))], "预览")
        except (Refusal, ValueError, IndexError):
            return self._notice(MISSING, 404)

    def _article(self, article: Article, at: str) -> Response:
        pictures = [self._library.permanent_url(media_id) for media_id in article.images]
        page = self._render(
            "phone_article.html", account=self._title, article=article, at=at, pictures=pictures
        )
        return Response(page.encode(), media_type=HTML)

    def _notice(self, notice: str, status: int) -> Response:
        page = self._render("phone_article.html", account=self._title, article=None, notice=notice)
        return Response(page.encode(), status, HTML)

    def _render(self, name: str, **values: object) -> str:
        return self._templates.get_template(name).render(local=local_address, **values)


def local_address(address: str) -> str:
    """The path of one of our own pages, so that it opens wherever the emulator is reached."""
    parts = urlsplit(address)
    if parts.path.startswith(("/s/", "/mmbiz/")) or "tempkey=" in parts.query:
        return parts._replace(scheme="", netloc="").geturl()
    return address
