"""Run a management command and read what it prints."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command


def run(name: str) -> tuple[str, str]:
    """Run a command that must succeed; what it wrote to stdout and to stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command(name, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def run_failing(name: str) -> tuple[str, str, CommandError]:
    """Run a command that must end with exit status 1."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as failed:
        call_command(name, stdout=out, stderr=err)
    assert failed.value.returncode == 1
    return out.getvalue(), err.getvalue(), failed.value
