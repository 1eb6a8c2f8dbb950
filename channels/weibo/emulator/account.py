"""What the platform tells about the account and its limits."""

from channels.weibo.emulator import limits
from channels.weibo.emulator.calls import Call, Json, Route


def get_uid(call: Call) -> Json:
    return {"uid": int(call.platform.terms.uid)}


def rate_limit_status(call: Call) -> Json:
    return limits.status(call.platform, call.now)


ROUTES = {
    "/2/account/get_uid.json": Route("GET", get_uid),
    "/2/account/rate_limit_status.json": Route("GET", rate_limit_status, counted=False),
}
