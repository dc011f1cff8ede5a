// Written by `python -m ops.generate_messages` out of the Python of protocol/. Do not edit.
// tidy: long because it is generated, one block per struct or word.

/** Bytes as padded base64 (RFC 4648 4). */
export type Base64 = string;

export type BidderStep = "concluded" | "failed" | "opening" | "read_out" | "result" | "review";
export type Field = "bid_release" | "bidder_name" | "blind_findings" | "certificate" | "committee_source" | "corrected_scores" | "custody_release" | "deduction" | "delegation" | "dissent" | "draw_share" | "escrow_release" | "explanation" | "facts" | "intervention" | "intervention_answer" | "objection" | "opening_source" | "parties" | "person" | "plan" | "pool" | "preliminary_source" | "price" | "price_correction" | "quantities" | "question" | "reason" | "remark" | "reply" | "report" | "roll_call" | "sheet" | "sheet_escrow" | "statement" | "tally";
export type Folder = "damaged" | "none" | "preparing" | "ready";
export type Means = "certificate" | "code" | "desk" | "passkey";
export type MemberKind = "expert" | "none" | "tenderee_rep";
export type Milestone = "bids_opened" | "bids_received" | "genesis" | "ranking_final" | "release_closed" | "roster_locked" | "scores_closed" | "scores_opened";
export type MomentKind = "bid_deadline" | "objection_until" | "opening" | "publication" | "release_until";
export type Regime = "GOV_PROC" | "TENDER";
export type Role = "agent" | "bidder" | "custodian" | "expert" | "installation" | "keeper" | "supervisor" | "tenderee" | "venue" | "witness";
export type SeatRole = "agent" | "bidder" | "expert" | "installation" | "keeper" | "supervisor" | "tenderee" | "venue" | "witness";
export type SessionPhase = "ARCHIVED" | "BOOKED" | "CHECKIN" | "COMMITTEE_READY" | "COMMITTEE_VOID" | "DRAFT" | "DRAWN" | "FAILED" | "REPORT_DRAFT" | "SIGNING" | "SUBMITTED" | "SUSPENDED";
export type Shelf = "bid" | "blind" | "evidence" | "tender";
export type SignInWay = "certificate" | "code" | "passkey";
export type StagePhase = "AWAITED" | "BIDDERS_RELEASE" | "CLARIFYING" | "CUSTODIANS_RELEASE" | "DETAILED" | "FAILED" | "OPENED" | "OPENING" | "PRELIM" | "RANKED" | "RECHECK" | "REJECT_VOTE" | "SCORES_OPENING" | "SCORES_SEALED" | "SUMMARY";
export type VenueRole = "main" | "sub";

export type Event =
  | SessionBooked
  | PhaseEntered
  | StageEntered
  | MilestonePending
  | MilestoneReached
  | CommitteeImported
  | SeatBound
  | OpeningImported
  | KDrawn
  | SeatCheckedIn
  | RosterLocked
  | PreliminaryImported
  | SheetSealed
  | OpeningTried
  | SheetOpened
  | ScoresOpened
  | TallyPublished
  | ReportImported
  | ReportSigned
  | OverrunRaised
  | RefusalNoted
  | BidReadOut
  | OpeningRecordSigned
  | ObservationNoted
  | WitnessRecordSigned
  | PoolFrozen
  | DrawSeedCommitted
  | DrawSeedRevealed
  | VenuesDrawn
  | CommitteeDrawn
  | DrawPublished
  | ReplacementCalled
  | RecusalDeclared
  | MemberReplaced
  | IdentityConfirmed
  | ChairBallotOpened
  | ChairVoted
  | ChairVoteOpened
  | ChairElected
  | CommitteeRedrawn
  | ItemsPublished
  | ItemsMarked
  | BlindPartChecked
  | ClarificationAsked
  | ClarificationAnswered
  | ClarificationClosed
  | VoteOpened
  | VoteCast
  | VoteClosed
  | PreliminaryConcluded
  | VoteSealed
  | SameBrandNoted
  | DeductionConfirmed
  | RecheckBegun
  | AbnormalFound
  | ItemCorrected
  | TallySetAside
  | DeviationExplained
  | MoreTimeAsked
  | TimeExtended
  | SessionSuspended
  | SeatReconfirmed
  | SessionResumed
  | CommitteeVoided
  | CommitteeRebuilt
  | SessionFailed
  | StageFailed
  | DissentRecorded
  | SignatureRefused
  | AgreementDeemed
  | PassingConfirmed
  | KDrawBegun
  | KCommitted
  | KRevealed
  | KDrawRestarted
  | ObjectionRaised
  | ObjectionAnswered
  | TieDecided
  | ReevaluationBegun
  | CustodiansAppointed
  | OpeningKeyOffered
  | OpeningBegun
  | RollCallAnswered
  | BidsReceived
  | BidReleased
  | ReleaseClosed
  | CustodyReleased
  | DecryptionReported
  | BidsOpened
  | BidFailed
  | OpeningKeyDestroyed
  | SheetEscrowed
  | EscrowAcknowledged
  | EscrowReleased
  | SeatKeyDelegated
  | CertificateRevoked
  | ReportPrepared
  | PaperSigned
  | SegmentRecorded
  | FaceMaskSet
  | RollCallRecorded
  | WitnessRecordAnswered
  | Intervened
  | InterventionAnswered
  | AnswerOverdue
  | PolicyDisclosed
  | CosignatureSettled;

/**
 * A member holds a seat's points for an item abnormal; `found` once more than half do.
 */
export interface AbnormalFound {
  type: "AbnormalFound.1";
  lot: string;
  envelope: string;
  round: number;
  by: string;
  seat: string;
  bidder: string;
  criterion: string;
  found: boolean;
}

/**
 * Points that members `by` hold abnormally high or low; `found` once more than half of them do.
 */
export interface AbnormalView {
  seat: string;
  bidder: string;
  criterion: string;
  by: string[];
  found: boolean;
}

/**
 * A document's pages.
 */
export interface About {
  document: string;
  pages: PageSize[];
}

/**
 * A page's size as it is shown, turned as its document says.
 */
export interface PageSize {
  width: number;
  height: number;
}

/**
 * 见证互认: a witness says for its venue whether it accepts what another venue's witness has signed.
 *
 * `seat` is the other witness's; `count` and `record` are the number of its observations and the chain over
 * them, as it signed them. `reason` is a code of the table, empty with `accepted`. `remark` is a hidden
 * digest of a text, empty where there is none.
 */
export interface AcceptWitnessRecord {
  seat: string;
  count: number;
  record: Base64;
  verdict: "accepted" | "objection";
  reason: string;
  remark: Base64;
}

/**
 * 确认托管: a custodian has opened its box, and holds its share of a seat's opening.
 */
export interface AcknowledgeEscrow {
  seat: string;
  commitment: Base64;
  escrow: Base64;
}

/**
 * An act the speaker could do in this phase; with the refusal it would meet, if any.
 */
export interface ActView {
  type: string;
  lot: string;
  envelope: string;
  round: number;
  target: string;
  code: string;
  zh: string;
  en: string;
}

/**
 * A member who neither signed nor dissented is deemed to agree.
 */
export interface AgreementDeemed {
  type: "AgreementDeemed.1";
  seat: string;
  refused: boolean;
  statement: Base64;
}

/**
 * Whoever sits at the page has seen an alert, the one that began at `since`; `note` may be empty.
 */
export interface AlertSeen {
  session: string;
  alert: string;
  since: number;
  note: string;
}

/**
 * Something that whoever watches should look at; it stops nothing and judges nobody.
 *
 * `id` says what it is of. `seq` is the entry that raised it, at `since` (ms); -1 for what the page's own
 * node has noticed. `until` is 0 while it goes on. `detail` are particulars by name, for the page's words.
 */
export interface AlertView {
  id: string;
  group: "evaluation" | "flow" | "movement" | "opening";
  kind:
    | "ActRefused"
    | "AgreementDeemed"
    | "AnswerOverdue"
    | "BidFailed"
    | "BidsFew"
    | "BidsRejected"
    | "CommitteeVoid"
    | "CopyStopped"
    | "Deviation"
    | "Dissent"
    | "FaceShown"
    | "Intervention"
    | "LineSilent"
    | "MilestoneOwed"
    | "Objection"
    | "ObjectiveMismatch"
    | "Observation"
    | "OpeningFault"
    | "RateWithheld"
    | "Recusal"
    | "RejectedByVote"
    | "RejectionVote"
    | "ScoreAbnormal"
    | "ScoreCorrected"
    | "ScoringOverrun"
    | "SeatLeft"
    | "SeatRebound"
    | "SessionFailed"
    | "SigningRefused"
    | "StageFailed"
    | "Suspended";
  severity: "alarm" | "notice" | "warning";
  since: number;
  seq: number;
  until: number;
  lot: string;
  envelope: string;
  seats: string[];
  venues: string[];
  detail: {
    [k: string]: string;
  };
}

/**
 * The tenderee's other representatives on a committee that is drawn again, by the seat each follows.
 */
export interface Anew {
  names: {
    [k: string]: string;
  };
}

/**
 * The answer to a command: accepted with its `seq`, refused, or only kept as yet.
 */
export interface Answer {
  command_id: string;
  status: "accepted" | "kept" | "refused";
  seq: number;
  at: number;
  refused: Refused | null;
  kept: Kept | null;
}

/**
 * A refusal as it travels: its code, both texts, its particulars.
 */
export interface Refused {
  code: string;
  zh: string;
  en: string;
  detail: {
    [k: string]: string;
  };
}

/**
 * The venue's receipt that a command lies fsynced in its journal (DESIGN 1.4).
 *
 * `sig` is the node key's signature over the tag `kept/v1` and the canonical
 * {session, command_id, command_digest, journal_index, at}; `command_digest` is the
 * SHA-256 of the signed bytes of the command.
 */
export interface Kept {
  session: string;
  command_id: string;
  command_digest: Base64;
  journal_index: number;
  at: number;
  node: string;
  sig: string;
}

/**
 * 澄清答复: once, to what was asked; `refused` where the bidder will not.
 */
export interface AnswerClarification {
  number: number;
  answer: Base64;
  refused: boolean;
}

/**
 * 答复监督介入: `answer` is the digest of the words.
 */
export interface AnswerIntervention {
  number: number;
  outcome: "corrected" | "declined" | "explained" | "suspended";
  answer: Base64;
}

/**
 * 当场答复: `number` counts a stage's objections from 1.
 */
export interface AnswerObjection {
  number: number;
  answer: Base64;
}

/**
 * The time for an answer is over; it may still be given.
 */
export interface AnswerOverdue {
  type: "AnswerOverdue.1";
  number: number;
}

/**
 * 托管方应答: a service has its key at hand; its command's signature is over the challenge.
 */
export interface AnswerRollCall {
  challenge: Base64;
}

/**
 * The page on which a document's answer to a criterion begins.
 */
export interface Answering {
  criterion: string;
  page: number;
}

/**
 * 公布托管方: groups, suite and window as in the tender document, before any bid is opened.
 */
export interface AppointCustodians {
  project: string;
  suite: "gm-1" | "intl-1";
  groups: KeyGroup[];
  window_ms: number;
}

/**
 * A group of custodians as the tender document names it; any `threshold` of its members are enough.
 */
export interface KeyGroup {
  group: string;
  members: Keyholder[];
  threshold: number;
}

/**
 * A member of a group: the key of its service (signs its acts), and the key that shares are boxed to.
 */
export interface Keyholder {
  custodian: string;
  key: string;
  public: Base64;
}

/**
 * 归档.
 */
export interface ArchiveSession {}

/**
 * Up to which entry a view tells: number of entries, coordinator's clock (ms), root.
 */
export interface AsOf {
  size: number;
  at: number;
  root: Base64;
}

/**
 * 要求澄清: the committee asks one bidder in writing (条例 52).
 */
export interface AskClarification {
  bidder: string;
  purpose: "inconsistent" | "low_price" | "slip" | "unclear";
  question: Base64;
}

/**
 * 认为评标时间不够 (条例 48).
 */
export interface AskMoreTime {}

/**
 * A question of the committee to the bidder who reads, masked: nobody's seat. `due_at` is in ms.
 *
 * `question` and `reply` are texts; for the purpose `correction` the canonical JSON of what the price
 * schedule comes to stands as the question. `result` is empty while it is open.
 */
export interface AskedView {
  number: number;
  purpose: string;
  due_at: number;
  answered: boolean;
  refused: boolean;
  result: string;
  question: string | null;
  reply: string | null;
}

/**
 * How long the page's person may still be idle, ms, of how long; the page warns `warn_ms` before.
 */
export interface Attended {
  left_ms: number;
  of_ms: number;
  warn_ms: number;
}

/**
 * The identity node vouches for the key; `BindSeat` carries the attestation.
 */
export interface Attested {
  session: string;
  seat: string;
  key: string;
  means: string;
  attestation: string;
}

/**
 * Who has to do what before the next step: a seat or a venue, and the act's type.
 */
export interface Awaited {
  who: string;
  role: Role;
  act: string;
  lot: string;
  envelope: string;
}

/**
 * The ballot on the chair: who has voted, and of opened votes for whom (seat → candidate).
 *
 * `number` counts ballots from 1 and is 0 before the first; `candidates` are who may be elected.
 */
export interface BallotOfChair {
  number: number;
  secret: boolean;
  voted: string[];
  votes: {
    [k: string]: string;
  };
  candidates: string[];
}

/**
 * One member's vote: `yes`, `no` or `abstain`.
 */
export interface BallotView {
  choice: string;
  reason: string | null;
}

/**
 * 开始抽取 K 值: among the plan's candidates, in the plan's order.
 */
export interface BeginDrawK {
  rate: string;
  candidates: string[];
}

/**
 * 开标开始: the tenderee presides; `challenge` is 32 bytes that every custodian answers.
 */
export interface BeginOpening {
  challenge: Base64;
}

/**
 * 进入初步评审.
 */
export interface BeginPreliminary {}

/**
 * 开始复核: `ground` says what for; each correction names its own.
 */
export interface BeginRecheck {
  ground: "abnormal" | "objective_differs" | "over_range" | "slip" | "sum_error";
}

/**
 * 重新评审 (87号令 64): the same committee goes back to a report that is written or signed.
 */
export interface BeginReevaluation {
  ground: "abnormal" | "objective_differs" | "over_range" | "slip" | "sum_error";
  statement: Base64;
}

/**
 * 编制评标报告.
 */
export interface BeginReport {}

/**
 * The entry that a bid stands in, as canonical text, and what opens the digests of this bid in it.
 */
export interface BidEntry {
  lot: string;
  envelope: string;
  seq: number;
  entry: string;
  disclosures: Disclosure[];
}

/**
 * One hidden value made known: its field, the digest in the record, its salt, the value.
 *
 * `value` is canonical JSON as text, so that a disclosure's bytes can be hashed as received.
 */
export interface Disclosure {
  field: Field;
  digest: Base64;
  salt: Base64;
  value: string;
}

/**
 * A bid was not opened: whose fault, why, and what the tender lets be done.
 */
export interface BidFailed {
  type: "BidFailed.1";
  lot: string;
  envelope: string;
  bid: string;
  bidder: string;
  seat: string;
  cause: "revoked" | "withdrawn";
  reason:
    | "bidder_key_lost"
    | "container_broken"
    | "dealer_fault"
    | "not_released"
    | "other"
    | "platform"
    | "release_false";
  remedy: "backup_file" | "none" | "other" | "paper";
  statement: Base64;
}

/**
 * Why a bid was not opened, whose fault that was, and what the tender document lets be done.
 */
export interface BidFailureView {
  cause: string;
  reason: string;
  remedy: string;
  statement: string | null;
}

/**
 * A container that lies at the node, compared with the record: its bytes, and how many were decrypted.
 */
export interface BidRead {
  lot: string;
  envelope: string;
  bid: string;
  size: number;
  done: number;
}

/**
 * A bid was read out at the opening; `seat` read it.
 */
export interface BidReadOut {
  type: "BidReadOut.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  bidder: string;
}

/**
 * A bidder's receipt (回执): its bid's entry, and the proof that the record of `size` entries holds it.
 *
 * A file of canonical JSON; anybody can check it without a network (SPEC 10.3).
 */
export interface BidReceipt {
  receipt: 1;
  session: string;
  bidder: string;
  lot: string;
  envelope: string;
  seq: number;
  entry: string;
  disclosures: Disclosure[];
  leaf: Base64;
  size: number;
  root: Base64;
  proof: Base64[];
}

/**
 * An opened bid: a neutral code for pages, and hidden name, price and quantities.
 */
export interface BidRef {
  bidder: string;
  code: string;
  name: Base64;
  price: Base64;
  quantities: Base64;
}

/**
 * A bidder released its own key of its bid; there is no way back.
 */
export interface BidReleased {
  type: "BidReleased.1";
  lot: string;
  envelope: string;
  bid: string;
  bidder: string;
  release: Base64;
}

/**
 * A bid under its neutral code; name, price and quantities where the table allows.
 */
export interface BidView {
  bidder: string;
  code: string;
  valid: boolean;
  ground: string;
  name: string | null;
  price: string | null;
  quantities: {
    [k: string]: string;
  } | null;
  read_out: boolean;
}

/**
 * A key that a bidder's page has made, to be vouched for.
 */
export interface BidderKey {
  key: string;
}

/**
 * A bidder's view as of now, the lines from `since` on, and what its receipts are made of.
 *
 * `entries` come with the news that bring their line; `proofs` are for every entry of the bidder's, each
 * time anew for the size and root of the view.
 */
export interface BidderNews {
  view: BidderView;
  since: number;
  lines: Line[];
  entries: BidEntry[];
  proofs: Inclusion[];
}

/**
 * What a bidder is shown of a session as of one entry; `step` is that of its lot furthest behind.
 *
 * Version 3: `speaks` is whether a bidder may act by itself, `keyed` whether a key of its own is bound.
 * `milestones` are those alone at which a cosigner owed (待补签).
 * Version 4: `voice` is how that key stands, its `key` empty while none is bound.
 */
export interface BidderView {
  bidder: string;
  code: string;
  name: string | null;
  session: string;
  as_of: AsOf;
  regime: Regime;
  demonstration: boolean;
  step: BidderStep;
  title: string | null;
  title_en: string | null;
  stages: BidderStageView[];
  keyed: boolean;
  speaks: boolean;
  milestones: MilestoneView[];
  voice: VoiceView | null;
}

/**
 * One lot's envelope as a bidder is shown it: opening record, what was drawn, the result if public.
 */
export interface BidderStageView {
  lot: string;
  envelope: string;
  step: BidderStep;
  title: string | null;
  unit: string | null;
  bids: ReadOutView[];
  draws: {
    [k: string]: string;
  };
  rates: RateView[] | null;
  timetable: MomentView[];
  candidates: CandidateView[] | null;
  result: OwnResultView | null;
  title_en: string | null;
  asked: AskedView[];
  objections: ObjectionView[];
  round: number;
  phase: string;
  ceremony: CeremonyView | null;
  opening_signed: boolean;
}

/**
 * A line of the opening record (开标记录): one bid; `own` marks the reader's.
 */
export interface ReadOutView {
  code: string;
  own: boolean;
  read_out: boolean;
  name: string | null;
  price: string | null;
  quantities: {
    [k: string]: string;
  } | null;
}

/**
 * A rate that is drawn in public (K 值): its candidates, per cent.
 */
export interface RateView {
  rate: string;
  zh: string;
  en: string;
  candidates: string[];
}

/**
 * A public moment of the tender: `at` is ms since 1970 UTC.
 */
export interface MomentView {
  kind: MomentKind;
  at: number;
  lot: string;
}

/**
 * An award candidate as it is published: its place, who it is, its price and its figure.
 */
export interface CandidateView {
  rank: number;
  code: string;
  own: boolean;
  name: string | null;
  price: string | null;
  total: string;
}

/**
 * What became of one's own bid: `rejected` with its legal ground, else as the evaluation has it.
 *
 * `rank` is 0 and `total` empty where the bid was not ranked. Source: 87号令 69 (each supplier learns its
 * own points and place, or why it was not qualified).
 */
export interface OwnResultView {
  status: "below_pass" | "not_qualified" | "ranked" | "rejected";
  rank: number;
  total: string;
  ground: string;
}

/**
 * An objection at the opening (开标异议); no answer yet is None, as is a text that is not shown.
 */
export interface ObjectionView {
  number: number;
  bidder: string;
  answered: boolean;
  objection: string | null;
  answer: string | null;
}

/**
 * One stage's opening from the custodians' appointment on.
 *
 * `to` are the venues whose keys releases are boxed to, empty before the opening begins; `until` the end of
 * the bidders' window, suspensions added, 0 before it begins; `waits` the milestone that the next release
 * waits for, empty where it is reached or none is called; `short` are groups of which too few have answered
 * (or released, in CUSTODIANS_RELEASE), each with how many are missing; `alike` whether all venues that
 * have reported found the same; `record` is what `SignOpeningRecord` signs, empty before OPENED.
 */
export interface CeremonyView {
  project: string;
  suite: string;
  window_ms: number;
  groups: KeyGroupView[];
  to: OpeningVenueView[];
  bids: SealedBidView[];
  until: number;
  waits: Milestone | "";
  short: string[];
  alike: boolean;
  record: Base64;
}

/**
 * A group of custodians: any `threshold` of its members are enough, and fewer are none.
 */
export interface KeyGroupView {
  group: string;
  threshold: number;
  members: KeyholderView[];
}

/**
 * A custodian's service: whether it answered the roll-call, whether it released, how often falsely.
 *
 * `false_shares` counts bids of which its share was not the one that the bid commits to.
 */
export interface KeyholderView {
  custodian: string;
  answered: boolean;
  released: boolean;
  false_shares: number;
}

/**
 * A venue that can open what is released; `found` is the digest of what it says, empty before.
 */
export interface OpeningVenueView {
  venue: string;
  found: Base64;
}

/**
 * A bid that was received: whether its bidder released it, and what the venues found of it.
 *
 * `result` is empty until a venue has said so; that of the venue that spoke first.
 */
export interface SealedBidView {
  bid: string;
  bidder: string;
  released: boolean;
  result: string;
  failure: BidFailureView | null;
}

/**
 * A milestone, pending (size 0) or reached; `late` are those that owe there, or once did.
 */
export interface MilestoneView {
  milestone: Milestone;
  lot: string;
  envelope: string;
  size: number;
  cosigned: string[];
  owed: string[];
  late: LateView[];
}

/**
 * A cosigner that owed at a milestone (待补签), since when, and when that was settled (0: not yet).
 */
export interface LateView {
  cosigner: string;
  since: number;
  settled: number;
}

/**
 * By what one's own seat's key was delegated, as of the view's clock.
 *
 * `means`, `until` (ms) and `by` (the officer's seat, for means `desk`) are of its newest delegation, empty
 * where there is none. `confirms` are those whom this seat may confirm, once its own key is known by
 * certificate or passkey.
 */
export interface VoiceView {
  key: string;
  stands: "ended" | "given" | "none" | "revoked";
  means: string;
  until: number;
  by: string;
  confirms: UnvoicedView[];
}

/**
 * A seat at the officer's own venue whose key has no voice in force, and that key.
 */
export interface UnvoicedView {
  seat: string;
  role: Role;
  key: string;
}

/**
 * One entry as a subscriber sees it: every `seq` comes, hidden ones as their hash alone.
 *
 * `leaf` is the RFC 6962 leaf hash of the entry. `who` is a seat, a venue's node or `installation`, `role`
 * as what it speaks, `venue` where it stands; `about` are public particulars of the act by name. All are
 * empty when the allow-table hides the act's kind from the role.
 */
export interface Line {
  seq: number;
  at: number;
  leaf: Base64;
  type: string;
  who: string;
  lot: string;
  envelope: string;
  events: string[];
  venue: string;
  role: string;
  about: {
    [k: string]: string;
  };
}

/**
 * That an entry is in the tree of the view's `as_of`: the RFC 6962 path from its leaf.
 */
export interface Inclusion {
  seq: number;
  proof: Base64[];
}

/**
 * Whose page the cookie makes this, and until when (ms, the coordinator's clock).
 */
export interface BidderSeated {
  session: string;
  bidder: string;
  until: number;
}

/**
 * A bidder offers its one-time code; what it gets for it is a cookie (SPEC 10.3).
 */
export interface BidderSignIn {
  session: string;
  bidder: string;
  code: string;
}

/**
 * As it stands at the coordinator's clock `at`; `trouble` is why the coordinator told nothing.
 *
 * `received` is null before the deadline; `check` is what stands against the last rehearsal.
 */
export interface BidsDesk {
  session: string;
  at: number;
  address: string;
  tender: TenderShown | null;
  received: HandedBid[] | null;
  trouble: Refused | null;
  rehearsal: Rehearsal | null;
  check: CheckFault[];
}

/**
 * A notice for people; `tickets`: how many digests of tickets it has, which hides how many there are.
 */
export interface TenderShown {
  project: string;
  suite: "gm-1" | "intl-1";
  version: number;
  key: string;
  opens_at: number;
  deadline: number;
  bytes_max: number;
  room_bytes: number;
  tickets: number;
  parts: PartShown[];
  custodies: CustodyShown[][];
}

/**
 * A lot and envelope; `custody` is the number of its groups among the notice's.
 */
export interface PartShown {
  lot: string;
  envelope: string;
  policy: Base64;
  custody: number;
}

/**
 * A group of custodians, any `threshold` of whom suffice.
 */
export interface CustodyShown {
  group: string;
  members: HolderShown[];
  threshold: number;
}

/**
 * Who holds a share; `public` is SHA-256 of its key in hexadecimal.
 */
export interface HolderShown {
  custodian: string;
  public: string;
}

/**
 * A bid that had been handed in at the deadline; `key` and `receipt` are digests.
 */
export interface HandedBid {
  at: number;
  bid: string;
  container: Base64;
  envelope: string;
  key: Base64;
  lot: string;
  receipt: Base64;
}

/**
 * A rehearsal of a tender's opening: when it ended (ms), bids opened of how many, whether well.
 *
 * `began` and `at` are its beginning and end, `opening_ms` the time from a bidder's last release until every
 * venue had opened everything; `faults` is what went wrong, or was made to.
 */
export interface Rehearsal {
  tender: string;
  at: number;
  opened: number;
  bids: number;
  good: boolean;
  began: number;
  by: string;
  opening_ms: number;
  custodians: CustodianTook[];
  venues: VenueTook[];
  faults: string[];
}

/**
 * A custodian's part: whether it answered the roll-call, and whether it released.
 */
export interface CustodianTook {
  custodian: string;
  answered: boolean;
  released: boolean;
}

/**
 * A venue's part: whether it told what it found.
 */
export interface VenueTook {
  venue: string;
  found: boolean;
}

/**
 * What stands against the last rehearsal, and who it is about.
 */
export interface CheckFault {
  code: "custodian" | "failed" | "never" | "stale" | "venue";
  names: string[];
}

/**
 * The bids that were opened, under their neutral codes.
 */
export interface BidsOpened {
  type: "BidsOpened.1";
  lot: string;
  envelope: string;
  bids: BidRef[];
}

/**
 * These bids there are; bidders may release until `until`, the coordinator's clock (ms).
 */
export interface BidsReceived {
  type: "BidsReceived.1";
  lot: string;
  envelope: string;
  bids: ReceivedBid[];
  until: number;
}

/**
 * A bid that lay with the coordinator at the deadline, to the byte: `mark` as in SPEC 28.1.
 */
export interface ReceivedBid {
  bid: string;
  bidder: string;
  mark: Base64;
}

/**
 * How do notice, bids and rehearsal of a session stand?
 */
export interface BidsWanted {
  session: string;
}

/**
 * 席位绑定: the author's new key becomes the seat's; the identity node attests it.
 *
 * `attestation` is the installation key's signature over
 * {session, seat, key, means} under the tag `bind-seat/v1` (SPEC 5.3).
 */
export interface BindSeat {
  seat: string;
  means: Means;
  attestation: string;
}

/**
 * The latest look at a bid's blind part; `by` is a seat or a venue.
 */
export interface BlindCheckView {
  result: string;
  by: string;
  findings: string | null;
}

/**
 * A bid's blind part was looked through; `by` is a seat or a venue.
 */
export interface BlindPartChecked {
  type: "BlindPartChecked.1";
  lot: string;
  envelope: string;
  round: number;
  by: string;
  bidder: string;
  result: "fail" | "pass";
  findings: Base64;
}

/**
 * 预约: the genesis. Carries the plan's digest and the facts that phases need.
 *
 * `plan` is a hidden digest; `check` compares the public facts with the disclosed plan.
 * `scoring_ms` 0 means no time for scoring is set; otherwise an overrun is raised after it.
 */
export interface BookSession {
  rules_version: string;
  regime: Regime;
  demonstration: boolean;
  plan: Base64;
  lots: LotRef[];
  committee_size_min: number;
  committee_odd: boolean;
  experts_num: number;
  experts_den: number;
  bids_min: number;
  scoring_ms: number;
  names_hidden: boolean;
  milestone_wait_ms: number;
  installation_key: string;
  policy_digest: Base64;
  province_signatures: ProvinceSignature[];
  node_keys: NodeKey[];
}

/**
 * A lot and its envelopes in their order of opening.
 */
export interface LotRef {
  lot: string;
  envelopes: string[];
}

/**
 * A province's signature over the policy that genesis names.
 */
export interface ProvinceSignature {
  province: string;
  key: string;
  sig: string;
}

/**
 * The key of a standing node, as the installation knows it.
 */
export interface NodeKey {
  node: string;
  key: string;
}

/**
 * A page asks for the book of a session at its own place.
 */
export interface BookWanted {
  session: string;
}

/**
 * A page that somebody wants to find again.
 */
export interface Bookmark {
  document: string;
  page: number;
}

/**
 * What a node asked of pictures or talk where its session's home is not; `node` "" is a coordinator.
 */
export interface Brought {
  node: string;
  asked: unknown;
}

/**
 * 补抽: whoever was drawn for a seat does not come; the next of the same order does.
 *
 * `drawn` names the next one once the draw is public, and is empty before, when nobody here knows.
 */
export interface CallReplacement {
  seat: string;
  reason: "ineligible" | "no_show" | "recused" | "refused" | "unreachable";
  drawn: DrawnMember[];
}

/**
 * Who was drawn for a seat: a leaf of the roll, and its proof under the root.
 */
export interface DrawnMember {
  seat: string;
  leaf: PoolLeaf;
  proof: Base64[];
}

/**
 * A person of the frozen roll: name and facts are hidden, province and speciality public.
 */
export interface PoolLeaf {
  facts: Base64;
  person: Base64;
  province: string;
  speciality: string;
}

/**
 * A camera of this venue (SPEC 30.13): how it stands since `since`, and what came of it.
 *
 * `codec` is what is published or, where it is refused, what the camera sends; `keyframe_ms` how far apart
 * its key frames are, 0 while unknown; of the `wanted` lines to workers, one for each session, so many
 * `lines` are up.
 */
export interface CameraStanding {
  source: string;
  kind: "file" | "rtsp" | "v4l2";
  state: "connecting" | "down" | "refused" | "sending";
  why:
    | ""
    | "codec"
    | "credentials"
    | "denied"
    | "expert"
    | "foreign"
    | "missing"
    | "profile"
    | "stalled"
    | "unreachable"
    | "unreadable";
  codec: string;
  width: number;
  height: number;
  since: number;
  tries: number;
  frames: number;
  keyframe_ms: number;
  lines: number;
  wanted: number;
}

/**
 * What the process that reads a venue's cameras says of itself; another `run` is another process.
 */
export interface CamerasTold {
  run: string;
  cameras: CameraStanding[];
}

/**
 * 秘密表决: a vote by its commitment, where the plan has votes secret; opened by `OpenVote`.
 */
export interface CastSecretVote {
  bidder: string;
  ground: string;
  commitment: Base64;
}

/**
 * 表决: on one bid and ground; an empty bidder with the ground 27 is the vote on competition.
 */
export interface CastVote {
  bidder: string;
  ground: string;
  choice: "abstain" | "no" | "yes";
  reason: Base64;
}

/**
 * The certificate behind a seat's delegation is revoked; it acts from this entry's `seq` on.
 */
export interface CertificateRevoked {
  type: "CertificateRevoked.1";
  seat: string;
  key: string;
  evidence: Base64;
  since: number;
}

/**
 * The members elect their chair; votes of a ballot before count no more.
 */
export interface ChairBallotOpened {
  type: "ChairBallotOpened.1";
  number: number;
  secret: boolean;
}

/**
 * The chair is known: by more than half of the members, or named by the tenderee.
 */
export interface ChairElected {
  type: "ChairElected.1";
  seat: string;
  votes: number;
  named: boolean;
}

/**
 * A member opened a secret vote.
 */
export interface ChairVoteOpened {
  type: "ChairVoteOpened.1";
  seat: string;
  candidate: string;
}

/**
 * A member voted: openly for somebody, or by a commitment.
 */
export interface ChairVoted {
  type: "ChairVoted.1";
  seat: string;
  candidate: string;
  commitment: Base64;
}

/**
 * A fresh number that the seat's key must sign before the socket is told anything.
 */
export interface Challenge {
  nonce: Base64;
}

/**
 * 暗标检查: whether a bid's blind part names its bidder; `findings` is hidden, empty where it passes.
 */
export interface CheckBlindPart {
  bidder: string;
  result: "fail" | "pass";
  findings: Base64;
}

/**
 * 签到: signs the undertaking (its SHA-256) and declares recusal (回避) not to apply.
 */
export interface CheckIn {
  undertaking: Base64;
  recusal: "none";
}

/**
 * The bidder answered or refused; `by` is its own seat, or the agent's for it.
 */
export interface ClarificationAnswered {
  type: "ClarificationAnswered.1";
  lot: string;
  envelope: string;
  round: number;
  number: number;
  by: string;
  answer: Base64;
  refused: boolean;
}

/**
 * The committee asked a bidder; `number` counts the stage's clarifications from 1, `due_at` is in ms.
 *
 * Where `purpose` is `correction`, `question` is the digest of the correction itself.
 */
export interface ClarificationAsked {
  type: "ClarificationAsked.1";
  lot: string;
  envelope: string;
  round: number;
  number: number;
  seat: string;
  bidder: string;
  purpose: "correction" | "inconsistent" | "low_price" | "slip" | "unclear";
  question: Base64;
  due_at: number;
}

/**
 * A clarification is over.
 */
export interface ClarificationClosed {
  type: "ClarificationClosed.1";
  lot: string;
  envelope: string;
  round: number;
  number: number;
  result: "answered" | "overdue" | "refused";
}

/**
 * A question to a bidder; `seat` is the member who asked, `result` empty while it is open.
 *
 * With the purpose `correction` the question is `correction`, the canonical JSON of what the price schedule
 * comes to.
 */
export interface ClarificationView {
  number: number;
  seat: string;
  bidder: string;
  purpose: string;
  due_at: number;
  answered: boolean;
  refused: boolean;
  result: string;
  question: string | null;
  correction: string | null;
  reply: string | null;
}

/**
 * The coordinator's clock, ms.
 */
export interface ClockNote {
  at: number;
}

/**
 * The coordinator's clock less this node's, right to within `within_ms`; `measured_at` 0 for never.
 */
export interface ClockStanding {
  offset_ms: number;
  within_ms: number;
  measured_at: number;
}

/**
 * 结束澄清.
 */
export interface CloseClarification {
  number: number;
  result: "answered" | "overdue" | "refused";
}

/**
 * 结束投标人解密: when the window is over, or every bid was released.
 */
export interface CloseRelease {}

/**
 * 结束评分: every rostered seat has sealed.
 */
export interface CloseScoring {}

/**
 * 结束表决.
 */
export interface CloseVote {
  bidder: string;
  ground: string;
}

/**
 * The codes asked for.
 */
export interface Codes {
  session: string;
  codes: SeatCode[];
}

/**
 * A new one-time code, shown once to the agent, stored only as a hash.
 *
 * A bidder's has its id as `seat`, no venue, and the role `bidder`.
 */
export interface SeatCode {
  seat: string;
  venue: string;
  role: string;
  code: string;
  expires_at: number;
}

/**
 * A command: header and content. `type` is the content's struct name.
 *
 * `author_at` is the author's own clock (ms); `author_seq` rises per key, gaps allowed,
 * and is 0 for the installation's own acts.
 */
export interface CommandHeader {
  session: string;
  command_id: string;
  author_key: string;
  author_at: number;
  author_seq: number;
  seen: Head;
  stage: Stage;
}

/**
 * A tree head: how many entries, and the RFC 6962 root over them.
 */
export interface Head {
  size: number;
  root: Base64;
}

/**
 * Where in the work an act belongs: 标段, 信封, and the round (1, 2 after a re-evaluation).
 *
 * The whole session is the stage with empty names and round 0.
 */
export interface Stage {
  lot: string;
  envelope: string;
  round: number;
}

/**
 * 提交随机数承诺: a party's commitment to its share.
 */
export interface CommitDrawSeed {
  draw: string;
  commitment: Base64;
}

/**
 * 提交 K 值随机数承诺.
 */
export interface CommitK {
  rate: string;
  commitment: Base64;
}

/**
 * The experts follow from the shares, hidden until check-in opens; the main venue's seats are there.
 */
export interface CommitteeDrawn {
  type: "CommitteeDrawn.1";
  draw: string;
  hosts: SeatRef[];
}

/**
 * A seat: who sits there is hidden (`person`), what sits there is public.
 */
export interface SeatRef {
  seat: string;
  role: SeatRole;
  venue: string;
  kind: MemberKind;
  reserve: boolean;
  person: Base64;
}

/**
 * Venues and seats of the session, from a draw outside it.
 */
export interface CommitteeImported {
  type: "CommitteeImported.1";
  source: string;
  digest: Base64;
  signer: string;
  venues: VenueRef[];
  seats: SeatRef[];
}

/**
 * A venue of the session: its province (GB/T 2260 letters or a name), role and node key.
 */
export interface VenueRef {
  venue: string;
  province: string;
  role: VenueRole;
  node_key: string;
}

/**
 * Venues and seats with a new committee.
 */
export interface CommitteeRebuilt {
  type: "CommitteeRebuilt.1";
  source: string;
  digest: Base64;
  signer: string;
  venues: VenueRef[];
  seats: SeatRef[];
}

/**
 * Another committee by the same draw: its seats, who took them, and the tenderee's representatives.
 */
export interface CommitteeRedrawn {
  type: "CommitteeRedrawn.1";
  draw: string;
  seats: SeatWanted[];
  members: SeatTaken[];
  named: SeatRef[];
}

/**
 * A seat to be drawn for. `place` is `main`, or `sub-1`, `sub-2` …: which venue that is, is drawn.
 */
export interface SeatWanted {
  seat: string;
  place: string;
  speciality: string;
}

/**
 * Who was drawn for a seat: `index` is the place within the stratum, from 0.
 */
export interface SeatTaken {
  type: "SeatTaken.1";
  seat: string;
  venue: string;
  index: number;
  leaf: PoolLeaf;
}

/**
 * Who sits and who leads: `recused` are seat → ground, `replaced` seat → successor.
 *
 * `drawn` is whether it was drawn here, so that members are identified before they check in; `identified`
 * are those who were.
 */
export interface CommitteeView {
  drawn: boolean;
  chair: string;
  named: boolean;
  ballot: BallotOfChair;
  identified: string[];
  recused: {
    [k: string]: string;
  };
  replaced: {
    [k: string]: string;
  };
}

/**
 * The committee's conclusions are void and kept; `number` counts void committees from 1.
 */
export interface CommitteeVoided {
  type: "CommitteeVoided.1";
  number: number;
  reason: "cannot_replace" | "misconduct" | "other" | "suspended_too_long" | "unlawful";
  seat: string;
  statement: Base64;
  members: string[];
}

/**
 * 结束初步评审: what is left goes on to detailed review.
 */
export interface ConcludePreliminary {}

/**
 * 确认小微企业份额 (财库〔2020〕46号): a hidden value says which share of the contract they carry.
 */
export interface ConfirmDeduction {
  bidder: string;
  deduction: Base64;
}

/**
 * 身份核验: one step of identification of a seat's person was passed.
 *
 * `evidence` is the digest of what a device gave, empty for the desk officer's own eyes.
 */
export interface ConfirmIdentity {
  seat: string;
  step: "certificate" | "desk" | "document" | "face";
  evidence: Base64;
}

/**
 * 确认进入下一信封的投标人.
 */
export interface ConfirmPassing {
  passing: string[];
}

/**
 * 确认排序.
 */
export interface ConfirmRanking {}

/**
 * 现场确认: an officer has seen, at the seat's own venue, who holds this key.
 *
 * `evidence` is the hidden digest of the disclosure `delegation`: name and number of the document.
 */
export interface ConfirmSeatKey {
  seat: string;
  key: string;
  document: "id_card" | "passport" | "work_card";
  evidence: Base64;
  until: number;
}

/**
 * 更正评分: a member corrects items of their own sheet, `seat`'s; `correction` is a hidden digest.
 */
export interface CorrectItem {
  seat: string;
  ground: "abnormal" | "objective_differs" | "over_range" | "slip" | "sum_error";
  items: Item[];
  correction: Base64;
}

/**
 * One scored item of one bid.
 */
export interface Item {
  bidder: string;
  criterion: string;
}

/**
 * What a member's correction of their own sheet hides (SPEC 17.1): the new points of its items.
 */
export interface CorrectedScores {
  session: string;
  stage: Stage;
  expert: string;
  ground: string;
  scores: {
    [k: string]: {
      [k: string]: number;
    };
  };
}

/**
 * Items of a seat's sheet that its member corrected; `scores` are the new points where allowed.
 */
export interface CorrectedView {
  seat: string;
  ground: string;
  items: ItemOfBid[];
  scores: {
    [k: string]: {
      [k: string]: number;
    };
  } | null;
}

/**
 * One scored item of one bid.
 */
export interface ItemOfBid {
  bidder: string;
  criterion: string;
}

/**
 * Cosigners who owed at a milestone have cosigned a head that covers it.
 */
export interface CosignatureSettled {
  type: "CosignatureSettled.1";
  milestone: Milestone;
  lot: string;
  envelope: string;
  size: number;
  root: Base64;
  cosigned: string[];
}

/**
 * A scored item: `max_centi` and `step_centi` in hundredths of a point.
 */
export interface CriterionView {
  criterion: string;
  group: string;
  zh: string;
  en: string;
  group_zh: string;
  group_en: string;
  rule_zh: string;
  rule_en: string;
  kind: string;
  blind: boolean;
  max_centi: number;
  step_centi: number;
}

/**
 * Groups, suite and window of a stage are known, and the services speak from now on.
 */
export interface CustodiansAppointed {
  type: "CustodiansAppointed.1";
  lot: string;
  envelope: string;
  project: string;
  suite: "gm-1" | "intl-1";
  groups: KeyGroup[];
  window_ms: number;
}

/**
 * A custodian released its shares of exactly those bids.
 */
export interface CustodyReleased {
  type: "CustodyReleased.1";
  lot: string;
  envelope: string;
  custodian: string;
  bids: Base64;
  release: Base64;
}

/**
 * 确定并列次序: in which order equal bids stand, best first.
 *
 * `of` names the plan's rule by which the tenderee decides, and is empty where the plan has none and equal
 * bids would make too many candidates; `statement` says how it was decided.
 */
export interface DecideTie {
  of: string;
  order: string[];
  statement: Base64;
}

/**
 * 声明回避: a member says that a ground applies; `remark` is a hidden text, or empty.
 */
export interface DeclareRecusal {
  ground: "employer" | "interest" | "kin" | "other" | "penalty" | "staff";
  bidder: string;
  remark: Base64;
}

/**
 * The containers that lie at the node, in the order of the lists; those that are missing do not yet.
 */
export interface Decrypting {
  session: string;
  bids: BidRead[];
}

/**
 * How far is this node with the bids of a session?
 */
export interface DecryptingWanted {
  session: string;
}

/**
 * What a venue found; `digest` is over what it found, false shares aside: equal at every venue.
 */
export interface DecryptionReported {
  type: "DecryptionReported.1";
  lot: string;
  envelope: string;
  venue: string;
  bids: OpenedBid[];
  false_shares: FalseShare[];
  digest: Base64;
}

/**
 * What a venue found of one bid: `listing` is the digest of its list of files, empty unless opened.
 */
export interface OpenedBid {
  bid: string;
  result: "container_broken" | "dealer_fault" | "opened" | "release_false";
  listing: Base64;
}

/**
 * A released share that is not the one that the bid commits to.
 */
export interface FalseShare {
  bid: string;
  custodian: string;
}

/**
 * What the confirmation of a bid's share of small businesses hides (SPEC 16.5): per cent, and why.
 */
export interface Deduction {
  share: string;
  basis: string;
}

/**
 * The share of small businesses that counts for a bid, hidden; of one bid the latest holds.
 */
export interface DeductionConfirmed {
  type: "DeductionConfirmed.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  bidder: string;
  deduction: Base64;
}

/**
 * 视为同意: `waited_ms` is the plan's time for signing, `statement` the committee's record of it.
 */
export interface DeemAgreement {
  seat: string;
  waited_ms: number;
  statement: Base64;
}

/**
 * 席位授权: the author's key speaks for a person who was identified by certificate or passkey.
 *
 * `evidence` is the hidden digest of the disclosure `delegation`; `attestation` the installation key's
 * signature over {evidence, key, means, seat, session, until} under the tag `delegate-seat-key/v1`.
 */
export interface DelegateSeatKey {
  means: "certificate" | "passkey";
  evidence: Base64;
  until: number;
  attestation: string;
}

/**
 * 销毁开标密钥: the venue has destroyed the private half of its key for this session.
 */
export interface DestroyOpeningKey {
  public: Base64;
}

/**
 * How far a member's points for a criterion lie from the mean (畸高畸低).
 *
 * `percent` is signed, two decimals, empty when the mean is zero; `criterion` is empty for the totals over
 * all criteria. Groups are told for every seat and bidder, single items only when `over` the threshold; see
 * `DEVIATIONS_TOLD_MAX`.
 */
export interface Deviation {
  criterion: string;
  seat: string;
  bidder: string;
  points: string;
  mean: string;
  percent: string;
  over: boolean;
}

/**
 * A member explained in writing why their points lie far from the others'.
 */
export interface DeviationExplained {
  type: "DeviationExplained.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  bidder: string;
  criterion: string;
  explanation: Base64;
}

/**
 * 信任策略公布: the policy whose digest stands in genesis, as its file.
 */
export interface DisclosePolicy {
  policy: string;
}

/**
 * Whether the disk takes what it is given, and how much room there is.
 */
export interface DiskStanding {
  takes: boolean;
  free_bytes: number;
  total_bytes: number;
}

/**
 * A member gave a dissent with reasons in writing.
 */
export interface DissentRecorded {
  type: "DissentRecorded.1";
  seat: string;
  report: Base64;
  dissent: Base64;
}

/**
 * A document that a seat may read; `code` is its bid's neutral code, empty where it is of no bid.
 */
export interface DocumentNote {
  document: string;
  shelf: Shelf;
  lot: string;
  envelope: string;
  code: string;
  title: string;
  answers: Answering[];
}

/**
 * A seat's unsealed work on one stage: `bidder → criterion → points_centi`, gaps allowed.
 *
 * `texts` are what is being written for other acts (reasons, questions, choices not yet signed), act → field
 * → text; they are of the whole session, in a draft of its stage, which has no scores.
 */
export interface Draft {
  session: string;
  seat: string;
  stage: Stage;
  revision: number;
  scores: {
    [k: string]: {
      [k: string]: number;
    };
  };
  texts: {
    [k: string]: {
      [k: string]: string;
    };
  };
}

/**
 * The draft lies on the venue's disk as of its clock (ms).
 */
export interface DraftKept {
  revision: number;
  at: number;
}

/**
 * 抽取专家: the experts are fixed; who they are stays hidden until check-in opens.
 *
 * `hosts` are the main venue's seats that nobody is drawn for, the tenderee's representative among them.
 */
export interface DrawCommittee {
  draw: string;
  hosts: SeatRef[];
}

/**
 * 抽取 K 值: drawn in public after the bids are open.
 *
 * Until the draw itself is verifiable this is an act of the agent, whose value `check`
 * looks up among the plan's candidates. `rate` names the plan's rate, `k` is per cent.
 */
export interface DrawK {
  rate: string;
  k: string;
}

/**
 * Who gives a share of the randomness: a standing node of genesis, for a province or its supervisors.
 */
export interface DrawParty {
  party: string;
  province: string;
  role: "supervisor" | "venue";
}

/**
 * The draw in the open: shares, their seed, the sub-venues, who was drawn, the sub-venues' seats.
 */
export interface DrawPublished {
  type: "DrawPublished.1";
  draw: string;
  shares: OpenedShare[];
  seed: Base64;
  venues: VenueRef[];
  members: SeatTaken[];
  seats: SeatRef[];
}

/**
 * A party's randomness and its salt, in the open.
 */
export interface OpenedShare {
  party: string;
  random: Base64;
  salt: Base64;
}

/**
 * A party has committed to its share.
 */
export interface DrawSeedCommitted {
  type: "DrawSeedCommitted.1";
  draw: string;
  party: string;
  commitment: Base64;
}

/**
 * A party's share lies with the coordinator; nobody is shown it before check-in opens.
 */
export interface DrawSeedRevealed {
  type: "DrawSeedRevealed.1";
  draw: string;
  party: string;
}

/**
 * 抽取副场: the sub-venues are fixed; which they are stays hidden until check-in opens.
 */
export interface DrawVenues {
  draw: string;
}

/**
 * The draw of experts as far as anybody may know (两随机四不知): counts and parties, no place, no person.
 *
 * `left_out` counts reasons once the roll is shown; `seed` is empty before the draw is published, `places`
 * are how many seats it takes, `subs` how many sub-venues are drawn; `withheld` parties of a draw before.
 */
export interface DrawView {
  draw: string;
  root: Base64;
  strata: StratumView[];
  parties: PartyView[];
  withheld: string[];
  places: number;
  subs: number;
  venues_drawn: boolean;
  drawn: boolean;
  seed: Base64;
  left_out: {
    [k: string]: number;
  } | null;
  subject: Base64;
  seats: string[];
}

/**
 * A province and speciality of the frozen roll: how many may be drawn, how many the filter left out.
 */
export interface StratumView {
  province: string;
  speciality: string;
  eligible: number;
  left: number;
}

/**
 * Who gives a share of the randomness, and how far it is.
 */
export interface PartyView {
  party: string;
  province: string;
  role: string;
  committed: boolean;
  revealed: boolean;
}

/**
 * A rate that is being drawn by all who watch (SPEC 17.7): seats that have committed, and revealed.
 *
 * `round` is the stage's when it began; with `attempt` and `candidates` it is what a share is bound to.
 */
export interface DrawingView {
  rate: string;
  candidates: string[];
  round: number;
  attempt: number;
  committed: string[];
  revealed: string[];
}

/**
 * 推举组长: one member's vote; `candidate` in an open ballot, `commitment` in a secret one.
 */
export interface ElectChair {
  candidate: string;
  commitment: Base64;
}

/**
 * 结束复核.
 */
export interface EndRecheck {}

/**
 * Somebody asks to be challenged for a seat, with a key that their page has just made.
 *
 * `audience` is the origin of the page; whoever serves the page says it, not the page.
 */
export interface EnterAsk {
  session: string;
  seat: string;
  key: string;
  way: "certificate" | "passkey";
  audience: string;
}

/**
 * A `SignedSignIn` as its canonical text.
 */
export interface EnterGive {
  session: string;
  seat: string;
  key: string;
  signed: string;
}

/**
 * What is to be signed: `nonce` is good once and for `left_ms`.
 *
 * By certificate a `SignIn` before `audience`; for `passkey`, `scan`, `qr` and `compare` are as in
 * `voices.VoiceWanted`.
 */
export interface EnterWanted {
  session: string;
  seat: string;
  key: string;
  way: "certificate" | "passkey";
  audience: string;
  nonce: Base64;
  at: number;
  left_ms: number;
  scan: string;
  qr: string[];
  compare: string;
}

/**
 * The identity node has judged: it vouches for the key. `person` is whose certificate it is.
 */
export interface Entered {
  attested: Attested;
  person: string;
}

/**
 * How a scan stands; without `entered` the phone has not signed yet.
 */
export interface Entering {
  entered: Entered | null;
}

/**
 * `{v, session, seq, at, entropy, command, sig, events}`.
 *
 * `at` is the coordinator's clock, never less than the entry before (ms); `entropy` the 32
 * bytes that `decide` was given; `sig` the author's signature over the tagged command.
 */
export interface Entry {
  v: 1;
  session: string;
  seq: number;
  at: number;
  entropy: Base64;
  command: Command;
  sig: string;
  events: (
    | SessionBooked
    | PhaseEntered
    | StageEntered
    | MilestonePending
    | MilestoneReached
    | CommitteeImported
    | SeatBound
    | OpeningImported
    | KDrawn
    | SeatCheckedIn
    | RosterLocked
    | PreliminaryImported
    | SheetSealed
    | OpeningTried
    | SheetOpened
    | ScoresOpened
    | TallyPublished
    | ReportImported
    | ReportSigned
    | OverrunRaised
    | RefusalNoted
    | BidReadOut
    | OpeningRecordSigned
    | ObservationNoted
    | WitnessRecordSigned
    | PoolFrozen
    | DrawSeedCommitted
    | DrawSeedRevealed
    | VenuesDrawn
    | CommitteeDrawn
    | DrawPublished
    | ReplacementCalled
    | RecusalDeclared
    | MemberReplaced
    | IdentityConfirmed
    | ChairBallotOpened
    | ChairVoted
    | ChairVoteOpened
    | ChairElected
    | CommitteeRedrawn
    | ItemsPublished
    | ItemsMarked
    | BlindPartChecked
    | ClarificationAsked
    | ClarificationAnswered
    | ClarificationClosed
    | VoteOpened
    | VoteCast
    | VoteClosed
    | PreliminaryConcluded
    | VoteSealed
    | SameBrandNoted
    | DeductionConfirmed
    | RecheckBegun
    | AbnormalFound
    | ItemCorrected
    | TallySetAside
    | DeviationExplained
    | MoreTimeAsked
    | TimeExtended
    | SessionSuspended
    | SeatReconfirmed
    | SessionResumed
    | CommitteeVoided
    | CommitteeRebuilt
    | SessionFailed
    | StageFailed
    | DissentRecorded
    | SignatureRefused
    | AgreementDeemed
    | PassingConfirmed
    | KDrawBegun
    | KCommitted
    | KRevealed
    | KDrawRestarted
    | ObjectionRaised
    | ObjectionAnswered
    | TieDecided
    | ReevaluationBegun
    | CustodiansAppointed
    | OpeningKeyOffered
    | OpeningBegun
    | RollCallAnswered
    | BidsReceived
    | BidReleased
    | ReleaseClosed
    | CustodyReleased
    | DecryptionReported
    | BidsOpened
    | BidFailed
    | OpeningKeyDestroyed
    | SheetEscrowed
    | EscrowAcknowledged
    | EscrowReleased
    | SeatKeyDelegated
    | CertificateRevoked
    | ReportPrepared
    | PaperSigned
    | SegmentRecorded
    | FaceMaskSet
    | RollCallRecorded
    | WitnessRecordAnswered
    | Intervened
    | InterventionAnswered
    | AnswerOverdue
    | PolicyDisclosed
    | CosignatureSettled
  )[];
}

/**
 * Genesis: the facts of `BookSession`, and the agent's key that signed it.
 */
export interface SessionBooked {
  type: "SessionBooked.1";
  session: string;
  agent_key: string;
  rules_version: string;
  regime: Regime;
  demonstration: boolean;
  plan: Base64;
  lots: LotRef[];
  committee_size_min: number;
  committee_odd: boolean;
  experts_num: number;
  experts_den: number;
  bids_min: number;
  scoring_ms: number;
  names_hidden: boolean;
  milestone_wait_ms: number;
  installation_key: string;
  policy_digest: Base64;
  province_signatures: ProvinceSignature[];
  node_keys: NodeKey[];
}

/**
 * The session has entered a phase.
 */
export interface PhaseEntered {
  type: "PhaseEntered.1";
  phase: SessionPhase;
}

/**
 * One lot's envelope has entered a phase.
 */
export interface StageEntered {
  type: "StageEntered.1";
  lot: string;
  envelope: string;
  round: number;
  phase: StagePhase;
}

/**
 * A milestone is now awaited; what its row guards waits for it.
 */
export interface MilestonePending {
  type: "MilestonePending.1";
  milestone: Milestone;
  lot: string;
  envelope: string;
}

/**
 * The head at the milestone, who cosigned it, who owes a cosignature (待补签).
 */
export interface MilestoneReached {
  type: "MilestoneReached.1";
  milestone: Milestone;
  lot: string;
  envelope: string;
  size: number;
  root: Base64;
  cosigned: string[];
  owed: string[];
}

/**
 * A key now speaks for a seat; a key bound before speaks no more.
 */
export interface SeatBound {
  type: "SeatBound.1";
  seat: string;
  key: string;
  means: Means;
}

/**
 * The opened bids of one lot and envelope.
 */
export interface OpeningImported {
  type: "OpeningImported.1";
  lot: string;
  envelope: string;
  source: string;
  digest: Base64;
  signer: string;
  bids: BidRef[];
}

/**
 * A drawn rate of a lot's price formula, per cent as the plan writes it.
 */
export interface KDrawn {
  type: "KDrawn.1";
  lot: string;
  envelope: string;
  rate: string;
  k: string;
}

/**
 * A member signed the undertaking and declared no ground for recusal.
 */
export interface SeatCheckedIn {
  type: "SeatCheckedIn.1";
  seat: string;
  undertaking: Base64;
}

/**
 * The committee, in seat order.
 */
export interface RosterLocked {
  type: "RosterLocked.1";
  members: string[];
}

/**
 * Which bids go on to detailed review, and which were rejected on which ground.
 */
export interface PreliminaryImported {
  type: "PreliminaryImported.1";
  lot: string;
  envelope: string;
  source: string;
  digest: Base64;
  signer: string;
  valid: string[];
  rejected: RejectedBid[];
}

/**
 * A bid rejected in preliminary review, with the ground's code (条例 51).
 */
export interface RejectedBid {
  bidder: string;
  ground: string;
}

/**
 * One expert's scores for one stage are committed.
 */
export interface SheetSealed {
  type: "SheetSealed.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  commitment: Base64;
}

/**
 * A venue could (`ok`) or could not open a seat's commitment.
 */
export interface OpeningTried {
  type: "OpeningTried.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  ok: boolean;
  cause: string;
}

/**
 * A seat's opening lies with the coordinator; nobody is shown it before all are in.
 */
export interface SheetOpened {
  type: "SheetOpened.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  commitment: Base64;
}

/**
 * All openings are in: the allow-table now shows them, all together.
 */
export interface ScoresOpened {
  type: "ScoresOpened.1";
  lot: string;
  envelope: string;
  round: number;
}

/**
 * The digest of the evaluation, recomputed by `check`.
 */
export interface TallyPublished {
  type: "TallyPublished.1";
  lot: string;
  envelope: string;
  round: number;
  tally: Base64;
}

/**
 * The evaluation report's digest.
 */
export interface ReportImported {
  type: "ReportImported.1";
  source: string;
  digest: Base64;
  signer: string;
  report: Base64;
}

/**
 * A member signed the report.
 */
export interface ReportSigned {
  type: "ReportSigned.1";
  seat: string;
  report: Base64;
}

/**
 * The scoring time is over and these seats have not sealed; they may still.
 */
export interface OverrunRaised {
  type: "OverrunRaised.1";
  lot: string;
  envelope: string;
  round: number;
  seats: string[];
}

/**
 * An act was refused that supervisors must know of.
 */
export interface RefusalNoted {
  type: "RefusalNoted.1";
  seat: string;
  command_type: string;
  code: string;
  command_digest: Base64;
}

/**
 * A seat signed the opening record of a stage.
 */
export interface OpeningRecordSigned {
  type: "OpeningRecordSigned.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  record: Base64;
}

/**
 * A witness noted something; `number` counts that seat's observations from 1.
 */
export interface ObservationNoted {
  type: "ObservationNoted.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  venue: string;
  number: number;
  item: string;
  finding: "handled" | "irregular" | "normal";
  subject: string;
  entry: number;
  noted_at: number;
  media_offset_ms: number;
  remark: Base64;
}

/**
 * A witness signed the whole of their observations; none is taken from that seat afterwards.
 */
export interface WitnessRecordSigned {
  type: "WitnessRecordSigned.1";
  seat: string;
  venue: string;
  count: number;
  record: Base64;
}

/**
 * What is drawn from stands fast; `withheld` are parties of a draw before that never revealed.
 */
export interface PoolFrozen {
  type: "PoolFrozen.1";
  draw: string;
  pool: Base64;
  root: Base64;
  sieved_by: Base64;
  strata: StratumCount[];
  venues: VenueRef[];
  subs: number;
  seats: SeatWanted[];
  parties: DrawParty[];
  subject: Base64;
  withheld: string[];
}

/**
 * A stratum of the roll: how many may be drawn, how many the filter left out.
 */
export interface StratumCount {
  province: string;
  speciality: string;
  eligible: number;
  left: number;
}

/**
 * The sub-venues follow from the shares, hidden until check-in opens.
 */
export interface VenuesDrawn {
  type: "VenuesDrawn.1";
  draw: string;
}

/**
 * Whoever was drawn for a seat does not come; `taken` is the next one, once the draw is public.
 */
export interface ReplacementCalled {
  type: "ReplacementCalled.1";
  seat: string;
  reason: string;
  taken: SeatTaken[];
}

/**
 * A member declared a ground for recusal.
 */
export interface RecusalDeclared {
  type: "RecusalDeclared.1";
  seat: string;
  ground: string;
  bidder: string;
  remark: Base64;
}

/**
 * A member left; nothing that seat concluded counts, the successor does it again.
 */
export interface MemberReplaced {
  type: "MemberReplaced.1";
  seat: string;
  successor: string;
  reason: string;
  taken: SeatTaken[];
  named: SeatRef[];
}

/**
 * A step of identification was passed; `by` is the seat that confirms it.
 */
export interface IdentityConfirmed {
  type: "IdentityConfirmed.1";
  seat: string;
  step: string;
  evidence: Base64;
  by: string;
}

/**
 * What is reviewed in a stage, and how long answers and votes may take (ms).
 */
export interface ItemsPublished {
  type: "ItemsPublished.1";
  lot: string;
  envelope: string;
  round: number;
  items: ItemRef[];
  answer_ms: number;
  vote_ms: number;
  blind: boolean;
}

/**
 * An item of the review, as rules need it; its words stand in the plan.
 */
export interface ItemRef {
  item: string;
  part: "conformity" | "form" | "qualification" | "responsiveness";
  by: "committee" | "desk";
  ground: string;
}

/**
 * A seat's marks on one bid; of one seat and item the latest holds.
 */
export interface ItemsMarked {
  type: "ItemsMarked.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  bidder: string;
  marks: Mark[];
}

/**
 * What a seat finds on one item; `reason` is a hidden text, empty where the item is met.
 */
export interface Mark {
  item: string;
  mark: "material" | "minor" | "pass";
  reason: Base64;
}

/**
 * A vote on one bid and ground, or with an empty bidder on the lack of competition; `due_at` in ms.
 */
export interface VoteOpened {
  type: "VoteOpened.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  bidder: string;
  ground: string;
  reason: Base64;
  due_at: number;
}

/**
 * A member voted.
 */
export interface VoteCast {
  type: "VoteCast.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  bidder: string;
  ground: string;
  choice: "abstain" | "no" | "yes";
  reason: Base64;
}

/**
 * A vote is over: how many of the `members` chose what, those who did not vote in none of them.
 */
export interface VoteClosed {
  type: "VoteClosed.1";
  lot: string;
  envelope: string;
  round: number;
  bidder: string;
  ground: string;
  rejected: boolean;
  members: number;
  yes: number;
  no: number;
  abstain: number;
}

/**
 * Which bids go on to detailed review, and which were rejected on which ground.
 */
export interface PreliminaryConcluded {
  type: "PreliminaryConcluded.1";
  lot: string;
  envelope: string;
  round: number;
  valid: string[];
  rejected: RejectedBid[];
}

/**
 * A member voted by a commitment; what it is comes as `VoteCast` when the member opens it.
 */
export interface VoteSealed {
  type: "VoteSealed.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  bidder: string;
  ground: string;
  commitment: Base64;
}

/**
 * Bids whose core product is of one brand count as one.
 */
export interface SameBrandNoted {
  type: "SameBrandNoted.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  bidders: string[];
  statement: Base64;
}

/**
 * A recheck began; `number` counts those of a stage's round from 1.
 */
export interface RecheckBegun {
  type: "RecheckBegun.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  number: number;
  ground: "abnormal" | "objective_differs" | "over_range" | "slip" | "sum_error";
}

/**
 * A member corrected items of their own sheet; `number` counts the stage's corrections from 1.
 */
export interface ItemCorrected {
  type: "ItemCorrected.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  number: number;
  ground: "abnormal" | "objective_differs" | "over_range" | "slip" | "sum_error";
  items: Item[];
  correction: Base64;
}

/**
 * A published tally counts no more: something that it rests on has changed.
 */
export interface TallySetAside {
  type: "TallySetAside.1";
  lot: string;
  envelope: string;
  round: number;
  tally: Base64;
}

/**
 * A member holds the time for the evaluation too short.
 */
export interface MoreTimeAsked {
  type: "MoreTimeAsked.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
}

/**
 * The scoring time of a stage grew; `seats` had asked for it.
 */
export interface TimeExtended {
  type: "TimeExtended.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  seats: string[];
  added_ms: number;
}

/**
 * The session stands still since the author's `author_at`; `size` and `root` are the head before.
 */
export interface SessionSuspended {
  type: "SessionSuspended.1";
  phase: SessionPhase;
  reason: "disaster" | "equipment" | "line" | "other" | "people" | "power" | "system";
  seat: string;
  venue: string;
  author_at: number;
  limit_ms: number;
  statement: Base64;
  size: number;
  root: Base64;
}

