"""Files that are named on the command line."""

from pathlib import Path


def read_file(file: Path) -> bytes:
    """Read a file.

    Raises Invalid with what is wrong with it.
    """
    from packline.errors import Invalid

    try:
        return file.read_bytes()
    except OSError as failure:
        raise Invalid(f"{file} cannot be read: {failure.strerror}.", hint="Check its name and its rights.") from None
