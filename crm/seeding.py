"""Made-up customers for the demo and the benchmarks: the same seed gives the same people.

Addresses end in example.com, which nobody owns (RFC 2606). Nothing is ever sent to the phones:
a seeded installation has the sandbox as its only gateway.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from core.ids import make_public_id
from crm import names
from crm.spelling import collation_key, fold, surname_first, turned, without_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PEOPLE_PER_COMPANY = 12
SWEDISH_SPEAKERS = 0.06
TWO_FIRST_NAMES = 0.25
DOUBLE_SURNAMES = 0.04
HAS_EMAIL = 0.8
HAS_SECOND_PHONE = 0.15
MOBILE_PREFIXES = ("40", "41", "44", "45", "46", "50")
BUSINESS_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)
YEARS_OF_HISTORY = 4
ROWS_PER_COPY = 10_000

CUSTOMER_COLUMNS = (
    "id created_at updated_at public_id kind name sort_key business_id language note street"
    " postal_code town country preferred_channel preferred_method"
)
CONTACT_COLUMNS = "created_at public_id customer_id kind value label is_primary"
KEY_COLUMNS = "customer_id kind key label"


@dataclass(frozen=True, slots=True)
class Invented:
    """One customer who does not exist. Phones are in E.164; the first of a kind is the main one."""

    kind: str
    name: str
    language: str
    business_id: str
    street: str
    postal_code: str
    town: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    created_at: datetime


def invent(count: int, *, seed: int = 1, today: datetime | None = None) -> Iterator[Invented]:
    """That many made-up customers. Seed and day given, always the same ones."""
    chance = random.Random(seed)  # noqa: S311 - people who do not exist need no secrecy
    now = today or timezone.now()
    for number in range(count):
        yield _invent_one(chance, number, now)


def copy_customers(count: int, *, seed: int = 1) -> list[int]:
    """Stream made-up customers with contact points and search keys into the database by COPY.

    Gives their primary keys. Run ANALYZE afterwards: a planner without figures guesses badly.
    """
    made: list[int] = []
    for batch in batched(invent(count, seed=seed), ROWS_PER_COPY):
        ids = reserve_ids("crm_customer", len(batch))
        numbered = list(zip(ids, batch, strict=True))
        copy_rows("crm_customer", CUSTOMER_COLUMNS, [_customer_row(*pair) for pair in numbered])
        copy_rows("crm_contactpoint", CONTACT_COLUMNS, _rows(_contact_rows, numbered))
        copy_rows("crm_searchkey", KEY_COLUMNS, _rows(_key_rows, numbered))
        made += ids
    return made


def _invent_one(chance: random.Random, number: int, now: datetime) -> Invented:
    is_company = number % PEOPLE_PER_COMPANY == PEOPLE_PER_COMPANY - 1
    is_swedish = chance.random() < SWEDISH_SPEAKERS
    name = _company_name(chance, number) if is_company else _person_name(chance, is_swedish)
    postal_code, town = chance.choice(names.TOWNS)
    streets = names.STREETS_SV if is_swedish else names.STREETS_FI
    phones = [_phone(chance)]
    if chance.random() < HAS_SECOND_PHONE:
        phones.append(_phone(chance))
    mailbox = ".".join(re.findall("[a-z0-9-]+", without_marks(name.lower())))
    return Invented(
        kind="company" if is_company else "person",
        name=name,
        language="sv" if is_swedish else "fi",
        business_id=_business_id(2_000_000 + number) if is_company else "",
        street=f"{chance.choice(streets)} {chance.randint(1, 98)}",
        postal_code=postal_code,
        town=town,
        phones=tuple(dict.fromkeys(phones)),
        emails=(f"{mailbox}{number}@example.com",) if chance.random() < HAS_EMAIL else (),
        created_at=now - timedelta(seconds=chance.randrange(YEARS_OF_HISTORY * 365 * 86_400)),
    )


def _person_name(chance: random.Random, is_swedish: bool) -> str:  # noqa: FBT001
    firsts = names.FIRST_NAMES_SV if is_swedish else names.FIRST_NAMES_FI
    lasts = names.LAST_NAMES_SV if is_swedish else names.LAST_NAMES_FI
    first, last = _common(chance, firsts), _common(chance, lasts)
    if chance.random() < TWO_FIRST_NAMES:
        first = f"{first} {_common(chance, firsts)}"
    if chance.random() < DOUBLE_SURNAMES:
        last = f"{last}-{_common(chance, lasts)}"
    return f"{first} {last}"


def _common(chance: random.Random, words: Sequence[str]) -> str:
    """A word of a list that has the commonest first: the first half comes three times as often."""
    return words[int(len(words) * chance.random() ** 2)]


def _company_name(chance: random.Random, number: int) -> str:
    form = chance.choice(names.COMPANY_FORMS)
    if chance.random() < 0.5:  # noqa: PLR2004 - as many named after a place as after a person
        return f"{chance.choice(names.COMPANY_STEMS)} {number % 97 + 1} {form}"
    return f"{_common(chance, names.LAST_NAMES_FI)} & {_common(chance, names.LAST_NAMES_FI)} {form}"


def _phone(chance: random.Random) -> str:
    return f"+358{chance.choice(MOBILE_PREFIXES)}{chance.randrange(1_000_000, 10_000_000)}"


def _business_id(number: int) -> str:
    """The number with its check digit, or the next one that has a check digit."""
    digits = f"{number:07d}"
    rest = sum(w * int(d) for w, d in zip(BUSINESS_ID_WEIGHTS, digits, strict=True)) % 11
    if rest == 1:
        return _business_id(number + 1)
    return f"{digits}-{(11 - rest) % 11}"


def _customer_row(pk: int, who: Invented) -> tuple[object, ...]:
    sorted_by = surname_first(who.name) if who.kind == "person" else who.name
    born = who.created_at.isoformat()
    details = (who.street, who.postal_code, who.town, "FI", "", "")
    start = (pk, born, born, make_public_id("cus"), who.kind, who.name, collation_key(sorted_by))
    return (*start, who.business_id, who.language, "", *details)


def _contact_rows(pk: int, who: Invented) -> Iterator[tuple[object, ...]]:
    born = who.created_at.isoformat()
    for kind, values in (("phone", who.phones), ("email", who.emails)):
        for at, value in enumerate(values):
            is_primary = "t" if at == 0 else "f"
            yield born, make_public_id("cp"), pk, kind, value, "", is_primary


def _key_rows(pk: int, who: Invented) -> Iterator[tuple[object, ...]]:
    """The same keys that the services would write."""
    folded = fold(who.name)
    yield pk, "name", folded, ""
    for key in dict.fromkeys(turned(folded)):
        yield pk, "turned", key, ""
    for phone in who.phones:
        yield pk, "phone", phone[1:], f"{phone[:4]} {phone[4:6]} {phone[6:]}"
    for email in who.emails:
        yield pk, "email", email, ""
    if who.business_id:
        yield pk, "business_id", who.business_id.replace("-", ""), who.business_id


def _rows(
    make: Callable[[int, Invented], Iterator[tuple[object, ...]]],
    numbered: Sequence[tuple[int, Invented]],
) -> Iterator[tuple[object, ...]]:
    return (row for pk, who in numbered for row in make(pk, who))


def reserve_ids(table: str, count: int) -> list[int]:
    """Take that many primary keys of a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_rows(table: str, columns: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Write rows as COPY's text form. Made-up values hold no tab, line break or backslash."""
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    with connection.cursor() as cursor:
        statement = f"COPY {table} ({columns.replace(' ', ', ')}) FROM STDIN"
        with cursor.cursor.copy(statement) as copy:
            copy.write(text)
