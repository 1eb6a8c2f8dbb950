"""A post's number and the short text that stands for it in its address.

Source: the platform's own web page; groups of 7 decimal digits from the right, each in base 62.
"""

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
GROUP = 10**7
SIGNS = 4  # a group of 7 digits needs 4 signs of base 62


def to_text(number: int) -> str:
    """4397951453070808 -> HF6adcSRa"""
    rest, group = divmod(number, GROUP)
    if not rest:
        return _base62(group)
    return to_text(rest) + _base62(group).rjust(SIGNS, "0")


def to_number(text: str) -> int:
    """HF6adcSRa -> 4397951453070808. Raises ValueError for a sign that is none of base 62."""
    number = 0
    for sign in text[-SIGNS:]:
        number = number * 62 + ALPHABET.index(sign)
    return number + (to_number(text[:-SIGNS]) * GROUP if text[:-SIGNS] else 0)


def _base62(number: int) -> str:
    rest, digit = divmod(number, 62)
    return (_base62(rest) if rest else "") + ALPHABET[digit]
