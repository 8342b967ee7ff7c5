"""The page about a class in a real browser: complete, quiet, quick to use with a keyboard."""

import pytest
from made_class import make_overview, make_result, make_students, mistake
from test_pages import (
    DESKTOP,
    MAX_HASH_DISTANCE,
    MAX_PICTURE_BYTES,
    PHONE,
    VIEWS,
    axe,
    distance,
    is_not_blank,
    small,
)

from autograder.reports.overview.page import render_overview_page
from autograder.reports.overview.records import FailedCase
from autograder.reports.overview.students import student_of

HOSTILE = "</script><script>document.title = 'owned'</script><img src=x onerror=alert(1)>"
PAGE = 50
"""Students on one page of the table."""


@pytest.fixture(scope="module")
def overviews(course, config):
    """Classes of several sizes, by name."""
    told = {"full_name": HOSTILE, "groups": (HOSTILE,), "waiting": (HOSTILE,)}
    case = FailedCase(HOSTILE, "mul", HOSTILE)
    result = make_result(config, {"mul": (0.0, mistake(HOSTILE)), "add": (0.0, mistake("x", ""))})
    eve = student_of(HOSTILE, result, state="graded", cases=(case,), page=True, **told)
    hostile = [eve, *make_students(config, 3)]
    return {
        "class": make_overview(course, config, 160),
        "large": make_overview(course, config, 2000),
        "hostile": make_overview(course, config, 4, hostile, conditions=[HOSTILE]),
        "nobody": make_overview(course, config, 3, [], conditions=["state=excused"]),
    }


