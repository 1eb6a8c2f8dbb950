"""Where a person is named. Only names that stand apart or beside a telling word count; the rest of a Chinese
text is too full of surnames."""

import re

from bot.checks import data

SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂"
    "成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党"
    "宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
    "萧鞠漆阙宿诸楚晁荀羊於惠井伏储阎闻浦苻逄綦蔺胥邸衣鄢褟粟郗宓郜户危党揭匡雍闾匙亢逯訾么原冀银栗"
)
DOUBLE = "欧阳|司马|上官|诸葛|夏侯|司徒|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|东方|南宫"
HAN = "\u3400-\u9fff"
NOT_LAST = (
    "村镇乡县市区省路街组局所站办厅部委会社院校班厂店户月日号元亩款费额量率数表书类项型级期间位务员法性化程目准料"
    "请报等内上下前后者们的了着过地得是为在与及对把被将已可能应须无不未按以因由其这那每各某同均并或且则"
)
NAME = (
    rf"(?:(?:{DOUBLE})[{HAN}]{{1,2}}"
    rf"|[{SINGLE}](?![某×*])[{HAN}](?:(?![{NOT_LAST}])[{HAN}])?)(?<![{NOT_LAST}某])"
)
COMMON = frozenset(row[0] for row in data.rows("not_names.tsv"))
TITLES = (
    "姓名|户主|村民|居民|患者|申请人|学生|儿童|孤儿|幼儿|患儿|监护人|家长|老人|职工|群众|贫困户|脱贫户"
    "|低保户|五保户"
    "|监测户|特困人员|低保对象|残疾人|当事人|病例|病人|孕妇|产妇|感染者|受助人|救助对象|其子|其女|之子|之女"
    "|儿子|女儿"
    "|孙子|孙女|男孩|女孩|男童|女童|男婴|女婴|小朋友|妻子|丈夫|母亲|父亲|农户|贫困人口|对象|家庭|致贫户"
    "|返贫户|困难户|班|岁的|未成年人|少年|孩子|受害人|被害人|被告人|嫌疑人|学生姓名"
)
FOLLOWED = (
    "同学|小朋友|同志|家中|家庭|一家|一户|患|身患|确诊|因|罹患|系|现|今年|年仅|就读|等[0-9]|的|[之儿妻父母长次孙]"
    "|每[月人年]|所在|目前|符合|领取|享受|获得?|在|被|已|于|申请|突发|查出|检出|感染|怀孕|住院|病|残疾|家住|居住|为[^了]|是|到|自"
)
BEFORE = rf"(?:(?<![{HAN}])|(?<=[级)\d]班)|(?:{TITLES})(?:为|是|叫|名叫)?[:\s\"“]*)"
PERSON = re.compile(rf"{BEFORE}(?P<name>{NAME})(?:(?![{HAN}])|(?={FOLLOWED}))")


def names(line: str) -> list[tuple[int, int]]:
    """Where full names stand in plain text. A name with 某 or a star for a character is no full one."""
    return [
        match.span("name")
        for match in PERSON.finditer(line)
        if match["name"][:2] not in COMMON and not line.startswith(("*", "某"), match.end())
    ]
