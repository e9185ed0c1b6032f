"""What the same search costs as Django's own admin asks it: any part of any column, no index."""

from __future__ import annotations

import json
import sys

from django.db.models import Q

from bench.inside import answer, seconds
from crm.models import Customer

SHOWN = 12


def main(terms: str) -> None:
    """Milliseconds of processor time a term."""
    wanted = json.loads(terms)
    before = seconds()
    for term in wanted:
        part = Q(name__icontains=term) | Q(contact_points__value__icontains=term)
        list(Customer.objects.filter(part).order_by("-pk").distinct()[:SHOWN])
    answer({"ms": (seconds() - before) / len(wanted) * 1000})


if __name__ == "__main__":
    main(sys.argv[1])
