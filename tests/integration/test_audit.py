"""The tester tested: wrong submissions lose points, correct ones never do."""

import pytest

from autograder.audit.corpus import Corpus
from autograder.audit.fairness import try_seeds, variants
from autograder.audit.gate import run_audit
from autograder.audit.tables import BEGIN, END
from autograder.course.layout import Layout
from autograder.reports.audit import render_survivors, render_tables


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
    published = page.split(BEGIN)[1].split(END)[0].strip()
    assert published == render_tables(findings).strip(), (
        "run: autograder audit --full --write docs/audit.md"
    )


def test_there_are_enough_mutants_of_both_families(layout):
    corpus = Corpus(layout.course, layout.source / "05_autograd.ipynb")
    mechanical = [sample for sample in corpus.mechanical() if not sample.proof]
    catalogue = list(corpus.catalogue())
    assert len(mechanical) >= 300
    assert len({sample.name for sample in catalogue}) == len(catalogue) >= 120
    assert {sample.host for sample in catalogue} == {"topological", "recursive"}


def test_no_correct_submission_loses_a_point_over_fifty_seeds(course, config):
    names = [f"fairness-{number}" for number in range(50)]
    stretch = {}
    for report in try_seeds(course, config, "L", names, 2):
        assert report.lost == {}, report.seed
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
