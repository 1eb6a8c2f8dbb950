"""What Weibo would refuse or spoil, told before anybody signs. Makes no call."""

from collections.abc import Iterator, Sequence

from channels.base import Level, Post, Problem
from channels.weibo import content, pictures

TITLE_CHARACTERS = 32
BODY_CHARACTERS = 90_000
LOST_TAGS = ("<pre", "<code")


def problems(
    posts: Sequence[Post], *, mode: str, domain: str, link: str, limit: int, cover_url: str
) -> list[Problem]:
    found = [] if posts else [_block("没有可发的内容。")]
    found += [_block("微博一次只能发一条，请分开投递。", index) for index in range(1, len(posts))]
    for post in posts[:1]:
        text = content.compose(post, domain=domain, link=link, limit=limit)
        found += _text_problems(post, text, limit)
        found += (
            _article_problems(post, cover_url) if mode == "article" else _share_problems(post, text, domain)
        )
    return found


def _text_problems(post: Post, text: str, limit: int) -> Iterator[Problem]:
    length = content.characters(text)
    if not content.normalised(text):
        yield _block("微博正文除了链接没有文字，请填写标题或微博正文。")
    if length > limit:
        what = "微博正文" if post.short.strip() else "标题和链接"
        yield _block(f"{what}共 {length} 个字，超过微博的 {limit} 个字，请缩短。")
    elif not post.short.strip() and not _has_lead(post, text):
        yield _warn("导语的第一句放不下，微博里只有标题和链接；可缩短导语或另写微博正文。")


def _has_lead(post: Post, text: str) -> bool:
    first = next(content.sentences(content.spaced(content.lead(post))), "")
    return first.strip() in text


def _share_problems(post: Post, text: str, domain: str) -> Iterator[Problem]:
    if not content.has_link_below(text, domain):
        yield _block(f"微博正文必须带有 {domain} 的链接，请填写来源链接。")
    if content.has_topic(text):
        yield _block("这个账号发的微博不能带 #话题#，请删去正文或标题里的 # 号。")
    yield from _picture_problems(post)


def _picture_problems(post: Post) -> Iterator[Problem]:
    picture = pictures.chosen(post)
    if picture is None:
        return
    try:
        pictures.fitted(picture)
    except pictures.NoPicture:
        yield _block(f"图片“{picture.name}”打不开，请换一张。")
    if len({each.sha256 for each in (picture, *post.pictures)}) > 1:
        yield _warn(f"微博只能带一张图片，将使用“{picture.name}”。")


def _article_problems(post: Post, cover_url: str) -> Iterator[Problem]:
    body = content.article_body(post)
    if len(post.title.strip()) > TITLE_CHARACTERS:
        yield _block(f"标题 {len(post.title.strip())} 个字，超过头条文章的 {TITLE_CHARACTERS} 个字，请缩短。")
    if not body.strip():
        yield _block("头条文章没有正文，请填写。")
    if len(body) > BODY_CHARACTERS:
        yield _block(f"头条文章正文（含格式）超过 {BODY_CHARACTERS} 个字符，请缩短。")
    if not cover_url:
        yield _block("头条文章需要封面图的公开地址，请管理员在账号设置里填写 cover_url。")
    if body != post.html:
        yield _warn("正文里的图片不会出现在头条文章里，请在正文附上原文链接。")
    if any(tag in body.lower() for tag in LOST_TAGS):
        yield _warn("头条文章会去掉代码格式，请改用普通段落。")


def _block(sentence: str, index: int = 0) -> Problem:
    return Problem(Level.BLOCK, sentence, index)


def _warn(sentence: str) -> Problem:
    return Problem(Level.WARN, sentence)
