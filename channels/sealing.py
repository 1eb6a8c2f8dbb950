"""Tokens at rest: AES-256-GCM with a key that lies in a file of its own."""

import base64
import binascii
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class BadKey(Exception):
    """The key file cannot be used; the message is for staff."""


class Unsealable(Exception):
    """Sealed with another key, for another name, or damaged."""


class Seal:
    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def close(self, text: str, name: str) -> bytes:
        """`name` says whose it is: sealed for one name, it opens for no other."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), name.encode())

    def open(self, sealed: bytes, name: str) -> str:
        """Raises Unsealable."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode()).decode()
        except (InvalidTag, ValueError):
            raise Unsealable(name) from None

    def fingerprint(self, text: str) -> str:
        """Tells whether a text has changed, and nothing of the text."""
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()


def seal_of(file: Path) -> Seal:
    """The seal whose key is in this file; a missing one is made, for the owner alone. Raises BadKey."""
    try:
        if not file.exists():
            _make(file)
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
    except OSError as error:
        raise BadKey(f"密钥文件 {file} 读写不了（{error.strerror}），请检查权限。") from None
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadKey(f"密钥文件 {file} 的内容不对，请从备份恢复；删去它则要重新授权各账号。")
    return Seal(key)


def _make(file: Path) -> None:
    """Whole or not at all, and never over another process's."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
