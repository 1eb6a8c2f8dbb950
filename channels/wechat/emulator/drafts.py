"""The draft box. A draft leaves it once it is published or broadcast."""

from dataclasses import dataclass
from datetime import datetime

from channels.wechat.emulator.articles import Article, Editor
from channels.wechat.emulator.calls import Call, Route, Routes, read_number, read_page, read_text
from channels.wechat.emulator.chat import Card
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.ids import Ids


@dataclass
class Draft:
    media_id: str
    articles: tuple[Article, ...]
    base: str
    created_at: datetime
    updated_at: datetime

    def echo(self, *, with_content: bool = True) -> dict[str, object]:
        items = [
            article.echo(self.preview_url(index), with_content=with_content)
            for index, article in enumerate(self.articles)
        ]
        return {
            "news_item": items,
            "create_time": int(self.created_at.timestamp()),
            "update_time": int(self.updated_at.timestamp()),
        }

    def cards(self) -> tuple[Card, ...]:
        return tuple(
            Card(article.title, article.digest, self.preview_url(index), article.thumb_url)
            for index, article in enumerate(self.articles)
        )

    def preview_url(self, index: int) -> str:
        return f"{self.base}/s?tempkey={self.media_id}&chksm={index}"


class DraftBox:
    def __init__(self, editor: Editor, ids: Ids) -> None:
        self._editor = editor
        self._ids = ids
        self._drafts: dict[str, Draft] = {}

    def routes(self) -> Routes:
        return {
            "draft/add": Route("POST", self.add),
            "draft/get": Route("POST", self.get),
            "draft/update": Route("POST", self.update),
            "draft/batchget": Route("POST", self.page),
            "draft/count": Route("GET", self.count),
            "draft/delete": Route("POST", self.delete),
            "draft/switch": Route("POST", self.switch),
        }

    def add(self, call: Call) -> object:
        articles = self._editor.read_all(call.literal_fields().get("articles"))
        draft = Draft(self._ids.text(64), articles, call.base, call.at, call.at)
        self._drafts[draft.media_id] = draft
        return {"media_id": draft.media_id, "item": []}

    def get(self, call: Call) -> object:
        return self.find(read_text(call.fields(), "media_id")).echo()

    def update(self, call: Call) -> object:
        """Replaces one article; `articles` is one object here, `index` counts from 0."""
        fields = call.literal_fields()
        draft = self.find(read_text(fields, "media_id"))
        index = read_number(fields, "index")
        if not 0 <= index < len(draft.articles):
            raise Refusal(40114)
        article = self._editor.read(fields.get("articles"), alone=len(draft.articles) == 1)
        draft.articles = (*draft.articles[:index], article, *draft.articles[index + 1 :])
        draft.updated_at = call.at
        self.put_back(self.take(draft.media_id))  # to the top of the list
        return {"errcode": 0, "errmsg": "ok"}

    def page(self, call: Call) -> object:
        fields = call.fields()
        offset, count = read_page(fields)
        with_content = not read_number(fields, "no_content")
        newest_first = list(reversed(self._drafts.values()))
        items = [
            {
                "media_id": draft.media_id,
                "content": draft.echo(with_content=with_content),
                "update_time": int(draft.updated_at.timestamp()),
            }
            for draft in newest_first[offset : offset + count]
        ]
        return {"item": items, "total_count": len(self._drafts), "item_count": len(items)}

    def count(self, call: Call) -> object:  # noqa: ARG002 - a call without arguments
        return {"total_count": len(self._drafts)}

    def delete(self, call: Call) -> object:
        self.take(read_text(call.fields(), "media_id"))
        return {"errcode": 0, "errmsg": "ok"}

    def switch(self, call: Call) -> object:  # noqa: ARG002 - opened long ago for everybody
        return {"errcode": 0, "errmsg": "ok", "is_open": 1}

    def find(self, media_id: str) -> Draft:
        if media_id not in self._drafts:
            raise Refusal(40007)
        return self._drafts[media_id]

    def take(self, media_id: str) -> Draft:
        draft = self.find(media_id)
        del self._drafts[media_id]
        return draft

    def put_back(self, draft: Draft) -> None:
        self._drafts[draft.media_id] = draft
