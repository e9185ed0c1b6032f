"""Rows that must exist are made again whenever they are missing."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command

from core import reference
from core.models import RoleLimit

pytestmark = pytest.mark.django_db


def test_the_command_makes_what_is_missing_and_repeats_nothing() -> None:
    count = RoleLimit.objects.count()
    RoleLimit.objects.filter(currency="EUR").delete()

    call_command("ensure_reference_data")
    call_command("ensure_reference_data")

    assert RoleLimit.objects.count() == count


def test_a_migration_ends_with_reference_rows() -> None:
    RoleLimit.objects.all().delete()

    reference.after_migrate(sender=apps.get_app_config("core"), using="default")

    assert RoleLimit.objects.exists()


def test_other_apps_and_half_migrated_databases_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    RoleLimit.objects.all().delete()

    reference.after_migrate(sender=apps.get_app_config("auth"), using="default")
    monkeypatch.setattr(RoleLimit._meta, "db_table", "not_migrated_yet")
    reference.after_migrate(sender=apps.get_app_config("core"), using="default")
    monkeypatch.undo()

    assert not RoleLimit.objects.exists()


def test_a_function_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(reference, "_makers", [])

    def maker() -> None:
        made.append("row")

    reference.register(maker)
    reference.register(maker)
    reference.ensure_reference_data()

    assert made == ["row"]
