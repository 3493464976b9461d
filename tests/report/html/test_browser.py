"""Pages in a real Chromium, opened from disk: they fetch nothing, work by mouse and keyboard, and shut nobody out."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from provenance.report.html import index_html, photo_html, report_html

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

DESKTOP, PHONE, PAPER = 1280, 360, 700


class Window:
    """A browser on one page: what it looks like, what it asked for, what it complained of."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def command(self, name: str, **parameters: object) -> Any:
        return self.driver.execute_cdp_cmd(name, parameters)

    def show(self, page: Path, *, width: int = DESKTOP, scheme: str = "light", media: str = "") -> None:
        self.size(width, 900)
        self.command(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self.driver.get(page.as_uri())

    def size(self, width: int, height: int) -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def one(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def picture(self) -> Image.Image:
        """Return the whole page as it looks, at most 6,000 pixels of it."""
        width, height = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        self.size(width, min(height, 6000))
        shot = self.command("Page.captureScreenshot", format="png")["data"]
        return Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")

    def requests(self) -> list[str]:
        """Return every address asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture
def window(browser) -> Iterator[Window]:
    opened = Window(browser)
    browser.get("about:blank")  # a new browser shows a page of its own, which asks for much
    opened.requests(), opened.complaints()
    yield opened
    opened.command("Emulation.setScriptExecutionDisabled", value=False)


Page = Callable[..., Path]


@pytest.fixture(scope="session")
def page(tmp_path_factory, desk, hostile, illustrate) -> Page:
    """Return the maker of pages on disk: `page("photo", "ar")`."""
    folder = tmp_path_factory.mktemp("pages")

    def index(report, language):
        thumbnail = illustrate(0).query
        return "".join(
            index_html(report, lambda _: thumbnail, lambda n: f"photo-{n}.html", language=language)
        )

    makers = {
        "photo": lambda language: photo_html(desk, 0, illustrate(0), language=language, index="index.html"),
        "run": lambda language: report_html(desk, illustrate, language=language),
        "index": lambda language: index(desk, language),
        "hostile": lambda language: report_html(hostile, illustrate, language=language),
        "hostile-index": lambda language: index(hostile, language),
    }

    def make(kind: str, language: str = "en") -> Path:
        path = folder / f"{kind}-{language}.html"
        if not path.exists():
            path.write_text(makers[kind](language), encoding="utf-8")
        return path

    return make


@pytest.mark.parametrize("kind", ["photo", "run", "index", "hostile", "hostile-index"])
def test_a_page_asks_for_nothing_and_complains_of_nothing(window, page, kind):
    path = page(kind)
    window.show(path)
    window.run("scrollTo(0, document.documentElement.scrollHeight)")
    asked = window.requests()
    assert asked[0] == path.as_uri()
    assert [url for url in asked[1:] if not url.startswith("data:")] == []
    assert window.complaints() == []


def test_the_policy_stops_what_is_not_the_pages_own(window, page):
    window.show(page("photo"))
    window.run(
        """const script = document.createElement("script"); script.textContent = "document.title = 'taken'";
        document.body.append(script);
        const image = new Image(); image.src = "https://example.org/pixel.gif"; document.body.append(image);
        document.body.setAttribute("style", "display: none");"""
    )
    assert window.driver.title.startswith("Flagged")
    assert window.one("main").is_displayed()
    assert len(window.complaints()) == 3


def red_at(window: Window, x: float, y: float) -> bool:
    """Return whether the first stage is red at a place, given in shares of its size: the photo is, the archive not."""
    window.run("document.querySelector('.stage').scrollIntoView({block: 'center'})")
    left, top, width, height = window.run(
        "const b = document.querySelector('.stage').getBoundingClientRect(); return [b.x, b.y, b.width, b.height]"
    )
    shot = window.command("Page.captureScreenshot", format="png")["data"]
    image = Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")
    red, green, _blue = image.getpixel((int(left + x * width), int(top + y * height)))
    return red > green + 60


RED = (210 / 960, 375 / 640)
"""Where the photo was altered."""


def divider(window: Window) -> float:
    """Return where the divider lies, in shares of the stage."""
    return window.run(
        """const stage = document.querySelector(".stage").getBoundingClientRect();
        const line = document.querySelector(".divider").getBoundingClientRect();
        return (line.x + line.width / 2 - stage.x) / stage.width"""
    )


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_mouse_drags_the_divider_between_the_archived_picture_and_the_photo(window, page, language):
    window.show(page("photo", language))
    stage = window.one(".stage")
    window.run("arguments[0].scrollIntoView({block: 'center'})", stage)
    assert divider(window) == pytest.approx(0.5, abs=0.01)
    assert not red_at(window, *RED)

    half = stage.size["width"] / 2
    actions = ActionChains(window.driver).move_to_element(stage).click_and_hold()
    actions.move_by_offset(-int(half * 0.9), 0).release().perform()

    assert divider(window) == pytest.approx(0.05, abs=0.02)
    assert red_at(window, *RED)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_keyboard_moves_the_divider(window, page, language):
    window.show(page("photo", language))
    slider = window.one("[data-position]")
    slider.send_keys(Keys.HOME)
    assert divider(window) == pytest.approx(0, abs=0.01)
    assert red_at(window, *RED)
    slider.send_keys(Keys.ARROW_RIGHT * 3)
    assert divider(window) == pytest.approx(0.03, abs=0.005)
    slider.send_keys(Keys.END)
    assert divider(window) == pytest.approx(1, abs=0.01)
    assert not red_at(window, *RED)


def test_every_way_to_compare_shows_what_it_says(window, page):
    window.show(page("photo"))

    def choose(mode):
        window.run("arguments[0].click()", window.one(f"input[type=radio][value={mode}]"))

    def corners():
        return window.run(
            "return ['.before', '.after'].map((s) => document.querySelector(`.stage ${s}`).getBoundingClientRect().x)"
        )

    before, after = corners()
    assert before == after
    choose("side")
    before, after = corners()
    assert before < after
    choose("fade")
    window.one("[data-position]").send_keys(Keys.END)
    assert not red_at(window, *RED)
    window.one("[data-position]").send_keys(Keys.HOME)
    assert red_at(window, *RED)
    choose("blink")
    assert (
        window.run("return getComputedStyle(document.querySelector('.stage .before')).animationName")
        == "blink"
    )


def test_the_heat_map_and_the_outlines_come_and_go(window, page):
    window.show(page("photo"))
    heat, outline = window.one(".heat"), window.one(".after .outlines")
    assert not heat.is_displayed()
    window.one("[data-toggle=heated]").click()
    assert heat.is_displayed()
    assert window.run("return getComputedStyle(arguments[0]).display", outline) != "none"
    window.one("[data-toggle=outlined]").click()
    assert window.run("return getComputedStyle(arguments[0]).display", outline) == "none"


def test_a_region_is_marked_in_the_picture_when_its_line_in_the_list_is_pointed_at_or_focused(window, page):
    window.show(page("photo"))
    line, drawn = window.one(".regions li:nth-child(2)"), window.one("#p1-m1-r2")
    assert "on" not in drawn.get_attribute("class").split()
    ActionChains(window.driver).move_to_element(line).perform()
    assert "on" in drawn.get_attribute("class").split()
    window.run("arguments[0].focus()", window.one(".regions li:nth-child(1) a"))
    assert "on" in window.one("#p1-m1-r1").get_attribute("class").split()


def test_outlines_lie_where_the_regions_are(window, page):
    window.show(page("photo"))
    box, picture = window.run(
        """const at = (s) => { const b = document.querySelector(s).getBoundingClientRect();
        return [b.x, b.y, b.width, b.height]; };
        return [at("#p1-m1-r1 .over"), at(".after img")]"""
    )
    scale = picture[2] / 960
    expected = (picture[0] + 120 * scale, picture[1] + 300 * scale, 180 * scale, 140 * scale)
    assert box == pytest.approx(expected, abs=3)


@pytest.mark.parametrize(
    ("shown", "width", "scheme"),
    [
        (("run", "en"), DESKTOP, "light"),
        (("photo", "en"), DESKTOP, "dark"),
        (("photo", "ar"), DESKTOP, "light"),
        (("photo", "fr"), PHONE, "dark"),
        (("index", "en"), DESKTOP, "light"),
        (("index", "ar"), PHONE, "dark"),
    ],
)
def test_axe_finds_nothing_serious(window, page, shown, width, scheme):
    window.show(page(*shown), width=width, scheme=scheme)
    window.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    window.run(AXE)
    found = window.driver.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then((r) => done(r.violations))"
    )
    grave = [
        (v["id"], v["help"], [n["target"] for n in v["nodes"]][:3])
        for v in found
        if v["impact"] in {"serious", "critical"}
    ]
    assert grave == []


@pytest.mark.parametrize("kind", ["hostile", "hostile-index"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_strangers_wrote_does_nothing(window, page, kind, language):
    window.show(page(kind, language))
    with pytest.raises(NoAlertPresentException):
        _ = window.driver.switch_to.alert
    assert window.run("return document.querySelectorAll('script').length") == 1
    assert (
        window.run(
            "return document.querySelectorAll('svg[onload], img[onerror], [onmouseover], [style]:not(.stage)').length"
        )
        == 0
    )
    assert window.run("return [...document.images].every((i) => i.src.startsWith('data:image/'))")
    schemes = window.run("return [...new Set([...document.links].map((a) => a.protocol))].sort()")
    assert schemes == {"hostile": ["file:", "https:"], "hostile-index": ["file:"]}[kind]
    text = window.run("return document.documentElement.textContent + document.title")
    assert not set("\u202e\u2066\u2029\x1b\x00") & set(text)
    assert "\\u202egpj.exe" in text
    assert "{{ 7 * 7 }}" in text


@pytest.mark.parametrize("kind", ["run", "index", "hostile", "hostile-index"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_phone_needs_no_scrolling_sideways(window, page, kind, language):
    window.show(page(kind, language), width=PHONE)
    assert window.run("return document.documentElement.scrollWidth") <= PHONE


def test_without_scripts_everything_is_readable_and_both_pictures_stand_side_by_side(window, page):
    window.command("Emulation.setScriptExecutionDisabled", value=True)
    window.show(page("photo"))
    assert window.one("html").get_attribute("class") == ""
    assert not window.one(".controls").is_displayed()
    assert not window.one("[data-position]").is_displayed()
    before, after = window.one(".stage .before"), window.one(".stage .after")
    assert before.is_displayed()
    assert before.location["x"] + before.size["width"] < after.location["x"]
    assert window.one(".stage .heat").is_displayed()
    window.one("details.match > summary").click()
    assert window.one("details.match .match-body").is_displayed()


def test_the_index_filters_and_sorts(window, page):
    window.show(page("index"))

    def shown():
        return window.run(
            "return [...document.querySelectorAll('[data-rows] tr:not([hidden])')].map((r) => r.dataset.path)"
        )

    everything = [
        "posts/2024-11-29/viral_gate.jpg",
        "posts/unclear.jpg",
        "posts/declared.jpg",
        "posts/known.jpg",
        "posts/new.jpg",
    ]
    assert shown() == everything
    window.one("[data-find]").send_keys("UNCLEAR")
    assert shown() == ["posts/unclear.jpg"]
    assert window.one("[data-shown]").text == "1 / 5"
    window.one("[data-find]").send_keys("zzz")
    assert window.one("[data-none]").is_displayed()
    window.one("[data-find]").send_keys(Keys.CONTROL + "a", Keys.BACKSPACE)
    window.one("select[data-verdict] option[value=nothing_found]").click()
    assert shown() == ["posts/new.jpg"]
    window.one("select[data-verdict] option[value='']").click()
    window.one("[data-sort] option[value=path]").click()
    assert shown() == sorted(everything)


def test_paper_shows_what_is_folded_with_or_without_scripts(window, page):
    for disabled in (False, True):
        window.command("Emulation.setScriptExecutionDisabled", value=disabled)
        window.show(page("photo"), media="print", width=PAPER)
        heights = window.run(
            """return [...document.querySelectorAll("details.match:not([open]) .match-body")].map(
            (body) => body.checkVisibility() && body.getBoundingClientRect().height)"""
        )
        assert len(heights) == 2
        assert min(heights) > 100
        before, after = window.one(".stage .before"), window.one(".stage .after")
        assert before.location["x"] + before.size["width"] < after.location["x"]
        assert not window.one("[data-position]").is_displayed()
        assert not window.one(".controls").is_displayed()
        assert window.run("return document.documentElement.scrollWidth <= innerWidth")


def test_a_page_prints(window, page, artefacts):
    window.show(page("run"))
    printed = base64.b64decode(
        window.command("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
    )
    (artefacts / "print.pdf").write_bytes(printed)
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") >= 5
    assert b"/MediaBox [0 0 594" in printed or b"/MediaBox [0 0 595" in printed


@pytest.mark.parametrize(
    ("name", "shown", "look"),
    [
        ("light", ("photo", "en"), {"width": DESKTOP, "scheme": "light"}),
        ("dark", ("photo", "en"), {"width": DESKTOP, "scheme": "dark"}),
        ("phone", ("photo", "en"), {"width": PHONE, "scheme": "light"}),
        ("print", ("photo", "en"), {"width": PAPER, "scheme": "light", "media": "print"}),
        ("arabic", ("photo", "ar"), {"width": DESKTOP, "scheme": "light"}),
        ("index", ("index", "en"), {"width": DESKTOP, "scheme": "light"}),
        ("index-arabic-dark", ("index", "ar"), {"width": DESKTOP, "scheme": "dark"}),
        ("hostile", ("hostile", "en"), {"width": DESKTOP, "scheme": "light"}),
    ],
)
def test_screenshots_are_kept(window, page, artefacts, name, shown, look):  # noqa: PLR0917 - fixtures
    window.show(page(*shown), **look)
    picture = window.picture()
    picture.save(artefacts / f"html-{name}.png")
    ground = picture.getpixel((2, 2))
    assert (sum(ground) < 3 * 40) == (look["scheme"] == "dark")
    assert len(picture.resize((200, 400)).getcolors(80_000)) > 500
