"""Money: a whole number of minor units and its currency. Free of Django, and of floats.

ISO 4217 says how many decimals a currency has (`EXPONENTS`). CLDR, which Babel carries,
sometimes disagrees (the króna of Iceland, the dinar of Iraq); ISO 4217 wins everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from babel.core import Locale
from babel.numbers import NumberPattern, get_currency_symbol, parse_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"

EXPONENTS: dict[str, int] = {
    code: decimals
    for decimals, codes in (
        (0, _NO_DECIMALS),
        (2, _TWO_DECIMALS),
        (3, _THREE_DECIMALS),
        (4, _FOUR_DECIMALS),
    )
    for code in codes.split()
}

BASIS_POINTS = 10_000
LONGEST = 40  # Digits and power together; a longer "amount" is an attack, not a price.
_PLAIN_SIGNS = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u2212": "-", "\u2013": "-", "\u200e": "", "\u200f": ""}
)  # Apostrophes, minus signs and marks of direction.


class MoneyError(ValueError):
    """Something about an amount that cannot be."""


class UnknownCurrency(MoneyError):
    """The code is not an active one of ISO 4217."""


class CurrencyMismatch(MoneyError):
    """Two currencies met in one sum or comparison."""


class AmountUnreadable(MoneyError):
    """The text is not one amount, or could be read as two different ones."""


def exponent(currency: str) -> int:
    """Say how many decimals the currency has. Raises UnknownCurrency."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise UnknownCurrency(f"{currency!r} is not a currency of ISO 4217") from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that cannot be fractional, nameless or a float.

    Amounts compare and add up only within one currency, else CurrencyMismatch.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def of_major(cls, amount: Decimal | str, currency: str) -> Self:
        """Read an amount in whole units such as `Decimal("12.50")`.

        Refuses floats, and amounts finer than the currency's smallest unit (AmountUnreadable).
        """
        if not isinstance(amount, Decimal | str):
            raise TypeError(f"an amount is a Decimal or a str, not {type(amount).__name__}")
        try:
            sign, digits, power = Decimal(amount).as_tuple()
        except InvalidOperation:
            raise AmountUnreadable(f"{amount!r} is not an amount") from None
        if not isinstance(power, int) or len(digits) + abs(power) > LONGEST:
            raise AmountUnreadable(f"{amount!r} is not an amount")
        scale = exponent(currency) + power
        number = int("".join(map(str, digits)))
        minor, rest = (number * 10**scale, 0) if scale >= 0 else divmod(number, 10**-scale)
        if rest:
            raise AmountUnreadable(f"{amount} is finer than the smallest unit of {currency}")
        return cls(-minor if sign else minor, currency)

    @classmethod
    def parse(cls, text: str, currency: str, locale: str) -> Self:
        """Read what a person typed in that locale, the currency's sign or code included.

        Thousands may be grouped by the locale's sign or by spaces, and only in threes, so
        that `12,50` in English is refused and never read as 1250. Where the dot means
        nothing else in the locale it is taken for the decimal sign. Raises AmountUnreadable.
        """
        sign, whole, fraction = _parts_of_number(text, currency, locale)
        if len(fraction) > exponent(currency):
            raise AmountUnreadable(f"{text!r} has too many decimals for {currency}")
        return cls.of_major(f"{sign}{whole}.{fraction}", currency)

    @property
    def major(self) -> Decimal:
        """The amount in whole units, exact, with all the decimals of its currency."""
        digits = tuple(map(int, str(abs(self.minor))))
        return Decimal((int(self.minor < 0), digits, -exponent(self.currency)))

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Share the amount out by weight, to the last unit: the parts always add up to it.

        What is left by rounding down goes to the largest remainders, the first one first.
        Refuses negative weights and weights that are all zero (ValueError).
        """
        sign = -1 if self.minor < 0 else 1
        shares = share_out(abs(self.minor), weights)
        return [Money(sign * share, self.currency) for share in shares]

    def share_bp(self, basis_points: int) -> Money:
        """Give that many hundredths of a percent of it, halves rounded away from zero."""
        if type(basis_points) is not int:
            raise TypeError("basis points are an int")
        product = self.minor * basis_points
        rounded = (2 * abs(product) + BASIS_POINTS) // (2 * BASIS_POINTS)
        return Money(-rounded if product < 0 else rounded, self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __mul__(self, factor: int) -> Money:
        if type(factor) is not int:
            raise TypeError(f"money is multiplied by an int, not {type(factor).__name__}")
        return Money(self.minor * factor, self.currency)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __str__(self) -> str:
        return f"{self.major:f} {self.currency}"

    def _same(self, other: Money) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money and {type(other).__name__} do not mix")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")
        return other.minor


def share_out(units: int, weights: Sequence[int]) -> list[int]:
    """Share whole units out by weight as `Money.split` does. Refuses what it refuses."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative and not all zero")
    shares = [divmod(units * weight, total) for weight in weights]
    left = units - sum(share for share, _ in shares)
    luckiest = set(sorted(range(len(shares)), key=lambda index: -shares[index][1])[:left])
    return [share + (index in luckiest) for index, (share, _) in enumerate(shares)]


def format_money(money: Money, locale: str) -> str:
    """Write the amount as people in that locale do, with the decimals of ISO 4217."""
    pattern = _pattern(locale, exponent(money.currency))
    return str(
        pattern.apply(money.major, _locale(locale), currency=money.currency, currency_digits=False)
    )


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    return Locale.parse(name.replace("-", "_"))


@lru_cache(maxsize=64)
def _pattern(locale: str, decimals: int) -> NumberPattern:
    pattern = parse_pattern(_locale(locale).currency_formats["standard"].pattern)
    pattern.frac_prec = (decimals, decimals)
    return pattern


@lru_cache(maxsize=64)
def _number_shape(locale: str) -> tuple[re.Pattern[str], str]:
    """Build the shape of a number in the locale, and name the locale's grouping sign."""
    symbols = _locale(locale).number_symbols["latn"]
    group, decimal = _normalised(symbols["group"]), _normalised(symbols["decimal"])
    decimals = decimal if "." in (group, decimal) else decimal + "."
    groups = "|".join(re.escape(sign) for sign in {group, " "})
    shape = rf"(-?)\s*(\d+|\d{{1,3}}(?:(?:{groups})\d{{3}})+)(?:[{re.escape(decimals)}](\d+))?"
    return re.compile(shape, re.ASCII), group


def _parts_of_number(text: str, currency: str, locale: str) -> tuple[str, str, str]:
    """Take a typed amount apart: sign, whole units without grouping, decimals."""
    bare = _normalised(text)
    for name in (get_currency_symbol(currency, _locale(locale)), currency, currency.lower()):
        bare = bare.replace(_normalised(name), " ")
    bare = bare.replace("- ", "-").strip()
    shape, group = _number_shape(locale)
    if len(text) > LONGEST or not (match := shape.fullmatch(bare)):
        raise AmountUnreadable(f"{text!r} is not an amount in {currency}")
    sign, whole, fraction = match.groups(default="")
    return sign, whole.replace(group, "").replace(" ", ""), fraction


def _normalised(text: str) -> str:
    """Make spaces, minus signs, apostrophes and digits of every kind the plain ones."""
    return unicodedata.normalize("NFKC", text).translate(_PLAIN_SIGNS)
