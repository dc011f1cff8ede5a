"""Whether two Chinese names of firms or institutions mean the same house, as people write them.

A firm's name is place, trade name (字号), line of business and form (企业名称登记管理规定 6), then
perhaps a branch (分公司, 分院), which is no legal person of its own (公司法 13) and so is its house. What
people change: width and brackets, old characters for new, look-alikes that a scanner confuses, a
place that is left out or written with 省 or 市, the form, and whole words cut to their first
characters (中建八局). Numbers and places that differ make different houses: 一建 is not 二建.

Answers `same`, `group` (a parent or a sister by its name: to be looked at, recorded as a reason of its
own) or nothing. Rules only, no list of firms.
"""

import functools
import re
import unicodedata
from typing import Literal

from msgspec import Struct

from protocol.plan.regions import place_names

Alike = Literal["same", "group", ""]

_OLD = (
    "為为銷销構构億亿國国學学東东車车長长門门開开關关間间問问華华業业廠厂廣广龍龙興兴發发電电機机氣气水水師师計计設设築筑"
    "團团圖图園园圓圆場场塊块壓压實实寶宝寧宁導导島岛帶带幣币幹干應应張张強强從从復复術术衛卫雲云儀仪價价"
    "優优兒儿內内兩两冊册別别劃划勞劳動动務务勝胜區区醫医協协單单卻却歷历參参雙双號号員员啟启嚴严環环產产"
    "畫画異异當当療疗監监盤盘礦矿確确種种稱称積积節节範范經经維维綜综線线網网總总績绩織织聯联職职聲声腦脑"
    "藝艺藥药蘇苏蘭兰處处裝装製制規规視视覺觉親亲觀观訂订記记訊讯證证評评詢询試试話话該该認认語语課课調调"
    "談谈請请諮咨識识護护讓让財财貨货質质費费資资賽赛購购軟软載载輝辉輪轮輸输轉转農农進进運运過过達达遠远"
    "適适選选還还郵邮鄉乡醬酱釋释針针鋼钢錢钱錦锦鐵铁鑄铸鏈链銀银銅铜鋁铝鋒锋鎮镇閥阀陽阳陰阴陸陆隊队階阶"
    "際际險险雜杂離离難难靈灵靜静頁页項项順顺預预領领頭头題题風风飛飞飯饭館馆馬马駐驻驗验體体魚鱼鳥鸟鹽盐"
    "麗丽黃黄點点齊齐濟济漢汉測测溝沟溫温滬沪滿满漁渔濱滨潤润澤泽灣湾點点無无煙烟熱热燈灯營营獎奖獨独環环"
    "莊庄葉叶蓋盖蕭萧薩萨號号虛虚蟲虫補补詩诗誠诚豐丰貝贝賢贤賓宾趙赵軍军鄭郑鄧邓錄录鍾钟閩闽雞鸡韓韩顧顾"
    "會会傳传億亿備备倉仓傑杰側侧債债傢家創创劉刘劑剂勵励匯汇厲厉吳吴嘉嘉執执報报墊垫塵尘壽寿夢梦奧奥婦妇"
    "孫孙寫写將将對对屬属嶺岭幫帮庫库廟庙彈弹徑径徵征惠惠慶庆懷怀戰战戲戏擔担據据攝摄擇择擬拟攬揽數数斷断"
    "曆历曉晓樣样樓楼標标樹树橋桥檔档檢检櫃柜權权歐欧歲岁殘残氫氢決决況况準准減减滅灭災灾爐炉爾尔牆墙犧牺"
    "統统絡络訓训顯显縣县廳厅辦办貿贸紡纺紙纸綠绿藍蓝義义衆众眾众樂乐礎础羅罗聖圣臺台與与舊旧蒼苍蘊蕴衝冲"
    "裏里諾诺譽誉貞贞貫贯賀贺贊赞躍跃軌轨軒轩輕轻鄰邻釀酿鈞钧鈺钰鉑铂錫锡鍋锅鎖锁鏡镜鐘钟閘闸隨随靄霭韻韵"
    "顏颜饒饶駿骏鴻鸿鵬鹏鷹鹰鶴鹤鹵卤黨党齡龄亞亚來来偉伟僑侨凱凯劍剑叢丛喬乔嘯啸堅坚堯尧壯壮壺壶奮奋寬宽"
    "審审尋寻嶼屿嵐岚巒峦帥帅廬庐彌弥徹彻恆恒愛爱憲宪戶户擊击攜携昇升暉晖曄晔棟栋楊杨極极榮荣樁桩歡欢歸归"
    "沖冲淨净淵渊渦涡湯汤滄沧滌涤濃浓濕湿瀏浏灘滩煉炼燁烨燒烧爲为獅狮瑪玛瓊琼甌瓯畢毕疊叠盡尽眞真磚砖磯矶"
    "禮礼禦御穩稳窯窑筆笔簡简籌筹糧粮紀纪紅红純纯級级細细終终結结給给絲丝緊紧緣缘縱纵繪绘繼继續续膠胶舉举"
    "艙舱萬万蓮莲蝕蚀觸触託托訪访許许訴诉診诊誌志說说論论諸诸謀谋謝谢譜谱譯译負负貢贡責责貯贮貴贵買买賣卖"
    "賬账趨趋跡迹踐践輔辅辭辞連连週周遞递遙遥邁迈邊边釐厘鉛铅鉤钩鋰锂鍛锻鍵键鎢钨鏟铲鑽钻閃闪閉闭閣阁闊阔"
    "陝陕隴陇韋韦頂顶須须頓顿頻频額额願愿類类飲饮飼饲飾饰駕驾騰腾驅驱鬆松鮮鲜鯨鲸鳳凤麥麦龐庞"
    "鷺鹭鷗鸥鵝鹅鴨鸭鸞鸾鵲鹊鴿鸽鶯莺鷲鹫鳴鸣鴛鸳鴦鸯駝驼騎骑驛驿駱骆瑤瑶瑩莹璽玺瓏珑"
)
"""Old character and new one, in pairs: those that stand in names of houses and in their lines of business."""
_NEW = dict(zip(_OLD[::2], _OLD[1::2], strict=True))

