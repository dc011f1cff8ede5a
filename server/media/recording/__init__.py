"""Recording without decoding (SPEC 31): packets in order, frames, segments of Matroska with digests.

What is missing is told, and a full disk stops the recording only.
"""
