"""A stand-in goes along with whatever is done to it, ends every loop, and confesses its numbers."""

import copy
import json
import linecache
import typing

import numpy as np
import pytest

from autograder.grading.absent import imported_words
from autograder.guest import guards, imports, uses
from autograder.guest.standins import StandIn, StandInModule


@pytest.fixture
def torch():
    uses.uses.reset()
    return StandInModule("torch", "torch")


def test_unpacking_gives_as_many_as_are_wanted(torch):
    (one,) = torch.f()
    a, _, _, _, e = torch.f()
    first, *middle, last = torch.f()
    (p, q), r = torch.f()
    assert all(isinstance(value, StandIn) for value in (one, a, e, first, last, p, q, r))
    assert len(list(torch.f())) == len(torch.f()) == 2
    assert middle == [] or all(isinstance(value, StandIn) for value in middle)


def test_a_loop_over_or_while_a_stand_in_ends(torch):
    assert sum(1 for _ in torch.loader) == 2
    turns = 0
    while torch.more():
        turns += 1
        assert turns < 5000
    done = torch.done
    while not done:
        done = torch.done


def test_classes_hints_and_isinstance(torch):
    class Net(torch.nn.Module, torch.nn.Other):
        def forward(self, x):
            return x

    assert Net(lr=1)(3) == 3 and Net(lr=1).lr == 1 and isinstance(Net().layer, StandIn)
    assert typing.ClassVar[torch.Tensor] and list[torch.Tensor] and (torch.Tensor | None)
    assert isinstance(1, int | torch.Tensor) and not isinstance(1, torch.Tensor)
    assert isinstance(1, torch.Tensor | int | torch.Other) and not isinstance(
        "", torch.Tensor | int
    )
    assert issubclass(torch.CudaError, Exception) and issubclass(torch.OldWarning, Warning)


def test_a_decorator_gives_back_what_it_decorates_and_a_transform_does_not(torch):
    def f():
        return 1

    assert torch.jit(f) is torch.jit(nopython=True)(f) is torch.no_grad()(f) is f
    assert isinstance(torch.func.grad(f), StandIn)


def test_numbers_made_of_a_stand_in_are_noted_and_other_uses_are_not(torch):
    torch.manual_seed(0)
    with torch.no_grad():
        torch.log({"a": np.ones(2).shape})
    assert uses.uses.found() is None
    for make in (float, int, np.exp, np.asarray, lambda s: np.ones(2) * s, lambda s: s + 1):
        uses.uses.reset()
        make(torch.x)
        assert uses.uses.found() == {"name": "torch", "cell": None, "line": None}


def test_a_number_is_noted_with_the_cell_and_line_where_it_was_made(torch):
    uses.uses.reset()
    code = compile("\ny = x * 2\nz = float(x)", "<cell 7>", "exec")
    exec(code, {"x": torch.x})  # noqa: S102 # code of our own
    assert uses.uses.found() == {"name": "torch", "cell": 7, "line": 2}


def test_an_array_of_stand_ins_is_made_without_looking_into_them(torch):
    assert np.asarray(torch.x).shape == () and np.array([torch.x, torch.y]).shape == (2,)
    assert np.asarray(torch.x, dtype=np.float32).dtype == np.float32
    assert isinstance(np.concatenate([np.ones(2), torch.x]), StandIn)


def test_subplots_have_the_shapes_of_real_ones(torch):
    plt = StandInModule("matplotlib.pyplot", "matplotlib")
    assert plt.subplots(2, 3)[1].shape == (2, 3) and plt.subplots(ncols=3)[1].shape == (3,)
    assert plt.subplots(squeeze=False)[1].shape == (1, 1)
    assert plt.figure().subplots(2, 2).shape == (2, 2)
    with pytest.raises(ValueError, match="too many"):
        plt.subplots(10**6, 10**6)


def test_what_is_here_is_none_of_what_is_not(torch):
    mine, theirs = np.ones(2), torch.ones(2)
    assert torch.is_tensor(theirs)
    assert not torch.is_tensor(mine)
    assert not torch.is_floating_point(mine)
    assert not type(mine) == torch.Tensor  # noqa: E721, SIM201 # as people write it
    assert type(mine) != torch.Tensor  # noqa: E721 # as above
    assert theirs.sum() == 2.0
    assert not torch.isnan(theirs).any().item()
    assert torch.isfinite(theirs).all()
    assert not torch.dist(theirs, theirs) > 1e-6
    assert torch.dist(theirs, theirs) < 1e-6
    assert torch.cuda.memory_allocated() > 0


