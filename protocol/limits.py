"""Every bound of the protocol, named once, with its unit last.

Owns numbers only. A bound that is crossed is answered by a refusal of
`protocol.refusals` (usually `TooLarge` or `Malformed`), never by a truncation.
Sources: C2SP tlog-tiles (an entry bundle's entry is at most 65,535 bytes), RFC 8785
(integers exact in IEEE 754 doubles), 招标投标法 37 and 实施条例 for committee sizes.
"""

INTEGER_MAX = 2**53 - 1
"""Largest integer a canonical value may hold (RFC 8785 3.2.2.3)."""

ENTRY_BYTES_MAX = 65_535
"""Largest canonical entry (C2SP tlog-tiles, entry bundles)."""

COMMAND_BYTES_MAX = 49_152
"""Largest canonical command; the rest of an entry is left to its events."""

NESTING_DEPTH_MAX = 16
"""Deepest nesting of arrays and objects in a canonical value."""

ID_CHARS_MAX = 64
"""Longest identifier: session, seat, venue, bidder, lot, envelope, command."""

TEXT_CHARS_MAX = 2_000
"""Longest free text within a public field (sources, causes)."""

SALT_BYTES = 32
"""Length of the salt of a hidden value, of a sheet's nonce and of entropy."""

DISCLOSURE_BYTES_MAX = 1_048_576
"""Largest canonical hidden value (a whole plan is the largest)."""

DISCLOSURES_PER_COMMAND_MAX = 512
"""Most disclosures that may travel with one command."""

MESSAGE_BYTES_MAX = 2_097_152
"""Largest message a socket takes; above it the socket is told `TooLarge` and closed."""

BOX_SECRET_BYTES_MAX = 4_096
"""Longest secret that one box wraps for one key (SPEC 18.3)."""

CONTAINER_HEADER_BYTES_MAX = 524_288
"""Largest header, and largest trailer, of a sealed bid (SPEC 22)."""

SEGMENT_BYTES = 4_194_304
"""How the sealed bytes of a bid are cut, for an upload that goes on and damage that is named."""

SEALED_BYTES_MAX = 8_589_934_592
"""Most sealed bytes of one bid, and most that its files may be together."""

BID_FILES_MAX = 4_096
"""Most files of one bid, and most entries of an archive in it."""

BID_FILE_BYTES_MAX = 4_294_967_296
"""Largest file of one bid."""

BID_LIST_BYTES_MAX = 4_194_304
"""Largest list of files of one bid."""

BID_LOCKS_MAX = 8
"""Most keys of a bidder itself that its own key is boxed to, and most certificates of its chain."""

RELEASES_MAX = 64
"""Most keys that one bidder releases its own key to: a venue each."""

PATH_PARTS_MAX = 8
PATH_PART_BYTES_MAX = 255
PATH_BYTES_MAX = 1_024
"""How deep and how long the name of a bid's file may be, in UTF-8 (SPEC 22.2)."""

UNPACKED_RATIO_MAX = 200
UNPACKED_TOTAL_RATIO_MAX = 100
UNPACKED_FREE_BYTES = 1_048_576
"""How much larger than packed a file, and all of an archive, may be; below so many bytes nobody asks."""

NODES_MAX = 1_024
"""Most standing nodes of one installation."""

LOTS_MAX = 64
ENVELOPES_PER_LOT_MAX = 4
VENUES_MAX = 64
SEATS_MAX = 256
BIDS_PER_STAGE_MAX = 300
CRITERIA_PER_STAGE_MAX = 200

REVIEW_ITEMS_MAX = 120
"""Most items of the preliminary review of one plan."""

REASON_CHARS_MAX = 2_000
"""Longest reason of a deviation or a vote, longest question, answer or finding of the review."""

CLARIFICATIONS_PER_STAGE_MAX = 1_000
"""Most clarifications that a committee asks in one stage and round."""

SCHEDULE_LINES_MAX = 2_000
"""Most lines of a price schedule that is checked for its arithmetic."""

OBSERVATIONS_PER_SEAT_MAX = 2_000
"""How many observations one witness may note in one session."""

WITNESS_ANSWERS_MAX = 2 * VENUES_MAX
"""How many answers one witness record takes: an objection of every venue, and its acceptance after all."""

OBSERVATIONS_SHOWN_MAX = 500
"""How many observations, the newest of all witnesses, a view shows."""

REMARK_CHARS_MAX = 500
"""Longest remark of an observation."""

STATEMENT_CHARS_MAX = 2_000
"""Longest text that somebody writes down in a lawful turn: statement, explanation, dissent, objection."""

