"""`tongchang province`: a province that the agent's desk cannot reach signs a session's policy by file.

Owns the two files that go to and fro, and the sentences. The first is made at the main venue, the second in
the province, by its own key and its own copy of the policy; back at the main venue it is laid where the desk
finds it when the session is booked. What is signed is as online (SPEC 27.4).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, TypeVar

from msgspec import Struct

from main_venue import provinces
from ops import files, installation, policy
from ops.trouble import Trouble
from protocol import canonical
from protocol.commands import ProvinceSignature
from protocol.refusals import Refusal, text
from protocol.words import Id
from sub_venue import config as venue_config
from sub_venue.cosigner.province import Province

UNREADABLE: Final = 2
WRONG: Final = 1
_BYTES_MAX: Final = 1_048_576
T = TypeVar("T")


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """What a province is asked to sign: the session, and its whole policy as text."""

    policy: str
    province_request: Literal[1]
    session: Id


class Signed(Struct, frozen=True, forbid_unknown_fields=True):
    """What comes back."""

    province_signed: Literal[1]
    session: Id
    signature: ProvinceSignature


class Accepted(Struct, frozen=True):
    """A signed file that was laid where the desk finds it."""

    province: str
    session: str
    path: Path


def request(data: Path, session: str, out: Path | None) -> Path:
    """Write the file that provinces are asked to sign, and say where it lies.

    Raises:
      Trouble: there is no installation, or the disk does not take it.
    """
    told = Request(policy.of(data, session), 1, session)
    path = out or Path(f"{session}-province-request.json")
    files.write(path, canonical.encode(told) + b"\n")
    return path


def sign(
    file: Path, province: str, key: Path, agreed: Path, out: Path | None, awaited: Sequence[str] = ()
) -> Path:
    """Sign a request as a province, where its policy is the agreed one, and say where that lies.

    `awaited` are the province's own cosigners without whom no milestone may be reached (硬等待).

    Raises:
      Trouble: a file cannot be read (2); the policy is another one, or waits for too few (1).
    """
    asked = _read(file, Request)
    try:
        signer = Province(province, key, agreed, awaited)
    except (OSError, ValueError) as error:
        raise Trouble(
            f"签署密钥或信任策略无法读取({error})。请核对 --key 与 --policy。",
            f"The key or the policy cannot be read ({error}). Check --key and --policy.",
            UNREADABLE,
        ) from error
    signature = signer.sign(asked.session, canonical.sha256(asked.policy.encode()))
    if isinstance(signature, Refusal) and signature.code == "ProvinceNotAwaited":
        told = text(signature)
        raise Trouble(told.zh, told.en, WRONG)
    if isinstance(signature, Refusal):
        raise Trouble(
            f"{file} 中的信任策略与 {agreed} 不符,未签署。请核对。",
            f"The policy in {file} is not the one in {agreed}: nothing was signed. Compare cosigners, keys "
            "and quorum with the main venue.",
            WRONG,
        )
    path = out or file.with_name(f"{asked.session}-{province}.json")
    files.write(path, canonical.encode(Signed(1, asked.session, signature)) + b"\n")
    return path


def accept(data: Path, file: Path) -> Accepted:
    """Check a signed file against the installation's policy and the province's key, and lay it for the desk.

    Raises:
      Trouble: it cannot be read (2); it is not what was asked for (1).
    """
    signed = _read(file, Signed)
    main = installation.find(data).main
    settings = venue_config.read(installation.find(data).config(main.place.node))
    asked = next((one for one in settings.provinces if one.province == signed.signature.province), None)
    if asked is None:
        raise Trouble(
            f"主场配置中没有省份 {signed.signature.province}。",
            f"The main venue was told of no province {signed.signature.province}.",
            WRONG,
        )
    digest = canonical.sha256(policy.of(data, signed.session).encode())
    if not provinces.is_signed(signed.signature, asked, signed.session, digest):
        raise Trouble(
            f"{file} 不是 {asked.province} 以约定密钥对会话 {signed.session} 现行信任策略的签署。"
            "请重新生成请签文件交其签署。",
            f"{file} is not {asked.province}'s signature, by the key that was agreed, under the policy of "
            f"session {signed.session} as it stands. Write the request anew and have it signed.",
            WRONG,
        )
    path = provinces.signed_path(settings.data_dir / provinces.FOLDER, signed.session, asked.province)
    files.make_folder(path.parent.parent)
    files.make_folder(path.parent)
    files.write(path, canonical.encode(signed.signature))
    return Accepted(asked.province, signed.session, path)


def _read(path: Path, form: type[T]) -> T:
    """A file of this form.

    Raises:
      Trouble: it cannot be read, or is of another form (2).
    """
    try:
        raw = path.read_bytes()
        if len(raw) > _BYTES_MAX:
            raise canonical.NotCanonical(f"{len(raw)} bytes")
        found: T = canonical.decode(raw.removesuffix(b"\n"), form)
    except (OSError, canonical.NotCanonical) as error:
        raise Trouble(
            f"{path} 不是所要的文件({error})。请用 tongchang province 生成的文件,勿改动其内容。",
            f"{path} is not the file that is wanted ({error}). Use what tongchang province wrote, unchanged.",
            UNREADABLE,
        ) from error
    return found