/**
 * A member's face and seat were looked at again, by `by` of the same venue.
 */
export interface SeatReconfirmed {
  type: "SeatReconfirmed.1";
  seat: string;
  by: string;
  means: "desk" | "document" | "face";
}

/**
 * The session goes on after so long, by the coordinator's clock.
 */
export interface SessionResumed {
  type: "SessionResumed.1";
  phase: SessionPhase;
  seat: string;
  suspended_ms: number;
}

/**
 * The evaluation came to nothing.
 */
export interface SessionFailed {
  type: "SessionFailed.1";
  reason: "all_stages_failed" | "cannot_continue" | "ended" | "other" | "too_few_bids";
  seat: string;
  statement: Base64;
}

/**
 * A lot's envelope, and the later ones, came to nothing.
 */
export interface StageFailed {
  type: "StageFailed.1";
  lot: string;
  envelope: string;
  round: number;
  reason: "all_rejected" | "ended" | "too_few_bids";
  seat: string;
  statement: Base64;
}

/**
 * A member refused to sign and gave no reasons.
 */
export interface SignatureRefused {
  type: "SignatureRefused.1";
  seat: string;
  report: Base64;
}

/**
 * The bidders whose next envelope is opened.
 */
export interface PassingConfirmed {
  type: "PassingConfirmed.1";
  lot: string;
  envelope: string;
  round: number;
  passing: string[];
}

/**
 * A rate is to be drawn among these; `attempt` counts from 1.
 */
export interface KDrawBegun {
  type: "KDrawBegun.1";
  lot: string;
  envelope: string;
  round: number;
  rate: string;
  candidates: string[];
  attempt: number;
}

/**
 * A seat committed to its secret for a rate.
 */
export interface KCommitted {
  type: "KCommitted.1";
  lot: string;
  envelope: string;
  rate: string;
  seat: string;
  commitment: Base64;
}

/**
 * A seat revealed its secret for a rate.
 */
export interface KRevealed {
  type: "KRevealed.1";
  lot: string;
  envelope: string;
  rate: string;
  seat: string;
  random: Base64;
  salt: Base64;
}

/**
 * A draw was given up because of these seats and begins again as `attempt`.
 */
export interface KDrawRestarted {
  type: "KDrawRestarted.1";
  lot: string;
  envelope: string;
  rate: string;
  by: string;
  attempt: number;
  withheld: string[];
  statement: Base64;
}

/**
 * A bidder objected at the opening; `number` counts the stage's objections from 1.
 */
export interface ObjectionRaised {
  type: "ObjectionRaised.1";
  lot: string;
  envelope: string;
  number: number;
  seat: string;
  bidder: string;
  objection: Base64;
}

/**
 * The tenderee answered an objection on the spot.
 */
export interface ObjectionAnswered {
  type: "ObjectionAnswered.1";
  lot: string;
  envelope: string;
  number: number;
  seat: string;
  answer: Base64;
}

/**
 * In which order equal bids stand, best first; `of` names the plan's rule, empty where it has none.
 */
export interface TieDecided {
  type: "TieDecided.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  of: string;
  order: string[];
  statement: Base64;
}

/**
 * The committee goes back to its report; `report` and what was signed under it count no more.
 */
export interface ReevaluationBegun {
  type: "ReevaluationBegun.1";
  number: number;
  phase: SessionPhase;
  ground: "abnormal" | "objective_differs" | "over_range" | "slip" | "sum_error";
  seat: string;
  statement: Base64;
  report: Base64;
}

/**
 * A venue's key for this session; one before it, if any, is in no opening that begins later.
 */
export interface OpeningKeyOffered {
  type: "OpeningKeyOffered.1";
  venue: string;
  suite: "gm-1" | "intl-1";
  public: Base64;
}

/**
 * The opening began; releases go to exactly these keys.
 */
export interface OpeningBegun {
  type: "OpeningBegun.1";
  lot: string;
  envelope: string;
  seat: string;
  challenge: Base64;
  to: OpeningKey[];
}

/**
 * A venue's key for the session, as the opening fixed it: what releases are boxed to.
 */
export interface OpeningKey {
  venue: string;
  public: Base64;
}

/**
 * A custodian's service answered the challenge.
 */
export interface RollCallAnswered {
  type: "RollCallAnswered.1";
  lot: string;
  envelope: string;
  custodian: string;
}

/**
 * The window is over: what custodians release for, whom they do not; `bids` is the digest of the list.
 */
export interface ReleaseClosed {
  type: "ReleaseClosed.1";
  lot: string;
  envelope: string;
  released: string[];
  missing: string[];
  bids: Base64;
}

/**
 * A venue has destroyed its key for this session.
 */
export interface OpeningKeyDestroyed {
  type: "OpeningKeyDestroyed.1";
  venue: string;
  public: Base64;
}

/**
 * A seat's opening lies sealed for custodians; none has acknowledged it yet.
 */
export interface SheetEscrowed {
  type: "SheetEscrowed.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  commitment: Base64;
  escrow: Base64;
}

/**
 * A custodian holds its share of a seat's opening.
 */
export interface EscrowAcknowledged {
  type: "EscrowAcknowledged.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  custodian: string;
}

/**
 * A custodian released its share of a seat's opening to the venues.
 */
export interface EscrowReleased {
  type: "EscrowReleased.1";
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  custodian: string;
  release: Base64;
}

/**
 * A seat's key speaks for a person until a moment; `by` is the officer's seat for means `desk`.
 */
export interface SeatKeyDelegated {
  type: "SeatKeyDelegated.1";
  seat: string;
  key: string;
  means: Means;
  evidence: Base64;
  until: number;
  by: string;
}

/**
 * The report has its places and annexes; what is signed from now on is this digest's file.
 */
export interface ReportPrepared {
  type: "ReportPrepared.1";
  report: Base64;
  prepared: Base64;
  places: Place[];
}

/**
 * A place for one signature in the prepared report.
 */
export interface Place {
  seat: string;
  role: "member" | "tenderee" | "witness";
}

/**
 * A seat's signature by certificate; `after` is the file with it, or the file that it is.
 */
export interface PaperSigned {
  type: "PaperSigned.1";
  seat: string;
  prepared: Base64;
  beside: boolean;
  after: Base64;
  certificate: Base64;
}

/**
 * A venue has kept a segment of a source; the fields are those of `RecordSegment`.
 */
export interface SegmentRecorded {
  type: "SegmentRecorded.1";
  venue: string;
  source: string;
  number: number;
  began_at: number;
  duration_ms: number;
  octets: number;
  digest: Base64;
  codecs: ("H264" | "VP8" | "opus")[];
  frames: number;
  missing_ms: number;
  cause: "" | "away" | "busy" | "disk" | "stopped";
  gaps: Gap[];
}

/**
 * What a segment lacks: `at_ms` from its beginning, how long, and how many packets or frames where known.
 *
 * `cause`: `lost` on the line, `silent` (nothing came), `busy` (the recorder could not follow).
 */
export interface Gap {
  at_ms: number;
  duration_ms: number;
  cause: "busy" | "lost" | "silent";
  count: number;
}

/**
 * A member's face is shown from now on, or masked; `by` is the witness's seat.
 */
export interface FaceMaskSet {
  type: "FaceMaskSet.1";
  seat: string;
  by: string;
  masked: boolean;
  reason: "discipline" | "identity" | "other" | "request" | "technical";
}

/**
 * A still picture of who was seen at one moment; `by` is the seat that took it.
 */
export interface RollCallRecorded {
  type: "RollCallRecorded.1";
  by: string;
  picture: Base64;
  digest: Base64;
  octets: number;
  width: number;
  height: number;
  taken_at: number;
  shown: string[];
  missing: string[];
  rooms: string[];
}

/**
 * `venue` has accepted the record that `seat` signed, or objects to it; `by` is the seat that said so.
 */
export interface WitnessRecordAnswered {
  type: "WitnessRecordAnswered.1";
  seat: string;
  by: string;
  venue: string;
  count: number;
  record: Base64;
  verdict: "accepted" | "objection";
  reason: string;
  remark: Base64;
}

/**
 * A supervisor's seat, at a venue, intervened; `due_at` is by when an answer is due (ms).
 */
export interface Intervened {
  type: "Intervened.1";
  number: number;
  seat: string;
  venue: string;
  kind: "question" | "suspend_request" | "warning";
  scope: "role" | "seat" | "session" | "venue";
  subject: string;
  reason: string;
  text: Base64;
  answer_ms: number;
  due_at: number;
}

/**
 * A seat answered an intervention.
 */
export interface InterventionAnswered {
  type: "InterventionAnswered.1";
  number: number;
  seat: string;
  outcome: "corrected" | "declined" | "explained" | "suspended";
  answer: Base64;
}

/**
 * The trust policy by which milestones are judged from now on.
 */
export interface PolicyDisclosed {
  type: "PolicyDisclosed.1";
  policy: string;
}

/**
 * 托管评分: a venue gives a seat's opening, sealed for custodians; `escrow` is a hidden digest.
 */
export interface EscrowSheet {
  seat: string;
  commitment: Base64;
  escrow: Base64;
}

/**
 * Who holds a stage's scores: any `threshold` of `custodians` in `group`; a sheet for each shown seat.
 */
export interface EscrowView {
  group: string;
  custodians: number;
  threshold: number;
  sheets: HeldSheetView[];
}

/**
 * A seat's sealed sheet in escrow: given to custodians, acknowledged and released by which of them.
 */
export interface HeldSheetView {
  seat: string;
  given: boolean;
  acknowledged: string[];
  released: string[];
}

/**
 * The result for one lot; rows in order of rank, the unranked after them.
 *
 * `blocked`: members differ on an objective item and the plan has the tally wait for a correction.
 * `mean_price` and `base_price` are empty where the plan has no base price. `draws` are the results that
 * formulas use, and the orders that were decided for equal bids. `low_prices` is there exactly where the
 * plan has such checks.
 */
export interface Evaluation {
  lot: string;
  rows: Row[];
  mean_price: string;
  base_price: string;
  draws: {
    [k: string]: string;
  };
  deviations: Deviation[];
  mismatches: Mismatch[];
  blocked: boolean;
  low_prices?: LowPrice[];
}

/**
 * One bidder's line. `rank` is 0 unless `status` is `ranked`; equal bids share the better rank.
 *
 * `below_pass`: under a pass mark. `not_qualified`: not among the best by technical points that go on.
 * `total` is the figure that is ranked: points, or a price under a price rule; empty when there is none.
 * `price` is as it was bid, `evaluated_price` what it counts as: there exactly where the plan deducts
 * something from the prices of small businesses, empty where the price was not looked at.
 */
export interface Row {
  bidder: string;
  status: "below_pass" | "not_qualified" | "ranked";
  rank: number;
  tied: boolean;
  candidate: boolean;
  total: string;
  price: string;
  parts: PartPoints[];
  evaluated_price?: string;
}

/**
 * What one bidder got for one top criterion (大类).
 *
 * `points` are as the plan rounds them, before the weight; `weighted` after it. `dropped` are the seats
 * whose total was left out as highest or lowest, empty where items are aggregated one by one; `items` are
 * filled below a group where they are aggregated one by one or worked out by a formula, unless there are
 * more than `ITEMS_TOLD_MAX`. The points of a bidder that does not go on are not normalised.
 */
export interface PartPoints {
  criterion: string;
  points: string;
  weighted: string;
  dropped: string[];
  items: ItemPoints[];
}

/**
 * What one bidder got for one leaf of the criteria tree.
 */
export interface ItemPoints {
  criterion: string;
  points: string;
}

/**
 * An objective item on which members differ: `scores` is seat → points_centi.
 */
export interface Mismatch {
  criterion: string;
  bidder: string;
  scores: {
    [k: string]: number;
  };
}

/**
 * 异常低价: a price below `limit`, which is a percentage of `than` (`LowPriceCheck`).
 */
export interface LowPrice {
  bidder: string;
  than: string;
  limit: string;
}

/**
 * 书面说明: why a member's points for a criterion of a bid (empty: in all) lie far from the others'.
 */
export interface ExplainDeviation {
  bidder: string;
  criterion: string;
  explanation: Base64;
}

/**
 * A member's written explanation of their own points; an empty `criterion`: of all together.
 */
export interface ExplainedView {
  seat: string;
  bidder: string;
  criterion: string;
  text: string | null;
}

/**
 * 延长评标时间: by so much.
 */
export interface ExtendTime {
  added_ms: number;
}

/**
 * 终止: the whole evaluation comes to nothing.
 */
export interface FailSession {
  reason: "all_stages_failed" | "cannot_continue" | "ended" | "other" | "too_few_bids";
  statement: Base64;
}

/**
 * 流标、废标: a lot comes to nothing, from this envelope on.
 */
export interface FailStage {
  reason: "all_rejected" | "ended" | "too_few_bids";
  statement: Base64;
}

/**
 * Entries as canonical text from `since` on, and the disclosures this node may hold.
 *
 * `size` is how many entries the session has; more are asked for when `since` plus the
 * number of entries is less.
 */
export interface Feed {
  session: string;
  since: number;
  size: number;
  entries: string[];
  disclosures: Disclosure[];
}

/**
 * A node asks: the session's entries from `since` on.
 */
export interface FeedRequest {
  session: string;
  since: number;
}

/**
 * 认定畸高畸低: a member holds that a seat's points for an item are abnormally high or low.
 */
export interface FindAbnormal {
  seat: string;
  bidder: string;
  criterion: string;
}

/**
 * One finding: `pointer` is an RFC 6901 JSON pointer, `line` counts from 1, 0 when there is no file.
 */
export interface Finding {
  code: string;
  severity: "error" | "warning";
  pointer: string;
  line: number;
  zh: string;
  en: string;
}

/**
 * Asks for the view and for the lines from entry `since` on.
 */
export interface Follow {
  session: string;
  since: number;
}

/**
 * A command that came to a coordinator which does not hold its session; `node` is who brought it.
 */
export interface Forwarded {
  node: string;
  submit: Submit;
}

/**
 * A signed command on its way. `opening` goes from a page to its own node and no further.
 */
export interface Submit {
  command: string;
  sig: string;
  disclosures: Disclosure[];
  opening: Opening | null;
}

/**
 * What a sheet's commitment hides (SPEC 6): one expert's scores for one stage.
 */
export interface Opening {
  session: string;
  stage: Stage;
  expert: string;
  bids: string[];
  scores: {
    [k: string]: {
      [k: string]: number;
    };
  };
  nonce: Base64;
}

/**
 * A found text's part within one run: characters from `start` up to `end`.
 */
export interface Found {
  run: number;
  start: number;
  end: number;
}

/**
 * 冻结专家名册: what is drawn from, and for which seats, before there is any randomness.
 *
 * `pool` is the hidden digest of the roll, `root` the root over those eligible, `sieved_by` the hidden
 * digest of the parties that the filter kept apart. `venues` are the main venue and all sub-venues
 * that may be drawn, of which `subs` are.
 */
export interface FreezePool {
  draw: string;
  pool: Base64;
  root: Base64;
  sieved_by: Base64;
  strata: StratumCount[];
  venues: VenueRef[];
  subs: number;
  seats: SeatWanted[];
  parties: DrawParty[];
}

/**
 * A hint between coordinators: a session has at least `size` entries, says the coordinator `by`.
 */
export interface Grown {
  kind: "grown";
  by: string;
  session: string;
  size: number;
}

/**
 * What whoever leaves tells whoever comes next.
 */
export interface HandOver {
  session: string;
  text: string;
}

/**
 * A hand-over note: by which seat, when by the node's clock (ms).
 */
export interface HandedOver {
  by: string;
  at: number;
  text: string;
}

/**
 * The newest signed head, a note with the cosignatures that have come; empty where there is no log.
 *
 * To a page its node adds the trust policy of this session's log that it was told before the session, empty
 * where it was told none. The coordinator leaves it empty: a policy comes from outside what it judges.
 */
export interface HeadTold {
  session: string;
  checkpoint: string;
  policy: string;
}

/**
 * Asks for the newest signed head of a session's log.
 */
export interface HeadWanted {
  session: string;
}

/**
 * A node says who it is; its certificate must say the same.
 */
export interface Hello {
  node: string;
  node_key: string;
}

/**
 * A seat calls for help since `at` (its node's clock, ms), until `answered_by` is somebody.
 */
export interface HelpCall {
  seat: string;
  venue: string;
  at: number;
  answered_by: string;
  answered_at: number;
}

/**
 * Whether the page's person was at work just now; without it this only asks how long is left.
 */
export interface Here {
  at_work: boolean;
}

/**
 * A text that was found, with what stands around it.
 */
export interface Hit {
  document: string;
  page: number;
  before: string;
  found: string;
  after: string;
}

/**
 * What a search found; `partial` where a bound ended it, `unread` where pages cannot be read.
 */
