"""Cookies that no script reads, that go to no other site, and over HTTPS only where there is HTTPS."""

from starlette.requests import Request
from starlette.responses import Response

SESSION = "gongbao_session"
DOOR = "gongbao_door"  # before the login: the form must bring what this cookie says


def put(response: Response, request: Request, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )
