/** The tenderee's page's own words, English; nouns of the field come from the protocol, by regime. */

import { DOCUMENT_EN } from "@tongchang/protocol/documents/words.ts";
import { TURN_EN } from "@tongchang/protocol/turns/words.ts";
import type { ZH } from "./words_zh.ts";

export const EN: typeof ZH = {
  ...DOCUMENT_EN,
  ...TURN_EN,
  ranked: { title: "Ranking" },
  read: {
    number: "Bid {number} of {of}",
    price: "Price",
    words: "In words",
    next: "Read out, next bid",
    last: "Read out, that was the last",
    keys: "Enter or the space bar goes on; each bid read out is signed by this seat.",
    done: "All {count} bids have been read out",
    rate: "Drawn: {name}",
    undrawn: "not drawn yet",
    candidates: "out of {candidates} %",
  },
  preside: {
    resume: "Goes on once every seat was looked at again; past the limit, before the start, you decide whether to go on.",
    answer: "An objection at the opening is answered and recorded on the spot (条例 44).",
    raise: "What a bidder objects on the spot is entered in its own words.",
    who: "Choose the {bidder} that objects",
    extend: "More than a third of the members hold the time too short; you may add 30 minutes here, or the agent does.",
    chair: "Where the tender document has you name the chair, do so here; otherwise the members elect. The chair's vote weighs as any other.",
    chairWho: "Who chairs",
    suspend: "The opening stops for all, and a bidder’s window does not run on; it goes on once custodians or the line are back.",
    beside: "Decisions when something goes otherwise (void committee, end)",
    void: "All conclusions of this committee are void and kept sealed; a new one evaluates anew.",
    tie: "These bids are equal in points and price: put them in order, best first, and write down why. The tally is then made anew.",
    tieOrder: "Order, best first",
    tieUp: "Move {bid} up",
    tieDown: "Move {bid} down",
    fail: "The whole evaluation ends without a result.",
    failStage: "End this lot",
    failStageAbout: "Ends this lot alone, the others go on: where no bid was released, fewer than three are valid, or the law provides; you decide it and write down why. It cannot be taken back.",
  },
  follow: { title: "How far the evaluation is", phase: "Phase", bids: "Bids", valid: "In detailed review", sealed: "Scores sealed", of: "{count} / {of}" },
  wait: {
    old: { title: "This session runs under rules version 1", text: "Version 1 knows no reading out and no signed opening record. You can follow the opening and the progress here." },
    wait_opening: { title: "Waiting for the opening", text: "Once a lot is open, you ({tenderee}) read out its bids here one by one and sign the opening record." },
    wait_review: { title: "The opening is done", text: "{committee}: the review goes on. Until it ends you see counts only, no score." },
    wait_ranking: { title: "The scores are sealed", text: "They are being opened and aggregated; the ranking shows here once it is confirmed." },
    wait_report: { title: "The report", text: "{committee}: the members draft and sign the report; it stands below with the ranking." },
    done: { title: "The evaluation has ended", text: "Ranking and report stand below." },
    stopped: { title: "The evaluation was stopped", text: "Speak to the agent and to a supervisor." },
  },
};
