"""Which request headers tell of a proxy, and which may say who signed in."""

from __future__ import annotations

from typing import Final

_ADDRESSES: Final = frozenset({
    "via", "forwarded", "forwarded-for", "x-real-ip", "x-real-port", "x-client-ip", "x-client-port", "client-ip", "clientip",
    "true-client-ip", "x-true-client-ip", "x-cluster-client-ip", "x-remote-ip", "x-remote-addr", "remote-addr", "x-host",
    "x-scheme", "x-url-scheme", "front-end-https", "x-proxyuser-ip", "proxy-client-ip", "wl-proxy-client-ip", "cdn-loop",
    "x-http-forwarded-for", "http-forwarded-for", "x-http-x-forwarded-for", "x-coming-from", "x-appengine-user-ip",
    "x-varnish", "x-sent-from", "x-request-uri",
})  # fmt: skip
"""Set by proxies to say for whom, under which name or over what they forward."""
_FAMILIES: Final = (
    "x-forwarded", "x-original-", "x-proxy-", "proxy-", "x-envoy-", "x-arr-", "x-azure-", "x-fd-", "x-amz-cf-", "x-amzn-",
    "cloudfront-", "cf-", "fastly-", "x-akamai-", "akamai-", "x-goog-", "x-nginx-", "x-traefik-", "x-haproxy-", "x-ms-",
)  # fmt: skip
"""How the names of headers begin that proxies and services in front of web servers add. No browser sends one."""
_PERSON: Final = frozenset({"user", "email", "preferred-username", "login"})
"""What of a person a proxy says in X-Forwarded-...; everything else of that family is an address or a protocol."""
_PROTOCOL: Final = frozenset({
    "host", "cookie", "authorization", "origin", "referer", "user-agent", "connection", "upgrade", "te", "trailer",
    "transfer-encoding", "keep-alive", "cache-control", "pragma", "priority", "range", "expect", "from", "date", "dnt",
    "upgrade-insecure-requests", "save-data", "x-requested-with", "x-xsrftoken", "x-csrftoken",
})  # fmt: skip
_PROTOCOL_FAMILIES: Final = ("accept", "sec-", "if-", "content-", "access-control-", "proxy-")
"""Sent by browsers themselves, or by scripts of a page."""

_PLACES: Final = ("-ip", "-ipv6", "-addr", "-for", "-host", "-port", "-proto", "-scheme")
"""How the names of headers end that say from where or over what a request came."""


def tells_of_a_proxy(name: str) -> bool:
    """Whether a header of this name, in any case, shows that a request was forwarded."""
    name = name.lower()
    return name in _ADDRESSES or name.startswith(_FAMILIES)


def may_name_a_person(name: str) -> bool:
    """Whether a header of this name can be one in which a proxy says who signed in.

    False for headers that browsers send by themselves (Host, Cookie, Authorization ...), and for those in which proxies say
    an address or a protocol: their content is not the person's name.
    """
    name = name.lower()
    if name.startswith("x-forwarded"):
        return name.removeprefix("x-forwarded-") in _PERSON
    known = name in _PROTOCOL or name in _ADDRESSES
    return not known and not name.startswith(_PROTOCOL_FAMILIES) and not name.endswith(_PLACES)
