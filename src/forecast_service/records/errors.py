"""The errors of the API, named as in Amazon's service model. Their text is the caller's to read.

ApiError                                 answers HTTP 400 with {"__type": name of the class, "Message": text}
+-- InvalidInputException                the request does not fit the data or the rules
+-- ResourceAlreadyExistsException       the name is taken
+-- ResourceNotFoundException
+-- ResourceInUseException               the resource, or one it belongs to, is not ACTIVE, or has children
+-- LimitExceededException               a quota is reached
+-- InvalidNextTokenException            the token of a list is not one of ours, or older than a day
+-- AccessDeniedException                the caller may not do it
+-- ValidationException                  the request breaks the constraints of its shape
+-- UnknownOperationException            ``X-Amz-Target`` names no operation of the two services
+-- SerializationException               the body is not a JSON object, or a field has another type
"""

_LONGEST_VALUE = 120  # characters: a line
_LONGEST_MESSAGE = 4096  # holds Amazon's longest texts; what is longer repeats what a request said


class ApiError(Exception):
    """An answer of HTTP 400 with a sentence for the caller."""

    @property
    def code(self) -> str:
        """The ``__type`` on the wire."""
        return type(self).__name__

    @property
    def message(self) -> str:
        """The sentence, cut where it is longer than any sentence of ours."""
        return shown(str(self.args[0]), _LONGEST_MESSAGE)


def shown(value: object, longest: int = _LONGEST_VALUE) -> str:
    """A value of a request for a message, cut where it is longer than a line.

    >>> shown("a" * 200, 10)
    'aaaaaaa...'
    """
    text = str(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


class InvalidInputException(ApiError):  # noqa: N818 - Amazon's name, as for all below
    """The request is well formed, but does not fit the rules or the data."""


class ResourceAlreadyExistsException(ApiError):  # noqa: N818
    """The name is taken. Clients cut the ARN from the end of the text: nothing may follow it."""

    def __init__(self, noun: str, arn: str) -> None:
        super().__init__(f"A {noun} already exists with the arn: {arn}")


class ResourceNotFoundException(ApiError):  # noqa: N818
    """No resource has this ARN. Clients read it as "create it" and as "its deletion has ended"."""

    def __init__(self, arn: str, reason: str | None = None) -> None:
        super().__init__(f"No resource found {arn}{f': {reason}' if reason else ''}")


class ResourceInUseException(ApiError):  # noqa: N818
    """The resource is being created, changed or deleted, or others depend on it."""


class LimitExceededException(ApiError):  # noqa: N818
    """A quota is reached. Clients look for ``concurrently`` and ``dataset import jobs`` in the text."""


class InvalidNextTokenException(ApiError):  # noqa: N818
    """The token of a list cannot be used."""


class AccessDeniedException(ApiError):  # noqa: N818
    """The caller may not do what the request asks for."""


class ValidationException(ApiError):  # noqa: N818
    """The request breaks the constraints of its shape."""


class UnknownOperationException(ApiError):  # noqa: N818
    """Neither of the two services has the operation."""


class SerializationException(ApiError):  # noqa: N818
    """The request cannot be read."""
