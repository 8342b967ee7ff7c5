"""Take submissions in: from sources, by the roster and the deadlines, into ``submitted/``."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from autograder.collect.archives import is_archive, other_archive, unpack
from autograder.collect.attempts import Attempt, Attempts, digest_of, now
from autograder.collect.best import Choice, Chooser
from autograder.collect.deadlines import Deadlines
from autograder.collect.model import Account, Aside, Claim, HandIn, Row, Status
from autograder.collect.opening import Opened, Opener
from autograder.collect.placing import place
from autograder.collect.repository import without_password
from autograder.collect.roster import Person, Roster, open_roster
from autograder.collect.sources import pick
from autograder.collect.sources.base import Place, Source, listing
from autograder.collect.sources.folder import claim_of, could_be_students
from autograder.collect.unpack import CLASS_ZIP
from autograder.course.layout import SECRET, Layout
from autograder.errors import InfrastructureError, SubmissionError, UsageError
from autograder.submission.files import could_be_submission, encodable, plain_stem, read_file

MAX_AROUND = 3
"""Folders around everything."""
_ANYBODYS = {"folder", "git", "classroom", "classroom50"}
"""Layouts that a student's own archive can have, too."""
UNKNOWN = ".unknown"
"""Where the hand-ins of people who are not in the roster are kept aside."""


def collect(
    sources: Sequence[Path | str],
    layout: Layout,
    *,
    kind: str = "",
    dry_run: bool = False,
) -> Account:
    """Take in what sources hold; a second time nothing changes.

    Parameters
    ----------
    sources
        Folders, zip archives, lists of repositories, or git's URLs.
    kind
        The layout; found out by itself where it is empty.
    dry_run
        Only tell what would happen.

    Raises
    ------
    UsageError
        When a source is missing or none of the layouts.
    """
    roster = open_roster(layout)
    deadlines = Deadlines(layout.config, roster, layout.course)
    attempts = Attempts(layout, dry=dry_run)
    with attempts.locked():
        run = _Run(layout, roster, deadlines, attempts)
        for source in sources:
            with tempfile.TemporaryDirectory(prefix="autograder-collect-") as scratch:
                run.take_source(source, kind, Path(scratch))
        run.settle()
    return Account(tuple(run.rows), tuple(run.sources), dry_run)