CORRECTED_ITEMS_MAX = 200
"""How many items one correction of a member's own sheet names."""

CORRECTIONS_PER_STAGE_MAX = 2_000
"""How many corrections one round of a stage takes."""

INTERVENTIONS_PER_SEAT_MAX = 100
"""How many interventions one supervisor's seat may raise in one session."""

INTERVENTIONS_SHOWN_MAX = 200
"""How many interventions a view shows: all that are open, then the newest."""

ANSWER_MS_MIN = 60_000
ANSWER_MS_MAX = 24 * 3_600_000
"""How long a supervisor gives for an answer."""

ADDED_TIME_MS_MIN = 60_000
ADDED_TIME_MS_MAX = 7 * 24 * 3_600_000
"""How much time one answer to the members' asking adds."""

K_CANDIDATES_MAX = 200
"""Among how many values a rate is drawn."""

OBJECTIONS_MAX = 300
"""How many objections one opening takes."""

COMMITTEES_MAX = 20
"""How many committees one session may have, one after the other."""

HEADS_KEPT = 64
"""How many recent tree heads a state keeps, to check `seen` without the entries."""

AUTHOR_CLOCK_SKEW_MS_MAX = 31 * 24 * 3_600_000
"""An author's clock further off than this is refused; a smaller skew is only recorded."""

ANSWERS_PER_AUTHOR_MAX = 10_000
"""How many answers a coordinator keeps for one author of one session, refusals included."""

MILESTONE_WAIT_MS_DEFAULT = 180_000
"""How long a milestone waits for a place before it is recorded as owed (DESIGN 8)."""

CODE_ATTEMPTS_MAX = 5
"""Wrong one-time codes for one seat before it locks."""

CODE_LIFETIME_MS = 12 * 3_600_000
"""How long a one-time code is good for."""

CODE_LOCK_MS = 300_000
"""How long a seat stays locked after too many wrong codes."""

DRAFT_BYTES_MAX = 262_144
"""Largest draft of one seat and stage that a venue stores."""

NOTEBOOK_BYTES_MAX = 262_144
"""Largest notebook (bookmarks and notes of one seat) that a venue stores."""

WATCH_SEEN_MAX = 2_000
"""Most alerts that a place's supervisors note as seen in one session."""

WATCH_TURNS_MAX = 200
"""Most hand-over notes of a place's supervisors in one session."""

ALERT_ID_CHARS_MAX = 512
"""Longest id of an alert."""

DOCUMENTS_MAX = 4_096
"""Most documents of one session in a venue's catalogue."""

CATALOGUE_BYTES_MAX = 4_194_304
"""Largest catalogue of one session's documents."""

PAGES_PER_DOCUMENT_MAX = 10_000
"""Most pages of one document."""

FIND_CHARS_MAX = 100
"""Longest text that documents are searched for."""

NAME_CHARS_MAX = 200
"""Longest name of a person or a house in an expert pool."""

SPECIALITIES_MAX = 64
"""Most specialities of one expert."""

POSTS_MAX = 100
"""Most posts, relatives, penalties or absences of one expert, and most heads of one party."""

POOL_PERSONS_MAX = 4_096
"""Most persons on one side (eligible, left out) of a frozen roll: it must fit one disclosure."""

POOL_PROOF_MAX = 12
"""Most hashes of a proof in a roll of that many."""

STRATA_MAX = 128
"""Most strata (province and speciality) of one draw."""

DRAWN_SEATS_MAX = 31
"""Most seats of one draw: their proofs must fit one command."""

DRAW_PARTIES_MAX = 40
"""Most parties that give a share of the randomness."""

NOTE_SIGNATURES_MAX = 100
"""Most signature lines of one note; C2SP asks for at least 16, Go takes 100."""

NOTE_BYTES_MAX = 1_000_000
"""Largest signed note that is read (as in Go)."""

PROOF_HASHES_MAX = 63
"""Most hashes in the proof of one request or receipt (C2SP tlog-witness)."""

TRUST_POLICY_BYTES_MAX = 262_144
"""Largest trust policy that is read."""

RECORDED_POLICY_CHARS_MAX = 32_768
"""Largest trust policy that an entry discloses."""

TRUST_POLICY_LINES_MAX = 4_096
"""Most lines of a trust policy."""

HEADS_HELD_MAX = 4_096
"""How many heads of one log a cosigner holds, to compare those with that others were shown."""

FORK_BYTES_MAX = 131_072
"""Largest proof of two histories."""

