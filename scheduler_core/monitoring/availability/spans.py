"""Stretches of time as pairs of whole seconds ``(start, end)``, end exclusive, in UTC seconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]
Spans = tuple[Span, ...]
"""In order, none touching the next, if a function here made them."""


def merged(spans: Iterable[Span]) -> Spans:
    """The same time with the stretches in order, those that touch or overlap as one; empty ones are left out."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        elif start < end:
            found.append((start, end))
    return tuple(found)


def within(spans: Iterable[Span], bounds: Span) -> Spans:
    """The part of merged spans that lies inside ``bounds``."""
    first, last = bounds
    cut = ((max(start, first), min(end, last)) for start, end in spans)
    return tuple((start, end) for start, end in cut if start < end)


def without(spans: Iterable[Span], taken: Spans) -> Spans:
    """The part of merged spans that lies in none of the merged ``taken``."""
    left: list[Span] = []
    at = 0
    for start, end in spans:
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        begin, number = start, at
        while number < len(taken) and taken[number][0] < end:
            if begin < taken[number][0]:
                left.append((begin, taken[number][0]))
            begin = max(begin, taken[number][1])
            number += 1
        if begin < end:
            left.append((begin, end))
    return tuple(left)


def common(spans: Spans, others: Spans) -> Spans:
    """The time that both have."""
    return without(spans, without(spans, others))


def seconds(spans: Iterable[Span]) -> int:
    """The length of merged spans together."""
    return sum(end - start for start, end in spans)
