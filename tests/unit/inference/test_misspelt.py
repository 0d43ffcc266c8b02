"""One slip of the finger is mended, another word is left alone."""

import pytest

from honeyguide.inference.misspelt import mended
from honeyguide.inference.titles import read_title


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("directr", "director"), ("manger", "manager"), ("presidnet", "president"), ("enginering", "engineering"),
     ("sucess", "success"), ("markteing", "marketing"), ("dirrector", "director"), ("managet", "manager")],
)  # fmt: skip
def test_one_slip_is_mended(wrong: str, right: str) -> None:
    assert mended(wrong) == right


@pytest.mark.parametrize(
    "word",
    ["office", "producto", "produit", "executivo", "administrador", "mnagre", "art", "lead", "dir3ctor", "",
     "costumer", "analysis"],
)  # fmt: skip
def test_another_word_is_left_alone(word: str) -> None:
    assert mended(word) == word


def test_a_misspelt_title_is_read_and_a_former_post_is_not_held() -> None:
    slip, before, was = (
        read_title("Vice Presidnet, Marketing"),
        read_title("CTO, ex-Zalando"),
        read_title("ex-CTO, Zalando"),
    )
    assert slip is not None
    assert (slip.seniority, slip.department) == ("vp", "marketing")
    assert before is not None
    assert before.seniority == "executive"
    assert was is None
