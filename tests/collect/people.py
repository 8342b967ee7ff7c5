"""A class of 64 students, what each handed in and when, and what must become of it."""

import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

DUE = datetime(2026, 3, 1, 22, 59, tzinfo=UTC)
"""23:59 in Berlin."""
CONFIG = """
due: 2026-03-01 23:59 Europe/Berlin
extensions: {extended: 2026-03-08 23:59}
excused: [excused]
late: {points_per_day: 5, at_most: 20}
"""
EARLY, IN_TIME, LATE = DUE - timedelta(days=2), DUE - timedelta(hours=1), DUE + timedelta(hours=30)


def notebook(text):
    source = f"# {text}\nclass AddBackward: ...\ndef enable_autograd(): ...\n"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
            "source": source}  # fmt: skip
    made = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made).encode()


def script(text):
    return f"# {text}\nclass AddBackward: ...\ndef enable_autograd(): ...\n".encode()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@dataclass
class HandIn:
    time: datetime
    files: dict[str, bytes]


@dataclass
class Student:
    id: str
    first: str
    last: str
    number: int
    hand_ins: list[HandIn] = field(default_factory=list)
    wanted: bytes | None = None
    statuses: tuple[str, ...] = ("missing",)
    outsider: bool = False

    @property
    def lms(self):
        return f"{self.number:07d}"

    @property
    def github(self):
        return f"gh-{self.number}"

    @property
    def email(self):
        return f"s{self.number}@example.edu"


ODD = [
    ("Ben", "Ben", "Upper"), ("ben", "Ben", "Lower"), ("007", "James", "Zeros"),
    ("zoë.o'neil", "Zoë", "O'Neil"), ("李雷", "雷", "李"), ("Ольга", "Ольга", "Иванова"),
    ("van der berg", "Anna", "van der Berg"), ("émile", "Émile", "Zola"),
]  # fmt: skip


def one(student, time, name, data, wanted=None):
    student.hand_ins = [HandIn(time, {name: data})]
    student.wanted = data if wanted is None else wanted
    student.statuses = ("taken",)


