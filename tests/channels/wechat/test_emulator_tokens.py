"""Two kinds of token, the check on each call, quotas and what tells about them."""

from datetime import timedelta
from typing import Any

import pytest

from tests.channels.wechat.emulated import Platform

READ = "draft/count"


@pytest.fixture
def platform() -> Platform:
    return Platform()


def works(platform: Platform, token: str) -> int:
    """The errcode of a call with that token."""
    code: int = platform.get(READ, access_token=token).get("errcode", 0)
    return code


def test_a_token_lives_for_two_hours(platform: Platform) -> None:
    fetched = platform.fetch()
    assert fetched["expires_in"] == 7200
    platform.later(seconds=7199)
    assert works(platform, fetched["access_token"]) == 0
    platform.later(seconds=1)
    assert works(platform, fetched["access_token"]) == 42001


def test_a_new_token_retires_the_last_one_after_five_minutes(platform: Platform) -> None:
    first, second = (platform.fetch()["access_token"] for _ in range(2))
    assert first != second
    platform.later(seconds=299)
    assert works(platform, first) == works(platform, second) == 0
    platform.later(seconds=1)
    assert (works(platform, first), works(platform, second)) == (40001, 0)


def test_the_stable_token_stays_the_same_and_counts_down(platform: Platform) -> None:
    first = platform.stable()
    platform.later(seconds=6855)
    assert platform.stable() == {"access_token": first["access_token"], "expires_in": 345}


def test_the_stable_token_changes_in_its_last_five_minutes_and_never_promises_less(
    platform: Platform,
) -> None:
    first = platform.stable()
    promises = []
    for _ in range(7200 // 60):
        platform.later(seconds=60)
        promises.append(platform.stable()["expires_in"])
    assert 300 < min(promises) <= 360
    assert platform.stable()["access_token"] != first["access_token"]


def test_old_and_new_stable_token_overlap(platform: Platform) -> None:
    first = platform.stable()["access_token"]
    platform.later(seconds=6900)
    second = platform.stable()["access_token"]
    platform.later(seconds=299)
    assert works(platform, first) == works(platform, second) == 0
    platform.later(seconds=1)
    assert (works(platform, first), works(platform, second)) == (40001, 0)


def test_the_two_kinds_leave_each_other_alone(platform: Platform) -> None:
    stable = platform.stable()["access_token"]
    platform.fetch()
    platform.stable(force_refresh=True)
    platform.later(minutes=6)
    assert works(platform, stable) == 40001
    assert works(platform, platform.stable()["access_token"]) == 0


def test_a_forced_refresh_kills_the_old_token_at_once(platform: Platform) -> None:
    old = platform.stable()["access_token"]
    new = platform.stable(force_refresh=True)["access_token"]
    assert (works(platform, old), works(platform, new)) == (40001, 0)


def test_forced_refreshes_keep_thirty_seconds_apart(platform: Platform) -> None:
    first = platform.stable(force_refresh=True)["access_token"]
    platform.later(seconds=29)
    assert platform.stable(force_refresh=True)["access_token"] == first
    platform.later(seconds=1)
    assert platform.stable(force_refresh=True)["access_token"] != first


def test_there_are_twenty_forced_refreshes_a_day(platform: Platform) -> None:
    tokens = set()
    for _ in range(25):
        tokens.add(platform.stable(force_refresh=True)["access_token"])
        platform.later(seconds=30)
    assert len(tokens) == 20
    platform.later(hours=12)
    assert platform.stable(force_refresh=True)["access_token"] not in tokens


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"grant_type": "other"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "0" * 32}, 40001),
        ({"secret": "short"}, 40125),
    ],
)
def test_wrong_credentials_are_refused(platform: Platform, wrong: dict[str, str], code: int) -> None:
    assert platform.fetch(**wrong)["errcode"] == code
    assert platform.stable(**wrong)["errcode"] == code


def test_a_caller_who_is_not_on_the_list_is_told_his_address() -> None:
    platform = Platform(allowed_ips=frozenset({"127.0.0.1"}))
    query = {
        "grant_type": "client_credential",
        "appid": platform.emulator.appid,
        "secret": platform.emulator.secret,
    }
    answer = platform.call("GET", "token", query, caller="10.1.2.3").json()
    assert answer["errcode"] == 40164
    assert "10.1.2.3" in answer["errmsg"]
    assert "rid: " in answer["errmsg"]