export interface Hits {
  hits: Hit[];
  partial: boolean;
  unread: number;
}

/**
 * 抽取结果导入: venues and seats as a draw outside this system gave them.
 */
export interface ImportCommittee {
  source: string;
  digest: Base64;
  signer: string;
  venues: VenueRef[];
  seats: SeatRef[];
}

/**
 * 开标结果导入: the bids of one lot and envelope as an opening elsewhere gave them.
 */
export interface ImportOpening {
  source: string;
  digest: Base64;
  signer: string;
  bids: BidRef[];
}

/**
 * 初步评审结果导入: which bids go on to detailed review.
 */
export interface ImportPreliminary {
  source: string;
  digest: Base64;
  signer: string;
  valid: string[];
  rejected: RejectedBid[];
}

/**
 * 评标报告导入: the report's digest, its source and who signed for it.
 */
export interface ImportReport {
  source: string;
  digest: Base64;
  signer: string;
  report: Base64;
}

/**
 * All that a lot's evaluation rests on; the order of anything in it makes no difference.
 *
 * Attributes:
 * valid: ids of the bidders that passed the preliminary review.
 * prices: bidder → price in the lot's unit; a missing or empty one is not known.
 * quantities: bidder → name → decimal text (days, adjustments).
 * sheets: seat → bidder → criterion → points_centi, all envelopes together.
 * draws: name → what was drawn or decided: a percentage, a bidder, or the bidders that were chosen
 * among equal ones, best first, separated by spaces.
 */
export interface Inputs {
  valid: string[];
  prices: {
    [k: string]: string;
  };
  quantities: {
    [k: string]: {
      [k: string]: string;
    };
  };
  sheets: {
    [k: string]: {
      [k: string]: {
        [k: string]: number;
      };
    };
  };
  draws: {
    [k: string]: string;
  };
}

/**
 * A line of sound from a seat to one venue.
 */
export interface Intercom {
  seat: string;
  venue: string;
}

/**
 * 监督介入: a supervisor asks, warns or requests a suspension.
 *
 * `subject` is the venue, seat or role that `scope` says, empty for the session. `text` is the digest of the
 * words; `answer_ms` how long there is for an answer, from the entry's clock.
 */
export interface Intervene {
  kind: "question" | "suspend_request" | "warning";
  scope: "role" | "seat" | "session" | "venue";
  subject: string;
  reason: string;
  text: Base64;
  answer_ms: number;
}

/**
 * One intervention, and its answer once there is one.
 *
 * `seat`, `venue` and `province` say who asked, empty to a role that is not told; `subject` is empty for the
 * session, and where the seat is not shown. `text` and `answer` are None where they are not shown.
 * `answered_at` is 0 until somebody answered; `answerable` says that the viewer's own seat may.
 */
export interface InterventionView {
  number: number;
  seq: number;
  at: number;
  kind: "question" | "suspend_request" | "warning";
  scope: "role" | "seat" | "session" | "venue";
  subject: string;
  reason: string;
  due_at: number;
  overdue: boolean;
  seat: string;
  venue: string;
  province: string;
  text: string | null;
  answerable: boolean;
  answered_at: number;
  answered_by: string;
  outcome: ("corrected" | "declined" | "explained" | "suspended") | null;
  answer: string | null;
}

/**
 * The agent asks for new one-time codes, for seats or for bidders of its session.
 *
 * `sig` is the agent key's signature: for seats over the tag `issue-codes/v1` and the canonical
 * {session, seats, key, at}, for bidders over `issue-bidder-codes/v1` and {session, bidders, key, at}.
 */
export interface IssueCodes {
  session: string;
  seats: string[];
  key: string;
  at: number;
  sig: string;
  bidders: string[];
}

/**
 * Acts that are kept and not answered yet: how many, and since when the oldest waits (0 for none).
 */
export interface JournalStanding {
  pending: number;
  oldest_at: number;
  size_bytes: number;
}

/**
 * Who leaves, and who follows as far as anybody may say so.
 *
 * `successor` is a reserve seat of an imported committee, `name` another representative whom the tenderee
 * has named. Both are empty where the seat was drawn for: then the next of the same order follows.
 */
export interface Leaving {
  seat: string;
  reason: "absent" | "ill" | "misconduct" | "other" | "recused";
  successor: string;
  name: string;
}

/**
 * Limits of the plan that acts carry, ms: of a suspension in this phase, of waiting for a signer.
 */
export interface LimitsView {
  suspension_ms: number;
  signing_ms: number;
}

/**
 * A node's line to its coordinator as the node measured it, over its last pulses (SPEC 12.5).
 *
 * The median way there and back and how far two in a row lie apart on average (ms), -1 before the first; how
 * many of a hundred pulses were not answered.
 */
export interface LineMeasured {
  round_trip_ms: number;
  jitter_ms: number;
  lost_percent: number;
}

/**
 * The line to the coordinator: since when it is up or down, and what it is like.
 *
 * `round_trip_ms` is -1 before the first; `tries` are those in vain since it went down, `why` what the last
 * of them met, in a technician's words; `behind` is how many entries are there and not here yet.
 */
export interface LineStanding {
  up: boolean;
  since: number;
  round_trip_ms: number;
  tries: number;
  why: string;
  behind: number;
}

/**
 * 锁定评标委员会: everybody named has checked in.
 */
export interface LockRoster {}

/**
 * 初步评审记录: one seat's marks on one bid, each item once.
 */
export interface MarkItem {
  bidder: string;
  marks: Mark[];
}

/**
 * What a seat found on one item: `pass`, `minor` or `material`.
 */
export interface MarkView {
  mark: string;
  reason: string | null;
}

/**
 * 确定组长: the tenderee names a member (12号令 9).
 */
export interface NameChair {
  seat: string;
}

/**
 * The view as of now and the lines from `since` on; `online` is the node's own line.
 */
export interface News {
  view: View;
  since: number;
  lines: Line[];
  online: boolean;
}

/**
 * What one role at one seat may be shown of a session as of one entry.
 *
 * `awaited` is whose act is needed before something can go on; `outstanding` what is still to
 * be done although nothing waits for it. `observations` are the newest of all witnesses.
 * `seats` are those within the role's reach; `province` is the viewer's own (SPEC 10.5). From
 * `committee` on: rules version 3 alone; `bidders` are the names a member thinks of for the recusal (回避);
 * `paper`, `interventions`, `masked` (experts' seats whose faces are masked), `called` (whom a roll-call
 * calls) and `roll_calls` rules version 4.
 */
export interface View {
  role: Role;
  seat: string;
  province: string;
  session: string;
  as_of: AsOf;
  regime: Regime;
  rules_version: string;
  demonstration: boolean;
  phase: string;
  path: string[];
  title: string | null;
  title_en: string | null;
  undertaking: string | null;
  venues: VenueView[];
  seats: SeatView[];
  stages: StageView[];
  awaited: Awaited[];
  outstanding: Awaited[];
  acts: ActView[];
  milestones: MilestoneView[];
  alerts: AlertView[];
  report: string | null;
  observations: ObservationView[];
  witness_records: WitnessRecordView[];
  recordings: RecordingView[];
  committee: CommitteeView | null;
  suspension: SuspensionView | null;
  void: VoidView[];
  signing: SigningView | null;
  bidders: string[];
  draw: DrawView | null;
  limits: LimitsView | null;
  voice: VoiceView | null;
  paper: PaperView | null;
  interventions: InterventionView[];
  masked: string[];
  called: string[];
  roll_calls: RollCallView[];
}

/**
 * A venue, its province, and the key with which its node signs *kept* receipts.
 *
 * `line` is whether its node is connected to the coordinator, as far as the page's own node knows, and
 * `line_since` when that node noticed (ms).
 */
export interface VenueView {
  venue: string;
  province: string;
  role: string;
  node_key: string;
  zh: string | null;
  en: string | null;
  counts: SeatCounts[];
  line: "down" | "unknown" | "up";
  line_since: number;
}

/**
 * How far the seats of one role at a venue are, reserves left out.
 *
 * `sealed` counts those that have sealed every stage that has come to scoring.
 */
export interface SeatCounts {
  role: Role;
  seats: number;
  bound: number;
  checked_in: number;
  sealed: number;
  signed: number;
}

/**
 * A seat and how far its person is; the person's name only where the table allows.
 */
export interface SeatView {
  seat: string;
  role: Role;
  venue: string;
  kind: string;
  reserve: boolean;
  bound: boolean;
  checked_in: boolean;
  signed: boolean;
  person: string | null;
}

/**
 * One lot's envelope: its phase and what may be shown of it; `unit` is that of its prices.
 */
export interface StageView {
  lot: string;
  envelope: string;
  round: number;
  phase: string;
  entered_at: number;
  title: string | null;
  sealed_count: number;
  sealed_expected: number;
  bids: BidView[] | null;
  criteria: CriterionView[] | null;
  draws: {
    [k: string]: string;
  };
  rates: RateView[] | null;
  sheets: SheetView[] | null;
  tally: string | null;
  overrun: string[];
  opening_signed: string[];
  unit: string | null;
  title_en: string | null;
  review: ReviewView | null;
  turns: StageTurnsView | null;
  drawings: DrawingView[];
  equal: string[];
  objections: ObjectionView[];
  ceremony: CeremonyView | null;
  escrow: EscrowView | null;
}

/**
 * How far a seat's sheet is; its scores (`bidder → criterion → points_centi`) if allowed.
 */
export interface SheetView {
  seat: string;
  sealed: boolean;
  tried: string;
  opened: boolean;
  scores: {
    [k: string]: {
      [k: string]: number;
    };
  } | null;
}

/**
 * A stage's review: `marks` are bidder → item → seat → mark.
 *
 * `home` is PRELIM, DETAILED or SUMMARY, whatever side state the stage is in; `left` the bidders that no
 * vote has rejected, `going_on` those of them that the desk has not put out either. `competition` is
 * whether the vote of 12号令 27 is called for and not closed. `secret`: votes are sealed until all are in.
 * `withheld` are bidders whose blind part experts are not shown; `brands` groups of bids that count as
 * one; `shares` what was confirmed of small businesses, bidder → per cent, None where it is not shown.
 */
export interface ReviewView {
  items: ReviewItemView[];
  home: string;
  left: string[];
  going_on: string[];
  competition: boolean;
  answer_ms: number;
  vote_ms: number;
  marks: {
    [k: string]: {
      [k: string]: {
        [k: string]: MarkView;
      };
    };
  };
  blind_checks: {
    [k: string]: BlindCheckView;
  };
  clarifications: ClarificationView[];
  votes: VoteView[];
  secret: boolean;
  withheld: string[];
  brands: string[][];
  shares: {
    [k: string]: string | null;
  };
}

/**
 * One item that every bid must meet, with its words; a bid that fails it is rejected on `ground`.
 */
export interface ReviewItemView {
  item: string;
  part: string;
  by: string;
  ground: string;
  zh: string;
  en: string;
}

/**
 * A vote on a bid and a ground; with an empty bidder that on competition. `seat` proposed it.
 *
 * `sealed` are the seats that have sealed a secret vote; `ballots` fill as those are opened.
 */
export interface VoteView {
  seat: string;
  bidder: string;
  ground: string;
  due_at: number;
  closed: boolean;
  rejected: boolean;
  ballots: {
    [k: string]: BallotView;
  };
  reason: string | null;
  sealed: string[];
}

/**
 * How a stage has turned: rechecks and what they were for, corrections, findings, time asked for.
 *
 * `grounds` are those on which points may be corrected; `asked_time` the seats that ask for more time and
 * are not answered; `added_ms` what the scoring time grew by; `scoring_until` when it is over, 0 for never;
 * `failure` why the stage failed; `passing` who goes on to the next envelope; `decided` the orders of equal
 * bids, by the name of the rule.
 */
export interface StageTurnsView {
  rechecks: number;
  ground: string;
  grounds: string[];
  corrections: CorrectedView[];
  abnormal: AbnormalView[];
  asked_time: string[];
  added_ms: number;
  scoring_until: number;
  failure: string;
  passing: string[];
  explanations: string;
  explained: ExplainedView[];
  decided: {
    [k: string]: string;
  };
}

/**
 * One observation of a witness: entry `seq` and its clock `at`, then what was noted.
 *
 * `remark` is the text's digest, empty where there is none; `text` where the table allows.
 */
export interface ObservationView {
  seq: number;
  at: number;
  lot: string;
  envelope: string;
  round: number;
  seat: string;
  venue: string;
  number: number;
  item: string;
  finding: string;
  subject: string;
  entry: number;
  noted_at: number;
  media_offset_ms: number;
  remark: Base64;
  text: string | null;
}

/**
 * How many observations a witness has noted, the chain over them, whether it is signed.
 *
 * `seq` is the entry that signed it, 0 before. `answers` and `awaited` (venues, SPEC 13.4) are of rules
 * version 4: who has said whether it is accepted, and which other venues with a witness have not.
 */
export interface WitnessRecordView {
  seat: string;
  count: number;
  record: Base64;
  signed: boolean;
  venue: string;
  seq: number;
  answers: RecordAnswerView[];
  awaited: string[];
}

/**
 * What a venue says of a witness's record (见证互认): by which witness, when, `text` where shown.
 */
export interface RecordAnswerView {
  venue: string;
  verdict: string;
  reason: string;
  by: string;
  seq: number;
  at: number;
  text: string | null;
}

/**
 * A source that a venue has recorded: when its first segment began, and its last ended (ms).
 */
export interface RecordingView {
  source: string;
  venue: string;
  began_at: number;
  ended_at: number;
  segments: number;
}

/**
 * A suspension that goes on: both clocks, the phase left, how long it may last, whom it waits for.
 *
 * `at` is the coordinator's clock, `author_at` that of `seat`, who suspended; `size` is how many entries
 * were sealed; `waiting` are members who have not been looked at again.
 */
export interface SuspensionView {
  phase: string;
  reason: string;
  seat: string;
  venue: string;
  at: number;
  author_at: number;
  limit_ms: number;
  size: number;
  waiting: string[];
  reconfirmed: string[];
  statement: string | null;
}

/**
 * A committee whose conclusions are void and kept.
 */
export interface VoidView {
  number: number;
  reason: string;
  roster: string[];
  statement: string | null;
}

/**
 * Who did not simply sign: `dissents` are seat → text, None where it is not shown.
 *
 * `until` is when a member who says nothing may be recorded as agreeing.
 */
export interface SigningView {
  report: Base64;
  until: number;
  dissents: {
    [k: string]: string | null;
  };
  refused: string[];
  deemed: string[];
}

/**
 * The report prepared to be signed by certificate: its digest, and of the file as it stands now.
 */
export interface PaperView {
  prepared: Base64;
  document: Base64;
  places: PlaceView[];
}

/**
 * A place for one signature: `signed` in the PDF or `beside` it, empty while it is not.
 */
export interface PlaceView {
  seat: string;
  role: string;
  signed: "" | "beside" | "within";
}

/**
 * A roll-call picture (SPEC 31.6): by whom and when, its digest, which seats it shows and which not.
 */
export interface RollCallView {
  number: number;
  seq: number;
  at: number;
  taken_at: number;
  by: string;
  digest: Base64;
  octets: number;
  width: number;
  height: number;
  shown: string[];
  missing: string[];
  rooms: string[];
}

/**
 * A node of the installation: its signing key, where it is, whether it is connected.
 */
export interface NodeNote {
  node: string;
  key: string;
  zh: string;
  en: string;
  province: string;
  online: boolean;
}

/**
 * 答复逾期: the installation says that an intervention's time is over and nobody has answered.
 */
export interface NoteAnswerOverdue {
  number: number;
}

/**
 * 见证记录: one observation of a witness at their venue (SPEC 13.1).
 *
 * `item` is a code of the table of this rules version. `subject` is the seat or venue it is
 * about, empty for none of them. `entry` is the `seq` of an earlier entry that it refers to,
 * 0 for none. `noted_at` is the witness's clock when it was seen, ms. `media_offset_ms` is how
 * far into the venue's recording that was, 0 where none runs. `remark` is a hidden digest of a
 * text, empty where there is none.
 */
export interface NoteObservation {
  item: string;
  finding: "handled" | "irregular" | "normal";
  subject: string;
  entry: number;
  noted_at: number;
  media_offset_ms: number;
  remark: Base64;
}

/**
 * 记录被拒操作: a refused act that supervisors must see (DESIGN 1.4).
 */
export interface NoteRefusal {
  seat: string;
  command_type: string;
  code: string;
  command_digest: Base64;
}

/**
 * 认定同品牌 (87号令 31): the core product of these bids is of one brand; they count as one.
 */
export interface NoteSameBrand {
  bidders: string[];
  statement: Base64;
}

/**
 * A seat's bookmarks and notes; its revision only rises.
 */
