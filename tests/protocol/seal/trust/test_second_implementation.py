"""The same certificates before another judge: the `openssl` command, which shares no line with ours.

What ours makes it accepts, what it makes ours accepts, of each kind; what it finds revoked, so do we.
Debian's command verifies SM2 link by link only (its `-vfyopt` reaches the target alone).
"""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from OpenSSL import crypto

from ops.ca import keys, making
from ops.ca.keys import Kind
from ops.ca.making import Withdrawn
from protocol.refusals import Refusal
from protocol.seal.trust import certificate, judge
from tests.attacks.province import AT, DAY, EVERY_KIND, POLICY, Province, code, read, trusting, weak

pytestmark = pytest.mark.parametrize("kind", EVERY_KIND)
IDENTITY = "distid:1234567812345678"


def openssl(folder: Path, *arguments: str, right: bool = True) -> str:
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode == 0) is right, done.stdout + done.stderr
    return done.stdout + done.stderr


def verify(folder: Path, kind: Kind, issuer: str, subject: str, *more: str, right: bool = True) -> str:
    """One link, at `AT`."""
    sm2 = ("-vfyopt", IDENTITY) if kind == "sm2" else ()
    at = ("-attime", str(AT // 1000), "-partial_chain", "-trusted", issuer)
    return openssl(folder, "verify", *sm2, *at, *more, subject, right=right)


def put(folder: Path, **files: bytes) -> None:
    for name, raw in files.items():
        label = "X509 CRL" if name.startswith("crl") else "CERTIFICATE"
        (folder / f"{name}.pem").write_bytes(certificate.pem(raw, label))


def test_openssl_accepts_what_ours_makes(kind: Kind, tmp_path: Path) -> None:
    province = Province(kind)
    crl_root, crl_own = province.crls()
    put(
        tmp_path,
        root=province.root,
        issuing=province.issuing,
        person=province.person(),
        crl_root=crl_root,
        crl_own=crl_own,
    )
    verify(tmp_path, kind, "root.pem", "issuing.pem")
    verify(tmp_path, kind, "issuing.pem", "person.pem")
    text = openssl(tmp_path, "x509", "-in", "person.pem", "-noout", "-text")
    assert "Digital Signature, Non Repudiation" in text
    assert POLICY in text


def test_openssl_refuses_what_ours_refuses(kind: Kind, tmp_path: Path) -> None:
    province, thief = Province(kind), Province(kind, "thief-ca")
    person = province.person()
    put(
        tmp_path,
        root=province.root,
        issuing=province.issuing,
        expired=province.person(ends=AT - 1000),
        stranger=thief.person(issuer=province.issuing_name),
        changed=person[:-1] + bytes((person[-1] ^ 1,)),
    )
    for wrong in ("expired", "stranger", "changed"):
        verify(tmp_path, kind, "issuing.pem", f"{wrong}.pem", right=False)


def test_openssl_reads_revocation_and_answers_as_we_do(kind: Kind, tmp_path: Path) -> None:
    province = Province(kind)
    _, good = province.crls()
    _, revoked = province.crls(Withdrawn(1001, AT - 1000))
    put(tmp_path, issuing=province.issuing, person=province.person(), crl_good=good, crl_revoked=revoked)
    check = ("-crl_check", "-CRLfile")
    if kind != "sm2":  # the command gives SM2's identity to certificates and not to lists
        verify(tmp_path, kind, "issuing.pem", "person.pem", *check, "crl_good.pem")
        told = verify(tmp_path, kind, "issuing.pem", "person.pem", *check, "crl_revoked.pem", right=False)
        assert "certificate revoked" in told
    listed = openssl(tmp_path, "crl", "-in", "crl_revoked.pem", "-noout", "-text")
    assert "Serial Number: 03E9" in listed
    for since, word in ((None, "good"), (AT - 1000, "revoked")):
        (tmp_path / "answer.der").write_bytes(province.answers(since=since)[1])
        text = openssl(tmp_path, "ocsp", "-respin", "answer.der", "-resp_text", "-noverify")
        assert f"Cert Status: {word}" in text


def test_a_whole_chain_with_its_lists_stands_before_pyopenssl_too(kind: Kind) -> None:
    # Another OpenSSL, the one that `cryptography` brings: it takes SM2 chains of three with their lists.
    province = Province(kind)
    good, revoked = province.crls(), province.crls(Withdrawn(1001, AT - 1000))
    forged = province.crls(signer=Province(kind, "thief-ca").issuing_key)
    person, stranger = province.person(), Province(kind, "thief-ca").person(issuer=province.issuing_name)
    for leaf, crls, wanted in (
        (person, good, ""),
        (person, revoked, "certificate revoked"),
        (person, good[:1], "unable to get certificate CRL"),
        (person, forged, "CRL"),
        (stranger, good, "certificate"),
        (province.person(ends=AT - 1000), good, "certificate has expired"),
    ):
        store = crypto.X509Store()
        store.add_cert(_x509(province.root))
        for one in crls:
            store.add_crl(x509.load_der_x509_crl(one))
        store.set_flags(crypto.X509StoreFlags.CRL_CHECK | crypto.X509StoreFlags.CRL_CHECK_ALL)
        store.set_time(datetime.fromtimestamp(AT // 1000, UTC))
        context = crypto.X509StoreContext(store, _x509(leaf), [_x509(province.issuing)])
        ours = province.judged(leaf, crls=crls).outcome
        if not wanted:
            context.verify_certificate()
            assert ours == "valid"
            continue
        with pytest.raises(crypto.X509StoreContextError, match=wanted):
            context.verify_certificate()
        assert ours != "valid"


def _x509(raw: bytes) -> crypto.X509:
    return crypto.load_certificate(crypto.FILETYPE_ASN1, raw)


CONFIGURATION = f"""
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = 2.5.29.32.0
[person]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
extendedKeyUsage = clientAuth, emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = {POLICY}
"""


def made_by_openssl(folder: Path, kind: Kind) -> dict[str, bytes]:
    """A root, an issuing CA, a person and both revocation lists, made by the command alone; DER."""
    (folder / "own.cnf").write_text(CONFIGURATION)
    digest = "-sm3" if kind == "sm2" else "-sha256"
    identity = ("-sigopt", IDENTITY) if kind == "sm2" else ()
    days = ("-days", "36500", "-set_serial")
    for serial, (name, issuer) in enumerate((("ca", ""), ("issuing", "ca"), ("person", "issuing")), 1):
        parameters = {
            "rsa": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
            "ecdsa": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
            "sm2": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"),
        }[kind]
        openssl(folder, "genpkey", *parameters, "-out", f"{name}.key")
        subject = ("-config", "own.cnf", "-subj", f"/C=CN/CN={name} by openssl", "-key", f"{name}.key")
        if not issuer:
            openssl(
                folder, "req", "-x509", "-new", digest, *identity, *days, str(serial), *subject,
                "-extensions", "ca", "-out", f"{name}.pem",
            )  # fmt: skip
            continue
        openssl(folder, "req", "-new", digest, *identity, *subject, "-out", f"{name}.csr")
        checks = ("-vfyopt", IDENTITY) if kind == "sm2" else ()
        openssl(
            folder, "x509", "-req", digest, *identity, *checks, *days, str(serial), "-in", f"{name}.csr",
            "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-extfile", "own.cnf",
            "-extensions", name, "-out", f"{name}.pem",
        )  # fmt: skip
    found = {}
    for name in ("ca", "issuing", "person"):
        read_back = certificate.read_file((folder / f"{name}.pem").read_bytes())
        assert not isinstance(read_back, Refusal)
        found[name] = read_back[0].raw
    return found


def test_ours_accepts_what_openssl_makes(kind: Kind, tmp_path: Path) -> None:
    made = made_by_openssl(tmp_path, kind)
    province = Province(kind)
    trusted = trusting(province.authority(roots=(made["ca"],), valid_from=0, valid_until=AT * 2))
    person, issuing, root = (read(made[name]) for name in ("person", "issuing", "ca"))
    at = person.begins
    answers = answered(province, made, at, tmp_path)
    verdict = judge.judge(person, (issuing,), trusted, at, "sign", judge.read_evidence((), answers))
    assert code(verdict) == "valid"
    assert [one.raw for one in verdict.path] == [person.raw, issuing.raw, root.raw]
    assert judge.judge(person, (issuing,), trusted, at, "open").reason is not None
    changed = certificate.read(made["person"][:-1] + bytes((made["person"][-1] ^ 1,)))
    if not isinstance(changed, Refusal):
        assert code(judge.judge(changed, (issuing,), trusted, at, "sign")) == "CertificateForged"


def answered(province: Province, made: dict[str, bytes], at: int, folder: Path) -> tuple[bytes, ...]:
    """Answers by the keys that the command made, on its certificates."""
    found = []
    for issuer, subject in (("ca", "issuing"), ("issuing", "person")):
        signer = keys.read(province.kind, (folder / f"{issuer}.key").read_bytes(), issuer)
        name = read(made[issuer]).parsed.subject
        status = making.Status(
            issuer=name, issuer_spki=signer.spki, serial=read(made[subject]).serial, begins=at, ends=at + DAY
        )
        found.append(making.answer(status, name, signer))
    return tuple(found)


def test_the_same_weak_hash_that_we_refuse_openssl_refuses_only_when_told(kind: Kind, tmp_path: Path) -> None:
    # Why the allow-list is ours: at its lowest level the command takes SHA-1 signatures.
    province = Province(kind)
    put(tmp_path, issuing=province.issuing, person=province.person(signer=weak(province.issuing_key)))
    if kind != "sm2":
        verify(tmp_path, kind, "issuing.pem", "person.pem", "-auth_level", "0")
    assert code(province.judged(province.person(signer=weak(province.issuing_key)))) == "AlgorithmNotAllowed"
