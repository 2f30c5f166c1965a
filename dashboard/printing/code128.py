"""Code 128 bar codes (ISO/IEC 15417, code set B): a text as bars that a hand scanner reads. Pure."""

from __future__ import annotations

from typing import Final

QUIET: Final = 10
"""Modules of white that a scanner needs on both sides."""
_START_B, _STOP = 104, 106
_WIDTHS: Final = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]
"""Of each symbol the widths of bar, space, bar, ... in modules."""


def can_be_coded(text: str) -> bool:
    """Whether code set B has every sign of the text (printable ASCII), and there is one at all."""
    return bool(text) and all(" " <= sign <= "~" for sign in text)


def symbols(text: str) -> list[int]:
    """Numbers of the symbols: start, one for each sign, the check symbol (modulo 103) and stop. Raises ValueError for a text
    that cannot be coded."""
    if not can_be_coded(text):
        raise ValueError(f"code set B of Code 128 does not have every sign of {text!r}")
    signs = [ord(sign) - 32 for sign in text]
    check = (_START_B + sum(place * value for place, value in enumerate(signs, 1))) % 103
    return [_START_B, *signs, check, _STOP]


def bars(text: str) -> tuple[list[tuple[int, int]], int]:
    """The bars as (left edge, width) in modules from the left end of the code, and the width of the whole code without its
    quiet zones. Raises ValueError like ``symbols``."""
    found, at = [], 0
    for symbol in symbols(text):
        for place, width in enumerate(map(int, _WIDTHS[symbol])):
            if place % 2 == 0:
                found.append((at, width))
            at += width
    return found, at


def svg(text: str) -> str:
    """The code with its quiet zones as an SVG element that fills its place; nothing for a text that cannot be coded. The
    text itself is not in it."""
    if not can_be_coded(text):
        return ""
    found, width = bars(text)
    path = "".join(f"M{QUIET + at} 0h{wide}v1h-{wide}z" for at, wide in found)
    return (
        f'<svg class="code" viewBox="0 0 {width + 2 * QUIET} 1" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path d="{path}"/></svg>'
    )
