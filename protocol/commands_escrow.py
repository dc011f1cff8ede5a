"""Contents of the commands of rules version 4, group `escrow` (SPEC 28; DESIGN 7)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