_LOOKALIKE = (
    "己已巳", "未末", "士土", "入人八", "日曰", "干千于", "大太犬", "天夭", "戊戌戍", "侯候", "治冶",
    "析折拆", "刺剌", "券卷", "睛晴", "竟竞", "拨拔", "暖暧", "微徽", "锡钖", "洲州", "圆园", "建健", "目自",
    "王玉", "办为", "间问", "兴兰",
    "0Oo〇", "1lI|", "5S", "2Z", "8B",
)  # fmt: skip
"""What a scanner, or a hand in haste, takes for one another."""
_SEEN_AS = {char: row[0] for row in _LOOKALIKE for char in row}

_FORM = re.compile(
    r"(?:有限责任公司|股份有限公司|集团有限公司|集团股份有限公司|\(集团\)|集团公司|股份公司|有限公司|总公司|责任公司|集团总公司"
    r"|公司|集团|股份|控股|\(普通合伙\)|\(特殊普通合伙\)|\(有限合伙\)|普通合伙|特殊普通合伙|有限合伙)"
)
_BRANCH = re.compile(
    r"^(.{2,}?(?:公司|集团|研究院|设计院|大学|学院|医院|事务所|银行|局|厂))(?:\(?[^()]{0,12}"
    r"(?:分公司|分院|分所|分部|分行|支行|办事处|项目部|事业部|营业部|分局|分校)\)?)$"
)
_BARE_BRANCH = re.compile(
    rf"^(.{{3,}}?)(?:{'|'.join(place_names())}|第?[一二三四五六七八九十]+)(?:省|市)?(?:分公司|分院|分所|办事处|项目部)$"
)
"""安徽建工合肥分公司: the house without its form, then the branch."""
_HEADS = (
    "大学",
    "学院",
    "研究院",
    "设计院",
    "研究所",
    "医院",
    "事务所",
    "银行",
    "中心",
    "局",
    "厂",
    "院",
    "所",
    "部",
    "委",
    "厅",
)
_TRADE = re.compile(
    r"(?:建筑|建设|工程|科技|技术|信息|网络|软件|电子|咨询|管理|服务|设计|勘察|监理|造价|招标|贸易|实业|投资|发展|材料|设备|机械"
    r"|环保|环境|市政|园林|交通|路桥|水利|电力|能源|医疗|药业|器械|教育|文化|传媒|物业|安装|装饰|检测|测绘|规划|研究|生物|智能"
    r"|系统|集成|通信|数据|数字|智慧|视频|自动化|机电|产业|国际|工业|农业|食品|化工|新能源|供应链|物流|置业|房地产|开发)"
)
_REST = re.compile(rf"(?:{_TRADE.pattern}|{'|'.join(_HEADS)}|及|与|和)*")
_UNDER = re.compile(r"集团(?!有限|股份|公司|总公司|控股|[()]|$)")
"""某集团置业: a house of a group under a name of its own."""
_PLAIN_WORDS = re.compile(r"城市|城乡")
"""Words within a name that people leave out: 城市规划设计, 规划设计."""
_NUMBER = re.compile(r"[一二三四五六七八九十百0-9]+")
_PLACE_END = re.compile(r"^(?:维吾尔自治区|壮族自治区|回族自治区|自治区|特别行政区|省|市|县|区)")
_CORE_CHARS_MIN = 2
_SHORT_CHARS_MIN = 3
_SHORT_CHARS_MAX = 6
_SEEN_CHARS_MIN = 4


