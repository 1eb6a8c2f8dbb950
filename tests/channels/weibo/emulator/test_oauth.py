import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from channels.emulator import Request, Response
from channels.weibo.emulator import Emulator
from tests.channels.weibo.office import request
from tests.support import StandingClock

BACK = "https://yunxi.gov.example/oauth2"


def press(emulator: Emulator, button: str = "allow", **changes: str) -> Response:
    """A person presses a button of the authorise page."""
    own = emulator.platform.terms
    query = {"client_id": own.appkey, "redirect_uri": BACK, "response_type": "code", "state": "s1"} | changes
    page = emulator.handle(request("GET", "/oauth2/authorize", query))
    if page.status != 200:
        return page
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return emulator.handle(Request("POST", "/oauth2/authorize", query, headers, f"press={button}".encode()))


def back(response: Response) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query).items()}


def exchange(emulator: Emulator, code: str, **changes: str) -> Any:
    own = emulator.platform.terms
    params = {
        "client_id": own.appkey,
        "client_secret": own.app_secret,
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code": code,
    }
    return json.loads(emulator.handle(request("POST", "/oauth2/access_token", params | changes)).body)


def info(emulator: Emulator, token: str) -> Any:
    return json.loads(
        emulator.handle(request("POST", "/oauth2/get_token_info", {"access_token": token})).body
    )


def test_a_pressed_button_leads_back_with_code_and_state(emulator: Emulator) -> None:
    answer = press(emulator)
    assert answer.location.startswith(f"{BACK}?")
    assert back(answer)["state"] == "s1"
    token = exchange(emulator, back(answer)["code"])
    assert (token["uid"], token["expires_in"]) == (emulator.platform.terms.uid, 157_679_471)
    assert info(emulator, token["access_token"])["expire_in"] == 157_679_471


def test_a_denial_leads_back_with_an_error(emulator: Emulator) -> None:
    assert back(press(emulator, "deny"))["error_code"] == "21330"


def test_a_code_serves_once_and_not_for_long(emulator: Emulator, clock: StandingClock) -> None:
    code = back(press(emulator))["code"]
    exchange(emulator, code)
    assert int(exchange(emulator, code)["error_code"]) == 21325
    late = back(press(emulator))["code"]
    clock.forward(minutes=10)
    assert int(exchange(emulator, late)["error_code"]) == 21325


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "wrong"}, 21324),
        ({"redirect_uri": "https://other.example"}, 21322),
        ({"grant_type": "refresh_token"}, 21328),
    ],
)
def test_a_wrong_exchange_is_refused(changes: dict[str, str], code: int, emulator: Emulator) -> None:
    answer = exchange(emulator, back(press(emulator))["code"], **changes)
    assert int(answer["error_code"]) == code
    assert {"error", "error_description", "error_url"} <= set(answer)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "1"}, 21324),
        ({"redirect_uri": "https://other.example"}, 21322),
        ({"response_type": "token"}, 21329),
    ],
)
def test_a_wrong_app_gets_no_page(changes: dict[str, str], code: int, emulator: Emulator) -> None:
    assert int(json.loads(press(emulator, **changes).body)["error_code"]) == code


def test_a_token_ends_is_taken_back_or_was_never_given(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock, token_life=timedelta(days=1))
    token = emulator.platform.terms.access_token
    assert int(info(emulator, "guessed")["error_code"]) == 21332
    fresh = exchange(emulator, back(press(emulator))["code"])["access_token"]
    revoked = emulator.handle(request("POST", "/oauth2/revokeoauth2", {"access_token": fresh}))
    assert json.loads(revoked.body) == {"result": "true"}
    assert int(info(emulator, fresh)["error_code"]) == 21316
    clock.forward(days=1)
    assert int(info(emulator, token)["error_code"]) == 21315


def test_other_methods_are_refused(emulator: Emulator) -> None:
    answer = emulator.handle(request("GET", "/oauth2/access_token", {}))
    assert int(json.loads(answer.body)["error_code"]) == 10021


def test_a_call_without_a_token_is_refused(emulator: Emulator) -> None:
    answer = json.loads(emulator.handle(Request("GET", "/2/account/get_uid.json")).body)
    assert int(answer["error_code"]) == 10006


def test_a_token_may_stand_in_the_header(emulator: Emulator) -> None:
    headers = {"authorization": f"OAuth2 {emulator.platform.terms.access_token}"}
    answer = json.loads(emulator.handle(Request("GET", "/2/account/get_uid.json", headers=headers)).body)
    assert answer == {"uid": int(emulator.platform.terms.uid)}
