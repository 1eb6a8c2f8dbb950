"""What can go wrong between us and a platform, and what each case means for the post.

ChannelError                code, sentence (plain Chinese, says what to do)
  NotAccepted               surely not out
    Unavailable             could not connect; busy on a read      -> later again, with back-off
    Throttled(until)        rate or quota                          -> later again, not before `until`
  Refused                   read and turned down; a person must act
    ContentRefused          the text or a picture must change      -> back to the editor
    AccountRefused          token, right or setting                -> pause the account, alarm a person
  Duplicate                 it exists already                      -> look up, adopt
  Uncertain                 time-out, not JSON, fault on a write   -> look up, never send again

The worker reads nothing but these classes, so a platform's code decides in one place: its `errcodes.py`.
"""

from datetime import datetime


class ChannelError(Exception):
    """The platform or the way to it failed; `sentence` is shown to staff as it stands."""

    default = "平台出现问题，请联系管理员。"

    def __init__(self, sentence: str = "", code: str = "") -> None:
        self.sentence = sentence or self.default
        self.code = code
        super().__init__(f"{self.sentence}({code})" if code else self.sentence)


class NotAccepted(ChannelError):
    """Surely not out: the same act may be tried again."""

    default = "平台没有受理，稍后会自动再试。"


class Unavailable(NotAccepted):
    """No connection could be made, or a call without effect found the platform busy."""

    default = "暂时连不上平台，稍后会自动再试。"


class Throttled(NotAccepted):
    """A rate or quota is used up until `until` (UTC)."""

    default = "平台的调用次数已用完，到时会自动再试。"

    def __init__(self, until: datetime, sentence: str = "", code: str = "") -> None:
        self.until = until
        super().__init__(sentence, code)


class Refused(ChannelError):
    """The platform read it and said no; a person must act."""

    default = "平台拒绝了这次操作，请按提示处理后再试。"


class ContentRefused(Refused):
    """The text or a picture must change: back to the editor."""

    default = "平台不接受这篇内容，请修改后重新送审。"


class AccountRefused(Refused):
    """Nothing of this account will pass until a person repairs token, right or setting."""

    default = "账号的授权、权限或设置有问题，已暂停该账号，请管理员处理。"


class Duplicate(ChannelError):
    """The platform has it already; `reference` is its id where the answer names it."""

    default = "平台上已有同样的内容，正在查对。"

    def __init__(self, sentence: str = "", code: str = "", reference: str = "") -> None:
        self.reference = reference
        super().__init__(sentence, code)


class Uncertain(ChannelError):
    """It may be out or not: only reading the platform back can tell."""

    default = "没有收到平台的明确答复，正在查对，不会重复发送。"
