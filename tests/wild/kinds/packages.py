"""Packages that the grader may lack, at every depth of a notebook."""

from __future__ import annotations

from .registry import wild

TORCH, PANDAS, PLOTS, TQDM = ("torch",), ("pandas",), ("matplotlib",), ("tqdm",)


@wild("packages", needs=TORCH, adds="torch")
def torch_seeded_with_the_imports(nb):
    """Imports PyTorch and seeds it above the other imports."""
    return nb.in_imports("import torch\ntorch.manual_seed(0)")


@wild("packages", needs=TORCH, adds="torch nn F device")
def torch_device_chosen(nb):
    """Imports PyTorch's parts and chooses a device, with the imports."""
    return nb.in_imports(
        "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
        "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\n"
        "print(torch.__version__, device)\n"
        "torch.set_printoptions(precision=4)\ntorch.backends.cudnn.deterministic = True"
    )


@wild("packages", needs=TORCH, adds="torch same")
def torch_in_a_type_hint(nb):
    """Uses a tensor of PyTorch as a type hint, above a rule."""
    return nb.in_rule(
        "import torch\n\n\ndef same(ours, theirs: torch.Tensor, more: 'torch.Tensor | None' = None) -> torch.Tensor:\n    return theirs\n\n"
    )


@wild("packages", needs=TORCH, adds="torch nn Net")
def torch_as_a_base_class(nb):
    """Derives a network from torch.nn.Module beside a rule."""
    return nb.in_rule(
        "import torch\nfrom torch import nn\n\n\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.layer = nn.Linear(2, 1)\n\n"
        "    def forward(self, x):\n        return self.layer(x)\n\n\n"
    )


@wild("packages", needs=TORCH, adds="torch Square")
def torch_function_as_a_base_class(nb):
    """Writes an autograd function of PyTorch with static methods beside a rule."""
    return nb.in_rule(
        "import torch\n\n\n"
        "class Square(torch.autograd.Function):\n"
        "    @staticmethod\n    def forward(ctx, x):\n        return x * x\n\n"
        "    @staticmethod\n    def backward(ctx, g):\n        return g\n\n\n"
    )


@wild("packages", needs=TORCH, adds="torch evaluate")
def torch_as_a_decorator(nb):
    """Decorates a helper with torch.no_grad() beside a rule."""
    return nb.in_rule("import torch\n\n\n@torch.no_grad()\ndef evaluate(x):\n    return x\n\n")


@wild("packages", needs=TORCH, adds="torch theirs shape_of_theirs")
def torch_compared_above_the_engine(nb):
    """Computes a gradient with PyTorch at the top of the engine's cell."""
    return nb.in_engine(
        "import torch\n"
        "theirs = torch.tensor([1.0, 2.0], requires_grad=True)\n"
        "(theirs ** 2).sum().backward()\n"
        "with torch.no_grad():\n    print(theirs.grad.numpy(), float(theirs.sum()))\n"
        "shape_of_theirs = tuple(theirs.shape)\nprint(len(theirs))"
    )


@wild("packages", adds="torch")
def torch_tried(nb):
    """Tries to import PyTorch and goes on without it, with the imports."""
    return nb.in_imports(
        "try:\n    import torch\nexcept ImportError:\n    torch = None\nprint(torch is None)"
    )


@wild("packages", adds="HAS_TORCH")
def torch_looked_for(nb):
    """Asks importlib whether PyTorch is there, with the imports."""
    return nb.in_imports(
        "import importlib.util as finder\n"
        "HAS_TORCH = finder.find_spec('torch') is not None\ndel finder\nprint(HAS_TORCH)"
    )


@wild("packages", needs=PANDAS, adds="pd")
def install_where_an_import_fails(nb):
    """Installs pandas where its import fails, with the imports."""
    return nb.in_imports(
        "try:\n    import pandas as pd\nexcept ImportError:\n    !pip install -q pandas\n    import pandas as pd"
    )


