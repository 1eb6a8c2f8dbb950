"""Runs of digits, and what they are: ID numbers, bank cards, accounts, mobiles.

A run may be broken by spaces, hyphens or dots, so each is read in windows of its segments; the surest kind
goes first, and what it took is taken.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from bot.checks.base import Context, Finding, Level, Text
from bot.checks.personal_data.labels import Label, Labels

RUN = re.compile(r"[0-9]+(?:[ \-.·_]{1,2}[0-9]+)*")
SEGMENT = re.compile(r"[0-9]+")
LONGEST = 22  # digits of the longest number looked for
SHORTEST = 11
MOST_PIECES = 6  # of a number that stands among many others
CHECK_LETTER = re.compile(r"[ -]?[Xx×Ⅹ✕\u0425\u0445](?![A-Za-z0-9×*])")
MASKS = frozenset("*×●■□✱✲※#＃")
UNIT = re.compile(
    r" ?(?:[万千百亿]*(?:美|港|欧)?元|[万亿]|%|[℃°]|平方|立方|公里|kg|km|k?w\b)"
    r"|户(?![主籍名口])|人(?![民员名])|条(?!件)|份(?!额)|[亩米吨斤克株头台辆度]|公[亩里斤吨]|千[米克瓦]|字节",
    re.IGNORECASE,
)
CALLED = re.compile(r"(?:tel|phone|mobile|mob|[tmp]|wx|vx|v|qq)[:. ]?$", re.IGNORECASE)
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
YOUNGEST_NUMBERED = 3  # years; serial numbers hold a recent date where ID numbers hold a birth
DISABLED = 2  # digits that a disability certificate adds to the ID number
CARD_DIGITS = range(16, 20)
CARD_HEADS = re.compile(r"62|60[123]|955[89]|9400|9111|4[0-9]{15}$|5[1-5][0-9]{14}$|35[0-9]{14}$")
ACCOUNT_DIGITS = range(12, LONGEST + 1)
MOBILE = re.compile(r"(?:0{0,2}86)?0?1[3-9][0-9]{9}")
MOBILE_SHAPES = {(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 3, 4), (4, 4, 3), (3, 4, 2, 2), (1,) * 11}
COUNTRY = ("86", "086", "0086")
CARD_GROUP = 4
ON_DUTY = re.compile(
    "值班|值守|监督|咨询|投诉|举报|热线|客服|联系人|经办|负责人|工作人员|驻村|网格员|网格长|书记|主任|镇长"
    "|乡长|县长"
    r"|站长|所长|河长|林长|路长|田长|专干|护林员|办公|服务|报名|受理|采购|招标|招聘|救援|应急|客户经理|民警"
)

DUTY_LIST = re.compile(r"[^\n]*(?:值班|值守|河长|责任人|联系人名单|通讯录|网格员|家庭医生|服务团队)[^\n]*\n")
CITIZEN = re.compile(
    "身份证|户主|村民|居民|申请人|患者|姓名|家住|住址|低保|五保|特困|学生|家长|监护人|补贴对象|受助|当事人"
    "|举报人"
    r"|投诉人|来信人|业主|伤者|死者|失主|[男女],|[账帐]号|卡号|本人|家属"
)
NEAR = 30


@dataclass(frozen=True)
class Segment:
    start: int
    end: int
    digits: str


@dataclass(frozen=True)
class Number:
    """A window of a run: its digits, where they stand, and in how long pieces."""

    digits: str
    start: int
    end: int
    shape: tuple[int, ...]


Judge = Callable[["_Scan", Number], Finding | None]


def check(text: Text, context: Context, labels: Labels) -> list[Finding]:
    """Findings of kind id_card, bank_card, account and mobile."""
    scan = _Scan(text, context, labels)
    return [finding for run in RUN.finditer(text.plain) for finding in scan.run(run)]


class _Scan:
    def __init__(self, text: Text, context: Context, labels: Labels) -> None:
        self.text, self.context, self.labels = text, context, labels

    def run(self, run: re.Match[str]) -> Iterator[Finding]:
        """What one run holds."""
        if sum(char.isdecimal() for char in run[0]) < SHORTEST or self._in_link(run.start()):
            return
        segments = [
            Segment(run.start() + match.start(), run.start() + match.end(), match[0])
            for match in SEGMENT.finditer(run[0])
        ]
        taken: set[int] = set()
        for judge in JUDGES:
            for first, last in _windows(segments):
                if taken.intersection(range(first, last + 1)):
                    continue
                finding = judge(self, _number(segments[first : last + 1]))
                if finding:
                    taken.update(range(first, last + 1))
                    yield finding

    def id_card(self, number: Number) -> Finding | None:
        """By its check digit, wherever it stands."""
        digits, end = self._with_letter(number)
        if len(digits) == 18 + DISABLED and self.labels.of(number.start, end) is Label.ID:
            digits = digits[:18]
        if not is_id_number(digits, self.context.today) or self._masked(number.start, end):
            return None
        label = self.labels.of(number.start, end)
        newest = self.context.today.year - YOUNGEST_NUMBERED
        if label is Label.CREDIT or (label in (Label.SERIAL, Label.SUM) and int(digits[6:10]) > newest):
            return None
        return self._id_finding(number.start, end, digits)

    def bank_card(self, number: Number) -> Finding | None:
        if len(number.digits) not in CARD_DIGITS or not passes_luhn(number.digits) or not self._alone(number):
            return None
        label = self.labels.of(number.start, number.end)
        if label in (Label.ID, Label.SERIAL, Label.CREDIT, Label.SUM):
            return None
        if label is not Label.CARD and not (CARD_HEADS.match(number.digits) and _grouped(number.shape)):
            return None
        return self._finding(
            "bank_card",
            self._level_of_account(number.start),
            number,
            "像是银行卡号，属于个人信息，公开时只留末四位。",
        )

    def mobile(self, number: Number) -> Finding | None:
        shape = number.shape
        if len(shape) > 1 and "".join(number.digits[: shape[0]]) in COUNTRY:
            shape = shape[1:]
        if not MOBILE.fullmatch(number.digits) or not self._alone(number):
            return None
        label = self.labels.of(number.start, number.end)
        if label in (Label.SERIAL, Label.SUM, Label.CREDIT):
            return None
        if shape not in MOBILE_SHAPES and len(shape) > 1 and not _is_phone(label):
            return None
        digits = number.digits[-11:]
        on_duty = self._on_duty(number, label)
        sentence = (
            f"手机号 {digits[:3]}****{digits[-4:]}：如是公开的值班或联系手机，请写明理由；个人手机请删去。"
            if on_duty
            else f"手机号 {digits[:3]}****{digits[-4:]} 属于个人信息，请删去，或隐去中间四位。"
        )
        return self._finding("mobile", Level.NEED_REASON if on_duty else Level.BLOCK, number, sentence)

    def labelled_id(self, number: Number) -> Finding | None:
        """Mistyped or of the old 15 digits, next to a word that calls it an ID number."""
        digits, end = self._with_letter(number)
        if not 15 <= len(digits) <= 18 or self._masked(number.start, end):
            return None
        if self.labels.of(number.start, end) is not Label.ID:
            return None
        return self._id_finding(number.start, end, digits)

    def account(self, number: Number) -> Finding | None:
        if len(number.digits) not in ACCOUNT_DIGITS or self._masked(number.start, number.end):
            return None
        if self.labels.of(number.start, number.end) not in (Label.ACCOUNT, Label.CARD):
            return None
        level = self._level_of_account(number.start)
        sentence = (
            "账号：如是单位对公账户，请写明公开的理由；个人账号请删去。"
            if level is Level.NEED_REASON
            else "像是个人账号（存折、一卡通等），属于个人信息，公开时只留末四位。"
        )
        return self._finding("account", level, number, sentence)

    def _id_finding(self, start: int, end: int, digits: str) -> Finding:
        hidden = f"{digits[:4]}{'*' * (len(digits) - 8)}{digits[-4:]}"
        sentence = f"身份证号 {hidden} 属于个人信息，不得公开，请删去或隐去中间各位。"
        return self.text.finding("id_card", Level.BLOCK, (start, end), sentence, hidden)

    def _finding(self, kind: str, level: Level, number: Number, sentence: str) -> Finding:
        return self.text.finding(
            kind, level, (number.start, number.end), sentence, REPAIRS[kind](number.digits)
        )

    def _with_letter(self, number: Number) -> tuple[str, int]:
        """The digits with the check letter behind them, if there is one."""
        match = CHECK_LETTER.match(self.text.plain, number.end) if len(number.digits) in (16, 17) else None
        return (number.digits + "X", match.end()) if match else (number.digits, number.end)

    def _level_of_account(self, start: int) -> Level:
        """An organ's own account may stand in a notice, with a reason."""
        around = self.text.plain[max(0, start - 120) : start]
        return Level.NEED_REASON if ORGAN_HOLDS.search(around) else Level.BLOCK

    def _on_duty(self, number: Number, label: Label | None) -> bool:
        """Whether this may be the mobile of someone who is there to be called."""
        first, last = self.text.line_around(number.start, number.end)
        line = self.text.plain[first:last]
        near = self.text.plain[max(first, number.start - NEAR) : number.end + NEAR // 2]
        if ON_DUTY.search(near) or DUTY_LIST.match(self.text.plain):
            return True
        return _is_phone(label) and not CITIZEN.search(line) and Label.PRIVATE_PHONE is not label

    def _alone(self, number: Number) -> bool:
        """Not a part of a longer code or of a sum, not masked."""
        plain = self.text.plain
        before, after = plain[max(0, number.start - 16) : number.start], plain[number.end : number.end + 12]
        if re.search(r"[A-Za-z]$", before) and not CALLED.search(before):
            return False
        if JOINED_BEFORE.search(before):
            return False
        if JOINED_AFTER.match(after) or UNIT.match(after):
            return False
        return not self._masked(number.start, number.end)

    def _masked(self, start: int, end: int) -> bool:
        plain = self.text.plain
        return plain[start - 1 : start] in MASKS or plain[end : end + 1] in MASKS

    def _in_link(self, place: int) -> bool:
        inside = any(start <= place < end for start, end in self.text.links)
        return inside and not CALLING_LINK.search(self.text.plain[max(0, place - 8) : place])


JUDGES: tuple[Judge, ...] = (
    _Scan.id_card,
    _Scan.bank_card,
    _Scan.mobile,
    _Scan.labelled_id,
    _Scan.account,
)
REPAIRS: dict[str, Callable[[str], str]] = {
    "mobile": lambda digits: f"{digits[-11:-8]}****{digits[-4:]}",
    "bank_card": lambda digits: f"尾号{digits[-4:]}",
    "account": lambda digits: f"尾号{digits[-4:]}",
}
ORGAN_HOLDS = re.compile(
    "(?:户名|户 名|开户(?:单位|名称|名)|[账帐]户(?:名称?|单位)|收款(?:单位|人|方)|单位名称"
    r"|单位)[^\n]{0,6}?[:为 ][^\n,。;]*"
    "(?:政府|委员会|局|中心|公司|慈善|红十字|专户|非税|捐赠|基金|办公室|财政|学校|医院|合作社|国库|村委"
    "|协会)"
    r"|对公|专户|捐赠账|保证金账|公共账户"
)
JOINED_BEFORE = re.compile(r"[A-Z]-$|[0-9]\.$|(?<![0-9])(?!0?0?86-)[0-9]{1,10}-$")
JOINED_AFTER = re.compile(r"[A-Za-z](?![Ee]l)|-(?![0-9]{11}(?![0-9]))[0-9A-Z]|\.[0-9]|,[0-9]{3}(?![0-9])")
CALLING_LINK = re.compile(r"(?:tel|phone|mobile|mob|sj|dh)[:=]$", re.IGNORECASE)


def is_id_number(digits: str, today: date) -> bool:
    """18 places with a province, a birth date and the right check character."""
    if len(digits) != 18 or digits[:2] not in PROVINCES or not digits[:17].isdecimal():
        return False
    if not _is_birth(digits[6:14], today):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=False))
    return CHECK_CHARACTERS[total % 11] == digits[17]


def passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(int(digit) for digit in digits[-1::-2]) + sum(each // 10 + each % 10 for each in doubled)
    return total % 10 == 0 and len(set(digits)) > 1


def _windows(segments: list[Segment]) -> Iterator[tuple[int, int]]:
    """All stretches of segments that a number may fill, the longest first."""
    found = []
    most = LONGEST if len(segments) <= LONGEST else MOST_PIECES
    for first in range(len(segments)):
        count = 0
        for last in range(first, min(first + most, len(segments))):
            count += len(segments[last].digits)
            if count > LONGEST:
                break
            if count >= SHORTEST:
                found.append((first, last))
    yield from sorted(found, key=lambda window: window[0] - window[1])


def _number(segments: list[Segment]) -> Number:
    return Number(
        "".join(segment.digits for segment in segments),
        segments[0].start,
        segments[-1].end,
        tuple(len(segment.digits) for segment in segments),
    )


def _is_birth(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= today


def _grouped(shape: tuple[int, ...]) -> bool:
    """As cards are written: in one, or in groups of four."""
    return (
        len(shape) == 1
        or (all(size == CARD_GROUP for size in shape[:-1]) and shape[-1] <= CARD_GROUP)
        or (shape[0] in (6, 8) and len(shape) == 2)
    )


def _is_phone(label: Label | None) -> bool:
    return label in (Label.PHONE, Label.OFFICE_PHONE, Label.PRIVATE_PHONE)
