"""The bundle: everything on record, checked by a common tool, the same bytes for the same record."""

import hashlib
import io
import json
import subprocess
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, update

from bot.desk import Desk
from bot.errors import RuleBroken
from bot.evidence import bundle, gather
from bot.importing import Imported
from bot.tables import draft_versions
from tests.bot.desk.office import DOCUMENT, DRAFTER, LEADER, OFFICE, PICTURE, desk, proposal, settings
from tests.support import NOW

LATER = NOW + timedelta(hours=1)
SECOND = Imported("防汛通知（二）", "<p>汛期已至。</p>", "汛期已至。")


@pytest.fixture
def signed(engine: Engine) -> Engine:
    """An item in two versions, signed, one of its deliveries cancelled."""
    at = desk(engine)
    at.add([proposal(DOCUMENT)], DRAFTER, NOW)
    at.revise(1, proposal(SECOND), DRAFTER, NOW, 1)
    pass_on(at, 2)
    return engine


def pass_on(at: Desk, version: int) -> None:
    at.submit(1, DRAFTER, NOW, version)
    at.review(1, OFFICE, NOW, version, "同意")
    at.sign_off(1, LEADER, LATER, version, "同意")


def made(engine: Engine) -> bytes:
    with engine.connect() as connection:
        return bundle(gather(connection, 1, settings()))


def files(engine: Engine) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(made(engine))) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_everything_on_record_is_there(signed: Engine) -> None:
    assert sorted(files(signed)) == sorted(
        ["index.html", "acts.json", "audit.jsonl", "checks.json", "deliveries.json", "post.json"]
        + [f"versions/{number}.{kind}" for number in (1, 2) for kind in ("html", "json", "txt")]
        + [f"pictures/{PICTURE.sha256}.png", "sha256sums.txt"]
    )


def test_sha256sum_accepts_it(signed: Engine, tmp_path: Path) -> None:
    with ZipFile(io.BytesIO(made(signed))) as package:
        package.extractall(tmp_path)
    command = ["sha256sum", "--strict", "-c", "sha256sums.txt"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    listed = (tmp_path / "sha256sums.txt").read_text(encoding="utf-8").splitlines()
    assert len(listed) == len(files(signed)) - 1


def test_the_same_record_makes_the_same_bytes(signed: Engine) -> None:
    assert made(signed) == made(signed)


def test_the_frozen_post_has_the_hash_that_was_signed(signed: Engine) -> None:
    found = files(signed)
    frozen = hashlib.sha256(found["post.json"]).hexdigest()
    assert frozen == hashlib.sha256(found["versions/2.json"]).hexdigest()
    assert frozen == desk(signed).show(1).sha256
    assert frozen in found["index.html"].decode()


def test_acts_attempts_and_the_chain_are_told(signed: Engine) -> None:
    found = files(signed)
    assert [act["who"] for act in json.loads(found["acts.json"])][-2:] == [OFFICE, LEADER]
    assert [each["attempts"][0]["event"] for each in json.loads(found["deliveries.json"])] == ["submit"] * 2
    entries = [json.loads(line) for line in found["audit.jsonl"].splitlines()]
    assert [entry["act"] for entry in entries] == ["add", "revise", "submit", "review", "sign"]
    assert entries[1]["previous"] == entries[0]["hash"]


def test_the_index_tells_it_in_chinese(signed: Engine) -> None:
    index = files(signed)["index.html"].decode()
    for word in ("防汛通知（二）", "签发", LEADER, "同意", "待发", "town_weibo", "sha256sum -c"):
        assert word in index


def test_a_version_shows_its_pictures(signed: Engine) -> None:
    assert f'src="../pictures/{PICTURE.sha256}.png"' in files(signed)["versions/1.html"].decode()


def test_words_of_people_are_words_not_markup(engine: Engine) -> None:
    desk(engine).add([proposal(Imported("<script>x</script>", "<p>文</p>", "文"))], DRAFTER, NOW)
    assert "<script>" not in files(engine)["index.html"].decode()


def test_an_unsigned_item_has_its_evidence_too(engine: Engine) -> None:
    desk(engine).add([proposal()], DRAFTER, NOW)
    found = files(engine)
    assert "尚未签发" in found["index.html"].decode()
    assert "post.json" not in found


def test_a_text_that_was_changed_behind_the_desks_back_is_not_attested(signed: Engine) -> None:
    with signed.begin() as connection:
        connection.execute(update(draft_versions).where(draft_versions.c.version == 1).values(text="改"))
    with pytest.raises(RuleBroken, match="内容与写入时不一致"):
        made(signed)
