"""The way to a token: a person presses a button, the app exchanges the code once."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlencode

from channels.emulator import Request, Response
from channels.weibo.emulator.platform import Code, Grant, Platform
from channels.weibo.emulator.refusals import Refusal

CODE_LIFE = timedelta(minutes=10)
PAGE = """<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>授权</title>
<body style="font: 16px/1.7 sans-serif; max-width: 24em; margin: 4em auto; padding: 0 1em">
<p>应用 {appkey} 请求以“{name}”的身份发布微博、读取评论。</p>
<form method="post"><button name="press" value="allow">授权</button>
<button name="press" value="deny">拒绝</button></form>"""


def answer(platform: Platform, request: Request, now: datetime) -> Response:
    """Below /oauth2/. Raises Refusal."""
    params = request.query | request.form()[0]
    match request.method, request.path:
        case "GET", "/oauth2/authorize":
            return _page(platform, params)
        case "POST", "/oauth2/authorize":
            return _pressed(platform, params, now)
        case "POST", "/oauth2/access_token":
            return Response.of(_exchanged(platform, params, now))
        case "POST", "/oauth2/get_token_info":
            return Response.of(_info(platform, params, now))
        case "GET" | "POST", "/oauth2/revokeoauth2":
            platform.grant(params.get("access_token", ""), now).revoked = True
            return Response.of({"result": "true"})
    raise Refusal(10021)


def _page(platform: Platform, params: Mapping[str, str]) -> Response:
    _look_at_app(platform, params)
    own = platform.terms
    page = PAGE.format(appkey=escape(own.appkey), name=escape(own.screen_name))
    return Response(page.encode(), media_type="text/html; charset=utf-8")


def _pressed(platform: Platform, params: Mapping[str, str], now: datetime) -> Response:
    _look_at_app(platform, params)
    back = {"state": params["state"]} if params.get("state") else {}
    if params.get("press") != "allow":
        denied = {"error": "access_denied", "error_code": "21330", "error_description": "user denied"}
        return Response.redirect(f"{params['redirect_uri']}?{urlencode(denied | back)}")
    code = _unguessable(platform, now)
    platform.codes[code] = Code(params["redirect_uri"], now + CODE_LIFE)
    return Response.redirect(f"{params['redirect_uri']}?{urlencode({'code': code} | back)}")


def _look_at_app(platform: Platform, params: Mapping[str, str]) -> None:
    if params.get("client_id") != platform.terms.appkey:
        raise Refusal(21324)
    if params.get("response_type", "code") != "code":
        raise Refusal(21329, "unsupported_response_type")
    if params.get("redirect_uri") != platform.terms.redirect_uri:
        raise Refusal(21322)


def _exchanged(platform: Platform, params: Mapping[str, str], now: datetime) -> dict[str, object]:
    own = platform.terms
    if params.get("grant_type") != "authorization_code":
        raise Refusal(21328)
    if (params.get("client_id"), params.get("client_secret")) != (own.appkey, own.app_secret):
        raise Refusal(21324)
    code = platform.codes.get(params.get("code", ""))
    if code is None or code.used or now >= code.ends:
        raise Refusal(21325)
    if params.get("redirect_uri") != code.redirect_uri:
        raise Refusal(21322)
    code.used = True
    grant = Grant(f"2.00{_unguessable(platform, now)}", now, now + own.token_life)
    platform.grants.append(grant)
    life = int(own.token_life.total_seconds())
    return {
        "access_token": grant.text,
        "remind_in": str(life),
        "expires_in": life,
        "uid": own.uid,
        "isRealName": "true",
    }


def _info(platform: Platform, params: Mapping[str, str], now: datetime) -> dict[str, object]:
    grant = platform.grant(params.get("access_token", ""), now)
    return {
        "uid": int(platform.terms.uid),
        "appkey": platform.terms.appkey,
        "scope": "",
        "create_at": int(grant.created.timestamp()),
        "expire_in": int((grant.ends - now).total_seconds()),
    }


def _unguessable(platform: Platform, now: datetime) -> str:
    seed = f"{platform.terms.app_secret} {platform.number(now)}"
    return hashlib.sha256(seed.encode()).hexdigest()[:32]
