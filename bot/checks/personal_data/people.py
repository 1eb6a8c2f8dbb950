"""Minors and the sick, where they are named in full."""

import re
from collections.abc import Iterator
from datetime import date

from bot.checks.base import Context, Finding, Level, Text
from bot.checks.personal_data.labels import Labels, Row
from bot.checks.personal_data.names import HAN, names

Span = tuple[int, int]

ADULT = 18
NEAR = 40
YOUNG = re.compile(
    r"岁|儿童|孤儿|学生|[月日]生|生于|同学|幼儿|班|年级|出生|小朋友|患儿|未成年|少年|男孩|女孩|[男女][童婴]|就读"
)
CHINESE_TENS = {char: value for value, char in enumerate("零一二三四五六七八九十")}
CLAUSE = r"[^。;!?\n]"
AGE = (
    r"(?<![0-9])(?P<age>[0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*周?岁(?![以至到及组\-~]|[半多]?的?(?:以"
    "|老))"
)
AGE_BEHIND = re.compile(rf"{CLAUSE}{{0,14}}?{AGE}")
AGE_BEFORE = re.compile(
    rf"{AGE}半?的?(?:男孩|女孩|男童|女童|男生|女生|儿童|学生|小学生|小朋友|孩子|女儿|儿子|幼儿)?[:,\s]*$"
)
MINOR_NOUN = re.compile(
    "(?:留守|困境|流动|贫困|失学|受助|走失|孤残|残疾|自闭症)?(?:儿童|少年|孤儿|幼儿|患儿|男孩|女孩|男童"
    "|女童|男婴|女婴|小朋友"
    r"|未成年人|小学生|中学生|初中生|高中生|(?<!大)(?<!研究)学生)(?:姓名)?(?:为|是|叫)?[:\s\"“]*$"
)
SCHOOL = r"(?:小学|中学|幼儿园|中心校|初中|高中|附小|附中|学校|实验校|[一二三四五六七八九]中|小)"
CLASS_BEFORE = re.compile(rf"(?:{SCHOOL}|[年级]|[高初]){CLAUSE}{{0,8}}?班级?(?:学生|的)?[:,\s(]*$")
PUPIL = re.compile(r"同学|小朋友")
SCHOOL_NEAR = re.compile(r"小学|中学|幼儿园|年级|初中|高中|中心校|学校")
AT_SCHOOL = re.compile(
    rf"[^。;!?\n师长任员]{{0,16}}?(?:就?读于?|在|[,、\s(]){CLAUSE}{{0,10}}?(?:小学|幼儿园|初中|中学|中心校)"
    rf"(?:(?:[^。;!?\n,]{{0,6}}(?:年级|班))|(?:就读|读书|上学|学生|在读))(?!主任|{CLAUSE}{{0,6}}(?:教师"
    "|老师|班主任|任教|辅导员))"
)
READS_AT = re.compile(rf"{CLAUSE}{{0,10}}?就读于?{CLAUSE}{{0,12}}?(?:小学|幼儿园|初中|中学|中心校)")
BORN = re.compile(
    rf"{CLAUSE}{{0,14}}?(?:生于|出生(?:日期|年月|时间)?(?:为"
    rf"|于)?)?[:\s]*(?P<year>20[0-9]{{2}})[年.\-/](?P<month>[0-9]{{1,2}})"
    r"(?:[月.\-/](?P<day>[0-9]{1,2})日?|月?)(?:出?生(?!效)|(?=[,)\s]|$))"
)
BIRTH_WORD = re.compile(r"生于|出生|(?<![先学医])生(?!效)")
TEACHER = re.compile(r"教师|老师|校长|班主任|园长|辅导员|教练|教授|主任|院长|书记|委员|记者")

