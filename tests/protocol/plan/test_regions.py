"""Criteria that reward where a bidder is from are warned about, and others are not."""

import pytest

from protocol.plan.regions import suspicious_words


@pytest.mark.parametrize(
    "text",
    [
        "近三年本市类似业绩,每项 2 分",
        "在本省注册的企业加 2 分",
        "具有本地化服务机构的得 3 分",
        "投标人为本地企业的得 1 分",
        "当地纳税额前十名得 2 分",
        "在合肥设有办事处得 2 分",
        "在项目所在地设有分公司或承诺中标后设立分公司",
        "供应商在本项目所在地有售后服务机构的得 2 分",
        "获得江苏省优质工程奖每项 1 分",
        "获黄山市优质工程奖",
        "获得安徽省建设工程“黄山杯”",
        "长三角区域内业绩每个 2 分",
        "省内同类项目业绩",
        "市域内道路工程业绩",
        "行政区域内缴纳社保满一年",
        "无本地业绩的不得分",
        "未在本市设立办事处的扣 1 分",
        "本区企业优先得 1 分",
        "浙江业绩优先",
        "江苏省内的企业得 2 分",
        "省内企业优先",
        "绍兴市水务业绩",
        "入选上海市供应商备选库",
        "总体要求见附件;近五年南京市排水工程业绩每项 2 分",
        "近五年在合肥市内承担过类似工程的得 4 分",
        "曾承建浙江省内同类工程",
        "投标人注册地在长三角",
        "拟派人员在沪缴纳社保",
        "Local office in Hefei: 3 points",
        "At least five local projects",
        "2 points for bidders registered in this province",
        "Experience with works within the city",
        "Awards won in Jiangsu",
        "Local suppliers get one point more",
    ],
)
def test_rewards_for_a_place_are_warned_about(text: str) -> None:
    assert suspicious_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "类似业绩",
        "类似业绩每项 2 分,不限地区",
        "投标人近五年类似工程业绩,不限地区",
        "业绩不限于本省",
        "业绩所在地不限",
        "类似业绩(不限省内省外)",
        "不得要求在本市设立分公司",
        "无需在当地设有办事处",
        "全国范围内的类似业绩",
        "各地业绩一视同仁",
        "境内外业绩均可",
        "重大同类业绩每项 2 分",
        "城市更新类业绩",
        "同类城市道路业绩",
        "类似市政工程业绩",
        "小区内管网改造业绩",
        "园区内道路业绩",
        "项目负责人为一级注册建造师",
        "项目所在地气候与地质条件分析",
        "市内交通导改方案",
        "场内材料堆放与文明施工",
        "对合肥市地下管线的理解",
        "投标人对合肥市气候和交通的分析",
        "供应商对本地管线现状的掌握",
        "本地化部署方案",
        "技术团队内部分工",
        "交货至本市指定地点,供应商承担运费",
        "现场在建工程业绩",
        "近五年承担过类似工程的得 4 分",
        "类似工程由投标人独立完成过",
        "总体方案",
        "管线与交通导改",
        "Similar projects, no limit of region",
        "Similar works of the bidder in five years, anywhere",
        "Local traffic and pipes: how they are kept open by the company",
        "Schedule and how it is kept",
    ],
)
def test_criteria_without_a_place_or_lifted_are_left_alone(text: str) -> None:
    assert suspicious_words(text) == ""


def test_the_words_are_quoted_for_the_person_who_checks() -> None:
    assert suspicious_words("近三年本市类似业绩") == "本市…业绩"
