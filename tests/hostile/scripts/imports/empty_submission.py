"""Is a submission that holds nothing but an import of another student's notebook."""
# base: none
import sys

sys.path[:0] = [TARGETS["sibling"].rpartition("/")[0], TARGETS["course"]]
attempt("import a sibling", lambda: __import__(TARGETS["sibling"].rpartition("/")[2].partition(".")[0]))
attempt("run a sibling", lambda: get_ipython().getoutput(f"cat {TARGETS['sibling']}")[0])
attempt("import the solution", lambda: __import__("source"))
