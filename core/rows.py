"""Reading and writing rows at the price of their statement.

Django compiles a statement anew each time, and PostgreSQL plans it anew, which costs more than
running it. On the few paths that every payment takes, rows are read by a statement spelt out,
and written by one that is made once. The fields still prepare what is written, so what they
promise (masking, encryption, refusal) holds.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django.db.models.expressions import DatabaseDefault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.backends.utils import CursorWrapper
    from django.db.models import Field, Model

    from core.postgresql.base import DatabaseWrapper

    type Parameters = Sequence[Any] | Mapping[str, Any]
    type _Reader = tuple[tuple[str, ...], list[tuple[int, Callable[..., Any] | None]]]

_readers: dict[tuple[type[Model], tuple[str, ...]], _Reader] = {}


def cursor() -> CursorWrapper:
    """Open a cursor for statements that are the same each time but for their values."""
    return cast("DatabaseWrapper", connection).prepared_cursor()


def select(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """Read plain values."""
    with cursor() as reading:
        reading.execute(statement, parameters)
        found: list[tuple[Any, ...]] = reading.fetchall()
        return found


def fetch[M: Model](model: type[M], statement: str, parameters: Parameters) -> list[M]:
    """Read rows of a model by a SELECT of its columns. What it leaves out is read when needed."""
    with cursor() as reading:
        reading.execute(statement, parameters)
        found = reading.fetchall()
        columns = tuple(column.name for column in reading.description or ())
    return [build(model, columns, row) for row in found]


def read[M: Model](model: type[M], condition: str, parameters: Parameters) -> list[M]:
    """Read whole rows of a model. `condition` is what follows the table's name; it is ours."""
    return fetch(model, f"{_select(model)} {condition}", parameters)


def build[M: Model](model: type[M], columns: tuple[str, ...], values: Sequence[Any]) -> M:
    """Make the object of a row that was read, from columns in any order."""
    reader = _readers.get((model, columns)) or _make_reader(model, columns)
    names, order = reader
    return model.from_db(
        connection.alias,
        names,
        [
            values[at] if convert is None else convert(values[at], None, connection)
            for at, convert in order
        ],
    )


def insert(*rows: Model) -> None:
    """Insert new rows of one model by one statement, and give them their primary keys.

    Calls no `save` and no signal of Django's; this project has neither.
    """
    if not rows:
        return
    values = [_values(row) for row in rows]
    keys = _insert(type(rows[0]), values)
    for row, (key,) in zip(rows, keys, strict=True):
        _is_stored(row, key)


def insert_once(row: Model, conflict: str = "ON CONFLICT DO NOTHING") -> bool:
    """Insert a row unless there is one like it, and say whether it was written.

    `conflict` is ours; with DO UPDATE the row is always written.
    """
    keys = _insert(type(row), [_values(row)], conflict)
    if keys:
        _is_stored(row, keys[0][0])
    return bool(keys)


def update(row: Model, names: Sequence[str]) -> None:
    """Write these fields of a stored row, as they now are."""
    fields = _fields(type(row))
    values = [_prepared(fields[name], row, is_new=False) for name in names]
    columns = tuple(str(fields[name].column) for name in names)
    with cursor() as writing:
        writing.execute(_update(type(row), columns), [*values, row.pk])


def _make_reader(model: type[Model], columns: tuple[str, ...]) -> _Reader:
    """Find the order in which Django wants the values, and who turns them into Python's."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - the documented way to read fields
    names = [field.attname for field in fields]
    converters = {field.attname: getattr(field, "from_db_value", None) for field in fields}
    ordered = tuple(sorted(columns, key=names.index))
    reader = ordered, [(columns.index(name), converters[name]) for name in ordered]
    return _readers.setdefault((model, columns), reader)


def _values(row: Model) -> dict[str, Any]:
    """Give what the fields put into their columns. The database fills in its own defaults."""
    values = {}
    for field in row._meta.concrete_fields:  # noqa: SLF001
        if not field.primary_key and not field.generated:
            value = _prepared(field, row, is_new=True)
            if not isinstance(value, DatabaseDefault):
                values[str(field.column)] = value
    return values


def _prepared(field: Field[Any, Any], row: Model, *, is_new: bool) -> Any:
    value = field.pre_save(row, add=is_new)
    if isinstance(value, DatabaseDefault):
        return value
    return field.get_db_prep_save(value, connection=connection)


def _insert(
    model: type[Model], values: Sequence[Mapping[str, Any]], conflict: str = ""
) -> list[tuple[Any, ...]]:
    columns = tuple(values[0])
    parameters = [value for one in values for value in one.values()]
    with cursor() as writing:
        writing.execute(_insertion(model, columns, len(values), conflict), parameters)
        keys: list[tuple[Any, ...]] = writing.fetchall()
        return keys


def _is_stored(row: Model, key: Any) -> None:
    row.pk = key
    row._state.adding = False  # noqa: SLF001 - as `save` does it
    row._state.db = connection.alias  # noqa: SLF001


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, names))


@cache
def _fields(model: type[Model]) -> dict[str, Field[Any, Any]]:
    return {field.attname: field for field in model._meta.concrete_fields}  # noqa: SLF001


@cache
def _select(model: type[Model]) -> str:
    columns = _quoted([str(field.column) for field in _fields(model).values()])
    return f"SELECT {columns} FROM {_quoted([model._meta.db_table])}"  # noqa: S608, SLF001 - ours


@cache
def _insertion(model: type[Model], columns: tuple[str, ...], count: int, conflict: str) -> str:
    row = "(" + ", ".join(["%s"] * len(columns)) + ")"
    table, key = _quoted([model._meta.db_table]), _quoted([str(model._meta.pk.column)])  # noqa: SLF001
    return (
        f"INSERT INTO {table} ({_quoted(columns)}) VALUES {', '.join([row] * count)}"  # noqa: S608
        f" {conflict} RETURNING {key}"
    )


@cache
def _update(model: type[Model], columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_quoted([column])} = %s" for column in columns)
    table, key = _quoted([model._meta.db_table]), _quoted([str(model._meta.pk.column)])  # noqa: SLF001
    return f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608