@pytest.fixture
def visit(browser, overviews, tmp_path):
    """Open a page; fail for any message, error or request of its own."""
    contexts, troubles = [], []

    def visit(name, viewport=DESKTOP, scheme="light", **options):
        overview = overviews[name]
        pages = {one.student: f"pages/{one.student}/page.html" for one in overview.students}
        path = tmp_path / f"{name}.html"
        path.write_text(render_overview_page(overview, pages), encoding="utf-8")
        context = browser.new_context(viewport=viewport, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        address = path.as_uri()
        page.on("console", lambda message: troubles.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: request.url == address or troubles.append(request.url))
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert troubles == []


def names(page):
    """Return the ids in the rows that are shown."""
    return page.locator("#students tbody th a").all_inner_texts()


def shown(page):
    return page.locator(".dt-info").inner_text()


ODD = [
    pytest.param(PHONE, "light", "hostile", id="phone-hostile"),
    pytest.param(DESKTOP, "dark", "nobody", id="desktop-nobody"),
]


@pytest.mark.parametrize(
    ("viewport", "scheme", "name"),
    [*(pytest.param(*view.values, "class", id=view.id) for view in VIEWS[::3]), *ODD],
)
def test_page_is_accessible_and_fits(visit, viewport, scheme, name):
    page = visit(name, viewport, scheme)
    assert page.title() == "Instructor only: Module 05: Autograd, the class"
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert is_not_blank(page.screenshot())


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_chart_is_drawn_and_its_text_is_inside(visit, viewport):
    page = visit("class", viewport)
    charts = page.locator("[data-chart] > svg[role=img]")
    assert charts.count() == page.locator("[data-chart]").count() == 6
    outside = page.evaluate(
        """() => [...document.querySelectorAll('[data-chart] text')].filter(text => {
            const card = text.closest('article').getBoundingClientRect();
            const box = text.getBoundingClientRect();
            return box.left < card.left || box.right > card.right || box.height < 9;
        }).map(text => text.textContent)"""
    )
    assert outside == []


def test_points_of_both_checkpoints_are_on_a_phones_screen(visit):
    """The table scrolls to the side, and its state is the longest of its words."""
    page = visit("class", PHONE)
    right = page.evaluate(
        "[...document.querySelectorAll('#students tbody tr')].map("
        "row => row.cells[3].getBoundingClientRect().right)"
    )
    assert right
    assert max(right) <= PHONE["width"]


def test_page_says_that_a_total_holds_what_people_graded(visit):
    said = visit("class").locator("body").inner_text()
    assert "The total also holds extra credit, answers graded by hand and late penalties." in said


def test_bars_of_a_distribution_are_as_tall_as_their_counts(visit, overviews):
    page = visit("class")
    heights = page.evaluate(
        "[...document.querySelectorAll('[data-chart=\"part checkpoint-2\"] rect')]"
        ".map(bar => bar.getBoundingClientRect().height)"
    )
    counts = [one.count for one in overviews["class"].distributions[1].bins]
    assert len(heights) == len(counts)
    most = counts.index(max(counts))
    for height, count in zip(heights, counts, strict=True):
        assert height / heights[most] == pytest.approx(count / counts[most], abs=0.02)


def test_charts_follow_the_width_of_the_window(visit):
    page = visit("class")
    page.set_viewport_size(PHONE)
    page.wait_for_function(
        "document.querySelector('[data-chart] svg').getBoundingClientRect().width < 340"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_columns_sort_by_points_and_not_by_letters(visit, overviews):
    page = visit("class")
    scores = {one.student: one.scored.score for one in overviews["class"].students if one.scored}
    button = page.get_by_role("button", name="total")
    button.click()
    button.click()
    best = [scores[name] for name in names(page)]
    assert best == sorted(scores.values(), reverse=True)[: len(best)]
    assert len(best) == PAGE


def test_search_finds_names_and_what_went_wrong(visit, overviews):
    page = visit("class")
    page.get_by_role("searchbox").fill("Fischer")
    wanted = [one.student for one in overviews["class"].students if "Fischer" in one.name]
    assert page.locator("#students tbody th[scope=row]").count() == len(wanted) > 0
    page.get_by_role("button", name="Show everybody").click()
    assert shown(page) == f"1 to {PAGE} of 160 students"


def test_filters_are_combined(visit, overviews):
    page = visit("class")
    page.get_by_label("Did not pass", exact=True).select_option("broadcasting")
    page.get_by_label("Group", exact=True).select_option("tuesday")
    wanted = [
        one.student
        for one in overviews["class"].students
        if one.scored and "broadcasting" in one.row.failing and "tuesday" in one.groups
    ]
    assert names(page) == wanted
    page.get_by_label("State", exact=True).select_option("missing")
    assert page.get_by_text("Nobody meets all of this.").is_visible()


def test_a_mistake_shows_who_shares_it(visit, overviews):
    page = visit("class")
    found = overviews["class"].mistakes[0]
    button = page.get_by_role("button", name=f"the {found.students} with {found.id}")
    button.focus()
    page.keyboard.press("Enter")
    assert tuple(names(page)) == found.who
    assert page.evaluate("document.activeElement.id") == "all"
    assert page.locator("#all").bounding_box()["y"] < DESKTOP["height"] / 2


def test_a_case_that_waits_and_a_check_show_who_as_well(visit, overviews):
    page = visit("class")
    overview = overviews["class"]
    page.get_by_text("The numbers, and who").click()
    check = next(one for one in overview.checks if one.id == "div")
    for name, who in (
        (overview.cases[0].sentence, overview.cases[0].who),
        (overview.queue[0].title, overview.queue[0].who),
        ("check div not passed", check.who),
    ):
        page.get_by_role("button", name=name).click()
        assert tuple(names(page)) == who[:PAGE]
        assert f"of {len(who)} students" in shown(page)


def test_keyboard_reaches_skip_link_sorting_and_pages(visit):
    page = visit("class")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    button = page.get_by_role("button", name="student:")
    button.focus()
    page.keyboard.press("Enter")
    first = names(page)[0]
    page.keyboard.press("Enter")
    assert names(page)[0] != first
    assert page.locator("#students thead th").first.get_attribute("aria-sort") == "descending"
    pages = page.get_by_role("navigation", name="pagination")
    pages.get_by_role("link", name="2", exact=True).focus()
    page.keyboard.press("Enter")
    assert shown(page) == "51 to 100 of 160 students"


def test_a_student_leads_to_the_feedback_page(visit, overviews):
    page = visit("class")
    link = page.locator("#students tbody th a").first
    student = link.inner_text()
    assert link.get_attribute("href") == f"pages/{student}/page.html"
    assert student == overviews["class"].students[0].student


def test_two_thousand_students_are_never_in_the_page_at_once(visit):
    page = visit("large")
    assert shown(page) == f"1 to {PAGE} of 2,000 students"
    assert page.locator("#students tbody tr").count() == PAGE
    assert page.evaluate("document.querySelectorAll('*').length") < 6000
    page.get_by_role("searchbox").fill("ada.abe")
    assert "ada.abe" in names(page)
    assert page.locator("#students tbody tr").count() < PAGE


def test_hostile_text_runs_nothing_however_the_table_is_used(visit):
    page = visit("hostile")
    page.get_by_role("button", name="student:").click()
    page.get_by_role("searchbox").fill("<img")
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Mistake", exact=True).select_option(HOSTILE)
    assert names(page) == [HOSTILE]
    assert page.title().startswith("Instructor only")
    assert page.locator("main script, img").count() == 0


def test_without_scripts_every_student_is_there(visit):
    page = visit("class", java_script_enabled=False)
    assert page.locator("#students tbody tr").count() == 160
    assert not page.locator(".controls").is_visible()
    assert page.locator("button.show").first.is_hidden()


def test_print_leaves_out_what_paper_cannot_do(visit):
    page = visit("class")
    page.emulate_media(media="print")
    assert not page.locator(".controls").is_visible()
    assert not page.get_by_role("searchbox").is_visible()
    assert page.locator("[data-chart] svg").first.is_visible()


def test_picture_of_the_documentation_looks_like_the_page(visit, course, request):
    page = visit("class", {"width": 1180, "height": 1460})
    png = page.screenshot()
    path = course / "docs" / "images" / "overview.png"
    if request.config.getoption("--update-screenshots"):
        path.write_bytes(small(png))
    assert path.stat().st_size < MAX_PICTURE_BYTES
    assert distance(png, path.read_bytes()) < MAX_HASH_DISTANCE
