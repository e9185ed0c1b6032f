"""Whether somebody practises now: then lists show what is made up for that, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

FLAG = "practice"
"""What a session holds while a lesson goes on: the public id of its run."""


CALL = "practice_call"
"""What the practice telephone calls the call of that run."""


def begin(request: HttpRequest, *, run: str, call: str) -> None:
    """Show the reader from now on what is made up, and of its calls that one alone."""
    request.session[FLAG], request.session[CALL] = run, call


def end(request: HttpRequest) -> None:
    """Show what is real again. Writes nothing where nobody practised."""
    for name in (FLAG, CALL):
        request.session.pop(name, None)


def is_on(request: HttpRequest) -> bool:
    """Whether the reader is in a lesson."""
    return bool(run_of(request))


def run_of(request: HttpRequest) -> str:
    """The public id of the run that the reader is in, or nothing."""
    return _kept(request, FLAG)


def call_of(request: HttpRequest) -> str:
    """What the telephone calls the reader's practice call, or nothing where nobody practises."""
    return _kept(request, CALL)


def _kept(request: HttpRequest, name: str) -> str:
    session = getattr(request, "session", None)
    return str(session.get(name, "")) if session is not None else ""
