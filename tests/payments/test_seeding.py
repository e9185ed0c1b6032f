"""Seeded history is whole: its facts give the same figures."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from orders.models import Invoice
from payments.models import PaymentAttempt, PaymentIntent, Transfer
from payments.seeding import PaidInvoice, seed_paid
from payments.services.verifying import differences
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import ProviderAccountFactory

pytestmark = pytest.mark.django_db


def test_seeded_payments_are_whole() -> None:
    invoices = InvoiceFactory.create_batch(5)
    lately = timezone.now() - timedelta(days=3)
    paid = [PaidInvoice(invoice.pk, lately) for invoice in invoices]

    written = seed_paid(paid, account=ProviderAccountFactory.create(), rng=Random(1))

    assert written == 5
    assert not Invoice.objects.open().exists()
    assert PaymentIntent.objects.filter(status="succeeded").count() == 5
    assert Transfer.objects.filter(created_at=lately).count() == 10
    assert list(differences()) == []


def test_some_were_declined_or_gave_up_before_they_paid() -> None:
    invoices = InvoiceFactory.create_batch(60)
    paid = [PaidInvoice(invoice.pk, timezone.now()) for invoice in invoices]

    seed_paid(paid, account=ProviderAccountFactory.create(), rng=Random(8))

    attempts = PaymentAttempt.objects.exclude(status="authorised")
    assert sorted(attempts.values_list("status", flat=True)) == ["declined"] * 3 + ["expired"] * 5
    assert PaymentIntent.objects.filter(status="succeeded").count() == 60
    assert list(differences()) == []
