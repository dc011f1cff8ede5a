"""The language and the law: pure rules of one evaluation, without clock, dice, loop or I/O."""
