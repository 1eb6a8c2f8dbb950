"""Publishing without a push to followers: a job that ends a little later with an event."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.wechat.emulator.calls import (
    Call,
    Fields,
    Route,
    Routes,
    read_id,
    read_number,
    read_page,
    read_text,
)
from channels.wechat.emulator.drafts import Draft, DraftBox
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.ids import Ids
from channels.wechat.emulator.push import Postman, Tree, Value
from channels.wechat.emulator.shelf import Act, Piece, Shelf
from channels.wechat.emulator.verdicts import Verdict, Verdicts

DONE, RUNNING, ORIGINAL_FAILED, FAILED, REFUSED, DELETED = range(6)


@dataclass
class Job:
    act: Act
    draft: Draft
    finishes_at: datetime
    status: int = RUNNING
    fail_idx: tuple[int, ...] = ()
    article_id: str = ""
    pieces: list[Piece] = field(default_factory=list)

    def outcome(self) -> Fields:
        outcome: Fields = {"publish_id": self.act.id, "publish_status": self.status_now()}
        if self.article_id:
            items = [{"idx": piece.idx, "article_url": piece.address} for piece in self.pieces]
            outcome["article_id"] = self.article_id
            outcome["article_detail"] = {"count": len(items), "item": items}
        return outcome | {"fail_idx": list(self.fail_idx)}

    def status_now(self) -> int:
        if self.status == DONE and all(piece.deleted for piece in self.pieces):
            return DELETED
        return self.status

    def echo(self, *, with_content: bool = True) -> Fields:
        items = [
            piece.article.echo(piece.address, with_content=with_content) | {"is_deleted": piece.deleted}
            for piece in self.pieces
        ]
        return {
            "news_item": items,
            "create_time": int(self.draft.created_at.timestamp()),
            "update_time": int(self.finishes_at.timestamp()),
        }


class Publishing:
    """`event` is the name of the event that ends a job: the sources spell it in two ways."""

    def __init__(
        self,
        box: DraftBox,
        shelf: Shelf,
        postman: Postman,
        ids: Ids,
        verdicts: Verdicts,
        runs_for: timedelta,
        event: str,
    ) -> None:
        self._box = box
        self._shelf = shelf
        self._postman = postman
        self._ids = ids
        self._verdicts = verdicts
        self._runs_for = runs_for
        self._event = event
        self._jobs: dict[int, Job] = {}
        self._running: list[Job] = []
        self._done: dict[str, Job] = {}  # by article_id

    def routes(self) -> Routes:
        return {
            "freepublish/submit": Route("POST", self.submit, verified=True),
            "freepublish/get": Route("POST", self.get, verified=True),
            "freepublish/delete": Route("POST", self.delete, verified=True),
            "freepublish/getarticle": Route("POST", self.get_article, verified=True),
            "freepublish/batchget": Route("POST", self.page, verified=True),
        }

    def submit(self, call: Call) -> object:
        draft = self._box.take(read_text(call.fields(), "media_id"))
        act = Act(next(self._ids.publish), "publish", next(self._ids.msg_data), call.base)
        job = Job(act, draft, call.at + self._runs_for)
        self._jobs[act.id] = job
        self._running.append(job)
        return {
            "errcode": 0,
            "errmsg": "ok",
            "publish_id": str(act.id),
            "msg_data_id": act.msg_data_id,
        }

    def get(self, call: Call) -> object:
        publish_id = read_id(call.fields(), "publish_id", 40002)
        if publish_id not in self._jobs:
            raise Refusal(53502)
        return self._jobs[publish_id].outcome()

    def delete(self, call: Call) -> object:
        """`index` counts from 1; 0 or none deletes every article of the job."""
        fields = call.fields()
        pieces = self.pieces(read_text(fields, "article_id"))
        index = read_number(fields, "index")
        if not 0 <= index <= len(pieces):
            raise Refusal(40114)
        for piece in pieces[index - 1 : index] if index else pieces:
            piece.deleted = True
        return {"errcode": 0, "errmsg": "ok"}

    def get_article(self, call: Call) -> object:
        return self._job(read_text(call.fields(), "article_id")).echo()

    def page(self, call: Call) -> object:
        fields = call.fields()
        offset, count = read_page(fields)
        with_content = not read_number(fields, "no_content")
        newest_first = list(reversed(self._done.values()))
        items = [
            {
                "article_id": job.article_id,
                "content": job.echo(with_content=with_content),
                "update_time": int(job.finishes_at.timestamp()),
            }
            for job in newest_first[offset : offset + count]
        ]
        return {"total_count": len(newest_first), "item_count": len(items), "item": items}

    def pieces(self, article_id: str) -> list[Piece]:
        return self._job(article_id).pieces

    def has(self, article_id: str) -> bool:
        return article_id in self._done

    def settle(self, now: datetime) -> None:
        """Ends the jobs whose time has come."""
        due = [job for job in self._running if job.finishes_at <= now]
        for job in due:
            self._running.remove(job)
            self._finish(job, self._verdicts.take("publish", str(DONE)))

    def _job(self, article_id: str) -> Job:
        if article_id not in self._done:
            raise Refusal(53600)
        return self._done[article_id]

    def _finish(self, job: Job, verdict: Verdict) -> None:
        job.status = int(verdict.status)
        job.fail_idx = verdict.fail_idx
        if job.status == DONE:
            job.article_id = self._ids.text(43)
            job.pieces = self._shelf.put(job.act, job.draft.articles, job.finishes_at)
            self._done[job.article_id] = job
        else:
            self._box.put_back(job.draft)
        self._postman.event(self._event, {"PublishEventInfo": _event_info(job)}, job.finishes_at)


def _event_info(job: Job) -> Tree:
    info: Tree = {"publish_id": job.act.id, "publish_status": job.status}
    if job.article_id:
        items: list[Value] = [{"idx": piece.idx, "article_url": piece.address} for piece in job.pieces]
        # the platform's own sample has the id on a line of its own
        info["article_id"] = f"\n{job.article_id}\n"
        info["article_detail"] = {"count": len(items), "item": items}
    if job.fail_idx:
        info["fail_idx"] = list(job.fail_idx)
    return info
