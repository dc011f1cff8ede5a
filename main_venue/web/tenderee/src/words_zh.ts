/** The tenderee's page's own words, Chinese; nouns of the field come from the protocol, by regime. */

import { DOCUMENT_ZH } from "@tongchang/protocol/documents/words.ts";
import { TURN_ZH } from "@tongchang/protocol/turns/words.ts";

export const ZH = {
  ...DOCUMENT_ZH,
  ...TURN_ZH,
  ranked: { title: "评审排序" },
  read: {
    number: "第 {number} 份,共 {of} 份",
    price: "投标报价",
    words: "大写",
    next: "已唱标,下一份",
    last: "已唱标,全部唱完",
    keys: "按回车或空格键继续;每一份唱标由本席位签名记录。",
    done: "{count} 份投标全部唱标完毕",
    rate: "抽取:{name}",
    undrawn: "尚未抽取",
    candidates: "备选 {candidates} %",
  },
  preside: {
    resume: "逐席复核完毕后恢复;超过时限的,评标开始前由您决定是否继续。",
    answer: "开标现场提出的异议,应当当场答复并记录(实施条例第44条)。",
    raise: "投标人当场提出异议的,录入其原话。",
    who: "请选择提出异议的{bidder}",
    extend: "超过三分之一的成员认为评标时间不够;可在此延长 30 分钟,也可由招标代理办理。",
    chair: "招标文件规定组长由您确定的,在此指定;否则由成员推举。组长与其他成员有同等的表决权。",
    chairWho: "组长人选",
    suspend: "开标对各方同时中断,投标人解密倒计时随之暂停;托管方或线路恢复后继续。",
    beside: "特殊情形的决定(评标委员会作废、标段或整场终止)",
    void: "该委员会的全部结论无效,封存备查,由新的委员会重新评审。",
    tie: "以下投标得分与报价均相同,须由您确定先后次序(靠前者在先),并写明依据;确定后重新汇总。",
    tieOrder: "先后次序",
    tieUp: "上移 {bid}",
    tieDown: "下移 {bid}",
    fail: "整场评标终止,不产生结果。",
    failStage: "终止标段",
    failStageAbout: "只终止本标段,其他标段照常;没有任何标书解密、有效投标不足三个等情形,依法由您决定并写明理由,不可撤回。",
  },
  follow: { title: "评审进展", phase: "阶段", bids: "投标", valid: "进入详细评审", sealed: "已封存评分", of: "{count} / {of}" },
  wait: {
    old: { title: "本场按规则版本 1 进行", text: "规则版本 1 没有唱标与开标记录的签署。您可以在此查看开标一览与进展。" },
    wait_opening: { title: "等待开标", text: "各标段开标后,由您({tenderee})在这里逐份唱标并签署开标记录。" },
    wait_review: { title: "开标已完成", text: "{committee}正在评审。评审期间您只看到进展的数目,看不到任何评分。" },
    wait_ranking: { title: "评分已封存", text: "正在开启评分并汇总;确认排序后,结果显示在这里。" },
    wait_report: { title: "评标报告", text: "{committee}成员正在编制、签署评标报告;报告内容与排序见下方。" },
    done: { title: "评标已结束", text: "排序与评标报告见下方。" },
    stopped: { title: "评标已中止", text: "请与招标代理和监督人员联系。" },
  },
};
