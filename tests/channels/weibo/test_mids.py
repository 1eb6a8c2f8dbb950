import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.weibo import mids

PAIRS = [
    (4397951453070808, "HF6adcSRa"),
    (3676608718380816, "Aw8Wrzaes"),
    (201110410216293360, "wr4mOFqpbO"),
]


@pytest.mark.parametrize(("number", "text"), PAIRS)
def test_known_numbers_have_their_known_texts(number: int, text: str) -> None:
    assert mids.to_text(number) == text
    assert mids.to_number(text) == number


@given(st.integers(0, 10**19))
def test_text_and_number_lead_back_to_each_other(number: int) -> None:
    assert mids.to_number(mids.to_text(number)) == number


def test_a_group_of_zeros_keeps_its_four_signs() -> None:
    assert mids.to_text(5 * 10**14) == "500000000"


def test_a_sign_that_is_none_of_base_62_is_refused() -> None:
    with pytest.raises(ValueError):
        mids.to_number("HF6a-cSRa")
