/** What the opened scores and the tally say, put in the shape in which pages show it. */

import type { BidView, Evaluation, StageView } from "../generated/messages.ts";
import { total } from "../sheet.ts";

/** The published evaluation of a stage, or null while there is none to be seen. */
export function evaluationOf(stage: StageView): Evaluation | null {
  return stage.tally === null ? null : (JSON.parse(stage.tally) as Evaluation);
}

export interface MemberTotal {
  readonly seat: string;
  readonly centi: number | null;
}

/** Every member's sum for one bid, over one group of items or all. */
export function memberTotals(stage: StageView, bidder: string, group?: string): MemberTotal[] {
  return (stage.sheets ?? []).map((sheet) => ({
    seat: sheet.seat,
    centi: sheet.scores === null ? null : total(stage.criteria ?? [], sheet.scores[bidder], group),
  }));
}

export interface Group {
  readonly group: string;
  readonly zh: string;
  readonly en: string;
  readonly max_centi: number;
}

/** The groups of scored items, in the order in which they come. */
export function groupsOf(stage: StageView): Group[] {
  const found = new Map<string, Group>();
  for (const item of stage.criteria ?? []) {
    const before = found.get(item.group);
    found.set(item.group, {
      group: item.group,
      zh: item.group_zh,
      en: item.group_en,
      max_centi: (before?.max_centi ?? 0) + item.max_centi,
    });
  }
  return [...found.values()];
}

/** The neutral code of a bid. */
export function bidCode(stage: StageView, bidder: string): string {
  return (stage.bids ?? []).find((one) => one.bidder === bidder)?.code ?? bidder;
}

export function validBids(stage: StageView): BidView[] {
  return (stage.bids ?? []).filter((bid) => bid.valid);
}

/** A signed decimal as print has it: a true minus, and a plus where it is positive. */
export function signed(percent: string): string {
  if (percent.startsWith("-")) return `\u2212${percent.slice(1)}`;
  return percent.startsWith("+") || percent === "" || Number(percent) === 0 ? percent : `+${percent}`;
}
