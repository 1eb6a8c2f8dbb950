"""What is sealed opens with its key, for its name, and for nobody else."""

import stat
import threading
from pathlib import Path

import pytest

from channels.sealing import BadKey, Seal, Unsealable, seal_of

SEAL = Seal(b"k" * 32)


def test_what_is_closed_opens_again() -> None:
    assert SEAL.open(SEAL.close("2.00令牌", "town"), "town") == "2.00令牌"


def test_a_sealed_token_shows_nothing_and_never_looks_the_same() -> None:
    first, second = SEAL.close("2.00secret", "town"), SEAL.close("2.00secret", "town")
    assert b"secret" not in first
    assert first != second


@pytest.mark.parametrize(
    ("seal", "name", "spoil"),
    [
        (Seal(b"x" * 32), "town", 0),
        (SEAL, "county", 0),
        (SEAL, "town", 1),
    ],
)
def test_another_key_another_name_or_a_changed_byte_opens_nothing(seal: Seal, name: str, spoil: int) -> None:
    sealed = bytearray(SEAL.close("2.00secret", "town"))
    sealed[-1] ^= spoil
    with pytest.raises(Unsealable):
        seal.open(bytes(sealed), name)


@pytest.mark.parametrize("raw", [b"", b"short", b"\xff" * 40])
def test_what_was_never_sealed_opens_nothing(raw: bytes) -> None:
    with pytest.raises(Unsealable):
        SEAL.open(raw, "town")


def test_the_key_file_is_made_for_its_owner_alone_and_used_again(tmp_path: Path) -> None:
    file = tmp_path / "gongbao.key"
    sealed = seal_of(file).close("secret", "town")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert seal_of(file).open(sealed, "town") == "secret"
    assert [each.name for each in tmp_path.iterdir()] == ["gongbao.key"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    seals: list[Seal] = []
    ready = threading.Barrier(8)

    def start() -> None:
        ready.wait()
        seals.append(seal_of(tmp_path / "gongbao.key"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({seal.fingerprint("town") for seal in seals}) == 1
    assert len(seals) == 8


@pytest.mark.parametrize("content", ["", "too short", "not base64!", "QUJD"])
def test_a_spoilt_key_file_is_never_overwritten(content: str, tmp_path: Path) -> None:
    file = tmp_path / "gongbao.key"
    file.write_text(content)
    with pytest.raises(BadKey, match="备份"):
        seal_of(file)
    assert file.read_text() == content


def test_a_key_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="权限"):
        seal_of(tmp_path / "nowhere" / "gongbao.key")


def test_a_fingerprint_tells_a_change_and_nothing_else() -> None:
    assert SEAL.fingerprint("a") == SEAL.fingerprint("a") != SEAL.fingerprint("b")
    assert Seal(b"x" * 32).fingerprint("a") != SEAL.fingerprint("a")
