"""The one error of a file that its owner can mend."""


class DataError(Exception):
    """The data cannot be used as they are; the message is one sentence: file, place, found, wanted."""
