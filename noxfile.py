"""The one way to check everything: `nox`. `.ci/run` calls exactly this."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.stop_on_first_error = False

GROUPS = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "lint", "test")


@nox.session
def lint(session: nox.Session) -> None:
    """Format, lint, types and layers."""
    session.install("-e", ".", *GROUPS)
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("lint-imports", "--no-cache")


@nox.session
def tests(session: nox.Session) -> None:
    """The test suite, against the installed wheel; arguments after -- go to pytest."""
    session.install("--force-reinstall", "--no-deps", ".")
    session.install(".", *GROUPS)
    session.run("pytest", "--numprocesses=2", "--dist=worksteal", *session.posargs)
