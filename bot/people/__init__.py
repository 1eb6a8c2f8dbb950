"""Who works here, what each may do, and how they show who they are."""

from bot.people.passwords import drawn_password
from bot.people.people import People
from bot.people.rights import (
    READERS,
    ROLE_WORDS,
    STEP_ROLES,
    WRITERS,
    Grant,
    NotAllowed,
    Person,
    Role,
    acts_open,
    want_right,
)

__all__ = [
    "READERS",
    "ROLE_WORDS",
    "STEP_ROLES",
    "WRITERS",
    "Grant",
    "NotAllowed",
    "People",
    "Person",
    "Role",
    "acts_open",
    "drawn_password",
    "want_right",
]
