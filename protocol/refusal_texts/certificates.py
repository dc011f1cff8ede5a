"""Refusal texts: certificates and the trust list."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "TrustListMalformed": Term(
        "信任列表格式有误({why})。请重新取得由联盟签发的列表。",
        "The trust list is malformed ({why}). Get the list again as the alliance signed it.",
    ),
    "TrustListUnsigned": Term(
        "信任列表(第 {version} 版)的有效签名不足 {needed} 个,不予采用。请向联盟重新取得。",
        "Version {version} of the trust list has not the {needed} signatures that it needs and is not used. "
        "Get it again from the alliance.",
    ),
    "TrustListForeign": Term(
        "信任列表(联盟“{alliance}”,第 {version} 版)不是由本系统认可的签发者签署的。请核对来源。",
        "Version {version} of the trust list of “{alliance}” is not signed by those whose word counts here. "
        "Check where it came from.",
    ),
    "TrustListOlder": Term(
        "信任列表第 {given} 版早于已采用的第 {held} 版,不予采用。请取得最新版本。",
        "Version {given} of the trust list is older than version {held}, which is in use; it is refused. "
        "Get the newest.",
    ),
    "TrustListForked": Term(
        "出现两份内容不同的第 {version} 版信任列表。请停止使用,并立即告知监督人员。",
        "There are two different lists of version {version}. Stop, and tell a supervisor at once.",
    ),
    "TrustListStale": Term(
        "信任列表(第 {version} 版)已过期({at})。请取得新版本后重试。",
        "Version {version} of the trust list ran out ({at}). Get a newer one and try again.",
    ),
    "CannotRead": Term(
        "无法读取文件 {file}({why})。请核对路径和权限。",
        "Cannot read the file {file} ({why}). Check its path and permissions.",
    ),
    "CertificateUnreadable": Term(
        "这不是可读的证书({why})。请选择 PEM 或 DER 格式的 X.509 证书文件。",
        "This is no certificate that can be read ({why}). Choose an X.509 certificate in PEM or DER.",
    ),
    "CaUnknown": Term(
        "证书“{subject}”的签发者“{issuer}”不在信任列表中。请使用互认机构的证书,或一并提供中级证书。",
        "The issuer of “{subject}”, “{issuer}”, is not in the trust list. Use a recognised authority's "
        "certificate, or add the certificates between.",
    ),
    "CaNotInForce": Term(
        "在该时刻,证书认证机构“{name}”({ca})不在互认有效期内。请使用其他互认机构的证书。",
        "The authority “{name}” ({ca}) is not recognised at that time. Use another authority's certificate.",
    ),
    "AlgorithmNotAllowed": Term(
        "“{subject}”使用了不被认可的算法或密钥({algorithm})。请向签发机构换发证书。",
        "“{subject}” uses an algorithm or key that is not allowed ({algorithm}). Have its authority issue "
        "another.",
    ),
    "CertificateForged": Term(
        "证书“{subject}”的签名不是其签发者所作。请勿采信,并告知监督人员。",
        "The signature of the certificate “{subject}” is not its issuer's. Do not rely on it, and tell a "
        "supervisor.",
    ),
    "CertificateNotYet": Term(
        "证书“{subject}”尚未生效({at})。请核对时间,或等待其生效。",
        "The certificate “{subject}” is not valid before {at}. Check the time, or wait.",
    ),
    "CertificateExpired": Term(
        "证书“{subject}”已过期({at})。请向签发机构更新证书。",
        "The certificate “{subject}” expired at {at}. Have its authority renew it.",
    ),
    "CertificateRevoked": Term(
        "证书“{subject}”已被吊销(自 {at} 起)。请使用新证书,并告知监督人员。",
        "The certificate “{subject}” is revoked since {at}. Use a new one, and tell a supervisor.",
    ),
    "NotACa": Term(
        "“{subject}”无权签发证书。请勿采信由其签发的证书。",
        "“{subject}” may not issue certificates. Do not rely on what it issued.",
    ),
    "IsACa": Term(
        "“{subject}”是认证机构证书,不能供个人使用。请使用个人或单位证书。",
        "“{subject}” is an authority's own certificate; nobody acts by it. Use a person's.",
    ),
    "ChainTooLong": Term(
        "证书链过长:“{subject}”之下最多允许 {limit} 级中级机构。请勿采信。",
        "The chain is too long: below “{subject}” at most {limit} authorities may stand between. Do not rely "
        "on it.",
    ),
    "NameNotAllowed": Term(
        "证书“{subject}”的名称超出其签发机构的范围。请向本地区的认证机构申请证书。",
        "The name “{subject}” is not one that its authority may certify. Get one from the right one.",
    ),
    "PolicyMissing": Term(
        "证书“{subject}”未按互认的证书策略({policies})签发。请使用符合策略的证书。",
        "The certificate “{subject}” was not issued under a recognised policy ({policies}). Use one that is.",
    ),
    "ExtensionUnknown": Term(
        "证书“{subject}”含有无法处理的关键扩展({extension})。请向签发机构换发证书。",
        "The certificate “{subject}” has a critical extension that is not understood ({extension}). Have its "
        "authority issue another.",
    ),
    "WrongPurpose": Term(
        "证书“{subject}”不适用于此用途(签名与加密各用其证书)。请选择另一张证书。",
        "The certificate “{subject}” is not for this purpose (one signs, another is sealed to). Choose the "
        "other one.",
    ),
    "RevocationUnknown": Term(
        "没有证书“{subject}”当时是否被吊销的证据,不能采用。请取得其签发机构的 CRL 或 OCSP 应答后重试。",
        "There is no evidence on whether “{subject}” was revoked; it cannot be used. Get its authority's CRL "
        "or OCSP answer and try again.",
    ),
    "EvidenceUnreadable": Term(
        "吊销证据无法读取({why})。请重新取得 CRL 或 OCSP 应答。",
        "The evidence on revocation cannot be read ({why}). Get the CRL or OCSP answer again.",
    ),
    "EvidenceForeign": Term(
        "所给的吊销证据与证书“{subject}”无关。请取得其签发机构对该证书的 CRL 或 OCSP 应答。",
        "The evidence given is not about “{subject}”. Get the CRL or OCSP answer of its own issuer.",
    ),
    "EvidenceForged": Term(
        "吊销证据不是“{subject}”或其授权者签署的。请勿采信,并重新取得。",
        "The evidence on revocation is not signed by “{subject}” or whom it appointed. Do not rely on it; "
        "get it again.",
    ),
    "EvidencePartial": Term(
        "吊销证据只涉及部分证书或原因,不能说明“{subject}”的状态。请取得完整的 CRL 或 OCSP 应答。",
        "The evidence covers only some certificates or reasons and does not decide on “{subject}”. Get a "
        "whole CRL or an OCSP answer.",
    ),
    "EvidenceStale": Term(
        "关于“{subject}”的吊销证据不适用于该时刻(至 {at})。请重新取得。",
        "The evidence on “{subject}” does not cover that time (it ends at {at}). Get it anew.",
    ),
    "StatementMismatch": Term(
        "所签声明的“{field}”与要求不符,未予受理。请刷新页面,核对所示内容后重新签名。",
        "The “{field}” of what was signed is not what was asked for; nothing was done. Reload, read what is "
        "shown, and sign again.",
    ),
    "StatementForged": Term(
        "声明的签名不是证书“{subject}”的密钥所作。请使用本人证书重新签名。",
        "The statement is not signed by the key of the certificate “{subject}”. Sign again with your own.",
    ),
    "ChallengeStale": Term(
        "签名请求已超过 {seconds} 秒。请刷新页面后重新签名。",
        "The request to sign is older than {seconds} seconds. Reload the page and sign again.",
    ),
    "DelegationTooLong": Term(
        "席位委托的截止时间须在此刻之后、{days} 日之内。请刷新页面后重新签名。",
        "A seat is delegated for some time from now, at most {days} days. Reload the page and sign again.",
    ),
    "DelegationEnded": Term(
        "席位“{seat}”的委托已于 {at} 到期。请用证书、通行密钥或在签到台重新委托。",
        "The delegation to seat “{seat}” ended at {at}. Delegate anew: by certificate, by passkey or at the "
        "desk.",
    ),
    "EvidenceWeak": Term(
        "吊销证据({subject})使用了不被认可的算法({algorithm})。请向签发机构取得其他证据。",
        "The evidence on revocation ({subject}) uses an algorithm that is not allowed ({algorithm}). Get "
        "other evidence from its authority.",
    ),
}
