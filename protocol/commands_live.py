"""Contents of the commands of rules version 4, group `live` (SPEC 31)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
