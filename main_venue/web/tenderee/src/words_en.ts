/** The tenderee's page's own words, English; nouns of the field come from the protocol, by regime. */

import { DOCUMENT_EN } from "@tongchang/protocol/documents/words.ts";
import type { ZH } from "./words_zh.ts";

export const EN: typeof ZH = {
  ...DOCUMENT_EN,
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
