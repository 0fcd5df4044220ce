"""Page tokens that were followed: a listing that runs in a circle is noticed before it holds everything else up."""

from packline.errors import Unexpected

REPEATS_AT_MOST = 20
"""Tokens that may come again: Amazon gives the same one with an empty page now and then, never for so long."""


class Trail:
    """Remember the tokens of one listing."""

    def __init__(self, listing: str, operation: str) -> None:
        """Begin to follow a listing; both names are for the error."""
        self._listing, self._operation = listing, operation
        self._tokens: set[str] = set()
        self._repeats = 0

    def follow(self, token: str) -> str:
        """Give the token back, to be followed. Raises Unexpected for a listing that runs in a circle."""
        self._repeats += token in self._tokens
        if self._repeats > REPEATS_AT_MOST:
            raise Unexpected(
                f"Amazon's listing of {self._listing} runs in a circle: its page tokens come again and again.",
                operation=self._operation,
                hint="Nothing to do: it is read again at the next look. What it tells meanwhile is taken in.",
            )
        self._tokens.add(token)
        return token
