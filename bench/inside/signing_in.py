"""A browser's cookies of an agent who has just signed in."""

from __future__ import annotations

from django.conf import settings
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from bench.inside import answer
from core.models import User


def signed_in(username: str = "agent") -> Client:
    """A browser on this machine, in which a demo login needs no second factor."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username=username))
    return client


def main() -> None:
    request = RequestFactory().get("/")
    token = get_token(request)
    cookies = {
        settings.SESSION_COOKIE_NAME: signed_in().cookies[settings.SESSION_COOKIE_NAME].value,
        settings.CSRF_COOKIE_NAME: request.META["CSRF_COOKIE"],
    }
    told = "; ".join(f"{name}={value}" for name, value in cookies.items())
    answer({"Cookie": told, "X-CSRFToken": token})


if __name__ == "__main__":
    main()
