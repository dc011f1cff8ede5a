// Written by `python -m ops.generate_messages` out of the Python of protocol/. Do not edit.
// tidy: long because it is generated, one block per struct or word.

/** One ground; `explain`: its bidder must first have been asked to explain. */
export interface Ground {
  readonly zh: string;
  readonly en: string;
  readonly explain: boolean;
}

/** Grounds for rejecting a bid: regime, code, words. */
export const GROUNDS: Readonly<Record<string, Readonly<Record<string, Ground>>>> = {
  TENDER: {
    "51-1": {"zh": "投标文件未经投标单位盖章和单位负责人签字", "en": "not sealed and signed", "explain": false},
    "51-2": {"zh": "投标联合体没有提交共同投标协议", "en": "a consortium without its agreement", "explain": false},
    "51-3": {"zh": "投标人不符合国家或者招标文件规定的资格条件", "en": "the bidder is not qualified", "explain": false},
    "51-4": {"zh": "同一投标人提交两个以上不同的投标文件或者投标报价", "en": "two or more different bids or prices of one bidder", "explain": false},
    "51-5-cost": {"zh": "投标报价低于成本", "en": "the price is below cost", "explain": true},
    "51-5-ceiling": {"zh": "投标报价高于招标文件设定的最高投标限价", "en": "the price is over the ceiling", "explain": false},
    "51-6": {"zh": "投标文件没有对招标文件的实质性要求和条件作出响应", "en": "no response to a substantial requirement of the tender document", "explain": false},
    "51-7": {"zh": "投标人有串通投标、弄虚作假、行贿等违法行为", "en": "collusion, fraud, bribery or another breach of law", "explain": false},
  },
  GOV_PROC: {
    "87-63-1": {"zh": "未按照招标文件的规定提交投标保证金", "en": "no bid bond as the tender document asks", "explain": false},
    "87-63-2": {"zh": "投标文件未按招标文件要求签署、盖章", "en": "not signed and sealed as the tender document asks", "explain": false},
    "87-63-3": {"zh": "不具备招标文件中规定的资格要求", "en": "the supplier is not qualified", "explain": false},
    "87-63-4": {"zh": "报价超过招标文件中规定的预算金额或者最高限价", "en": "the price is over budget or ceiling", "explain": false},
    "87-63-5": {"zh": "投标文件含有采购人不能接受的附加条件", "en": "conditions that the purchaser cannot accept", "explain": false},
    "87-63-6": {"zh": "法律、法规和招标文件规定的其他无效情形", "en": "another case of the law or the tender document", "explain": false},
    "87-59": {"zh": "投标人不确认修正后的报价", "en": "the supplier does not confirm the corrected price", "explain": false},
    "87-60": {"zh": "报价明显低于其他报价且不能证明其合理性", "en": "a price plainly below the others whose reason is not shown", "explain": true},
    "87-37": {"zh": "视为投标人串通投标", "en": "the suppliers are held to collude", "explain": false},
  },
};

/** The code of the vote on lack of competition, which is on no single bid. */
export const COMPETITION = "27";

export const LACK_OF_COMPETITION: Ground = {"zh": "有效投标不足三个使得投标明显缺乏竞争", "en": "too few bids are left, and competition is plainly lacking", "explain": false};

/** Why points may be corrected after scores are open. */
export const RECHECK_GROUNDS = {
  sum_error: { zh: "分值汇总计算错误", en: "the points were added up wrongly" },
  over_range: { zh: "分项评分超出评分标准范围", en: "an item's points are over its range" },
  objective_differs: { zh: "客观评审因素评分不一致", en: "members differ on an objective item" },
  abnormal: { zh: "评标委员会认定评分畸高、畸低", en: "the committee found the points abnormally high or low" },
  slip: { zh: "评委本人笔误", en: "the member's own slip of the pen" },
} as const;

/** The four of 87号令 64; under GOV_PROC there are no others. */
export const LAWFUL_GROUNDS: readonly string[] = ["sum_error", "over_range", "objective_differs", "abnormal"];