class Taken(Struct, frozen=True):
    """A name taken apart: `places` it names, and the rest (`core`) without places and form."""

    plain: str
    places: tuple[str, ...]
    core: str


def is_han(text: str) -> bool:
    """Whether a name has a Chinese character in it."""
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def plain(text: str) -> str:
    """One form for what is written alike: width, brackets, old characters, spaces and stops.

    >>> plain("華為技術（上海） 有限公司")
    '华为技术(上海)有限公司'
    """
    flat = unicodedata.normalize("NFKC", text)
    flat = re.sub(r"[【〔[{<《「]", "(", re.sub(r"[】〕\]}>》」]", ")", flat))
    flat = re.sub(r"[\s·・.,、,。;:'\"\-—_/&]+", "", flat).lower()
    return "".join(_NEW.get(char, char) for char in flat)


def alike(one: str, other: str) -> Alike:
    """Whether two names mean one house, houses of one group, or neither.

    >>> alike("中建八局", "中国建筑第八工程局有限公司"), alike("合肥市第一建筑公司", "合肥第二建筑有限公司")
    ('same', '')
    """
    a, b = taken(one), taken(other)
    if not a.plain or not b.plain:
        return ""
    if a.plain == b.plain or _same(a, b):
        return "same"
    if _seen_as(a.core) == _seen_as(b.core) and len(a.core) >= _SEEN_CHARS_MIN and _places_agree(a, b):
        return "same"
    return "group" if _group(a, b) or _group(b, a) else ""


@functools.lru_cache(maxsize=8192)
def taken(text: str) -> Taken:
    """A name taken apart; a branch is its house."""
    flat = plain(text)
    branch = _BRANCH.match(flat) or _BARE_BRANCH.match(flat)
    if branch is not None:
        flat = branch[1]
    places, rest = _without_places(flat)
    core = re.sub(r"[()]", "", _FORM.sub("", rest))
    return Taken(flat, places, core or re.sub(r"[()]", "", flat))


