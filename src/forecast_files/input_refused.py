"""The one error of a job that the caller can mend."""


class InputRefused(Exception):  # noqa: N818 - the name is read in state machine histories
    """The input of a job cannot be used. The text says in one sentence what was found where, and what was wanted.

    It becomes the ``Message`` of the resource, whose status is then CREATE_FAILED. No retry helps.
    """
