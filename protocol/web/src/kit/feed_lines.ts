/** The record's lines in plain words, and which of them a person wants to see. */

import type { Line, View } from "../generated/messages.ts";
import { FEED_ZH } from "./feed_words.ts";
import type { Speaking } from "./speaking.ts";

export type LineKind = "flow" | "people" | "scores" | "opening" | "witness" | "unusual" | "system";

const KINDS: Readonly<Record<string, LineKind>> = {
  BindSeat: "people", CheckIn: "people", LockRoster: "people",
  SealSheet: "scores", CloseScoring: "scores", TryOpening: "scores", OpenSheet: "scores", PublishTally: "scores",
  ConfirmRanking: "scores",
  ImportOpening: "opening", ReadOut: "opening", SignOpeningRecord: "opening", DrawK: "opening",
  NoteObservation: "witness", SignWitnessRecord: "witness", AcceptWitnessRecord: "witness",
  NoteRefusal: "unusual", RaiseOverrun: "unusual",
  ConfirmIdentity: "people", ReconfirmSeat: "people", PublishDraw: "people", CallReplacement: "people", RedrawCommittee: "people",
  RebuildCommittee: "people", OpenChairBallot: "people", ElectChair: "people", OpenChairVote: "people", NameChair: "people",
  BeginRecheck: "scores", FindAbnormal: "scores", CorrectItem: "scores", EndRecheck: "scores", ExplainDeviation: "scores", DecideTie: "scores",
  BeginDrawK: "opening", CommitK: "opening", RevealK: "opening", RaiseObjection: "opening", AnswerObjection: "opening",
  DeclareRecusal: "unusual", ReplaceMember: "unusual", Suspend: "unusual", VoidCommittee: "unusual", FailSession: "unusual",
  FailStage: "unusual", RefuseToSign: "unusual", RecordDissent: "unusual", RestartDrawK: "unusual", BeginReevaluation: "unusual",
  Intervene: "unusual", AnswerIntervention: "unusual", NoteAnswerOverdue: "unusual",
  DelegateSeatKey: "people", ConfirmSeatKey: "people", RevokeCertificate: "unusual",
  AppointCustodians: "opening", OfferOpeningKey: "opening", BeginOpening: "opening", AnswerRollCall: "opening", ReceiveBids: "opening",
  ReleaseBid: "opening", CloseRelease: "opening", ReleaseCustody: "opening", ReportDecryption: "opening", OpenBids: "opening",
  DestroyOpeningKey: "opening", RecordBidFailure: "unusual",
  EscrowSheet: "scores", AcknowledgeEscrow: "scores", ReleaseEscrow: "scores",
  ReachMilestone: "system", DisclosePolicy: "system", SettleCosignature: "system", RecordSegment: "system", SetFaceMask: "witness", RecordRollCall: "witness",
};

export function kindOf(line: Line): LineKind {
  if (line.type === "TryOpening" && line.about["ok"] === "no") return "unusual";
  if (line.type === "NoteObservation" && line.about["finding"] === "irregular") return "unusual";
  if (line.type === "AcceptWitnessRecord" && line.about["verdict"] === "objection") return "unusual";
  return KINDS[line.type] ?? "flow";
}

export interface Wanted {
  readonly kind: string;
  readonly venue: string;
  readonly seat: string;
}

/** Whether a line fits what is wanted; empty words want everything. An act about a seat is that seat's too. */
export function fits(line: Line, wanted: Wanted): boolean {
  const about = (line.about["seats"] ?? line.about["seat"] ?? line.about["subject"] ?? "").split(", ");
  return (
    (wanted.kind === "" || kindOf(line) === wanted.kind) &&
    (wanted.venue === "" || line.venue === wanted.venue || about.includes(wanted.venue)) &&
    (wanted.seat === "" || line.who === wanted.seat || about.includes(wanted.seat))
  );
}

