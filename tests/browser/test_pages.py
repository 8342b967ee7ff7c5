"""Every page in a real browser: nothing loaded, nothing broken, readable and reachable by all."""

import io

import numpy as np
import pytest

PIL = pytest.importorskip("PIL.Image", reason="pillow is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

NAMES = [
    "mul-own-operand", "no-unbroadcast", "overwrites", "solution", "blank", "hostile",
    "unreadable", "instructor",
]  # fmt: skip
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
VIEWS = [
    pytest.param(PHONE, "light", id="phone-light"),
    pytest.param(PHONE, "dark", id="phone-dark"),
    pytest.param(DESKTOP, "light", id="desktop-light"),
    pytest.param(DESKTOP, "dark", id="desktop-dark"),
]
# The card of the first finding of each of three wrong submissions, as docs/feedback.md shows it.
PICTURES = {
    "wrong-rule": ("mul-own-operand", "check-mul", "light"),
    "wrong-broadcast": ("no-unbroadcast", "check-broadcasting", "light"),
    "wrong-accumulation": ("overwrites", "check-calls", "dark"),
}
MAX_PICTURE_BYTES = 150_000
HASH_SIDE = 16
MAX_HASH_DISTANCE = 0.2
"""Share of squares that may differ: fonts and antialiasing do, a missing part does more."""


@pytest.fixture
def visit(browser, pages):
    """Open a page; fail for any message, error or request of its own."""
    contexts, troubles = [], []

    def visit(name, viewport=DESKTOP, scheme="light", **options):
        context = browser.new_context(viewport=viewport, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        address = pages[name].as_uri()
        page.on("console", lambda message: troubles.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: request.url == address or troubles.append(request.url))
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_page_is_accessible_and_fits(visit, name, viewport, scheme):
    page = visit(name, viewport, scheme)
    assert "Module 05: Autograd" in page.title()
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]
    for box in page.evaluate(BOXES):
        assert box["left"] >= 0
        assert box["right"] <= viewport["width"] + 0.5
    assert is_not_blank(page.screenshot())


BOXES = """() => [...document.querySelectorAll('header, nav, main, footer, .check, .scroll, table')]
    .map(element => element.getBoundingClientRect())
    .map(box => ({left: box.left, right: box.right}))"""


def is_not_blank(png):
    pixels = np.asarray(PIL.open(io.BytesIO(png)).convert("L"), dtype=float)
    return pixels.std() > 5


@pytest.mark.parametrize("name", ["mul-own-operand", "instructor"])
def test_landmarks_and_headings(visit, name):
    page = visit(name)
    for landmark in ("header", "nav", "main", "footer"):
        assert page.locator(f"body > {landmark}").count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator("html").get_attribute("lang") == "en"


def test_keyboard_reaches_the_skip_link_first_and_then_the_results(visit):
    page = visit("mul-own-operand")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("element => element === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_start_here_leads_to_the_first_finding(visit):
    page = visit("mul-own-operand")
    page.get_by_role("banner").get_by_role(
        "link", name="MulBackward: the gradient of a * b"
    ).click()
    assert page.locator("#check-mul").bounding_box()["y"] < DESKTOP["height"] / 2


def test_marked_line_and_drawing_are_seen(visit):
    card = visit("mul-own-operand").locator("#check-mul")
    assert "class MulBackward" in card.locator(".here").first.inner_text()
    assert card.locator("svg .marked").count() == 1
    assert card.locator("svg").bounding_box()["height"] > 150
    assert "look here" in card.locator("svg").inner_html()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_text_of_drawings_stays_large_enough_to_read(visit, viewport):
    for name in ("no-unbroadcast", "overwrites"):
        page = visit(name, viewport)
        heights = page.evaluate(
            "[...document.querySelectorAll('svg.graph text')]"
            ".filter(text => text.getClientRects().length)"
            ".map(text => text.getBoundingClientRect().height"
            " / text.querySelectorAll('tspan').length)"
        )
        assert heights
        assert min(heights) > 8


def test_text_of_drawings_stays_inside_its_box(visit):
    page = visit("instructor")
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg.graph .node')].filter(node => {
            const box = node.querySelector('rect').getBoundingClientRect();
            const text = node.querySelector('text').getBoundingClientRect();
            return text.left < box.left || text.right > box.right
                || text.top < box.top || text.bottom > box.bottom + 1;
        }).map(node => node.textContent)"""
    )
    assert outside == []


def test_hostile_text_runs_nothing(visit):
    page = visit("hostile")
    assert page.title() == "Module 05: Autograd, hostile"
    assert page.locator("main script, main img").count() == 0
    assert page.get_by_text("document.title").count() >= 1


def test_print_shows_everything_and_no_navigation(visit):
    page = visit("overwrites")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    hidden = page.evaluate(
        "[...document.querySelectorAll('details figure')]"
        ".filter(figure => figure.getBoundingClientRect().height === 0).length"
    )
    assert hidden == 0
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("picture", PICTURES)
def test_pictures_of_the_documentation_look_like_the_pages(visit, picture, course, request):
    name, card, scheme = PICTURES[picture]
    page = visit(name, {"width": 800, "height": 1000}, scheme)
    page.locator(f"#{card}").scroll_into_view_if_needed()
    png = page.locator(f"#{card}").screenshot()
    path = course / "docs" / "images" / f"{picture}.png"
    if request.config.getoption("--update-screenshots"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(small(png))
    assert path.stat().st_size < MAX_PICTURE_BYTES
    assert distance(png, path.read_bytes()) < MAX_HASH_DISTANCE


def small(png):
    """Return a picture with 64 colours, which is enough for flat ones."""
    target = io.BytesIO()
    PIL.open(io.BytesIO(png)).convert("RGB").quantize(64).save(target, "PNG", optimize=True)
    return target.getvalue()


def distance(one, other):
    """Return the share of a coarse grid that lies on the other side of the mean brightness."""
    return float(np.mean(coarse(one) != coarse(other)))


def coarse(png):
    shrunk = PIL.open(io.BytesIO(png)).convert("L").resize((HASH_SIDE, HASH_SIDE))
    pixels = np.asarray(shrunk, dtype=float)
    return pixels > pixels.mean()
