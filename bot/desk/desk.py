"""The desk: items are added, reviewed, signed, sent back. Each verb is one transaction.

Signing freezes the post and queues its deliveries in the same transaction, so there is no moment at which an
item is signed and not on its way, or on its way and not signed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches

from sqlalchemy import Connection, Engine, RowMapping

from bot.checks.office import context_of
from bot.checks.posts import Remark, look_over
from bot.desk import corrections, rows
from bot.desk.looking import want_clean, want_reason
from bot.desk.values import Done, Dossier, Item, Proposal
from bot.drafts import Act, State
from bot.errors import RuleBroken
from bot.importing.titles import tidy
from bot.settings import Settings
from bot.tables import drafts
from channels.base import Level, Post, Problem
from scheduler import ledger
from scheduler.database import reading
from scheduler.plan import BEIJING

Check = Callable[[str, Sequence[Post]], list[Problem]]

ADD = "add"
ADDRESS = re.compile(r"https?://[\w.-]+(:\d+)?([/?#][^\s<>\"]*)?", re.IGNORECASE)


class Desk:
    """`check` asks an account's platform rules about posts; `new_key` draws a delivery's key."""

    def __init__(self, engine: Engine, settings: Settings, check: Check, new_key: Callable[[], str]) -> None:
        self._engine, self._settings, self._check, self._new_key = engine, settings, check, new_key

    def add(self, proposals: Sequence[Proposal], who: str, now: datetime) -> list[int]:
        """Put items on the desk, all or none; returns their ids. Raises RuleBroken."""
        who = _name(who)
        fitting = [self._placed(proposal, now, alone=len(proposals) == 1) for proposal in proposals]
        with self._engine.begin() as connection:
            return [self._add(connection, proposal, who, now) for proposal in fitting]

    def correct(self, original_id: int, proposal: Proposal, who: str, now: datetime) -> int:
        """Add the correction of a published item: its post names that one, and goes where that went.

        Returns the new item's id. Raises RuleBroken.
        """
        who = _name(who)
        _want_the_future(proposal.due_at, now)
        with self._engine.begin() as connection:
            rows.load(connection, original_id)
            accounts = self._still_ours(corrections.published(connection, original_id))
            original = rows.item_row(connection, original_id)
            correction = replace(
                proposal,
                document=corrections.naming(connection, original_id, proposal.document),
                column=original["column"],
                unit=original["unit"],
                accounts=accounts,
                corrects=original_id,
            )
            return self._add(connection, self._fitting(correction), who, now, f"更正稿件 {original_id}")

    def revise(self, draft_id: int, proposal: Proposal, who: str, now: datetime, seen: int) -> Done:
        """Lay down a new version; what the proposal leaves empty stays as it was. Raises RuleBroken."""
        who = _name(who)
        _want_the_future(proposal.due_at, now)
        with self._engine.begin() as connection:
            before = rows.load(connection, draft_id)
            draft = before.after(Act.REVISE, who, seen)
            fitting = self._fitting(
                _named(connection, proposal, rows.completed(connection, before, proposal))
            )
            _want_time_to_be_seen(fitting, now)
            rows.keep_version(connection, draft, fitting, who, now)
            rows.record(connection, draft, Act.REVISE, who, now)
            return Done(draft)

    def submit(self, draft_id: int, who: str, now: datetime, seen: int, opinion: str = "") -> Done:
        """Hand it to the review, if every platform would take it. Raises RuleBroken."""
        with self._engine.begin() as connection:
            draft = rows.load(connection, draft_id).after(Act.SUBMIT, who := _name(who), seen)
            warnings = self._want_fit(*rows.version(connection, draft), now)
            rows.record(connection, draft, Act.SUBMIT, who, now, opinion)
            return Done(draft, warnings)

    def review(self, draft_id: int, who: str, now: datetime, seen: int, opinion: str = "") -> Done:
        """Pass it on; what the checks want a reason for needs one. Raises RuleBroken."""
        with self._engine.begin() as connection:
            draft = rows.load(connection, draft_id).after(Act.REVIEW, who := _name(who), seen)
            post, _ = rows.version(connection, draft)
            context = context_of(self._settings, now)
            warnings = want_clean(post, context)
            want_reason(post, context, opinion)
            rows.record(connection, draft, Act.REVIEW, who, now, opinion)
            return Done(draft, warnings)

    def sign_off(self, draft_id: int, who: str, now: datetime, seen: int, opinion: str = "") -> Done:
        """Freeze the post and queue it for each of its accounts. Raises RuleBroken."""
        with self._engine.begin() as connection:
            draft = rows.load(connection, draft_id).after(Act.SIGN, who := _name(who), seen)
            post, row = rows.version(connection, draft)
            warnings = self._want_fit(post, row, now)
            want_reason(post, context_of(self._settings, now), opinion)
            post_id = ledger.freeze(connection, post, now)
            due_at = max(row["due_at"] or now, now)
            queued = tuple(
                ledger.submit(
                    connection,
                    account=account,
                    posts=[post_id],
                    due_at=due_at,
                    now=now,
                    key=self._new_key(),
                )
                for account in row["accounts"]
            )
            rows.record(connection, draft, Act.SIGN, who, now, opinion, post_id=post_id)
            return Done(draft, warnings, queued)

    def remarks(self, draft_id: int, now: datetime) -> list[Remark]:
        """What the checks find in the newest version, the gravest first. Raises RuleBroken."""
        with reading(self._engine) as connection:
            post, _ = rows.version(connection, rows.load(connection, draft_id, lock=False))
        return look_over(post, context_of(self._settings, now))

    def send_back(self, draft_id: int, who: str, now: datetime, seen: int, reason: str) -> Done:
        return self._move(draft_id, Act.SEND_BACK, who, now, seen, reason)

    def withdraw(self, draft_id: int, who: str, now: datetime, seen: int, reason: str = "") -> Done:
        return self._move(draft_id, Act.WITHDRAW, who, now, seen, reason)

    def discard(self, draft_id: int, who: str, now: datetime, seen: int, reason: str = "") -> Done:
        return self._move(draft_id, Act.DISCARD, who, now, seen, reason)

    def listing(self, states: Sequence[State] = (), limit: int = 200) -> list[Item]:
        """The newest items first."""
        query = rows.ITEMS.order_by(drafts.c.id.desc()).limit(limit)
        if states:
            query = query.where(drafts.c.state.in_(states))
        with reading(self._engine) as connection:
            found = connection.execute(query).mappings().all()
            writers = rows.writers(connection, [row["id"] for row in found])
        return [rows.item(row, writers[row["id"]]) for row in found]

    def show(self, draft_id: int) -> Dossier:
        """Everything about an item. Raises RuleBroken for an id that is not there."""
        with reading(self._engine) as connection:
            draft = rows.load(connection, draft_id, lock=False)
            row = rows.item_row(connection, draft_id)
            post, version = rows.version(connection, draft)
            return Dossier(
                rows.item(row, draft.writers),
                post,
                version["sha256"],
                version["file"],
                rows.acts_of(connection, draft_id),
                rows.deliveries_of(connection, row["post_id"]),
                rows.withdrawals_of(connection, row["post_id"]),
                rows.corrections_of(connection, draft_id),
            )

    def _move(self, draft_id: int, act: Act, who: str, now: datetime, seen: int, opinion: str) -> Done:
        with self._engine.begin() as connection:
            draft = rows.load(connection, draft_id).after(act, who := _name(who), seen, opinion)
            rows.record(connection, draft, act, who, now, opinion)
            return Done(draft)

    # Does it fit the house?

    def _placed(self, proposal: Proposal, now: datetime, *, alone: bool) -> Proposal:
        """As `_fitting`; of several the one with a fault is named by its file and row."""
        try:
            _want_the_future(proposal.due_at, now)
            _want_time_to_be_seen(proposal, now)
            return self._fitting(proposal)
        except RuleBroken as error:
            raise RuleBroken(str(error) if alone else f"{proposal.file}：{error}") from None

    def _fitting(self, proposal: Proposal) -> Proposal:
        """The proposal with what the settings add to it. Raises RuleBroken."""
        column = self._known("栏目", proposal.column, self._settings.columns)
        owner = self._settings.columns[column].unit if column in self._settings.columns else ""
        unit = self._known("单位", proposal.unit or owner or self._settings.office.unit, self._settings.units)
        own = self._settings.units[unit].author if unit in self._settings.units else ""
        source = tidy(proposal.source) or proposal.document.source
        _want_an_address(source)
        return Proposal(
            proposal.document,
            proposal.file,
            column,
            unit,
            tidy(proposal.author) or own or unit,
            source,
            self._accounts(proposal.accounts),
            proposal.due_at,
            proposal.expires_at,
            proposal.corrects,
        )

    def _known(self, what: str, word: str, table: Mapping[str, object]) -> str:
        word = tidy(word)
        if word and table and word not in table:
            raise RuleBroken(f"配置里没有{what}“{word}”，{_nearest(word, table)}")
        return word

    def _accounts(self, chosen: Sequence[str]) -> tuple[str, ...]:
        known = self._settings.accounts
        if not known:
            raise RuleBroken("还没有配置账号，请先在 config.toml 里添加账号（见 config.example.toml）。")
        for name in chosen:
            if name not in known:
                raise RuleBroken(f"配置里没有账号“{tidy(name)}”，{_nearest(name, known)}")
        return tuple(dict.fromkeys(chosen)) or tuple(known)

    def _still_ours(self, published: Mapping[str, datetime]) -> tuple[str, ...]:
        ours = tuple(name for name in published if name in self._settings.accounts)
        if not ours:
            raise RuleBroken(f"原稿所在的账号（{'、'.join(published)}）已不在配置中，请先恢复账号再更正。")
        return ours

    def _want_fit(self, post: Post, row: RowMapping, now: datetime) -> tuple[str, ...]:
        """The warnings of checks and platforms. Raises RuleBroken with all that speaks against it."""
        remarks = want_clean(post, context_of(self._settings, now))
        accounts = self._accounts(row["accounts"])
        found = [(name, problem) for name in accounts for problem in self._check(name, [post])]
        refused = [f"{name}：{problem.sentence}" for name, problem in found if problem.level is Level.BLOCK]
        if refused:
            raise RuleBroken(f"《{post.title}》还不能发布。{''.join(refused)}")
        return (*remarks, *(f"{name}：{problem.sentence}" for name, problem in found))

    def _add(
        self, connection: Connection, proposal: Proposal, who: str, now: datetime, opinion: str = ""
    ) -> int:
        steps = self._settings.steps(proposal.column)
        draft = rows.begin(connection, steps, proposal, who, now)
        rows.keep_version(connection, draft, proposal, who, now)
        rows.record(connection, draft, ADD, who, now, opinion)
        return draft.id


def _named(connection: Connection, proposal: Proposal, completed: Proposal) -> Proposal:
    """A new version of a correction still names the original, and stays on its accounts."""
    if completed.corrects is None:
        return completed
    if proposal.accounts:
        raise RuleBroken("更正要发在原稿的账号上，不能另选账号，请去掉 --account。")
    document = corrections.naming(connection, completed.corrects, completed.document)
    return replace(completed, document=document)


def _name(who: str) -> str:
    name = tidy(who)
    if not name:
        raise RuleBroken("没有写明是谁在办理，请写上姓名。")
    return name


def _want_an_address(source: str) -> None:
    if source and not ADDRESS.fullmatch(source):
        raise RuleBroken(f"来源“{tidy(source)}”不是网址，请填写以 http:// 或 https:// 开头的完整地址。")


def _want_the_future(due_at: datetime | None, now: datetime) -> None:
    if due_at is not None and due_at <= now:
        here = due_at.astimezone(BEIJING)
        raise RuleBroken(f"发布时间 {here:%Y-%m-%d %H:%M} 已经过去，请改为将来的时间。")


def _want_time_to_be_seen(proposal: Proposal, now: datetime) -> None:
    if proposal.expires_at is None:
        return
    if proposal.expires_at <= max(proposal.due_at or now, now):
        here = proposal.expires_at.astimezone(BEIJING)
        raise RuleBroken(f"撤下时间 {here:%Y-%m-%d %H:%M} 不在发布之后，请改为更晚的时间。")


def _nearest(word: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"是不是“{near[0]}”？" if near else f"可选的有：{'、'.join(known)}。"
