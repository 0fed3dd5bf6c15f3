"""What the build promises: pinned packages, no trace of the machine it was made on."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)
LISTS = ("requirements.txt", "requirements-dev.txt")

# Spelled so that this file does not hold what it looks for.
TRACES = re.compile(
    "|".join(
        (
            "pypi[.]org/" + "simple",
            "files[.]python" + "hosted",
            "[-]-(extra-)?index" + "-url",
            "[-]-find" + "-links",
            "file:" + "///",
            r"(?<![\w.])/opt/" + "wheels",
            r"(?<![\w.])/(root|work)" + "/",
        )
    )
)


def text_files():
    """Give every file that is, or could be, committed and can be read as text."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # a picture, or a file deleted and not yet committed


def pins(name):
    """Give each requirement of a list with its marker, and its number of hashes."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if re.match(r"[^\s#]", line)]
    return {
        line.split("--hash")[0].strip(): line.count("--hash=sha256:") for line in lines
    }


def test_no_file_names_an_index_or_a_path_of_a_machine():
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if TRACES.search(line)
    ]

    assert found == []


def test_the_traces_looked_for_are_recognised():
    for trace in (
        "https://pypi.org" + "/simple/django/",
        "--extra-index" + "-url=x",
        "file:" + "///home/x",
        "cd /ro" + "ot/x",
    ):
        assert TRACES.search(trace), trace


@pytest.mark.parametrize("name", LISTS)
def test_every_requirement_is_pinned_with_hashes(name):
    requirements = pins(name)

    assert requirements
    for requirement, hashes in requirements.items():
        assert re.match(r"[a-z0-9-]+==[^\s]+( ;|$)", requirement), requirement
        assert hashes, requirement


def test_what_pyproject_asks_for_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = (project["project"]["dependencies"], project["dependency-groups"]["dev"])

    for name, requirements in zip(LISTS, asked, strict=True):
        pinned = {requirement.split("==")[0] for requirement in pins(name)}
        for requirement in requirements:
            assert re.match(r"[a-z0-9-]+", requirement)[0] in pinned, (
                "make requirements"
            )


def test_development_adds_to_the_packages_of_production_and_changes_none():
    # What an extra asks for may be needed on more platforms.
    runtime, development = (
        {pin.partition(" ;")[0]: hashes for pin, hashes in pins(name).items()}
        for name in LISTS
    )

    assert runtime.items() <= development.items()


def test_the_database_is_the_one_this_run_is_about():
    assert connection.vendor == os.environ.get("KB_EXPECT_DB", "sqlite")


def test_no_check_of_django_is_silenced():
    assert settings.SILENCED_SYSTEM_CHECKS == []


def test_the_check_of_a_change_is_make_lint_and_make_test():
    script = ROOT / ".ci/run"
    steps = [
        line
        for line in script.read_text().splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]

    assert steps == ["make lint", "make test"]
    assert os.access(script, os.X_OK)