export interface Notebook {
  session: string;
  seat: string;
  revision: number;
  bookmarks: Bookmark[];
  notes: PageNote[];
}

/**
 * What somebody has written on a page, for themselves.
 */
export interface PageNote {
  document: string;
  page: number;
  text: string;
}

/**
 * The notebook lies on the venue's disk as of its clock.
 */
export interface NotebookKept {
  revision: number;
  at: number;
}

/**
 * A time server of this node's configuration: its clock less this node's, as `ClockStanding` (SPEC 12.6).
 *
 * `round_trip_ms` is -1 and `measured_at` 0 before it ever told the time; `why` is why its last answer told
 * nothing, empty where it did.
 */
export interface NtpStanding {
  server: string;
  offset_ms: number;
  within_ms: number;
  round_trip_ms: number;
  stratum: number;
  measured_at: number;
  why: "" | "denied" | "foreign" | "rate" | "silent" | "unreadable" | "unsynchronised";
}

/**
 * 公布开标密钥: a venue's key for this session alone, to which releases are boxed.
 */
export interface OfferOpeningKey {
  suite: "gm-1" | "intl-1";
  public: Base64;
}

/**
 * 公布开标结果: names and prices of the bids that the venues opened alike.
 */
export interface OpenBids {
  bids: BidRef[];
}

/**
 * 组长推选开始: open, or secret by commitment and opening.
 */
export interface OpenChairBallot {
  secret: boolean;
}

/**
 * 开启选票: a member opens the vote committed to.
 */
export interface OpenChairVote {
  candidate: string;
  nonce: Base64;
}

/**
 * 开始签到.
 */
export interface OpenCheckIn {}

/**
 * 开启评分: a venue opens a seat's commitment; the opening travels as disclosure.
 */
export interface OpenSheet {
  seat: string;
  commitment: Base64;
}

/**
 * 开启选票: a member opens the vote committed to, when all have committed.
 */
export interface OpenVote {
  bidder: string;
  ground: string;
  choice: "abstain" | "no" | "yes";
  reason: Base64;
  nonce: Base64;
}

/**
 * A page's text layer, in reading order; `found` are the places of what was asked for.
 */
export interface PageText {
  document: string;
  page: number;
  runs: Run[];
  found: Found[];
}

/**
 * Text that stands in one line on a page, and the box around it.
 */
