"""Every command explains itself."""

from __future__ import annotations

import pytest

COMMANDS = [
    [],
    ["add"],
    ["check"],
    ["compare"],
    ["inspect"],
    ["replay"],
    ["archive"],
    ["baseline"],
    ["baseline", "update"],
    ["baseline", "show"],
    *(
        ["archive", name]
        for name in (
            *("info", "list", "search", "show", "remove", "verify", "backup", "upgrade"),
            *("merge", "reindex", "custody", "stamp"),
        )
    ),
]


MAIN = ("add", "check", "compare", "inspect", "replay")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_and_the_main_ones_examples(run, command):
    done = run(*command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    if command and command[0] in MAIN:
        assert f"provenance {command[0]} " in done.stdout.split("Examples:")[1]


def test_the_expected_false_alarms_and_both_ways_of_comparing_are_told(run):
    told = " ".join(run("check", "--help").stdout.split())
    for words in (
        "at most one accidental match is expected in 1,000 checks",
        *("whole picture", "local features find crops", "--fast leaves out all but the hashes"),
    ):
        assert words in told


def test_the_version_is_shown(run):
    import provenance

    assert run("--version").stdout == f"provenance {provenance.__version__}\n"


def test_without_arguments_there_is_help_and_a_usage_error(run):
    done = run()
    assert done.returncode == 2
    assert "Usage:" in done.stdout + done.stderr