def _without_places(flat: str) -> tuple[tuple[str, ...], str]:
    """Places in front and in brackets, without 省 and 市; the name without them."""
    places: list[str] = []
    rest = flat
    for name in place_names():
        rest, times = re.subn(rf"\({name}(?:省|市)?\)", "", rest)
        places.extend([name] * bool(times))
    while True:
        first = next((name for name in place_names() if rest.startswith(name)), "")
        if not first or len(rest) - len(first) < _CORE_CHARS_MIN:
            return tuple(places), rest
        after = _PLACE_END.sub("", rest[len(first) :])
        if after.startswith(_HEADS) or len(_FORM.sub("", after)) < _CORE_CHARS_MIN:
            return tuple(places), rest  # 安徽大学: the place is the name itself
        places.append(first)
        rest = after


def _places_agree(a: Taken, b: Taken) -> bool:
    """Places do not speak against it: one side names none, or one names all of the other's."""
    return not a.places or not b.places or set(a.places) <= set(b.places) or set(b.places) <= set(a.places)


def _same(a: Taken, b: Taken) -> bool:
    if a.core == b.core:
        return _places_agree(a, b) and (a.places == b.places or _tells(a.core))
    if not _places_agree(a, b) or _numbers(a.core) != _numbers(b.core):
        return False
    if bool(_UNDER.search(a.plain)) != bool(_UNDER.search(b.plain)):
        return False
    if _PLAIN_WORDS.sub("", a.core) == _PLAIN_WORDS.sub("", b.core) and _tells(a.core):
        return True
    short, long = (a, b) if len(_formless(a)) <= len(_formless(b)) else (b, a)
    return _cut(_formless(short), _formless(long), short.core, long.core)


def _formless(name: Taken) -> str:
    return re.sub(r"[()]", "", _FORM.sub("", name.plain))


def _tells(core: str) -> bool:
    """Whether a core says more than a line of business: 科技 alone is nobody's name."""
    return len(_TRADE.sub("", core)) >= _CORE_CHARS_MIN


def _cut(short: str, long: str, short_core: str, long_core: str) -> bool:
    """Whether one is the other cut short: 上海建工, 中建八局, 华东师大.

    Either the beginning of the other that already names it, or single characters of it in their
    order, from its first to its last; of a 大学 or 研究院 the first character of that word will do.
    """
    if long_core.startswith(short_core) and _tells(short_core) and short_core not in place_names():
        more = long_core[len(short_core) :]
        if short_core.endswith(_HEADS) and more.endswith(_HEADS):
            return False  # 某大学 has a 设计研究院: another house, told by `_group`.
        return bool(_REST.fullmatch(more))
    if not _SHORT_CHARS_MIN - 1 <= len(short) <= _SHORT_CHARS_MAX or short[0] != long[0]:
        return False
    head = next((head for head in _HEADS if long.endswith(head)), "")
    if head and short.endswith(head) and len(head) > 1:
        return False  # 安徽大学 is a whole name, not 安徽工业大学 cut short.
    if len(short) < _SHORT_CHARS_MIN and head != "大学":
        return False
    if short[-1] not in (head[:1] + long[-1] if head else long[-2:]):
        return False
    rest = iter(_squared(long))
    return all(char in rest for char in _squared(short))


def _squared(text: str) -> str:
    return text.replace("第", "")


def _numbers(core: str) -> tuple[str, ...]:
    return tuple(_NUMBER.findall(core))


def _group(parent: Taken, child: Taken) -> bool:
    """Whether a name is that of a house and more besides: a subsidiary or a sister by its name."""
    name, whole = "".join((*parent.places, parent.core)), "".join((*child.places, child.core))
    long_enough = len(name) > _SHORT_CHARS_MIN or ("集团" in parent.plain and len(name) == _SHORT_CHARS_MIN)
    return long_enough and len(whole) > len(name) and whole.startswith(name) and _tells(parent.core)


def _seen_as(core: str) -> str:
    return "".join(_SEEN_AS.get(char, char) for char in core)
