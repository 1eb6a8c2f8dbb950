"""Whether the checks let an item pass."""

from bot.checks.base import Context, Level
from bot.checks.posts import look_over, told
from bot.errors import RuleBroken
from channels.base import Post


def want_clean(post: Post, context: Context) -> tuple[str, ...]:
    """The sentences of what is found. Raises RuleBroken if something forbids to publish it."""
    remarks = look_over(post, context)
    grave = [remark for remark in remarks if remark.level is Level.BLOCK]
    if grave:
        raise RuleBroken(f"《{post.title}》还不能发布。{told(grave)}")
    return tuple(remark.sentence for remark in remarks if remark.level is not Level.INFO)


def want_reason(post: Post, context: Context, opinion: str) -> None:
    """Raises RuleBroken if something is found that may pass with a reason only, and there is none."""
    remarks = [remark for remark in look_over(post, context) if remark.level is Level.NEED_REASON]
    if remarks and not opinion.strip():
        raise RuleBroken(f"《{post.title}》要写明理由才能通过。{told(remarks)}请在意见里写上理由。")


def stopping(post: Post, context: Context) -> str:
    """Why a signed post must not go out after all; empty if nothing speaks against it."""
    grave = [remark for remark in look_over(post, context) if remark.level is Level.BLOCK]
    return f"发送前复查发现问题，已暂停：{told(grave)}请撤销投递，改正后重新送审。" if grave else ""
