"""Who acts: a person, a machine with a key, or a job by its name."""

from __future__ import annotations

from core.models import ApiKey, User

type Actor = User | ApiKey | str


def person_of(actor: Actor | None) -> User | None:
    """The person whose name a row carries: for a key its owner, for a job nobody."""
    if isinstance(actor, ApiKey):
        return actor.owner
    return actor if isinstance(actor, User) else None
