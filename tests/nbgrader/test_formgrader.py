"""formgrader's own pages in a real browser, served by a real Jupyter server on the loopback."""

import re
import secrets
import signal
import subprocess
import sys
import time

import pytest
from browsing import chromium

from autograder.course.agreement import find_differences
from autograder.course.journal import Journal

PATIENCE_S = 90


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def server(made, tmp_path_factory):
    """Return the address of a Jupyter server in the course's folder, and what lets one in."""
    token = secrets.token_hex(16)
    log = (tmp_path_factory.mktemp("server") / "log").open("w+b")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "server", "--no-browser", "--ip=127.0.0.1", "--port=0",
         "--allow-root", f"--IdentityProvider.token={token}",
         "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"],
        cwd=made.folder, env=made.environment, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        yield address_of(process, log), token
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        log.close()


def address_of(process, log):
    """Wait until the server says where it is."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        log.flush()
        log.seek(0)
        found = re.search(rb"http://127\.0\.0\.1:(\d+)/", log.read())
        if found:
            return f"http://127.0.0.1:{found[1].decode()}"
        time.sleep(0.1)
    log.seek(0)
    raise AssertionError(log.read().decode())


@pytest.fixture
def page(browser, server):
    address, token = server
    context = browser.new_context(
        base_url=address, extra_http_headers={"Authorization": f"token {token}"}
    )
    # formgrader asks a CDN for MathJax; no test needs a network.
    context.route(lambda url: not url.startswith(address), lambda route: route.abort())
    context.set_default_timeout(PATIENCE_S * 1000)
    yield context.new_page()
    context.close()


def row_of(page, student):
    """Open the list of submissions, and return a student's row in it."""
    page.goto("/formgrader/manage_submissions/05_autograd")
    row = page.locator("tr", has=page.locator("td.student-id", has_text=student))
    row.wait_for()
    return row


def press(page, student):
    """Press Autograde for a student; return what formgrader says of it."""
    row_of(page, student).locator("td.autograde a").click()
    shown = page.locator(".modal-body")
    shown.wait_for()
    said = shown.inner_text()
    page.locator(".modal button.close, .modal .btn-close").first.click()
    shown.wait_for(state="hidden")
    return said


def open_submission(page, course, student):
    from nbgrader.api import Gradebook

    with Gradebook(course.layout.gradebook_url) as book:
        found = book.find_submission_notebook("05_autograd", "05_autograd", student).id
    answers = (
        lambda answer: "/api/grades" in answer.url,
        lambda answer: "/api/comments" in answer.url,
    )
    with page.expect_response(answers[0]), page.expect_response(answers[1]):
        page.goto(f"/formgrader/submissions/{found}/")


def shows(page, box, name, text):
    """Wait until a field has a text: formgrader fills them in after a while."""
    script = "([box, name, text]) => document.querySelector(box)[name] === text"
    page.wait_for_function(script, arg=[box, name, text])
    return True


def enter(page, box, text):
    """Type into a field, leave it, and wait until the server has it."""
    with page.expect_response(lambda answer: answer.request.method == "PUT") as sent:
        page.locator(box).fill(text)
        page.locator(box).blur()
    assert sent.value.ok


def test_the_button_grades_with_our_engine_and_keeps_what_people_entered(made, page):
    page.goto("/formgrader/manage_assignments")
    page.locator("td.name").first.wait_for()
    assert page.locator("td.name").all_inner_texts() == ["05_autograd"]

    assert "Successfully autograded" in press(page, "ada")
    given = Journal(made.layout).read("ada")
    points, comments, score = made.grades("ada")
    assert score == pytest.approx(given.score + given.extra_credit.score, abs=0.001)
    assert f"{round(score, 2):g} / 100" in row_of(page, "ada").inner_text()

    open_submission(page, made, "ada")
    assert (
        page.locator("#test_accumulation").get_attribute("placeholder")
        == f"{points['test_accumulation'][0]:g}"
    )
    assert "second backward call" in page.locator("body").inner_text()
    comments = page.locator("textarea.comment")
    sizes = [
        len(comments.nth(at).get_attribute("placeholder") or "") for at in range(comments.count())
    ]
    assert max(sizes) < 1000
    enter(page, "#systems_pytorch", "4")
    enter(page, "#test_mul", "5.5")
    enter(page, "#systems_pytorch-comment", "Well argued.")
    assert find_differences(made.layout, ["ada"]) == {}

    assert "Successfully autograded" in press(page, "ada")
    again, comments, regraded = made.grades("ada")
    assert (again["systems_pytorch"][1], again["test_mul"][1]) == (4, 5.5)
    assert comments["systems_pytorch"][1] == "Well argued."
    assert regraded == pytest.approx(score + 4 - 0.5, abs=0.001)
    assert f"{round(regraded, 2):g} / 100" in row_of(page, "ada").inner_text()
    open_submission(page, made, "ada")
    assert shows(page, "#systems_pytorch", "value", "4")
    assert shows(page, "#systems_pytorch-comment", "value", "Well argued.")


def test_names_are_names_and_the_unreadable_has_a_notice(made, page):
    assert "Successfully autograded" in press(page, "eve")
    row = row_of(page, "eve")
    assert "needs manual grading" in row.inner_text()
    assert row.locator("td.student-name").inner_text().startswith("eve")
    open_submission(page, made, "eve")
    assert "This hand-in could not be read" in page.locator("body").inner_text()


def test_what_went_wrong_stands_in_formgraders_log(made, page):
    with Journal(made.layout).locked():
        said = press(page, "ian")
    assert "Successfully" not in said
    assert "Another run is grading this course" in said