/** The first run of numbers that is missing among what is held, or null: `size` is how many there are. */
export function gapIn(lines: readonly Line[], size: number): { from: number; to: number } | null {
  let expected = 0;
  for (const line of lines) {
    if (line.seq !== expected) return { from: expected, to: line.seq - 1 };
    expected += 1;
  }
  return expected < size ? { from: expected, to: size - 1 } : null;
}

/** Whoever acted, as a person would say it: a committee seat by its code, anybody else by what they are. */
export function whoSays(line: Pick<Line, "who" | "role" | "venue">, view: View, speaking: Speaking): string {
  const { t, term, venue } = speaking;
  const where = line.venue === "" ? "" : venue(view, line.venue);
  switch (line.role) {
    case "":
      return line.who;
    case "agent":
    case "tenderee":
    case "installation":
      return term(line.role);
    case "custodian":
      return t("kit.feed.as.custodian", { role: term(line.role), who: line.who });
    case "venue":
      return t("kit.feed.as.node", { venue: where });
    case "expert":
      return where === "" ? line.who : t("kit.feed.as.seat", { seat: line.who, venue: where });
    default:
      return t("kit.feed.as.person", { venue: where, role: term(line.role) });
  }
}

/** A seat as a person would say it, where the view shows it or it is one's own; else by its id. */
export function seatSays(id: string, view: View, speaking: Speaking): string {
  if (id === view.seat && view.role !== "expert") return speaking.term(view.role);
  const seat = view.seats.find((one) => one.seat === id);
  if (seat === undefined) return unseen(id, view, speaking);
  if (seat.role === "expert") return id;
  return whoSays({ who: id, role: seat.role, venue: seat.venue }, view, speaking);
}

/** A seat that this role is not shown, by what its id says of it; members stay their ids. */
function unseen(id: string, view: View, speaking: Speaking): string {
  const [role, ...rest] = id.split("-");
  const venue = rest.join("-");
  if (role === undefined || !OFFICES.has(role) || !view.venues.some((one) => one.venue === venue)) return id;
  return whoSays({ who: id, role, venue }, view, speaking);
}

const OFFICES: ReadonlySet<string> = new Set(["witness", "supervisor", "keeper"]);

/** The acts that have a sentence of their own; others are said by their name. */
const SAID: ReadonlySet<string> = new Set(Object.keys(FEED_ZH.say));

/** One line as a sentence. */
export function sentence(line: Line, view: View, speaking: Speaking): string {
  const { t, act } = speaking;
  if (line.type === "") return t("kit.feed.hidden");
  const { about } = line;
  const who = whoSays(line, view, speaking);
  if (!SAID.has(line.type)) return t("kit.feed.say.other", { who, act: act(line.type) });
  let which = line.type;
  if (which === "TryOpening" && about["ok"] === "no") which = "TryOpeningFault";
  if (which === "ReachMilestone" && (about["owed"] ?? "") !== "") which = "ReachMilestoneOwed";
  return t(`kit.feed.say.${which}`, {
    who,
    seat: about["seat"] ?? "",
    seats: about["seats"] ?? "",
    bids: about["bids"] ?? "",
    bidder: bidName(view, about["bidder"] ?? ""),
    rate: about["rate"] ?? "",
    k: about["k"] ?? "",
    successor: about["successor"] ?? "",
    minutes: about["minutes"] ?? "",
    act: act(about["act"] ?? ""),
    code: about["code"] ?? "",
    owed: about["owed"] ?? "",
    milestone: about["milestone"] === undefined ? "" : t(`kit.feed.milestone.${about["milestone"]}`),
    finding: about["finding"] === undefined ? "" : t(`kit.feed.finding.${about["finding"]}`),
  });
}

function bidName(view: View, bidder: string): string {
  const bid = view.stages.flatMap((stage) => stage.bids ?? []).find((one) => one.bidder === bidder);
  return bid?.name ?? bid?.code ?? bidder;
}
