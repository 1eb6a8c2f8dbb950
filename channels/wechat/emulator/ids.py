"""Numbers and texts by which the platform names things, the same again for the same seed."""

import random
import string
from itertools import count

LETTERS = string.ascii_letters + string.digits + "-_"


class Ids:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - replayable names, no secret
        self.publish = count(100_000_001)
        self.mass = count(1_000_000_001)
        self.msg_data = count(2_247_483_649)
        self.message = count(23_456_789_012_345_001)
        self.tag = count(100)
        self.comment = count(1)

    def text(self, length: int) -> str:
        return "".join(self._random.choices(LETTERS, k=length))

    def digits(self, length: int) -> str:
        return "".join(self._random.choices(string.digits, k=length))

    def hex(self, length: int) -> str:
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def bytes(self, length: int) -> bytes:
        return self._random.randbytes(length)

    def rid(self) -> str:
        return f"{self.hex(8)}-{self.hex(8)}-{self.hex(8)}"
