"""How often an account may do what, by the platform's table for new accounts; more followers raise some.

https://developers.weixin.qq.com/doc/service/Message_Management/API_Call_Limits.html
https://developers.weixin.qq.com/doc/subscription/guide/product/message/Batch_Sends.html
"""

from channels.base import Limits, Quota, Span

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
