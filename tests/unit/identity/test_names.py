"""What names say against an address: whose mailbox it is, and who only stands under it."""

import pytest

from honeyguide.identity.names import clash, others, unlike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("robert trellwitz", "mona okafor"),
        ("dr robert trellwitz", "dr mona okafor"),
        ("jan muller", "eva schmidt"),
    ],
)
def test_full_names_without_a_word_in_common_clash(one: str, other: str) -> None:
    assert clash(one, other)
    assert clash(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("robert trellwitz", "bob trellwitz"),  # a pet name
        ("anna schmidt", "anna weber"),  # married
        ("robert trellwitz", "trellwitz robert"),
        ("robert trellwitz", "r t"),
        ("robert trellwitz", "bob"),  # may be anybody
        ("robert trellwitz", ""),
        ("robert trellwitz", "иван петров"),  # another script: nobody can tell
        ("иван петров", "мария сидорова"),
        ("robert trellwitz", "orbex gmbh"),  # a company's name is nobody's
        ("robert trellwitz", "bob trelwitz"),  # a letter lost
        ("robert trellwitz", "bob trelwlitz"),  # two letters changed places
        ("mueller jan", "muller hans"),
    ],
)
def test_names_that_may_be_one_person_s_do_not(one: str, other: str) -> None:
    assert not clash(one, other)
    assert not clash(other, one)


def test_the_mailbox_tells_whose_it_is() -> None:
    names = {1: "robert trellwitz", 2: "bob trellwitz", 3: "mona okafor"}
    assert others("robert.trellwitz@orbex.io", names) == {3}
    assert others("rtrellwitz@orbex.io", names) == {3}
    assert others("m.okafor@orbex.io", names) == {1, 2}


def test_a_mailbox_nobody_s_name_is_in_is_nobody_s_when_strangers_use_it() -> None:
    assert others("front-desk@orbex.io", {1: "robert trellwitz", 2: "mona okafor"}) is None
    assert others("front-desk@orbex.io", {1: "robert trellwitz", 2: "bob trellwitz"}) == set()


def test_a_company_in_the_place_of_a_name_is_no_stranger() -> None:
    assert others("robert.trellwitz@orbex.io", {1: "robert trellwitz", 2: "orbex germany"}) == set()
    assert others("robert.trellwitz@orbex.io", {1: "robert trellwitz", 2: "somewhere ltd"}) == set()


def test_two_of_one_name_both_own_it() -> None:
    """Father and son share a mailbox spelt from both names: the name cannot tell them apart, other evidence must."""
    names = {1: "robert trellwitz", 2: "ruth trellwitz", 3: "mona okafor"}
    assert others("r.trellwitz@orbex.io", names) == {3}


def test_words_alone_are_compared_in_any_script() -> None:
    assert unlike("иван", "мария")
    assert not unlike("ivan petrov", "i petrov")
