"""What is shipped works: an installation by docs/production.md and the steps of the image, run as they are printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.documents import UNITS, read_block, read_commands, read_image_steps, read_unit_command
from tests.helpers.installation import Installation, find_port, is_served
from tests.helpers.visitor import Visitor
from tests.helpers.waiting import wait_until

pytestmark = [
    pytest.mark.long,
    pytest.mark.served,
    pytest.mark.skipif(not is_served(), reason="an installation needs PostgreSQL and Redis"),
]
HOST = "hub.example.com"
# Only root may do this, and it would stay on the machine that runs the tests.
LEFT_OUT = re.compile(r"^useradd |^cp .*/etc/systemd/|^systemctl ")
OTHER_USER = re.compile(r"runuser -u panelhub -- | -o panelhub -g panelhub")
HEALTHY_SECONDS = 60.0
CATALOGUE_SECONDS = 150.0
COMPLETED_SECONDS = 120.0
EMPTY_FOLDER = "empty"


@pytest.fixture
def hub(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Installation]:
    cache = pytestconfig.cache
    with Installation(cache.mkdir("deployment") if cache else tmp_path) as installation:
        yield installation


def test_an_installation_by_the_document_serves_whole_pages_and_completes_an_order(hub: Installation) -> None:
    install_by_document(hub)
    sandbox = start_sandbox(hub)
    said = run_block(hub, "prepare")
    assert "Nothing must be changed." in said, said
    password = find_password(said)
    start_processes(hub)

    check_health(hub)
    visitor = Visitor(hub.port, HOST)
    visitor.open_page("/login/")
    check_error_pages(visitor)
    visitor.log_in("admin", password)
    order = place_order(hub, visitor)
    opened = visitor.crawl()

    assert {"/orders/", "/services/", "/providers/", "/jobs/", "/audit/", "/money/", "/admin/", order} <= opened
    # Once more changes nothing, and an upgrade is nothing else.
    assert "password" not in run_block(hub, "prepare")
    assert sandbox in hub.run(in_settings(hub, "env | grep SANDBOX"))


def test_the_check_notices_static_files_that_were_not_prepared(hub: Installation) -> None:
    install_by_document(hub)
    hub.run(in_settings(hub, ".venv/bin/python manage.py migrate --verbosity 0"))
    assert "static files are not prepared" in hub.run(in_settings(hub, ".venv/bin/python manage.py doctor"), expect=1)
    hub.start("web", hub.adapt(read_commands()["web"]))
    hub.wait_for_port("web", hub.port)
    visitor = Visitor(hub.port, HOST)

    with pytest.raises(AssertionError, match=r"/login/ needs .*\.css, which answers 404"):
        visitor.open_page("/login/")
    # Without styles, but no error.
    assert visitor.get("/login/").status_code == 200
    assert visitor.get("/nothing-here/").status_code in {200, 404}
    assert "run manage.py prepare" in hub.read_log("web")


def test_the_steps_of_the_image_make_a_hub_that_serves_whole_pages(hub: Installation) -> None:
    environment = build_image(hub)
    hub.settings_file.parent.mkdir(exist_ok=True)
    hub.write_settings({**environment, **compose_settings(hub)})
    collected = (hub.var / "static" / "staticfiles.json").stat().st_mtime_ns
    hub.run(in_settings(hub, "python -m pip --version && python manage.py migrate --verbosity 0"))

    hub.start("web", hub.adapt(read_commands()["web"]).replace(".venv/bin/", ""))
    hub.wait_for_port("web", hub.port)
    Visitor(hub.port, HOST).open_page("/login/")

    # The web's container has what the image holds; what another container prepares it never sees.
    assert (hub.var / "static" / "staticfiles.json").stat().st_mtime_ns == collected


# --- Steps --------------------------------------------------------------------------------------------------------


def install_by_document(hub: Installation) -> None:
    run_block(hub, "install")
    run_block(hub, "settings")
    examples = hub.read_settings()
    assert examples["ALLOWED_HOSTS"] == HOST
    hub.write_settings({**examples, **hub.own_settings})


def run_block(hub: Installation, name: str) -> str:
    lines = [line for line in hub.adapt(read_block(name)).splitlines() if not LEFT_OUT.search(line)]
    return hub.run(OTHER_USER.sub("", "\n".join(lines)))


def in_settings(hub: Installation, command: str) -> str:
    return f"set -a; . {hub.settings_file}; set +a\n{command}"


def start_sandbox(hub: Installation) -> str:
    port = find_port()
    hub.write_settings({**hub.read_settings(), "PANELHUB_SANDBOX_ORIGIN": f"http://127.0.0.1:{port}"})
    hub.start("sandbox", f".venv/bin/python manage.py sandbox --port {port} --steady --speed 3600")
    hub.wait_for_port("sandbox", port)
    return f"http://127.0.0.1:{port}"


def start_processes(hub: Installation) -> None:
    commands = read_commands()
    by_units = {" ".join(read_unit_command(unit)).replace("/opt/panelhub/", "") for unit in UNITS}
    assert len(commands) == len(by_units) == 4
    for name, command in commands.items():
        assert any(unit.startswith(command) for unit in by_units), f"no unit runs {command}"
        hub.start(name, hub.adapt(command))
    hub.wait_for_port("web", hub.port)


def find_password(said: str) -> str:
    (password,) = re.findall(r"log in as admin with the password (\S+)", said)
    return str(password)


def check_health(hub: Installation) -> None:
    visitor = Visitor(hub.port, HOST)
    last: dict[str, object] = {}

    def is_healthy() -> bool:
        answer = visitor.get("/healthz")
        last.update(answer.json())
        return answer.status_code == 200

    wait_until(is_healthy, seconds=HEALTHY_SECONDS, what=f"health: {json.dumps(last)}")


def check_error_pages(visitor: Visitor) -> None:
    missing = visitor.get("/static/panelhub/nothing.css")
    assert missing.status_code == 404
    refused = visitor.post("/nothing-here/", {"csrfmiddlewaretoken": "wrong"})
    assert refused.status_code in {403, 404}
    visitor.check_parts(refused.text, page="an error page")


def place_order(hub: Installation, visitor: Visitor) -> str:
    """Order the first service of the sandbox's catalogue and wait until it is completed; return its page's address."""

    def find_form() -> str:
        found = re.findall(
            r'href="(/orders/new/\?service=\d+)"', visitor.get("/services/?platform=instagram&kind=likes").text
        )
        return str(found[0]) if found else ""

    page = wait_until(find_form, seconds=CATALOGUE_SECONDS, what="a catalogue")
    quantity = re.findall(r'name="quantity"[^>]*min="(\d+)"', visitor.open_page(page)) or ["100"]
    fields = {"link": "https://www.instagram.com/p/C8kfj2lsd0a/", "quantity": quantity[0]}
    answer = visitor.post(page, fields, to="/orders/new/")
    assert answer.status_code == 302, re.sub(r"<[^>]+>", " ", answer.text)
    order = answer.headers["Location"]

    def is_completed() -> bool:
        return "Completed" in re.sub(r"<(script|style|nav).*?</\1>", "", visitor.get(order).text, flags=re.DOTALL)

    wait_until(is_completed, seconds=COMPLETED_SECONDS, what=f"{order} completed; {hub.read_log('worker for clicks')}")
    return str(order)


def build_image(hub: Installation) -> dict[str, str]:
    """Take the steps of the Dockerfile by hand; return the environment that its containers have."""
    hub.run("test -x .venv/bin/python || python3 -m venv .venv")
    environment = {"PATH": f"{hub.code}/.venv/bin:/usr/local/bin:/usr/bin:/bin"}
    for name, rest in read_image_steps():
        if name == "ENV":
            environment |= dict(part.split("=", 1) for part in hub.adapt(rest).split())
        elif name == "RUN":
            step = OTHER_USER.sub("", hub.adapt(rest)).replace("useradd", "true")
            hub.run(re.sub(r"^pip ", "python -m pip ", step), environment=environment)
        else:
            assert name in {"FROM", "WORKDIR", "COPY", "USER"}, f"nothing here takes the step {name}"
    return environment


def compose_settings(hub: Installation) -> dict[str, str]:
    return {
        "SECRET_KEY": "an-image-holds-no-secrets-0123456789-abcdefghijklmnopqrstuvwxyz",
        "PANELHUB_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "ALLOWED_HOSTS": HOST,
        "PANELHUB_BEHIND_PROXY": "true",
        "PANELHUB_PROXIES": "1",
        **hub.own_settings,
    }
