"""The forms of what may be asked under rules version 3, group `review` (SPEC 16)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
