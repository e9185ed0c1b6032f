"""What the harness puts in the place of doors to the world, and takes away again."""

from __future__ import annotations

from typing import Any

_ABSENT = object()


class Patches:
    """Attributes that are set for a while."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, place: Any, name: str, value: Any) -> None:
        """Set an attribute of a module, a class or an object until `undo`. It must be there:

        what nobody looks up any more would change nothing, and nobody would notice.
        """
        if not hasattr(place, name):
            raise AttributeError(f"{place!r} has no {name}")
        self._before.append((place, name, vars(place).get(name, _ABSENT)))
        setattr(place, name, value)

    def put(self, place: dict[Any, Any], key: Any, value: Any) -> None:
        """Set an entry of a dictionary until `undo`."""
        self._before.append((place, key, place.get(key, _ABSENT)))
        place[key] = value

    def undo(self) -> None:
        """Put everything back, the newest first."""
        while self._before:
            place, name, value = self._before.pop()
            if isinstance(place, dict):
                if value is _ABSENT:
                    place.pop(name, None)
                else:
                    place[name] = value
            elif value is _ABSENT:
                delattr(place, name)
            else:
                setattr(place, name, value)
