"""Warnings about local preference (地域倾向): criteria that reward where a bidder is from.

Owns: the words for places, the words for what may not be rewarded there, and the words that lift the
suspicion. Must not know: the plan around a text. It warns and never forbids: people decide.

Source: 发改法规〔2022〕355号 四 (取消以本地业绩、本地机构、特定行政区域业绩或奖项等作为得分条件), 实施条例 32
(特定行政区域的业绩、奖项), 优化营商环境条例 13.
"""

import re
from typing import Final

_PROVINCES: Final = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西"
    "|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古"
    "|广西|西藏|宁夏|新疆|香港|澳门"
)
_CAPITALS: Final = (
    "石家庄|太原|沈阳|长春|哈尔滨|南京|杭州|合肥|福州|南昌|济南|郑州|武汉|长沙"
    "|广州|海口|成都|贵阳|昆明|西安|兰州|西宁|呼和浩特|南宁|拉萨|银川|乌鲁木齐"
    "|大连|青岛|宁波|厦门|深圳"
)
"""Names that mean a place wherever they stand."""

_CITIES: Final = (
    "无锡|徐州|常州|苏州|南通|连云港|淮安|盐城|扬州|镇江|泰州|宿迁|温州|嘉兴"
    "|湖州|绍兴|金华|衢州|舟山|台州|丽水|芜湖|蚌埠|淮南|马鞍山|淮北|铜陵|安庆"
    "|黄山|滁州|阜阳|宿州|六安|亳州|池州|宣城|巢湖|唐山|秦皇岛|邯郸|邢台|保定"
    "|张家口|承德|沧州|廊坊|衡水|大同|阳泉|长治|晋城|朔州|晋中|运城|忻州|临汾"
    "|吕梁|包头|乌海|赤峰|通辽|鄂尔多斯|呼伦贝尔|巴彦淖尔|乌兰察布|鞍山|抚顺|本溪"
    "|丹东|锦州|营口|阜新|辽阳|盘锦|铁岭|朝阳|葫芦岛|四平|辽源|通化|白山|松原"
    "|白城|齐齐哈尔|鸡西|鹤岗|双鸭山|大庆|伊春|佳木斯|七台河|牡丹江|黑河|绥化"
    "|莆田|三明|泉州|漳州|南平|龙岩|宁德|景德镇|萍乡|九江|新余|鹰潭|赣州|吉安"
    "|宜春|抚州|上饶|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|临沂|德州"
    "|聊城|滨州|菏泽|开封|洛阳|平顶山|安阳|鹤壁|新乡|焦作|濮阳|许昌|漯河|三门峡"
    "|南阳|商丘|信阳|周口|驻马店|黄石|十堰|宜昌|襄阳|鄂州|荆门|孝感|荆州|黄冈"
    "|咸宁|随州|株洲|湘潭|衡阳|邵阳|岳阳|常德|张家界|益阳|郴州|永州|怀化|娄底"
    "|韶关|珠海|汕头|佛山|江门|湛江|茂名|肇庆|惠州|梅州|汕尾|河源|阳江|清远"
    "|东莞|中山|潮州|揭阳|云浮|柳州|桂林|梧州|北海|防城港|钦州|贵港|玉林|百色"
    "|贺州|河池|来宾|崇左|三亚|三沙|儋州|自贡|攀枝花|泸州|德阳|绵阳|广元|遂宁"
    "|内江|乐山|南充|眉山|宜宾|广安|达州|雅安|巴中|资阳|六盘水|遵义|安顺|毕节"
    "|铜仁|曲靖|玉溪|保山|昭通|丽江|普洱|临沧|日喀则|昌都|林芝|山南|那曲|铜川"
    "|宝鸡|咸阳|渭南|延安|汉中|榆林|安康|商洛|嘉峪关|金昌|白银|天水|武威|张掖"
    "|平凉|酒泉|庆阳|定西|陇南|海东|石嘴山|吴忠|固原|中卫|克拉玛依|吐鲁番|哈密"
)
"""Names that mean a place only with 市, 地区, 境内 … behind them: 大同 stands in 重大同类业绩 as well."""

_PLACE_NAMES: Final = tuple(
    sorted(
        {*_PROVINCES.split("|"), *_CAPITALS.split("|"), *_CITIES.split("|")},
        key=lambda name: (-len(name), name),
    )
)
_AREAS: Final = "长三角|长江三角洲|京津冀|珠三角|粤港澳|成渝"
_SHORT: Final = r"在[京津沪渝苏浙皖鲁豫鄂湘粤闽赣蜀黔滇陕](?![州北江])"
"""The one-character names of provinces, only where 在 stands before them: 在沪缴纳社保."""

