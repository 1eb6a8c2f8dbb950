"""Marks of secrecy and of inner use. Texts that only speak of secrets are ordinary."""

import re
from collections.abc import Iterator

from bot.checks.base import Context, Finding, Level, Text

GRADE = "(?:绝 ?密|机 ?密|秘 ?密)"
TERM = r"(?:[0-9一二三四五六七八九十]{1,3} ?(?:年|个月)|长期)"
URGENT = "(?:特急|加急|特提|平急)"
UNQUOTED = r"(?<![\u4e00-\u9fff“\"「『])"
OPEN, CLOSE = r"[(【\[〔]", r"[)】\]〕]"
INNER = "内部(?:资料|文件|材料|刊物|参考|使用|传阅|发行)"
KEEP = "(?:注意保[存密]|(?:不得|请勿|严禁|切勿|禁止)外[传泄]|妥善保管|严禁复印)"
NOT_PUBLIC = "(?:不予公开|依申请公开|不公开|工作秘密)"
OWN_LINE = r"(?m:^[ \t]*(?:[0-9]{6} )?(?:%s)[ \t]*$)"

SECRET = re.compile(
    rf"{UNQUOTED}{GRADE} ?级? ?[★☆](?: ?{TERM})?|[★☆] ?{GRADE}"
    rf"|{UNQUOTED}{GRADE} ?级?[:,( ]{{0,2}}{TERM}(?![^\n]{{0,2}}以)"
    rf"|密 ?级[:为是 ]{{1,2}}{GRADE}(?![、,和或])|{OPEN}{GRADE}级?{CLOSE}(?![、和或])"
    rf"|[本此][件文](?:件|电)?(?:属于|系|为|属|定为)(?:国家)?{GRADE}|定为{GRADE}级"
    rf"|{OWN_LINE % (GRADE + f'级?(?: {URGENT})?')}"
)
INNER_MARK = re.compile(
    rf"{INNER}[ ,、()★]{{0,3}}{KEEP}|{OPEN}{INNER}{CLOSE}|[本此](?:件|文件|资料|材料|刊)(?:系|为|属于?|仅供"
    rf"|仅限|限){INNER[:2]}"
    rf"|{OWN_LINE % f'(?:{INNER}|{KEEP})[!。]?'}"
    r"|(?:不得|请勿|严禁|切勿|禁止)外传(?![\u4e00-\u9fff])|仅[供限](?:内部|领导|本单位|党内|干部"
    r"|机关)[\u4e00-\u9fff]{0,6}(?:参考|参阅|使用|传阅|掌握|阅)"
    r"|阅后(?:即?[焚删毁]|收回|退回|销毁|归还|请退)"
    rf"|此件{NOT_PUBLIC}|公开(?:属性|方式|类型|类别|形式)[: ]{{1,2}}{NOT_PUBLIC}"
    rf"|{OPEN}(?:此件)?{NOT_PUBLIC}{CLOSE}"
    rf"|{OWN_LINE % f'(?:此件)?{NOT_PUBLIC}'}"
)
INNER_PAPER = re.compile(
    rf"{OWN_LINE % f'{URGENT}'}|{OPEN}{URGENT}{CLOSE}|签发人[::]|(?m:^[ \t]*(?:抄送|抄报|主送)[::])"
    "|内部明电|密电"
    r"|[\u4e00-\u9fff]{2,10}密[〔\[(]20[0-9]{2}|[妥当]否[,、]请[^\n]{0,4}(?:批示|审批|指示)|特此请示"
)
HEAD_PAPER = re.compile(r"会议纪要|的请示|[(〔【]征求意见稿|[(〔【]讨论稿|[(〔【]送审稿")
CONSULTS = re.compile(
    r"(?:公开|社会)[^\n]{0,6}(?:征求|征集)|征求[^\n]{0,10}意见的?(?:公告|通告|通知|函)|反馈意见|意见反馈"
    "|意见建议"
)


def check(text: Text, context: Context) -> list[Finding]:  # noqa: ARG001
    return list(_found(text))


def _found(text: Text) -> Iterator[Finding]:
    plain = text.plain
    for match in SECRET.finditer(plain):
        yield _block(text, match, "是国家秘密标志，涉密文件不得公开，请立即停止并报告保密办公室")
    for match in INNER_MARK.finditer(plain):
        yield _block(text, match, "说明这份材料不是公开的，不得发布，请核对来源")
    for match in INNER_PAPER.finditer(plain):
        yield _reason(text, match)
    first = plain[: plain.find("\n") if "\n" in plain else len(plain)]
    for match in HEAD_PAPER.finditer(first):
        if not ("征求意见" in match[0] and CONSULTS.search(plain)):
            yield _reason(text, match)


def _block(text: Text, match: re.Match[str], why: str) -> Finding:
    return text.finding("secret_mark", Level.BLOCK, match.span(), f"“{match[0].strip()}”{why}。")


def _reason(text: Text, match: re.Match[str]) -> Finding:
    sentence = f"“{match[0].strip()}”是内部办文的用语，请确认可以公开，并写明理由。"
    return text.finding("inner_paper", Level.NEED_REASON, match.span(), sentence)
