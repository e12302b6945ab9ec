"""What can be measured of the looks: contrast, width, sizes for fingers, and the theme before the first paint."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.helpers.gallery"),
    pytest.mark.alike,
]

# Contrast as WCAG 2.2 counts it, over the colours the browser really paints; ratios below AA are reported.
MEASURE = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage.includes("gradient") && !at.matches("select")) return null;
      layers.unshift(rgba(style.backgroundColor));
    }
    return layers.reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const faults = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const box = element.getBoundingClientRect();
    if (!text || !box.width || !box.height) continue;
    if (element.closest("svg, template, .visually-hidden, .skip, option")) continue;
    if (element.matches(":disabled, :disabled *, progress")) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    if (style.visibility === "hidden" || back === null) continue;
    const front = over(rgba(style.color), back);
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 700;
    const needed = size >= 24 || (size >= 18.66 && bold) ? 3 : 4.5;
    const words = `${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 30)}`;
    if (ratio < needed) faults.push(`${ratio.toFixed(2)} ${words}`);
  }
  return faults;
}
"""
SMALL = """
() => [...document.querySelectorAll("a.button, button, select, input:not([type=hidden]), .tabs a, .nav a, .chip")]
  .filter((e) => e.offsetParent && !e.closest(".visually-hidden"))
  .filter((e) => !e.matches("[type=checkbox], [type=radio], .skip, .copy"))
  .map((e) => [e.getBoundingClientRect(), e])
  .filter(([box]) => box.height > 0 && box.height < 43.5)
  .map(([box, e]) => `${box.height.toFixed(0)} ${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 20)}`)
"""


def open_gallery(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/gallery/")
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read(page: Page, live_server: Any, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    open_gallery(page, live_server)

    assert page.evaluate(MEASURE) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_sticks_out_of_the_page(page: Page, live_server: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_gallery(page, live_server)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_finger_finds_what_it_aims_at(browser: Any, live_server: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_gallery(page, live_server)

    assert page.evaluate(SMALL) == []
    context.close()


def test_the_chosen_theme_is_there_before_anything_is_drawn(page: Page, live_server: Any) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{live_server.url}/login/")
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.add_init_script(
        "new MutationObserver(() => { if (document.body && !window.first) "
        "window.first = document.documentElement.dataset.theme; }).observe(document, {childList: true, subtree: true})"
    )
    page.reload()

    assert page.evaluate("window.first") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
