"""What keeps a command from its end, whatever it met on its way."""


class CommandFailed(Exception):  # noqa: N818 - the sentence is for a person, who reads no class names
    """The command cannot go on; the message is one sentence."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; the message is a sentence on what goes on without the command."""
