"""The language in which a customer reads about one payment."""

from __future__ import annotations

from payments.models import CheckoutSession


def remember_language(*, session_id: int, language: str) -> None:
    """Keep the language a customer chose on the pay page, for the provider's page and receipt."""
    rows = CheckoutSession.objects.filter(pk=session_id).exclude(language=language)
    rows.update(language=language)
