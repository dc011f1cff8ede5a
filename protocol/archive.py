"""A session's archive: one file with all that proves it, the same bytes for the same session (SPEC 26).

A ZIP without packing, so that in fifteen years its members can be cut out with any tool or by hand. Owns the
form: which members there are, that a reader accepts no other bytes than a writer gives, that what is withheld
leaves every hash as it was. Makes no signature and judges none: whether heads are cosigned is asked of
`protocol.ledger.quorum`, whether the record keeps the rules of `protocol.record`.

Sources: PKWARE APPNOTE 6.3.10; C2SP tlog-tiles; 发改法规〔2022〕355号 十.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Annotated, BinaryIO, Final, Literal

from msgspec import Meta, Struct

from protocol import archive_keys, canonical, limits, record
from protocol.archive_keys import Attached, Keys
from protocol.hidden import Disclosed
from protocol.ledger import levels, tiles, tree
from protocol.record import Record
from protocol.refusals import Refusal, refuse
from protocol.words import Count, Hash, Id

MANIFEST: Final = "archive.json"
RECORD: Final = "record.jsonl"
KEYS: Final = "keys.json"
ATTACHED: Final = "attached.json"
POLICY: Final = "policy"
README: Final = "README.txt"
CHECKPOINTS: Final = "checkpoints/"
TRUST_LIST: Final = "trust-list"
STAMP: Final = "time-stamp"
SIGNED: Final = "signed/"
SIGNED_REPORT: Final = "signed/report.pdf"
REPORTS: Final = ("report.json", "report.pdf", "report.xlsx")

_DATED: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_UNIX: Final = 3
_NAME: Final = re.compile(
    r"README\.txt|archive\.json|record\.jsonl|keys\.json|attached\.json|policy|trust-list|time-stamp|report\.(json|pdf|xlsx)"
    r"|checkpoints/(0|[1-9][0-9]{0,15})|tile/[0-9]{1,2}/(x[0-9]{3}/){0,5}[0-9]{3}(\.p/[1-9][0-9]{0,2})?"
    r"|signed/(report\.pdf|[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.p7s)"
    r"|witness/[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.(json|pdf)"
)
_TOLD: Final = """同场 Tongchang:远程异地评标会话归档文件(SPEC 第 26 节)
archive.json 列出全部成员及其 SHA-256;record.jsonl 是全部记录条目与随附的披露,每行一条规范 JSON;
checkpoints/ 是各省联署的记录树头;tile/ 是 RFC 6962 树的哈希块(C2SP tlog-tiles)。
signed/ 如有,是会话中签署的评标报告及随附签名。
如有 time-stamp,是对最终树头的时间戳(RFC 3161);trust-list 与 keys.json 是证书及吊销证据。
核对:tongchang verify 归档文件 --policy 信任策略,或单独使用 tongchang_verify.py。
信任策略须在会话开始之前另行取得,不得取自本文件。

The archive of one evaluation session (SPEC, section 26). archive.json lists every member with its SHA-256;
record.jsonl holds all entries and the disclosures that go along, one canonical JSON object a line;
checkpoints/ holds the heads of the record's tree with the provinces' cosignatures; tile/ the hashes of that
RFC 6962 tree; signed/, where it is there, the report as it was signed in the session; time-stamp, likewise,
an RFC 3161 token over the last of those heads; trust-list and keys.json the certificates, and the evidence
on revocation. To verify it: tongchang verify ARCHIVE --policy POLICY, or tongchang_verify.py alone, the
policy being one that was handed over before the session and does not come from here.
"""


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """A member as the manifest has it."""

    digest: Hash
    name: Annotated[str, Meta(max_length=limits.ARCHIVE_NAME_CHARS_MAX)]
    size: Count


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What the archive says it is."""

    archive: Literal[1]
    files: Annotated[tuple[File, ...], Meta(max_length=limits.ARCHIVE_MEMBERS_MAX)]
    root: Hash
    session: Id
    size: Count
    withheld: tuple[str, ...]


