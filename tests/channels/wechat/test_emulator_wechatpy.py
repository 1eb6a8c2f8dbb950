"""An unmodified wechatpy client works against the emulator over a real socket, and meets its refusals."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient, WeChatClientException
from wechatpy.exceptions import APILimitedException

from channels import load
from channels.wechat.emulator import Emulator
from channels.wechat.emulator.broadcasts import AccountType
from tests.channels.serving import Hook, served
from tests.channels.wechat.emulated import JPEG, PNG


class Home(HTTPAdapter):
    """Sends what is meant for the real platform to the emulator: wechatpy fetches its token nowhere else."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://api.weixin.qq.com", self.address)
        return super().send(request, *args, **options)


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(account="service", finish_seconds=0.0)


@pytest.fixture
def address(emulator: Emulator) -> Iterator[str]:
    with served(emulator) as address:
        yield address


@pytest.fixture
def client(emulator: Emulator, address: str) -> Iterator[WeChatClient]:
    client = client_of(emulator, address)
    yield client
    client._http.close()


def client_of(emulator: Emulator, address: str) -> WeChatClient:
    client = WeChatClient(emulator.appid, emulator.secret, timeout=10)
    client.API_BASE_URL = f"{address}/cgi-bin/"
    client._http.mount("https://api.weixin.qq.com", Home(address))
    return client


def draft(client: WeChatClient, **fields: Any) -> str:
    cover = client.material.add("image", ("cover.jpg", JPEG))["media_id"]
    article = {"title": "关于开展便民服务的通告", "content": "<p>正文</p>", "thumb_media_id": cover}
    media_id: str = client.draft.add([article | fields])["media_id"]
    return media_id


def test_a_token_is_fetched_and_used(client: WeChatClient) -> None:
    assert client.user.get_followers()["total"] == 3
    assert client.expires_at > 0


def test_a_retired_token_is_fetched_anew(client: WeChatClient, emulator: Emulator) -> None:
    client.session.set(client.access_token_key, "x" * 136)
    assert client.draft.count() == {"total_count": 0}
    assert emulator.calls["/cgi-bin/token"] == 1


def test_wrong_credentials_are_refused(address: str, emulator: Emulator) -> None:
    stranger = client_of(emulator, address)
    stranger.secret = "0" * 32
    with pytest.raises(WeChatClientException, match="40001"):
        stranger.fetch_access_token()
    stranger._http.close()


def test_an_article_is_published(client: WeChatClient, address: str) -> None:
    url = client.media.upload_image(("a.png", PNG))
    media_id = draft(client, content=f'<p>正文</p><img src="{url}">'.replace("&", "&amp;"))
    assert client.draft.get(media_id)["news_item"][0]["title"] == "关于开展便民服务的通告"
    taken = client.freepublish.submit(media_id)
    job = client.freepublish.get(taken["publish_id"])
    page = requests.get(job["article_detail"]["item"][0]["article_url"], timeout=5)
    assert "正文" in page.text
    assert requests.get(url, timeout=5).content == PNG
    shown = requests.get(f"{address}/_emulator/posts", timeout=5).json()
    assert [(each["act"], each["pictures"]) for each in shown] == [(str(taken["publish_id"]), 1)]


def test_an_article_is_broadcast_once(client: WeChatClient) -> None:
    media_id = draft(client)
    taken = client.message.send_mass_article(media_id, is_to_all=True, client_msg_id="k" * 32)
    assert client.message.get_mass(taken["msg_id"])["msg_status"] == "SEND_SUCCESS"
    with pytest.raises(WeChatClientException, match="45066"):
        client.message.send_mass_article(media_id, is_to_all=True, client_msg_id="k" * 32)


def test_words_are_broadcast_to_a_list_and_previewed(client: WeChatClient, emulator: Emulator) -> None:
    openids = [follower.openid for follower in emulator.followers.present()]
    assert client.message.send_mass_text("停水通知", openids)["errcode"] == 0
    assert client.message.send_mass_text("预览", openids[0], preview=True)["errcode"] == 0
    assert client.message.send_mass_text("预览", "follower2", preview=True)["errcode"] == 0


def test_a_menu_is_made_and_deleted(client: WeChatClient) -> None:
    assert client.menu.get() is None
    client.menu.create({"button": [{"type": "click", "name": "办事指南", "key": "GUIDE"}]})
    assert client.menu.get()["menu"]["button"][0]["name"] == "办事指南"
    assert client.menu.delete()["errcode"] == 0


def test_a_follower_is_answered_by_customer_service(client: WeChatClient, address: str) -> None:
    written = requests.post(f"{address}/_emulator/message", json={"content": "在吗"}, timeout=5).json()
    assert client.message.send_text(written["openid"], "您好")["errcode"] == 0
    chat = requests.get(f"{address}/_emulator/chat", timeout=5).json()
    assert [line["text"] for line in chat] == ["在吗", "您好"]


def test_followers_are_tagged(client: WeChatClient, emulator: Emulator) -> None:
    openid = emulator.followers.present()[0].openid
    tag = client.tag.create("企业")["id"]
    client.tag.tag_user(tag, openid)
    assert client.user.get(openid)["tagid_list"] == [tag]
    assert client.message.send_mass_text("惠企政策", tag)["errcode"] == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": "题" * 33}, 45003),
        ({"author": "作" * 17}, 45110),
        ({"digest": "摘" * 129}, 45004),
        ({"content": "文" * 20_000}, 45002),
        ({"thumb_media_id": "x"}, 40007),
    ],
)
def test_a_draft_beyond_a_limit_is_refused(client: WeChatClient, fields: dict[str, str], code: int) -> None:
    with pytest.raises(WeChatClientException) as refused:
        draft(client, **fields)
    assert refused.value.errcode == code
    assert "rid: " in refused.value.errmsg


def test_a_used_up_quota_is_its_own_exception(client: WeChatClient, address: str) -> None:
    fault = {"fault": "errcode", "path": "draft/count", "code": 45009}
    requests.post(f"{address}/_emulator/faults", json=fault, timeout=5)
    with pytest.raises(APILimitedException):
        client.draft.count()


def test_a_description_in_the_address_is_not_read(client: WeChatClient) -> None:
    video = ("a.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 100)
    with pytest.raises(WeChatClientException, match="41011"):
        client.material.add("video", video, title="公开日", introduction="记录")


def test_the_event_reaches_a_real_callback(client: WeChatClient, address: str) -> None:
    callback = Hook()
    with served(callback) as callback_address:
        body = {"address": f"{callback_address}/hook"}
        requests.put(f"{address}/_emulator/callback", json=body, timeout=5)
        client.freepublish.submit(draft(client))
        assert callback.got.wait(5)
    assert callback.requests[0].query["encrypt_type"] == "aes"


@pytest.mark.parametrize("account", ["subscription", "service"])
def test_the_account_it_tells_can_be_opened(account: AccountType) -> None:
    told = Emulator(account=account).account("http://127.0.0.1:8800")
    settings = load("wechat").Settings.model_validate(told)
    assert settings.base_url == "http://127.0.0.1:8800"
    assert settings.model_dump()["account_type"] == account
