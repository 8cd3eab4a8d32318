"""``codex`` and ``exec``: Codex at the terminal, and Codex for one task."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from . import _program
from ._program import Error

Event = Dict[str, Any]
"""A line of ``codex exec --json``: ``type`` says what it tells, such as ``item.completed``."""

_OWN_CODES = (2, 125, 126, 127)
"""What crelay ends with when it fails itself, and not Codex."""

_GRACE = 5.0
"""Seconds that Codex has to end when nobody waits for it any more."""


@dataclass(frozen=True)
class Usage:
    """What a task has used, as the provider counted it."""

    requests: int = 0
    """How many requests the provider was sent."""
    failed: int = 0
    """How many of them failed."""
    input_tokens: int = 0
    """Tokens of the requests, cached ones included."""
    cached_input_tokens: int = 0
    """Of these, those that the provider had in its cache."""
    output_tokens: int = 0
    """Tokens of the answers, reasoning included."""
    reasoning_output_tokens: int = 0
    """Of these, reasoning."""
    cost: Optional[float] = None
    """About what it cost in dollars, if that is known of every request."""


@dataclass(frozen=True)
class Result:
    """What became of a task."""

    text: str
    """The last message of the model."""
    usage: Usage
    """What was used, or nothing if nothing was asked."""
    exit_code: int
    """Codex's own: 0 if the task came to its end; 128 + n if signal n ended it."""
    events: List[Event]
    """All that Codex told, in its order."""
    stderr: str = ""
    """What Codex and crelay wrote to standard error."""


def exec(
    task: str,
    provider: Optional[str] = None,
    *,
    model: Optional[str] = None,
    upstream: Optional[str] = None,
    api_key: Optional[str] = None,
    model_map: Optional[Mapping[str, str]] = None,
    cwd: "Union[str, os.PathLike[str], None]" = None,
    timeout: Optional[float] = None,
    arguments: Sequence[str] = (),
) -> Result:
    """Has Codex do one task without its TUI, and waits for its end.

    :param task: what to do, in words.
    :param provider: an id such as ``"deepseek"``, or a name from the configuration.
    :param model: the model, as the provider spells it.
    :param upstream: any Chat Completions endpoint; with ``provider``, that provider at another address.
    :param api_key: the key for the provider; without one, crelay looks where it always does.
    :param model_map: who answers for whom, as in ``{"gpt-*": "deepseek-v4-pro"}``.
    :param cwd: the folder to work in; in one of no Git repository, Codex wants ``"--skip-git-repo-check"`` among the
        arguments.
    :param timeout: seconds after which Codex is ended.
    :param arguments: options of ``crelay exec``, then those of ``codex exec``, such as
        ``["--max-cost", "2", "--sandbox", "workspace-write"]``.
    :raises Error: if Codex was not started: nobody has that name, there is no key, there is no Codex.
    :raises subprocess.TimeoutExpired: after ``timeout``.

    A task in which Codex fails raises nothing: ``exit_code`` and ``events`` tell.
    """
    words = _program.options(provider, model, upstream, model_map)
    # The key is the first line of standard input, the task all that follows: neither is seen among the processes.
    given = f"{api_key}\n{task}" if api_key else task
    words += ["--key-file=-"] if api_key else []
    with tempfile.TemporaryDirectory(prefix="crelay-") as folder:
        receipt = Path(folder, "receipt.json")
        line = ["exec", "--while-read", f"--receipt={receipt}", *words, *arguments, "--json", "-"]
        code, output, said = _run(line, given, cwd, timeout)
        events = [event for event in map(_event, output.splitlines()) if event is not None]
        if not events and code in _OWN_CODES:
            raise Error.read(said, code)
        return Result(_text(events), _usage(receipt), code, events, said)


def _run(
    line: List[str],
    given: str,
    cwd: "Union[str, os.PathLike[str], None]",
    timeout: Optional[float],
) -> Tuple[int, str, str]:
    """The exit code and both outputs of crelay with this command line."""
    pipe = subprocess.PIPE
    process = _program.spawn(line, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd)
    with process:
        try:
            output, said = process.communicate(given.encode(), timeout)
        except BaseException:
            _program.end(process, _GRACE)
            raise
    code = process.returncode
    return (code if code >= 0 else 128 - code), output.decode(errors="replace"), said.decode(errors="replace")


def _event(line: str) -> Optional[Event]:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _text(events: List[Event]) -> str:
    items = [event.get("item") for event in events if event.get("type") == "item.completed"]
    messages = [item for item in items if isinstance(item, dict) and item.get("type") == "agent_message"]
    return str(messages[-1].get("text", "")) if messages else ""


def _usage(receipt: Path) -> Usage:
    try:
        told = json.loads(receipt.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # It is written at the end, which a kill does not wait for.
        return Usage()
    tokens, cost = told["tokens"], told["cost"]
    return Usage(
        requests=told["requests"],
        failed=told["failed"],
        input_tokens=tokens["input"],
        cached_input_tokens=tokens["cached"],
        output_tokens=tokens["output"],
        reasoning_output_tokens=tokens["reasoning"],
        cost=None if cost["unknown"] else cost["told"] + cost["computed"],
    )


def codex(
    *args: str,
    provider: Optional[str] = None,
    model: Optional[str] = None,
    upstream: Optional[str] = None,
    api_key: Optional[str] = None,
    model_map: Optional[Mapping[str, str]] = None,
) -> int:
    """Runs Codex at this terminal, as ``crelay codex`` does, and gives its exit code::

        crelay.codex(provider="deepseek")
        crelay.codex("resume", "--last", provider="deepseek")

    :param args: options of ``crelay codex``, then Codex's own arguments.
    :param provider: an id such as ``"deepseek"``, or a name from the configuration.
    :param model: the model, as the provider spells it.
    :param upstream: any Chat Completions endpoint; with ``provider``, that provider at another address.
    :param api_key: the key for the provider; without one, crelay looks where it always does.
    :param model_map: who answers for whom, as in ``{"gpt-*": "deepseek-v4-pro"}``.
    :raises KeyboardInterrupt: if Ctrl-C has ended Codex.
    """
    words = _program.options(provider, model, upstream, model_map)
    with contextlib.ExitStack() as stack:
        kept = [_pipe(api_key, stack)] if api_key else []
        words += [f"--key-file=/dev/fd/{end}" for end in kept]
        process = stack.enter_context(_program.spawn(["codex", *words, *args], pass_fds=kept))
        try:
            return _wait(process)
        except BaseException:
            if process.poll() is None:
                _program.end(process, _GRACE)
            raise


def _pipe(text: str, stack: contextlib.ExitStack) -> int:
    """An end of a pipe from which ``text`` can be read, once."""
    reading, writing = os.pipe()
    stack.callback(os.close, reading)
    with open(writing, "wb") as file:
        file.write(f"{text}\n".encode())
    return reading


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Stays until the program ends that has the terminal."""
    was_interrupted = False
    while True:
        try:
            code = process.wait()
            break
        except KeyboardInterrupt:
            was_interrupted = True
            # The terminal's Ctrl-C has reached Codex already, and whether it ends is Codex's to say.
            if not _has_terminal():
                process.send_signal(signal.SIGINT)
    if was_interrupted and code in (-signal.SIGINT, 128 + signal.SIGINT):
        raise KeyboardInterrupt
    return code if code >= 0 else 128 - code


def _has_terminal() -> bool:
    """Whether the keys of a terminal make signals for this program and its children."""
    try:
        with open("/dev/tty", "rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
