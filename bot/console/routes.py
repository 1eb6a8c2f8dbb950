"""Every page of the console, and the roles it is open to. What is not in this table does not exist."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from bot.console import (
    accounts,
    audit,
    deliveries,
    drafts,
    editing,
    home,
    me,
    people,
    plan,
    preview,
    review,
    sessions,
)
from bot.console.navigation import ADMINISTRATORS, ANYONE, AUDITORS, DECIDERS, REVIEWERS
from bot.console.visit import Visit
from bot.people import READERS, STEP_ROLES, WRITERS, Role

OWN: frozenset[Role] = frozenset()  # one's own affairs: a login is enough


@dataclass(frozen=True)
class Page:
    method: str
    path: str
    show: Callable[[Visit], Response]
    roles: frozenset[Role]


ALL = READERS | WRITERS

PAGES = (
    Page("GET", "/", home.show, ANYONE),
    Page("GET", "/drafts", drafts.listing, ALL),
    Page("GET", "/drafts/new", editing.new, WRITERS),
    Page("POST", "/drafts/new", editing.add, WRITERS),
    Page("GET", "/drafts/{id:int}", drafts.show, ALL),
    Page("GET", "/drafts/{id:int}/edit", editing.edit, WRITERS),
    Page("POST", "/drafts/{id:int}/edit", editing.revise, WRITERS),
    Page("GET", "/drafts/{id:int}/versions/{version:int}", drafts.version, ALL),
    Page("GET", "/drafts/{id:int}/pictures/{sha256}", drafts.picture, ALL),
    Page("GET", "/drafts/{id:int}/preview", preview.show, ALL),
    Page("GET", "/drafts/{id:int}/preview/{account}", preview.phone, ALL),
    *(Page("POST", f"/drafts/{{id:int}}/{act}", drafts.act, roles) for act, roles in STEP_ROLES.items()),
    Page("GET", "/review", review.queue, REVIEWERS),
    Page("GET", "/plan", plan.show, READERS),
    Page("GET", "/deliveries", deliveries.listing, READERS),
    Page("GET", "/deliveries/{id:int}", deliveries.show, READERS),
    Page("POST", "/deliveries/{id:int}/retry", deliveries.retry, DECIDERS),
    Page("POST", "/deliveries/{id:int}/cancel", deliveries.cancel, DECIDERS),
    Page("POST", "/deliveries/{id:int}/settle", deliveries.settle, DECIDERS),
    Page("GET", "/accounts", accounts.listing, READERS),
    Page("POST", "/accounts/{name}/resume", accounts.resume, ADMINISTRATORS),
    Page("GET", "/audit", audit.listing, AUDITORS),
    Page("GET", "/people", people.listing, ADMINISTRATORS),
    Page("POST", "/people", people.add, ADMINISTRATORS),
    Page("GET", "/people/{id:int}", people.show, ADMINISTRATORS),
    Page("POST", "/people/{id:int}/grant", people.grant, ADMINISTRATORS),
    Page("POST", "/people/{id:int}/reset", people.reset, ADMINISTRATORS),
    Page("POST", "/people/{id:int}/lock", people.lock, ADMINISTRATORS),
    Page("POST", "/people/{id:int}/unlock", people.unlock, ADMINISTRATORS),
    Page("GET", "/sessions", sessions.listing, ADMINISTRATORS),
    Page("POST", "/sessions/{id:int}/end", sessions.end, ADMINISTRATORS),
    Page("GET", "/me", me.show, OWN),
    Page("GET", "/me/password", me.password, OWN),
    Page("POST", "/me/password", me.change_password, OWN),
    Page("GET", "/me/otp", me.otp, OWN),
    Page("POST", "/me/otp", me.set_otp, OWN),
    Page("POST", "/me/otp/drop", me.drop_otp, OWN),
    Page("POST", "/me/sessions/{id:int}/end", me.end_session, OWN),
    Page("POST", "/logout", me.log_out, OWN),
)
