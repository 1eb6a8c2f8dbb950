"""The words beside a number that say what it is: 身份证号, 账号, 订单号, the heading of a table's column."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from bot.checks.base import Text

REACH = 30  # characters before a number in which its label is looked for
BEHIND = 6  # and after it
FEW_CELLS = 2


class Label(StrEnum):
    """What a number is said to be."""

    ID = "id"
    PASSPORT = "passport"
    CARD = "card"
    ACCOUNT = "account"
    PRIVATE_PHONE = "private_phone"
    OFFICE_PHONE = "office_phone"
    PHONE = "phone"
    PLATE = "plate"
    CREDIT = "credit"
    SERIAL = "serial"
    SUM = "sum"


# In this order: where two begin at one place, the first one counts.
WORDS = {
    Label.CREDIT: r"统?一?社?会?信用代码|组织?机构代码|税号|纳税人识别号|税务登记号",
    Label.SERIAL: (
        r"(?:许可|准考|登记|资格|合格|产权|权属|土地|房产|房屋|使用|执业|经营|生产|采矿|执法|工作|学生|毕业"
        r"|结婚|离婚|出生|学位|检疫|检验|上岗|备案|批准|取水|林权|不动产|特种|从业|职称|荣誉|采伐|运输|专利"
        r"|商标|注册|缴款|出入|参赛|证书)证?书?(?:编?号码?|第|编码)"
        r"|(?<!身份)(?:订单|运单|快递|物流|包裹|工单|受理|流水|交易|凭证|票据|发票|收据|合同|案|卷|档案|文件"
        r"|批|设备|出厂|序列|产品|型|版本|项目|标段|招标|采购|公告|索引|文|期|刊|书|条形?码?|宗地|地块"
        r"|单元|图斑|站点|标识|备案|登记|信访|业务|申请|办件|回执|发文|注册|证书|户|缴费|表|学)号码?"
        r"|[单编]号|编码|(?<!信用)(?<!机构)代码|条形?码|二维码|ISBN|ISSN|IMEI|批次|追溯码|网安备|ICP备"
        r"|联?行号|邮编|邮政编码|时间戳|车架号|发动机号|序号|批准文号|文号|单据|标准号|监督码|验证码"
        r"|No\.?|NO\.?"
    ),
    Label.ID: (
        r"居?民?身份证件?(?:号码?|编号|号)?|公民身份证?号码?|身份号码?|(?:有效)?证件编?号码?|(?<![一-龥])证号"
        r"|残疾人?证(?:件?编?号码?|号)?|驾驶证(?:编?号码?|号)?|学籍号|ID号码?|社会保障号码?|社保号码?|身份ID"
    ),
    Label.PASSPORT: r"护照(?:号码?|编号)?|通行证(?:号码?|编号)?|台胞证|回乡证",
    Label.CARD: r"银行卡|储蓄卡|借记卡|信用卡|工资卡|农?行卡|社保?会?保?障?卡|金融卡|打卡|卡号",
    Label.ACCOUNT: r"[账帐][号户]|一卡通|存折|折号|开户|收款|户头|惠农卡",
    Label.PRIVATE_PHONE: (
        "(?:家庭|住宅|家中|家里|家属|私人|个人|本人|自家)(?:联系)?(?:电话|座机|固话|固定电话)"
        "|(?<![国农商厂专])家(?:里|中)?的?(?:联系)?电话|宅电|家电(?=[:0-9(])"
    ),
    Label.OFFICE_PHONE: (
        r"(?:监督|咨询|投诉|举报|服务|办公|值班|受理|热线|报名|报修|报警|预约|联系人?及?|业务|窗口|抢修|救助"
        "|求助|维权|客服|反映|单位|公示|办公室|传达室|应急|防汛|火警|政务|查询|接待|信访|审批|征集|经办"
        "|负责人"
        r"|工作人员|编辑部|发行|订阅|采购人|代理机构|招标人)(?:联系)?(?:电话|号码|热线|座机|专线)"
        r"|热线|传真|总机|专线|公开电话|电话咨询|来电|致电|拨打"
    ),
    Label.PHONE: r"手机号?码?|移动电话|联系方式|联系人|联系号码|电话号?码?|微信号?|QQ号?|tel|phone|mobile",
    Label.PLATE: r"车牌号?码?|号牌|牌照|车号",
    Label.SUM: r"金额|共计|合计|总计|资金|投资|价格|报价|单价|人民币|面积|产值|收入|支出|[¥￥$]",
}
PATTERN = re.compile(
    "|".join(f"(?P<{label}>{words})" for label, words in WORDS.items()), re.IGNORECASE | re.ASCII
)
HARMLESS = (Label.SERIAL, Label.SUM, Label.CREDIT)
BETWEEN = re.compile(r"[^,;、元]{0,14}")
STOP = re.compile(r"[。;!?]")
HEADER = re.compile(
    "姓名|户主|身份证|证件号|电话|手机|[账帐]号|卡号|住址|地址|年龄|出生|病种|病情|残疾|学校|班级|村组"
    "|备注|存折"
)
LONG_NUMBER = re.compile(r"[0-9]{6}|[0-9]{3}\*")


@dataclass(frozen=True)
class Cell:
    start: int
    end: int
    text: str
    heading: str = ""


Row = list[Cell]


class Labels:
    """The labels of one text."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def of(self, start: int, end: int) -> Label | None:
        """What the number at this span is said to be: by the nearest word before it, the heading of its
        column, or a word right behind it."""
        first, last = self._text.line_around(start, end)
        before = self._text.plain[max(first, start - REACH) : start]
        stops = [match.end() for match in STOP.finditer(before)]
        cell = self._cell_of(start)
        nearest = _last(
            before[stops[-1] if stops else 0 :] if cell is None else cell.text[: start - cell.start]
        )
        if nearest is None and cell is not None:
            nearest = _last(cell.heading)
        return nearest or _first(self._text.plain[end : min(last, end + BEHIND)])

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of all tables, headings aside: lines of cells below a line that names them."""
        return list(_rows(self._text))

    def _cell_of(self, place: int) -> Cell | None:
        return next((cell for row in self.rows for cell in row if cell.start <= place < cell.end), None)


def _last(words: str) -> Label | None:
    """The nearest label; one that makes a number harmless must stand right before it."""
    for match in reversed(list(PATTERN.finditer(words))):
        label = Label(str(match.lastgroup))
        if label not in HARMLESS or BETWEEN.fullmatch(words, match.end()):
            return label
    return None


def _first(words: str) -> Label | None:
    match = re.match(r"[ (\[]*", words)
    found = PATTERN.match(words, match.end() if match else 0)
    return Label(found.lastgroup) if found and found.lastgroup else None


def _rows(text: Text) -> Iterator[Row]:
    headings: list[str] = []
    separator = ""
    for place, line in text.lines():
        if _is_heading(line):
            separator = _separator(line)
            headings = [cell.text.strip() for cell in _cells(place, line, separator)]
            continue
        if not headings:
            continue
        row = _cells(place, line, separator)
        if len(row) < FEW_CELLS or (separator not in "\t|" and len(row) != len(headings)):
            headings = []
            continue
        yield [
            Cell(cell.start, cell.end, cell.text, heading)
            for cell, heading in zip(row, [*headings, *[""] * len(row)], strict=False)
        ]


def _is_heading(line: str) -> bool:
    found = HEADER.findall(line)
    if len(found) < FEW_CELLS or LONG_NUMBER.search(line):
        return False
    cells = _cells(0, line, _separator(line))
    return len(cells) >= FEW_CELLS and all(
        len(cell.text.strip()) <= 12 and ":" not in cell.text for cell in cells
    )


def _separator(line: str) -> str:
    return next((mark for mark in "\t|," if mark in line), " ")


def _cells(place: int, line: str, separator: str) -> Row:
    pattern = r"[^ ]+" if separator == " " else f"[^{re.escape(separator)}]+"
    return [
        Cell(place + match.start(), place + match.end(), match[0]) for match in re.finditer(pattern, line)
    ]
