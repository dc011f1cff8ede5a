"""The tenders that scripts are about: the sample, held under version 3 of the rules, and changes of it.

Owns no course: who does what is each script's own. The fixed K is the one that the sample's table is of.
"""

import functools
from typing import Any, Final

from msgspec.structs import replace

from ops import places
from ops.people import script
from protocol.plan.case import Case
from protocol.plan.formulas import Rate

K_OF_THE_TABLE: Final = "98"


@functools.cache
def drawn_k() -> Case:
    """The sample as it is: K is drawn by all who watch."""
    return replace(script.load(places.sample_case()), rules="3", turns=(), draws={})


def fixed_k() -> Case:
    """The sample with K laid down in the plan, so that nothing of the result is left to chance."""
    return with_scheme(drawn_k(), rates=(Rate(id="K", zh="K 值", en="K", percent=K_OF_THE_TABLE),))


def with_scheme(case: Case, **changes: Any) -> Case:
    """A case whose one scheme has other parameters."""
    (scheme,) = case.plan.schemes
    return with_plan(case, schemes=(replace(scheme, **changes),))


def with_plan(case: Case, **changes: Any) -> Case:
    """A case whose plan has other parameters."""
    return replace(case, plan=replace(case.plan, **changes))
