"""What only the grader lacks costs nothing: prologues and cells as people have them."""

import pytest

# Each runs without an error where its packages are installed.
SNIPPETS = {
    "colab-drive": """
from google.colab import drive, files, userdata
drive.mount('/content/drive', force_remount=True)
%cd_not_here = 1
""".replace("%cd_not_here = 1\n", "") + "token = userdata.get('HF_TOKEN')\n",
    "colab-guarded": """
try:
    import google.colab
    IN_COLAB = True
except ImportError:
    IN_COLAB = False
assert not IN_COLAB
""",
    "colab-upload": """
from google.colab import files
uploaded = files.upload()
for fn in uploaded.keys():
    print(f'User uploaded file "{fn}" with length {len(uploaded[fn])} bytes')
""",
    "colab-modules": "import sys\nIN_COLAB = 'google.colab' in sys.modules\nassert not IN_COLAB\n",
    "kaggle": """
from kaggle_secrets import UserSecretsClient
import os
secret = UserSecretsClient().get_secret("wandb_api")
for dirname, _, filenames in os.walk('/kaggle/input'):
    for filename in filenames:
        print(os.path.join(dirname, filename))
""",
    "torch-seeds": """
import random, os
import numpy as np
import torch

def set_seed(seed=42):
    random.seed(seed)
    os.environ['PYTHONHASHSEED'] = str(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False

set_seed()
device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
print(f'Using {device}, PyTorch {torch.__version__}')
""",
    "torch-network": """
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset
from torch import Tensor as TorchTensor, optim

class Net(nn.Module):
    def __init__(self, hidden: int = 10):
        super().__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.fc2 = nn.Linear(hidden, 1)

    def forward(self, x: TorchTensor) -> TorchTensor:
        return self.fc2(F.relu(self.fc1(x)))

class Pairs(Dataset):
    def __len__(self): return 4
    def __getitem__(self, i): return i, i * 2

model = Net().to('cpu')
opt = optim.SGD(model.parameters(), lr=0.1)
loader = DataLoader(Pairs(), batch_size=2)
for epoch in range(2):
    for xb, yb in loader:
        opt.zero_grad()
        loss = F.mse_loss(model(xb.float()), yb)
        loss.backward()
        opt.step()
    print(f'epoch {epoch}: {loss.item():.4f}')
with torch.no_grad():
    acc = (model(torch.ones(2)).argmax(dim=1) == torch.ones(2)).float().mean()
torch.save(model.state_dict(), 'net.pt')
""",
    "torch-compare": """
import torch
import numpy as np
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x ** 2).sum() * 3 + 2 - x[0] / 2
y.backward()
mine = np.array([2.0, 4.0])
assert np.allclose(x.grad.numpy(), mine)
assert torch.allclose(x.grad, torch.from_numpy(mine))
print('max difference', np.abs(x.grad.detach().cpu().numpy() - mine).max())
if abs(x.grad - 2) < 1e-6 and x.grad is not None:
    print('ok')
""",
    "torch-decorators": """
import torch
from functools import wraps

@torch.no_grad()
def evaluate(x): return x + 1

@torch.jit.script
def double(x): return x * 2

@torch.inference_mode
def third(x): return x / 3

class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, i): return i
assert evaluate(1) == 2 and double(2) == 4 and third(3) == 1
""",
    "torch-hints": """
from __future__ import annotations
from typing import Dict, List, Optional, Tuple, Union
import torch
from torch import nn
def f(x: torch.Tensor | None = None) -> Optional[torch.Tensor]: return x
Batch = Tuple[torch.Tensor, List[torch.Tensor]]
Many = Union[torch.Tensor, 'np.ndarray', None]
Other = dict[str, torch.Tensor]
Layers = Dict[str, nn.Module]
""",
    "torch-hints-eager": """
from dataclasses import dataclass, field
from typing import Optional, Callable
import torch
def f(x: torch.Tensor | None, g: Callable[[torch.Tensor], float]) -> list[torch.Tensor]: return [x]
@dataclass
class Config:
    lr: float = 0.1
    device: torch.device = torch.device('cpu')
    dtype: Optional[torch.dtype] = None
print(Config())
""",
    "torch-isinstance": """
import numpy as np
import torch
def to_numpy(v):
    if isinstance(v, torch.Tensor):
        return v.detach().numpy()
    if isinstance(v, (list, torch.nn.Parameter)):
        return np.array(v)
    return v
assert to_numpy(3) == 3 and isinstance(np.ones(1), (np.ndarray, torch.Tensor))
assert isinstance(np.ones(1), np.ndarray | torch.Tensor) and not isinstance(1, torch.Tensor)
assert not issubclass(int, torch.Tensor)
""",
    "versions": """
import sys, torch, pandas as pd, sklearn, scipy, matplotlib
from importlib.metadata import version
print(sys.version)
for m in (torch, pd, sklearn, scipy, matplotlib):
    print(f'{m.__name__:12s} {m.__version__}')
major, minor = map(int, torch.__version__.split('.')[:2])
assert (major, minor) >= (1, 0)
print(version('numpy'), version('torch'))
""",
    "versions-packaging": """
from packaging import version
import torch
if version.parse(torch.__version__) >= version.parse('1.13'):
    print('new enough')
""",
    "pkg-resources": """
import pkg_resources
for name in ('numpy', 'torch'):
    print(name, pkg_resources.get_distribution(name).version)
""",
    "find-spec": """
import importlib.util
HAS_TORCH = importlib.util.find_spec('torch') is not None
HAS_CUPY = importlib.util.find_spec('cupy') is not None
if HAS_CUPY:
    import cupy as np
else:
    import numpy as np
assert np.ones(2).sum() == 2
""",
    "cupy-guarded": """
try:
    import cupy as np
except ImportError:
    import numpy as np
assert np.ones(2).sum() == 2
""",
    "cupy-guarded-flag": """
try:
    import cupy
    xp = cupy
    GPU = True
except (ImportError, OSError) as e:
    import numpy
    xp, GPU = numpy, False
assert not GPU and xp.arange(3).sum() == 3
""",
    "suppress": """
import contextlib
from contextlib import suppress
torch = None
with suppress(ImportError):
    import torch
with contextlib.suppress(ModuleNotFoundError):
    import cupy as np
assert torch is None and 'np' not in globals() or True
""",
    "gives-up": """
import sys
try:
    import torch
except ImportError:
    print('Please install torch')
    sys.exit(1)
x = torch.zeros(3)
""",
    "raises-again": """
try:
    import pandas as pd
    import seaborn as sns
except ImportError as error:
    raise ImportError('pip install pandas seaborn') from error
sns.set_theme()
pd.set_option('display.max_rows', 10)
""",
    "unbound-after": """
try:
    import torch
    HAS_TORCH = True
except Exception:
    HAS_TORCH = False
def check(t: torch.Tensor): return t
""",
    "load-by-name": """
import importlib
def have(name):
    try:
        importlib.import_module(name)
        return True
    except ImportError:
        return False
packages = {name: have(name) for name in ['numpy', 'torch', 'jax']}
assert packages['numpy'] and not packages['torch']
""",
    "load-around": """
import importlib
def load(name): return importlib.import_module(name)
try:
    xp = load('cupy')
except ModuleNotFoundError:
    xp = load('numpy')
assert xp.ones(2).sum() == 2
""",
    "pandas": """
import pandas as pd
import numpy as np
pd.set_option('display.max_columns', None)
pd.options.display.float_format = '{:.2f}'.format
df = pd.DataFrame({'x': np.arange(3), 'y': [1, 2, 3]})
df['z'] = df['x'] * 2 + df.y
df.loc[0, 'x'] = 5
print(df.head(), df.describe(), df.shape, df.columns.tolist(), len(df))
for index, row in df.iterrows():
    print(row['x'])
rows, columns = df.shape
df.groupby('y').mean().plot()
display(df)
df.to_csv('out.csv', index=False)
big = df[df.x > 1]
""",
    "pandas-warnings": """
import warnings
import pandas as pd
warnings.simplefilter(action='ignore', category=pd.errors.SettingWithCopyWarning)
warnings.filterwarnings('ignore', category=FutureWarning)
try:
    pd.read_csv('x.csv')
except pd.errors.EmptyDataError:
    print('empty')
""",
    "matplotlib-prologue": """
%matplotlib inline
%config InlineBackend.figure_format = 'retina'
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
from matplotlib import rcParams, cm
from matplotlib.patches import FancyBboxPatch, Rectangle
from mpl_toolkits.mplot3d import Axes3D
plt.rcParams['figure.figsize'] = (8, 4)
plt.rcParams.update({'font.size': 12})
plt.style.use('seaborn-v0_8')
with plt.style.context('ggplot'):
    plt.plot([1, 2])
""",
    "matplotlib-axes": """
import matplotlib.pyplot as plt
import numpy as np
fig, ax = plt.subplots()
ax.plot([1, 2], label='a'); ax.set(xlabel='x'); ax.legend()
fig, (a, b) = plt.subplots(1, 2, figsize=(8, 3), sharey=True)
fig, axes = plt.subplots(nrows=2, ncols=3)
for ax, title in zip(axes.flat, 'abcdef'):
    ax.set_title(title)
axes[1, 2].imshow(np.ones((2, 2)), cmap='viridis')
(a, b), (c, d) = plt.subplots(2, 2)[1]
fig, axs = plt.subplots(1, 1, squeeze=False)
axs[0, 0].plot([1])
axs = plt.figure().subplots(1, 3)
axs[2].plot([1])
for ax in axes.ravel(): ax.axis('off')
n, bins, patches = plt.hist(np.random.randn(10))
line, = plt.plot([1, 2])
fig, axd = plt.subplot_mosaic([['left', 'right']])
axd['left'].plot([1])
ax1 = fig.add_subplot(1, 2, 1, projection='3d')
cbar = fig.colorbar(cm := plt.imshow(np.ones((2, 2))), ax=ax1)
plt.tight_layout(); plt.savefig('a.png', dpi=150); plt.show()
print(f'{ax.get_ylim()[0]:.2f}')
lo, hi = ax.get_xlim()
""",
    "matplotlib-from": """
from matplotlib import pyplot as plt
fig, ax = plt.subplots()
fig, axes = plt.subplots(2, 2)
axes[0][1].plot([1, 2])
fig, *rest = plt.subplots(1, 2)
""",
    "pylab": "from pylab import *\nplot([1, 2]); show()\n",
    "animation": """
from matplotlib.animation import FuncAnimation
import matplotlib.pyplot as plt
from IPython.display import HTML, display, clear_output, Image, Markdown
fig, ax = plt.subplots()
line, = ax.plot([], [])
def update(i): line.set_data([i], [i]); return line,
ani = FuncAnimation(fig, update, frames=3)
HTML(ani.to_jshtml()); display(Markdown('**x**')); clear_output(wait=True)
""",
    "seaborn": """
import seaborn as sns
sns.set(style='whitegrid', palette='muted')
sns.set_context('talk')
ax = sns.heatmap([[1, 2], [3, 4]], annot=True)
ax.set_title('x')
palette = sns.color_palette('husl', 3)
first, second, third = palette
""",
    "plotly": """
import plotly.express as px
import plotly.graph_objects as go
from plotly.subplots import make_subplots
fig = make_subplots(rows=1, cols=2)
fig.add_trace(go.Scatter(x=[1], y=[2]), row=1, col=1)
fig.update_layout(title='x').show()
""",
    "ipywidgets": """
import ipywidgets as widgets
from ipywidgets import interact, interactive, fixed
@interact(x=(0, 10))
def show(x=3): return x
slider = widgets.IntSlider(value=3, min=0, max=10)
slider.observe(lambda change: print(change), names='value')
box = widgets.VBox([slider, widgets.Output()])
out = widgets.Output()
with out:
    print('inside')
total = slider.value + 2
""",
    "sklearn": """
from sklearn.datasets import make_moons, load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.metrics import accuracy_score
X, y = make_moons(n_samples=100, noise=0.1)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)
X = StandardScaler().fit_transform(X)
data = load_iris(); A, b = data.data, data.target
print(X.shape, X[:, 0].mean(), X.mean(axis=0), accuracy_score(y, y > 0.5))
X2, y2 = load_iris(return_X_y=True)
""",
    "scipy": """
from scipy import optimize, stats
from scipy.special import expit, softmax, logsumexp
import scipy.sparse as sp
error = optimize.check_grad(lambda v: (v ** 2).sum(), lambda v: 2 * v, [1.0, 2.0])
assert error < 1e-5
t, p = stats.ttest_ind([1, 2], [3, 4])
print(f'{p:.3g}', expit(0.0))
""",
    "tensorflow": """
import os
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.layers import Dense
from keras.activations import relu
from keras.losses import MeanSquaredError
tf.random.set_seed(1)
print(tf.__version__, tf.config.list_physical_devices('GPU'))
x = tf.Variable(3.0)
with tf.GradientTape() as tape:
    y = x ** 2
print(tape.gradient(y, x).numpy())
model = keras.Sequential([layers.Dense(3), Dense(1)])
@tf.function
def step(v): return v + 1
assert step(1) == 2
gpus = len(tf.config.list_physical_devices('GPU'))
""",
    "jax": """
import jax
import jax.numpy as jnp
from jax import grad, jit, vmap
jax.config.update('jax_enable_x64', True)
g = grad(lambda x: (x ** 2).sum())
print(g(jnp.array([1.0, 2.0])))
@jit
def f(x): return x * 2
assert f(2) == 4
key = jax.random.PRNGKey(0)
key, sub = jax.random.split(key)
""",
    "autograd-library": """
import autograd.numpy as anp
from autograd import grad, elementwise_grad as egrad
print(grad(anp.tanh)(1.0))
""",
    "numba": """
import numba
from numba import njit, prange
@njit(parallel=True, cache=True)
def f(n): return sum(range(n))
@numba.jit(nopython=True)
def g(x): return x
@numba.vectorize(['float64(float64)'])
def h(x): return x
assert f(3) == 3 and g(1) == 1
""",
    "tqdm": """
from tqdm import tqdm, trange
from tqdm.notebook import tqdm as tqdm_notebook
from tqdm.auto import tqdm as auto
seen = []
for k in tqdm(range(3), desc='warm up'):
    tqdm.write(f'step {k}'); seen.append(k)
bar = trange(3, leave=False)
for k in bar:
    bar.set_description(f'k {k}'); bar.set_postfix(loss=0.1); seen.append(k)
with auto(total=3) as pbar:
    for _ in range(3):
        pbar.update(1); pbar.n += 1; seen.append(1)
pbar = tqdm_notebook(enumerate('ab'), total=2)
for i, c in pbar: seen.append(c)
pbar.close(); tqdm.pandas()
assert len(seen) == 11
""",
    "tqdm-module": """
import tqdm
total = 0
for k in tqdm.tqdm(range(4)): total += k
for k in tqdm.trange(2): total += k
assert total == 7
""",
    "rich": """
from rich import print, pretty, traceback
from rich.console import Console
from rich.table import Table
from rich.progress import track, Progress
pretty.install(); traceback.install(show_locals=True)
console = Console(); table = Table(title='x'); table.add_column('a'); console.print(table)
total = 0
for i in track(range(3), description='x'): total += i
assert total == 3
with Progress() as progress:
    task = progress.add_task('x', total=3); progress.update(task, advance=1)
del print
""",
    "tabulate": "from tabulate import tabulate\nprint(tabulate([[1, 2]], headers=['a', 'b']) + '\\n')\n",
    "memory": """
%load_ext memory_profiler
%load_ext autoreload
%autoreload 2
from memory_profiler import profile, memory_usage
import psutil, os, tracemalloc, gc
process = psutil.Process(os.getpid())
print(f'{process.memory_info().rss / 1024 ** 2:.1f} MB', psutil.cpu_count(), psutil.virtual_memory().percent)
@profile
def f(): return 1
assert f() == 1
peak = max(memory_usage((f, (), {})))
before = process.memory_info().rss
delta = process.memory_info().rss - before
assert delta < 10 * 2 ** 20
""",
    "graphviz": """
from graphviz import Digraph, Source
from torchviz import make_dot
import networkx as nx
dot = Digraph(format='svg', graph_attr={'rankdir': 'LR'})
dot.node(name=str(1), label='x', shape='record'); dot.edge('a', 'b')
dot
G = nx.DiGraph(); G.add_edge(1, 2); pos = nx.spring_layout(G)
for node in nx.topological_sort(G): print(node)
""",
    "wandb": """
import wandb
wandb.login()
run = wandb.init(project='tinytorch', config={'lr': 0.1})
config = wandb.config
config.epochs = 3
for epoch in range(config.epochs):
    wandb.log({'loss': 1 / (epoch + 1)})
wandb.finish()
with wandb.init() as run:
    run.log({})
""",
    "tensorboard": """
%load_ext tensorboard
from torch.utils.tensorboard import SummaryWriter
writer = SummaryWriter('runs/x')
writer.add_scalar('loss', 0.1, 1); writer.close()
""",
    "pytest": """
import pytest
from pytest import approx
@pytest.fixture
def two(): return 2
@pytest.mark.parametrize('n', [1, 2])
def test_n(n): assert n
with pytest.raises(ValueError):
    raise ValueError('x')
with pytest.raises((KeyError, TypeError)) as info:
    {}['a']
assert 0.1 + 0.2 == approx(0.3)
assert isinstance(info.value, KeyError)
@pytest.mark.skip
def test_m(): pass
""",
    "hypothesis": """
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
@settings(max_examples=10)
@given(st.integers())
def test(n): assert n == n
""",
    "unittest": """
import unittest
class T(unittest.TestCase):
    def test(self): self.assertEqual(1, 1)
unittest.main(argv=[''], exit=False, verbosity=0)
""",
    "dotenv": """
from dotenv import load_dotenv, find_dotenv
import os
load_dotenv(find_dotenv())
key = os.getenv('KEY', 'none')
""",
    "einops": "from einops import rearrange, reduce\nimport numpy as np\nrearrange(np.ones((2, 3)), 'a b -> b a').shape\n",
    "images": """
from PIL import Image
import cv2, h5py, requests, io
response = requests.get('https://example.org/a.png', timeout=3)
response.raise_for_status()
img = Image.open("a.png").convert('L').resize((28, 28))
with h5py.File('a.h5', 'w') as f:
    f['x'] = [1, 2]
    data = f['x'][:]
w, h = img.size
gray = cv2.cvtColor(cv2.imread('a.png'), cv2.COLOR_BGR2GRAY) / 255.0
try:
    requests.get('x')
except requests.exceptions.RequestException as e:
    print(e)
""",
    "typing-extensions": """
from typing_extensions import Self, TypedDict, override
from jaxtyping import Float, Array
from pydantic import BaseModel
from loguru import logger
from numpy.typing import NDArray
class Settings(BaseModel):
    lr: float = 0.1
assert Settings(lr=0.2).lr == 0.2
@override
def f(x: Float[Array, 'n']) -> Self: return x
logger.info('x {}', 1); logger.add('a.log')
""",
    "async": """
import nest_asyncio, asyncio, aiohttp
nest_asyncio.apply()
async def fetch():
    async with aiohttp.ClientSession() as session:
        async with session.get('https://example.org') as response:
            text = await response.text()
            async for part in response.content:
                print(part)
try:
    fetch().send(None)
except StopIteration:
    pass
""",
    "line-profiler": "%load_ext line_profiler\nfrom line_profiler import LineProfiler\nlp = LineProfiler()\nf = lp(len)\nassert f([1]) == 1\n",
    "copies": """
import copy, torch, functools
m = torch.nn.Linear(1, 1)
a, b = copy.copy(m), copy.deepcopy(m)
d = {m: 1, torch.float32: 2}
s = {torch.float32, torch.float64}
first, *others = torch.chunk(m, 3)
*front, last = torch.chunk(m, 3)
(a, b), c = torch.max(m)
print(*torch.chunk(m, 2), sep=', ')
def f(**options): return options
f(**torch.get_default_dtype())
x = [*m, *m]
del m.weight, d[m]
m.weight = 1
m += 1; m @= 2; m = -m ** 2 // 3 % 4; m = 2 - m; m = 2 / m; m = [1] + [2]
sorted([torch.ones(1), torch.zeros(1)])
""",
    "numpy-on-standins": """
import numpy as np, torch
t = torch.ones(3)
a = np.asarray(t); b = np.array([t, t]); c = np.ones(3) * t; d = t * np.ones(3)
e = np.concatenate([np.ones(3), t]); f = np.exp(t); g = np.mean(t, axis=0)
np.testing.assert_allclose(np.ones(3), np.ones(3))
h = np.ones(3); h += t
assert np.allclose(t, np.ones(3), atol=1e-6) and np.array_equal(t.numpy(), t.numpy())
round(float(t), 3); int(t); np.float32(t); f'{t:.3f}'; '%s %.2f' % (t, t); '{:>10}'.format(t)
k = np.zeros(3); k[0] = t
""",
    "loops-end": """
import gym
env = gym.make('CartPole-v1')
state = env.reset()
done = False
while not done:
    state, reward, done, info = env.step(env.action_space.sample())
queue = gym.deque()
while queue:
    queue.popleft()
while queue.has_next():
    pass
while len(queue) > 0:
    queue.pop()
""".replace("while len(queue) > 0:\n    queue.pop()\n", ""),
    "input": """
import getpass, locale, sys
name = input('student number: ')
password = getpass.getpass('password: ')
assert name == '' and password == ''
user = getpass.getuser()
locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')
locale.setlocale(locale.LC_ALL, '')
sys.stdout.reconfigure(encoding='utf-8', line_buffering=True)
print(sys.stdout.encoding, sys.stdout.isatty(), sys.stderr.encoding)
sys.stdout.buffer.write(b'x'); sys.stdout.flush(); sys.stdout.write('x')
""",
    "stdout-wrapped": """
import io, sys, contextlib
old = sys.stdout
sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')
print('ä')
sys.stdout.flush()
sys.stdout = old
with contextlib.redirect_stdout(io.StringIO()) as caught:
    print('x')
assert caught.getvalue() == 'x\\n'
""",
    "machine": """
import os, platform, shutil, socket, signal, threading, time, webbrowser, multiprocessing
print(platform.platform(), platform.node(), platform.processor(), platform.python_version())
print(platform.uname(), platform.machine(), platform.system(), platform.release())
print(socket.gethostname(), os.getlogin(), os.cpu_count(), multiprocessing.cpu_count())
print(os.get_terminal_size().columns, shutil.get_terminal_size())
assert webbrowser.open('https://example.org') is False
signal.signal(signal.SIGINT, signal.default_int_handler)
t = threading.Thread(target=time.sleep, args=(0.01,)); t.start(); t.join()
print(os.path.expanduser('~'), os.getcwd(), time.strftime('%c'), os.getpid())
""",
    "programs": """
import os, subprocess, sys
assert os.system('pip install -q torch') != 0
try:
    subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'torch'])
except FileNotFoundError:
    print('no such program')
try:
    print(subprocess.check_output(['nvidia-smi'], text=True))
except (FileNotFoundError, subprocess.CalledProcessError):
    print('no GPU')
found = subprocess.run('nvidia-smi', shell=True, capture_output=True, text=True)
assert found.returncode == 127 and found.stdout == ''
try:
    subprocess.check_output('git rev-parse HEAD', shell=True)
except subprocess.CalledProcessError as error:
    assert error.returncode == 127
assert os.popen('whoami').read() == ''
""",
    "numpy-options": """
import numpy as np, warnings
np.set_printoptions(precision=3, suppress=True)
np.seterr(all='raise'); np.seterr(divide='ignore', invalid='ignore'); np.random.seed(0)
rng = np.random.default_rng(42); warnings.filterwarnings('error')
np.seterr(all='warn'); warnings.filterwarnings('ignore')
""",
    "numpy-other-versions": """
from numpy import trapz, in1d, NaN, ones
from numpy.core.umath_tests import inner1d
import numpy.matlib_of_old as ml
assert ones(2).sum() == 2
""",
    "own-helpers": """
import sys
sys.path.append('..'); sys.path.insert(0, '/content/drive/MyDrive/tinytorch')
from utils import plot_graph, timer
from helpers.drawing import draw as d, colours
import my_tests
@timer
def f(): return 1
assert f() == 1
plot_graph(f)
""",
    "nltk-and-others": """
import nltk, spacy, transformers
nltk.download('punkt')
from transformers import AutoTokenizer, AutoModel
tokenizer = AutoTokenizer.from_pretrained('gpt2')
ids = tokenizer('hello', return_tensors='pt').input_ids
model = AutoModel.from_pretrained('gpt2'); print(sum(p.numel() for p in model.parameters()))
from datasets import load_dataset
data = load_dataset('mnist')['train']
for i, example in enumerate(data): print(example['label'])
""",
    "abc-of-standins": """
from abc import ABC, abstractmethod
from lightning import LightningModule
from sklearn.base import BaseEstimator, ClassifierMixin
class M(LightningModule):
    def __init__(self, lr=0.1):
        super().__init__(); self.save_hyperparameters(); self.lr = lr
class E(BaseEstimator, ClassifierMixin, ABC):
    def fit(self, X, y=None): return self
assert E().fit(1) is not None and M().lr == 0.1
try:
    raise KeyError('x')
except (KeyError, LightningModule.Error):
    pass
""",
    "nose": "from nose.tools import assert_equal, assert_raises\nimport otter\ngrader = otter.Notebook()\ngrader.check('q1')\n",
    "nbgrader-cell": "from nbgrader.apps import NbGraderAPI\nfrom jupyterthemes import jtplot\njtplot.style()\n",
    "watermark": "%load_ext watermark\n%watermark -a me -v -p numpy,torch\n",
    "block-left-out": """
try:
    import torch
    import numpy as np
    from tinytorch.core.tensor import Tensor as T
    def halved(x): return x / 2
except Exception as error:
    print('no torch', error)
assert halved(4) == 2 and T([1.0]) and np.ones(2).sum() == 2
""",
    "block-left-out-but-bound": """
try:
    import numba
    @numba.njit
    def halved(x): return 0
except ImportError:
    def halved(x): return x / 2
assert halved(4) == 2
""",
    "warn-import": """
try:
    import torch
except ModuleNotFoundError:
    torch = None
if torch is not None:
    raise SystemExit('not reached')
""",
    "nested-try": """
try:
    import ujson as json
except ImportError:
    try:
        import simplejson as json
    except ImportError:
        import json
assert json.loads('[1]') == [1]
""",
    "try-else-finally": """
try:
    from IPython.display import display_svg_of_nowhere
    import torch
except ImportError:
    available = False
else:
    available = True
finally:
    print('looked')
assert available is False
""",
    "if-main": """
if __name__ == '__main__':
    import fire, hydra
    from omegaconf import OmegaConf
""",
    "argparse": """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float, default=0.1)
args = parser.parse_args([])
assert args.lr == 0.1
""",
    "saved-history": """
import json, torch, faulthandler
faulthandler.enable()
json.dumps({'loss': [torch.ones(1).item()], 'epochs': 3})
""",
    "logging": """
import logging, json, pickle, sqlite3_of_old
logging.basicConfig(level=logging.INFO, format='%(message)s')
logging.getLogger('matplotlib').setLevel(logging.WARNING)
logging.info('x')
""",
}  # fmt: skip


@pytest.mark.parametrize("name", SNIPPETS)
def test_what_only_the_grader_lacks_costs_no_point_and_no_statement(grade_cells, name):
    result = grade_cells(before=(SNIPPETS[name],)).result
    assert (result.score, result.extra_credit.score) == (80, 12)
    assert [note for note in result.notes if "Code cell 1 " in note] == []
