"""Reading and writing rows at the price of their statement.

Django compiles a statement anew each time, and PostgreSQL plans it anew, which costs more than
running it. On the few paths that every payment takes, rows are read by a statement spelt out,
and written by one that is made once. The fields still prepare what is written, so what they
promise (masking, encryption, refusal) holds.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from django.db import connection, connections
from django.db.models.expressions import DatabaseDefault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from django.db.backends.utils import CursorWrapper
    from django.db.models import Field, Model

    from core.postgresql.base import DatabaseWrapper

    type Parameters = Sequence[Any] | Mapping[str, Any]
    type _Maker = Callable[[Sequence[Any]], Any]
    type _Part = tuple[Callable[..., str], *tuple[Any, ...]]

BY_IDS = "WHERE id = ANY(%s) ORDER BY id"
ONCE = "ON CONFLICT DO NOTHING"
MOST_VALUES = 50
"""psycopg takes a statement of more values apart anew each time, which costs more than two."""

_columns: dict[str, tuple[str, ...]] = {}


def execute(statement: str, parameters: Parameters) -> CursorWrapper:
    """Run a statement that is the same each time but for its values.

    What it found is read at once, from what is given back: the next statement takes its place.
    """
    cursor = cast("DatabaseWrapper", connection).prepared_cursor()
    cursor.execute(statement, parameters)
    return cursor


def select(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """Read plain values."""
    found: list[tuple[Any, ...]] = execute(statement, parameters).fetchall()
    return found


def fetch[M: Model](model: type[M], statement: str, parameters: Parameters) -> list[M]:
    """Read rows of a model by a SELECT of its columns. What it leaves out is read when needed.

    Columns that the model lacks become attributes.
    """
    reading = execute(statement, parameters)
    found = reading.fetchall()
    columns = _columns.get(statement)
    if columns is None:
        columns = tuple(column.name for column in reading.description or ())
        _columns[statement] = columns
    return list(map(_maker(model, columns), found))


def read[M: Model](model: type[M], condition: str, parameters: Parameters) -> list[M]:
    """Read whole rows of a model. `condition` is what follows the table's name; it is ours."""
    return fetch(model, _selection(model, condition), parameters)


def follow[M: Model](owners: Sequence[Model], name: str, model: type[M]) -> list[M]:
    """Read the rows that a foreign key of the owners names, and give each owner its own.

    A join of many tables takes longer to plan than all of these small statements to run.
    """
    named = {owner: key for owner in owners if (key := getattr(owner, f"{name}_id")) is not None}
    if not named:
        return []
    found = read(model, BY_IDS, [list(set(named.values()))])
    by_key = {row.pk: row for row in found}
    for owner, key in named.items():
        setattr(owner, name, by_key[key])
    return found


def build[M: Model](model: type[M], columns: tuple[str, ...], values: Sequence[Any]) -> M:
    """Make the object of a row that was read, from columns in any order."""
    made: M = _maker(model, columns)(values)
    return made


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


def insert_once(row: Model) -> bool:
    """Insert a row unless there is one like it, and say whether it was written."""
    keys = _insert(type(row), [_values(row)], ONCE)
    if keys:
        _is_stored(row, keys[0][0])
    return bool(keys)


def write(
    *,
    new: Sequence[Model] = (),
    once: Sequence[Model] = (),
    changes: Sequence[tuple[Model, Sequence[str]]] = (),
) -> None:
    """Insert rows and write the named fields of stored ones, by as few statements as can be.

    Those in `once` are left out where there is one like them. What is inserted here gets no
    primary key: it is for rows that nothing else of the transaction needs.
    """
    shape: list[_Part] = []
    parameters: list[Any] = []
    for part, values in chain(_insertions(new, ""), _insertions(once, ONCE), _changes(changes)):
        if shape and len(parameters) + len(values) > MOST_VALUES:
            execute(_statement(tuple(shape)), parameters)
            shape, parameters = [], []
        shape.append(part)
        parameters += values
    if shape:
        execute(_statement(tuple(shape)), parameters)


