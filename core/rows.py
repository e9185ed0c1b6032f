"""Reading and writing rows at the price of their statement.

Django compiles a statement anew each time, which costs more than running it. On the few paths
that every request takes, rows are read by a statement spelt out, and written by one that is
made once. The fields still prepare what is written, so what they promise (masking, encryption,
refusal) holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models.expressions import DatabaseDefault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model

_orders: dict[tuple[type[Model], tuple[str, ...]], tuple[tuple[str, ...], list[int]]] = {}
_statements: dict[tuple[type[Model], tuple[str, ...], int], str] = {}


def fetch[M: Model](model: type[M], statement: str, parameters: Sequence[Any]) -> list[M]:
    """Read rows of a model by a SELECT of plain columns. What it leaves out is read when needed.

    A column that its field would convert (encrypted, JSON) cannot be read here.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found = cursor.fetchall()
        columns = tuple(column.name for column in cursor.description or ())
    return [build(model, columns, row) for row in found]


def build[M: Model](model: type[M], columns: tuple[str, ...], values: Sequence[Any]) -> M:
    """Make the object of a row that was read, from columns in any order."""
    known = _orders.get((model, columns))
    if known is None:
        fields = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001
        names = tuple(sorted(columns, key=fields.index))
        known = _orders[model, columns] = (names, [columns.index(name) for name in names])
    names, order = known
    return model.from_db(connection.alias, names, [values[at] for at in order])


def insert(*rows: Model) -> None:
    """Insert new rows of one model by one statement, and give them their primary keys.

    Calls no `save` and no signal of Django's; this project has neither.
    """
    if not rows:
        return
    values = [_values(row) for row in rows]
    columns = tuple(values[0])
    parameters = [value for one in values for value in one.values()]
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(rows[0]), columns, len(rows)), parameters)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding = False  # noqa: SLF001 - as `save` does it
        row._state.db = connection.alias  # noqa: SLF001


def _values(row: Model) -> dict[str, Any]:
    """Give what the fields put into their columns. The database fills in its own defaults."""
    values = {}
    for field in row._meta.concrete_fields:  # noqa: SLF001 - the documented way to read fields
        if field.primary_key or field.generated:
            continue
        value = field.pre_save(row, add=True)
        if not isinstance(value, DatabaseDefault):
            values[str(field.column)] = field.get_db_prep_save(value, connection=connection)
    return values


def _statement(model: type[Model], columns: Sequence[str], count: int) -> str:
    """Give the INSERT of that many rows, made once for each process."""
    found = _statements.get((model, tuple(columns), count))
    if found is None:
        quote = connection.ops.quote_name
        names = ", ".join(map(quote, columns))
        row = "(" + ", ".join(["%s"] * len(columns)) + ")"
        table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))  # noqa: SLF001
        found = f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * count)} RETURNING {key}"  # noqa: S608
        _statements[model, tuple(columns), count] = found
    return found
