"""All scripted evaluations, by name."""

from typing import Final

from ops.scripts import (
    chair_named,
    clarification_refused,
    deviation_explained,
    drawn_again,
    drawn_committee,
    fewer_than_three,
    k_drawn,
    late_recusal,
    low_price_explained,
    normal_gov,
    normal_tender,
    recheck,
    refusal_to_sign,
    rejection_3_2,
    sealed_refusal,
    sealed_tender,
    sealed_two_envelopes,
    secret_votes,
    suspension_3h50,
    suspension_4h10,
    tie,
    tie_decided,
    two_envelopes,
    void_committee,
)
from ops.scripts.scripted import Scripted
from ops.trouble import Trouble

SCRIPTS: Final[tuple[Scripted, ...]] = (
    normal_tender.SCRIPT,
    normal_gov.SCRIPT,
    two_envelopes.SCRIPT,
    rejection_3_2.SCRIPT,
    fewer_than_three.SCRIPT,
    late_recusal.SCRIPT,
    clarification_refused.SCRIPT,
    low_price_explained.SCRIPT,
    tie.SCRIPT,
    tie_decided.SCRIPT,
    deviation_explained.SCRIPT,
    recheck.SCRIPT,
    suspension_3h50.SCRIPT,
    suspension_4h10.SCRIPT,
    refusal_to_sign.SCRIPT,
    void_committee.SCRIPT,
    k_drawn.SCRIPT,
    drawn_committee.SCRIPT,
    drawn_again.SCRIPT,
    secret_votes.SCRIPT,
    chair_named.SCRIPT,
)
SEALED: Final[tuple[Scripted, ...]] = (
    sealed_tender.SCRIPT,
    sealed_refusal.SCRIPT,
    sealed_two_envelopes.SCRIPT,
)
"""Those that need what a stack alone has: custodians of keys, certificates, cosigners (rules version 4)."""


def show_all() -> None:
    """Name every script, with a line of what it shows."""
    for one in (*SCRIPTS, *SEALED):
        print(f"{one.name:<24}{one.zh}\n{'':<24}{one.en}")


def find(name: str) -> Scripted:
    """The script of a name.

    Raises:
      Trouble: there is none; the message names them all.
    """
    found = next((one for one in (*SCRIPTS, *SEALED) if one.name == name), None)
    if found is not None:
        return found
    names = ", ".join(one.name for one in (*SCRIPTS, *SEALED))
    raise Trouble(
        f"没有名为 {name} 的脚本。现有脚本:{names}。用 --script list 查看各脚本的说明。",
        f"There is no script {name}. The scripts are: {names}. --script list says what each shows.",
        2,
    )
