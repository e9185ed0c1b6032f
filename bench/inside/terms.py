"""What agents type while they look for somebody who is there: parts of phones, addresses, names."""

from __future__ import annotations

from random import Random

from django.db import connection

from bench.inside import answer
from crm.models import SearchKey

SAMPLE = 300
LEAST, LEAST_NAME = 4, 3

chance = Random(3)


def sample(kind: str) -> list[str]:
    """Keys of one kind, taken anywhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM crm_searchkey")
        first, last = cursor.fetchone()
    drawn: list[str] = []
    while len(drawn) < SAMPLE:
        places = [chance.randint(first, last) for _ in range(SAMPLE * 10)]
        rows = SearchKey.objects.filter(pk__in=places, kind=kind).order_by("key")
        drawn += rows.values_list("key", flat=True)
    chance.shuffle(drawn)
    return drawn[:SAMPLE]


def phone(digits: str) -> str:
    """As it is said on the phone, from the first digits on; one in four by its last digits."""
    if chance.random() < 0.25:
        return digits[-chance.randint(4, 7) :]
    local = "0" + digits.removeprefix("358")
    return local[: chance.randint(LEAST, len(local))]


def email(address: str) -> str:
    return address[: chance.randint(LEAST, len(address))]


def name(folded: str) -> str:
    """A beginning of the name, of its words in another order, or something from its middle."""
    words = [one[: chance.randint(LEAST_NAME, max(LEAST_NAME, len(one)))] for one in folded.split()]
    way = chance.random()
    if way < 0.4:
        return words[-1]
    if way < 0.8:
        chance.shuffle(words)
        return " ".join(words[:2])
    start = chance.randint(1, max(1, len(folded) - 5))
    return folded[start : start + 4].strip()


def main() -> None:
    kinds = {"phone": phone, "email": email, "name": name}
    answer({kind: [cut(key) for key in sample(kind)] for kind, cut in kinds.items()})


if __name__ == "__main__":
    main()
