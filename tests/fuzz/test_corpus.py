"""What the fuzzers kept, replayed: each input once took another way through the parsers."""

from pathlib import Path

import fuzz_frames
import fuzz_notebooks
import pytest

CORPUS = Path(__file__).with_name("corpus")


def kept(name):
    return sorted((CORPUS / name).iterdir())


@pytest.mark.parametrize("path", kept("frames"), ids=lambda path: path.name[:12])
def test_frames_of_the_corpus_give_values_or_findings(path):
    fuzz_frames.run_one(path.read_bytes())


@pytest.mark.parametrize("path", kept("notebooks"), ids=lambda path: path.name[:12])
def test_notebooks_of_the_corpus_are_read_or_refused(path):
    fuzz_notebooks.run_one(path.read_bytes())
