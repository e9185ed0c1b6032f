"""The way to Twilio's API: forms go out, JSON comes back, and errors in our own words."""

from __future__ import annotations

import json
import weakref
from typing import TYPE_CHECKING, Any

import httpx

from payments.providers.errors import OutcomeUnknown, ProviderRejected, ProviderUnavailable
from payments.providers.sandbox.connection import translated_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "https://api.twilio.com"
VERSION = "2010-04-01"
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
CLIENT_ERROR = 400


class Connection:
    """Keeps connections open between requests. Safe to share between threads; never retries."""

    def __init__(self, credentials: Mapping[str, str], *, timeout_s: float) -> None:
        account = credentials["account_sid"]
        self._client = httpx.Client(
            base_url=f"{credentials.get('api_base') or API}/{VERSION}/Accounts/{account}",
            auth=(account, credentials["auth_token"]),
            timeout=timeout_s,
            trust_env=False,
        )
        weakref.finalize(self, self._client.close)

    def post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        with translated_errors():
            answer = self._client.post(path, data=dict(form))
        return _read(answer)

    def get(self, path: str) -> dict[str, Any]:
        with translated_errors():
            answer = self._client.get(path)
        return _read(answer)


def _read(answer: httpx.Response) -> dict[str, Any]:
    """Return the answer's JSON, or raise what its status means. Twilio's codes are numbers."""
    try:
        data = json.loads(answer.content)
    except ValueError:
        data = None
    said = data if isinstance(data, dict) else {}
    code = f"twilio_{said['code']}" if isinstance(said.get("code"), int) else ""
    if answer.status_code == TOO_MANY_REQUESTS:
        raise ProviderUnavailable("Too many requests.", code=code)
    if answer.status_code >= SERVER_ERROR:
        raise OutcomeUnknown("Twilio failed.", code=code)
    if answer.status_code >= CLIENT_ERROR:
        raise ProviderRejected("Twilio refused.", code=code)
    if not said:
        raise OutcomeUnknown("The answer cannot be read.", code="unreadable")
    return said
