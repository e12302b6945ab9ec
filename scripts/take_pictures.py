"""Take the handbook's pictures again, from a running hub with the sandbox and some orders.

PANELHUB_PASSWORD=… .venv/bin/python scripts/take_pictures.py http://127.0.0.1:8000 admin
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

FOLDER: Final = Path(__file__).resolve().parents[1] / "static" / "panelhub" / "guide"
WIDTH: Final = 1180
HEIGHT: Final = 660
PICTURES: Final = {
    "orders": "/",
    "unconfirmed": "/orders/unconfirmed/",
    "requests": "/orders/requests/",
    "mass": "/orders/mass/",
}


def take_pictures(address: str, name: str, password: str) -> None:
    """Log in at ``address`` and write a PNG of each page in ``PICTURES``."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("PANELHUB_CHROMIUM"))
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", reduced_motion="reduce"
        )
        log_in(page, address, name, password)
        for picture, path in PICTURES.items():
            answer = page.goto(address + path)
            if answer is None or not answer.ok:
                raise SystemExit(f"{path} is no page")
            page.wait_for_load_state("networkidle")
            # What is the same on every page stays out of the picture.
            place = page.locator("main").bounding_box()
            if place is None:
                raise SystemExit(f"{path} has no content")
            page.screenshot(
                path=FOLDER / f"{picture}.png",
                clip={"x": place["x"], "y": place["y"], "width": place["width"], "height": HEIGHT - place["y"]},
            )
        browser.close()


def log_in(page: Page, address: str, name: str, password: str) -> None:
    """Fill in the login form."""
    page.goto(f"{address}/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


if __name__ == "__main__":
    take_pictures(sys.argv[1].rstrip("/"), sys.argv[2], os.environ["PANELHUB_PASSWORD"])
