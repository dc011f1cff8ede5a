"""The forms of what may be asked under rules version 3, group `turns` (SPEC 17)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
