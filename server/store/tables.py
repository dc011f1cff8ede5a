"""The tables. A session's entries are the only truth; all else serves them.

`entries` and `answers` are written in one transaction, so that an act and its first answer are
durable together (DESIGN 1.4). `sessions` and `audience` are an index over the entries, kept to
find a session without replaying all of them; `snapshots` is a cache of what they add up to;
`leases` says which coordinator writes a session now; `heads` are cosigned heads of its log; `papers` what
seats and main venues say to each other while a report is signed;
`passkeys` are bound to certificates, which is no session's.
Dialect-free: what SQLite or PostgreSQL need of their own stands in their own files.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table, Text

from protocol.limits import ID_CHARS_MAX

_KEY_CHARS_MAX = 1024
_HOLDER_CHARS_MAX = 255
_FORM_CHARS_MAX = 128

metadata = MetaData()

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("home_node", String(ID_CHARS_MAX), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("ended", String(ID_CHARS_MAX), nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("author_key", String(_KEY_CHARS_MAX), primary_key=True),
    Column("command_id", String(ID_CHARS_MAX), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("answer", LargeBinary, nullable=False),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("field", String(ID_CHARS_MAX), nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("value", Text, nullable=False),
)

audience = Table(
    "audience",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("node_key", String(_KEY_CHARS_MAX), primary_key=True),
    Index("audience_by_node", "node_key"),
)

leases = Table(
    "leases",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("holder", String(_HOLDER_CHARS_MAX), nullable=False),
    Column("address", String(_HOLDER_CHARS_MAX), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Index("leases_by_holder", "holder"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("form", String(_FORM_CHARS_MAX), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

heads = Table(
    "heads",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

codes = Table(
    "codes",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("seat", String(ID_CHARS_MAX), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("requested_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("locked_until_ms", BigInteger, nullable=False),
    Column("used_by", String(_KEY_CHARS_MAX), nullable=False),
)

papers = Table(
    "papers",
    metadata,
    Column("session_id", String(ID_CHARS_MAX), primary_key=True),
    Column("seat", String(ID_CHARS_MAX), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("wish", LargeBinary, nullable=False),
    Column("told", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
)

agents = Table(
    "agents",
    metadata,
    Column("key", String(_KEY_CHARS_MAX), primary_key=True),
    Column("enrolled_at_ms", BigInteger, nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential", LargeBinary(32), primary_key=True),
    Column("binding", LargeBinary, nullable=False),
    Column("count", BigInteger, nullable=False),
)
