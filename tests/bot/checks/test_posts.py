"""A post is looked over whole: its title, its pictures, the links behind its words."""

from bot.checks import Context, Level
from bot.checks.posts import look_over, told
from channels.base import Picture, Post
from tests.bot.checks.labelled import TODAY

CONTEXT = Context(TODAY)
PICTURE = Picture("a.png", "image/png", b"", "水位标尺")


def sentences(post: Post) -> list[str]:
    return [remark.sentence for remark in look_over(post, CONTEXT)]


def test_a_clean_post_has_no_remarks() -> None:
    assert sentences(Post("通知", "<p>好</p>", "好", pictures=(PICTURE,))) == []


def test_the_title_is_looked_at() -> None:
    (sentence,) = sentences(Post("安装了了", "<p>好</p>", "好"))
    assert sentence.startswith("标题：")


def test_the_line_of_the_body_is_named() -> None:
    (sentence,) = sentences(Post("通知", "", "好\n安装了了电脑"))
    assert sentence.startswith("正文第 2 行：")


def test_a_link_behind_words_is_looked_at() -> None:
    html = '<p><a href="https://t.cn/a?b&amp;c">看这里</a><a href="http://a.gov.cn/">和这里</a></p>'
    (remark,) = look_over(Post("通知", html, "看这里和这里"), CONTEXT)
    assert (remark.kind, remark.level) == ("link", Level.BLOCK)


def test_a_picture_without_words_is_told() -> None:
    silent = Picture("a.png", "image/png", b"")
    (sentence,) = sentences(Post("通知", "", "好", pictures=(PICTURE, silent)))
    assert sentence.startswith("第 2 张图片：")
    assert "文字说明" in sentence


def test_a_leak_in_a_picture_is_told() -> None:
    leaking = Picture("李桂兰13812345678.png", "image/png", b"", "机密★10年")
    kinds = {remark.kind for remark in look_over(Post("通知", "", "好", pictures=(leaking,)), CONTEXT)}
    assert kinds == {"mobile", "secret_mark"}


def test_many_remarks_are_counted() -> None:
    post = Post("通知", "", "\n".join(f"户主李桂兰，138123456{number}" for number in range(70, 80)))
    assert told(look_over(post, CONTEXT)).endswith("（共 10 处）")
