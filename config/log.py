"""Logs: one JSON object a line on standard output, without anything that must stay secret."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from core import context, pan

SECRETS = re.compile(
    r"\b((?:sk|rk|pk)_(?:live|test)_|whsec_|kui_[A-Za-z0-9]+_)[A-Za-z0-9_+/=-]{6,}"
)
BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
# Whoever knows the address of a pay link or a receipt may open it.
ADDRESS = re.compile(r"(/(?:pay|receipt)/[A-Za-z0-9_]+/)[A-Za-z0-9_-]{20,}")
# A log may not ask the database which references are ours: whatever could be a card is masked.
CARD = re.compile(r"(?<!\d)(?:\d[ .-]?){12,18}\d(?!\d)")


def scrub(text: str) -> str:
    """Mask card numbers, provider keys, webhook secrets, keys of our API and secret addresses."""
    text = ADDRESS.sub(r"\1***", SECRETS.sub(r"\1***", BEARER.sub(r"\1 ***", text)))
    return CARD.sub(_mask_card, text)


def _mask_card(match: re.Match[str]) -> str:
    digits = "".join(filter(str.isdigit, match[0]))
    return f"••••{digits[-4:]}" if pan.passes_luhn(digits) else match[0]


class JsonFormatter(logging.Formatter):
    """Formats a record with the request it belongs to; message and traceback are scrubbed."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        if request_id := context.current().request_id:
            entry["request_id"] = request_id
        if record.exc_info:
            entry["traceback"] = scrub(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)
