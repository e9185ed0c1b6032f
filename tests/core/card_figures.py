"""How often the card guard is wrong: 10 000 numbers of each kind from a fixed seed, and cards.

`python -m tests.core.card_figures` prints the table that docs/card-guard.md gives.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from core import pan
from core.account_numbers import IBAN_LENGTHS
from orders.reference_numbers import finnish_reference, print_reference, rf_reference

if TYPE_CHECKING:
    from collections.abc import Callable

EACH = 10_000
MOST_FALSE = 1
SEED = 20_261_126
# Countries whose account numbers hold nothing but digits, and all the rest with letters inside.
WITH_LETTERS = {
    "BG": "AAAA99", "GB": "AAAA99", "GI": "AAAA99", "IE": "AAAA99", "LV": "AAAA99", "NL": "AAAA99",
    "RO": "AAAA99", "IT": "A99999", "MT": "AAAA99", "SM": "A99999", "FR": "9999999999A9",
    "MC": "9999999999A9",
}  # fmt: skip
# Beginning and length of cards as the networks issue them.
ISSUED = (
    ("4", 16), ("51", 16), ("52", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15),
    ("37", 15), ("6011", 16), ("65", 16), ("3056", 14), ("36", 14), ("3530", 16), ("62", 16),
    ("5018", 16), ("6759", 16), ("67", 18), ("2200", 16),
)  # fmt: skip

type Make = Callable[[random.Random], str]


def digits(source: random.Random, count: int) -> str:
    return "".join(source.choice("0123456789") for _ in range(count))


def in_groups(text: str, size: int, sign: str) -> str:
    return sign.join(text[at : at + size] for at in range(0, len(text), size))


def reference(source: random.Random) -> str:
    count = source.randint(3, 19)
    return finnish_reference(source.choice("123456789") + digits(source, count - 1))


def international(source: random.Random) -> str:
    return rf_reference(reference(source))


def iban(source: random.Random) -> str:
    country = source.choice(sorted(IBAN_LENGTHS))
    count = IBAN_LENGTHS[country] - 4
    shape = WITH_LETTERS.get(country, "").ljust(count, "9")
    account = "".join(
        source.choice("ABCDEFGHKLMNPRSTUX" if place == "A" else "0123456789") for place in shape
    )
    check = 98 - mod_97_10.checksum(f"{account}{country}00")
    return f"{country}{check:02d}{account}"


def phone(source: random.Random) -> str:
    number = f"{source.choice((40, 41, 44, 45, 46, 50))}{digits(source, 7)}"
    spaced = f"{number[:2]} {number[2:5]} {number[5:]}"
    return source.choice((f"+358{number}", f"+358 {spaced}", f"0{number}", f"0{spaced}"))


def document(source: random.Random) -> str:
    """An order's or an invoice's number: both are counted upwards from 100 001."""
    return str(100_001 + int(10 ** (9 * source.random())))


def card(source: random.Random) -> str:
    prefix, length = source.choice(ISSUED)
    body = prefix + digits(source, length - len(prefix) - 1)
    return body + luhn.calc_check_digit(body)


def twice(make: Make, sign: str) -> Make:
    return lambda source: f"{make(source)}{sign}{make(source)}"


NO_CARDS: dict[str, Make] = {
    "open reference": reference,
    "open reference, printed in fives": lambda source: print_reference(reference(source)),
    "RF reference": international,
    "RF reference, printed in fours": lambda source: print_reference(international(source)),
    "IBAN": iban,
    "IBAN, printed in fours": lambda source: in_groups(iban(source), 4, " "),
    "phone": phone,
    "two phones with a comma": twice(phone, ", "),
    "two phones with “ja”": twice(phone, " ja "),
    "order or invoice": document,
    "an order and an invoice with “ja”": twice(document, " ja "),
}
# What cannot be told from a card: the price of finding cards however they are parted.
PRICE: dict[str, Make] = {
    "reference of somebody else": reference,
    "reference of somebody else, printed in fives": NO_CARDS["open reference, printed in fives"],
    "two orders with a comma": twice(document, ", "),
    "order of somebody else, 13 digits": lambda source: (
        f"{source.randint(1, 9)}{digits(source, 12)}"
    ),
}
FULL_WIDTH = {48 + value: 0xFF10 + value for value in range(10)}
CARDS: dict[str, Make] = {
    "bare": card,
    "in fours": lambda source: in_groups(card(source), 4, " "),
    "dashes": lambda source: in_groups(card(source), 4, "-"),
    "read in pairs": lambda source: in_groups(card(source), 2, ", "),
    "one by one": lambda source: in_groups(card(source), 1, " "),
    "“ja” between": lambda source: in_groups(card(source), 4, " ja "),
    "“and then” between": lambda source: in_groups(card(source), 4, " and then "),
    "“sitten” between": lambda source: in_groups(card(source), 4, ", sitten "),
    "“streck” between": lambda source: in_groups(card(source), 4, " streck "),
    "line breaks": lambda source: in_groups(card(source), 4, "\n"),
    "full-width digits": lambda source: in_groups(card(source), 4, " ").translate(FULL_WIDTH),
    "after a phone": lambda source: f"{phone(source)}, {in_groups(card(source), 4, ' ')}",
    "after an IBAN": lambda source: f"{iban(source)} {in_groups(card(source), 4, ' ')}",
    "after an RF reference": lambda source: f"{international(source)}, {card(source)}",
}


def false_blocks(make: Make, *, known: bool = True) -> int:
    """How many of 10 000 are taken for cards. References are open ones, unless not `known`."""
    texts = _made(make, EACH)
    ours = {re.sub(r"\s", "", text) for text in texts} if known else set()
    return _counted(texts, ours)


def found(make: Make, each: int = EACH) -> int:
    """How many of so many cards are found."""
    return _counted(_made(make, each), set())


def _made(make: Make, each: int) -> list[str]:
    source = random.Random(SEED)
    return [make(source) for _ in range(each)]


def _counted(texts: list[str], ours: set[str]) -> int:
    before = pan.known_references[:]
    pan.known_references[:] = [ours.intersection]
    try:
        return sum(map(pan.looks_like_card, texts))
    finally:
        pan.known_references[:] = before


def main() -> None:
    for kind, make in NO_CARDS.items():
        print(f"| {kind} | {false_blocks(make)} |")  # noqa: T201
    for kind, make in PRICE.items():
        print(f"| {kind} | {false_blocks(make, known=False)} |")  # noqa: T201
    for kind, make in CARDS.items():
        print(f"| {kind} | {found(make)} |")  # noqa: T201


if __name__ == "__main__":
    main()
