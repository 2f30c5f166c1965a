"""Code 128: known check symbols, and bars that a decoder written apart reads back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.printing import code128

PRINTABLE = some.text(some.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)
START_B, STOP = "11010010000", "1100011101011"
KNOWN = {"A": "10100011000", "1": "10011100110", "-": "10011011100", " ": "11011001100", "~": "10001011110"}
"""Patterns of the standard's table, as 1 for black and 0 for white."""


def pattern(text: str) -> str:
    """The code as one digit for each module."""
    found, width = code128.bars(text)
    modules = ["0"] * width
    for at, wide in found:
        modules[at : at + wide] = "1" * wide
    return "".join(modules)


def test_check_symbols_of_the_literature() -> None:
    assert code128.symbols("Wikipedia")[-2] == 88
    # 54 where the code begins with the start symbol of set A, whose number is one less.
    assert code128.symbols("PJJ123C")[-2] == 55


@pytest.mark.parametrize("sign", KNOWN)
def test_patterns_are_those_of_the_standard(sign: str) -> None:
    code = pattern(sign)
    assert code.startswith(START_B)
    assert code.endswith(STOP)
    assert code[11:22] == KNOWN[sign]


@given(PRINTABLE)
def test_every_symbol_is_eleven_modules_and_no_two_are_alike(text: str) -> None:
    code = pattern(text)
    assert len(code) == 11 * (len(text) + 2) + 13
    read = [code[k : k + 11] for k in range(11, 11 * (len(text) + 1), 11)]
    assert len(set(read)) == len(set(text))
    assert all(symbol[0] == "1" and symbol[-1] == "0" and symbol.count("1") % 2 == 0 for symbol in read)


def test_all_signs_have_patterns_of_their_own() -> None:
    every = "".join(map(chr, range(32, 127)))
    code = pattern(every)
    assert len({code[k : k + 11] for k in range(11, 11 * (len(every) + 1), 11)}) == 95


@pytest.mark.parametrize("text", ["", "Größe", "订单", "a\nb"])
def test_what_has_no_code_is_left_out_and_refused(text: str) -> None:
    assert code128.svg(text) == ""
    with pytest.raises(ValueError, match="does not have every sign"):
        code128.symbols(text)


def test_the_picture_has_quiet_zones_and_no_text() -> None:
    picture = code128.svg("J1")
    found, width = code128.bars("J1")
    assert f'viewBox="0 0 {width + 20} 1"' in picture
    assert len(re.findall("M", picture)) == len(found)
    assert picture.count("M10 0h2") == 1
    assert "J1" not in picture
