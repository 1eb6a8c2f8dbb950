"""Calls about calls: quotas, failed requests by rid, the platform's own addresses."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.wechat.emulator.calls import Call, Route, Routes, read_text
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.quotas import A_MINUTE, Quotas, beijing_date
from channels.wechat.emulator.tokens import Tokens

CLEARS_A_MONTH = 10
KEPT = 1000
TOLD_BYTES = 2000
RID_LIFE = timedelta(days=7)
PREFIX = "/cgi-bin/"


@dataclass(frozen=True)
class Failure:
    at: datetime
    request: dict[str, object]


class Tools:
    def __init__(self, appid: str, quotas: Quotas, tokens: Tokens) -> None:
        self._appid = appid
        self._quotas = quotas
        self._tokens = tokens
        self._failures: dict[str, Failure] = {}
        self._cleared: list[datetime] = []
        self.paths: set[str] = set()

    def routes(self) -> Routes:
        return {
            "clear_quota": Route("POST", self.clear),
            "clear_quota/v2": Route("POST", self.clear_by_secret, open=True),
            "openapi/quota/get": Route("POST", self.quota),
            "openapi/rid/get": Route("POST", self.rid),
            "getcallbackip": Route("GET", self.addresses),
            "get_api_domain_ip": Route("GET", self.addresses),
        }

    def failed(self, rid: str, call: Call, answer: dict[str, object]) -> None:
        self._failures[rid] = Failure(call.at, _told(call, answer))
        if len(self._failures) > KEPT:
            del self._failures[next(iter(self._failures))]

    def clear(self, call: Call) -> object:
        if read_text(call.fields(), "appid") != self._appid:
            raise Refusal(40013)
        return self._clear(call.at)

    def clear_by_secret(self, call: Call) -> object:
        query = call.request.query
        fields = query if "appid" in query else call.fields()
        self._tokens.admit_secret(read_text(fields, "appid"), read_text(fields, "appsecret"))
        return self._clear(call.at)

    def quota(self, call: Call) -> object:
        path = read_text(call.fields(), "cgi_path")
        if not path.startswith(PREFIX):
            raise Refusal(76003)
        name = path.removeprefix(PREFIX)
        if name not in self.paths:
            raise Refusal(76021)
        limit, used = self._quotas.limit(name), self._quotas.used(name, call.at)
        quota = {"daily_limit": limit, "used": used, "remain": limit - used}
        answer: dict[str, object] = {"errcode": 0, "errmsg": "ok", "quota": quota}
        if name in A_MINUTE:
            answer["rate_limit"] = {"call_count": A_MINUTE[name], "refresh_second": 60}
        return answer

    def rid(self, call: Call) -> object:
        failure = self._failures.get(read_text(call.fields(), "rid"))
        if failure is None:
            raise Refusal(76001)
        if call.at - failure.at > RID_LIFE:
            raise Refusal(76004)
        return {"errcode": 0, "errmsg": "ok", "request": failure.request}

    def addresses(self, call: Call) -> object:  # noqa: ARG002 - the same for every caller
        return {"ip_list": ["127.0.0.1"]}

    def _clear(self, at: datetime) -> object:
        month = beijing_date(at).replace(day=1)
        this_month = [cleared for cleared in self._cleared if beijing_date(cleared).replace(day=1) == month]
        if len(this_month) >= CLEARS_A_MONTH:
            raise Refusal(48006)
        self._cleared.append(at)
        self._quotas.clear()
        return {"errcode": 0, "errmsg": "ok"}


def _told(call: Call, answer: dict[str, object]) -> dict[str, object]:
    """A failed call as rid/get tells it, without its token."""
    return {
        "invoke_time": int(call.at.timestamp()),
        "cost_in_ms": 1,
        "request_url": f"{call.request.path}?access_token=***",
        "request_body": call.request.body[:TOLD_BYTES].decode("utf-8", "replace"),
        "response_body": json.dumps(answer, ensure_ascii=False),
        "client_ip": call.request.caller,
    }
