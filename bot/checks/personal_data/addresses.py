"""Where people live. Where offices are may stand in any notice."""

import re
from collections.abc import Iterator

from bot.checks.base import Finding, Level, Text
from bot.checks.personal_data.labels import Labels
from bot.checks.personal_data.names import HAN, names

N = r"[0-9A-Za-z一二三四五六七八九十百〇零#甲乙丙丁]{1,6}"
PLACE = rf"[{HAN}·]{{2,24}}?"
GROUP = (
    rf"{PLACE}(?:村|社区|居委会|嘎查|寨)(?:[村居]?民委员会)?[,、 ]?(?:[{HAN}]{{0,6}}?(?:{N}"
    rf"|[{HAN}]{{1,4}})(?:村民小?组|居民小?组|小组|组|队|屯|自然村|片|生产队)"
    rf"|[{HAN}]{{1,5}}(?:庄|湾|岗|冲|畈|圩|塘|坝|屯|郢))[,、 ]?(?:第)?{N}(?:-[0-9]{{1,3}})? ?(?:号"
    "|户)(?![线楼院馆]|文件)"
)
ROOM = (
    rf"(?:[,、 ]?{N} ?单元)?[,、 ]?(?:{N} ?[楼层][,、 ]?)?{N} ?(?:室|户|房(?![屋产]))"
    rf"|[,、 ]?{N} ?单元(?:[,、 ]?{N} ?(?:楼|层|号|室|户))?|[-#][0-9]{{1,2}}-[0-9]{{3,4}}(?![0-9])"
)
BUILDING = rf"{N} ?(?:栋|幢|号楼|座|#楼?|单元楼|号公寓)"
ROAD = (
    rf"{PLACE}(?:路|街|大道|巷|弄|胡同|道|里|条)(?:{N}段"
    rf"|[东西南北中]段?)?[,、 ]?{N}(?:-[0-9]{{1,3}})? ?号(?:院|大院)?"
    rf"[,、 ]?(?:[{HAN}]{{2,10}}?(?:小区|花园|家园|苑|公寓|新村|府|城|湾|园|庭"
    rf"|里)?[,、 ]?)?(?:{BUILDING}[,、 ]?(?:{ROOM})|{BUILDING}?(?:[,、 ]?{N} ?单元)[,、 ]?{N} ?(?:室|号"
    rf"|户)?|(?:{N} ?[楼层])?{N} ?室)"
)
ESTATE = (
    rf"{PLACE}(?:小区|花园|家园|苑|公寓|新村|新区|府|城|湾|庄园|名邸|华庭|庭|安置点|安置区|宿舍|家属院|大院"
    "|园|郡|里|居|村)"
    rf"[ABCD东西南北一二三四五]?区?(?:[0-9一二三四]期)?[,、 ]?(?:{BUILDING}[,、 ]?(?:{ROOM})"
    rf"|{BUILDING}?[,、 ]?{N} ?单元[,、 ]?{N} ?(?:室|号|户)?"
    rf"|[0-9]{{1,3}}[-#][0-9]{{1,2}}-[0-9]{{3,4}}(?![0-9])|[0-9]{{1,3}}[#-][0-9]{{3,4}}(?:室|(?![0-9\-])))"
)
ADDRESS = re.compile(rf"(?:{ROAD})|(?:{ESTATE})|(?:{GROUP})")
DOOR = re.compile(
    rf"{PLACE}(?:村|社区|路|街|大道|巷|弄|胡同|小区|花园|家园|苑|公寓|新村|庄|组"
    rf"|队)[^。;!?\n,]{{0,12}}?{N} ?(?:号|栋|幢|室|户)(?:[^。;!?\n,]{{0,8}}?(?:室|户))?"
)
HOME_LABEL = re.compile(
    "(?:家庭|现|户籍|居住|常住|详细|个人|本人|通讯|收件|户口)?(?:住址|居住地|居住地址|户籍地址?|家庭地址|户籍所在地"
    r"|收货地址|住所(?:位于|地)?|现居|家庭住所)(?:为|是|在)?[:\s]*|家住|现住(?:于|在|址)?[:\s]*"
    r"|居住(?:于|在)|住(?:于|在)|(?<=[男女],)住"
)
SUSPECT = re.compile(r"单元|室|[号户栋幢]|[-#][0-9]{3}")
OFFICE_INSIDE = re.compile(
    "政府|委员会|[村居]委会|办公|中心|大楼|大厦|服务|[局署厅]|法院|检察|银行|公司|学校|小学|中学|大学|医院"
    "|卫生院|广场|商场|超市|酒店|宾馆|饭店|综合楼|行政楼|派出所|供电所|工业园|产业园|科技园|园区|厂|店"
    "|会议室"
)
OF_VILLAGERS = re.compile("[村居]?民委员会(?=[0-9一二三四五六七八九十]{1,3}组)")
OFFICE_BEFORE = re.compile(
    "(?:办公|单位|受理|报名|通信|邮寄|注册|营业|经营|机构|公司|咨询|接待|现场|会议|开标|开庭|面试|考试"
    "|培训|办理|服务|活动|项目|工程|收件|采购人?|代理机构|企业|门店|联系)(?:地址|地点|场所|点|处)"
    r"[:为在]?[^。;\n]{0,10}$|(?<![住户籍])(?:地点|地址|位于|坐落于?|坐落|设在|设于|搬迁至|迁至|迁往|前往"
    r"|到|新址|旧址|途经|施工|路段|停电|停水)[:为在]?[^。;\n]{0,10}$"
)
OFFICE_AFTER = re.compile(
    r"\s*[(,]?[^。;,\n]{0,6}(?:办公室|村委|居委|服务|中心|政府|大厅|窗口|公司|门店|门市|超市|商店|工地|地块"
    "|路段|附近|至|项目|公厕|消防)"
)
NEAR = 22


def check(text: Text, labels: Labels) -> list[Finding]:
    """Findings of kind address."""
    return list(_found(text, labels))


def _found(text: Text, labels: Labels) -> Iterator[Finding]:
    listed = [(cell.start, cell.end) for row in labels.rows for cell in row]
    for place, line in text.lines():
        if not SUSPECT.search(line):
            continue
        for start, end in _in_line(line):
            in_list = any(first <= place + start < last for first, last in listed)
            level = Level.BLOCK if in_list or names(line) else Level.NEED_REASON
            yield _finding(text, place + start, place + end, level)


def _in_line(line: str) -> Iterator[tuple[int, int]]:
    done = 0
    for label in HOME_LABEL.finditer(line):
        home = DOOR.match(line, label.end())
        full = ADDRESS.match(line, label.end())
        found = max((match for match in (home, full) if match), key=lambda match: match.end(), default=None)
        if found and not _is_an_office(found[0]):
            done = found.end()
            yield found.span()
    for match in ADDRESS.finditer(line, done):
        before = line[max(0, match.start() - NEAR) : match.start()]
        if _is_an_office(match[0]) or OFFICE_BEFORE.search(before):
            continue
        if OFFICE_BEFORE.search(line[max(0, match.start() - NEAR) : match.start() + 12]) and not names(line):
            continue
        if not OFFICE_AFTER.match(line, match.end()):
            yield match.span()


def _is_an_office(words: str) -> bool:
    return bool(OFFICE_INSIDE.search(OF_VILLAGERS.sub("", words)))


def _finding(text: Text, start: int, end: int, level: Level) -> Finding:
    words = text.plain[start:end]
    sentence = f"“{words}”像是家庭住址，公开时写到村或社区为止；如是办公地点，请写明单位或理由。"
    return text.finding("address", level, (start, end), sentence)
