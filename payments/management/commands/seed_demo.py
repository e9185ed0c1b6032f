"""Make the demo's world and tell how to enter it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.demo import PASSWORD
from payments import demo

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Make demo people, a sandbox account and customers with a history. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customers", type=int, default=2_000)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse (CommandError) anywhere but in a demo; print the logins and the API key."""
        if not settings.KUITTI_DEMO:
            raise CommandError("seed_demo runs only where KUITTI_DEMO is on.")
        people = demo.ensure_people()
        token = demo.ensure_api_key(people[0])
        account = demo.ensure_account()
        customers = demo.ensure_history(options["customers"], account)
        demo.ensure_telephones(people)
        demo.ensure_keypad(account)
        demo.ensure_terminals(account)
        demo.ensure_plans(people[0])
        demo.ensure_holds(people[0])
        self.stdout.write(f"customers: {customers}")
        for person in people:
            self.stdout.write(f"login: {person.username} / {PASSWORD}  ({person.role})")
        self.stdout.write(f"API key: {token}")