class _Run:
    def __init__(
        self,
        layout: Layout,
        roster: Roster,
        deadlines: Deadlines,
        attempts: Attempts,
    ) -> None:
        self._layout = layout
        self._roster = roster
        self._deadlines = deadlines
        self._attempts = attempts
        self._chooser = Chooser(layout, roster, deadlines, attempts)
        self._found: dict[str, list[tuple[Attempt, Opened, HandIn]]] = {}
        self._people: dict[str, Person] = {}
        self.rows: list[Row] = []
        self.sources: list[tuple[str, str]] = []

    def take_source(self, source: Path | str, kind: str, scratch: Path) -> None:
        """Read one source, and keep the attempts in it."""
        self._scratch, self._folders = scratch, 0
        self._untimed: dict[tuple[str, int], str] = {}
        place, reader = self._recognise(self._place(source), kind)
        shown = without_password(place.name)
        self.sources.append((shown, reader.name))
        opener, found = Opener(self._layout, self._new_folder), 0
        for item in reader.hand_ins(place):
            found += 1
            if isinstance(item, Aside):
                self.rows.append(
                    Row(item.status, file=item.label, detail=item.reason, look=item.look)
                )
            else:
                self._take(item, opener, shown)
        if not found:
            raise UsageError(
                f"{place.name} holds no submission",
                "Name the folder that holds one file or one folder for each student.",
            )

    def _recognise(self, place: Place, kind: str) -> tuple[Place, Source]:
        """Return who reads a place; a folder around everything, as in many zips, is left out."""
        for _ in range(MAX_AROUND):
            inside = place.entries()
            if len(inside) != 1 or not inside[0].is_dir() or inside[0].is_symlink():
                break
            inner = replace(place, path=inside[0])
            usual = pick(place, kind).rank < pick(inner, kind).rank
            if usual or (pick(inner, kind).name == "folder" and self._holds_one(inside[0])):
                break
            place = inner
        place = self._around_one_file(place, kind)
        source = pick(place, kind)
        if kind or source.name != "folder":
            return place, source
        return self._in_download(place)

    def _in_download(self, place: Place) -> tuple[Place, Source]:
        """Return who reads the one archive in a folder, if that is a system's download."""
        inside = [one for one in place.entries() if could_be_students(one) or one.is_dir()]
        known = len(inside) == 1 and self._roster.find(claim_of(inside[0], place))
        named = bool(self._roster) and isinstance(known, Person)
        if len(inside) == 1 and is_archive(inside[0]) and not named:
            try:
                folder, refused = self._unpacked(inside[0])
            except SubmissionError:
                return place, pick(place)
            inner, source = self._recognise(replace(place, path=folder), "")
            if source.name not in _ANYBODYS:
                self.rows += refused
                return inner, source
        return place, pick(place)

    def _unpacked(self, path: Path) -> tuple[Path, list[Row]]:
        target = self._new_folder()
        refused = unpack(path, target, CLASS_ZIP)
        return target, [
            Row("unreadable", file=member.name, detail=member.reason, look=True)
            for member in refused
        ]

    def _around_one_file(self, place: Place, kind: str) -> Place:
        """Return a folder with a file in it that is called as somebody of the roster."""
        if not (place.path.is_file() and kind in {"", "folder"} and could_be_students(place.path)):
            return place
        claim = claim_of(place.path, place)
        if not self._roster or not isinstance(self._roster.find(claim), Person):
            raise UsageError(
                f"{place.name} is one file, and nothing says whose it is",
                "Put it into a folder, named STUDENT.ipynb, and name the folder.",
            )
        folder = self._new_folder()
        try:
            (folder / place.path.name).write_bytes(read_file(place.path).data)
        except SubmissionError as error:
            raise UsageError(error.message, error.remedy) from None
        return replace(place, path=folder)

    def _holds_one(self, folder: Path) -> bool:
        """Tell whether a folder is one student's, and none around several students."""
        config = self._layout.config
        inside = listing(folder)
        theirs = {config.assignment, config.notebook.lower(), "tinytorch"}
        several = [path for path in inside if path.is_dir() or could_be_submission(path.name)]
        return len(several) <= 1 or any(plain_stem(path.name) in theirs for path in inside)

    def _place(self, source: Path | str) -> Place:
        path, name = Path(source), encodable(str(source))
        if path.is_dir() and path.resolve() == self._layout.course.resolve():
            raise UsageError(
                f"{name} is the course itself", "Name the folder or zip that holds the hand-ins."
            )
        if not path.exists() and "://" not in str(source) and "@" not in str(source):
            raise UsageError(f"There is no {name}")
        other = other_archive(path)
        if other:
            raise UsageError(
                f"{name} is {other}, which is not unpacked here",
                "Unpack it, and name the folder; or pack that as a zip.",
            )
        if is_archive(path) or path.suffix.lower() == ".zip":
            try:
                path, refused = self._unpacked(path)
            except SubmissionError as error:
                raise UsageError(f"{name}: {error.message}", error.remedy) from None
            self.rows += refused
        return Place(
            path=path,
            name=name,
            config=self._layout.config,
            roster=self._roster,
            deadline=self._deadline,
            scratch=self._new_folder,
            zone=self._deadlines.zone,
        )

    def _deadline(self, claim: Claim) -> datetime | None:
        person = self._roster.find(claim)
        return self._deadlines.of(person) if isinstance(person, Person) else self._deadlines.due

    def _new_folder(self) -> Path:
        self._folders += 1
        folder = self._scratch / str(self._folders)
        folder.mkdir()
        return folder

    def _take(self, hand_in: HandIn, opener: Opener, source: str) -> None:
        """Keep one hand-in for everybody whose it is."""
        try:
            opened = opener.open(hand_in)
        except InfrastructureError as error:
            opened = Opened({}, error.message)
        for claim in hand_in.claims:
            person = self._roster.find(claim)
            try:
                if isinstance(person, Person):
                    self._take_of(person, hand_in, opened, source)
                else:
                    self._put_aside(claim, person, hand_in, opened, source)
            except OSError as error:
                self.rows.append(
                    Row(
                        "unreadable",
                        student=person.id if isinstance(person, Person) else "",
                        file=hand_in.label,
                        detail=f"it cannot be kept: {error.strerror}",
                        look=True,
                    )
                )

    def _take_of(self, person: Person, hand_in: HandIn, opened: Opened, source: str) -> None:
        self._people[person.id] = person
        self.rows += [
            Row(
                "unreadable" if one.broken else "not a submission",
                person.id,
                person.name,
                f"{hand_in.label}: {one.name}",
                detail=one.reason,
                look=one.broken,
            )
            for one in opened.left
        ]
        if not opened.files:
            self.rows.append(
                Row(
                    "not a submission" if opened.nothing else "unreadable",
                    person.id,
                    person.name,
                    hand_in.label,
                    _shown(hand_in.time),
                    detail=opened.fault,
                    look=True,
                )
            )
            return
        if hand_in.time is None:
            other = self._untimed.setdefault((person.id, hand_in.order), hand_in.label)
            if other != hand_in.label:
                reason = f"nothing says whether this or {other} counts"
                row = Row(
                    "unreadable", person.id, person.name, hand_in.label, detail=reason, look=True
                )
                self.rows.append(row)
                return
        hand_in = replace(hand_in, label=_with_chosen(hand_in.label, opened.chosen))
        kept = self._attempts.add(person.id, _attempt(hand_in, opened, source), opened.files)
        self._found.setdefault(person.id, []).append((kept, opened, hand_in))

    def _put_aside(
        self, claim: Claim, reason: str, hand_in: HandIn, opened: Opened, source: str
    ) -> None:
        who = next((text for text in (*claim.names, *claim.ids, claim.email) if text), "")
        if opened.files:
            place = hashlib.sha256(hand_in.label.encode()).hexdigest()[:16]
            attempt = _attempt(hand_in, opened, source)
            self._attempts.add(f"{UNKNOWN}/{place}", attempt, opened.files)
        self.rows.append(
            Row(
                "unknown student",
                name=who,
                file=hand_in.label,
                time=_shown(hand_in.time),
                detail=f"{reason}; {opened.fault}" if opened.fault else reason,
                look=True,
            )
        )

    def settle(self) -> None:
        """Put what counts into submitted/, tell what became of each attempt, and who is missing."""
        for student, found in sorted(self._found.items()):
            person = self._people[student]
            choice = self._chooser.choose(student)
            if choice.counting is None:
                continue
            change = self._put(person, choice.counting, found)
            for attempt, opened, hand_in in found:
                why = "; ".join(filter(None, (hand_in.warning, opened.why)))
                self._tell(person, attempt, hand_in, why, choice, change)
                change = "" if attempt.id == choice.counting.id else change
        self.rows += self._who_is_missing()
        self.rows.sort(key=lambda row: (row.student == "", row.student, row.time, row.file))

    def _put(
        self, person: Person, counting: Attempt, found: Sequence[tuple[Attempt, Opened, HandIn]]
    ) -> str:
        files = next((opened.files for one, opened, _ in found if one.id == counting.id), None)
        try:
            return place(person.id, counting, self._attempts, self._layout, files=files)
        except (OSError, InfrastructureError) as error:
            reason = (
                f"it cannot be written: {error.strerror}"
                if isinstance(error, OSError)
                else error.message
            )
            row = Row("unreadable", person.id, person.name, counting.file, detail=reason, look=True)
            self.rows.append(row)
            return ""

    def _tell(
        self, person: Person, attempt: Attempt, hand_in: HandIn, why: str, choice: Choice,
        change: str,
    ) -> None:  # fmt: skip
        counts = choice.counting is not None and attempt.id == choice.counting.id
        status, detail = told_of(
            attempt, choice, late=self._deadlines.is_late(person, attempt), why=why
        )
        self.rows.append(
            Row(
                status,
                person.id,
                person.name,
                hand_in.label,
                _shown(attempt.moment),
                counts=counts,
                change=change if counts else "",
                detail=detail,
                look=bool(attempt.fault) or (counts and bool(hand_in.warning)),
            )
        )

    def _who_is_missing(self) -> list[Row]:
        others = {row.student for row in self.rows}
        there = {*self._attempts.students(), *self._found, *self._layout.students()}
        rows = []
        for person in self._roster.people.values():
            if person.id in there:
                continue
            due = self._deadlines.of(person)
            reason = "no submission in it" if person.id in others else "nothing handed in"
            if self._deadlines.excused(person):
                rows.append(Row("excused", person.id, person.name))
            elif due is not None and due > datetime.now(UTC):
                rows.append(Row("expected", person.id, person.name, detail=f"until {_shown(due)}"))
            else:
                rows.append(Row("missing", person.id, person.name, detail=reason, look=True))
        return rows


