"""Labelled lines, made from templates by a seeded chance: what must be found, and what must not."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

TODAY = date(2026, 11, 23)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = [
    *("伟", "芳", "秀英", "建国", "桂兰", "志强", "小红", "国庆", "海燕", "玉梅", "永福", "德胜", "丽"),
    *("春生", "明霞", "大海", "家旺", "彩云", "守义", "雨欣", "子涵", "浩然", "梓轩", "思远"),
]
VILLAGES = ["上溪村", "竹坑村", "石桥村", "下溪村", "枫林村", "红星社区"]
PROVINCES = ["340102", "341523", "342425", "110105", "320311", "440306", "510107", "652301", "360481"]
ILL = ["尿毒症", "肺癌", "白血病", "精神分裂症", "糖尿病", "脑梗", "艾滋病", "乙肝", "癫痫", "肾衰竭"]
DISABLED = ["肢体残疾二级", "视力残疾一级", "精神残疾二级", "听力残疾三级", "智力残疾四级"]
PLATES = "皖苏浙鲁京沪粤川"
FULL_WIDTH = str.maketrans("0123456789", "0123456789".translate({48 + n: 0xFF10 + n for n in range(10)}))
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Line:
    """`kind` is what must be found in it; empty: nothing."""

    kind: str
    text: str


class Maker:
    """People and numbers of nobody."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def pick(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def digits(self, count: int) -> str:
        return "".join(self.chance.choice("0123456789") for _ in range(count))

    def name(self) -> str:
        return self.chance.choice(SURNAMES) + self.chance.choice(GIVEN)

    def village(self) -> str:
        return self.chance.choice(VILLAGES)

    def birth(self, first: int = 1935, last: int = 2005) -> date:
        start = date(first, 1, 1)
        return start + timedelta(days=self.chance.randrange((date(last, 12, 31) - start).days))

    def id_number(self) -> str:
        body = f"{self.chance.choice(PROVINCES)}{self.birth():%Y%m%d}{self.digits(3)}"
        total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True))
        return body + "10X98765432"[total % 11]

    def wrong_id_number(self) -> str:
        number = self.id_number()
        return number[:-1] + self.chance.choice("0123456789".replace(number[-1], ""))

    def old_id_number(self) -> str:
        return f"{self.chance.choice(PROVINCES)}{self.birth(1935, 1979):%y%m%d}{self.digits(3)}"

    def mobile(self) -> str:
        return f"1{self.chance.choice('3456789')}{self.digits(9)}"

    def card(self) -> str:
        head = self.chance.choice(["622202", "621700", "622848", "623058", "621226", "622588"])
        body = head + self.digits(self.chance.choice([9, 12]))
        doubled = [int(digit) * 2 for digit in body[::-2]]
        total = sum(each // 10 + each % 10 for each in doubled) + sum(int(digit) for digit in body[-2::-2])
        return body + str(-total % 10)

    def plate(self) -> str:
        place = self.chance.choice(PLATES) + self.chance.choice("ABCDEFGHN")
        tail = self.chance.choice(
            [
                self.digits(5),
                f"{self.chance.choice('ABKQ')}{self.digits(4)}",
                f"D{self.digits(5)}",
                f"{self.digits(5)}F",
            ]
        )
        return f"{place}{self.pick('', '·', ' ')}{tail}"

    def landline(self) -> str:
        number = self.chance.choice("2345678") + self.digits(6)
        return self.pick(
            f"0564-{number}", f"(0564){number}", f"（0564）{number}", f"0564 {number}", f"0564—{number}"
        )

    def door(self) -> str:
        number, room = self.chance.randrange(1, 90), self.digits(1)
        estate = self.pick("阳光花园", "锦绣家园", "滨河小区")
        building = self.pick("5栋", "3号楼", "16幢")
        return self.pick(
            f"云溪镇{self.village()}{self.pick('一', '二', '三', '8')}组{number}号",
            f"{self.village()}{self.pick('竹园', '大塘', '前进')}组{number}号",
            f"城关镇人民路{number}号{building}2单元{room}01室",
            f"{estate}{building}{self.pick('1单元', '二单元')}{self.pick('302', '1201')}室",
        )

    def broken(self, number: str, *cuts: int) -> str:
        mark = self.pick(" ", "-", "  ", "\u200b", "\u3000")
        pieces = [number[start:end] for start, end in zip((0, *cuts), (*cuts, len(number)), strict=True)]
        return mark.join(pieces)

    def spelled(self, number: str, *cuts: int) -> str:
        """The number as one of the ways people write it."""
        return self.pick(number, number, number.translate(FULL_WIDTH), self.broken(number, *cuts))


Template = Callable[[Maker], str]

FOUND: dict[str, tuple[Template, ...]] = {
    "id_card": (
        lambda m: f"{m.name()}，身份证号：{m.spelled(m.id_number(), 6, 14)}",
        lambda m: f"{m.name()}（{m.spelled(m.id_number(), 6, 14)}）符合条件。",
        lambda m: f"{m.chance.randrange(1, 60)} {m.name()} {m.id_number()} {m.village()} 600元",
        lambda m: f"{m.name()}\t{m.id_number().lower()}\t{m.village()}",
        lambda m: f"公民身份号码{m.pick('', '：', '为')}{m.wrong_id_number()}，请核对。",
        lambda m: f"身份证号码：{m.old_id_number()}",
        lambda m: f"户主{m.name()}，证件号码：{m.id_number()[:-1]}",
        lambda m: f"残疾人证号{m.id_number()}{m.pick('42', '13')}",
        lambda m: f"姓名\t身份证号\t金额\n{m.name()}\t{m.wrong_id_number()}\t300",
    ),
    "mobile": (
        lambda m: f"{m.name()}，{m.spelled(m.mobile(), 3, 7)}",
        lambda m: f"联系人：{m.name()}，手机：{m.spelled(m.mobile(), 3, 7)}。",
        lambda m: f"手机号码+86{m.pick('', ' ', '-')}{m.mobile()}",
        lambda m: f"0086{m.mobile()}是他的号码",
        lambda m: f"{m.name()} {m.village()} {m.mobile()} 已领取",
        lambda m: f"微信同号{m.mobile()}",
        lambda m: f"姓名,手机,村\n{m.name()},{m.mobile()},{m.village()}",
        lambda m: f"值班电话：{m.mobile()}（{m.name()}）",
        lambda m: f"Tel:{m.mobile()}",
        lambda m: f"电话{m.mobile()}、{m.mobile()}",
    ),
    "bank_card": (
        lambda m: f"{m.name()}，银行卡号：{m.card()}",
        lambda m: f"农行卡{m.broken(m.card(), 4, 8, 12)}",
        lambda m: f"{m.village()} {m.name()} {m.card()} 1200元",
        lambda m: f"打卡账号{m.card().translate(FULL_WIDTH)}",
        lambda m: f"姓名\t卡号\t金额\n{m.name()}\t{m.card()}\t300",
    ),
    "account": (
        lambda m: f"{m.name()}，一卡通账号：1{m.digits(m.chance.randrange(11, 21))}",
        lambda m: f"存折号{m.pick('', '：', '为')}20{m.digits(15)}",
        lambda m: f"开户行：农业银行云溪支行，账号：12-36{m.digits(13)}",
        lambda m: f"户主{m.name()}的惠农补贴一卡通（{m.pick('3', '9', '10')}{m.digits(16)}）",
        lambda m: f"姓名\t存折账号\t金额\n{m.name()}\t10{m.digits(15)}\t300",
    ),
    "passport": (
        lambda m: f"{m.name()}，护照号：E{m.digits(8)}",
        lambda m: f"持G{m.digits(8)}出境",
        lambda m: f"护照号码 EA{m.digits(7)}",
        lambda m: f"往来港澳通行证C{m.digits(8)}",
    ),
    "plate": (
        lambda m: f"车牌号{m.plate()}的车辆",
        lambda m: f"{m.plate()}违法停放",
        lambda m: f"{m.name()}驾驶{m.plate()}小型轿车",
        lambda m: f"肇事车辆：{m.plate()}，请提供线索。",
    ),
    "email": (
        lambda m: f"邮箱：zhang{m.digits(4)}@{m.pick('qq.com', '163.com', 'sina.com.cn', 'gmail.com')}",
        lambda m: f"{m.name()}（{m.digits(9)}@qq.com）",
        lambda m: f"请发送至li.hua_{m.digits(2)}@126.com。",
        lambda m: f"E-mail：wang{m.digits(3)}＠139.com",
    ),
    "landline": (
        lambda m: f"家庭电话：{m.landline()}",
        lambda m: f"申请人{m.name()}，电话{m.landline()}",
        lambda m: f"户主{m.name()}，住宅电话{m.landline()}",
        lambda m: f"{m.name()}，{m.landline()}，{m.village()}",
        lambda m: f"家长{m.name()}宅电：{m.landline()}",
    ),
    "address": (
        lambda m: f"家住{m.door()}",
        lambda m: f"家庭住址：{m.door()}",
        lambda m: f"{m.name()}，{m.door()}",
        lambda m: f"申请人{m.name()}，户籍地：{m.door()}。",
        lambda m: f"{m.name()}（住{m.door()}）",
        lambda m: f"现居住于{m.door()}",
    ),
    "minor": (
        lambda m: f"留守儿童{m.name()}",
        lambda m: f"{m.name()}，{m.pick('男', '女')}，{m.chance.randrange(3, 17)}岁",
        lambda m: f"{m.name()}（{m.chance.randrange(3, 17)}周岁）",
        lambda m: f"困境儿童：{m.name()}、{m.name()}",
        lambda m: f"云溪中心小学三年级（{m.chance.randrange(1, 5)}）班{m.name()}",
        lambda m: f"{m.name()}，{m.birth(2012, 2024):%Y年%-m月%-d日}出生",
        lambda m: f"孤儿{m.name()}每月发放基本生活费",
        lambda m: f"姓名\t年龄\t村\n{m.name()}\t{m.chance.randrange(3, 17)}\t{m.village()}",
        lambda m: f"{m.name()}，就读于云溪中学",
    ),
    "health": (
        lambda m: f"{m.name()}患{m.pick(*ILL)}，生活困难",
        lambda m: f"{m.pick(*ILL)}患者{m.name()}",
        lambda m: f"{m.name()}（{m.pick(*DISABLED)}）",
        lambda m: f"{m.village()} {m.name()} {m.pick(*DISABLED)} 600元",
        lambda m: f"因病致贫户{m.name()}",
        lambda m: f"{m.name()}，男，{m.chance.randrange(30, 80)}岁，因患{m.pick(*ILL)}申请临时救助",
        lambda m: f"姓名\t村\t致贫原因\n{m.name()}\t{m.village()}\t因病",
        lambda m: f"{m.name()}确诊{m.pick(*ILL)}",
    ),
}

HARMLESS: tuple[Template, ...] = (
    lambda m: f"统一社会信用代码：11341523{m.digits(9)}{m.pick('K', '3', 'X', '7')}",
    lambda m: f"索引号：11341523003217829K/202405-{m.digits(5)}",
    lambda m: f"项目代码：2021-341599-47-03-{m.digits(6)}",
    lambda m: f"云政办〔2024〕{m.chance.randrange(1, 90)}号",
    lambda m: f"总投资{m.digits(4)}.{m.digits(2)}万元，面积{m.digits(5)}.{m.digits(2)}平方米",
    lambda m: f"合计1{m.chance.choice('3456789')}{m.digits(9)}元",
    lambda m: (
        f"请拨打{m.pick('12345', '12317', '12333', '12393', '95598', '119', '400-812-3456', '4008123456')}"
    ),
    lambda m: f"{m.pick('咨询', '监督', '联系', '举报', '办公')}电话：{m.landline()}",
    lambda m: f"云溪镇便民服务中心，电话：{m.landline()}。",
    lambda m: f"{m.name()} 138****{m.digits(4)}",
    lambda m: f"{m.name()}，{m.id_number()[:6]}********{m.digits(4)}",
    lambda m: f"卡号6228 **** **** {m.digits(4)}",
    lambda m: f"时间戳17{m.digits(11)}",
    lambda m: f"商品条码69{m.digits(11)}",
    lambda m: f"ISBN 978-7-{m.digits(4)}-{m.digits(4)}-{m.digits(1)}",
    lambda m: f"皖ICP备{m.digits(8)}号",
    lambda m: f"皖公网安备 34152302{m.digits(6)}号",
    lambda m: f"食品经营许可证编号：JY1{m.digits(13)}",
    lambda m: f"许可证号：3415{m.digits(11)}",
    lambda m: f"订单号：2024{m.digits(14)}",
    lambda m: f"快递单号{m.pick('SF', 'YT', 'JD')}{m.digits(13)}",
    lambda m: f"发票号码：{m.digits(20)}",
    lambda m: f"皖（2024）云溪县不动产权第{m.digits(7)}号",
    lambda m: f"宗地代码341523001001GB{m.digits(5)}",
    lambda m: f"地址：云溪镇中心街{m.chance.randrange(1, 99)}号",
    lambda m: f"办公地点：人民路{m.chance.randrange(1, 99)}号政务服务中心3楼302室",
    lambda m: f"{m.village()}一组{m.name()}，每人每月{m.digits(3)}元",
    lambda m: f"邮箱：yunxi{m.digits(2)}@yunxi.gov.cn",
    lambda m: f"{m.chance.randrange(3, 8)}至12岁儿童可免费接种",
    lambda _: "本镇开展留守儿童关爱服务行动",
    lambda _: "困境儿童保障政策问答",
    lambda m: f"{m.pick(*ILL)}患者可申请门诊慢特病待遇",
    lambda m: f"{m.pick(*DISABLED)}每人每月补贴{m.digits(2)}元",
    lambda m: f"{m.name()}医生介绍，{m.pick(*ILL)}要早发现",
    lambda m: f"{m.name()}某，9岁"[:1] + "某某，9岁",
    lambda m: f"公示期自2026年{m.chance.randrange(1, 13)}月1日起",
    lambda m: f"流水号{m.digits(20)}",
    lambda m: f"镇长{m.name()}主持会议，学习贯彻会议精神",
    lambda m: f"{m.name()}老师获评优秀教师",
    lambda m: (
        f"http://www.yunxi.gov.cn/art/2024/5/11/art_{m.digits(4)}_1{m.chance.choice('3456789')}{m.digits(9)}.html"
    ),
)


def found_lines(seed: int, each: int) -> Iterator[Line]:
    maker = Maker(seed)
    for kind, templates in FOUND.items():
        for template in templates:
            yield from (Line(kind, template(maker)) for _ in range(each))


def harmless_lines(seed: int, each: int) -> Iterator[Line]:
    maker = Maker(seed)
    for template in HARMLESS:
        yield from (Line("", template(maker)) for _ in range(each))
