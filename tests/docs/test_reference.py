"""The generated pages say what the code says."""

from reference import pages

from docs.pages import ROOT


def test_the_committed_reference_is_what_the_code_makes() -> None:
    """Whoever changes a command, a setting, an event or an error runs `make docs` and commits the result."""
    stale = [
        str(page.relative_to(ROOT)) for page, text in pages().items() if not page.exists() or page.read_text() != text
    ]

    assert not stale, f"run `make docs` and commit: {', '.join(stale)}"