class Proved(Struct, frozen=True):
    """By what certificates and the final head's time are judged; nothing where nobody has a certificate.

    `trust_list` is a trust list's file, `stamp` a time-stamp token over the final head, DER; `evidence` are
    revocation lists and answers, DER.
    """

    trust_list: bytes = b""
    stamp: bytes = b""
    evidence: tuple[bytes, ...] = ()


class Archive(Struct, frozen=True):
    """An archive as read: its manifest, its record, every member's bytes by name."""

    manifest: Manifest
    record: Record
    members: dict[str, bytes]

    @property
    def checkpoints(self) -> dict[int, bytes]:
        """Signed notes of heads, by size."""
        return {
            int(name.removeprefix(CHECKPOINTS)): raw
            for name, raw in self.members.items()
            if name.startswith(CHECKPOINTS)
        }


def build(
    of: Record,
    *,
    checkpoints: Mapping[int, bytes],
    policy: bytes = b"",
    attached: Iterable[Attached] = (),
    papers: Mapping[str, bytes] | None = None,
    withheld: Iterable[str] = (),
    proved: Proved | None = None,
) -> dict[str, bytes]:
    """Every member of a session's archive, by name.

    Args:
      of: the record, whole, replayed by whoever asks.
      checkpoints: signed notes of its heads by size; one of the whole size makes the archive provable.
      policy: the trust policy as it was handed over before the session; empty where there was none.
      attached: what is kept elsewhere.
      papers: report and witnesses' lists and certificates by their member's name.
      withheld: the fields whose disclosures stay behind.
      proved: by what certificates and the final head's time are judged.
    """
    out = frozenset(withheld)
    kept = without(of, out)
    by = proved or Proved()
    leaves = [tree.leaf_hash(raw) for raw in of.entries]
    grown = levels.Levels(leaves)
    members = {
        README: _TOLD.encode(),
        RECORD: record.write(of.session, of.entries, kept.disclosed.values()),
        KEYS: archive_keys.of(kept, by.evidence),
        ATTACHED: canonical.encode(sorted(attached, key=lambda one: (one.kind, one.name))),
        **{one.path: tiles.cut(grown, one) for one in tiles.of_size(len(leaves))},
        **{f"{CHECKPOINTS}{size}": raw for size, raw in checkpoints.items()},
        **({POLICY: policy} if policy else {}),
        **({TRUST_LIST: by.trust_list} if by.trust_list else {}),
        **({STAMP: by.stamp} if by.stamp else {}),
        **(papers or {}),
    }
    files = tuple(
        File(hashlib.sha256(members[name]).digest(), name, len(members[name])) for name in sorted(members)
    )
    manifest = Manifest(1, files, tree.root(leaves), of.session, len(leaves), tuple(sorted(out)))
    return {MANIFEST: canonical.encode(manifest), **members}


def without(of: Record, withheld: Iterable[str]) -> Record:
    """A record without the disclosures of these fields; its entries are as they were."""
    out = frozenset(withheld)
    return Record(
        of.session, of.entries, Disclosed(one for one in of.disclosed.values() if one.field not in out)
    )


def write(members: Mapping[str, bytes], into: BinaryIO) -> None:
    """Write an archive's bytes.

    Args:
      members: name → bytes, as `build` gives them.
      into: where to; written from its beginning on, and read back for nothing.
    """
    assert all(_NAME.fullmatch(name) for name in members), "a member has a name of the form"
    assert len(members) <= limits.ARCHIVE_MEMBERS_MAX, "members are bounded by an entry's and a record's size"
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED, allowZip64=False) as packed:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _DATED)
            info.create_system, info.external_attr = _UNIX, _MODE
            packed.writestr(info, members[name])