BID_GROUPS_MAX = 8
"""Most groups of custodians that a bid needs, the bidder not counted (SPEC 21)."""

CUSTODIANS_MAX = 31
"""Most members of one group of custodians."""

PUBLIC_KEY_BYTES_MAX = 256
"""Longest public key of a suite in an entry."""

RELEASE_WINDOW_MS_MIN = 1_000
RELEASE_WINDOW_MS_MAX = 24 * 3_600_000
"""How long bidders may release their keys at an opening (SPEC 28.4)."""

FALSE_SHARES_MAX = 300
"""How many false shares one report of a venue names."""

TRUST_LIST_BYTES_MAX = 4_194_304
"""Largest signed trust list."""

TRUST_CAS_MAX = 256
"""Most authorities of one trust list."""

PLACES_PER_REPORT_MAX = 32
"""Places for signatures in one report (SPEC 29)."""
TRUST_ROOTS_PER_CA_MAX = 8
"""Most roots of one authority: those in use, and those that a change of keys is between."""

TRUST_SIGNERS_MAX = 64
"""Most keys that may sign a trust list."""

TRUST_ADDRESSES_PER_CA_MAX = 8
"""Most addresses of revocation lists, and of answerers, of one authority."""

TRUST_POLICIES_PER_CA_MAX = 16
"""Most certificate policies of one authority that are recognised."""

ADDRESS_CHARS_MAX = 500
"""Longest address of a revocation list or an answerer."""

CERTIFICATE_BYTES_MAX = 16_384
"""Largest certificate."""

CERTIFICATE_FILE_BYTES_MAX = 524_288
"""Largest file of a certificate and those that go with it."""

CHAIN_CERTIFICATES_MAX = 5
"""Longest chain, the person's certificate and the root counted."""

CHAIN_OFFERED_MAX = 16
"""Most further certificates that may come with one, to find the way to a root."""

CHAIN_PATHS_MAX = 16
"""How many ways to a root are judged for one certificate."""

CHAIN_STEPS_MAX = 256
"""How many certificates are stepped on in search of those ways."""

CRL_BYTES_MAX = 33_554_432
"""Largest revocation list."""

OCSP_BYTES_MAX = 65_536
"""Largest answer on one certificate's status."""

REVOCATION_PIECES_MAX = 64
"""Most revocation lists and answers that one judgement looks at."""

RSA_BITS_MIN = 2_048
RSA_BITS_MAX = 8_192
"""Length of an RSA modulus; a longer one only costs those who check it."""

CHALLENGE_MS = 60_000
"""How long a challenge may be answered with a certificate or a passkey."""

DELEGATION_MS_MAX = 31 * 24 * 3_600_000
"""How long a seat's key may speak for a certificate's holder: a session with its suspensions."""

CONFIRMATION_MS_MAX = 24 * 3_600_000
"""How long a seat's key may speak for somebody whom an officer has seen at the desk: a day's sitting."""

ASSERTION_BYTES_MAX = 2_048
"""Each piece of what a passkey gives: authenticator data, client data, signature."""

VIEWING_GRACE_MS = 7 * 24 * 3_600_000
"""How long after its end evidence on revocation still serves for viewing; for acts it does not."""

HANDOVER_BYTES_MAX = 8_388_608
"""Largest list of one witness's observations that is read (SPEC 13.3)."""

ARCHIVE_BYTES_MAX = 4_000_000_000
"""Largest archive of a session (SPEC 26); below where ZIP needs its larger form."""

ARCHIVE_MEMBERS_MAX = 65_000
"""Most members of an archive."""

ARCHIVE_NAME_CHARS_MAX = 255
"""Longest name of a member, and of what is attached."""

RECORDED_SEGMENT_MS_MAX = 600_000
"""Longest segment of a recording; a new one is begun every minute, at a key frame."""

RECORDED_TRACKS_MAX = 4
"""Most tracks of one recorded source: sound, picture, its small picture, a screen."""

RECORDED_GAPS_MAX = 64
"""Most gaps that one segment tells singly; what comes after them lengthens the last."""

RECORDED_SEAM_MS_MAX = 2_000
"""Longest time between two segments of a source that needs no cause."""

ROLL_CALLS_MAX = 24
"""Most roll-call pictures of one session (SPEC 31.6)."""

ROLL_CALL_BYTES_MAX = 393_216
"""Largest roll-call picture; in base64 it is half of what one hidden value may be."""

ROLL_CALL_SIDE_MIN = 16
ROLL_CALL_SIDE_MAX = 4_096
"""Least and most pixels of a roll-call picture's width, and of its height."""
