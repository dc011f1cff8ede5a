// Written by `python -m ops.generate_messages` out of the Python of protocol/. Do not edit.
// tidy: long because it is generated, one block per struct or word.

export const INTEGER_MAX = 9007199254740991;
export const ENTRY_BYTES_MAX = 65535;
export const COMMAND_BYTES_MAX = 49152;
export const NESTING_DEPTH_MAX = 16;
export const ID_CHARS_MAX = 64;
export const TEXT_CHARS_MAX = 2000;
export const SALT_BYTES = 32;
export const DISCLOSURE_BYTES_MAX = 1048576;
export const DISCLOSURES_PER_COMMAND_MAX = 512;
export const MESSAGE_BYTES_MAX = 2097152;
export const NODES_MAX = 1024;
export const LOTS_MAX = 64;
export const ENVELOPES_PER_LOT_MAX = 4;
export const VENUES_MAX = 64;
export const SEATS_MAX = 256;
export const BIDS_PER_STAGE_MAX = 300;
export const CRITERIA_PER_STAGE_MAX = 200;
export const OBSERVATIONS_PER_SEAT_MAX = 2000;
export const OBSERVATIONS_SHOWN_MAX = 500;
export const REMARK_CHARS_MAX = 500;
export const HEADS_KEPT = 64;
export const AUTHOR_CLOCK_SKEW_MS_MAX = 2678400000;
export const ANSWERS_PER_AUTHOR_MAX = 10000;
export const MILESTONE_WAIT_MS_DEFAULT = 180000;
export const CODE_ATTEMPTS_MAX = 5;
export const CODE_LIFETIME_MS = 43200000;
export const CODE_LOCK_MS = 300000;
export const DRAFT_BYTES_MAX = 262144;
export const NOTEBOOK_BYTES_MAX = 262144;
export const DOCUMENTS_MAX = 4096;
export const CATALOGUE_BYTES_MAX = 4194304;
export const PAGES_PER_DOCUMENT_MAX = 10000;
export const FIND_CHARS_MAX = 100;
