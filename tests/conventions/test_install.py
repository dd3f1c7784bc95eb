"""Installing takes what the lock names and nothing else; a newer release or another file changes nothing.

The packages are made up and served from a folder, so that no index is asked.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

Install = Callable[[str], "subprocess.CompletedProcess[str]"]
Listing = Callable[[], set[str]]


def wheel(folder: Path, name: str, version: str, *, requires: str = "", more: bytes = b"") -> str:
    """Write a wheel with one module and return its SHA-256."""
    described = f"{name}-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    members = {
        f"{name}.py": f"version = {version!r}\n".encode() + more,
        f"{described}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}".encode(),
        f"{described}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{member},,\n" for member in (*members, f"{described}/RECORD"))
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in {**members, f"{described}/RECORD": record.encode()}.items():
            archive.writestr(member, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pin(name: str, version: str, digest: str) -> str:
    return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return the folder that packages are taken from."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture
def install(root: Path, tmp_path: Path, shelf: Path) -> Install:
    """Return how a lock's text is installed, as `make` does it, into an environment of its own."""
    index = {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(shelf), "UV_CACHE_DIR": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)

    def installing(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "a.lock").write_text(text)
        command = [root / "deploy/install/install-lock", tmp_path / "a.lock", tmp_path / "venv/bin/python"]
        return subprocess.run(command, env={**os.environ, **index}, capture_output=True, text=True, check=False)

    return installing


@pytest.fixture
def installed(tmp_path: Path) -> Listing:
    """Return how the packages in that environment are listed."""
    return lambda: {path.name.removesuffix(".dist-info") for path in (tmp_path / "venv").rglob("*.dist-info")}


def test_newer_release_is_not_taken(shelf: Path, install: Install, installed: Listing) -> None:
    lock = pin("asks", "1.0", wheel(shelf, "asks", "1.0", requires="gives>=1.0")) + pin(
        "gives", "1.0", wheel(shelf, "gives", "1.0")
    )
    wheel(shelf, "gives", "2.0")
    wheel(shelf, "asks", "1.1")

    done = install(lock)

    assert done.returncode == 0, done.stderr
    assert installed() == {"asks-1.0", "gives-1.0"}


def test_package_that_the_lock_does_not_name_is_not_added(shelf: Path, install: Install, installed: Listing) -> None:
    lock = pin("asks", "1.0", wheel(shelf, "asks", "1.0", requires="gives>=1.0"))
    wheel(shelf, "gives", "1.0")

    assert install(lock).returncode == 0
    assert installed() == {"asks-1.0"}


def test_other_file_of_the_same_version_is_refused(shelf: Path, install: Install, installed: Listing) -> None:
    lock = pin("gives", "1.0", wheel(shelf, "gives", "1.0"))
    wheel(shelf, "gives", "1.0", more=b"import os\n")

    done = install(lock)

    assert done.returncode == 1
    assert "could not be installed" in done.stderr
    assert installed() == set()


def test_pin_without_a_hash_is_refused(shelf: Path, install: Install, installed: Listing) -> None:
    wheel(shelf, "gives", "1.0")

    assert install("gives==1.0\n").returncode == 1
    assert installed() == set()


def test_what_the_lock_no_longer_names_is_removed(shelf: Path, install: Install, installed: Listing) -> None:
    gives = pin("gives", "1.0", wheel(shelf, "gives", "1.0"))
    asks = pin("asks", "1.0", wheel(shelf, "asks", "1.0"))

    assert install(gives + asks).returncode == 0
    assert install(asks).returncode == 0
    assert installed() == {"asks-1.0"}
