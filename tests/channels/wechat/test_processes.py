"""Two processes with one refused token ask the platform for one forced refresh."""

import subprocess
import sys
from datetime import timedelta

from redis import Redis

from channels.base import Token
from channels.sealing import Seal
from channels.tokens import RedisTokens
from channels.wechat import quotas
from channels.wechat.emulator import Emulator
from scheduler.embedded import EmbeddedRedis
from tests.channels.wechat.office import Office
from tests.support import NOW

SEAL = Seal(b"k" * 32)
CALLS = 5
PROCESS = """
import sys
from datetime import datetime
from pydantic import SecretStr
from redis import Redis
from channels.base import Services
from channels.sealing import Seal
from channels.tokens import RedisTokens
from channels.transport import Transport
from channels.wechat.client import Client

class Uncounted:
    def take(self, call, count=1):
        pass

address, redis_url, appid, secret, now, calls = sys.argv[1:]
tokens = RedisTokens(Redis.from_url(redis_url), Seal(b"k" * 32))
services = Services("town", tokens, Uncounted(), lambda: datetime.fromisoformat(now))
client = Client(appid, SecretStr(secret), Transport(address), services, "subscription")
sys.stdin.readline()
for _ in range(int(calls)):
    client.draft.count()
print("done")
"""


def start(office: Office, redis_server: EmbeddedRedis) -> subprocess.Popen[str]:
    own = office.emulator
    arguments = [office.address, redis_server.url, own.appid, own.secret, NOW.isoformat(), str(CALLS)]
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_force_one_refresh(
    office: Office, emulator: Emulator, redis: "Redis", redis_server: EmbeddedRedis
) -> None:
    stale = Token("x" * 136, NOW + timedelta(hours=1), NOW)
    RedisTokens(redis, SEAL).put(f"wechat:{emulator.appid}", stale)
    processes = [start(office, redis_server) for _ in range(2)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert said == ["done\n", "done\n"]
    fresh = RedisTokens(redis, SEAL).get(f"wechat:{emulator.appid}")
    assert fresh is not None
    office.tokens.put(f"wechat:{emulator.appid}", fresh)
    told = quotas.spent(office.by_hand, ["stable_token", "draft/count"])
    assert (told["stable_token"].used, told["draft/count"].used) == (1, 2 * CALLS)
