from __future__ import annotations

import json
import logging
import sys

import pytest

from config.log import JsonFormatter, scrub


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("card 4242 4242 4242 4242 said", "card ••••4242 said"),
        ("4242-4242-4242-4242", "••••4242"),
        ("key sk_test_51HabcdefGHIJ used", "key sk_test_*** used"),
        ("whsec_0123456789abcdef", "whsec_***"),
        ("Authorization: Bearer kui_ab12cd_S3cr3tS3cr3t", "Authorization: Bearer ***"),
        ("kui_ab12cd_S3cr3tS3cr3t", "kui_ab12cd_***"),
        ("/pay/cs_01k3/_iL6D7JY5VELJNGUYqeexw/method/", "/pay/cs_01k3/***/method/"),
        (
            "https://a.example/pay/cs_01k3/YOmRT-vZFotuCEUBhPXnNA/",
            "https://a.example/pay/cs_01k3/***/",
        ),
        ("/receipt/cap_01k3/YOmRT-vZFotuCEUBhPXnNA.pdf", "/receipt/cap_01k3/***.pdf"),
    ],
)
def test_secrets_do_not_reach_the_log(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "/customers/cus_01k3/pay/",
        "/pay/page_01k3/challenge",
        "pi_01k3 took 12 ms",
        "invoice 10023 of 2026-11-22",
        "4242 4242 4242 4241",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert scrub(text) == text


def test_a_traceback_is_scrubbed_too() -> None:
    try:
        int("card 4242424242424242")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "it failed", (), sys.exc_info())

    entry = json.loads(JsonFormatter().format(record))

    assert entry["message"] == "it failed"
    assert "4242424242424242" not in entry["traceback"]
    assert "••••4242" in entry["traceback"]
