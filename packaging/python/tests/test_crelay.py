"""The module as it is installed: run by ``cargo test`` in an environment that holds nothing else.

``CRELAY_CODEX`` names a real Codex; ``UPSTREAM`` and ``UPSTREAM_KEY`` an own provider that refuses every other key.
"""

import ast
import contextlib
import gc
import importlib.metadata
import json
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import crelay

UPSTREAM = os.environ["UPSTREAM"]
KEY = os.environ["UPSTREAM_KEY"]
PATIENCE = 60.0
ANYWHERE = ["--skip-git-repo-check"]


def ask(relay: crelay.Relay, token: Optional[str] = None, model: str = "demo") -> str:
    """What the model says to a greeting."""
    headers = {"content-type": "application/json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    body = json.dumps({"model": model, "input": "greet: me"}).encode()
    request = urllib.request.Request(f"{relay.base_url}/responses", body, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        items = json.load(answer)["output"]
    return "".join(part["text"] for item in items if item["type"] == "message" for part in item["content"])


def is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def python(script: str) -> "subprocess.Popen[str]":
    """An interpreter of its own, in a process group of its own."""
    words = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


@contextlib.contextmanager
def silent_upstream() -> Iterator[Tuple[str, socket.socket]]:
    """An address that takes connections and never says a word, and where they can be waited for."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1", server


class Start(unittest.TestCase):
    def test_a_relay_serves_in_its_block_and_ends_with_it(self) -> None:
        with crelay.start(provider="demo") as relay:
            self.assertEqual(relay.base_url, f"http://127.0.0.1:{relay.port}/v1")
            self.assertIsNone(relay.poll())
            self.assertIn("crelay", ask(relay, relay.token))
        self.assertEqual((relay.poll(), relay.wait()), (0, 0))
        self.assertFalse(is_alive(relay.pid))

    def test_only_whoever_shows_the_token_may_use_it(self) -> None:
        with crelay.start(provider="demo") as relay, crelay.start(provider="demo", token="f" * 32) as other:
            for shown in [None, "", other.token, relay.token[:-1]]:
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    ask(relay, shown)
                refused.exception.close()
                self.assertEqual(refused.exception.code, 401)
            self.assertEqual(other.token, "f" * 32)
            self.assertIn("crelay", ask(other, other.token))

    def test_codex_relays_users_change_the_name_of_the_module(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        proc = crelay.start(port=port, upstream=UPSTREAM, api_key=KEY)
        self.assertIsInstance(proc, subprocess.Popen)
        self.assertEqual(proc.port, port)
        # Its clients know of no token.
        self.assertEqual(ask(proc, model="my-model"), "Hello.")
        self.assertEqual(ask(proc, KEY, model="my-model"), "Hello.")
        proc.terminate()
        self.assertEqual(proc.wait(), 0)
        self.assertFalse(is_alive(proc.pid))

    def test_a_key_is_seen_neither_among_the_processes_nor_in_the_environment(self) -> None:
        mapped = {"gpt-*": "my-model"}
        with crelay.start(upstream=UPSTREAM, api_key=KEY, model_map=mapped) as relay:
            self.assertEqual(ask(relay, relay.token, "gpt-6"), "Hello.")
            seen = subprocess.run(["ps", "axeww", "-o", "args"], capture_output=True, check=True, text=True).stdout
            self.assertIn(f"--base-url={UPSTREAM}", seen)
            ours = [line for line in seen.splitlines() if UPSTREAM in line and " serve " in line]
            # What this test was given itself is in its environment, and so in the relay's.
            own = [line.replace(f"UPSTREAM_KEY={KEY}", "") for line in ours]
            self.assertEqual([line for line in own if KEY in line], [])
            self.assertNotIn(KEY, repr(relay))
            self.assertNotIn(relay.token, repr(relay))

    def test_what_cannot_be_served_raises(self) -> None:
        with self.assertRaises(crelay.Error) as nobody:
            crelay.start(provider="nobody")
        self.assertEqual(nobody.exception.code, 125)
        self.assertIn("`nobody`", nobody.exception.message)
        self.assertIn("crelay providers", nobody.exception.hint or "")
        self.assertTrue(str(nobody.exception).startswith("error: there is no provider `nobody`"))
        with self.assertRaises(crelay.Error) as unclear:
            crelay.start(provider="demo", arguments=["--no-such-option"])
        self.assertEqual(unclear.exception.code, 2)
        with self.assertRaises(crelay.Error) as keyless:
            crelay.start(provider="deepseek")
        self.assertIn("no API key", keyless.exception.message)

    def test_a_port_that_is_taken_raises(self) -> None:
        with crelay.start(provider="demo") as relay:
            with self.assertRaises(crelay.Error) as taken:
                crelay.start(relay.port, provider="demo")
            self.assertIn(f"`127.0.0.1:{relay.port}`", taken.exception.message)
            self.assertIn("--port", taken.exception.hint or "")

    def test_a_relay_that_nobody_holds_goes_on(self) -> None:
        held: List[Tuple[int, str, str]] = []

        def begin() -> None:
            relay = crelay.start(provider="demo")
            held.append((relay.pid, relay.base_url, relay.token))

        begin()
        gc.collect()
        self.assertTrue(is_alive(held[0][0]))
        script = "import crelay; print(crelay.start(provider='demo').pid, flush=True)"
        with python(script) as interpreter:
            said, complaints = interpreter.communicate(timeout=PATIENCE)
        self.assertEqual(complaints, "")
        self.assert_ends(int(said))

    def test_a_killed_interpreter_leaves_no_relay(self) -> None:
        script = "import crelay, time; print(crelay.start(provider='demo').pid, flush=True); time.sleep(600)"
        with python(script) as interpreter:
            assert interpreter.stdout is not None
            pid = int(interpreter.stdout.readline())
            self.assertTrue(is_alive(pid))
            interpreter.kill()
        self.assert_ends(pid)

    def assert_ends(self, pid: int) -> None:
        """Waits for a process that is nobody's child here."""
        late = time.monotonic() + PATIENCE
        while is_alive(pid):
            self.assertLess(time.monotonic(), late, "the relay is left")
            # Only Linux has something to wait for; a look now and then tells it everywhere.
            select.select([], [], [], 0.02)

    def test_ctrl_c_is_not_for_the_relay(self) -> None:
        with crelay.start(provider="demo") as relay:
            self.assertNotEqual(os.getpgid(relay.pid), os.getpgrp())

    def test_an_exception_leaves_nothing(self) -> None:
        with self.assertRaises(KeyboardInterrupt):
            with crelay.start(provider="demo") as relay:
                raise KeyboardInterrupt
        self.assertFalse(is_alive(relay.pid))

    def test_threads_have_relays_of_their_own(self) -> None:
        answers: Dict[int, str] = {}

        def serve() -> None:
            with crelay.start(provider="demo") as relay:
                answers[relay.port] = ask(relay, relay.token)

        threads = [threading.Thread(target=serve) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(len(answers), 4)
        self.assertEqual(len(set(answers.values())), 1)


class Exec(unittest.TestCase):
    def test_a_task_has_a_text_events_and_what_it_used(self) -> None:
        result = crelay.exec("show me", provider="demo", arguments=ANYWHERE)
        self.assertEqual(result.exit_code, 0, result)
        self.assertIn("That was the whole path", result.text)
        kinds = [event["type"] for event in result.events]
        self.assertEqual((kinds[0], kinds[-1]), ("thread.started", "turn.completed"))
        commands = [event["item"] for event in result.events if event["type"] == "item.completed"]
        commands = [item for item in commands if item["type"] == "command_execution"]
        self.assertEqual([item["exit_code"] for item in commands], [0])
        told = result.events[-1]["usage"]
        expected = crelay.Usage(
            requests=2,
            failed=0,
            input_tokens=told["input_tokens"],
            cached_input_tokens=told["cached_input_tokens"],
            output_tokens=told["output_tokens"],
            reasoning_output_tokens=told["reasoning_output_tokens"],
            cost=0.0,
        )
        self.assertEqual(result.usage, expected)
        self.assertGreater(told["output_tokens"], 0)

    def test_a_task_and_a_key_go_through_a_pipe(self) -> None:
        # The words look like an option, and are longer than an argument may be.
        task = "--long: " + "so long " * 20_000
        result = crelay.exec(task, upstream=UPSTREAM, api_key=KEY, model="my-model", arguments=ANYWHERE)
        self.assertEqual((result.exit_code, result.text), (0, "I have heard all of it."), result.stderr)
        self.assertNotIn(KEY, repr(result))

    def test_a_task_that_fails_tells_it_by_its_code(self) -> None:
        result = crelay.exec("refuse: this", upstream=UPSTREAM, api_key=KEY, model="my-model", arguments=ANYWHERE)
        self.assertEqual((result.exit_code, result.text, result.usage.failed), (1, "", 1), result)
        self.assertIn("turn.failed", [event["type"] for event in result.events])

    def test_a_task_that_cannot_begin_raises(self) -> None:
        with self.assertRaises(crelay.Error) as nobody:
            crelay.exec("show me", provider="nobody")
        self.assertEqual(nobody.exception.code, 125)
        with self.assertRaises(crelay.Error) as missing:
            crelay.exec("show me", provider="demo", arguments=["--codex", "/no/codex"])
        self.assertEqual(missing.exception.code, 127)

    def test_a_task_ends_when_its_time_is_over(self) -> None:
        with silent_upstream() as (address, _):
            with self.assertRaises(subprocess.TimeoutExpired):
                crelay.exec("hi", upstream=address, model="my-model", timeout=3, arguments=ANYWHERE)
            seen = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, check=True, text=True).stdout
            self.assertNotIn(f"--base-url={address}", seen)

    def test_ctrl_c_ends_the_task_and_reaches_the_caller(self) -> None:
        with silent_upstream() as (address, server):
            script = f"""
                import crelay
                try:
                    crelay.exec("hi", upstream="{address}", model="my-model", arguments=["--skip-git-repo-check"])
                except KeyboardInterrupt:
                    print("interrupted")
            """
            with python(script) as interpreter, server.accept()[0]:
                os.killpg(interpreter.pid, signal.SIGINT)
                said, complaints = interpreter.communicate(timeout=PATIENCE)
            self.assertEqual((said, complaints), ("interrupted\n", ""))
            with self.assertRaises(ProcessLookupError):
                os.killpg(interpreter.pid, 0)


class Codex(unittest.TestCase):
    def run_here(self, call: str) -> "subprocess.CompletedProcess[str]":
        with python(f"import crelay, sys; sys.exit({call})") as interpreter:
            said, complaints = interpreter.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess([], interpreter.returncode, said, complaints)

    def test_codex_has_the_terminal_and_its_exit_code_is_the_answer(self) -> None:
        ended = self.run_here("crelay.codex('exec', '--skip-git-repo-check', 'show me', provider='demo')")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("That was the whole path", ended.stdout)
        refused = self.run_here("crelay.codex('exec', 'show me', provider='demo')")
        self.assertEqual(refused.returncode, 1, refused.stderr)
        unknown = self.run_here("crelay.codex(provider='nobody')")
        self.assertEqual(unknown.returncode, 125)
        self.assertIn("error: there is no provider `nobody`", unknown.stderr)

    def test_a_key_goes_through_a_pipe(self) -> None:
        words = f"'exec', '--skip-git-repo-check', 'pipe: this', upstream='{UPSTREAM}', model='my-model', api_key='{KEY}'"
        ended = self.run_here(f"crelay.codex({words})")
        self.assertEqual((ended.returncode, ended.stdout.strip()), (0, "Heard."), ended.stderr)


class Package(unittest.TestCase):
    def test_the_command_and_the_module_are_one_program(self) -> None:
        version = importlib.metadata.version("crelay")
        for words in (["crelay"], [sys.executable, "-m", "crelay"]):
            said = subprocess.run([*words, "--version"], capture_output=True, check=True, text=True).stdout
            self.assertEqual(said.splitlines()[0], f"crelay {version}")

    def test_it_needs_nothing_else_and_is_typed(self) -> None:
        self.assertEqual(importlib.metadata.requires("crelay"), None)
        folder = Path(crelay.__file__).parent
        self.assertTrue((folder / "py.typed").is_file())
        for name in crelay.__all__:
            if name != "Event":
                self.assertTrue(getattr(crelay, name).__doc__, name)
        for file in folder.glob("*.py"):
            ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))

    def test_a_program_that_is_missing_is_an_error_with_what_to_do(self) -> None:
        script = "import crelay; crelay._program._folders = lambda: iter([]); crelay.start(provider='demo')"
        words = [sys.executable, "-c", script]
        ended = subprocess.run(words, env={"PATH": "/nowhere"}, capture_output=True, check=False, text=True)
        self.assertIn("error: the program `crelay` is not there\n\nhint: `pip install", ended.stderr)

    def test_it_works_without_a_home_and_in_a_folder_that_is_gone(self) -> None:
        script = """
            import os, crelay, tempfile
            folder = tempfile.mkdtemp()
            os.chdir(folder)
            os.rmdir(folder)
            for name in ("HOME", "CODEX_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
                os.environ.pop(name, None)
            try:
                with crelay.start(provider="demo") as relay:
                    print("serves")
            except crelay.Error as error:
                print(error)
        """
        with python(script) as interpreter:
            said, complaints = interpreter.communicate(timeout=PATIENCE)
        self.assertEqual(complaints, "")
        self.assertRegex(said, "^(serves|error: )")


if __name__ == "__main__":
    unittest.main()
