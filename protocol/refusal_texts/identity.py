"""Refusal texts: signing in and delegated keys (SPEC 19)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "SignInLocked": Term(
        "登录失败次数过多,请等待 {seconds} 秒后再试。若不是您本人操作,请告知会场管理人员。",
        "Too many failed tries; wait {seconds} s and try again. If it was not you, tell the venue's keeper.",
    ),
    "VoiceAwaited": Term(
        "席位“{seat}”仅以一次性代码登录,可以查看,不能评分、表决或签字。"
        "请先以数字证书、手机通行密钥或现场确认为席位授权。",
        "Seat “{seat}” was bound by a one-time code alone: it may look, not score, vote or sign. Delegate "
        "its key first: by certificate, by a phone's passkey or at the desk.",
    ),
    "OfficerUnproved": Term(
        "席位“{seat}”不能确认他人身份:确认人须先以数字证书或通行密钥授权,且不能确认自己。",
        "Seat “{seat}” cannot confirm who somebody is: an officer is known by certificate or passkey first, "
        "and never confirms themselves.",
    ),
    "PersonMismatch": Term(
        "证书持有人不是该席位登记的人员。请核对席位与证书;如登记有误,请联系招标代理。",
        "The certificate is not that of the person registered for this seat. Check seat and certificate; if "
        "the register is wrong, tell the agent.",
    ),
    "PersonUntold": Term(
        "记录中还没有“{seat}”的姓名或单位名称,也没有以证书授权过,无法凭证书登录。"
        "请先用招标代理发放的一次性代码登录并授权一次,以后即可凭证书登录。",
        "The record does not say yet whose “{seat}” is, and nobody has spoken for it by certificate: a "
        "certificate alone does not bring you in. Sign in once with the code that the agent hands out and "
        "delegate; from then on the certificate suffices.",
    ),
    "ComparisonMismatch": Term(
        "比对码不符,本次扫码已作废。请在签到台重新生成二维码,并输入本席位屏幕上的两位数字。",
        "The two digits are not those of the desk; this scan is void. Have the desk show a new code, and "
        "type the digits on your own seat's screen.",
    ),
    "AssertionMismatch": Term(
        "通行密钥的签名与所要求的不符({field})。请核对网址后重新扫码。",
        "What the passkey signed is not what was asked for ({field}). Check the address, and scan again.",
    ),
    "AssertionForged": Term(
        "通行密钥的签名无效。请重新扫码;若再次出现,请告知监督人员。",
        "The passkey's signature does not hold. Scan again; if it happens again, tell a supervisor.",
    ),
    "PasskeyUnknown": Term(
        "此通行密钥尚未绑定数字证书。请先在席位上用证书绑定一次。",
        "This passkey is not bound to a certificate yet. Bind it once at the desk, with the certificate.",
    ),
    "PasskeyTaken": Term(
        "此通行密钥已经绑定,不能再绑定。请在手机上新建一个。",
        "This passkey is bound already and is not bound again. Make a new one on the phone.",
    ),
    "PasskeyCopied": Term(
        "通行密钥的计数没有增加,可能已被复制,不予采用。请换用其他方式,并告知监督人员。",
        "The passkey's count did not rise: it may have been copied, and is not taken. Use another way, and "
        "tell a supervisor.",
    ),
    "OriginNotAllowed": Term(
        "网页来源“{origin}”未获准使用 UKey。请核对网址;确需使用时,以 --origin 重新启动签名程序。",
        "Pages of “{origin}” may not use the token. Check the address; if it is right, start the program "
        "again with --origin.",
    ),
    "HolderDeclined": Term(
        "持有人没有同意签名。需要时请重新发起,并在 UKey 签名程序中确认。",
        "The holder did not agree to sign. Ask again when needed, and agree in the token's own program.",
    ),
    "NoTrustList": Term(
        "本系统尚未配置信任列表,不能以数字证书或通行密钥授权。请联系运维人员,或请见证人员现场确认。",
        "This system has no trust list: nobody comes by certificate or passkey. Tell whoever runs it, or "
        "have a witness confirm you at the desk.",
    ),
    "TokenFailed": Term(
        "UKey 未能签名:{zh}请处理后重新发起。",
        "The token did not sign: {en} Then ask again.",
    ),
}  # fmt: skip
