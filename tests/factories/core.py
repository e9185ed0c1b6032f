"""People and keys with boring defaults."""

from __future__ import annotations

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from core.models import ApiKey, Role, User
from core.models.keys import hash_secret


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = Sequence(lambda number: f"agent{number}")
    email = LazyAttribute(lambda user: f"{user.username}@example.com")
    first_name = "Aino"
    last_name = "Asiakaspalvelija"
    role = Role.AGENT
    is_staff = False


class ApiKeyFactory(DjangoModelFactory[ApiKey]):
    class Meta:
        model = ApiKey

    name = "web shop"
    prefix = Sequence(lambda number: f"{number:08x}")
    secret_hash = hash_secret("secret")
    owner = SubFactory(UserFactory)
    role = Role.AGENT


def agent() -> User:
    """Make somebody who serves customers."""
    return UserFactory.create(role=Role.AGENT)


def senior_agent() -> User:
    """Make somebody who may merge customers, too."""
    return UserFactory.create(role=Role.SENIOR_AGENT)


def finance() -> User:
    """Make somebody who refunds, exports and follows the money."""
    return UserFactory.create(role=Role.FINANCE)


def supervisor() -> User:
    """Make somebody who leads a team."""
    return UserFactory.create(role=Role.SUPERVISOR)


def admin() -> User:
    """Make somebody who administers, and moves no money."""
    return UserFactory.create(role=Role.ADMIN, is_staff=True)


def auditor() -> User:
    """Make somebody who sees all and changes nothing."""
    return UserFactory.create(role=Role.AUDITOR)
