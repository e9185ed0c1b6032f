"""How Stripe counts money, where it differs from ISO 4217.

Source: docs.stripe.com/currencies, "Zero-decimal currencies" and "Special cases".
"""

from __future__ import annotations

from core.money import Money, exponent
from payments.providers.errors import ProviderRejected

# Whole units to ISO 4217, yet hundredths to Stripe (ISK, UGX); the ariary is the reverse.
STRIPE_EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}

# Thousandths, of which Stripe takes only whole tens.
TENS_ONLY = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})

_TAKEN = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR "
    "LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB "
    "PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SOS SRD STN SZL THB TJS "
    "TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"
)
CURRENCIES = frozenset(_TAKEN.split())


def stripe_amount(money: Money) -> int:
    """Return the integer Stripe wants. Raises ProviderRejected where it cannot say the amount."""
    if money.currency in TENS_ONLY and money.minor % 10:
        raise ProviderRejected(
            f"Stripe takes {money.currency} in tens of its smallest unit.", code="amount_too_fine"
        )
    amount, rest = _rescaled(
        money.minor, exponent(money.currency), _stripe_exponent(money.currency)
    )
    if rest:
        raise ProviderRejected(
            f"Stripe takes {money.currency} in whole units.", code="amount_too_fine"
        )
    return amount


def money_of(amount: int, currency: str) -> Money:
    """Return what Stripe's integer means. Raises ValueError for less than the smallest unit."""
    code = currency.upper()
    minor, rest = _rescaled(amount, _stripe_exponent(code), exponent(code))
    if rest:
        raise ValueError(f"{amount} {code} is finer than the currency's smallest unit")
    return Money(minor, code)


def _stripe_exponent(currency: str) -> int:
    return STRIPE_EXPONENTS.get(currency, exponent(currency))


def _rescaled(amount: int, from_exponent: int, to_exponent: int) -> tuple[int, int]:
    shift = to_exponent - from_exponent
    return (amount * 10**shift, 0) if shift >= 0 else divmod(amount, 10**-shift)
