"""The tester tested: wrong submissions lose points, correct ones never do."""

import re

import pytest

from autograder.audit.corpus import Corpus
from autograder.audit.fairness import try_seeds, variants
from autograder.audit.hosts import transplant
from autograder.audit.mutants import load_transplants
from autograder.audit.render import render_survivors, render_tables
from autograder.audit.tables import BEGIN, END
from autograder.audit.whole import run_audit
from autograder.course.layout import Layout


@pytest.fixture(scope="module")
def layout(course, config):
    return Layout(course=course, config=config)


def test_every_wrong_submission_loses_points_and_the_published_tables_are_true(layout, course):
    findings, corpus = run_audit(
        layout, b"audit", full=True, processes=2, progress=lambda done, total: None
    )
    assert render_survivors(findings, lambda kill: corpus.diff(kill.sample)) == ""
    assert all(rate.percent == 100 for rate in findings.families)
    page = (course / "docs" / "audit.md").read_text(encoding="utf-8")
    published = numbers(page.split(BEGIN)[1].split(END)[0])
    measured = numbers(render_tables(findings))
    assert list(published) == list(measured), WRITE
    off = {
        row: (published[row], measured[row])
        for row in published
        if any(
            abs(a - b) > slack(row, b) for a, b in zip(published[row], measured[row], strict=True)
        )
    }
    assert off == {}, WRITE


WRITE = "run: autograder audit --full --write docs/audit.md"


def numbers(tables):
    """Return the numbers of every row, under its heading and its name."""
    found, heading = {}, ""
    for line in tables.strip().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            found[line.strip("0123456789")] = [float(n) for n in re.findall(r"\d+", line)]
        elif not any(character.isdigit() for character in cells[1]):
            heading = heading if set(cells[1]) <= set("-: ") else cells[0]
        else:
            found[heading, cells[0]] = [float(cell.rstrip(" %")) for cell in cells[1:]]
    return found


def slack(row, measured):
    """Return by how much a row may be off: who dies is sure, what each check sees of it is not.

    A mutant may sit on the edge of one check's tolerance, where another processor's last digit
    decides; the other checks kill it all the same.
    """
    if row[0] != "mutants":
        return max(1.0, 0.01 * measured)
    return 2.0 if any(word in row[1] for word in ("told", "noticed", "spares")) else 0.0


def test_there_are_enough_mutants_of_both_families(layout):
    corpus = Corpus(layout.course, layout.source / "05_autograd.ipynb")
    mechanical = [sample for sample in corpus.mechanical() if not sample.proof]
    catalogue = list(corpus.catalogue())
    assert len(mechanical) >= 300
    assert len({sample.name for sample in catalogue}) == len(catalogue) >= 120
    assert {sample.host for sample in catalogue} == {"topological", "recursive"}
    assert {sample.host for sample in corpus.transplants()} == {"tape", "closures"}
    assert len(list(corpus.transplants())) >= 80


def test_hosts_keep_every_point_with_the_rules_of_the_solution(layout, grader, tmp_path):
    """Else a mutant in it could lose points for its host's sake."""
    corpus = Corpus(layout.course, layout.source / "05_autograd.ipynb")
    for host, rules in load_transplants(layout.course).items():
        everything = corpus.hosts[host]
        for rule in sorted(rules):
            everything = transplant(everything, corpus.hosts["topological"], rule)
        path = tmp_path / f"{host}.py"
        path.write_text(everything, encoding="utf-8")
        assert grader.grade(path).result.score == 80


def test_no_correct_submission_loses_a_point_over_fifty_seeds(course, config):
    """By turns: each seed draws for a third of them, each of them meets a third of the seeds."""
    names = [f"fairness-{number}" for number in range(50)]
    stretch = {}
    for turn in range(3):
        these = variants(course)[turn::3]
        for report in try_seeds(course, config, "L", names[turn::3], 2, these):
            assert report.lost == {}, report.seed
            assert len(report.stretch) == len(these)
            for name, passed in report.stretch.items():
                assert stretch.setdefault(name, passed) == passed, (report.seed, name)
    assert len(stretch) == len(variants(course)) >= 15


def test_audit_finds_a_mutant_that_survives(layout, monkeypatch):
    """A catalogue of one entry that changes nothing that is graded: it must be reported."""
    from autograder.audit import corpus as corpus_module
    from autograder.audit.mutants import Misconception

    harmless = Misconception(
        "harmless", "mul", "only the printed text changes",
        topological=[("print(", "Autograd is on.", "Autograd is off.")],
        impossible="one style is enough here",
    )  # fmt: skip
    monkeypatch.setattr(corpus_module, "load_catalogue", lambda course: (harmless,))
    monkeypatch.setattr(corpus_module.Corpus, "mechanical", lambda self: iter(()))
    monkeypatch.setattr(corpus_module.Corpus, "stale_proofs", lambda self, samples: [])
    findings, _ = run_audit(
        layout, b"audit", full=False, processes=1, progress=lambda done, total: None
    )
    assert [kill.sample.name for kill in findings.survivors] == ["harmless (topological)"]
