"""The forms of what may be asked under rules version 3, group `committee` (SPEC 15)."""

from protocol.content import Content

CONTENTS: tuple[type[Content], ...] = ()
