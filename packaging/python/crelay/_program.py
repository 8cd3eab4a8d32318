"""The program that does the work: where it is, how its words begin, how it fails, and how it is ended."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Optional

NOT_FOUND = 127
"""The exit code of shells for a program that is not there."""

_PATIENCE = 2.0
"""Seconds that a program which was told to end *now* may take."""


class Error(Exception):
    """What crelay says when it cannot do what was asked.

    Its text is what crelay writes to a terminal, with the hint.
    """

    code: int
    """The exit code: 2 for what cannot be understood, 126 and 127 for a Codex that cannot be run or found, 125 for the
    rest."""

    message: str
    """The sentence, with its causes."""

    hint: Optional[str]
    """What helps, if that is known."""

    def __init__(self, message: str, hint: Optional[str] = None, code: int = 125) -> None:
        super().__init__(message, hint, code)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        words = f"error: {self.message}"
        return words if self.hint is None else f"{words}\n\nhint: {self.hint}"

    @classmethod
    def read(cls, said: str, code: int) -> "Error":
        """Understands what crelay has ``said`` before it ended with ``code``."""
        before, found, message = f"\n{said}".rpartition("\nerror: ")
        if not found:
            ended = f"crelay ended with code {code}" if code >= 0 else f"signal {-code} ended crelay"
            return cls(f"{ended}: {said.strip()}".rstrip(" :"), None, code)
        message, _, hint = message.strip().partition("\n\nhint: ")
        return cls(message, hint or None, code)


def find() -> str:
    """The program of this installation, else the one on ``PATH``."""
    for folder in _folders():
        program = folder / "crelay"
        if program.is_file() and os.access(program, os.X_OK):
            return str(program)
    found = shutil.which("crelay")
    if found is None:
        raise Error("the program `crelay` is not there", "`pip install --force-reinstall crelay` brings it", NOT_FOUND)
    return found


def _folders() -> Iterator[Path]:
    here = Path(os.path.abspath(__file__)).parent
    # `pip install --target FOLDER`.
    yield here.parent / "bin"
    # `FOLDER/lib/python3.12/site-packages`: environments, `--prefix`, `--user`.
    library = next((parent for parent in here.parents if parent.name in ("lib", "lib64")), None)
    if library is not None:
        yield library.parent / "bin"
    # The package as it is edited.
    yield Path(sysconfig.get_path("scripts"))


def options(
    provider: Optional[str],
    model: Optional[str],
    upstream: Optional[str],
    model_map: Optional[Mapping[str, str]],
) -> List[str]:
    """What all commands of crelay understand."""
    named = [("provider", provider), ("model", model), ("base-url", upstream)]
    # One word each: a value may begin with a dash.
    words = [f"--{name}={value}" for name, value in named if value]
    return words + [f"--model-map={wanted}={given}" for wanted, given in (model_map or {}).items()]


def spawn(words: List[str], **how: Any) -> "subprocess.Popen[bytes]":
    """Starts crelay."""
    return subprocess.Popen([find(), *words], **how)


def end(process: "subprocess.Popen[bytes]", patience: Optional[float] = None) -> None:
    """Lets ``process`` end, and sees that it does: at once when ``patience`` is over."""
    # The first lets it finish what it is about, the second means now.
    for limit in (patience, _PATIENCE):
        process.terminate()
        try:
            process.wait(limit)
            return
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.wait()
