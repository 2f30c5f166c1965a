"""Numbers as people and databases write them: every number of a cell, of a spreadsheet or of the ERP, is read here.

The bounds are checked on a number's digits and exponent before anything is computed with it: 1e1000000 is a number, and any
sum or rounding of it would overflow.
"""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import Final

MAX_EXPONENT: Final = 12
"""Numbers of 10**12 and more are not meant, nor are numbers that are nearer to 0 than 10**-12: quotients of such numbers and
sums of a hundred thousand of them are exact enough, and far from the end of what can be computed."""

NOT_A_NUMBER: Final = "is not a number"


class BadNumber(ValueError):
    """Why a text is not a number that can be used, in a planner's words."""


def exact_number(written: str) -> Decimal:
    """The number that a text writes with a decimal point: finite, below 10**12, and 0 or 10**-12 and more away from it.

    Raises BadNumber.
    """
    try:
        value = Decimal(written)
    except DecimalException:
        raise BadNumber(NOT_A_NUMBER) from None
    if not value.is_finite():
        raise BadNumber("is not a finite number")
    if not value:
        return Decimal(0)  # whatever its exponent
    if value.adjusted() >= MAX_EXPONENT:
        raise BadNumber("is too large to be meant")
    if value.adjusted() < -MAX_EXPONENT:
        raise BadNumber("is too small to be meant")
    return value
