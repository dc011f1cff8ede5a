"""Contents of the commands of rules version 4, group `signatures` (SPEC 29)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
