"""Landlines, mailboxes, plates and passports."""

import re
from collections.abc import Iterator

from bot.checks.base import Context, Finding, Level, Text
from bot.checks.personal_data.labels import Label, Labels
from bot.checks.personal_data.names import names

LANDLINE = re.compile(
    r"(?<![0-9A-Za-z*.\-/])(?:(?:\+|00)?86[ -]?)?(?:\(\s*0(?:10|2[0-9]|[3-9][0-9]{2})\s*\)[ -]{0,3}|0(?:10"
    r"|2[0-9]|[3-9][0-9]{2})[ -]{1,3}"
    r"|0(?:10|2[0-9]|[3-9][0-9]{2}))[2-8](?:[0-9]{6,7}|[0-9]{2,3}[ -][0-9]{4})(?![0-9*%]|\.[0-9]|-[0-9]{5})"
)
LOCAL = re.compile(r"(?<![0-9A-Za-z*.\-/,])[2-8][0-9]{6,7}(?![0-9*%]|\.[0-9]|-[0-9]|[年月日号元万亿亩])")
AREA = re.compile(r"0?(?:10|2[0-9]|[3-9][0-9]{2})(?=[0-9]{7,8}$)")
NEAR = 24
OFFICE = re.compile(
    "政府|委员会|办公|中心|服务|[局站所办科室院校厅部]|单位|公司|银行|窗口|大厅|监督|咨询|举报|投诉|值班"
    "|热线|传真|邮编|地址|拨打|来电|致电"
    r"|联系人|联系电话|联系方式|电话|受理|报名|供电|供水|供气|派出所|村委|居委|医院|学校|企业|机构|组织|协会"
)
CITIZEN = re.compile(
    "家庭|家住|住宅|住址|户主|村民|居民|申请人|本人|个人|患者|身份证|家长|监护人|学生姓名|家属|举报人"
    "|投诉人|来信人|来访人|反映人|信访人|业主|失主|租户|房主|投保人|受益人|受助"
    r"|低保|补贴对象|当事人|报案人"
)

MAILBOX = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63} ?(?:@|\((?:at|AT)\)|\[(?:at|AT)\]) ?"
    r"[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,10}(?![A-Za-z0-9*])"
)
PUBLIC_DOMAINS = (".gov.cn", ".mil.cn", "@gov.cn", ".gov", ".gov.example")

PLACES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
LETTER = "A-HJ-NP-Za-hj-np-z"
ELECTRIC = "A-HJKa-hjk"  # new energy: the first or the last of six
PLATE = re.compile(
    rf"(?<![A-Za-z0-9])[{PLACES}] ?[{LETTER}] ?[·.\-]? ?"
    rf"(?:[{ELECTRIC}][{LETTER}0-9][0-9]{{4}}|[0-9]{{5}}[{ELECTRIC}]"
    rf"|[{LETTER}0-9](?: ?[{LETTER}0-9]){{3}} ?[{LETTER}0-9学警港澳挂领试超])"
    r"(?![A-Za-z0-9*×]|[年届度]|-[0-9])"
)
DIGITS_IN_PLATE = 2

PASSPORT = re.compile(
    r"(?<![0-9A-Za-z*/\-])(?:[EeGg][ -]?[0-9]{8}|[Ee][A-HJ-NP-Za-hj-np-z][ -]?[0-9]{7})(?![0-9A-Za-z*]"
    r"|[.\-/][0-9])"
)
LABELLED_PASSPORT = re.compile(
    r"(?<![0-9A-Za-z*])(?:[A-Za-z]{1,2}[ -]?[0-9]{6,10}|[0-9]{8,9})(?![0-9A-Za-z*])"
)


def check(text: Text, context: Context, labels: Labels) -> list[Finding]:
    """Findings of kind landline, email, plate and passport."""
    return [
        *_landlines(text, context, labels),
        *_mailboxes(text, context),
        *_plates(text, labels),
        *_passports(text, labels),
    ]


def _landlines(text: Text, context: Context, labels: Labels) -> Iterator[Finding]:
    for match in LANDLINE.finditer(text.plain):
        if not _in_link(text, match.start()):
            yield from _landline(text, context, labels, match)
    for match in LOCAL.finditer(text.plain):
        if labels.of(*match.span()) is Label.PRIVATE_PHONE:
            yield _private(text, match)


