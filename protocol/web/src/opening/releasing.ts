/** At each stage of an opening, what each desk reads in one sentence: what is released, to whom, what that makes possible and what not. */

/** Who reads it; the custodian's own console stands at its service (`sub_venue/custody`). */
export type ReleasingDesk = "agent" | "tenderee" | "bidder" | "witness" | "supervisor" | "expert";
export const RELEASING_STAGES = ["AWAITED", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED"] as const;
type Stage = (typeof RELEASING_STAGES)[number];
type Told = Record<Stage, Record<ReleasingDesk, string>>;

/** One sentence of what is so for everybody and what follows for the desk. */
function told(is: Record<Stage, string>, follows: Told, between: string, end: string): Told {
  const each = (stage: Stage) => Object.fromEntries(Object.entries(follows[stage]).map(([desk, own]) => [desk, `${is[stage]}${between}${own}${end}`]));
  return Object.fromEntries(RELEASING_STAGES.map((stage) => [stage, each(stage)])) as Told;
}

export const RELEASING_ZH = told(
  {
    AWAITED: "还没有任何密钥释放给任何一方,标书密钥由 {groups} 组托管方与投标人共同持有,此刻没有任何一方能打开标书,管理员也不能",
    OPENING: "托管方正以签名向各方证明密钥在手,此时没有密钥离开,点名只使下一步释放成为可能,标书仍打不开",
    BIDDERS_RELEASE: "投标人把本方那一份密钥只释放给 {venues} 的开标密钥,托管方此后才可能配合打开该份标书,仅凭这一份谁也打不开,释放不可撤回",
    CUSTODIANS_RELEASE: "托管方各自核验后,为 {count} 份已解密的标书把份额只释放给 {venues},凑足门限才能打开这些标书,未解密的谁也打不开",
    OPENED: "已打开 {count} 份标书,各会场结果一致,未打开的 {failed} 份已记录原因,公开的是报价与内容,不含任何评审结论",
  },
  {
    AWAITED: {
      agent: "请确认各方到场,开标由招标人开始", tenderee: "各方到场后由您开始", bidder: "请备好制作标书的电脑,届时由您解密",
      witness: "请见证开始之前无人释放", supervisor: "您也没有任何一份密钥", expert: "您无需操作",
    },
    OPENING: {
      agent: "请联系未应答的托管方,您不能代其应答", tenderee: "每组达到门限才能继续,您不能强行开启", bidder: "您还不能解密,请等待点名通过",
      witness: "请见证哪些托管方应答", supervisor: "久候不至时您可要求中断,不能强行开启", expert: "您无需操作,请等待",
    },
    BIDDERS_RELEASE: {
      agent: "您看得到谁已解密,看不到内容", tenderee: "您可在全部解密或时间届满后截止,不能代为解密", bidder: "只有您能释放本方这一份",
      witness: "请见证谁在时限内解密,内容仍未公开", supervisor: "您看得到谁已解密,不能延长或代为解密", expert: "您不参与解密,也看不到内容",
    },
    CUSTODIANS_RELEASE: {
      agent: "各会场结果一致后由您公布,此前您也看不到内容", tenderee: "未打开的由您逐份记录原因,公布前您也看不到内容", bidder: "您无需再释放,公布前无人看到您的报价",
      witness: "请见证各会场结果是否一致", supervisor: "您可核对份额与结果摘要,看不到内容", expert: "您不参与释放,公布前看不到内容",
    },
    OPENED: {
      agent: "唱标与签署完成后由您组织评审", tenderee: "请逐份唱标并签署开标记录", bidder: "有异议请当场提出",
      witness: "请见证唱标与异议的答复", supervisor: "请监督唱标与异议的答复", expert: "评审开始后您才看到须评审的部分",
    },
  },
  ";", "。",
);

export const RELEASING_EN: Told = told(
  {
    AWAITED: "No key has been released to anybody; {groups} groups of custodians and the bidder hold the key of a bid together, and at this moment nobody can open one, no administrator either",
    OPENING: "Custodians prove to everybody by signature that their keys are at hand; no key leaves, and the roll-call makes the next step possible but opens no bid",
    BIDDERS_RELEASE: "A bidder releases its own part of the key, for good and only to the opening keys of {venues}; with it custodians can help to open that bid, and by itself it opens nothing for anybody",
    CUSTODIANS_RELEASE: "Each custodian checks by itself, then releases its shares of the {count} released bids, only to {venues}; a threshold opens these bids, and one that was not released stays closed to everybody",
    OPENED: "{count} bids are open, the venues have found the same, and of the {failed} not opened the reason is on record; that shows prices and content, no judgement",
  },
  {
    AWAITED: {
      agent: "see that everybody is here, the tenderee begins", tenderee: "you begin once everybody is here", bidder: "have the computer ready on which the bid was made, since you will release it",
      witness: "witness that nobody releases before the beginning", supervisor: "you hold no part of a key either", expert: "you have nothing to do",
    },
    OPENING: {
      agent: "call those who do not answer, you cannot answer for them", tenderee: "it goes on once every group has its threshold, and you cannot force it", bidder: "you cannot release yet, wait for the roll-call",
      witness: "witness which custodians answer", supervisor: "you may have it suspended if they do not come, and cannot force it", expert: "you have nothing to do but wait",
    },
    BIDDERS_RELEASE: {
      agent: "you see who has released, and no content", tenderee: "you may close it once all have or the time is over, and release for nobody", bidder: "nobody but you can release your part",
      witness: "witness who releases in time, the content is still closed", supervisor: "you see who has released, and can neither prolong it nor release for anybody", expert: "you take no part in it and see no content",
    },
    CUSTODIANS_RELEASE: {
      agent: "you publish once the venues have found the same, and see no content before", tenderee: "you record why a bid stays closed, and see no content before it is published", bidder: "you release nothing more, and nobody sees your price before it is published",
      witness: "witness whether the venues find the same", supervisor: "you may compare shares and digests, and see no content", expert: "you take no part in it, and see no content before it is published",
    },
    OPENED: {
      agent: "once it is read out and signed you begin the review", tenderee: "read out each bid and sign the opening record", bidder: "if you object, do so on the spot",
      witness: "witness the reading out and the answers to objections", supervisor: "supervise the reading out and the answers to objections", expert: "you see what you evaluate once the review begins",
    },
  },
  "; ", ".",
);
