"""What can go wrong between us and a provider.

The error tree answers one question, *may money have moved?*

    ProviderError
    ├── ProviderUnavailable   nothing was sent: another provider may be tried at once
    ├── OutcomeUnknown        something was sent and no usable answer came back
    └── ProviderRejected      the provider refused the request itself: repeating is useless
    WebhookError
    ├── WebhookForged         the signature is missing, wrong or too old: count it, keep nothing
    └── WebhookUnusable       signed by the provider, yet of no use to us: keep it, do nothing
"""

from __future__ import annotations


class ProviderError(Exception):
    """A provider did not do what it was asked. `code` is the provider's own, or empty."""

    def __init__(self, message: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class ProviderUnavailable(ProviderError):
    """The request never reached the provider, so no money can have moved."""


class OutcomeUnknown(ProviderError):
    """The request may have been carried out: a lost answer, a 5xx, an unreadable body."""


class ProviderRejected(ProviderError):
    """The provider understood the request and refuses it. The same request never succeeds."""


class WebhookError(Exception):
    """A delivery that brings no news."""


class WebhookForged(WebhookError):
    """The signature is missing, wrong, or older than the provider's tolerance."""


class WebhookUnusable(WebhookError):
    """The provider signed it, and it is about nothing this project follows."""

    def __init__(self, event_id: str, message: str = "") -> None:
        super().__init__(message)
        self.event_id = event_id
