"""Cases as items: ``tests/hidden/gradient.py::mul::product_rule``."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import get_args

import pytest
from _pytest._code.code import TerminalRepr

from autograder.cases.registry import Case
from autograder.config import find_course
from autograder.errors import AutograderError
from autograder.model import Kind
from autograder.pytest_plugin.desk import Desk
from autograder.pytest_plugin.show import show
from autograder.reports.formats.report import facts_of, score_line
from autograder.reports.text import points

GROUPS = ("checkpoint-1", "checkpoint-2", "extra-credit")


class CaseFailed(Exception):  # noqa: N818 # it says what happened
    """A case does not pass; what is wrong with it is shown by the item."""


class Cases:
    """The part of the plugin that is there only with ``--submission``."""

    def __init__(self, desk: Desk, parts: frozenset[str]) -> None:
        self.desk = desk
        self.told: dict[str, str] = {}
        self._parts = parts

    @classmethod
    def of(cls, config: pytest.Config) -> Cases:
        """Read the options; turn what is wrong with them into pytest's own complaint."""
        course = find_course(config.invocation_params.dir).resolve()
        file = (config.invocation_params.dir / config.getoption("submission")).resolve()
        try:
            desk = Desk(course, file, config.getoption("cases"), config.getoption("isolation"))
            _ = desk.exam
        except AutograderError as error:
            raise pytest.UsageError(f"{error.message}\n{error.remedy}".strip()) from None
        if course not in (config.rootpath, *config.rootpath.parents):
            # pytest looks for its root before it knows that the option's value is no test.
            config._rootpath = course
        for kind in get_args(Kind):
            config.addinivalue_line("markers", f"{kind}: a case of this kind (autograder)")
        for group in GROUPS:
            config.addinivalue_line("markers", f"{_mark(group)}: counts for it (autograder)")
        return cls(desk, _choose(config, desk))

    def pytest_report_header(self) -> str:
        """Say what is graded, and with which cases."""
        return f"submission: {self.desk.file.name!r}, {self.desk.cases} cases"

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Take the files of the cases."""
        if file_path.suffix == ".py" and file_path.parent == self.desk.folder:
            return CaseFile.from_parent(parent, path=file_path, cases=self)
        return None

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the parts that were named by a path of the course."""
        if not self._parts:
            return
        out = [item for item in items if isinstance(item, CaseItem) and not item.is_of(self._parts)]
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Tell how long the case itself took: the first item waits for all of them."""
        report = yield
        if isinstance(item, CaseItem) and call.when == "call" and self.desk.is_graded:
            report.duration = self.desk.graded.seconds.get(item.case.id, 0.0)
        return report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell the score, where this process has graded."""
        if self.desk.is_graded:
            result = self.desk.graded.result
            extra = points(result.extra_credit.score)
            terminalreporter.section("autograder")
            for line in (f"{score_line(result)}, extra credit {extra}", *facts_of(result)):
                terminalreporter.line(line)


class CaseFile(pytest.File):
    """A file of cases."""

    def __init__(self, *, cases: Cases, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type] # pytest's own arguments
        self.cases = cases

    def collect(self) -> Iterator[CheckNode]:
        """Yield a node for each check that the file has cases of."""
        own = self.cases.desk.cases_in(self.path)
        for check in dict.fromkeys(case.check for case in own):
            yield CheckNode.from_parent(self, name=check, cases=self.cases)


class CheckNode(pytest.Collector):
    """The cases of one check in one file."""

    def __init__(self, *, cases: Cases, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type] # pytest's own arguments
        self.cases = cases

    def collect(self) -> Iterator[CaseItem]:
        """Yield the cases."""
        for case in self.cases.desk.cases_in(self.path):
            if case.check == self.name:
                name = case.id.partition("/")[2]
                yield CaseItem.from_parent(self, name=name, case=case, cases=self.cases)


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, case: Case, cases: Cases, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type] # pytest's own arguments
        self.case, self.cases = case, cases
        config = cases.desk.config
        check = next(found for found in config.all_checks if found.id == case.check)
        self._part = check.cell.removeprefix("test_")
        self.add_marker(case.kind)
        self.add_marker(_mark(check.checkpoint))
        self.extra_keyword_matches |= {case.check, self._part, check.cell}
        count = len(cases.desk.exam.case_set.of_check(case.check))
        self.user_properties += [
            ("check", case.check),
            ("kind", case.kind),
            ("checkpoint", check.checkpoint),
            ("points", points(check.points / count)),
        ]

    def is_of(self, parts: Iterable[str]) -> bool:
        """Tell whether the item belongs to one of some parts or checks."""
        return bool({self._part, self.case.check} & set(parts))

    def runtest(self) -> None:
        """Grade the submission, if that has not happened, and look at this case."""
        desk = self.cases.desk
        if desk.passes(self.case):
            return
        check = desk.check_of(self.case)
        if check.status == "skipped" and check.diagnosis is not None:
            pytest.skip(check.diagnosis.message)
        raise CaseFailed

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: object = None,  # noqa: ARG002 # pytest's own signature
    ) -> str | TerminalRepr:
        """Show the finding. A traceback of ours could hold hidden numbers, so there is none."""
        error = excinfo.value
        if isinstance(error, AutograderError):
            return f"{error.message}\n{error.remedy}".strip()
        if not isinstance(error, CaseFailed):
            return f"the grader failed: {type(error).__name__}"
        found = self.cases.desk.explain(self.case)
        told = self.cases.told.get(found.id, "") if found.sure else ""
        if found.sure:
            self.cases.told.setdefault(found.id, self.nodeid)
        return show(self.cases.desk, self.case, found, told)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the case by check and function, at its place."""
        path, line = self.cases.desk.places[self.case.id]
        return path, line - 1, f"{self.case.check}::{self.name}"


def _mark(group: str) -> str:
    return group.replace("-", "_")


def _choose(config: pytest.Config, desk: Desk) -> frozenset[str]:
    """Point pytest at the cases; return the parts that were asked for by the course's own paths.

    ``tests/ASSIGNMENT/`` stands for all cases and ``tests/ASSIGNMENT/test_mul.py`` for those of
    one part, as in the course, whether or not there is such a folder.
    """
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(desk.folder)]
        return frozenset()
    parts: set[str] = set()
    args = []
    for arg in config.args:
        path, *rest = arg.split("::")
        full = config.invocation_params.dir / path
        home = desk.course / "tests" / desk.config.assignment
        if full.exists() or home not in (full, *full.parents):
            args.append(arg)
            continue
        name = full.name.removesuffix(".py").removeprefix("test_") if full != home else ""
        parts |= {part for part in (name, *rest[:1]) if part}
        args.append(str(desk.folder))
    config.args = list(dict.fromkeys(args))
    return frozenset(parts)
