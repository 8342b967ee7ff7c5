"""What an instructor gets wrong is refused with a line each: all at once, with file and line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.audit.corpus import load_equivalents
from autograder.audit.fairness import variants
from autograder.audit.lacking import code_of, lacking
from autograder.audit.mutants import load_catalogue
from autograder.audit.wild import load_transformations
from autograder.cases.registry import load_cases
from autograder.cli.init import make_course
from autograder.cli.main import main
from autograder.config import load_config
from autograder.course.build import build
from autograder.course.layout import Layout
from autograder.course.nbgrader_settings import read_settings
from autograder.errors import AutograderError, CaseError, ConfigError, UsageError
from autograder.operations import operations

COURSE = Path(__file__).resolve().parents[2]


class Mine:
    """A course to spoil."""

    def __init__(self, folder):
        self.folder = folder
        make_course(folder)

    def change(self, file, old, new):
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def add(self, file, data):
        path = self.folder / file
        before = path.read_bytes()
        path.write_bytes(before + data)
        return before.count(b"\n") + 1

    def load(self):
        return load_config(self.folder / "config.yaml")

    def refused(self):
        """Return the lines of what is said, the headline and the blanks before them aside."""
        with pytest.raises(AutograderError) as caught:
            build(Layout(course=self.folder, config=self.load()))
        lines = [line.strip() for line in caught.value.message.splitlines()]
        return [line for line in lines if not line.endswith(("do not fit:", "are wrong:"))]


@pytest.fixture
def mine(tmp_path):
    return Mine(tmp_path / "course")


def test_misspelt_keys_are_all_named_with_line_and_what_was_meant(mine):
    title = mine.change("config.yaml", "\ntitle:", "\ntitel:") + 1
    check = mine.change("config.yaml", "points: 6, cell: test_mul", "pionts: 6, cell: test_mul")
    part = mine.change("config.yaml", "stretch: on", "strech: on")
    assert mine.refused() == [
        f"line {title}: key 'titel' is unknown: did you mean 'title'?",
        f"line {part}: key 'parts.strech' is unknown: did you mean 'stretch'?",
        f"line {check}: key 'checks[2].pionts' is unknown: did you mean 'points'?",
    ]


def test_wrong_values_are_all_said_in_words(mine):
    mine.change("config.yaml", 'working", pass_at: 0.8', 'working", pass_at: 80')
    mine.change("config.yaml", "points: 6, cell: test_mul", "points: many, cell: test_mul")
    mine.change("config.yaml", "points: 6, cell: test_div", "points: -6, cell: test_div")
    mine.change("config.yaml", "kind: shape, points: 3, cell: test_matmul",
                "kind: shap, points: 3, cell: test_matmul")  # fmt: skip
    said = [line.partition(": ")[2] for line in mine.refused()]
    assert said == [
        "key 'checkpoints[1].pass_at', value 80: must be at most 1",
        "key 'checks[2].points', value 'many': a number is expected",
        "key 'checks[4].points', value -6: must be at least 0",
        "key 'checks[6].kind', value 'shap': there is gradient, accumulation, shape, graph,"
        " contract, training",
    ]


def test_a_removed_check_that_others_need_is_named_with_each_of_them(mine):
    text = (mine.folder / "config.yaml").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if "{id: matmul," in line)
    mine.change("config.yaml", f"{row}\n", "")
    mine.change("config.yaml", "needs: [chain-rule]", "needs: [deeper-chain]")
    said = mine.refused()
    assert said[0].endswith(
        "check 'matmul-batched' needs 'matmul', which is not defined: take it out of"
        " `needs: [matmul]`"
    )
    assert all("needs 'deeper-chain', which stands after it: move it up" in line
               for line in said[1:])  # fmt: skip
    assert len(said) == 3


@pytest.mark.parametrize(
    ("added", "below", "said"),
    [
        (b"\tx: 1\n", 0, "not valid YAML: found character '\\t' that cannot start any token"),
        (b"x: [1\n", 1, "not valid YAML: expected ',' or ']', but got the end of the file"),
        (b"# \xe9\n", 0, "not UTF-8 text: save the file as UTF-8"),
    ],
)
def test_a_file_that_is_no_yaml_takes_one_line(mine, added, below, said):
    line = mine.add("config.yaml", added) + below
    (refused,) = mine.refused()
    assert refused.startswith(f"{mine.folder / 'config.yaml'}, line {line}")
    assert refused.endswith(said)


def test_an_empty_config_says_what_is_expected(mine):
    (mine.folder / "config.yaml").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="the whole file: a group of keys is expected"):
        mine.load()


def test_files_that_do_not_run_are_named_all_at_once(mine):
    shape = mine.add("tests/hidden/shape.py", b"def (\n")
    graph = mine.add("tests/hidden/graph.py", b"1 / 0\n")
    training = mine.add("tests/hidden/training.py", b"raise SystemExit\n")
    engine = mine.add("tests/public/engine.py", b"x = (\n")
    rules = mine.add("tests/public/rules.yaml", b"x: [\n")
    assert mine.refused() == [
        f"tests/public/rules.yaml, line {rules + 1}, column 1: not valid YAML: expected the node"
        " content, but found the end of the file",
        f"tests/hidden/graph.py, line {graph}: ZeroDivisionError: division by zero",
        f"tests/hidden/shape.py, line {shape}: SyntaxError: invalid syntax",
        f"tests/hidden/training.py, line {training}: SystemExit",
        f"tests/public/engine.py, line {engine}: SyntaxError: '(' was never closed",
    ]


def test_wrong_cases_are_named_all_at_once(mine):
    line = mine.add(
        "tests/hidden/accumulation.py",
        b'@case(check="paths", kind="accumulation")\ndef one(t):\n    """1."""\n    t.cosh(3)\n'
        b'@case(check="pathss", kind="accumulation")\ndef two(t):\n    """2."""\n'
        b"    t.observe(t.leaf(2))\n"
        b'@case(check="paths", kind="accumulation")\ndef three(t):\n    t.observe(t.leaf(2))\n'
        b'@case(check="paths", kind="accumulation")\ndef four(t):\n    """4."""\n    1 / 0\n',
    )
    said = mine.refused()
    file = "tests/hidden/accumulation.py, line"
    assert said[0].startswith(f"{file} {line}: one: no operation 'cosh': the course has ")
    assert said[1:] == [
        f"{file} {line + 11}: four: line {line + 14}: ZeroDivisionError: division by zero",
        f"{file} {line + 4}: case pathss/two: config.yaml has no check 'pathss':"
        " did you mean 'paths'?",
        f"{file} {line + 8}: case paths/three: has no docstring for the student to read",
    ]


def test_one_reason_for_many_cases_takes_one_line(mine):
    (mine.folder / "reference" / "operations" / "mul.py").unlink()
    said = mine.refused()
    assert len(said) == 2
    assert all("written by Python's mul() (and so in " in line for line in said)


def test_operations_that_do_not_run_are_named_with_their_lines(mine):
    folder = "reference/operations"
    mul = mine.add(f"{folder}/mul.py", b"def (\n")
    sub = mine.add(f"{folder}/sub.py", b"raise SystemExit\n")
    mine.change(f"{folder}/add.py", "label=", "lable=")
    with pytest.raises(ConfigError) as caught:
        mine.load()
        operations()
    head, *said = caught.value.message.splitlines()
    assert head == "3 things are wrong in reference/operations:"
    assert said[0].endswith("got an unexpected keyword argument 'lable'")
    assert said[1] == f"  {folder}/mul.py, line {mul}: SyntaxError: invalid syntax"
    assert said[2] == f"  {folder}/sub.py, line {sub}: SystemExit"


def test_a_wrong_rule_is_refused_beside_all_else(mine):
    mine.change("reference/operations/mul.py", "g * b", "-g * b")
    mine.change("reference/operations/relu.py", "gradient=(lambda g, out", "gradient=(lambda g")
    mine.change("source/05_autograd.py", "@@points checkpoint-1@@", "@@points checkpoint-3@@")
    mine.change("source/05_autograd.py", "# @@if written@@\n", "# @@if writen@@\n")
    said = mine.refused()
    assert said[0] == (
        "reference/operations/mul.py: gradient of mul for operand 1 is not the derivative of"
        " forward"
    )
    assert said[1].startswith("reference/operations/relu.py: gradient of relu: TypeError: ")
    assert "a cell from line 13: config.yaml has nothing for @@points checkpoint-3@@" in said[2]
    assert "a cell from line 13: no part, check or question is called 'writen'" in said[3]


def test_misspelt_markers_are_told_with_the_rest(mine):
    mine.change("source/05_autograd.py", "# @@if written@@\n", "# @@if writen@@\n")
    text = (mine.folder / "source/05_autograd.py").read_text(encoding="utf-8")
    (mine.folder / "source/05_autograd.py").write_text(
        text.replace("### BEGIN SOLUTION", "### BEGIN SOLUTON", 1), encoding="utf-8"
    )
    said = "\n".join(mine.refused())
    assert "'writen'" in said
    assert "looks like a marker but is none" in said


def test_a_text_of_no_check_and_a_misspelt_key_in_it_are_named(mine):
    mine.change("tests/public/rules.yaml", "\nsigmoid:\n", "\nsigmoide:\n")
    assert mine.refused() == [
        "tests/public/rules.yaml says nothing of the check 'sigmoid'",
        "tests/public/rules.yaml speaks of 'sigmoide', and there is no such check:"
        " did you mean 'sigmoid'?",
    ]
    mine.change("tests/public/rules.yaml", "\nsigmoide:\n", "\nsigmoid:\n")
    line = mine.change("tests/public/rules.yaml", "\nsigmoid:\n  rule:", "\nsigmoid:\n  role:") + 2
    assert mine.refused() == [
        f"tests/public/rules.yaml, line {line}: key 'sigmoid.role' is unknown: did you mean 'rule'?"
    ]


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("tests/mutants/catalogue.py", load_catalogue),
        ("tests/wild/kinds/__init__.py", load_transformations),
        ("nbgrader_config.py", read_settings),
        ("tests/hidden/graph.py",
         lambda folder: load_cases(folder / "tests" / "hidden",
                                   load_config(folder / "config.yaml"))),
    ],
)  # fmt: skip
def test_no_file_of_the_course_ends_the_command(mine, file, read):
    line = mine.add(file, b"\nraise SystemExit\n") + 1
    with pytest.raises(UsageError, match=rf", line {line}: SystemExit"):
        read(mine.folder)


def test_every_refusal_of_the_command_is_free_of_tracebacks(mine):
    mine.add("reference/operations/mul.py", b"raise SystemExit\n")
    done = CliRunner().invoke(main, ["--course", str(mine.folder), "release"])
    assert done.exit_code == ConfigError.exit_code
    assert "reference/operations/mul.py" in done.output
    assert "Traceback" not in done.output


# ---- proofs ----


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1", ": the whole file: a list is expected"),
        ("- proof: x\n  mutant: [a]",
         ", line 2: key '[0].mutant' is unknown: did you mean 'mutants'?"),
        ("- mutants: 3\n  proof: y", ", line 1: key '[0].mutants', value 3: a list is expected"),
        ("- proof: p\n  mutants: [a, a]", ": 'a' is declared twice"),
    ],
)  # fmt: skip
def test_a_proof_that_is_written_wrong_is_told_with_its_line(tmp_path, text, said):
    path = tmp_path / "equivalent.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError) as raised:
        load_equivalents(path)
    assert raised.value.message == f"{path}{said}"


def test_a_file_without_proofs_declares_nothing(tmp_path):
    (tmp_path / "equivalent.yaml").write_text("# none yet\n", encoding="utf-8")
    assert load_equivalents(tmp_path / "equivalent.yaml") == {}


# ---- right submissions that say nothing of an operation ----


@pytest.mark.parametrize("folder", [".", "editions/recording", "editions/scalar"])
def test_the_corpus_of_a_course_answers_all_of_its_checks(folder):
    """What it names no rule for is not held against a case: that must hide nothing here."""
    course = COURSE / folder
    config = load_config(course / "config.yaml")
    found = {path.name: lacking(code_of(path), config) for path in variants(course)}
    assert found
    assert set(found.values()) == {frozenset()}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("y = np.tanh(x)", False), ("tanh = np.tanh(c)", False), ("class TanhBackward:", True),
        ("class Tanh(Function):", True), ("def tanh_backward(g):", True), ("grad_tanh = 1", True),
        ("np.expand_dims(tanhs)", False), ('RULES = {"Tanh": rule}', True),
    ],
)  # fmt: skip
def test_a_rule_is_named_by_what_may_be_its_name(mine, text, named):
    from autograder.course.new_check import Wanted, add_check

    tanh = Wanted(name="tanh", forward="np.tanh(x)", gradient=("g * (1 - out**2)",), required=True)
    add_check(Layout(course=mine.folder, config=mine.load()), tanh)
    assert ("tanh" in lacking(text, mine.load())) is not named
