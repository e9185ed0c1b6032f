from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.vat import Part, credit_parts, parts_of, split_lines, vat_inside

rates = st.sampled_from([0, 1000, 1350, 1400, 2400, 2550])
gross_lines = st.lists(st.tuples(st.integers(0, 10_000_000), rates), max_size=12)


@given(st.integers(0, 10**12), rates)
def test_the_tax_inside_a_price_is_rounded_half_up(gross: int, rate: int) -> None:
    exact = Decimal(gross) * rate / (10_000 + rate)

    assert vat_inside(gross, rate) == exact.quantize(Decimal(1), ROUND_HALF_UP)


def test_the_finnish_rates_of_a_known_invoice() -> None:
    parts = parts_of([(12_550, 2550), (5_700, 1400), (12_550, 2550)])

    assert parts == [
        Part(vat_bp=1400, net=5_000, vat=700),
        Part(vat_bp=2550, net=20_000, vat=5_100),
    ]


@given(gross_lines)
def test_lines_rates_and_total_never_differ(lines: list[tuple[int, int]]) -> None:
    split = split_lines(lines)
    parts = parts_of(lines)

    assert [part.gross for part in split] == [gross for gross, _ in lines]
    assert sum(part.gross for part in parts) == sum(gross for gross, _ in lines)
    for part in parts:
        assert sum(line.vat for line in split if line.vat_bp == part.vat_bp) == part.vat
    assert all(part.net >= 0 and part.vat >= 0 for part in [*split, *parts])


@given(gross_lines)
def test_no_line_is_a_minor_unit_away_from_its_own_tax(lines: list[tuple[int, int]]) -> None:
    for line, (gross, rate) in zip(split_lines(lines), lines, strict=True):
        assert abs(line.vat - vat_inside(gross, rate)) <= 1


@given(gross_lines.filter(lambda lines: sum(gross for gross, _ in lines) > 0), st.data())
def test_credits_of_the_whole_invoice_give_back_exactly_its_tax(
    lines: list[tuple[int, int]], data: st.DataObject
) -> None:
    parts = parts_of(lines)
    credited = dict.fromkeys((part.vat_bp for part in parts), 0)
    tax = dict.fromkeys(credited, 0)
    left = sum(part.gross for part in parts)

    while left:
        amount = data.draw(st.integers(max(1, left // 3), left))
        for part in credit_parts(parts, list(credited.values()), amount):
            assert part.net >= 0
            assert part.vat >= 0
            credited[part.vat_bp] += part.gross
            tax[part.vat_bp] += part.vat
        left -= amount

    assert list(credited.values()) == [part.gross for part in parts]
    assert list(tax.values()) == [part.vat for part in parts]


@pytest.mark.parametrize("amount", [0, -1, 101])
def test_a_credit_of_nothing_or_of_too_much_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match=str(amount)):
        credit_parts([Part(vat_bp=0, net=100, vat=0)], [0], amount)


@pytest.mark.parametrize("line", [(-1, 2550), (1, -1), (1, 10_001)])
def test_negative_prices_and_impossible_rates_are_refused(line: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=str(line[0])):
        parts_of([line])
