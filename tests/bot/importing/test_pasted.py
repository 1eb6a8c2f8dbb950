"""What offices paste: Word's and WPS's HTML, and pages of government sites."""

import pytest

from bot import importing

FROM_WORD = """
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><!--[if gte mso 9]><xml><w:WordDocument>
<w:View>Normal</w:View></w:WordDocument></xml><![endif]--><style>p.MsoNormal{margin:0}</style></head>
<body lang=ZH-CN><div class=WordSection1><p class=MsoNormal align=center><b><span style='font-size:22pt'>
<span style='font-family:方正小标宋'>防汛通知</span></span></b><o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>
<span style='mso-list:Ignore'>一、
<span style='font:7.0pt'>&nbsp;&nbsp;&nbsp;</span></span><![endif]>汛期<span
lang=EN-US>2026</span>年将至。</p>
<p class=MsoNormal>甲<del cite="mailto:zhang" datetime="2026-11-01T00:00">机密</del><ins
cite="mailto:zhang">乙</ins></p>
<p class=MsoNormal>丙<span style='display:none;mso-hide:all'>机密</span><s>丁</s></p>
<div style='mso-element:comment-list'><div style='mso-element:comment'>机密</div></div>
</div></body></html>
"""


def test_a_page_of_word_is_what_its_reader_sees() -> None:
    found = importing.take_in("a.html", FROM_WORD.encode())
    assert found.title == "防汛通知"
    assert found.html == "<p>一、汛期2026年将至。</p><p>甲乙</p><p>丙<s>丁</s></p>"
    assert "mso" not in repr(found)


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='DISPLAY : none'>机密</p>",
        "<div style='display:none'><p>机</p><table><tr><td>密</td></tr></table></div>",
        "<span style='visibility:hidden'>机密</span>",
        "<p hidden>机密</p>",
        "<div style='display:none'><div>机</div>密<img src='a.png'></div>",
        "<xml><o:Author>机密</o:Author></xml>",
    ],
)
def test_what_a_page_hides_stays_behind(hidden: str) -> None:
    found = importing.take_in("a.html", f"<p>甲</p>{hidden}<p>乙</p>".encode(), title="题")
    assert found.html == "<p>甲</p><p>乙</p>"


def test_a_government_page_tells_its_title() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>防汛通知_云溪镇人民政府</title>"
        '<meta name="ArticleTitle" content="防汛通知"></head><body><p>汛期将至。</p></body></html>'
    )
    assert importing.take_in("a.html", page.encode()).title == "防汛通知"