ILLNESS = (
    rf"[{HAN}]{{0,3}}癌|[{HAN}]{{0,2}}肿瘤|白血病|尿毒症|艾滋病?|HIV|精神(?:分裂症?|障碍|病|疾病|异常)"
    "|抑郁症|双相情感障碍|癫痫|[甲乙丙]型?肝炎?"
    "|肺结核|结核病|糖尿病|高血压|冠心病|先天性心脏病|先心病|心脏病|脑梗死?|脑出血|脑溢血|脑瘫|脑卒中|中风"
    "|偏瘫|截瘫|瘫痪"
    "|肾衰竭|肾功能衰竭|肾病综合征|肾病|肝硬化|血友病|再生障碍性贫血|地中海贫血|地贫|帕金森|阿尔茨海默"
    "|老年痴呆|痴呆|梅毒|淋病|性病|红斑狼疮"
    "|尘肺病?|矽肺|股骨头坏死|心肌梗死|心梗|强直性脊柱炎|类风湿|孤独症|自闭症|唐氏综合征|渐冻症|肌无力"
    "|肌萎缩|罕见病|重症肝炎|新冠肺炎|新型冠状病毒|麻风病?|鼠疫"
    "|(?:肢体|视力|听力|言语|智力|精神|多重)(?:一级|二级|三级|四级|[1-4]级)?残疾(?:一级|二级|三级|四级"
    "|[1-4]级)?|(?:肢体|视力|听力|言语|智力|精神|多重)[一二三四1-4]级"
    "|[一二三四1-4]级(?:肢体|视力|听力|言语|智力|精神|多重)?残疾?|残疾(?:等级)?[为:]?[一二三四1-4]级"
    "|(?:重大|严重|慢性|长期慢性)?疾病|重病|大病|慢性病|传染病"
    r"|因病致贫|因病返贫|因残致贫|因病|因残|怀孕|身孕|流产|失明|耳聋|聋哑"
)
SICK = re.compile(rf"{ILLNESS}|残疾人|孕妇|产妇|病例|感染者")
BY_ITSELF = re.compile("[^。;!?\\n,]{0,6}?(?P<illness>因病致贫|因病返贫|因残致贫|因病|因残|怀孕|有身孕)")
HAS = r"(?:患有?|患上|患了|身患|罹患|确诊为?|查出|检出|感染|诊断为?|因患|得了|突发|被诊断|被确诊|因)"
HAS_ILLNESS = re.compile(rf"[^。;!?\n]{{0,16}}?{HAS}{CLAUSE}{{0,8}}?(?P<illness>{ILLNESS})")
LISTED_ILLNESS = re.compile(
    rf"(?P<between>(?:[,、(\s:]+[^,、()\s。;!?\n]{{0,12}}?){{0,6}}?)[,、(\s:]+(?:[^,、()\s。;!?\n]{{0,5}}[:为])?(?P<illness>{ILLNESS})"
    rf"(?:患者|[,、)\s。;]|$|致贫|返贫)"
)
BARE_ILLNESS = re.compile(
    "(?:家中|家庭|一家|一户|系|属"
    rf"|的?[妻儿父母子女孙]{CLAUSE}{{0,2}}){CLAUSE}{{0,10}}?(?P<illness>{ILLNESS})"
)
PATIENT_BEFORE = re.compile(
    rf"(?P<illness>{ILLNESS}|残疾|重?度?残疾)(?:患者|患儿|病人|人员?|人士|儿童|老人|学生|感染者|携带者"
    "|确诊病例|病例|家庭|户|贫困户|脱贫户|村民|妇女|孕妇|产妇)"
    r"?(?:姓名)?(?:为|是|叫)?[:\s\"“]*$|(?P<pregnant>孕妇|产妇|确诊病例|感染者|病例[0-9一二三]+)[:\s,]*$"
)
UNNAMED = re.compile(
    "(?:本人|户主|其(?:妻|子|女|父|母|夫|丈夫|儿子|女儿|妻子|母亲"
    rf"|父亲)){CLAUSE}{{0,4}}?{HAS}{CLAUSE}{{0,6}}?(?P<illness>{ILLNESS})"
)
SPEAKS = re.compile(
    "医生|医师|专家|主任|教授|院长|介绍|讲解|主讲|提醒|讲座|授课|义诊|博士|护士|表示|指出|强调|调研|慰问"
    "|宣传|参加|出席|主持"
)
NAME_COLUMN = re.compile(r"姓名|户主|学生|儿童|患者|受助")
AGE_COLUMN = re.compile(r"年龄")
BIRTH_COLUMN = re.compile(r"出生|生日")
SCHOOL_COLUMN = re.compile(r"学校|班级|年级|就读")
DISABLED_COLUMN = re.compile("残疾(?:类别|类型|等级|情况)|病种|病情|病名|所患疾病|患病")
NOTHING = ("", "无", "否", "-", "/", "健康")
HEALTH_COLUMN = re.compile(r"病|残疾|健康|致贫|原因|备注|困难|情况")


def check(text: Text, context: Context, labels: Labels) -> list[Finding]:
    """Findings of kind minor and health."""
    found = dict.fromkeys(_all(text, context, labels))
    return [_finding(text, kind, span, level) for kind, span, level in found]


def _all(text: Text, context: Context, labels: Labels) -> Iterator[tuple[str, Span, Level]]:
    for row in labels.rows:
        yield from _in_row(row, context.today)
    for place, line in text.lines():
        young, sick = YOUNG.search(line), SICK.search(line)
        if not young and not sick:
            continue
        for start, end in names(line):
            minor = _minor(line, start, end, context.today) if young else None
            illness = _illness(line, start, end) if sick else None
            if minor:
                yield "minor", (place + minor[0], place + minor[1]), Level.BLOCK
            if illness:
                yield "health", (place + illness[0], place + illness[1]), Level.BLOCK
        unnamed = UNNAMED.search(line)
        if unnamed:
            yield "health", (place + unnamed.start("illness"), place + unnamed.end("illness")), Level.WARN