def told_of(attempt: Attempt, choice: Choice, *, late: bool, why: str = "") -> tuple[Status, str]:
    """Return what became of an attempt, in one word and in a few."""
    if attempt.fault:
        return "unreadable", attempt.fault
    counts = choice.counting is not None and attempt.id == choice.counting.id
    rival = attempt.id in {one.id for one in choice.rivals}
    if rival and not choice.decided:
        return ("late" if late else "taken"), f"the best of {len(choice.rivals)} will count"
    if late:
        return "late", "counts" if counts else "does not count"
    if counts:
        best = f"it has the most points of {len(choice.rivals)}" if rival else ""
        return "taken", ", ".join(filter(None, (why, best)))
    return "replaced", "another attempt counts" if choice.rivals else "by a later attempt"


def _attempt(hand_in: HandIn, opened: Opened, source: str) -> Attempt:
    digest, each = digest_of(opened.files)
    return Attempt(
        digest=digest,
        received=now(),
        source=source,
        file=hand_in.label,
        time=hand_in.time.astimezone(UTC).isoformat() if hand_in.time else "",
        late=hand_in.late,
        order=hand_in.order,
        fault=opened.fault,
        files=each,
        secret=dict(hand_in.beside).get(SECRET, ""),
    )


def _with_chosen(label: str, chosen: str) -> str:
    return f"{label}: {chosen}" if chosen else label


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
