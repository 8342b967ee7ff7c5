"""What stands in front of a notebook that was written in Google Colab, Kaggle or Deepnote."""

from __future__ import annotations

from .registry import wild

GOOGLE = ("google",)


@wild("colab", needs=GOOGLE, adds="drive sys")
def drive_mounted_with_the_imports(nb):
    """Mounts Google Drive and adds a folder of it to the path, in the cell of the imports."""
    return nb.in_imports(
        "from google.colab import drive\n"
        "drive.mount('/content/drive')\n"
        "import sys\n"
        "sys.path.append('/content/drive/MyDrive/module05')"
    )


@wild("colab", needs=GOOGLE, adds="google")
def drive_mounted_by_its_full_name(nb):
    """Calls google.colab.drive.mount by its full name above the imports."""
    return nb.in_imports("import google.colab.drive\ngoogle.colab.drive.mount('/gdrive')")


@wild("colab", needs=GOOGLE, adds="drive")
def drive_mounted_again(nb):
    """Unmounts the Drive and mounts it again by force, in the cell of a rule."""
    return nb.in_rule(
        "from google.colab import drive\n"
        "drive.flush_and_unmount()\n"
        "drive.mount('/content/drive', force_remount=True)"
    )


@wild("colab", needs=GOOGLE, adds="files uploaded name")
def upload_looked_at(nb):
    """Uploads files and loops over what came, in the cell of the imports."""
    return nb.in_imports(
        "from google.colab import files\n"
        "uploaded = files.upload()\n"
        "for name in uploaded.keys():\n"
        "    print('got', name, len(uploaded[name]), 'bytes')",
        "name = 'module05'",
    )


@wild("colab", needs=GOOGLE, adds="files results_file")
def download_at_the_end(nb):
    """Writes a file in the cell of the engine and downloads it."""
    return nb.in_engine(
        "from google.colab import files\n"
        "with open('answers.txt', 'w') as results_file:\n"
        "    results_file.write('done')\n"
        "files.download('answers.txt')"
    )


@wild("colab", needs=GOOGLE, adds="userdata TOKEN")
def secrets_asked_for(nb):
    """Asks Colab for a secret above the imports."""
    return nb.in_imports(
        "from google.colab import userdata\nTOKEN = userdata.get('GITHUB_TOKEN')\nprint(len(TOKEN))"
    )


@wild("colab", needs=GOOGLE, adds="auth output")
def account_authenticated(nb):
    """Logs in, and makes outputs higher, in the cell of the imports."""
    return nb.in_imports(
        "from google.colab import auth, output\n"
        "auth.authenticate_user()\n"
        "output.no_vertical_scroll()"
    )


@wild("colab", adds="sys IN_COLAB")
def colab_asked_for_by_modules(nb):
    """Mounts the Drive only where google.colab is loaded, in the cell of the imports."""
    return nb.in_imports(
        "import sys\n"
        "IN_COLAB = 'google.colab' in sys.modules\n"
        "if IN_COLAB:\n"
        "    from google.colab import drive\n"
        "    drive.mount('/content/drive')\n"
        "    %cd /content/drive/MyDrive/module05\n"
        "else:\n"
        "    print('at home')"
    )


@wild("colab")
def colab_asked_for_by_shell(nb):
    """Looks for Colab in the text of get_ipython(), in the cell of the imports."""
    return nb.in_imports(
        "if 'google.colab' in str(get_ipython()):\n"
        "    !pip install -q numpy\n"
        "    print('in Colab')\n"
        "else:\n"
        "    print('not in Colab')"
    )


@wild("colab", adds="os on_colab")
def colab_asked_for_by_environment(nb):
    """Looks for Colab in the environment, in the cell of a rule."""
    return nb.in_rule(
        "import os\n"
        "on_colab = os.getenv('COLAB_RELEASE_TAG') is not None\n"
        "print('colab' if on_colab else os.environ.get('USER', 'nobody'))"
    )


@wild("colab", adds="drive")
def colab_tried(nb):
    """Tries to import google.colab and goes on without it, in the cell of the imports."""
    return nb.in_imports(
        "try:\n"
        "    from google.colab import drive\n"
        "    drive.mount('/content/drive')\n"
        "except ImportError:\n"
        "    drive = None"
    )


@wild("colab")
def installs_with_the_imports(nb):
    """Installs packages by a shell line and by a magic, above the imports."""
    return nb.in_imports("!pip install -q --upgrade numpy\n%pip install -q numpy")


@wild("colab")
def cloned_and_entered(nb):
    """Clones a repository and goes into it and back, in the cell of the imports."""
    return nb.in_imports(
        "!git clone -q https://example.org/module05.git\n!mkdir -p module05\n%cd module05\n%cd .."
    )


@wild("colab", adds="FOLDER")
def folder_named_in_a_variable(nb):
    """Goes to a folder whose name stands in a variable, in the cell of the imports."""
    return nb.in_imports(
        "FOLDER = '.'\nassert FOLDER is not None, 'fill in'\n%cd {FOLDER}\n!ls $FOLDER"
    )


@wild("colab", adds="os subprocess sys")
def install_by_subprocess_guarded(nb):
    """Installs a package by subprocess and goes on when that fails, in the cell of the imports."""
    return nb.in_imports(
        "import os, subprocess, sys\n"
        "try:\n"
        "    subprocess.check_call([sys.executable, '-m', 'pip', 'install', '-q', 'numpy'])\n"
        "except (OSError, subprocess.CalledProcessError) as problem:\n"
        "    print('not installed', type(problem).__name__)\n"
        "os.system('pip install -q numpy')"
    )


@wild("colab", adds="os root files_here folders_here")
def kaggle_lists_its_inputs(nb):
    """Keeps Kaggle's first cell, which lists the input folder, in the cell of the imports."""
    return nb.in_imports(
        "import os\n"
        "root = ''\n"
        "files_here = folders_here = []\n"
        "for root, folders_here, files_here in os.walk('/kaggle/input'):\n"
        "    for one in files_here:\n"
        "        print(os.path.join(root, one))"
    )


@wild("colab")
def colab_form_fields(nb):
    """Turns a cell into a Colab form, with a title and fields."""
    return nb.in_rule(
        '#@title The rule { display-mode: "form" }\nwidth = 3 #@param {type:"slider", min:1}\ndel width'
    )


@wild("colab", needs=GOOGLE, adds="drive")
def colab_inside_capture(nb):
    """Mounts and installs under %%capture, with the imports in the same cell."""
    return (
        nb.in_imports(
            "%%capture\n!apt-get install -y -qq graphviz\n!pip install -q numpy\n"
            "from google.colab import drive\ndrive.mount('/content/drive')"
        )
        if not nb.imports.imports_the_future
        else None
    )
