"""What a seal's functions raise when bytes, keys or suites are not what they should be.

A function that gives bytes cannot give a `Refusal` as well, so it raises this; a shell takes
`refusal` out and answers with it. The code is stable, as every refusal's.
"""

from protocol.refusals import Refusal, refuse, text


class SealRefused(ValueError):
    """Bytes, a key or a suite were refused; `refusal` says which and what to do."""

    def __init__(self, code: str, **detail: object) -> None:
        """Name a registered code and its particulars."""
        self.refusal: Refusal = refuse(code, **detail)
        super().__init__(f"{code}: {text(self.refusal).en}")

    @property
    def code(self) -> str:
        """The stable code."""
        return self.refusal.code
