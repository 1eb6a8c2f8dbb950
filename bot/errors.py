"""What people do wrong, told to them in one line. The command line and the console each hold one table."""


class RuleBroken(Exception):
    """A rule of the desk says no; the message is a whole Chinese sentence that says what to do."""


class SettingsError(Exception):
    """The configuration cannot be used; the message is one line naming file and key."""
