"""Contents of the commands of rules version 4, group `identity` (SPEC 19; DESIGN 6)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
