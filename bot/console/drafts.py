"""Items: the list, one of them with all that happened to it, and the acts of its chain."""

from collections.abc import Callable, Mapping
from difflib import SequenceMatcher

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.checks import Level
from bot.console import queries
from bot.console.queries import Scope
from bot.console.visit import Visit
from bot.desk import Done, Dossier
from bot.drafts import WORDS, Act, State
from bot.errors import RuleBroken
from bot.people import READERS, NotAllowed, acts_open, want_right
from channels.base import PICTURE_SCHEME
from scheduler.database import reading

FILTERS: Mapping[str, tuple[str, tuple[State, ...]]] = {
    "": ("全部", ()),
    "mine": ("拟稿中", queries.UNFINISHED),
    "waiting": ("审核中", queries.WAITING),
    "signed": ("已签发", (State.SIGNED,)),
    "discarded": ("已作废", (State.DISCARDED,)),
}
A_DAY = "private, max-age=86400"


def listing(visit: Visit) -> Response:
    chosen = visit.text("state") if visit.text("state") in FILTERS else ""
    words = visit.text("q")
    with reading(visit.rooms.engine) as connection:
        items = queries.draft_page(
            connection, scope_of(visit), FILTERS[chosen][1], words, visit.number("before")
        )
    more = items[-1].draft.id if len(items) == queries.PAGE else 0
    return visit.page("drafts.html", items=items, filters=FILTERS, chosen=chosen, words=words, more=more)


def show(visit: Visit) -> Response:
    dossier = seen(visit)
    item = dossier.item
    with reading(visit.rooms.engine) as connection:
        versions = queries.versions(connection, item.draft.id)
    return visit.page(
        "draft.html",
        item=item,
        post=dossier.post,
        body=shown_body(dossier),
        acts=dossier.acts,
        sha256=dossier.sha256,
        deliveries=dossier.deliveries,
        versions=versions[::-1],
        open_acts=[act for act in acts_open(visit.person, item.draft, item.unit) if act is not Act.REVISE],
        editable=Act.REVISE in acts_open(visit.person, item.draft, item.unit),
        findings=findings(visit, dossier),
    )


def version(visit: Visit) -> Response:
    """One version, and what it changed in the one before it."""
    dossier = seen(visit)
    number = visit.number("version")
    with reading(visit.rooms.engine) as connection:
        versions = queries.versions(connection, dossier.item.draft.id)
    if not 1 <= number <= len(versions):
        raise HTTPException(404)
    this, before = versions[number - 1], versions[number - 2] if number > 1 else None
    return visit.page(
        "version.html",
        item=dossier.item,
        this=this,
        before=before,
        pieces=compared(before["text"] if before else this["text"], this["text"]),
    )


def picture(visit: Visit) -> Response:
    for each in seen(visit).post.pictures:
        if each.sha256 == visit.request.path_params["sha256"]:
            headers = {"cache-control": A_DAY, "content-security-policy": "default-src 'none'"}
            return Response(each.content, media_type=each.media_type, headers=headers)
    raise HTTPException(404)


def act(visit: Visit) -> Response:
    """Submit, review, sign, return, withdraw or discard the version that was on the screen."""
    step = Act(visit.request.url.path.rpartition("/")[2])
    item = seen(visit).item
    want_right(visit.person, step, item.draft, item.unit)
    done = _verbs(visit)[step](
        item.draft.id, visit.person.name, visit.now, visit.number("seen"), visit.text("opinion")
    )
    if done.deliveries:
        visit.rooms.house.nudge()
    return visit.go(f"/drafts/{item.draft.id}", _sentence(item.title, step, done))


def scope_of(visit: Visit) -> Scope:
    return Scope(visit.person.name, visit.person.units(READERS))


def seen(visit: Visit) -> Dossier:
    """The item of the address, if this person may see it. Raises RuleBroken."""
    try:
        dossier = visit.rooms.desk.show(visit.number("id"))
    except RuleBroken:
        raise HTTPException(404) from None
    if not visit.person.sees(dossier.item.draft, dossier.item.unit):
        raise NotAllowed("这篇稿件属于别的单位，您的账号不能查看。如有需要，请联系管理员。")
    return dossier


def shown_body(dossier: Dossier) -> str:
    """The sanitised body with its pictures at addresses of ours."""
    return dossier.post.html.replace(
        f'src="{PICTURE_SCHEME}', f'src="/drafts/{dossier.item.draft.id}/pictures/'
    )


def findings(visit: Visit, dossier: Dossier) -> list[tuple[str, str]]:
    """(level, sentence) of what the checks and the platforms find, gravest first."""
    draft = dossier.item.draft
    if draft.due is None:
        return []
    found = [(str(each.level), each.sentence) for each in visit.rooms.desk.remarks(draft.id, visit.now)]
    for name in dossier.item.accounts:
        if name in visit.rooms.settings.accounts:
            problems = visit.rooms.house.check(name, [dossier.post])
            found += [(str(each.level), f"{visit.account_word(name)}：{each.sentence}") for each in problems]
    return sorted(found, key=lambda finding: list(Level).index(Level(finding[0])))


def compared(before: str, after: str) -> list[tuple[str, str]]:
    """The later text in pieces: ("same" | "added" | "removed", text). Line by line, then inside lines."""
    pieces: list[tuple[str, str]] = []
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, now = "".join(old[i1:i2]), "".join(new[j1:j2])
        pieces += [("same", now)] if tag == "equal" else _inside(was, now)
    return [piece for piece in pieces if piece[1]]


def _inside(was: str, now: str) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", now[j1:j2]))
        else:
            pieces += [("removed", was[i1:i2]), ("added", now[j1:j2])]
    return pieces


def _verbs(visit: Visit) -> dict[Act, Callable[..., Done]]:
    desk = visit.rooms.desk
    return {
        Act.SUBMIT: desk.submit,
        Act.REVIEW: desk.review,
        Act.SIGN: desk.sign_off,
        Act.SEND_BACK: desk.send_back,
        Act.WITHDRAW: desk.withdraw,
        Act.DISCARD: desk.discard,
    }


def _sentence(title: str, step: Act, done: Done) -> str:
    words = f"《{title}》{WORDS[done.draft.state]}。"
    if done.deliveries:
        words += f"已排入 {len(done.deliveries)} 次投递。"
    elif step in (Act.SUBMIT, Act.REVIEW):
        words += f"下一步：{done.draft.step}。"
    return words + "".join(f"注意：{warning}" for warning in done.warnings)