@wild("packages", needs=PANDAS, adds="pd")
def pandas_options(nb):
    """Sets options of pandas with the imports."""
    return nb.in_imports(
        "import pandas as pd\npd.set_option('display.precision', 3)\npd.options.display.max_rows = 20"
    )


@wild("packages", needs=PANDAS, adds="pd table")
def pandas_table_above_a_rule(nb):
    """Makes a table and shows it above a rule."""
    return nb.in_rule(
        "import pandas as pd\n"
        "table = pd.DataFrame({'step': [1, 2], 'loss': [0.5, 0.25]})\n"
        "table['loss'] = table['loss'] * 2\n"
        "print(table.head(), len(table), table.shape[0])\n"
        "for _index, _row in table.iterrows():\n    print(_row['loss'])\n"
        "with pd.option_context('display.precision', 2):\n    display(table)"
    )


@wild("packages", needs=("scipy",), adds="optimize expit")
def scipy_with_the_imports(nb):
    """Imports parts of SciPy with the imports, and leaves them unused."""
    return nb.in_imports("from scipy import optimize\nfrom scipy.special import expit")


@wild("packages", needs=("sklearn",), adds="make_moons train_test_split moons labels")
def sklearn_data(nb):
    """Draws a data set with scikit-learn above a rule."""
    return nb.in_rule(
        "from sklearn.datasets import make_moons\n"
        "from sklearn.model_selection import train_test_split\n"
        "moons, labels = make_moons(n_samples=20, noise=0.1, random_state=0)\n"
        "print(moons.shape, labels.mean())"
    )


@wild("packages", needs=("seaborn", "matplotlib"), adds="plt sns")
def seaborn_theme(nb):
    """Sets a theme with the imports."""
    return nb.in_imports(
        "import matplotlib.pyplot as plt\nimport seaborn as sns\n"
        "sns.set_theme(style='whitegrid')\nplt.rcParams['figure.figsize'] = (8, 4)\nplt.style.use('ggplot')"
    )


@wild("packages", needs=PLOTS, adds="matplotlib plt sys")
def versions_printed(nb):
    """Prints versions with the imports."""
    return nb.in_imports(
        "import sys, matplotlib\nimport matplotlib.pyplot as plt\n"
        "print(sys.version.split()[0], sys.version_info >= (3, 8))\n"
        "print('matplotlib', matplotlib.__version__, matplotlib.get_backend())\n"
        "matplotlib.use('Agg')"
    )


@wild("packages", needs=PLOTS, adds="plt line xs_to_plot")
def line_unpacked(nb):
    """Unpacks the line that plot returns, above a rule."""
    return nb.in_rule(
        "import matplotlib.pyplot as plt\n"
        "xs_to_plot = [k / 10 for k in range(20)]\n"
        "line, = plt.plot(xs_to_plot, [max(v, 0) for v in xs_to_plot], 'o-', label='relu')\n"
        "line.set_color('red')\nplt.legend();\nplt.show()"
    )


@wild("packages", needs=PLOTS, adds="plt fig ax top bottom")
def axes_unpacked(nb):
    """Unpacks figures and axes and loops over them, above the engine."""
    return nb.in_engine(
        "import matplotlib.pyplot as plt\n"
        "fig, ax = plt.subplots(2, 2, figsize=(6, 6))\n"
        "for _axis in ax.flatten():\n    _axis.plot([1, 2])\n    _axis.set(title='t', xlabel='x')\n"
        "fig.tight_layout()\n"
        "fig, (top, bottom) = plt.subplots(2, 1, sharex=True)\n"
        "top.axhline(0, color='k')\nbottom.imshow([[1, 2]])\nplt.savefig('plot.png')\nplt.close('all')"
    )


@wild("packages", needs=PLOTS, adds="plt counts edges patches")
def histogram_unpacked(nb):
    """Unpacks a histogram above a rule and uses its limits."""
    return nb.in_rule(
        "import matplotlib.pyplot as plt\n"
        "counts, edges, patches = plt.hist([1, 2, 2, 3], bins=3)\n"
        "plt.axis('off')\nplt.gca().set_ylim(0, 2 * plt.gca().get_ylim()[1])\nplt.gcf().set_size_inches(4, 3)"
    )


