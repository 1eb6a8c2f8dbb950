"""How often an account may do what, by the platform's table for new accounts; more followers raise some.

https://developers.weixin.qq.com/doc/service/Message_Management/API_Call_Limits.html
https://developers.weixin.qq.com/doc/subscription/guide/product/message/Batch_Sends.html
"""

from collections.abc import Sequence

from channels.base import Limits, Quota, Span, Spent
from channels.errors import AccountRefused, Refused
from channels.wechat.client import Client

DAILY = {
    "draft/add": 1000,
    "draft/batchget": 1000,
    "draft/count": 1000,
    "draft/delete": 1000,
    "draft/get": 500,
    "draft/update": 1000,
    "freepublish/batchget": 100,
    "freepublish/delete": 10,
    "freepublish/get": 100,
    "freepublish/getarticle": 100,
    "freepublish/submit": 100,
    "media/get": 200_000,
    "media/upload": 100_000,
    "menu/create": 1000,
    "menu/delete": 1000,
    "menu/get": 10_000,
    "message/custom/send": 500_000,
    "message/mass/delete": 10,
    "message/mass/preview": 100,
    "message/mass/sendall": 100,
    "qrcode/create": 100_000,
    "stable_token": 500_000,
    "user/get": 500,
    "user/info": 5_000_000,
    "user/info/updateremark": 10_000,
}
A_DAY = Quota("群发", 1, Span.DAY)  # a service account's, too, since ours go to all followers
A_MONTH = Quota("群发", 4, Span.MONTH)


def limits(mode: str, account_type: str) -> Limits:
    if mode == "publish":
        return Limits(DAILY, _needs("freepublish/submit"))
    broadcasts = (A_DAY, A_MONTH) if account_type == "service" else (A_DAY,)
    return Limits(DAILY, _needs("message/mass/sendall"), quotas=broadcasts)


def _needs(submit: str) -> dict[str, int]:
    return {"draft/add": 1, "draft/get": 1, submit: 1}


def spent(client: Client, calls: Sequence[str]) -> dict[str, Spent]:
    """What openapi/quota/get tells; a path that it does not know is left out."""
    asked = {call: _spent(client, call) for call in calls if call}
    return {call: figures for call, figures in asked.items() if figures}


def _spent(client: Client, call: str) -> Spent | None:
    try:
        answer = client.post("openapi/quota/get", data={"cgi_path": f"/cgi-bin/{call}"})
    except AccountRefused:
        raise
    except Refused:
        return None
    quota = answer.get("quota")
    used, most = (quota.get("used"), quota.get("daily_limit")) if isinstance(quota, dict) else (None, None)
    return Spent(used, most) if isinstance(used, int) and isinstance(most, int) else None
