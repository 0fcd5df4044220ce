"""A file of documents that a person brought: how far it is, and what became of its pages."""

from datetime import datetime

from packline.domain.values import Value


class DocumentDrop(Value, frozen=True):
    """One file. `state`: waiting, running, then done or failed (`error` and `hint` say why).

    `done` of `total` documents were given to their orders; `total` is None while the file is being read.
    """

    id: str
    account: str
    created_at: datetime
    name: str = ""
    by: str = ""
    state: str = "waiting"
    done: int = 0
    total: int | None = None
    error: str = ""
    hint: str = ""