def test_the_machine_that_grades_has_no_card(torch):
    assert not torch.cuda.is_available()
    assert torch.cuda.device_count() == 0
    assert list(torch.config.list_physical_devices("GPU")) == []
    torch.config.list_physical_devices("GPU").append(3)
    assert torch.config.list_physical_devices("GPU") == []


def test_a_type_of_numbers_is_one_to_numpy(torch):
    assert np.ones(2).astype(torch.float32).dtype == np.float32
    assert np.zeros(2, dtype=torch.bool_).dtype == np.bool_


def test_numpy_finds_no_difference_to_a_stand_in(torch):
    np.testing.assert_allclose(np.ones(3), torch.f().numpy(), rtol=1e-5)
    np.testing.assert_array_equal(torch.f(), [1.0])
    np.testing.assert_almost_equal(3.0, torch.f().item())
    assert uses.uses.found()["name"] == "torch"


def test_a_class_of_two_bases_is_whole(torch):
    kind = typing.TypeVar("kind")

    class Model(torch.Module, typing.Generic[kind]):
        pass

    class Named(torch.Module, name="a"):
        pass

    assert isinstance(Model[int](), Model)
    assert isinstance(Named(), Named)


def test_copies_and_texts(torch):
    model = torch.nn.Linear(1, 1)
    assert isinstance(copy.deepcopy(model), StandIn)
    assert f"{model:.3f}" == str(model) == "<stand-in for torch>"
    assert torch.__version__.split(".")[0].isdigit() and {model: 1}[model] == 1
    assert not hasattr(model, "_repr_html_") and not hasattr(torch, "__all__")


def test_raises_lets_what_it_names_pass_and_nothing_else():
    pytest_ = StandInModule("pytest", "pytest")
    with pytest_.raises(KeyError):
        raise KeyError("x")
    with pytest.raises(ValueError, match="y"), pytest_.raises(KeyError):
        raise ValueError("y")


def lines_of(text):
    linecache.cache["<cell 900>"] = (len(text), None, text.splitlines(keepends=True), "<cell 900>")
    every, specific = guards.guarded_lines("<cell 900>")
    return sorted(every), sorted(specific)


@pytest.mark.parametrize(
    ("text", "every", "specific"),
    [
        ("try:\n    import a\nexcept ImportError:\n    import b\n", [2], [2]),
        ("try:\n    import a\nexcept (OSError, ModuleNotFoundError):\n    pass\n", [2], [2]),
        ("try:\n    import a\nexcept Exception:\n    pass\n", [2], []),
        ("try:\n    import a\nexcept:\n    pass\n", [2], []),
        ("try:\n    import a\nexcept ValueError:\n    pass\n", [], []),
        ("try:\n    import a\nfinally:\n    pass\n", [], []),
        ("try:\n    def f():\n        import a\nexcept ImportError:\n    pass\n", [2], [2]),
        ("with suppress(ImportError):\n    import a\n", [2], [2]),
        ("with open('x'):\n    import a\n", [], []),
        ("this is no Python\n", [], []),
    ],
)
def test_guarded_lines(text, every, specific):
    assert lines_of(text) == (every, specific)


def test_only_code_of_the_submission_meets_stand_ins():
    finder = imports.LastResort()
    assert finder.find_spec("no_such_package_at_all", None) is not None  # this file counts as one
    library = compile("found = find('no_such_package_at_all', None)", json.__file__, "exec")
    names = {"find": finder.find_spec}
    exec(library, names)  # noqa: S102 # code of our own
    assert names["found"] is None


def test_words_of_imports_are_found_and_no_other_words():
    sources = [
        "import a.b as c, d\nfrom e import (\n    f,  # secret\n    g as h,\n)\nx = 'import y'\n",
        ">>> from i import j\nif z:\n    import k\nfrom l import m, \\\n    n\nprint(o)\n",
    ]
    words = imported_words(sources) - {"import", "from", "as"}
    assert words == set("abcdefghijklmn")


def test_an_import_that_never_ends_is_read_once():
    text = "import (\n" * 20_000
    assert len(imported_words([text])) == 1
