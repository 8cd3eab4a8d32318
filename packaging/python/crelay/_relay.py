"""``start``: the relay alone, for clients of the Responses API."""

import contextlib
import json
import os
import secrets
import subprocess
import threading
from types import TracebackType
from typing import IO, List, Mapping, Optional, Sequence, Set, Type

from . import _program
from ._program import Error

_HASTE = 0.5
"""Seconds that open turns have when an exception leaves the block."""

_running: "Set[Relay]" = set()
"""Relays that nobody may hold any more: each belongs to this process and not to a variable of it."""


class Relay(subprocess.Popen[bytes]):
    """A relay that serves, as ``start`` makes it.

    It is the process of ``crelay serve``, with all that ``subprocess.Popen`` has. It ends with ``terminate``, with the
    block of a ``with``, and with this interpreter, however that dies. A first ``terminate`` lets turns that are open
    come to their end for up to half a minute, a second one does not.
    """

    base_url: str
    """What clients are told as the base address: ``http://127.0.0.1:PORT/v1``."""

    token: str
    """What clients show as their API key. A relay that asks for none takes this, too."""

    port: int
    """Where it listens."""

    def __init__(self, words: List[str], api_key: Optional[str], token: str, environment: Mapping[str, str]) -> None:
        try:
            super().__init__(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                # Ctrl-C is for this program, which may want to go on with the relay.
                start_new_session=True,
            )
        except OSError as error:
            raise Error(f"cannot run `{words[0]}`: {error.strerror}", None, _program.NOT_FOUND) from error
        self.token = token
        try:
            self._begin(api_key)
        except BaseException:
            _program.end(self, 0)
            super().__exit__(None, None, None)
            raise
        _running.add(self)

    def _begin(self, api_key: Optional[str]) -> None:
        """Gives the key, and waits until the relay serves."""
        assert self.stdin is not None and self.stdout is not None and self.stderr is not None
        # It may have ended already, and says why.
        with contextlib.suppress(BrokenPipeError), self.stdin:
            self.stdin.write(f"{api_key or ''}\n".encode())
        complaints = _Complaints(self.stderr)
        # What is closed or read by a thread is nobody else's; `communicate` would stumble on it.
        self.stdin = self.stderr = None
        line = self.stdout.readline()
        if not line:
            code = self.wait()
            raise Error.read(complaints.whole(), code)
        complaints.pass_on()
        told = json.loads(line)
        self.base_url, self.port = told["base_url"], told["port"]

    def poll(self) -> Optional[int]:
        """The exit code, or ``None`` while it serves."""
        code = super().poll()
        if code is not None:
            _running.discard(self)
        return code

    def wait(self, timeout: Optional[float] = None) -> int:
        """Waits until the relay has ended, and gives its exit code."""
        code = super().wait(timeout)
        _running.discard(self)
        return code

    def __enter__(self) -> "Relay":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        _program.end(self, None if kind is None else _HASTE)
        super().__exit__(kind, value, traceback)

    def __repr__(self) -> str:
        state = "serves" if self.returncode is None else f"ended with code {self.returncode}"
        return f"<crelay.Relay at {self.base_url}, {state}>"


class _Complaints(threading.Thread):
    """Reads what the relay writes to standard error, which would else be full one day: kept until it serves, and passed
    on to this program's own from then on."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(name="crelay: standard error", daemon=True)
        self._stream = stream
        self._lock = threading.Lock()
        self._kept: Optional[List[bytes]] = []
        self.start()

    def run(self) -> None:
        with self._stream:
            for line in self._stream:
                with self._lock:
                    if self._kept is not None:
                        self._kept.append(line)
                        continue
                self._write(line)

    def whole(self) -> str:
        """All that was said by a relay that has ended."""
        self.join()
        return b"".join(self._kept or []).decode(errors="replace")

    def pass_on(self) -> None:
        """The relay serves."""
        with self._lock:
            said, self._kept = self._kept or [], None
        self._write(b"".join(said))

    def _write(self, said: bytes) -> None:
        # Past `sys.stderr`, whose lock a thread must not hold while the interpreter ends.
        with contextlib.suppress(OSError):
            os.write(2, said)


def start(
    port: int = 0,
    upstream: Optional[str] = None,
    api_key: Optional[str] = None,
    *,
    provider: Optional[str] = None,
    model: Optional[str] = None,
    model_map: Optional[Mapping[str, str]] = None,
    token: Optional[str] = None,
    arguments: Sequence[str] = (),
) -> Relay:
    """Starts a relay and returns when it serves::

        with crelay.start(provider="deepseek") as relay:
            client = openai.OpenAI(base_url=relay.base_url, api_key=relay.token)

    :param port: where it listens on 127.0.0.1; 0 takes a free one.
    :param upstream: any Chat Completions endpoint; with ``provider``, that provider at another address.
    :param api_key: the key for the provider; without one, crelay looks where it always does.
    :param provider: an id such as ``"deepseek"``, or a name from the configuration.
    :param model: what answers requests that name no model, or one that crelay does not know.
    :param model_map: who answers for whom, as in ``{"gpt-*": "deepseek-v4-pro"}``.
    :param token: what clients must show as their API key, at least 16 characters; else ``CRELAY_TOKEN`` of the
        environment. If there is neither, the relay makes one up for a free port. At a port that you have chosen it
        asks for none, because its clients were told where it is, and nothing else: every program on this machine may
        use it.
    :param arguments: further options of ``crelay serve``, such as ``["--also", "kimi"]``.
    :raises Error: if it cannot serve: nobody has that name, there is no key, the port is taken.

    Its notes go to this program's standard error, its log where ``CRELAY_LOG`` says.
    """
    environment = dict(os.environ)
    # A server logs to standard error, which is another's here.
    environment.setdefault("CRELAY_LOG", "off")
    shown = token or environment.get("CRELAY_TOKEN") or secrets.token_urlsafe(32)
    if token or port == 0:
        environment["CRELAY_TOKEN"] = shown
    words = [_program.find(), "serve", "--json", "--while-read", f"--port={port}"]
    words += _program.options(provider, model, upstream, model_map)
    if api_key:
        words.append("--key-file=-")
    return Relay([*words, *arguments], api_key, shown, environment)
