"""By what a changed configuration of an account is noticed."""

from sqlalchemy import Connection, bindparam, select

from scheduler.database import upsert
from scheduler.tables import account_settings


def settings_changed(connection: Connection, account: str, fingerprint: str) -> bool:
    """Whether the account's settings are others than when this was asked last; remembers them."""
    kept = connection.execute(_FINGERPRINT, {"account": account}).scalar()
    if kept != fingerprint:
        upsert(connection, account_settings, {"account": account}, {"fingerprint": fingerprint})
    return kept not in (None, fingerprint)


_FINGERPRINT = select(account_settings.c.fingerprint).where(
    account_settings.c.account == bindparam("account")
)
