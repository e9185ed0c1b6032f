from __future__ import annotations

import pytest

from crm.spelling import collation_key, fold, surname_first, turned


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Mäkinen", "makinen"),
        ("ÅSA Öhman", "asa ohman"),
        ("Wahlroos", "vahlroos"),
        ("Ann-Sofie  Lönnqvist", "ann sofie lonnqvist"),
        ("O’Brien", "obrien"),
        ("Jørgen Løvås", "jorgen lovas"),
        ("Café Ääni Oy", "cafe aani oy"),
        ("Иван Толстой_2", "иван толстои 2"),
        ("  ", ""),
    ],
)
def test_names_are_compared_without_accents_case_and_signs(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_every_later_word_stands_in_front_once() -> None:
    assert turned("anna maria virtanen") == ["maria virtanen anna", "virtanen anna maria"]
    assert turned("virtanen") == []


def test_finnish_letters_sort_after_z_and_w_sorts_as_v() -> None:
    names = ["Öhman", "Zetterberg", "Åkerman", "Äyräs", "Vesa", "Wirtanen", "Virta", "Aalto"]

    ordered = sorted(names, key=collation_key)

    assert ordered == [
        "Aalto",
        "Vesa",
        "Virta",
        "Wirtanen",
        "Zetterberg",
        "Åkerman",
        "Äyräs",
        "Öhman",
    ]


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("Matti Juhani Virtanen", "Virtanen Matti Juhani"),
        ("Carl Gustaf von Wright", "von Wright Carl Gustaf"),
        ("Madonna", "Madonna"),
        ("von Wright", "von Wright"),
    ],
)
def test_people_are_listed_by_surname(name: str, listed: str) -> None:
    assert surname_first(name) == listed