@wild("packages", needs=PLOTS, adds="plt")
def drawn_in_a_context(nb):
    """Draws within a style's context above a rule."""
    return nb.in_rule(
        "import matplotlib.pyplot as plt\n"
        "with plt.style.context('ggplot'), plt.rc_context({'lines.linewidth': 2}):\n    plt.plot([1, 2, 3])"
    )


@wild("packages", needs=PLOTS, adds="animation FuncAnimation plt film")
def animation_made(nb):
    """Makes an animation above a rule."""
    return nb.in_rule(
        "import matplotlib.pyplot as plt\nfrom matplotlib import animation\nfrom matplotlib.animation import FuncAnimation\n"
        "film = FuncAnimation(plt.figure(), lambda k: None, frames=3)"
    )


@wild("packages", needs=TQDM, adds="tqdm total")
def progress_bar_above_a_rule(nb):
    """Loops with a progress bar, writes to it and sums, above a rule."""
    return nb.in_rule(
        "from tqdm import tqdm\ntotal = 0\n"
        "for _k in tqdm(range(3), desc='warm up'):\n    total += _k\n    tqdm.write(f'step {_k}')\n"
        "assert total == 3"
    )


@wild("packages", needs=TQDM, adds="tqdm trange bar")
def progress_bar_by_hand(nb):
    """Moves a progress bar by hand in a `with`, above the engine."""
    return nb.in_engine(
        "from tqdm.auto import tqdm, trange\n"
        "with tqdm(total=3) as bar:\n    for _k in range(3):\n        bar.update(1)\n        bar.set_postfix(loss=0.1)\n"
        "bar = trange(4)\nfor _k in bar:\n    bar.set_description(f'epoch {_k}')\nassert _k == 3"
    )


@wild("packages", needs=TQDM, adds="tqdm enumerated")
def progress_bar_enumerated(nb):
    """Counts along a progress bar in a comprehension, above a rule."""
    return nb.in_rule(
        "from tqdm.notebook import tqdm\n"
        "enumerated = [k for k, _v in enumerate(tqdm(['a', 'b']))]\nassert enumerated == [0, 1], enumerated"
    )


@wild("packages", needs=TORCH, adds="torch plan")
def torch_in_a_class_body(nb):
    """Uses PyTorch in a default argument and in a dictionary beside a rule."""
    return nb.in_rule(
        "import torch\nplan = {'type': torch.float32, 'loss': torch.nn.MSELoss()}\n"
        "def _with_default(x, kind=torch.float32, *rest):\n    return x\n"
        "if torch.float32 == plan['type'] or not torch.cuda.is_available():\n    print('compared')"
    )


@wild("packages", needs=("graphviz",), adds="Digraph dot")
def graph_drawn(nb):
    """Draws a graph with graphviz above the engine."""
    return nb.in_engine(
        "from graphviz import Digraph\n"
        "dot = Digraph(format='svg', graph_attr={'rankdir': 'LR'})\n"
        "dot.node('a', label='x')\ndot.edge('a', 'b')\ndot"
    )


@wild("packages", needs=("torch", "pandas", "matplotlib"), adds="pd plt torch")
def several_in_one_statement(nb):
    """Imports several packages in one line, above the imports."""
    return nb.in_imports(
        "import torch, pandas as pd, matplotlib.pyplot as plt; torch.manual_seed(1)"
    )


@wild("packages", needs=("wandb",), adds="wandb run")
def experiment_tracked(nb):
    """Starts a run of an experiment tracker in the engine's cell."""
    return nb.in_engine(
        "import wandb\nrun = wandb.init(project='module05', config={'rate': 0.1})\n"
        "wandb.log({'loss': 1.0})\nrun.finish()"
    )