def _insertions(rows: Sequence[Model], conflict: str) -> Iterator[tuple[_Part, list[Any]]]:
    for model, values in _by_model(rows).items():
        part = (_insertion, model, tuple(values[0]), len(values), conflict)
        yield part, [value for one in values for value in one.values()]


def _changes(
    changes: Sequence[tuple[Model, Sequence[str]]],
) -> Iterator[tuple[_Part, list[Any]]]:
    own = connections[connection.alias]
    for row, names in changes:
        fields = [_fields(type(row))[name] for name in names]
        values = [
            field.get_db_prep_save(field.pre_save(row, add=False), connection=own)
            for field in fields
        ]
        yield (_update, type(row), tuple(str(field.column) for field in fields)), [*values, row.pk]


def _by_model(rows: Sequence[Model]) -> dict[type[Model], list[dict[str, Any]]]:
    found: dict[type[Model], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(type(row), []).append(_values(row))
    return found


@cache
def _maker(model: type[Model], columns: tuple[str, ...]) -> _Maker:
    """Give the function that makes an object of a row with these columns."""
    names = list(_fields(model))
    ordered = tuple(sorted((one for one in columns if one in names), key=names.index))
    extras = [(one, at) for at, one in enumerate(columns) if one not in names]
    order = [columns.index(name) for name in ordered]
    fields = [_fields(model)[name] for name in ordered]
    readers = [
        (at, field.from_db_value)
        for at, field in enumerate(fields)
        if hasattr(field, "from_db_value")
    ]
    alias = connection.alias

    def make(row: Sequence[Any]) -> Model:
        values = [row[at] for at in order]
        for at, read_value in readers:
            values[at] = read_value(values[at], None, connection)
        made = model.from_db(alias, ordered, values)
        for name, at in extras:
            setattr(made, name, row[at])
        return made

    return make


def _values(row: Model) -> dict[str, Any]:
    """Give what the fields put into their columns. The database fills in its own defaults."""
    own = connections[connection.alias]
    values = {}
    for field in _fields(type(row)).values():
        if field.primary_key or field.generated:
            continue
        value = field.pre_save(row, add=True)
        if not isinstance(value, DatabaseDefault):
            values[str(field.column)] = field.get_db_prep_save(value, connection=own)
    return values


def _insert(
    model: type[Model], values: Sequence[Mapping[str, Any]], conflict: str = ""
) -> list[tuple[Any, ...]]:
    columns = tuple(values[0])
    parameters = [value for one in values for value in one.values()]
    return select(_insertion(model, columns, len(values), conflict), parameters)


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
def _selection(model: type[Model], condition: str) -> str:
    columns = _quoted([str(field.column) for field in _fields(model).values()])
    return f"SELECT {columns} FROM {_quoted([model._meta.db_table])} {condition}"  # noqa: S608, SLF001


@cache
def _insertion(model: type[Model], columns: tuple[str, ...], count: int, conflict: str) -> str:
    row = "(" + ", ".join(["%s"] * len(columns)) + ")"
    table, key = _quoted([model._meta.db_table]), _quoted([str(model._meta.pk.column)])  # noqa: SLF001
    return (
        f"INSERT INTO {table} ({_quoted(columns)}) VALUES {', '.join([row] * count)}"  # noqa: S608
        f" {conflict} RETURNING {key}"
    )


@cache
def _statement(shape: tuple[_Part, ...]) -> str:
    *others, last = [spell(*what) for spell, *what in shape]
    first = ", ".join(f"part{at} AS ({one})" for at, one in enumerate(others))
    return f"WITH {first} {last}" if others else last


def _update(model: type[Model], columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_quoted([column])} = %s" for column in columns)
    table, key = _quoted([model._meta.db_table]), _quoted([str(model._meta.pk.column)])  # noqa: SLF001
    return f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608