_LOCAL: Final = (
    r"本地(?!化(?!服务|机构|团队)|[址点面])|当地|属地|本[省市区县州](?!别)|[省市县州](?:域)?内(?!容|部|外)|"
    r"(?<![小园厂城社街片库灌景矿])区内(?!容|部|外)|辖区|境内(?!外)|区域内|"
    r"行政区域|行政区划|所在(?:省|市|县|区|地)|项目地|工程地"
)
_NAMED: Final = (
    rf"(?:{_PROVINCES}|{_CAPITALS}|{_AREAS})(?!路|街|站)|{_SHORT}|"
    rf"(?:{_CITIES})(?:市(?!政|场|容)|地区|境内|区域|范围内|辖区|本地)"
)
_PLACE: Final = re.compile(f"(?:{_LOCAL})|(?:{_NAMED})")
_REWARDED: Final = re.compile(
    r"业绩|获奖|奖项|奖|杯(?=[^子]|$)|荣誉|表彰|办事处|办事机构|分公司|子公司|分支机构|常设机构|服务网点|服务机构|服务站|"
    r"售后|办公场所|办公地点|仓库|注册(?!建造|造价|监理|会计|结构|资本|消防|安全|工程)|纳税|缴税|税收|社保|社会保险|"
    r"中标|承揽|承接|承建|(?:承担|完成|实施|参与|做)过|合同|名录|备选库|信用[等分评]|入库"
)
_FAVOURED: Final = re.compile(
    f"(?:{_LOCAL}|{_NAMED})[市省区县]?(?:范围)?内?的?"
    r"(?:企业|供应商|投标人|厂家|厂商|(?:施工|设计|监理)单位)"
)
"""Those who are from there: told only where the place stands right before them."""

_LIFTED: Final = re.compile(
    r"不限|不得(?!分)|不要求|不以|不因|无需|无须|不需|不区分|不分(?:地区|地域|区域)|不论|无论|不考虑|任何地区|各地|一视同仁|"
    r"全国"
)
_CLAUSE: Final = re.compile(r"[,,。;;!!\n]")

_EN_PLACE: Final = re.compile(
    r"\blocal(?:ly)?\b|\bin[- ](?:state|province|city)\b|\b(?:within|in) (?:the|this|our) (?:province|city|"
    r"county|district|region|municipality)\b|\b(?:"
    r"Anhui|Jiangsu|Zhejiang|Shanghai|Beijing|Tianjin|Chongqing|Hefei|Nanjing|Hangzhou|Shandong|Guangdong|"
    r"Hubei|Hunan|Sichuan|Fujian|Henan|Hebei)\b",
    re.IGNORECASE,
)
_EN_REWARDED: Final = re.compile(
    r"\b(?:performance|experience|track record|projects?|contracts?|awards?|prizes?|offices?|branch(?:es)?|"
    r"subsidiar(?:y|ies)|registered|registration|tax(?:es|payers?)?|headquarters?|"
    r"local (?:bidders?|compan(?:y|ies)|firms?|suppliers?|presence))\b",
    re.IGNORECASE,
)
_EN_LIFTED: Final = re.compile(
    r"\bno (?:limit|restriction)|\bnot (?:limited|restricted|required|considered)|\bregardless|\banywhere|"
    r"\bwithout regard|\bany region|\blocal (?:area )?network|"
    r"\blocal (?:materials?|traffic|conditions?|climate)",
    re.IGNORECASE,
)
_EN_CLAUSE: Final = re.compile(r"[,.;!\n]")


def place_names() -> tuple[str, ...]:
    """Names of provinces and cities, without 省 and 市, longer ones first.

    >>> "合肥" in place_names()
    True
    """
    return _PLACE_NAMES


def suspicious_words(text: str) -> str:
    """Return the words by which a criterion seems to reward a place, joined by “…”; empty when it does not.

    Each clause is judged alone: it must name a place and something rewarded there, and not say that region
    does not matter.

    >>> suspicious_words("近三年本市类似业绩,每项 2 分")
    '本市…业绩'
    >>> suspicious_words("类似业绩每项 2 分,不限地区")
    ''
    """
    for clause in _CLAUSE.split(text):
        if not _LIFTED.search(clause):
            favoured = _FAVOURED.search(clause)
            if favoured:
                return favoured.group()
            words = _joined(_PLACE.search(clause), _REWARDED.search(clause))
            if words:
                return words
    for clause in _EN_CLAUSE.split(text):
        if not _EN_LIFTED.search(clause):
            words = _joined(_EN_PLACE.search(clause), _EN_REWARDED.search(clause))
            if words:
                return words
    return ""


def _joined(place: re.Match[str] | None, rewarded: re.Match[str] | None) -> str:
    return f"{place.group()}…{rewarded.group()}" if place and rewarded else ""
