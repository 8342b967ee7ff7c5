"""Whatever a student writes in Markdown, formgrader's page runs nothing and fetches nothing."""

import html.parser

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder.course.autograded import Template, harmless
from autograder.submission.known import cells_of

PIECES = st.sampled_from([
    "<", ">", "/", "\\", "`", "```\n", "$", "$$", "[", "]", "(", ")", ":", "!", "\n", "\n\n",
    " ", "> ", "- ", "a", "b", "script", "<script>", "</script>", "<img src=x onerror=alert(1)>",
    "javascript:alert(1)", "JaVaScRiPt:", "&#106;avascript:", "&lt;", "&", "[a](", "[b]: ", "![",
    "https://x.y", "<!--", "<?", "\t", "data:text/html,x", "\\begin{x}", "\\end{x}", "|", "*", "_",
    "#", '<a href="javascript:1">', "\x00",
])  # fmt: skip
OWN_TAGS = {
    "p", "a", "em", "strong", "code", "pre", "div", "span", "ul", "ol", "li", "blockquote", "br",
    "hr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "td", "th", "del",
}  # fmt: skip


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.targets = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name in {"href", "src"}:
                self.targets.append(value or "")


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_nothing_runs_whatever_is_put_together(source):
    page = Page(markdown2html_mistune(harmless(source)))
    assert page.tags <= OWN_TAGS
    assert all(target.startswith(("http", "#")) for target in page.targets), page.targets


def test_formulas_link_nowhere_and_stay_formulas():
    text = harmless(r"$\href{javascript:alert(1)}{x} + \frac{a}{b} + \require {href}$")
    assert r"\href" not in text
    assert r"\require" not in text
    assert r"\frac{a}{b}" in text


def test_plain_answers_stay_readable():
    text = "The cost is *O(n)*, since `a < b` and a <= b.\n\n1. first\n2. [docs](https://numpy.org)"
    page = markdown2html_mistune(harmless(text))
    assert "<em>O(n)</em>" in page
    assert "<code>a &lt; b</code>" in page
    assert 'href="https://numpy.org"' in page


def test_no_cell_of_a_student_reaches_formgraders_page_as_html(released, tmp_path):
    attack = "<script>alert('student')</script>"
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = attack if cell.cell_type == "markdown" else f"x = {attack!r}"
    notebook.cells += [
        nbformat.v4.new_markdown_cell(attack),
        nbformat.v4.new_raw_cell(attack, metadata={"raw_mimetype": "text/html"}),
        nbformat.v4.new_code_cell(
            "1", outputs=[nbformat.v4.new_output("display_data", {"text/html": attack})]
        ),
    ]
    path = tmp_path / "05_autograd.ipynb"
    nbformat.write(notebook, path)
    restored = Template(released).restore(cells_of(path), {})
    page, _ = HTMLExporter().from_notebook_node(restored)
    assert "<script>alert('student')" not in page
    assert "&lt; script&gt;alert('student')" in page
