"""Contents of the commands of rules version 4, group `ceremony` (SPEC 28; DESIGN 6)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
