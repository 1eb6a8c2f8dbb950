"""Pushes of the fans service: proved by a signature over the app's secret, answered at once and empty."""

import hashlib
import hmac
from collections.abc import Mapping

from channels.base import Forbidden, Push, Received


def receive(push: Push, app_secret: str) -> Received:
    """GET is the platform's test of our address and wants its `echostr`; anything else wants nothing.

    An empty body means "taken, no reply", so the platform does not push it again. Raises Forbidden.
    """
    if not _signed(push.query, app_secret):
        raise Forbidden
    if push.method == "GET":
        return Received(push.query.get("echostr", "").encode())
    return Received(b"")


def _signed(query: Mapping[str, str], app_secret: str) -> bool:
    """SHA-1 of secret, milliseconds and nonce, sorted as text and joined. No secret, no signature."""
    if not app_secret:
        return False
    parts = sorted([app_secret, query.get("timestamp", ""), query.get("nonce", "")])
    expected = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324 - the platform's rule
    return hmac.compare_digest(expected.encode(), query.get("signature", "").encode())
