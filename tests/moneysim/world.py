"""Everybody in one schedule: the product, its neighbours, and what they start with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core import policy
from core.api import issue_key
from core.models import Role, RoleLimit
from crm import gateways
from payments import registry
from payments.models import ProviderAccount
from payments.services import accounts
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.moneysim import broker, cuts, executors
from tests.moneysim.couriers import Courier
from tests.moneysim.gateway import Gateway
from tests.moneysim.provider import ADAPTERS, DOORS, Door
from tests.moneysim.web import Requests, Shop, Web

if TYPE_CHECKING:
    from core.models import User
    from crm.models import Customer
    from orders.models import Invoice
    from tests.moneysim.faults import Faults
    from tests.moneysim.machine import Machine

MAY = (
    policy.VIEW_PAYMENT,
    policy.TAKE_PAYMENT,
    policy.CANCEL_PAYMENT,
    policy.REFUND,
)


@dataclass
class World:
    """One schedule's neighbours and rows."""

    machine: Machine
    faults: Faults
    requests: Requests
    kinds: tuple[str, ...]
    wishes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        kernel, patches = self.machine.kernel, self.machine.patches
        self.kernel = kernel
        self.memory = broker.Memory(kernel, self.faults)
        self.broker = broker.Broker(kernel, self.faults)
        broker.connect(self.broker, self.memory, patches)
        executors.connect(kernel, patches)
        cuts.connect(kernel, self.faults)
        self.web = Web(kernel, self.faults, self.requests)
        self.gateway = Gateway(kernel, self.faults)
        patches.set(gateways, "for_channel", lambda _channel: self.gateway)
        accounts.forget()
        registry._adapters.clear()
        self._fill()

    def _fill(self) -> None:
        """Make the rows that everything starts from, with the same names in every schedule."""
        for factory in (UserFactory, InvoiceFactory):
            factory.reset_sequence(0, force=True)  # type: ignore[no-untyped-call]
        self.agent: User = UserFactory.create(role=Role.FINANCE)
        _, token = issue_key(name="shop", owner=self.agent, permissions=MAY, role=Role.FINANCE)
        self.shop = Shop(self.web, token)
        # Whatever they ask to be given back is above their limit.
        RoleLimit.objects.filter(role=Role.AGENT).update(per_refund=1, per_day=1)
        self.junior = self.program(Role.AGENT, policy.VIEW_PAYMENT, policy.REFUND)
        self.approvers = [
            self.program(role, policy.APPROVE_REFUND) for role in (Role.FINANCE, Role.SUPERVISOR)
        ]
        DOORS.clear()
        self.couriers: list[Courier] = []
        for place, kind in enumerate(self.kinds):
            secret = f"the secret of {kind}"
            account = ProviderAccount.objects.create(
                kind=kind,
                name=kind,
                credentials={"secret": secret},
                currencies=["EUR"],
                methods=["card", "mobilepay"],
                priority=place + 1,
            )
            door = Door(ADAPTERS[kind].manifest, self.kernel, self.faults)
            door.bank.is_slow_to_settle = kind == "simteller"
            DOORS[kind] = door
            self.couriers.append(Courier(door, self.web, account.public_id, secret))

    def program(self, role: str, *may: policy.Permission) -> Shop:
        """A program of somebody of their own, who may do this and no more."""
        owner: User = UserFactory.create(role=role)
        _, token = issue_key(name=role, owner=owner, permissions=may, role=role)
        return Shop(self.web, token)

    def customer(self) -> Customer:
        made: Customer = CustomerFactory.create(phone="+358401234567")
        return made

    def invoice(self, customer: Customer, total: int) -> Invoice:
        made: Invoice = InvoiceFactory.create(customer=customer, total=total)
        return made

    def door_of(self, page: str) -> Door:
        """The provider that a page belongs to."""
        return next(door for kind, door in DOORS.items() if page.startswith(f"{kind}_"))