def read(raw: bytes) -> Archive | Refusal:
    """Read an archive's bytes; `ArchiveRefused` says which part is not as it must be.

    Rules, signatures and heads are not judged yet: what is read is what it says it is, and whole.
    """
    if len(raw) > limits.ARCHIVE_BYTES_MAX:
        return _refused("file", f"{len(raw)} bytes")
    try:
        members = _members(raw)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        return _refused("file", str(error))
    again = io.BytesIO()
    write(members, again)
    if again.getbuffer() != raw:
        return _refused("file", "not the bytes of its own members")
    manifest = _manifest(members)
    if isinstance(manifest, Refusal):
        return manifest
    try:
        found = record.read(members[RECORD])
    except record.RecordRefused as error:
        return _refused(RECORD, str(error))
    if (found.session, len(found.entries)) != (manifest.session, manifest.size):
        return _refused(RECORD, "another session or size than the manifest's")
    if manifest.withheld and any(name.startswith(SIGNED) for name in members):
        return _refused(SIGNED, "a signed report names persons, and something is withheld")
    if any(one.field in manifest.withheld for one in found.disclosed.values()):
        return _refused(RECORD, "a disclosure that is said to be withheld")
    return _grown(Archive(manifest, found, members))


def _grown(of: Archive) -> Archive | Refusal:
    """The same, once tree, tiles and keys follow from the record."""
    grown = levels.Levels(tree.leaf_hash(raw) for raw in of.record.entries)
    if not grown.size or grown.root() != of.manifest.root:
        return _refused(MANIFEST, "another root than the record's")
    wanted = {one.path: one for one in tiles.of_size(grown.size)}
    if {name for name in of.members if name.startswith("tile/")} != set(wanted):
        return _refused("tile/", "not the tiles of this size")
    for path, tile in wanted.items():
        if of.members[path] != tiles.cut(grown, tile):
            return _refused(path, "not the record's hashes")
    if any(size > grown.size for size in of.checkpoints):
        return _refused(CHECKPOINTS, "a head of more entries than there are")
    try:
        told = canonical.decode(of.members[KEYS], Keys, limits.ARCHIVE_BYTES_MAX)
        if of.members[KEYS] != archive_keys.of(of.record, told.evidence):
            return _refused(KEYS, "not the keys of the record")
        kept = canonical.decode(of.members[ATTACHED], tuple[Attached, ...], limits.ARCHIVE_BYTES_MAX)
    except ValueError as error:
        return _refused(KEYS, str(error))
    strange = archive_keys.strange(of.record, kept)
    return _refused(ATTACHED, strange) if strange else of


def _members(raw: bytes) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        listed = packed.infolist()
        if len(listed) > limits.ARCHIVE_MEMBERS_MAX:
            raise ValueError(f"{len(listed)} members")
        for info in listed:
            if not _NAME.fullmatch(info.filename) or info.filename in members:
                raise ValueError(f"member {info.filename!r}")
            if info.compress_type != zipfile.ZIP_STORED or info.flag_bits or info.file_size > len(raw):
                raise ValueError(f"member {info.filename} is packed")
            members[info.filename] = packed.read(info)
    return members


def _manifest(members: Mapping[str, bytes]) -> Manifest | Refusal:
    for name in (MANIFEST, README, RECORD, KEYS, ATTACHED):
        if name not in members:
            return _refused(name, "missing")
    try:
        found = canonical.decode(members[MANIFEST], Manifest, limits.ARCHIVE_BYTES_MAX)
    except canonical.NotCanonical as error:
        return _refused(MANIFEST, str(error))
    names = [one.name for one in found.files]
    if names != sorted(set(members) - {MANIFEST}):
        return _refused(MANIFEST, "does not list what is here")
    for one in found.files:
        here = members[one.name]
        if (len(here), hashlib.sha256(here).digest()) != (one.size, one.digest):
            return _refused(one.name, "not the bytes of the manifest")
    return found


def _refused(part: str, why: str) -> Refusal:
    return refuse("ArchiveRefused", part=part, why=why)
