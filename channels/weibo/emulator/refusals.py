"""How the platform says no: a code, an English text, and an HTTP status that nobody should rely on."""

from collections.abc import Mapping

TEXTS: Mapping[int, str] = {
    10001: "System error",
    10004: "IP limit",
    10006: "Source paramter (appkey) is missing",
    10008: "Param error, see doc for more info",
    10014: "Insufficient app permissions!",
    10016: "Miss required parameter (%s), see doc for more info",
    10017: "Parameter (%s)'s value invalid",
    10020: "Request api not found",
    10021: "HTTP METHOD is not suported for this request",
    10022: "IP requests out of rate limit",
    10023: "User requests out of rate limit",
    10024: "User requests for (%s) out of rate limit",
    20005: "Unsupported image type, only support JPG, GIF, PNG",
    20006: "Image size too large",
    20008: "Content is null",
    20009: "Ids is too many",
    20012: "Text too long, please input text less than 140 characters!",
    20013: "Text too long, please input text less than 300 characters!",
    20017: "You have already posted a similar text a short time ago",
    20019: "Repeat content!",
    20032: "Your post was sent, it will be shown in one or two minutes",
    20101: "Target weibo does not exist!",
    20102: "Not your own weibo!",
    20201: "Target weibo comment does not exist!",
    20203: "Not your own comment!",
    20301: "Does the user is not your follower, can not send message",
    21314: "Token used",
    21315: "Token expired",
    21316: "Token revoked",
    21322: "redirect_uri_mismatch",
    21323: "invalid_request",
    21324: "invalid_client",
    21325: "invalid_grant",
    21328: "unsupported_grant_type",
    21330: "access_denied",
    21332: "invalid_access_token",
}
FORBIDDEN = {10004, 10014, 10022, 10023, 10024, 20301}
ANSWERED_AS_USUAL = {20032}


class Refusal(Exception):
    """The platform's no; `detail` replaces the text of the table."""

    def __init__(self, code: int, detail: str = "") -> None:
        self.code = code
        self.text = detail or TEXTS.get(code, "Unknown error")
        super().__init__(self.text)

    @property
    def status(self) -> int:
        if self.code in ANSWERED_AS_USUAL:
            return 200
        if self.code in FORBIDDEN:
            return 403
        return 401 if 21301 <= self.code < 21340 else 400


def missing(parameter: str) -> Refusal:
    return Refusal(10016, TEXTS[10016] % parameter)


def invalid(parameter: str, expected: str, got: str) -> Refusal:
    return Refusal(10017, f"Parameter ({parameter})'s value invalid, expect ({expected}), but get ({got})")


def no_link() -> Refusal:
    return Refusal(10017, "text not find domain!")


def no_domain() -> Refusal:
    return Refusal(10017, "appkey not bind domain!")


def too_many(interface: str) -> Refusal:
    return Refusal(10024, TEXTS[10024] % interface)
