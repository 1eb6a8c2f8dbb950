"""The seal of pushes: signatures, and AES-256-CBC with the account's key.

The plaintext is 16 random bytes, the length as 4 bytes, the message, the appid; padded to blocks of 32.
"""

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.wechat.emulator.ids import Ids

BLOCK = 32
RANDOM = 16
HEAD = RANDOM + 4


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the platform's choice


class Seal:
    def __init__(self, aes_key: str, appid: str, ids: Ids) -> None:
        key = base64.b64decode(aes_key + "=")
        if len(key) != 32:
            raise ValueError("an aes_key has 43 characters")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._appid = appid.encode()
        self._ids = ids

    def encrypt(self, message: bytes) -> str:
        plain = self._ids.bytes(RANDOM) + struct.pack(">I", len(message)) + message + self._appid
        padding = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding)).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """The message. Raises ValueError for anything that was not sealed for this account."""
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(base64.b64decode(encrypted, validate=True)) + decryptor.finalize()
        if len(plain) <= HEAD or not 1 <= plain[-1] <= BLOCK:
            raise ValueError("not padded")
        plain = plain[: -plain[-1]]
        end = HEAD + int.from_bytes(plain[RANDOM:HEAD], "big")
        if plain[end:] != self._appid:
            raise ValueError("sealed for another account")
        return plain[HEAD:end]
