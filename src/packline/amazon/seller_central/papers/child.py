"""The process that reads papers: asked over its standard input, answering over its standard output, until that closes.

PDFium may be used by one thread only, and a hostile PDF may end its process or keep it for ever: so both stay apart
from Packline's. A message is eight bytes of length, most significant first, and MessagePack.
"""

import os
import signal
import struct
import sys
from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from packline.amazon.seller_central.papers.mentions import Mentions, mentions
from packline.amazon.seller_central.papers.printing import Form, Joined, Leaf, Paper, join
from packline.amazon.seller_central.papers.records import Expected, PaperError, Split
from packline.amazon.seller_central.papers.splitting import split
from packline.domain.values import Value

LENGTH = struct.Struct(">Q")


class SplitThis(Value, frozen=True, tag="split"):
    """Take a pile apart."""

    content: bytes
    expected: Sequence[Expected]


class ReadThis(Value, frozen=True, tag="mentions"):
    """Tell whom a pile names."""

    content: bytes


class JoinThis(Value, frozen=True, tag="join"):
    """Join documents to one file for a printer."""

    leaves: Sequence[Leaf]
    form: Form
    paper: Paper
    reverse: bool


class Apart(Value, frozen=True, tag="apart"):
    """What a pile came to."""

    split: Split


class Named(Value, frozen=True, tag="named"):
    """Whom a pile names."""

    mentions: Mentions


class Printed(Value, frozen=True, tag="printed"):
    """The joined file."""

    joined: Joined


class Refused(Value, frozen=True, tag="refused"):
    """A PaperError, to be raised on the other side."""

    message: str
    hint: str
    reason: str


Question = SplitThis | ReadThis | JoinThis
Answer = Apart | Named | Printed | Refused


def answer(question: Question) -> Answer:
    """Do what is asked."""
    try:
        match question:
            case SplitThis():
                return Apart(split(question.content, question.expected))
            case ReadThis():
                return Named(mentions(question.content))
            case JoinThis():
                return Printed(join(question.leaves, question.form, question.paper, reverse=question.reverse))
    except PaperError as error:
        return Refused(error.message, error.hint, error.reason)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer one question after another until there are no more."""
    decoder, encoder = msgspec.msgpack.Decoder[Question](Question), msgspec.msgpack.Encoder()
    while len(head := questions.read(LENGTH.size)) == LENGTH.size:
        question = decoder.decode(questions.read(LENGTH.unpack(head)[0]))
        told = encoder.encode(answer(question))
        answers.write(LENGTH.pack(len(told)))
        answers.write(told)
        answers.flush()


def main() -> None:
    """Serve the parent process; Ctrl-C is for the parent, which closes the pipe when it is ready."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between two answers
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
