"""Expected values kept between runs: the same values, and nobody else's."""

import stat

import numpy as np
import pytest

from autograder.grading import cache
from autograder.grading.grader import Exam

SEED = b"the cache's seed"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "autograder" / "expected"


@pytest.fixture
def values(exam):
    return exam.expected


def entry_of(folder):
    (path,) = folder.iterdir()
    return path


def test_what_is_kept_is_what_was_computed(folder, values):
    cache.store("digest", SEED, values)
    kept = cache.load("digest", SEED)
    assert len(kept) == len(values)
    for ours, theirs in zip(kept, values, strict=True):
        assert list(ours) == list(theirs)
        for name, one in ours.items():
            other = theirs[name]
            assert (one.what, one.single) == (other.what, other.single)
            np.testing.assert_array_equal(one.value, other.value)
            np.testing.assert_array_equal(one.spread, other.spread)


def test_folder_and_entry_are_readable_by_their_owner_alone(folder, values):
    cache.store("digest", SEED, values)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry_of(folder).stat().st_mode) == 0o600


@pytest.mark.parametrize(("digest", "seed"), [("other", SEED), ("digest", b"another seed")])
def test_other_cases_or_another_seed_find_nothing(folder, values, digest, seed):
    cache.store("digest", SEED, values)
    assert cache.load(digest, seed) is None


def test_an_entry_that_was_changed_is_not_believed(folder, values):
    cache.store("digest", SEED, values)
    path = entry_of(folder)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    assert cache.load("digest", SEED) is None


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 64])
def test_an_entry_that_is_no_entry_is_not_believed(folder, values, content):
    cache.store("digest", SEED, values)
    entry_of(folder).write_bytes(content)
    assert cache.load("digest", SEED) is None


def test_an_entry_signed_by_somebody_without_the_seed_is_not_believed(folder, values):
    cache.store("digest", b"a guess", values)
    forged = entry_of(folder).read_bytes()
    entry_of(folder).unlink()
    cache.store("digest", SEED, values)
    entry_of(folder).write_bytes(forged)
    assert cache.load("digest", SEED) is None


def test_a_folder_that_others_can_enter_is_not_used(folder, values):
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    cache.store("digest", SEED, values)
    assert list(folder.iterdir()) == []
    folder.chmod(0o700)
    cache.store("digest", SEED, values)
    folder.chmod(0o750)
    assert cache.load("digest", SEED) is None


def test_a_link_is_not_followed(folder, values, tmp_path):
    cache.store("digest", SEED, values)
    path = entry_of(folder)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert cache.load("digest", SEED) is None


def test_without_a_folder_to_write_to_nothing_is_lost(values, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    cache.store("digest", SEED, values)
    assert cache.load("digest", SEED) is None


def test_old_entries_go(folder, values):
    for number in range(cache.MAX_ENTRIES + 3):
        cache.store(f"digest {number}", SEED, values[:1])
    assert len(list(folder.iterdir())) == cache.MAX_ENTRIES


def test_an_exam_grades_with_what_is_kept(folder, course, config, exam, monkeypatch):
    first = Exam(course, config, SEED).expected
    monkeypatch.setattr("autograder.grading.grader.expected_values", lambda *_: pytest.fail())
    again = Exam(course, config, SEED).expected
    assert repr(again) == repr(first)
