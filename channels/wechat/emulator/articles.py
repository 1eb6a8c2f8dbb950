"""The fields of an article, their limits, and what the platform gives back of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from channels.wechat.emulator.calls import Fields, read_flag, read_text
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.filtering import Places, filtered, links, plain
from channels.wechat.emulator.media import KB, MB, Library, Picture

MAX_ARTICLES = 8
MAX_IMAGES = 20
MAX_CONTENT = 20_000  # characters; must stay below
FIRST_WORDS = 54  # the digest of an article that brings none
LENGTHS = (("title", 32, 45003), ("author", 16, 45110), ("digest", 128, 45004))
RATIOS = {"1_1": 1.0, "16_9": 16 / 9, "2.35_1": 2.35}
RATIO_TOLERANCE = 0.05
CROPS = {"pic_crop_235_1": "2.35_1", "pic_crop_1_1": "1_1"}
CORNERS = ("x1", "y1", "x2", "y2")
CORNER = re.compile(r"(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)")


@dataclass(frozen=True)
class Crop:
    ratio: str
    corners: tuple[str, str, str, str]  # x1, y1, x2, y2 as they were written

    def echo(self) -> dict[str, str]:
        return {"ratio": self.ratio, **dict(zip(CORNERS, self.corners, strict=True))}


@dataclass(frozen=True)
class Article:
    kind: str  # news or newspic
    title: str
    author: str
    digest: str
    content: str
    source_url: str
    thumb_media_id: str
    thumb_url: str
    open_comment: int
    fans_only: int
    crops: tuple[Crop, ...] = ()
    images: tuple[str, ...] = ()

    def echo(self, url: str, *, with_content: bool = True) -> dict[str, object]:
        """The article as draft/get and freepublish/getarticle give it back."""
        echoed: dict[str, object] = {
            "article_type": self.kind,
            "title": self.title,
            "author": self.author,
            "digest": self.digest,
            "content": self.content,
            "content_source_url": self.source_url,
            "thumb_media_id": self.thumb_media_id,
            "show_cover_pic": 0,
            "need_open_comment": self.open_comment,
            "only_fans_can_comment": self.fans_only,
            "url": url,
            "thumb_url": self.thumb_url,
        }
        if self.crops:
            echoed["cover_info"] = {"crop_percent_list": [crop.echo() for crop in self.crops]}
        if self.images:
            echoed["image_info"] = {"image_list": [{"image_media_id": image} for image in self.images]}
        if not with_content:
            del echoed["content"]
        return echoed


class Editor:
    """Reads articles as the platform does: refuses what breaks a limit, filters the rest in silence."""

    def __init__(
        self, library: Library, places: Places, broken_link: Callable[[str], bool], verified: bool
    ) -> None:
        self._library = library
        self._places = places
        self._broken_link = broken_link
        self._verified = verified

    def read_all(self, articles: object) -> tuple[Article, ...]:
        if not isinstance(articles, list) or not articles:
            raise Refusal(44003)
        if len(articles) > MAX_ARTICLES:
            raise Refusal(45008)
        return tuple(self.read(article, alone=len(articles) == 1) for article in articles)

    def read(self, fields: object, *, alone: bool) -> Article:
        """One article; only an article on its own has a digest."""
        if not isinstance(fields, dict):
            raise Refusal(44003)
        kind = read_text(fields, "article_type") or "news"
        if kind not in {"news", "newspic"}:
            raise Refusal(45162, "article_type")
        _check_lengths(fields)
        open_comment = read_flag(fields, "need_open_comment")
        fans_only = read_flag(fields, "only_fans_can_comment")
        if open_comment and not self._verified:
            raise Refusal(88000)
        _check_goods(fields)
        if kind == "newspic":
            return self._newspic(fields, open_comment, fans_only)
        return self._news(fields, open_comment, fans_only, alone)

    def _news(self, fields: Fields, open_comment: int, fans_only: int, alone: bool) -> Article:
        cover = self._cover(fields)
        content = self._content(fields)
        digest = read_text(fields, "digest") or plain(content)[:FIRST_WORDS]
        return Article(
            "news",
            read_text(fields, "title"),
            read_text(fields, "author"),
            digest if alone else "",
            content,
            _source_url(fields),
            read_text(fields, "thumb_media_id"),
            cover.url,
            open_comment,
            fans_only,
            _crops(fields, cover),
        )

    def _newspic(self, fields: Fields, open_comment: int, fans_only: int) -> Article:
        content = _checked_content(fields)
        if re.search(r"</?[a-zA-Z]", content):
            raise Refusal(45166)
        images = self._images(fields)
        cover = self._picture(images[0])
        return Article(
            "newspic",
            read_text(fields, "title"),
            read_text(fields, "author"),
            "",
            content,
            _source_url(fields),
            images[0],
            cover.url,
            open_comment,
            fans_only,
            _crops(fields, cover),
            images,
        )

    def _cover(self, fields: Fields) -> Picture:
        return self._picture(read_text(fields, "thumb_media_id"))

    def _picture(self, media_id: str) -> Picture:
        picture = self._library.permanent(media_id, {"image", "thumb"}).picture
        if picture is None:
            raise Refusal(40007)
        return picture

    def _content(self, fields: Fields) -> str:
        content = _checked_content(fields)
        if "<mpvoice" in content or any(self._broken_link(link) for link in links(content)):
            raise Refusal(45166)
        return filtered(content, self._places)

    def _images(self, fields: Fields) -> tuple[str, ...]:
        info = fields.get("image_info")
        listed = info.get("image_list") if isinstance(info, dict) else None
        if not isinstance(listed, list) or not listed:
            raise Refusal(41026)
        if len(listed) > MAX_IMAGES:
            raise Refusal(40215)
        return tuple(self._image(each) for each in listed)

    def _image(self, listed: object) -> str:
        if not isinstance(listed, dict):
            raise Refusal(41026)
        media_id = read_text(listed, "image_media_id")
        self._library.permanent(media_id, {"image"})
        return media_id


def _check_lengths(fields: Fields) -> None:
    for name, limit, code in LENGTHS:
        if len(read_text(fields, name)) > limit:
            raise Refusal(code)
    if not read_text(fields, "title").strip():
        raise Refusal(40062)


def _check_goods(fields: Fields) -> None:
    """An office sells nothing: any goods at the foot of an article are refused."""
    info = fields.get("product_info")
    footer = info.get("footer_product_info") if isinstance(info, dict) else None
    if isinstance(footer, dict) and footer.get("product_key"):
        raise Refusal(53404)


def _checked_content(fields: Fields) -> str:
    content = read_text(fields, "content")
    if not content.strip():
        raise Refusal(44003)
    if len(content) >= MAX_CONTENT or len(content.encode()) >= MB:
        raise Refusal(45002)
    return content


def _source_url(fields: Fields) -> str:
    url = read_text(fields, "content_source_url")
    if len(url.encode()) > KB:
        raise Refusal(45005)
    if url and not _is_address(url):
        raise Refusal(41039)
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in url


def _crops(fields: Fields, cover: Picture) -> tuple[Crop, ...]:
    crops = [*_flat_crops(fields), *_listed_crops(fields)]
    for crop in crops:
        _check_crop(crop, cover)
    return tuple(crops)


def _flat_crops(fields: Fields) -> list[Crop]:
    return [
        Crop(ratio, _corners(read_text(fields, name).split("_")))
        for name, ratio in CROPS.items()
        if read_text(fields, name)
    ]


def _listed_crops(fields: Fields) -> list[Crop]:
    info = fields.get("cover_info")
    listed = info.get("crop_percent_list") if isinstance(info, dict) else None
    if not isinstance(listed, list):
        return []
    if not all(isinstance(each, dict) for each in listed):
        raise Refusal(53402)
    return [
        Crop(read_text(each, "ratio"), _corners([read_text(each, name) for name in CORNERS]))
        for each in listed
    ]


def _corners(texts: list[str]) -> tuple[str, str, str, str]:
    if len(texts) != 4 or not all(CORNER.fullmatch(text) for text in texts):
        raise Refusal(53402)
    return texts[0], texts[1], texts[2], texts[3]


def _check_crop(crop: Crop, cover: Picture) -> None:
    x1, y1, x2, y2 = (float(corner) for corner in crop.corners)
    width, height = (x2 - x1) * cover.size[0], (y2 - y1) * cover.size[1]
    wanted = RATIOS.get(crop.ratio)
    if wanted is None or width <= 0 or height <= 0:
        raise Refusal(53402)
    if abs(width / height - wanted) > wanted * RATIO_TOLERANCE:
        raise Refusal(53402)
