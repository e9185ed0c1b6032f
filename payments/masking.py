"""Showing where a link goes, so that a mistake is seen and a shoulder learns little."""

from __future__ import annotations

from crm.contact_values import phone_label

DOTS = "···"
SHOWN_OF_NAME = 3
SHOWN_OF_NUMBER = 4


def masked(channel: str, address: str) -> str:
    """Return a phone without its middle digits, or an e-mail without the end of its name."""
    if not address:
        return ""
    return _masked_phone(address) if channel == "sms" else _masked_email(address)


def _masked_phone(number: str) -> str:
    """The country, the network and the last four digits: +358 40 ··· 4567."""
    country, _, rest = phone_label(number).partition(" ")
    network = rest.partition(" ")[0]
    shown = f"{country} {network} " if len(network) < SHOWN_OF_NUMBER else f"{country} "
    return f"{shown}{DOTS} {number[-SHOWN_OF_NUMBER:]}"


def _masked_email(address: str) -> str:
    """The first letters and the whole domain, where mistakes are made: ain···@example.fi."""
    name, _, domain = address.partition("@")
    return f"{name[:SHOWN_OF_NAME]}{DOTS}@{domain}"