def make_class():
    students = [Student(id, first, last, at) for at, (id, first, last) in enumerate(ODD, 101)]
    first = ["Ada", "Bo", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal"]
    last = ["Abel", "Berg", "Chen", "Diaz", "Egan", "Ford", "Gray"]
    students += [
        Student(f"{a.lower()}.{b.lower()}", a, b, 201 + at)
        for at, (a, b) in enumerate((a, b) for a in first for b in last)
    ]
    for student in students:
        one(student, IN_TIME, "05_autograd.ipynb", notebook(student.id))
    messes(students[8:])
    extra = [("extended", "Ex", "Tended"), ("excused", "Ex", "Cused")]
    more = [Student(id, a, b, 301 + at) for at, (id, a, b) in enumerate(extra)]
    one(more[0], LATE, "05_autograd.ipynb", notebook("extended"))
    more[1].statuses = ("excused",)
    outsiders = [Student(f"outsider{at}", "Out", f"Sider{at}", 901 + at, outsider=True)
                 for at in range(2)]  # fmt: skip
    for student in outsiders:
        one(student, IN_TIME, "05_autograd.ipynb", notebook(student.id))
        student.statuses = ("unknown student",)
    return students + more + outsiders


def messes(students):
    (py, upper, copy, pair, zip_, deep, package, pdf, broken, late, again, both, gone, txt, aside,
     bad_last, *_) = students  # fmt: skip
    one(py, IN_TIME, "autograd.py", script("py"))
    one(upper, IN_TIME, "05_AUTOGRAD.IPYNB", notebook("upper"))
    one(copy, IN_TIME, "05_autograd (1).ipynb", notebook("copy"))
    one(pair, IN_TIME, "05_autograd.ipynb", notebook("pair"))
    pair.hand_ins[0].files["report.pdf"] = b"%PDF-1.4"
    pair.statuses = ("taken", "not a submission")
    one(zip_, IN_TIME, "homework.zip",
        zipped({"hw/05_autograd.ipynb": notebook("zip"), "__MACOSX/hw/._05_autograd.ipynb": b"\0\5",
                "hw/.ipynb_checkpoints/05_autograd-checkpoint.ipynb": notebook("old")}),
        notebook("zip"))  # fmt: skip
    one(deep, IN_TIME, "all.zip", zipped({"inner.zip": zipped({"a/my.ipynb": notebook("deep")})}),
        notebook("deep"))  # fmt: skip
    one(package, IN_TIME, "tinytorch.zip",
        zipped({"tinytorch/core/autograd.py": script("package"), "tinytorch/__init__.py": b""}),
        script("package"))  # fmt: skip
    pdf.hand_ins = [HandIn(IN_TIME, {"answers.pdf": b"%PDF-1.4"})]
    pdf.wanted, pdf.statuses = None, ("missing", "not a submission")
    one(broken, IN_TIME, "05_autograd.ipynb", b'{"cells": [')
    broken.statuses = ("unreadable",)
    one(late, LATE, "05_autograd.ipynb", notebook("late"))
    late.statuses = ("late",)
    again.hand_ins = [HandIn(EARLY, {"05_autograd.ipynb": notebook("first")}),
                      HandIn(IN_TIME, {"05_autograd.ipynb": notebook("second")})]  # fmt: skip
    again.wanted, again.statuses = notebook("second"), ("replaced", "taken")
    both.hand_ins = [HandIn(IN_TIME, {"05_autograd.ipynb": notebook("in time")}),
                     HandIn(LATE, {"05_autograd.ipynb": notebook("too late")})]  # fmt: skip
    both.wanted, both.statuses = notebook("in time"), ("late", "taken")
    gone.hand_ins, gone.wanted, gone.statuses = [], None, ("missing",)
    one(txt, IN_TIME, "05_autograd.ipynb.txt", notebook("txt"))
    one(aside, IN_TIME, "05_autograd.ipynb", notebook("aside"))
    aside.hand_ins[0].files["helper.py"] = b"x = 1\n"
    bad_last.hand_ins = [HandIn(EARLY, {"05_autograd.ipynb": notebook("good")}),
                         HandIn(IN_TIME, {"05_autograd.ipynb": b"{"})]  # fmt: skip
    bad_last.wanted, bad_last.statuses = notebook("good"), ("taken", "unreadable")


def roster_csv(students):
    rows = ["id,first_name,last_name,email,lms_id,github"]
    rows += [f'"{s.id}",{s.first},{s.last},{s.email},{s.lms},{s.github}'
             for s in students if not s.outsider]  # fmt: skip
    return "\n".join(rows) + "\n"


# The layouts: a dict of paths and bytes each.


def canvas(students):
    files = {}
    for s in students:
        name = "".join(char for char in f"{s.last}{s.first}" if char.isalnum()).lower()
        for attempt, hand_in in enumerate(s.hand_ins):
            late = "_LATE" if hand_in.time > DUE else ""
            for at, (own, data) in enumerate(hand_in.files.items()):
                stem, dot, suffix = own.partition(".")
                again = f"{stem}-{attempt}{dot}{suffix}" if attempt else own
                number = 10_000 * (attempt + 1) + 10 * s.number + at
                files[f"{name}{late}_{s.number}_{number}_{again}"] = data
    return files


def last_that_counts(student):
    """Moodle and a plain folder hold one hand-in each: the system closed at the deadline."""
    good = [one for one in student.hand_ins if student.wanted in _inside(one)]
    return good[-1:] or student.hand_ins[-1:]


def _inside(hand_in):
    return [*hand_in.files.values()] + [b for a in hand_in.files.values() for b in _below(a)]


def _below(data):
    if not data.startswith(b"PK"):
        return []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        inside = [archive.read(name) for name in archive.namelist()]
    return inside + [b for a in inside for b in _below(a)]


def moodle(students):
    return {
        f"{s.first} {s.last}_{s.number}_assignsubmission_file/{name}": data
        for s in students for hand_in in last_that_counts(s) for name, data in hand_in.files.items()
    }  # fmt: skip


def blackboard(students):
    from zoneinfo import ZoneInfo

    files = {}
    for s in students:
        for hand_in in s.hand_ins:
            time = hand_in.time.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%d-%H-%M-%S")
            start = f"Module_05_{s.email.split('@')[0]}_attempt_{time}"
            files[f"{start}.txt"] = b"Name: ...\n"
            files |= {f"{start}_{name}": data for name, data in hand_in.files.items()}
    return files


def gradescope(students):
    import yaml

    files, metadata, number = {}, {}, 5000
    for s in students:
        history = []
        for at, hand_in in enumerate(s.hand_ins):
            number += 1
            files |= {f"assignment_9_export/submission_{number}/{name}": data
                      for name, data in hand_in.files.items()}  # fmt: skip
            stamp = hand_in.time.strftime("%Y-%m-%d %H:%M:%S.000000000 Z")
            if at < len(s.hand_ins) - 1:
                history.append({":id": number, ":created_at": stamp})
                continue
            metadata[f"submission_{number}"] = {
                ":submitters": [{":name": f"{s.first} {s.last}", ":sid": s.id, ":email": s.email}],
                ":created_at": stamp, ":score": None, ":history": history,
            }  # fmt: skip
    files["assignment_9_export/submission_metadata.yml"] = yaml.safe_dump(metadata).encode()
    return files


def exchange(students):
    files = {}
    for s in students:
        for hand_in in s.hand_ins:
            stamp = hand_in.time.strftime("%Y-%m-%d %H:%M:%S.%f UTC")
            home = f"autograd/inbound/{s.id}+05_autograd+{stamp}+abc123"
            files |= {f"{home}/{name}": data for name, data in hand_in.files.items()}
            files[f"{home}/timestamp.txt"] = stamp.encode()
            files[f"{home}/submission_secret.txt"] = f"secret of {s.id}".encode()
    return files


def folder(students):
    return {
        f"{s.id}/{name}": data
        for s in students for hand_in in last_that_counts(s) for name, data in hand_in.files.items()
    }  # fmt: skip


LAYOUTS = {one.__name__: one for one in (canvas, moodle, blackboard, gradescope, exchange, folder)}
TIMED = {"blackboard", "gradescope", "exchange"}


def write(files, root):
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def expected(student, layout):
    """What the table must say of a student."""
    known = set(student.statuses)
    if layout not in TIMED | {"canvas"}:
        known -= {"replaced"}
        if (
            layout in {"moodle", "folder"}
            and student.wanted is not None
            and len(student.hand_ins) > 1
        ):
            known = {"taken"}  # one hand-in is there
        known = {"taken" if status == "late" else status for status in known}
    return known
