"""An emulator of the WeChat official account platform: its documented rules behind its own addresses.

platform.py    Emulator: what it is made of, which path leads where, control addresses
calls.py       a call and the rule for reading its body; errors.py the refusals
tokens.py      two kinds of access token; quotas.py day and minute limits; tools.py what tells about them
media.py       pictures and material; formats.py what a file really is
articles.py    the fields of an article; filtering.py what the platform silently takes out
drafts.py      the draft box; publishing.py jobs without a push; mass.py broadcasts; shelf.py what is out
followers.py   users and tags; messages.py customer service and the chat; menu.py; comments.py
push.py        events and messages to the callback; crypto.py their seal; phone.py what a follower sees
"""

from channels.wechat.emulator.platform import Emulator

__all__ = ["Emulator"]
