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


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(run, command):
    done = run(*command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout


@pytest.mark.parametrize("command", [["add"], ["check"], ["compare"], ["inspect"], ["replay"]])
def test_the_main_commands_show_examples(run, command):
    assert f"provenance {command[0]} " in run(*command, "--help").stdout.split("Examples:")[1]


def test_the_expected_false_alarms_are_stated(run):
    assert "at most one accidental match is expected in 1,000 checks" in " ".join(
        run("check", "--help").stdout.split()
    )


def test_both_ways_of_comparing_are_told_and_how_to_leave_one_out(run):
    told = " ".join(run("check", "--help").stdout.split())
    for words in ("whole picture", "local features find crops", "--fast leaves out all but the hashes"):
        assert words in told


def test_the_version_is_shown(run):
    import provenance

    assert run("--version").stdout == f"provenance {provenance.__version__}\n"


def test_without_arguments_there_is_help_and_a_usage_error(run):
    done = run()
    assert done.returncode == 2
    assert "Usage:" in done.stdout + done.stderr
