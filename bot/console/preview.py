"""How an item will look, side by side: one phone for each account, each in a frame that can do nothing."""

import base64
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from bot.console.drafts import seen
from bot.console.rendering import render
from bot.console.visit import Visit
from channels.base import PICTURE_SCHEME, Picture, Post, Sketch, Sketcher

FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"


def show(visit: Visit) -> Response:
    dossier = seen(visit)
    known = visit.rooms.settings.accounts
    return visit.page(
        "preview.html",
        item=dossier.item,
        phones={name: visit.account_word(name) for name in dossier.item.accounts if name in known},
    )


def phone(visit: Visit) -> Response:
    """What followers of one account will see; the plain item where its channel cannot tell."""
    account = visit.request.path_params["account"]
    if account not in visit.rooms.settings.accounts:
        raise HTTPException(404)
    post = seen(visit).post
    channel, addresses = visit.rooms.house.channels[account], _addresses(post)
    sketch = channel.sketch(post, addresses) if isinstance(channel, Sketcher) else _plain(post, addresses)
    html = render("phone.html", sketch=sketch, title=post.title)
    return HTMLResponse(html, headers={"content-security-policy": FRAME_POLICY})


def _addresses(post: Post) -> dict[str, str]:
    """The pictures themselves: a frame without an origin sends no cookie, so it could not fetch them."""
    pictures = [*post.pictures, *([post.cover] if post.cover else [])]
    return {picture.sha256: _data(picture) for picture in pictures}


def _data(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.content).decode()}"


def _plain(post: Post, addresses: Mapping[str, str]) -> Sketch:
    html = post.html
    for sha256, address in addresses.items():
        html = html.replace(PICTURE_SCHEME + sha256, address)
    return Sketch(post.title, html)