export interface Run {
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * The signature over the question that was put, as it stands in a certificate (ECDSA and SM2 in DER).
 */
export interface PaperAnswer {
  session: string;
  seat: string;
  key: string;
  signature: Base64;
}

/**
 * How does my signature stand?
 */
export interface PaperAsk {
  session: string;
  seat: string;
  key: string;
}

/**
 * What waits for the main venue: wishes that it has not taken up, answers to its questions.
 */
export interface PaperBoard {
  session: string;
  wishes: PaperWish[];
  answers: PaperAnswer[];
}

/**
 * A seat wishes to sign with this certificate (its own first, those between behind it; DER).
 *
 * `number` is the coordinator's, for the main venue: which of the seat's wishes it is.
 */
export interface PaperWish {
  session: string;
  seat: string;
  key: string;
  certificates: Base64[];
  number: number;
}

/**
 * What the main venue has to say of seats that wish to sign; asked anew, it says nothing.
 */
export interface PaperDesk {
  session: string;
  told: PaperStands[];
}

/**
 * How a seat's signature stands.
 *
 * `question`: the bytes to sign, by `algorithm`; `made`: `content` is that of `SignPaper`, to be signed with
 * the seat's key, and the disclosure goes with it; `refused` says why nothing was made. `number`: of which
 * of the seat's wishes the main venue speaks; of any but the last it says nothing any more.
 */
export interface PaperStands {
  session: string;
  seat: string;
  stands: "made" | "none" | "question" | "refused" | "waiting";
  number: number;
  question: Base64;
  algorithm: string;
  content: string;
  disclosure: Disclosure | null;
  refused: Refused | null;
}

/**
 * A `SignedBinding` as its canonical text, for the passkey that was made in the scan of this nonce.
 */
export interface PasskeyBind {
  session: string;
  seat: string;
  key: string;
  nonce: Base64;
  signed: string;
}

/**
 * The passkey speaks for this person from now on.
 */
export interface PasskeyBound {
  person: string;
}

/**
 * Which window of a seat writes, empty for none, and since when; `mine`: it is this page's.
 */
export interface Pen {
  session: string;
  seat: string;
  window: string;
  mine: boolean;
  since: number;
}

/**
 * A window of a seat's page asks who writes, and writes itself if nobody does (SPEC 12.4).
 *
 * With `over`, the window that writes now, it takes writing over from that one; `sig` is then the seat key's
 * signature over the tag `take-over/v1` and the canonical {at, key, over, seat, session, window}.
 */
export interface PenWanted {
  session: string;
  seat: string;
  window: string;
  over: string;
  at: number;
  sig: string;
}

/**
 * What feeds the machine, and how long it and this node have been running (ms).
 */
export interface PowerStanding {
  source: "battery" | "mains" | "unknown";
  battery_percent: number;
  machine_ms: number;
  node_ms: number;
}

/**
 * What a page found of its own seat before the start (SPEC 10.7); it judges nobody and bars nothing.
 */
export interface PreFlight {
  line: "bad" | "good" | "untried" | "weak";
  clock: "bad" | "good" | "untried" | "weak";
  certificate: "bad" | "good" | "untried" | "weak";
  camera: "bad" | "good" | "untried" | "weak";
  microphone: "bad" | "good" | "untried" | "weak";
  speaker: "bad" | "good" | "untried" | "weak";
}

/**
 * When the node took it, by its own clock.
 */
export interface PreFlightTold {
  at: number;
}

/**
 * Asks the node to work out a command's content and disclosures for a person to sign.
 *
 * `source` is the text that the act works from, where it has one: a case file; for `CallReplacement` the act
 * without who follows, for `ReplaceMember` a `Leaving`, for `RedrawCommittee` an `Anew`, each canonical.
 */
export interface Prepare {
  session: string;
  type: string;
  stage: Stage;
  source: string;
}

/**
 * 备签报告: the imported report made ready to be signed; `prepared` is its digest (SPEC 29.1).
 */
export interface PrepareReport {
  report: Base64;
  prepared: Base64;
  places: Place[];
}

/**
 * Canonical text of the content, and the disclosures that must go with it.
 */
export interface Prepared {
  type: string;
  stage: Stage;
  content: string;
  disclosures: Disclosure[];
  notes: Refused[];
}

/**
 * A hint between coordinators: these nodes are connected to the coordinator `by`.
 */
export interface Present {
  kind: "present";
  by: string;
  nodes: string[];
}

/**
 * `sig` is over the tag `prove/v1` and the canonical {session, seat, key, nonce}.
 */
export interface Proof {
  session: string;
  seat: string;
  key: string;
  nonce: Base64;
  sig: string;
}

/**
 * 提出算术修正: what a price schedule comes to; binds only once the bidder confirms it in writing.
 */
export interface ProposeCorrection {
  bidder: string;
  correction: Base64;
}

/**
 * 提议否决投标: opens the vote on one bid and one ground.
 */
export interface ProposeRejection {
  bidder: string;
  ground: string;
  reason: Base64;
}

/**
 * The socket now follows this session as this seat.
 */
export interface Proved {
  session: string;
  seat: string;
  role: string;
  node: string;
  author_seq: number;
}

/**
 * 公布抽取结果: shares and drawn leaves in the open; `seats` are the sub-venues' own.
 */
export interface PublishDraw {
  draw: string;
  shares: OpenedShare[];
  members: DrawnMember[];
  seats: SeatRef[];
}

/**
 * 公布评审项目: the plan's items and limits for this stage, so that rules can count on them.
 */
export interface PublishItems {
  items: ItemRef[];
  answer_ms: number;
  vote_ms: number;
  blind: boolean;
}

/**
 * 汇总: the digest of the evaluation that the plan's rules give.
 */
export interface PublishTally {
  tally: Base64;
}

/**
 * A node asks for the time, and which of these nodes are connected (SPEC 12.5); and tells of its line.
 */
export interface Pulse {
  nodes: string[];
  line: LineMeasured;
}

/**
 * The coordinator's clock (ms), those of the nodes asked for that are connected, and their lines.
 *
 * `lines` are those of nodes that told this very coordinator.
 */
export interface Pulsed {
  at: number;
  online: string[];
  lines: {
    [k: string]: LineMeasured;
  };
}

/**
 * 开标现场异议 (条例 44).
 */
export interface RaiseObjection {
  bidder: string;
  objection: Base64;
}

/**
 * 超时提醒: seats that have not sealed when the scoring time is over; refuses nobody.
 */
export interface RaiseOverrun {
  seats: string[];
}

/**
 * 里程碑: the tree head before this entry, who cosigned it and who owes (DESIGN 8).
 */
export interface ReachMilestone {
  milestone: Milestone;
  size: number;
  root: Base64;
  cosigned: string[];
  owed: string[];
}

/**
 * 唱标: the tenderee has read out one bid, its bidder's name, price and main contents.
 */
export interface ReadOut {
  bidder: string;
}

/**
 * Leave to read: a token for HTTP, good until `expires_at` (the node's clock, ms), and what may be read.
 *
 * `digest` is the SHA-256 of the venue's catalogue in hexadecimal, empty where there is none.
 */
export interface Reading {
  token: string;
  expires_at: number;
  folder: Folder;
  digest: string;
  documents: DocumentNote[];
  closed: ShelfNote[];
}

/**
 * A shelf that a seat may not read yet, and the phase from which it may.
 */
export interface ShelfNote {
  shelf: Shelf;
  lot: string;
  envelope: string;
  phase: string;
}

/**
 * A page asks for leave to read at its own seat.
 */
export interface ReadingWanted {
  session: string;
  seat: string;
}

/**
 * 重新组建评标委员会: in the form of `ImportCommittee`.
 */
export interface RebuildCommittee {
  source: string;
  digest: Base64;
  signer: string;
  venues: VenueRef[];
  seats: SeatRef[];
}

/**
 * A tlog-proof with the entry as its extra data (SPEC 20.4); empty while no head covers the entry.
 */
export interface ReceiptTold {
  session: string;
  seq: number;
  receipt: string;
}

/**
 * Asks the node for the receipt of an entry that the page's own key has signed.
 */
export interface ReceiptWanted {
  session: string;
  seq: number;
}

/**
 * 接收投标文件: which bids there are, frozen at the deadline.
 */
export interface ReceiveBids {
  bids: ReceivedBid[];
}

/**
 * 复核席位: the face and the seat of a member were looked at again during a suspension.
 */
export interface ReconfirmSeat {
  seat: string;
  means: "desk" | "document" | "face";
}

/**
 * 记录解密失败: why a bid was not opened, whose fault it was, and what the tender lets be done.
 */
export interface RecordBidFailure {
  bid: string;
  cause: "revoked" | "withdrawn";
  reason:
    | "bidder_key_lost"
    | "container_broken"
    | "dealer_fault"
    | "not_released"
    | "other"
    | "platform"
    | "release_false";
  remedy: "backup_file" | "none" | "other" | "paper";
  statement: Base64;
}

/**
 * 书面说明不同意见和理由 (条例 53).
 */
export interface RecordDissent {
  report: Base64;
  dissent: Base64;
}

/**
 * 点名画面: a still picture of all seats that were seen at one moment, and who was not (SPEC 31.6).
 *
 * `digest` and `octets` are of the JPEG's bytes, `picture` is the digest of the disclosure that holds them;
 * `shown` and `missing` are seats, `rooms` venues, each ascending; `taken_at` ms.
 */
export interface RecordRollCall {
  picture: Base64;
  digest: Base64;
  octets: number;
  width: number;
  height: number;
  taken_at: number;
  shown: string[];
  missing: string[];
  rooms: string[];
}

/**
 * 录像分段存证: a venue's node has kept one segment of a source (SPEC 31.2).
 *
 * `source` is the venue's id, a dot, and the source's name there. `number` counts that source's segments
 * from 1.
 * `began_at` is the recorder's clock, ms; `duration_ms` how long the segment is. `octets` and `digest`
 * are the
 * file's. `missing_ms` is what lies between the end of the segment before and this one, `cause` why, empty
 * where that is no longer than a seam.
 */
export interface RecordSegment {
  source: string;
  number: number;
  began_at: number;
  duration_ms: number;
  octets: number;
  digest: Base64;
  codecs: ("H264" | "VP8" | "opus")[];
  frames: number;
  missing_ms: number;
  cause: "" | "away" | "busy" | "disk" | "stopped";
  gaps: Gap[];
}

/**
 * 重新抽取评标委员会: whoever follows in the drawn order sits instead of a void committee.
 *
 * `seats` are new seats at drawn places, `members` the leaves that follow for them, in the same order;
 * `named` are the tenderee's other representatives.
 */
export interface RedrawCommittee {
  draw: string;
  seats: SeatWanted[];
  members: DrawnMember[];
  named: SeatRef[];
}

/**
 * 拒绝签字且不书面说明.
 */
export interface RefuseToSign {
  report: Base64;
}

/**
 * 投标人解密: final; `release` is the digest of the boxes (field `bid_release`).
 */
export interface ReleaseBid {
  bid: string;
  release: Base64;
}

/**
 * 托管方解密: shares of exactly the released bids, whose list `bids` is the digest of.
 */
export interface ReleaseCustody {
  custodian: string;
  bids: Base64;
  release: Base64;
}

/**
 * 释放评分托管: a custodian's share, to the venues' keys, once scoring is closed.
 */
export interface ReleaseEscrow {
  seat: string;
  commitment: Base64;
  release: Base64;
}

/**
 * 更换成员: a member leaves, what that member concluded is void, `successor` does it again.
 *
 * `successor` is a seat id of its own: a reserve seat, a new one that `drawn` is of, or that of another
 * representative whom the tenderee has `named`.
 */
export interface ReplaceMember {
  seat: string;
  successor: string;
  reason: "absent" | "ill" | "misconduct" | "other" | "recused";
  drawn: DrawnMember[];
  named: SeatRef[];
}

/**
 * 解密结果: what a venue found, for every released bid in the order of the record.
 */
export interface ReportDecryption {
  bids: OpenedBid[];
  false_shares: FalseShare[];
}

/**
 * 重新抽取 K 值: one who committed will not reveal.
 */
export interface RestartDrawK {
  rate: string;
  statement: Base64;
}

/**
 * 恢复.
 */
export interface Resume {}

/**
 * 揭示随机数: the share travels as disclosure; it stays hidden until check-in opens.
 */
export interface RevealDrawSeed {
  draw: string;
  commitment: Base64;
}

/**
 * 揭示 K 值随机数: the last one draws.
 */
export interface RevealK {
  rate: string;
  random: Base64;
  salt: Base64;
}

/**
 * 吊销生效: the certificate behind a delegation is revoked; keys that rest on it do nothing from here on.
 *
 * `evidence` names the delegation; `since` is from when on the CA revokes. Acts before stand (SPEC 24.6).
 */
export interface RevokeCertificate {
  evidence: Base64;
  since: number;
}

/**
 * The phone page opens a scan; it is told what there is to sign.
 */
export interface ScanAsk {
  nonce: Base64;
}

/**
 * The phone has done its part; the desk goes on.
 */
export interface ScanDone {
  person: string;
}

/**
 * A passkey that was just made on the phone.
 */
export interface ScanEnrol {
  nonce: Base64;
  compare: string;
  credential: Base64;
  attestation: Base64;
  client: Base64;
}

/**
 * What the phone shows in full, and signs with the two digits that the person types: never told here.
 */
export interface ScanShown {
  way: "certificate" | "enrol" | "passkey" | "sign-in";
  audience: string;
  at: number;
  key: string;
  nonce: Base64;
  role: Role;
  seat: string;
  session: string;
  until: number;
  venue: string;
  left_ms: number;
}

/**
 * A passkey's assertion over the statement with the two digits as they were typed.
 */
export interface ScanSign {
  nonce: Base64;
  compare: string;
  credential: Base64;
  authenticator: Base64;
  client: Base64;
  sig: Base64;
}

/**
 * How a scan stands: nothing yet, delegated, or a passkey made that its certificate must still sign.
 */
export interface Scanning {
  stands: "delegated" | "made" | "waiting";
  voiced: Voiced | null;
  credential: Base64;
  spki: Base64;
}

/**
 * The identity node has judged: `DelegateSeatKey` carries the attestation, the disclosure goes with it.
 *
 * `person` is whose certificate it is, for the page to show.
 */
export interface Voiced {
  session: string;
  seat: string;
  key: string;
  means: "certificate" | "passkey";
  until: number;
  attestation: string;
  disclosure: Disclosure;
  person: string;
}

/**
 * 封存评分: one expert's commitment for one stage (SPEC 6).
 */
export interface SealSheet {
  commitment: Base64;
}

/**
 * A seat at this venue: how far it is, and its windows.
 *
 * `windows` are the pages open at this node for it, `writing` whether one of them has the pen; `heard_at` is
 * when any of them was last heard of, 0 for never since the node started. `preflight` is what its page last
 * told of itself, at `preflight_at`, 0 for never.
 */
export interface SeatStanding {
  seat: string;
  role: Role;
  reserve: boolean;
  bound: boolean;
  checked_in: boolean;
  signed: boolean;
  windows: number;
  writing: boolean;
  heard_at: number;
  preflight: PreFlight;
  preflight_at: number;
}

/**
 * An alert that was seen: by which seat, when by the node's clock (ms), and what they noted.
 */
export interface Seen {
  alert: string;
  since: number;
  by: string;
  at: number;
  note: string;
}

/**
 * The sessions a node knows.
 */
export interface SessionList {
  sessions: SessionNote[];
}

/**
 * A session this node takes part in, and how many entries it has.
 */
export interface SessionNote {
  session: string;
  size: number;
  phase: string;
}

/**
 * 面部遮挡: a witness beside a member has its face shown from now on, or masked again (SPEC 31.5).
 */
export interface SetFaceMask {
  seat: string;
  masked: boolean;
  reason: "discipline" | "identity" | "other" | "request" | "technical";
}

/**
 * 补签: cosigners who owed at a milestone have cosigned this head, which covers it.
 */
export interface SettleCosignature {
  milestone: Milestone;
  size: number;
  root: Base64;
  cosigned: string[];
}

/**
 * A person offers a one-time code for a seat and the seat's new public key.
 */
export interface SignIn {
  session: string;
  seat: string;
  code: string;
  key: string;
}

/**
 * 签署开标记录: over the digest of the opening of this stage as the record has it (SPEC 13.2).
 */
export interface SignOpeningRecord {
  record: Base64;
}

/**
 * 签署报告: the author's signature by certificate, in the PDF or `beside` it.
 *
 * `before` and `after` are SHA-256 of the PDF without and with the signature and its evidence; of one
 * beside, of the prepared report and of the signature's file. `certificate` is a hidden digest.
 */
export interface SignPaper {
  prepared: Base64;
  beside: boolean;
  before: Base64;
  after: Base64;
  certificate: Base64;
}

/**
 * 签署评标报告: by each member, over the report's digest.
 */
export interface SignReport {
  report: Base64;
}

/**
 * 签署见证记录: a witness signs how many observations they noted, and the chain over them.
 */
export interface SignWitnessRecord {
  count: number;
  record: Base64;
}

/**
 * One step of the working, in words, for the page and the report; no part of a tally.
 */
export interface StepText {
  zh: string;
  en: string;
}

/**
 * 提交评标报告.
 */
export interface SubmitReport {}

/**
 * 中断: everything is sealed; `limit_ms` is how long the plan lets it last in this phase.
 */
export interface Suspend {
  reason: "disaster" | "equipment" | "line" | "other" | "people" | "power" | "system";
  statement: Base64;
  limit_ms: number;
}

/**
 * The same from a node, for a seat of its place.
 */
export interface TalkAct {
  session: string;
  seat: string;
  act:
    | "answer"
    | "call"
    | "grant"
    | "hang_up"
    | "help"
    | "lower"
    | "mute"
    | "open"
    | "press"
    | "quiet"
    | "raise"
    | "unmute"
    | "unquiet";
  target: string;
}

/**
 * All help calls of a node's place, as they stand there.
 */
export interface TalkCalls {
  session: string;
  calls: HelpCall[];
}

/**
 * What a page's seat does in the room; `target` is a seat, or the venue that is called.
 */
export interface TalkDo {
  session: string;
  act:
    | "answer"
    | "call"
    | "grant"
    | "hang_up"
    | "help"
    | "lower"
    | "mute"
    | "open"
    | "press"
    | "quiet"
    | "raise"
    | "unmute"
    | "unquiet";
  target: string;
}

/**
 * The rooms that a node follows: session → mark of what it knows, empty for nothing.
 */
export interface TalkFollow {
  known: {
    [k: string]: string;
  };
}

/**
 * A session's room as it stands; `hands` in the order in which they were raised.
 */
export interface TalkRoom {
  session: string;
  open: boolean;
  why: "" | "line" | "phase" | "scoring";
  mode: "open" | "press";
  quiet: boolean;
  chair: string;
  members: string[];
  speaks: string[];
  muted: string[];
  granted: string[];
  hands: string[];
  calls: HelpCall[];
  intercoms: Intercom[];
}

/**
 * Those that are others than the node knows.
 */
export interface TalkRooms {
  rooms: TalkRoom[];
}

/**
 * A page asks for the room of its session.
 */
export interface TalkWanted {
  session: string;
}

/**
 * A word of the field in both languages.
 */
export interface Term {
  zh: string;
  en: string;
}

/**
 * Something that the keeper should deal with; `since` is 0 where it is not known.
 */
export interface Trouble {
  code:
    | "ActsWaiting"
    | "CameraDenied"
    | "CameraDown"
    | "CameraForeign"
    | "CameraKeyframes"
    | "CameraOfExpert"
    | "CameraRefused"
    | "CamerasSilent"
    | "ClockOff"
    | "CopyBehind"
    | "CopyStopped"
    | "DiskLow"
    | "DiskRefuses"
    | "LineDown"
    | "LineSlow"
    | "NtpOff"
    | "NtpSilent"
    | "OnBattery"
    | "SeatClosed"
    | "SeatSilent";
  severity: "alarm" | "warning";
  since: number;
  detail: {
    [k: string]: string;
  };
}

/**
 * 试开启: a venue says whether it can open a seat's commitment; shows nothing.
 */
export interface TryOpening {
  seat: string;
  commitment: Base64;
  result: "fault" | "ok";
  cause: string;
}

/**
 * How the line of one venue is, as far as the page's own node knows.
 */
export interface VenueLine {
  venue: string;
  line: "down" | "unknown" | "up";
  measured: LineMeasured;
}

/**
 * The lines of all venues of the page's session, at the node's own clock (ms).
 */
export interface VenueLines {
  at: number;
  venues: VenueLine[];
}

/**
 * A venue's node as its keeper is told of it, at a time of its own clock.
 */
export interface VenueState {
  node: string;
  zh: string;
  en: string;
  province: string;
  role: VenueRole;
  at: number;
  line: LineStanding;
  journal: JournalStanding;
  disk: DiskStanding;
  clock: ClockStanding;
  power: PowerStanding;
  versions: Versions;
  seats: SeatStanding[];
  troubles: Trouble[];
  ntp: NtpStanding[];
  cameras: CameraStanding[];
  cameras_silent_since: number;
}

/**
 * The software that runs here, and the rules under which new sessions are booked.
 */
export interface Versions {
  software: string;
  python: string;
  rules: string;
  system: string;
}

/**
 * A seat whose key stands in the record asks to be challenged.
 */
export interface VoiceAsk {
  session: string;
  seat: string;
  key: string;
  way: "certificate" | "enrol" | "passkey";
}

/**
 * A `SignedDelegation` as its canonical text.
 */
export interface VoiceGive {
  session: string;
  seat: string;
  key: string;
  signed: string;
}

/**
 * Has the phone signed by now?
 */
export interface VoiceScanned {
  session: string;
  seat: string;
  key: string;
  nonce: Base64;
}

/**
 * What is to be signed: `nonce` is good once and for `left_ms`; the delegation would end at `until`.
 *
 * For `passkey` and `enrol`, `scan` is the address that a phone opens, `qr` the same as rows of `0` and `1`
 * without a margin, and `compare` the two digits that the desk shows.
 */
export interface VoiceWanted {
  session: string;
  seat: string;
  role: Role;
  key: string;
  way: "certificate" | "enrol" | "passkey";
  audience: string;
  nonce: Base64;
  at: number;
  until: number;
  left_ms: number;
  scan: string;
  qr: string[];
  compare: string;
}

/**
 * 评标委员会作废: what it concluded is void and kept.
 */
export interface VoidCommittee {
  reason: "cannot_replace" | "misconduct" | "other" | "suspended_too_long" | "unlawful";
  statement: Base64;
}

/**
 * 提议以缺乏竞争为由否决全部投标 (12号令 27): opens that vote.
 */
export interface VoteCompetition {
  reason: Base64;
}

/**
 * The whole book of a session at one place, in the order in which it was written.
 */
export interface WatchBook {
  session: string;
  seen: Seen[];
  turns: HandedOver[];
}

/**
 * By what somebody may sign in here, the strongest first.
 */
export interface Ways {
  ways: SignInWay[];
}

/**
 * What a node needs to know of its installation.
 */
export interface Welcome {
  installation_key: string;
  at: number;
  sessions: SessionNote[];
  nodes: NodeNote[];
}

/** Command type to the form of its content. */
export interface Contents {
  BookSession: BookSession;
  ImportCommittee: ImportCommittee;
  BindSeat: BindSeat;
  ImportOpening: ImportOpening;
  DrawK: DrawK;
  OpenCheckIn: OpenCheckIn;
  CheckIn: CheckIn;
  LockRoster: LockRoster;
  BeginPreliminary: BeginPreliminary;
  ImportPreliminary: ImportPreliminary;
  SealSheet: SealSheet;
  CloseScoring: CloseScoring;
  TryOpening: TryOpening;
  OpenSheet: OpenSheet;
  PublishTally: PublishTally;
  ConfirmRanking: ConfirmRanking;
  BeginReport: BeginReport;
  ImportReport: ImportReport;
  SignReport: SignReport;
  SubmitReport: SubmitReport;
  ArchiveSession: ArchiveSession;
  ReachMilestone: ReachMilestone;
  RaiseOverrun: RaiseOverrun;
  NoteRefusal: NoteRefusal;
  ReadOut: ReadOut;
  SignOpeningRecord: SignOpeningRecord;
  NoteObservation: NoteObservation;
  SignWitnessRecord: SignWitnessRecord;
  FreezePool: FreezePool;
  CommitDrawSeed: CommitDrawSeed;
  RevealDrawSeed: RevealDrawSeed;
  DrawVenues: DrawVenues;
  DrawCommittee: DrawCommittee;
  PublishDraw: PublishDraw;
  CallReplacement: CallReplacement;
  DeclareRecusal: DeclareRecusal;
  ReplaceMember: ReplaceMember;
  ConfirmIdentity: ConfirmIdentity;
  OpenChairBallot: OpenChairBallot;
  ElectChair: ElectChair;
  OpenChairVote: OpenChairVote;
  NameChair: NameChair;
  RedrawCommittee: RedrawCommittee;
  PublishItems: PublishItems;
  MarkItem: MarkItem;
  CheckBlindPart: CheckBlindPart;
  AskClarification: AskClarification;
  AnswerClarification: AnswerClarification;
  CloseClarification: CloseClarification;
  ProposeCorrection: ProposeCorrection;
  ProposeRejection: ProposeRejection;
  VoteCompetition: VoteCompetition;
  CastVote: CastVote;
  CloseVote: CloseVote;
  ConcludePreliminary: ConcludePreliminary;
  CastSecretVote: CastSecretVote;
  OpenVote: OpenVote;
  NoteSameBrand: NoteSameBrand;
  ConfirmDeduction: ConfirmDeduction;
  BeginRecheck: BeginRecheck;
  FindAbnormal: FindAbnormal;
  CorrectItem: CorrectItem;
  EndRecheck: EndRecheck;
  ExplainDeviation: ExplainDeviation;
  AskMoreTime: AskMoreTime;
  ExtendTime: ExtendTime;
  Suspend: Suspend;
  ReconfirmSeat: ReconfirmSeat;
  Resume: Resume;
  VoidCommittee: VoidCommittee;
  RebuildCommittee: RebuildCommittee;
  FailSession: FailSession;
  FailStage: FailStage;
  RecordDissent: RecordDissent;
  RefuseToSign: RefuseToSign;
  DeemAgreement: DeemAgreement;
  ConfirmPassing: ConfirmPassing;
  BeginDrawK: BeginDrawK;
  CommitK: CommitK;
  RevealK: RevealK;
  RestartDrawK: RestartDrawK;
  RaiseObjection: RaiseObjection;
  AnswerObjection: AnswerObjection;
  DecideTie: DecideTie;
  BeginReevaluation: BeginReevaluation;
  DisclosePolicy: DisclosePolicy;
  SettleCosignature: SettleCosignature;
  DelegateSeatKey: DelegateSeatKey;
  ConfirmSeatKey: ConfirmSeatKey;
  RevokeCertificate: RevokeCertificate;
  AppointCustodians: AppointCustodians;
  OfferOpeningKey: OfferOpeningKey;
  BeginOpening: BeginOpening;
  AnswerRollCall: AnswerRollCall;
  ReceiveBids: ReceiveBids;
  ReleaseBid: ReleaseBid;
  CloseRelease: CloseRelease;
  ReleaseCustody: ReleaseCustody;
  ReportDecryption: ReportDecryption;
  OpenBids: OpenBids;
  RecordBidFailure: RecordBidFailure;
  DestroyOpeningKey: DestroyOpeningKey;
  EscrowSheet: EscrowSheet;
  AcknowledgeEscrow: AcknowledgeEscrow;
  ReleaseEscrow: ReleaseEscrow;
  PrepareReport: PrepareReport;
  SignPaper: SignPaper;
  RecordSegment: RecordSegment;
  SetFaceMask: SetFaceMask;
  RecordRollCall: RecordRollCall;
  AcceptWitnessRecord: AcceptWitnessRecord;
  Intervene: Intervene;
  AnswerIntervention: AnswerIntervention;
  NoteAnswerOverdue: NoteAnswerOverdue;
}

export type CommandType = keyof Contents;

/** A command of one type, or of any: told apart by `type`. */
export type Command<T extends CommandType = CommandType> = {
  [Type in T]: CommandHeader & { type: Type; content: Contents[Type] };
}[T];

/** Names of the socket events, and paths. */
export const WIRE = {
  CHALLENGE: "challenge",
  PROVE: "prove",
  SIGN_IN: "sign_in",
  ACT: "act",
  FOLLOW: "follow",
  NEWS: "news",
  PREPARE: "prepare",
  DRAFT_PUT: "draft_put",
  DRAFT_GET: "draft_get",
  ISSUE_CODES: "issue_codes",
  SESSIONS: "sessions",
  LINE_STATE: "line_state",
  CLOCK: "clock",
  ANSWER: "answer",
  PEN: "pen",
  UNSEATED: "unseated",
  VENUE_STATE: "venue_state",
  PREFLIGHT: "preflight",
  LINES: "lines",
  READING: "reading",
  NOTEBOOK_GET: "notebook_get",
  NOTEBOOK_PUT: "notebook_put",
  HERE: "here",
  HELLO: "hello",
  SUBMIT: "submit",
  FEED: "feed",
  ENTRIES: "entries",
  PULSE: "pulse",
  PEER: "/peer",
  PEER_SUBMIT: "/peer/submit",
  PEER_MEET: "/peer/meet",
  HEAD: "head",
  RECEIPT: "receipt",
  PAPER_WISH: "paper_wish",
  PAPER_ASK: "paper_ask",
  PAPER_ANSWER: "paper_answer",
  PAPER_DESK: "paper_desk",
  DECRYPTING: "decrypting",
  BIDS_DESK: "bids_desk",
  VOICE_ASK: "voice_ask",
  VOICE_GIVE: "voice_give",
  VOICE_SCANNED: "voice_scanned",
  PASSKEY_BIND: "passkey_bind",
  SCAN_STATEMENT: "/scan/api/statement",
  SCAN_SIGN: "/scan/api/sign",
  SCAN_ENROL: "/scan/api/enrol",
  ENTER_WAYS: "enter_ways",
  ENTER_ASK: "enter_ask",
  ENTER_GIVE: "enter_give",
  ENTER_SCANNED: "enter_scanned",
  WATCH_BOOK: "watch_book",
  ALERT_SEEN: "alert_seen",
  HAND_OVER: "hand_over",
  BIDDER_SIGN_IN: "/bidder/api/sign_in",
  BIDDER_SIGN_OUT: "/bidder/api/sign_out",
  BIDDER_SEATED: "/bidder/api/seated",
  BIDDER_EVENTS: "/bidder/api/events",
  BIDDER_CLOCK: "/bidder/api/clock",
  BIDDER_BIND: "/bidder/api/bind",
  BIDDER_ACT: "/bidder/api/act",
  BIDDER_WAYS: "/bidder/api/ways",
  BIDDER_HERE: "/bidder/api/here",
  BIDDER_HEAD: "/bidder/api/head",
  BIDDER_VOICES: "/bidder/api/",
} as const;
