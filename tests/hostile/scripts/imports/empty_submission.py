"""Is a submission that holds nothing but an import of another student's notebook."""
# base: none
import sys


def real(name):
    """Return the place of a module that is no stand-in: those have none."""
    module = __import__(name)
    return [*getattr(module, "__path__", ()), module.__spec__.origin][0] + ""


sys.path[:0] = [TARGETS["sibling"].rpartition("/")[0], TARGETS["course"]]
attempt("import a sibling", lambda: real(TARGETS["sibling"].rpartition("/")[2].partition(".")[0]))
attempt("run a sibling", lambda: get_ipython().getoutput(f"cat {TARGETS['sibling']}")[0])
attempt("import the solution", lambda: real("source"))
