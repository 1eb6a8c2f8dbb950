"""How an item will look, side by side: one phone for each account, each in a frame that can do nothing."""

import base64

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from bot.console.drafts import seen
from bot.console.rendering import render
from bot.console.visit import Visit
from channels.base import PICTURE_SCHEME, Post

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
    """What followers of one account will see, as far as the channel can tell."""
    account = visit.request.path_params["account"]
    if account not in visit.rooms.settings.accounts:
        raise HTTPException(404)
    post = seen(visit).post
    html = render("phone.html", post=post, body=_with_pictures(post))
    return HTMLResponse(html, headers={"content-security-policy": FRAME_POLICY})


def _with_pictures(post: Post) -> str:
    html = post.html
    for picture in post.pictures:
        data = f"data:{picture.media_type};base64,{base64.b64encode(picture.content).decode()}"
        html = html.replace(PICTURE_SCHEME + picture.sha256, data)
    return html
