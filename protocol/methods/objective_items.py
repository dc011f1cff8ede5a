"""客观分不一致: members who differ on an objective item, which can have one right value only.

Source: 财政部令第87号 64 (客观评审因素评分不一致 may be corrected before signing).
"""

from protocol.methods.evaluation import Inputs, Mismatch
from protocol.plan.plan import Scheme
from protocol.plan.stages import scored_nodes


def mismatches(scheme: Scheme, inputs: Inputs) -> tuple[Mismatch, ...]:
    """Return every objective item and bidder on which the members' points differ, in the tree's order."""
    found: list[Mismatch] = []
    for node in scored_nodes(scheme):
        if node.criterion.kind != "objective":
            continue
        name = node.criterion.id
        for bidder in sorted(inputs.valid):
            scores = {seat: inputs.sheets[seat][bidder][name] for seat in sorted(inputs.sheets)}
            if len(set(scores.values())) > 1:
                found.append(Mismatch(criterion=name, bidder=bidder, scores=scores))
    return tuple(found)
