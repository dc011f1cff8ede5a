"""Refusal texts: recordings (SPEC 31)."""

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
}