def _minor(line: str, start: int, end: int, today: date) -> Span | None:
    """The span that tells that the name's bearer is under age."""
    if TEACHER.match(line, end) or TEACHER.search(line[max(0, start - 3) : start]):
        return None
    signs = (
        _by_age(line, start, end),
        _by_noun(line, start, end),
        _by_school(line, start, end),
        _by_birth(line, start, end, today),
    )
    return next((span for span in signs if span), None)


def _by_age(line: str, start: int, end: int) -> Span | None:
    behind = AGE_BEHIND.match(line, end)
    if behind and _years(behind["age"]) < ADULT:
        return start, behind.end()
    before = _before(AGE_BEFORE, line, start)
    if before and _years(before["age"]) < ADULT:
        return before.start(), end
    return None


def _before(pattern: re.Pattern[str], line: str, start: int) -> re.Match[str] | None:
    """A pattern that ends where a name begins, looked for in the words before it only."""
    return pattern.search(line, max(0, start - NEAR), start)


def _by_noun(line: str, start: int, end: int) -> Span | None:
    told = _before(MINOR_NOUN, line, start) or _before(CLASS_BEFORE, line, start)
    return (told.start(), end) if told else None


def _by_school(line: str, start: int, end: int) -> Span | None:
    if PUPIL.match(line, end) and SCHOOL_NEAR.search(line):
        return start, end
    school = AT_SCHOOL.match(line, end) or READS_AT.match(line, end)
    return (start, school.end()) if school and not TEACHER.search(line) else None


def _by_birth(line: str, start: int, end: int, today: date) -> Span | None:
    born = BORN.match(line, end)
    told = born and BIRTH_WORD.search(born[0]) and _is_minor(born, today)
    return (start, born.end()) if born and told else None


def _illness(line: str, start: int, end: int) -> Span | None:
    """The illness or disability that the text gives to the name's bearer."""
    told = _before(PATIENT_BEFORE, line, start)
    if told:
        return told.span("illness" if told["illness"] else "pregnant")
    has = HAS_ILLNESS.match(line, end)
    if has and not SPEAKS.search(has[0]):
        return has.span("illness")
    near = line[max(0, start - 8) : start]
    listed = (pattern.match(line, end) for pattern in (BY_ITSELF, LISTED_ILLNESS, BARE_ILLNESS))
    spans = (match.span("illness") for match in listed if match and not SPEAKS.search(near + match[0]))
    return next(spans, None)


def _in_row(row: Row, today: date) -> Iterator[tuple[str, Span, Level]]:
    """A table says in its headings what its cells are."""
    named = [cell for cell in row if NAME_COLUMN.search(cell.heading) and names(cell.text.strip())]
    if not named:
        return
    for cell in row:
        shown = cell.text.strip()
        span = (named[0].start, named[0].end)
        if DISABLED_COLUMN.search(cell.heading) and shown not in NOTHING:
            yield "health", (cell.start, cell.end), Level.BLOCK
        elif HEALTH_COLUMN.search(cell.heading) and (match := SICK.search(cell.text)):
            yield "health", (cell.start + match.start(), cell.start + match.end()), Level.BLOCK
        elif AGE_COLUMN.search(cell.heading) and re.fullmatch(r"[0-9]{1,2}周?岁?", shown):
            if int(re.sub(r"\D", "", shown)) < ADULT:
                yield "minor", span, Level.BLOCK
        elif BIRTH_COLUMN.search(cell.heading) and (born := BORN.fullmatch(shown)):
            if _is_minor(born, today):
                yield "minor", span, Level.BLOCK
        elif SCHOOL_COLUMN.search(cell.heading) and SCHOOL_NEAR.search(shown):
            yield "minor", span, Level.BLOCK


def _years(age: str) -> int:
    if age.isdecimal():
        return int(age)
    tens, _, ones = age.rpartition("十")
    if "十" not in age:
        return CHINESE_TENS[age[-1]]
    return 10 * (CHINESE_TENS.get(tens, 1)) + CHINESE_TENS.get(ones, 0)


def _is_minor(born: re.Match[str], today: date) -> bool:
    try:
        birthday = date(int(born["year"]) + ADULT, int(born["month"]), min(int(born["day"] or 1), 28))
    except ValueError:
        return False
    return birthday > today > birthday.replace(year=int(born["year"]))


def _finding(text: Text, kind: str, span: Span, level: Level) -> Finding:
    words = text.plain[span[0] : span[1]].strip()
    if kind == "minor":
        sentence = f"“{words}”写出了未成年人的姓名，请改为姓氏加“某”，并删去年龄、学校等信息。"
    elif level is Level.BLOCK:
        sentence = f"“{words}”与姓名写在一起，属于健康信息，请删去病情或残疾情况，或将姓名改为姓氏加“某”。"
    else:
        sentence = f"“{words}”写出了个人的健康情况，如能认出本人，请删去。"
    return text.finding(kind, level, span, sentence)
