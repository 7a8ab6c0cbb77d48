"""Addresses of other servers that the user names: what one may look like."""

from urllib.parse import urlsplit

from evenhand.core.errors import ConfigurationError


def checked_url(url: str, *, field: str, remedy: str) -> str:
    """Return `url` if it is plain: of HTTP, with a host, and without a name, a key or anything else in it.

    Args:
        url: The address.
        field: Where the user gave it.
        remedy: Where to give a key instead, in one sentence.

    Raises:
        ConfigurationError: `endpoint.url`.
    """
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_plain = False
    if not is_plain or parts.username is not None or parts.query or parts.fragment:
        raise ConfigurationError(
            "endpoint.url",
            "The address of an endpoint is http:// or https:// with a host and a path, and nothing else.",
            field=field,
            remedy=remedy,
        )
    return url
