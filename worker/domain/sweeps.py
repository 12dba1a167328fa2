"""Sweeps (K1): work that touches every client of a business, in bounded steps; what is left to do is part of the state.

A settings message that arrived late starts one (P2, C3): every card is judged again, unless an event comes first and
does it. Each card remembers the number of the late change that it was judged by, so a step can be repeated.
"""

from typing import Final

from worker.domain.business import Business
from worker.domain.session import Origin

ORIGIN: Final = Origin("", "", "", 0)
"""Of work that no single input event causes; each part of it names its own origin."""


def ended(business: Business) -> None:
    """Every card has been looked at."""
    business.tally.sweeping = 0
    business.tally_dirty = True
