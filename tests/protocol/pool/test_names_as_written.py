"""Invented names as people write them, of houses and of persons; none of them stands in any table of others.

Rules are mended by what fails here, never by a list of names.
"""

import pytest

from protocol.pool import latin
from protocol.pool.conflict import same_house

HAN = [
    ("安徽瀚川建筑工程有限公司", "安徽省瀚川建筑工程有限责任公司", "same"),
    ("江苏澜苑水务集团股份有限公司", "澜苑水务集团", "same"),
    ("上海昱恒工程咨询有限公司", "上海市昱恒工程咨询有限公司(浦东分公司)", "same"),
    ("浙江屿森园林建設有限公司", "浙江屿森园林建设有限公司", "same"),
    ("南京栖澄科技股份有限公司", "栖澄科技", "same"),
    ("合肥澈野智能系統有限公司", "合肥澈野智能系统 有限公司", "same"),
    ("芜湖泊岸设计院有限责任公司", "芜湖市泊岸设计院", "same"),
    ("扬州砚池建设监理有限公司", "扬州砚池建设监理公司", "same"),
    ("苏州青禾路桥工程有限公司第三项目部", "苏州青禾路桥工程有限公司", "same"),
    ("嘉兴云岫检测技术有限公司", "嘉兴市云岫检测技术有限公司", "same"),
    ("徐州临溪电力设计研究院", "徐州临溪电力设计研究院有限公司", "same"),
    ("安徽  澄湖造价咨询（集团）有限公司", "安徽澄湖造价咨询集团有限公司", "same"),
    ("无锡霁川环保科技有限公司", "无锡霁川环保科技有限公司宜兴办事处", "same"),
    ("江苏省泗源水利勘测设计研究院有限公司", "江苏泗源水利勘测设计研究院", "same"),
    ("宁波屿舟装饰工程有限公司", "宁波市屿舟装饰工程有限公司", "same"),
    ("安徽瀚川建筑工程有限公司", "安徽瀚宇建筑工程有限公司", ""),
    ("南京栖澄科技股份有限公司", "苏州栖澄科技有限公司", ""),
    ("扬州砚池第一建筑安装公司", "扬州砚池第三建筑安装公司", ""),
    ("江苏澜苑水务有限公司", "江苏澜苑燃气有限公司", ""),
    ("合肥市第六人民医院", "合肥市第八人民医院", ""),
    ("安徽江淮师范学院", "安徽江淮职业学院", ""),
    ("芜湖泊岸设计院", "芜湖泊岭设计院", ""),
    ("中屿一局集团有限公司", "中屿二局集团有限公司", ""),
    ("嘉兴云岫检测技术有限公司", "嘉兴云峰检测技术有限公司", ""),
    ("江苏澜苑水务集团有限公司", "江苏澜苑水务集团淮安环境有限公司", "group"),
    ("中屿一局集团有限公司", "中屿一局集团第二工程有限公司", "group"),
    ("杭州溯源電子商務有限公司", "杭州溯源电子商务有限公司", "same"),
    ("安徽鸿鹄路桥集团第五工程分公司", "安徽鸿鹄路桥集团有限公司", "same"),
    ("上海黎川律師事務所", "上海黎川律师事务所", "same"),
    ("江苏启岚招标代理有限公司(南京)", "江苏启岚招标代理有限公司", "same"),
    ("绍兴市屿宁城市规划设计研究院有限公司", "绍兴屿宁规划设计研究院", "same"),
    ("马鞍山泓澈水利工程有限公司", "泓澈水利", "same"),
    ("滁州琅川工程管理咨询有限公司", "滁州瑯川工程管理咨询有限公司", ""),
    ("安徽省澄远工程监理有限公司", "安徽澄达工程监理有限公司", ""),
    ("苏州河洛建筑设计事务所(普通合伙)", "苏州河洛建筑设计事务所", "same"),
    ("南通远鹭机电安装有限公司 ", "南通遠鷺機電安裝有限公司", "same"),
    ("蚌埠淮上城建集团有限公司", "蚌埠淮上城建集团置业有限公司", "group"),
    ("温州屿衡软件有限公司", "温州屿衡软件股份有限公司", "same"),
    ("淮安市青溪中学", "淮安市清溪中学", ""),
    ("合肥澜山科技有限公司", "合肥岚山科技有限公司", ""),
    ("镇江泊宁港务有限公司", "镇江泊宁港务有限公司工会委员会", "group"),
]
"""One written employer, another, and what they are to each other: `same`, `group`, or nothing."""
LATIN = [
    ("University of Northmere", "Northmere University", True),
    ("Dept. of Civil Eng., Halvorsen Institute of Technology", "Halvorsen Inst. of Tech.", True),
    ("Kestrel Valley State University", "Kestrel Valley University", False),
    ("HIT, Halvorsen Institute of Technology", "Halvorsen Institute of Technology", True),
    ("Quillbrook Labs", "Quillbrook Laboratories, Inc.", True),
    ("UNM (University of Northmere Bay)", "University of Northmere", False),
    ("Marlow & Pike Ltd", "Marlow and Pike Limited", True),
    ("Université de Valmontagne", "Universite de Valmontagne", True),
    ("Thornfield College", "Thornfield University", False),
    ("Escher-Lind GmbH", "Escher Lind", True),
    ("National Center for Tidal Research", "Natl. Ctr. for Tidal Research", True),
    ("Ostrava Bay Research Center", "Ostrava Hill Research Center", False),
    ("Zhang Wei-Ming (Northmere)", "Zhang Weiming (Northmere)", True),
    ("Maria del Carmen Ortega", "M. C. Ortega", True),
    ("J.-L. Fontaine", "Jean-Luc Fontaine", True),
    ("Anders Høgh", "Anders Hogh", True),
    ("Ortega, Maria", "Maria Ortega", True),
    ("John Q. Smithers", "Jane Smithers", False),
    ("Björn Ólafsson", "Bjorn Olafsson", True),
    ("R. Patel", "Rohan Patel", True),
    ("Wexcombe Polytechnic", "Wexcombe Polytechnic Institute", True),
    ("Inst. for Coastal Eng., Univ. of Varnhem", "University of Varnhem", True),
    ("Varnhem University Hospital", "University of Varnhem", False),
    ("School of Law, Northmere University", "Northmere University", True),
    ("S. A. Lindqvist", "Sven Arne Lindqvist", True),
    ("Sven Lindqvist", "Sten Lindqvist", False),
    ("O'Rourke, Niamh", "Niamh O Rourke", True),
    ("Tidewater Analytics Corp.", "Tidewater Analytics Corporation", True),
    ("Tidewater Analytics", "Tidewater Genetics", False),
    ("Karel van den Broek", "K. Broek", True),
    ("NIFT", "National Institute for Tidal Research", False),
    ("NITR", "National Institute for Tidal Research", True),
    ("Łukasz Wróbel", "Lukasz Wrobel", True),
    ("Li Wei", "Wei Li", False),
]


@pytest.mark.parametrize(("one", "other", "wanted"), HAN)
def test_chinese_houses_are_known_or_kept_apart(one: str, other: str, wanted: str) -> None:
    assert (same_house(one, other), same_house(other, one)) == (wanted, wanted)


@pytest.mark.parametrize(("one", "other", "wanted"), LATIN)
def test_houses_and_persons_in_latin_letters_are_known_or_kept_apart(
    one: str, other: str, wanted: bool
) -> None:
    assert latin.matches(one, other) is latin.matches(other, one) is wanted