def _landline(text: Text, context: Context, labels: Labels, match: re.Match[str]) -> Iterator[Finding]:
    label = labels.of(*match.span())
    if label is Label.SERIAL:
        return
    if _belongs_to_a_person(text, label, match):
        yield _private(text, match)
    elif context.telephones and not _listed(match[0], context.telephones):
        sentence = f"电话 {match[0]} 不在本单位的电话名录里，请核对号码。"
        yield text.finding("landline", Level.WARN, match.span(), sentence)


def _belongs_to_a_person(text: Text, label: Label | None, match: re.Match[str]) -> bool:
    if label in (Label.PRIVATE_PHONE, Label.OFFICE_PHONE):
        return label is Label.PRIVATE_PHONE
    first, last = text.line_around(*match.span())
    line = text.plain[first:last]
    near = text.plain[max(first, match.start() - NEAR) : match.start()]
    if CITIZEN.search(near) and not re.search(r"[。;][^。;]*$", near):
        return True
    if OFFICE.search(near) or OFFICE.search(text.plain[match.end() : min(last, match.end() + NEAR)]):
        return False
    return bool(names(line)) or not re.search(r"[\u4e00-\u9fff]", line.replace(match[0], ""))


def _private(text: Text, match: re.Match[str]) -> Finding:
    hidden = f"{match[0][:-4]}****"
    sentence = f"固定电话 {hidden} 像是个人的电话，属于个人信息，请删去；办公电话请注明单位。"
    return text.finding("landline", Level.WARN, match.span(), sentence, hidden)


def _listed(number: str, directory: frozenset[str]) -> bool:
    digits = re.sub(r"\D", "", number).removeprefix("00").removeprefix("86")
    return digits in directory or AREA.sub("", digits) in directory


def _mailboxes(text: Text, context: Context) -> Iterator[Finding]:
    for match in MAILBOX.finditer(text.plain):
        address = re.sub(r" ?(?:[(\[]at[)\]]|@) ?", "@", match[0].lower())
        if not _is_the_offices(address, context.mailboxes):
            sentence = f"{address} 不是本单位登记的邮箱：个人邮箱请删去，办公邮箱请在设置里登记。"
            yield text.finding("email", Level.WARN, match.span(), sentence, "")


def _is_the_offices(address: str, mailboxes: tuple[str, ...]) -> bool:
    if address.endswith(PUBLIC_DOMAINS):
        return True
    domain = address.partition("@")[2]
    return any(
        address == own.lower() or domain == own.lower() or domain.endswith("." + own.lower())
        for own in mailboxes
    )


def _plates(text: Text, labels: Labels) -> Iterator[Finding]:
    for match in PLATE.finditer(text.plain):
        digits = sum(char.isdecimal() for char in match[0])
        if digits < DIGITS_IN_PLATE or _in_link(text, match.start()):
            continue
        if labels.of(*match.span()) is not Label.SERIAL:
            sentence = f"车牌号 {match[0]}：公开个人车牌要有理由，否则请隐去后几位。"
            yield text.finding("plate", Level.NEED_REASON, match.span(), sentence, f"{match[0][:-3]}***")


def _passports(text: Text, labels: Labels) -> Iterator[Finding]:
    seen: set[int] = set()
    for pattern in (PASSPORT, LABELLED_PASSPORT):
        for match in pattern.finditer(text.plain):
            label = labels.of(*match.span())
            wanted = label is Label.PASSPORT or (
                pattern is PASSPORT and label not in (Label.SERIAL, Label.PLATE)
            )
            if wanted and match.start() not in seen and not _in_link(text, match.start()):
                seen.add(match.start())
                hidden = f"{match[0][:2]}{'*' * (len(match[0]) - 5)}{match[0][-3:]}"
                sentence = f"护照或通行证号码 {hidden} 属于个人信息，请删去或隐去中间各位。"
                yield text.finding("passport", Level.BLOCK, match.span(), sentence, hidden)


def _in_link(text: Text, place: int) -> bool:
    return any(start <= place < end for start, end in text.links)
