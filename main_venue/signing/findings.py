"""What can be found of a signed report, each with a stable code and what to do about it (签署核验结论).

Owns codes, their weight and their sentences. `fault`: the report does not count as signed; `unknown`: nothing
can be said until something is fetched; `note`: for people to know. SPEC 29.4.
"""

from typing import Final, Literal

from msgspec import Struct

from protocol.words import Term

Weight = Literal["fault", "unknown", "note"]
Code = Literal[
    "ReportUnreadable", "ReportNotPrepared", "ReportChanged", "ReportForeign", "ReportExtended",
    "AnnexSwapped", "AnnexMissing", "AnnexAdded",
    "SignatureMissing", "SignatureBroken", "SignatureForeign", "SignerNotTrusted",
    "SignerUndecided", "SignerAnother", "SealUnreadable",
    "StampMissing", "StampBroken", "StampNotTrusted", "StampUndecided",
    "ReaderRefuses", "DeemedAgreed", "DissentedUnsigned", "DissentSigned",
]  # fmt: skip

WEIGHTS: Final[dict[Code, Weight]] = {
    "ReportUnreadable": "unknown", "SignerUndecided": "unknown", "StampUndecided": "unknown",
    "DeemedAgreed": "note", "DissentedUnsigned": "note", "DissentSigned": "note",
}  # fmt: skip
"""All others are faults."""

TEXTS: Final[dict[Code, Term]] = {
    "ReportUnreadable": Term(
        "文件无法作为 PDF 读取。请核对文件是否完整。",
        "The file cannot be read as a PDF. Check that it is whole.",
    ),
    "ReportNotPrepared": Term(
        "文件不是备签的评标报告:没有签署清单。请索取签署后的原件。",
        "The file is no report prepared for signing: it has no manifest. Ask for the signed original.",
    ),
    "ReportChanged": Term(
        "报告正文在备签之后被改动。此文件不可采信,请索取原件。",
        "The report's own bytes were changed after it was prepared. Ask for the original.",
    ),
    "ReportForeign": Term(
        "这不是会话记录所载的那份备签报告。请核对项目与文件。",
        "This is not the prepared report that the session recorded. Check project and file.",
    ),
    "ReportExtended": Term(
        "签署之后有人改动或追加了签名以外的内容。此文件不可采信。",
        "Something other than signatures was changed or added after signing. Do not rely on this file.",
    ),
    "AnnexSwapped": Term("附件被替换。请索取原附件。", "An annex was swapped. Ask for what was signed."),
    "AnnexMissing": Term("附件被移除。请索取原件。", "An annex was removed. Ask for the original."),
    "AnnexAdded": Term("附件不在签署清单中。", "An annex is not in what was signed."),
    "SignatureMissing": Term(
        "应签处没有签名,也没有视为同意或另书意见的记载。签名可能被移除,请与会话记录核对。",
        "A place is not signed, and nothing records a deemed agreement or a dissent in its stead. "
        "A signature may have been removed: compare with the session's record.",
    ),
    "SignatureBroken": Term(
        "签名与文件内容不符:内容已被改动,或签名是伪造的。",
        "The signature does not fit the bytes: they were changed, or it is forged.",
    ),
    "SignatureForeign": Term(
        "签名不在备签的签署处。", "There is a signature in a place that was not prepared for one."
    ),
    "SignerNotTrusted": Term(
        "签署者的证书在签署时不被信任列表承认。",
        "By the trust list the signer's certificate did not count when it signed.",
    ),
    "SignerUndecided": Term(
        "无法判定签署者的证书在签署时是否有效。请提供吊销证据或更新的信任列表。",
        "It cannot be decided whether the signer's certificate counted. Bring evidence on revocation.",
    ),
    "SignerAnother": Term(
        "证书上的姓名与该签署处所定的人不符。",
        "The name in the certificate is not that of the person for whom the place was prepared.",
    ),
    "SealUnreadable": Term(
        "随附的签名文件无法读取。请核对文件。",
        "A signature beside the report cannot be read. Check the file.",
    ),
    "StampMissing": Term("签名没有时间戳。", "The signature has no time-stamp."),
    "StampBroken": Term("时间戳与签名不符。", "The time-stamp does not fit the signature."),
    "StampNotTrusted": Term(
        "时间戳服务的证书不被信任列表承认。",
        "By the trust list the time-stamping authority's certificate does not count.",
    ),
    "StampUndecided": Term(
        "无法判定时间戳服务的证书是否有效。请提供吊销证据或更新的信任列表。",
        "It cannot be decided whether the time-stamping authority counted. Bring evidence on revocation.",
    ),
    "ReaderRefuses": Term(
        "按 PDF 阅读器的规则,该签名不成立。", "By a PDF reader's rules the signature does not hold."
    ),
    "DeemedAgreed": Term(
        "该成员未签字亦未书面说明理由,已按规定记载为视为同意。",
        "This member neither signed nor gave reasons; the record says that they are deemed to agree.",
    ),
    "DissentedUnsigned": Term(
        "该成员以书面不同意见代替签字。", "This member gave a dissent in writing in place of a signature."
    ),
    "DissentSigned": Term("该成员签字并附书面不同意见。", "This member signed, with a dissent in writing."),
}


class Finding(Struct, frozen=True):
    """One thing found: its code, of which place or annex (empty: of the whole), and particulars."""

    code: Code
    of: str = ""
    detail: str = ""

    @property
    def weight(self) -> Weight:
        """How much it weighs."""
        return WEIGHTS.get(self.code, "fault")

    @property
    def term(self) -> Term:
        """Its sentence, with what it is about."""
        said = TEXTS[self.code]
        about = f"[{self.of}] " if self.of else ""
        more = f" ({self.detail})" if self.detail else ""
        return Term(f"{about}{said.zh}{more}", f"{about}{said.en}{more}")
