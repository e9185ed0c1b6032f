"""The addresses of crm in the API. They are included under the namespace `api`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.urls import URLPattern

routes: list[URLPattern] = []
