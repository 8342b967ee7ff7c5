"""Written answers: those in their cells, and what may be one elsewhere in the notebook.

An answer is lost from its cell when metadata is, or when somebody answers in a cell of their own,
as a comment, or below the question. Whoever has written something that the release does not have
waits for a human: nothing of it is a zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.model import Record
from autograder.submission.document import Document, NotebookCell
from autograder.submission.known import Known, same_text

FOUND_ELSEWHERE = (
    "**The cell of this answer is missing, empty or as it was released. The grader found the"
    " text below elsewhere in the notebook: it may be the answer, or part of it.**"
)
MAX_FOUND = 12_000
"""Characters that are shown at one answer."""

_COMMENTS = re.compile(r"(?m)(?:^[ \t]*#.*(?:\n|\Z))+")
_STRINGS = re.compile(r"(?ms)^(?:print\()?[rRuUfF]{0,2}(\"\"\"|''')(.*?)\1")
_PROSE = re.compile(r"\b[A-Za-z]+(?:,? [A-Za-z'-]+){7}")
_CODE = re.compile(
    r"(?m)^[ \t]*(?:def|class|import|from|for|while|if|with|return|assert|print|[@%!>\"'])"
    r"|[\w\])]\(|[\w\])][ \t]*=[^=]"
)
_COMMENT_SIGN = re.compile(r"(?m)^[ \t]*#+[ \t]?")
_ANY = re.compile(r"\w")
LONG_COMMENT = 200
"""Characters of a comment beside code that is more than a remark on that code."""


class WrittenAnswer(Record, frozen=True):
    """What there is of one written answer.

    Attributes
    ----------
    text
        Of its cell; or what may be the answer and stands elsewhere.
    written
        Whether a human must read it.
    elsewhere
        Whether it stands elsewhere.
    """

    text: str
    written: bool
    elsewhere: bool = False

    @property
    def shown(self) -> str:
        """The text, with a word on where it was found."""
        return f"{FOUND_ELSEWHERE}\n\n{self.text}" if self.elsewhere else self.text


class _Stray(Record, frozen=True):
    """Text of the student's outside the cells of answers, and the question at which it stands."""

    text: str
    question: int


def find_answers(document: Document, known: Known) -> dict[str, WrittenAnswer]:
    """Return what a submission has of each answer that is graded by hand.

    Parameters
    ----------
    document
        All cells of the submission.
    known
        Those of the release.
    """
    questions = [place for place, cell in enumerate(known.released) if cell.grade and cell.solution]
    matches = known.matches(document)
    cells: dict[int, NotebookCell] = {}
    for cell, place in zip(document, matches, strict=True):
        cells.setdefault(place, cell)
    strays = list(_strays(document, matches, known, questions))
    return {
        known.released[place].grade_id: _answer(
            number, known.released[place].source, cells.get(place), strays
        )
        for number, place in enumerate(questions)
    }


def _answer(
    question: int, released: str, cell: NotebookCell | None, strays: Sequence[_Stray]
) -> WrittenAnswer:
    text = released if cell is None else cell.source
    if text.strip() and not same_text(text, released):
        return WrittenAnswer(text=text, written=True)
    here = [stray.text for stray in strays if stray.question == question]
    nowhere = [stray.text for stray in strays if stray.question < 0]
    found = here or nowhere or [stray.text for stray in strays]
    if not found:
        return WrittenAnswer(text=text, written=not same_text(text, released))
    joined = "\n\n---\n\n".join(found)
    if len(joined) > MAX_FOUND:
        joined = f"{joined[:MAX_FOUND]}\n\n(More is in the notebook.)"
    return WrittenAnswer(text=joined, written=True, elsewhere=True)


def _strays(
    document: Document, matches: Sequence[int], known: Known, questions: Sequence[int]
) -> Iterator[_Stray]:
    """Yield texts that the release does not have, outside the cells of answers."""
    lines = known.lines
    seen: set[int] = set()
    latest = -1
    for cell, place in zip(document, matches, strict=True):
        first = place not in seen
        seen.add(place)
        latest = place if place >= 0 else latest
        if place in questions and first:
            continue
        question = _question_at(latest, questions)
        own = known.released[place] if place >= 0 else None
        for text in _texts(cell, own, at_question=question >= 0):
            new = "\n".join(line for line in text.splitlines() if line.strip() not in lines)
            if _ANY.search(new) and (question >= 0 or _says_something(new)):
                yield _Stray(text=new.strip("\n"), question=question)


def _question_at(place: int, questions: Sequence[int]) -> int:
    """Return the number of the question whose text, or answer, a place in the release is; or -1."""
    start = questions[0] - 1 if questions else 0
    for number, answer in enumerate(questions):
        if start <= place <= answer:
            return number
        start = answer + 1
    return -1


def _texts(cell: NotebookCell, known: NotebookCell | None, *, at_question: bool) -> Iterator[str]:
    """Yield what of a cell may be prose: all of it, or what is not code in a code cell."""
    code = cell.cell_type == "code" or (known is not None and known.cell_type == "code")
    if not code or (at_question and known is None):
        yield _COMMENT_SIGN.sub("", cell.source) if code else cell.source
        return
    rest = _COMMENTS.sub("", cell.source)
    for found in _COMMENTS.finditer(cell.source):
        text = _COMMENT_SIGN.sub("", found[0])
        if not rest.strip() or len(text) >= LONG_COMMENT:
            yield text
    if known is None:
        yield from (found[2] for found in _STRINGS.finditer(rest))
        if _PROSE.search(rest) and not _CODE.search(rest):
            yield rest


def _says_something(text: str) -> bool:
    """Tell a sentence from a name, a number or a heading."""
    return len(text.split()) >= 5 or re.search(r"[^\x00-\x7f]{8}", text) is not None
