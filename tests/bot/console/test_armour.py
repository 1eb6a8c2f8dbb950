import pytest

from bot.console.armour import MAX_BODY
from bot.people import Role
from tests.bot.console.browser import Browser
from tests.bot.console.conftest import Visitor


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/static/app.css", "/drafts"])
def test_no_page_allows_inline_scripts_or_styles(browser: Browser, path: str) -> None:
    policy = browser.get(path).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_pages_themselves_hold_none(visitor: Visitor) -> None:
    browser = visitor("赵六", *Role)
    for path in ("/", "/drafts", "/drafts/new", "/plan", "/deliveries", "/accounts", "/people", "/me"):
        page = browser.get(path).text
        assert "style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert " onclick" not in page


def test_another_host_is_not_answered(browser: Browser) -> None:
    response = browser.get("/login", headers={"Host": "evil.example"})
    assert (response.status_code, "web.hosts" in response.text) == (421, True)


def test_what_is_too_large_is_refused_before_it_is_read(browser: Browser) -> None:
    headers = {"Content-Length": str(MAX_BODY + 1)}
    response = browser.session.post(f"{browser.address}/login", headers=headers, data=b"")
    assert response.status_code in (403, 413)


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(visitor: Visitor, address: str) -> None:
    browser = visitor("赵六", Role.DRAFTER)
    kept = browser.get("/login").headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=lax" in kept
    behind_https = browser.get("/login", headers={"X-Forwarded-Proto": "https"})
    assert "; secure" in behind_https.headers["set-cookie"].lower()
    assert "strict-transport-security" in behind_https.headers


def test_errors_are_sentences_in_pages_and_in_json(browser: Browser) -> None:
    assert "没有这个页面" in browser.get("/nowhere").text
    answer = browser.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.json() == {"error": "没有这个页面，可能编号写错了，或内容已不在。"}