@pytest.mark.parametrize(("token", "code"), [("", 41001), ("short", 40014), ("x" * 136, 40001)])
def test_every_other_call_needs_a_token(platform: Platform, token: str, code: int) -> None:
    assert works(platform, token) == code


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "token", 43001),
        ("GET", "stable_token", 43002),
        ("GET", "draft/add", 43002),
        ("POST", "draft/count", 43001),
        ("POST", "menu/delete", 43001),
        ("POST", "nothing/here", 40066),
        ("POST", "material/add_news", 45106),
    ],
)
def test_method_and_path_must_be_right(platform: Platform, method: str, path: str, code: int) -> None:
    assert platform.call(method, path).json()["errcode"] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 44002),
        (b"{", 47001),
        (b"[]", 47001),
        (b"\xff\xfe", 47001),
        (b'{"media_id": "\x01"}', 47001),
        (b'{"media_id": "\\u7a3f"}', 47002),
        (b'{"media_id": 5}', 47001),
        (b"[" * 100_000, 47001),
        (b'{"media_id": "\\\\u7a3f"}', 40007),
    ],
)
def test_a_body_must_be_plain_json(platform: Platform, body: bytes, code: int) -> None:
    assert platform.raw("draft/get", body)["errcode"] == code


def test_a_refusal_is_http_200_with_code_text_and_rid(platform: Platform) -> None:
    answer = platform.call("POST", "draft/get", body=b'{"media_id": "x"}')
    assert answer.response.status == 200
    assert answer.json()["errmsg"].startswith("invalid media_id rid: ")


def test_the_fault_errcode_speaks_like_the_platform(platform: Platform) -> None:
    platform.control("faults", {"fault": "errcode", "code": 45009, "times": 1})
    assert platform.get(READ)["errmsg"].startswith("reach max api daily quota limit rid: ")


# Quotas


def test_a_daily_quota_ends_at_midnight_in_beijing() -> None:
    platform = Platform(quotas={READ: 2})
    assert [platform.get(READ).get("errcode", 0) for _ in range(3)] == [0, 0, 45009]
    platform.later(hours=11, minutes=59)
    platform.sign_in()
    assert platform.get(READ)["errcode"] == 45009
    platform.later(minutes=1)
    assert platform.get(READ) == {"total_count": 0}


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("token", 2000),
        ("draft/add", 1000),
        ("draft/get", 500),
        ("freepublish/submit", 100),
        ("freepublish/get", 100),
        ("freepublish/delete", 10),
        ("message/mass/sendall", 100),
        ("message/mass/delete", 10),
        ("menu/get", 10_000),
        ("message/custom/send", 500_000),
    ],
)
def test_the_quota_call_tells_the_limits_of_a_new_account(platform: Platform, path: str, limit: int) -> None:
    quota = platform.post("openapi/quota/get", {"cgi_path": f"/cgi-bin/{path}"})["quota"]
    assert quota["daily_limit"] == limit
    assert quota["remain"] == limit - quota["used"]


def test_the_status_call_stops_after_a_hundred_times(platform: Platform) -> None:
    codes = [platform.post("freepublish/get", {"publish_id": 1})["errcode"] for _ in range(101)]
    assert (set(codes[:100]), codes[100]) == ({53502}, 45009)


@pytest.mark.parametrize(("path", "code"), [("/draft/add", 76003), ("/cgi-bin/nothing", 76021)])
def test_the_quota_call_wants_a_path_it_knows(platform: Platform, path: str, code: int) -> None:
    assert platform.post("openapi/quota/get", {"cgi_path": path})["errcode"] == code


def test_quotas_are_cleared_ten_times_a_month() -> None:
    platform = Platform(quotas={READ: 1})
    mine = {"appid": platform.emulator.appid}
    codes = []
    for _ in range(11):
        platform.get(READ)
        codes.append(platform.post("clear_quota", mine)["errcode"])
    assert codes == [0] * 10 + [48006]
    assert platform.post("clear_quota", {"appid": "other"})["errcode"] == 40013


def test_quotas_are_cleared_by_the_secret_when_tokens_have_run_out() -> None:
    platform = Platform(quotas={"token": 1})
    assert platform.fetch()["errcode"] == 45009
    mine = {"appid": platform.emulator.appid, "appsecret": platform.emulator.secret}
    assert platform.post("clear_quota/v2", mine, access_token="")["errcode"] == 0
    assert "access_token" in platform.fetch()


def test_a_failed_call_is_explained_by_its_rid_for_seven_days(platform: Platform) -> None:
    rid = platform.post("draft/get", {"media_id": "x"})["errmsg"].partition("rid: ")[2]
    told: Any = platform.post("openapi/rid/get", {"rid": rid})["request"]
    assert '"errcode": 40007' in told["response_body"]
    assert platform.token not in str(told)
    platform.now += timedelta(days=7, seconds=1)
    platform.sign_in()
    assert platform.post("openapi/rid/get", {"rid": rid})["errcode"] == 76004
    assert platform.post("openapi/rid/get", {"rid": "none"})["errcode"] == 76001
