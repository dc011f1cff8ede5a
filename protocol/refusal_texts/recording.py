"""Refusal texts: recordings and roll-call pictures (SPEC 31)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "SourceElsewhere": Term(
        "音视频来源“{source}”不属于会场“{venue}”,分段未存证。请核对该会场的设备配置。",
        "“{source}” is not one of venue “{venue}”; nothing was entered. Check the venue's devices.",
    ),
    "SegmentOutOfOrder": Term(
        "来源“{source}”的录像分段 {number} 不是下一段(应为 {due})。会场将从第 {due} 段重新报送。",
        "Segment {number} of “{source}” is not the next one ({due}). The venue goes on from {due}.",
    ),
    "SegmentOverlaps": Term(
        "来源“{source}”的录像分段 {number} 与上一段时间重叠。请校准该会场时钟。",
        "Segment {number} of “{source}” begins before the one before it ended. Set that venue's clock.",
    ),
    "GapUntold": Term(
        "来源“{source}”有 {missing_ms} 毫秒缺失未如实申报,分段未存证。",
        "“{source}” lacks {missing_ms} ms that the segment does not tell as they are; it was not entered.",
    ),
    "RollCallUnfit": Term(
        "点名画面不成立:{zh}。请重新点名。",
        "The roll-call picture does not hold: {en}. Take it again.",
    ),
    "RollCallIncomplete": Term(
        "点名画面所列席位与本场席位不符({seat}),可能有席位刚刚变更。请重新点名。",
        "The picture's seats are not the session's ({seat}); somebody may just have changed. Take it again.",
    ),
    "RollCallsFull": Term(
        "本场已有 {limit} 幅点名画面,不能再增加。到场情况请记为见证或写入报告。",
        "This session has {limit} roll-call pictures, which is all. Note who is there as an observation.",
    ),
    "UnknownRollCall": Term(
        "本场记录中没有第 {number} 幅点名画面。请刷新页面后重新选择。",
        "The record has no roll-call picture {number}. Load the page again and choose anew.",
    ),
    "RollCallGone": Term(
        "第 {number} 幅点名画面不在本节点,或已依规定删除;记录中仍保留其摘要。",
        "Picture {number} is not held here, or was erased by rule; its digest stays in the record.",
    ),
}
