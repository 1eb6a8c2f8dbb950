"""A new item as three people take it from the first word to the followers' phones."""

from playwright.sync_api import Page

from bot.demo import Demo
from tests.browser.conftest import keep_picture, log_in

TITLE = "关于云溪镇便民服务中心延时服务的公告"
SECONDS = 30


def test_an_item_goes_from_the_login_to_both_platforms(
    page: Page, stage: Demo, passwords: dict[str, str]
) -> None:
    write(page, stage, passwords["王芳"])
    pass_on(page, stage, "李明", passwords["李明"], "审核", "属于主动公开范围，同意。")
    pass_on(page, stage, "陈静", passwords["陈静"], "签发", "同意发布。")
    keep_picture(page, "signed")
    stage.wait([1, 2], SECONDS, lambda _: None)
    page.goto(f"{stage.web.address}/deliveries?state=published")
    assert page.get_by_role("link", name=TITLE).count() == len(stage.emulators)
    keep_picture(page, "published")
    assert {kind: len(emulator.shown()) for kind, emulator in stage.emulators.items()} == dict.fromkeys(
        stage.emulators, 1
    )


def write(page: Page, stage: Demo, password: str) -> None:
    log_in(page, stage, "王芳", password)
    page.get_by_role("link", name="写稿件").click()
    page.get_by_label("标题", exact=True).fill(TITLE)
    page.get_by_role("textbox", name="正文").click()
    page.keyboard.type("自2026年12月1日起，每周六上午九点至十二点办理各项业务。")
    page.get_by_role("button", name="保存稿件").click()
    page.get_by_role("status").get_by_text("已添加稿件").wait_for()
    keep_picture(page, "written")
    page.get_by_role("button", name="送审").click()
    page.get_by_role("status").get_by_text("已送审").wait_for()


def pass_on(page: Page, stage: Demo, name: str, password: str, act: str, opinion: str) -> None:
    log_in(page, stage, name, password)
    page.get_by_role("link", name=TITLE).first.click()
    page.get_by_label("意见").fill(opinion)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=act, exact=True).click()
    page.get_by_role("status").get_by_text(f"已{act}").wait_for()


def test_what_is_typed_survives_a_lost_page(page: Page, stage: Demo, passwords: dict[str, str]) -> None:
    log_in(page, stage, "王芳", passwords["王芳"])
    page.goto(f"{stage.web.address}/drafts/new")
    page.get_by_label("标题", exact=True).fill(TITLE)
    page.get_by_role("textbox", name="正文").click()
    page.keyboard.type("写到一半")
    page.get_by_text("草稿已暂存在本页。").wait_for()
    page.reload()
    assert page.get_by_label("标题", exact=True).input_value() == TITLE
    assert page.get_by_role("textbox", name="正文").inner_text().strip() == "写到一半"
