"""Contents of the commands of rules version 4, group `milestones` (SPEC 27; DESIGN 8)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
