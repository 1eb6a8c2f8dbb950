"""One request of a person who is logged in, and the answers a screen gives."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.console.cookies import put
from bot.console.rendering import render
from bot.people import Person
from bot.sessions import Session

if TYPE_CHECKING:
    from bot.console.console import Rooms

FLASH = "gongbao_flash"
FLASH_SECONDS = 60


@dataclass(frozen=True)
class Visit:
    rooms: "Rooms"
    request: Request
    person: Person
    session: Session
    form: FormData

    @cached_property
    def now(self) -> datetime:
        return self.rooms.clock()

    def text(self, name: str) -> str:
        """A field of the form, or of the address; empty if it is not there."""
        value = self.form.get(name, self.request.query_params.get(name, ""))
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> list[UploadFile]:
        """The files that were chosen; an empty field sends one without a name."""
        return [each for each in self.form.getlist(name) if isinstance(each, UploadFile) and each.filename]

    def number(self, name: str) -> int:
        """A number of the path or a field; 0 for anything else, which is nobody's number."""
        value = self.request.path_params.get(name, self.text(name))
        try:
            return int(value)
        except ValueError:
            return 0

    def account_word(self, name: str) -> str:
        """The account as followers know it, with its own word: two may have one title."""
        account = self.rooms.settings.accounts.get(name)
        title = account.channel.title if account else ""
        return f"{title}（{name}）" if title else name

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        response = HTMLResponse(
            render(
                template,
                person=self.person,
                csrf=self.session.csrf,
                here=self.request.url.path,
                office=self.rooms.settings.office.name,
                accounts=self.rooms.settings.accounts,
                account_word=self.account_word,
                now=self.now,
                flash=self._flash(),
                **values,
            ),
            status,
        )
        if FLASH in self.request.cookies:
            response.delete_cookie(FLASH, path="/")
        return response

    def go(self, path: str, sentence: str = "") -> Response:
        """See another page, which shows this sentence once."""
        response = RedirectResponse(path, 303)
        if sentence:
            put(response, self.request, FLASH, self._sealed(sentence), FLASH_SECONDS)
        return response

    def _sealed(self, sentence: str) -> str:
        words = base64.urlsafe_b64encode(sentence.encode()).decode()
        return f"{words}.{self._seal(words)}"

    def _flash(self) -> str:
        words, _, seal = self.request.cookies.get(FLASH, "").partition(".")
        if not words or not hmac.compare_digest(seal, self._seal(words)):
            return ""
        try:
            return base64.urlsafe_b64decode(words).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""

    def _seal(self, words: str) -> str:
        return hmac.new(self.session.csrf.encode(), words.encode(), hashlib.sha256).hexdigest()
