"""`packline config`: settings and where they come from."""

from typing import Annotated

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

app = App(name="config", help="Settings and where they come from.")


@app.command
def show(*, all: Annotated[bool, Parameter(negative="")] = False, place: Place = HERE) -> None:  # noqa: A002  a flag
    """Show every setting that is not at its default, with its value and source.

    Parameters
    ----------
    all
        Show the defaults too, with the meaning of each setting.
    """
    from packline import config

    rows = [row._asdict() for row in config.show(place.flags) if all or row.source != "default"]
    columns = ("name", "value", "source", "description") if all else ("name", "value", "source")
    place.printer.rows(rows, *columns, empty="Every setting is at its default; --all lists them.")
