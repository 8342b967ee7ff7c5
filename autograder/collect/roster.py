"""Who takes the course: ``roster.csv``, or what a learning management system exports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autograder.collect.model import Claim
from autograder.course.layout import Layout
from autograder.errors import ConfigError, SubmissionError
from autograder.model import Record
from autograder.submission.files import read_file
from autograder.submission.rows import Rows, read_rows

ROSTER_NAME = "roster.csv"
_FIRST = (
    "firstname", "first", "givenname", "vorname", "prénom", "nombre", "nombre(s)", "nome", "名",
)  # fmt: skip
_LAST = (
    "lastname", "last", "surname", "familyname", "nachname", "nom", "nomdefamille", "apellidos",
    "apellido(s)", "apellido", "cognome", "sobrenome", "姓",
)  # fmt: skip
_FULL = (
    "name", "fullname", "student", "studentname", "displayname", "sortablename",
    "vollständigername", "nomcomplet", "nombrecompleto", "姓名", "氏名", "이름",
)  # fmt: skip
_EMAIL = (
    "email", "emailaddress", "mail", "emailadresse", "adressedecourriel", "adressemail",
    "direccióndecorreo", "correoelectrónico", "邮箱", "メール", "メールアドレス", "이메일",
)  # fmt: skip
_IDS = (
    "id", "studentid", "sisloginid", "loginid", "login", "username", "user", "sisuserid", "sisid",
    "studentsisid", "sid",
    "idnumber", "identifier", "githubusername", "github", "lmsid", "lmsuserid", "canvasid",
    "userid", "participant", "participantid", "integrationid", "githubid", "matriculation",
    "matriculationnumber", "matrikel", "matrikelnr", "matrikelnummer", "studentnumber", "netid",
    "orgdefinedid",
    "idnummer", "anmeldename", "benutzername", "kennung", "nomd'utilisateur", "nomdutilisateur",
    "numérod'identification", "identifiant", "nombredeusuario", "númerodeid", "identificador",
    "学号", "学籍番号", "학번",
)  # fmt: skip
"""Columns that hold an id; the first that is there is the course's own."""
_LMS_FIRST = ("lmsid", "lmsuserid", "canvasid", "userid", "participantid")
_GROUPS = (
    "group", "groups", "section", "sections", "section(s)", "sectionname", "team", "tutorial",
    "cohort", "gruppe", "gruppen", "groupe", "groupes", "grupo", "grupos",
)  # fmt: skip
_ROLES = ("role", "roles", "rolle", "rollen", "rôle", "rôles", "rol")
_STAFF = re.compile(
    r"teach|instructor|professor|profesor|lecturer|assistant|\bta\b|grader|\btutor\b|observer|designer"
    r"|admin|manager|dozent|lehr|trainer|betreu|enseignant|docente",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"\d(?:[.,]\d{1,15})?E\+\d\d")
"""What a spreadsheet makes of a long number: the other digits are gone."""
_NUMBERED = re.compile(r"(\d{1,30})[.,]0{1,9}")
_AS_TEXT = re.compile(r'="([^"]*)"')
_MAX_ABOVE = 10
"""Lines above the header: some exports begin with a title."""
_UNSAFE = re.compile(r"[/\\*?\[\]\x00-\x1f\x7f\u2028\u2029]")
_MAX_ID = 200


class Person(Record, frozen=True):
    """A student of the course."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""
    groups: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """First name and last name."""
        return f"{self.first} {self.last}".strip()


def squash(text: str) -> str:
    """Return letters and digits alone, in one case and one spelling, as systems compare names."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def fault_of(student: str) -> str:
    """Return why a text cannot be a student's id, nothing for one that can."""
    if not student or student != student.strip():
        return "it is empty, or begins or ends with a space"
    if _UNSAFE.search(student) or not all(char.isprintable() for char in student):
        return "it holds a character that a folder's name cannot have"
    if student.startswith((".", "~$", "__MACOSX", "__pycache__")):
        return "it begins as a hidden file does"
    if len(student.encode("utf-8", "replace")) > _MAX_ID or "\ufffd" in student:
        return "it is too long" if "\ufffd" not in student else "it is no text"
    return ""


