import pytest

from channels.base import Quota, Span
from channels.weibo import quotas
from tests.channels.weibo.office import Office, a_post


def test_a_hundred_calls_a_day_and_thirty_posts_an_hour() -> None:
    limits = quotas.limits("share")
    assert (limits.daily, limits.quotas) == ({"": 100}, (Quota("微博", 30, Span.HOUR),))


@pytest.mark.parametrize("mode", ["share", "article"])
def test_all_that_a_post_takes_is_of_the_share_kept_for_posts(office: Office, mode: str) -> None:
    channel, parcel = office.channel(mode=mode, cover_url="https://yunxi.gov.example/c.png"), office.parcel()
    parcel.notes.put("doubted", office.clock.now.isoformat())
    receipt = channel.publish(parcel)
    channel.look_up(office.parcel(a_post("另一篇")))
    if mode == "share":
        channel.withdraw(receipt, 0)
    assert set(office.meter.calls) <= quotas.limits(mode).posting
    assert set(quotas.limits(mode).needs) <= set(office.meter.calls)
