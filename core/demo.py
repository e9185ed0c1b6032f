"""The logins of the demo: one per role, made by `seed_demo`, shown on the sign-in page.

They exist only where `KUITTI_DEMO` is on, which a check allows on this machine alone.
"""

from __future__ import annotations

from django.conf import settings

from core.models import User

PASSWORD = "kuitti-demo"  # noqa: S105 - `make demo` prints it for everybody to read


def logins() -> list[User]:
    """Who may be tried on the sign-in page, the oldest first. Nobody outside the demo."""
    if not settings.KUITTI_DEMO:
        return []
    return list(User.objects.filter(is_demo=True, is_active=True).order_by("pk"))