class Roster:
    """The students, found by any of their ids, e-mails or names.

    Parameters
    ----------
    people
        The students.
    others
        More ids of each student, by id.
    """

    def __init__(
        self, people: Iterable[Person] = (), others: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self.people = {person.id: person for person in people}
        self._exact: dict[str, set[str]] = {}
        self._folded: dict[str, set[str]] = {}
        self._spelt: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for person in self.people.values():
            more = (others or {}).get(person.id, ())
            local = person.email.partition("@")[0]
            for text in {person.id, person.email, person.lms, *more} - {""}:
                self._exact.setdefault(text, set()).add(person.id)
            for text in {person.id, person.email, person.lms, local, *more} - {""}:
                self._folded.setdefault(_plain(text), set()).add(person.id)
            for name in {person.name, f"{person.last} {person.first}", *more} - {"", " "}:
                self._spelt.setdefault(_plain(name), set()).add(person.id)
                self._names.setdefault(squash(name), set()).add(person.id)

    def __bool__(self) -> bool:
        return bool(self.people)

    def find(self, claim: Claim) -> Person | str:
        """Return the student of a claim, or why there is none."""
        if not self.people:
            return self._stranger(claim)
        if not any((*claim.ids, claim.email, *claim.names)):
            return "nothing says whose it is"
        texts = [unicodedata.normalize("NFC", text) for text in (*claim.ids, claim.email) if text]
        steps = (
            [self._exact.get(text, set()) for text in texts],
            [self._folded.get(_plain(text), set()) for text in texts],
            [self._spelt.get(_plain(name), set()) for name in claim.names],
            [self._names.get(squash(name), set()) for name in claim.names],
        )
        several: set[str] = set()
        for step in steps:
            for found in step:
                if len(found) == 1:
                    return self.people[next(iter(found))]
                several = several or found
        if several:
            return f"several students could be meant: {', '.join(sorted(several)[:4])}"
        return "no student of the roster has this name or id"

    def _stranger(self, claim: Claim) -> Person | str:
        for text in (*claim.ids, claim.email, *claim.names):
            student = unicodedata.normalize("NFC", text)
            if student:
                fault = fault_of(student)
                if fault:
                    return f"this cannot be a student's id: {fault}"
                name = next((name for name in claim.names if name != student), "")
                return Person(student, first=name, email=claim.email, lms=student)
        return "nothing says whose it is"


def _plain(text: str) -> str:
    """Return an id as it is compared when nothing has it exactly: any case, no leading zeros."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return folded.lstrip("0") or "0" if folded.isdigit() else folded


def open_roster(layout: Layout) -> Roster:
    """Return the course's roster: the one that config.yaml names, or ``roster.csv``, or none."""
    named = layout.config.roster
    path = layout.course / (named or ROSTER_NAME)
    return load_roster(path) if named or path.is_file() else Roster()


def load_roster(path: Path) -> Roster:
    """Read a roster.

    Raises
    ------
    ConfigError
        When it cannot be read, names nobody, or two students have one id.
    """
    rows = _rows(path)
    above, columns = _columns(rows)
    if not columns:
        first = ", ".join(cell.strip() for cell in rows.cells[0])[:80] if rows.cells else "empty"
        raise ConfigError(
            f"{path}: no column is a student's id; its first line is: {first}",
            "Its first line names the columns: id,name,email,lms_id,group",
        )
    people: dict[str, Person] = {}
    others: dict[str, list[str]] = {}
    marked = "endoflineindicator" in columns  # Brightspace writes # before every id
    for number, cells in zip(rows.lines[above:], rows.cells[above:], strict=True):
        row = {name: _cell(cells, place) for name, place in columns.items()}
        if marked:
            row = {name: text.removeprefix("#") for name, text in row.items()}
        person, ids = _person(row)
        if _is_no_student(row, person):
            continue
        fault = _fault_of(person)
        if fault:
            raise ConfigError(f"{path}, line {number}: {fault}")
        if person.id in people:
            raise ConfigError(f"{path}, line {number}: there is a second student {person.id!r}")
        people[person.id], others[person.id] = person, ids
    if not people:
        raise ConfigError(
            f"{path} names no student",
            "A line for each student; without the file, whoever hands in is a student.",
        )
    return Roster(people.values(), others)


def _rows(path: Path) -> Rows:
    try:
        return read_rows(read_file(path), strict=True)
    except SubmissionError as error:
        raise ConfigError(
            f"The roster: {error.message}", error.remedy or "roster: FILE in config.yaml"
        ) from None


def _columns(rows: Rows) -> tuple[int, dict[str, int]]:
    """Return the rows down to the header, and the place of each column; none without a header."""
    for number, cells in enumerate(rows.cells[:_MAX_ABOVE], 1):
        names = [_header(cell) for cell in cells]
        if any(name in names for name in (*_IDS, *_EMAIL)):
            return number, {name: place for place, name in reversed(list(enumerate(names)))}
    return 0, {}


def _fault_of(person: Person) -> str:
    """Return why a line cannot be a student's, nothing for one that can."""
    if not person.id:
        return f"{person.name} has no id"
    if _SHORTENED.fullmatch(person.id):
        return f"a spreadsheet has shortened the id {person.id}: make its column text, save again"
    if any(not char.isprintable() for char in f"{person.name}{person.email}"):
        return f"the name of {person.id!r} goes on over the line, or is no text"
    fault = fault_of(person.id)
    return f"id {person.id!r}: {fault}" if fault else ""


def _header(cell: str) -> str:
    return re.sub(r"[\s_#.-]+", "", unicodedata.normalize("NFC", cell).strip("\ufeff ").casefold())


def _cell(cells: Sequence[str], place: int) -> str:
    text = cells[place] if place < len(cells) else ""
    text = unicodedata.normalize("NFC", text).strip().removeprefix("'")
    kept = _AS_TEXT.fullmatch(text) or _NUMBERED.fullmatch(text)
    return kept[1].strip() if kept else text


def _person(row: Mapping[str, str]) -> tuple[Person, list[str]]:
    """Return a student, and everything else that means the student."""
    order = list(_IDS)
    if "sisloginid" in row or "sisuserid" in row:
        order = [*order[1:], "id"]  # Canvas: its ID is its own number
    full = next((row[name] for name in _FULL if row.get(name)), "")
    email = next((row[name] for name in _EMAIL if row.get(name)), "")
    ids = [row[name] for name in order if row.get(name)]
    ids += [found[1] for text in ids if (found := re.fullmatch(r"\D+ (\d+)", text))]
    # Moodle's "Participant 123" belongs to one assignment: it is a last resort.
    ids.sort(key=lambda text: re.fullmatch(r"\D+ \d+", text) is not None)
    first = next((row[name] for name in _FIRST if row.get(name)), "")
    last = next((row[name] for name in _LAST if row.get(name)), "")
    if full and not (first or last):
        first, last = _split(full)
    lms = next((row[name] for name in _LMS_FIRST if row.get(name)), "")
    if order[-1] == "id":
        lms = row.get("id", "") or lms
    person = Person(
        id=ids[0] if ids else email,
        first=first,
        last=last,
        email=email,
        lms=lms,
        groups=tuple(
            part.strip()
            for name in _GROUPS
            for part in re.split(r"[;|,]", row.get(name, ""))
            if part.strip()
        ),
    )
    return person, [*ids[1:], *([full] if full else [])]


def _split(full: str) -> tuple[str, str]:
    last, comma, first = full.partition(",")
    if comma:
        return first.strip(), last.strip()
    first, _, last = full.rpartition(" ")
    return (first, last) if first else (last, "")


def _is_no_student(row: Mapping[str, str], person: Person) -> bool:
    """Tell whether a line is a teacher's, Canvas's "Points Possible" or its test student."""
    full = row.get("student", "")
    return (
        full.startswith("Points Possible")
        or full in {"Student, Test", "Test Student"}
        or any(_STAFF.search(row.get(name, "")) for name in _ROLES)
        or (not person.id and not person.name)
    )
