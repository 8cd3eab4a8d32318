#!/usr/bin/env python3
"""The files of a release, made of what was built: `release.py --help` lists the steps.

Nothing here is built, fetched or sent. The version stands in Cargo.toml alone.
"""

import argparse
import gzip
import hashlib
import io
import os
import re
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Python reads TOML from 3.11 on; the first of these keys are those of `[package]`.
PACKAGE = dict(reversed(re.findall(r'^(\w+) = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.M)))
NAME, VERSION, REPOSITORY = PACKAGE["name"], PACKAGE["version"], PACKAGE["repository"]

SUMS = "SHA256SUMS"


def archive(target: str, program: Path, folder: Path) -> Path:
    """Writes NAME-VERSION-TARGET.tar.gz: the same bytes, whenever and wherever it is made of the same files."""
    inner = f"{NAME}-{VERSION}-{target}"
    files = {NAME: program}
    files |= {name: ROOT / name for name in ("README.md", "CHANGELOG.md", "LICENSE")}
    files |= {f"man/{page.name}": page for page in (ROOT / "packaging/man").glob("*.1")}
    files |= {f"completions/{script.name}": script for script in (ROOT / "completions").iterdir()}
    time = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as out:
        for name, source in sorted(files.items()):
            content = source.read_bytes()
            entry = tarfile.TarInfo(f"{inner}/{name}")
            entry.size, entry.mtime = len(content), time
            entry.mode = 0o755 if name == NAME else 0o644
            out.addfile(entry, io.BytesIO(content))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{inner}.tar.gz"
    path.write_bytes(gzip.compress(tar.getvalue(), 9, mtime=0))
    return path


def sums(folder: Path) -> Path:
    """Writes SHA256SUMS over all other files of `folder`, as `sha256sum` does."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    path = folder / SUMS
    path.write_text("".join(lines))
    return path


def formula(folder: Path) -> str:
    """Homebrew's formula for the archives that SHA256SUMS in `folder` names."""
    listed = dict(reversed(line.split("  ", 1)) for line in (folder / SUMS).read_text().splitlines())

    def fill(place: re.Match[str]) -> str:
        match place[1].split():
            case ["REPOSITORY"]:
                return REPOSITORY
            case ["VERSION"]:
                return VERSION
            case ["URL", target]:
                return f"{REPOSITORY}/releases/download/v{VERSION}/{NAME}-{VERSION}-{target}.tar.gz"
            case ["SHA256", target]:
                name = f"{NAME}-{VERSION}-{target}.tar.gz"
                return listed.get(name) or sys.exit(f"error: {folder / SUMS} does not name {name}")
        sys.exit(f"error: the formula has an unknown place {place[0]}")

    template = (ROOT / "packaging/homebrew/crelay.rb").read_text()
    # The first line speaks of this file, and not of what is made of it.
    return re.sub(r"@([A-Z0-9]+(?: [a-z0-9_-]+)?)@", fill, template.split("\n", 1)[1])


def notes() -> str:
    """What CHANGELOG.md says of this version."""
    text = (ROOT / "CHANGELOG.md").read_text()
    found = re.search(rf"^## \[{re.escape(VERSION)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |^\[|\Z)", text, re.M | re.S)
    if not found:
        sys.exit(f"error: CHANGELOG.md has no section `## [{VERSION}] - YEAR-MONTH-DAY`")
    return found[1].strip() + "\n"


def check(tag: str) -> None:
    """Ends with an error unless `tag` is of this version and the changelog has a section about it."""
    if tag != f"v{VERSION}":
        sys.exit(f"error: the tag is {tag}, and Cargo.toml has {VERSION}")
    notes()


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the files of a release of what was built.")
    steps = parser.add_subparsers(dest="step", required=True)
    step = steps.add_parser("archive", help="write the archive of one system into FOLDER")
    step.add_argument("target", help="as rustc spells it")
    step.add_argument("program", type=Path, help="the program that was built for it")
    step.add_argument("folder", type=Path)
    step = steps.add_parser("sums", help=f"write {SUMS} over all files of FOLDER")
    step.add_argument("folder", type=Path)
    step = steps.add_parser("formula", help=f"print Homebrew's formula for what {SUMS} in FOLDER names")
    step.add_argument("folder", type=Path)
    steps.add_parser("version", help="print the version")
    steps.add_parser("notes", help="print what the changelog says of this version")
    step = steps.add_parser("check", help="see whether TAG, version and changelog agree")
    step.add_argument("tag")
    options = parser.parse_args()
    match options.step:
        case "archive":
            print(archive(options.target, options.program, options.folder))
        case "sums":
            print(sums(options.folder))
        case "formula":
            print(formula(options.folder), end="")
        case "version":
            print(VERSION)
        case "notes":
            print(notes(), end="")
        case "check":
            check(options.tag)


if __name__ == "__main__":
    main()
