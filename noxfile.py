"""The one way to check everything: `nox`. `.ci/run` calls exactly this."""

from __future__ import annotations

import nox

# Its pip is a recent one, which takes half the time of the one that comes with Python.
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.stop_on_first_error = False

PROJECT = nox.project.load_toml("pyproject.toml")
EXTRAS = ",".join(PROJECT["project"]["optional-dependencies"])


@nox.session
def lint(session: nox.Session) -> None:
    """Format, lint, types and layers."""
    # What the package imports tells mypy its types; none of it runs, so that none need be compiled.
    session.install("--no-compile", "-e", f".[{EXTRAS}]", *nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("lint-imports", "--no-cache")


@nox.session
def tests(session: nox.Session) -> None:
    """The test suite, against the installed wheel; arguments after -- go to pytest."""
    session.install("--no-compile", ".", *nox.project.dependency_groups(PROJECT, "test"))
    # On every core, where pip would take one. Some packages hold templates, which do not compile.
    compiling = ("python", "-m", "compileall", "-qq", "-j", "0", session.virtualenv.location)
    session.run(*compiling, success_codes=[0, 1])
    session.run("pytest", "--numprocesses=2", "--dist=worksteal", *session.posargs)
