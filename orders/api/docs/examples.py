"""Examples of each action in curl, Python and PHP, written from the table that the endpoint serves from."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orders.api.actions import ApiAction

OWN_TOKEN: Final = "YOUR_TOKEN"  # noqa: S105 - a word for the reader to replace


def parameters_of(
    action: ApiAction, *, key: str = OWN_TOKEN, values: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the parameters of an example: what is required and what has an example; ``values`` come before those."""
    sample = {field.name: field.example for field in action.fields if field.example}
    return {"key": key, "action": action.name, **sample, **(values or {})}


def write_curl(url: str, parameters: Mapping[str, str]) -> str:
    """Return a command for a shell."""
    lines = [f"curl {shlex.quote(url)}"]
    lines += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in parameters.items()]
    return " \\\n  ".join(lines)


def write_python(url: str, parameters: Mapping[str, str]) -> str:
    """Return a program for Python 3, with nothing but its standard library."""
    pairs = "\n".join(f"    {name!r}: {value!r}," for name, value in parameters.items())
    return (
        "import json\n"
        "from urllib.parse import urlencode\n"
        "from urllib.request import urlopen\n"
        "\n"
        f"call = {{\n{pairs}\n}}\n"
        f"with urlopen({url!r}, urlencode(call).encode(), timeout=30) as reply:\n"
        "    print(json.dumps(json.load(reply), indent=2))"
    )


def write_php(url: str, parameters: Mapping[str, str]) -> str:
    """Return a program for PHP 8, with nothing but what it comes with."""
    pairs = "\n".join(f"    {_php(name)} => {_php(value)}," for name, value in parameters.items())
    return (
        "<?php\n"
        f"$call = http_build_query([\n{pairs}\n]);\n"
        "$options = ['method' => 'POST', 'header' => 'Content-Type: application/x-www-form-urlencoded', "
        "'content' => $call, 'timeout' => 30];\n"
        f"$reply = file_get_contents({_php(url)}, false, stream_context_create(['http' => $options]));\n"
        "echo json_encode(json_decode($reply), JSON_PRETTY_PRINT), PHP_EOL;"
    )


def _php(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


LANGUAGES: Final[Mapping[str, tuple[str, Callable[[str, Mapping[str, str]], str]]]] = {
    "curl": ("curl", write_curl),
    "python": ("Python", write_python),
    "php": ("PHP", write_php),
}
"""Slug, name and writer of each language."""
