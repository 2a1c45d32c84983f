"""Reviewing in a real browser, from the first admin's link to an appeal and an export."""

import re
import zipfile
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Seen, Service, totp
from tests.browser.serve import PASSWORD

Shoot = Callable[[Page, str], None]


def revealed(page: Page) -> Locator:
    return page.locator("image.revealed")


def press(page: Page, button: Locator) -> None:
    """The pointer goes down on it and stays."""
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()


def nothing_odd(seen: Seen) -> None:
    assert seen.elsewhere == []
    assert seen.errors == []
    assert seen.cached == []


def test_the_first_admin_comes_by_the_link_of_the_terminal(service: Service, open_page: OpenPage, seen: Seen) -> None:
    page = open_page(None)
    page.goto(service.link)
    page.fill("[name=username]", "ada")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/accounts/2fa/")
    page.goto("/accounts/2fa/totp/activate/")
    secret = page.locator("main code").first.inner_text()
    page.fill("[name=code]", totp(secret)[1])
    page.get_by_role("button", name="Set up").click()
    page.wait_for_load_state()
    page.goto("/")
    expect(page).to_have_url(re.compile("/log$"))  # an admin sees logs, and nothing of cases
    expect(page.get_by_role("navigation")).to_contain_text("People")
    assert page.goto("/queue").status == 403  # type: ignore[union-attr] # there is an answer
    seen.errors = [error for error in seen.errors if "403" not in error]
    nothing_odd(seen)


def test_a_family_from_the_queue_to_an_export(service: Service, open_page: OpenPage, seen: Seen, shoot: Shoot) -> None:
    rosa = open_page("rosa")
    rosa.goto("/queue")
    shoot(rosa, "queue")
    rosa.keyboard.press("r")  # a part of the page, by htmx
    rosa.wait_for_load_state("networkidle")
    expect(rosa.get_by_role("heading", name="Waiting")).to_be_visible()
    rosa.goto(f"/cases/{service.cases['family']}")
    expect(rosa.get_by_role("button", name="Hold to see all")).to_have_count(0)  # not before it is taken on
    rosa.get_by_role("button", name="Take this case").click()
    rosa.wait_for_load_state("networkidle")
    shoot(rosa, "case")

    press(rosa, rosa.get_by_role("button", name="Hold to see the outlined part"))
    expect(revealed(rosa)).to_have_count(1)
    assert abs(float(revealed(rosa).get_attribute("x") or 0) - 200) < 1  # the region asked for, and no more
    shoot(rosa, "held")
    rosa.mouse.up()
    expect(revealed(rosa)).to_have_count(0)
    expect(rosa.locator(".said")).to_have_text("Covered.")
    press(rosa, rosa.get_by_role("button", name="Hold to see row 2, column 3"))
    expect(revealed(rosa)).to_have_count(1)
    rosa.evaluate("window.dispatchEvent(new Event('blur'))")  # another window comes in front
    expect(revealed(rosa)).to_have_count(0)
    rosa.mouse.up()

    rosa.keyboard.press("4")
    rosa.keyboard.press("Enter")
    expect(rosa.get_by_role("status")).to_contain_text("for all 4 items. A second person decides, too.")
    rosa.goto(f"/cases/{service.cases['family']}")
    expect(rosa.locator(".history")).to_contain_text("saw the part from 31 % to 66 % across")
    expect(rosa.locator(".history")).to_contain_text(re.compile(r"covered it again after \d+\.\d s"))
    expect(rosa.get_by_role("heading", name="Second decision")).to_have_count(0)

    sami = open_page("sami", color_scheme="dark")
    sami.goto("/second")
    sami.get_by_role("link", name=service.cases["family"][-8:]).click()
    sami.get_by_role("button", name="Take this case").click()
    sami.wait_for_load_state("networkidle")
    shoot(sami, "second")
    assert "confirmed, B2" not in sami.locator("main").inner_text()  # decided blind
    sami.get_by_role("radio", name=re.compile("^B2")).check()
    sami.get_by_role("button", name="Decide as the second person").click()
    expect(sami.get_by_role("status")).to_contain_text("you both found confirmed, B2")

    rosa.reload()
    rosa.get_by_text("Appeal this decision").click()
    rosa.get_by_label("What speaks against it?").fill("The uploader says that it is a drawing.")
    rosa.get_by_role("button", name="Open an appeal").click()
    sami.goto(f"/cases/{service.cases['family']}")
    expect(sami.locator("main")).to_contain_text("You had a part in the decision")

    lena = open_page("lena")
    lena.goto("/appeals")
    lena.get_by_role("link", name=service.cases["family"][-8:]).click()
    lena.get_by_role("button", name="Take this case").click()
    lena.get_by_label("Why does it stand?").fill("It is one, of a known item.")
    lena.get_by_role("button", name="The decision stands").click()
    expect(lena.get_by_role("status")).to_contain_text("The decision stands.")
    lena.goto(f"/cases/{service.cases['family']}")
    lena.get_by_text("Evidence", exact=True).click()
    lena.locator("#export-reason").fill("asked for by an order")
    with lena.expect_download() as download:
        lena.get_by_role("button", name="Export the evidence").click()
    with zipfile.ZipFile(download.value.path()) as bundle:
        assert bundle.testzip() is None
    nothing_odd(seen)


def test_by_keyboard_alone(service: Service, open_page: OpenPage, seen: Seen) -> None:
    page = open_page("otto")
    page.goto(f"/cases/{service.cases['near']}")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Go to the content")).to_be_focused()
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Give it back")).to_be_visible()  # on the page that follows
    page.wait_for_load_state("networkidle")
    reached = []
    for _ in range(80):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "[document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label') || "
            "document.activeElement.name, getComputedStyle(document.activeElement).outlineStyle]"
        )
        reached.append(name)
        assert outline != "none", name
        if name.startswith("Hold to see all"):
            break
    page.keyboard.down(" ")
    expect(revealed(page)).to_have_count(1)
    page.keyboard.up(" ")
    expect(revealed(page)).to_have_count(0)
    assert "Hold to see row 1, column 1" in reached
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("a senior reviewer will look at it")
    page.goto("/queue?queue=senior")
    expect(page.locator("main")).to_contain_text(service.cases["near"][-8:])
    nothing_odd(seen)


def test_all_but_looking_works_without_scripts(service: Service, open_page: OpenPage, seen: Seen) -> None:
    page = open_page("rosa", java_script_enabled=False)
    page.goto(f"/cases/{service.cases['other']}")
    page.get_by_role("button", name="Take this case").click()
    assert "Looking needs JavaScript" in page.content()
    page.get_by_role("radio", name=re.compile("^Not abuse")).check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("status")).to_contain_text("not abuse")
    nothing_odd(seen)


def test_a_video_is_covered_frames_first(service: Service, open_page: OpenPage, seen: Seen, shoot: Shoot) -> None:
    page = open_page("sami")
    page.goto(f"/cases/{service.cases['video']}")
    page.get_by_role("button", name="Take this case").click()
    frames = page.get_by_role("button", name="Hold to see the frame")
    expect(frames.first).to_be_visible()
    assert frames.count() > 3
    assert page.locator("video, audio").count() == 0
    frames.nth(2).focus()
    page.keyboard.down(" ")
    expect(revealed(page)).to_have_count(1)
    shoot(page, "video")
    page.keyboard.up(" ")
    expect(revealed(page)).to_have_count(0)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status")).to_contain_text("You have paused")
    shoot(page, "my-day")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".figures")).to_contain_text("Looks")
    nothing_odd(seen)
