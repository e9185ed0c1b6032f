from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import dates
from django.utils.translation import override

from config import translations

GOOD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def finnish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    path = tmp_path / "locale" / "fi" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD)
    return path


def test_a_whole_catalogue_has_no_complaints(finnish: Path) -> None:
    finnish.write_text(GOOD + 'msgid "Refund"\nmsgstr "Palauta"\n')

    assert translations.complaints(finnish) == []


@pytest.mark.parametrize(
    "entry",
    [
        'msgid "Refund"\nmsgstr ""\n',
        '#, fuzzy\nmsgid "Refund"\nmsgstr "Palauta"\n',
        'msgid "one"\nmsgid_plural "many"\nmsgstr[0] "yksi"\nmsgstr[1] ""\n',
    ],
)
def test_what_nobody_translated_is_found(finnish: Path, entry: str) -> None:
    finnish.write_text(GOOD + entry)

    assert len(translations.complaints(finnish)) == 1


def test_a_lost_placeholder_is_found(finnish: Path) -> None:
    entry = '#, python-format\nmsgid "%(left)s is left"\nmsgstr "jäljellä"\n'
    finnish.write_text(GOOD + entry)

    assert len(translations.complaints(finnish)) == 1


def test_compiling_is_done_once(finnish: Path) -> None:
    finnish.write_text(GOOD + 'msgid "Refund"\nmsgstr "Palauta"\n')

    translations.compile_all()
    compiled = finnish.with_suffix(".mo")
    first = compiled.stat().st_mtime_ns
    translations.compile_all()

    assert "Palauta" in compiled.read_bytes().decode(errors="replace")
    assert compiled.stat().st_mtime_ns == first


@pytest.mark.parametrize("path", translations.catalogues(), ids=lambda path: path.parts[-3])
def test_no_word_of_ours_renames_a_day_or_a_month(path: Path) -> None:
    """Django looks the month “may” up among our words, too. A context keeps them apart."""
    names = (dates.WEEKDAYS, dates.WEEKDAYS_ABBR, dates.MONTHS, dates.MONTHS_3)
    with override("en"):
        taken = {str(name) for group in names for name in group.values()}

    words = {message.id for message in translations.read(path) if not message.context}

    assert words.isdisjoint(taken)
