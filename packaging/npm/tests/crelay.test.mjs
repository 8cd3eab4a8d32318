// The module as it is installed: run by `cargo test` in a folder that holds nothing else.
//
// `CRELAY_CODEX` names a real Codex; `UPSTREAM` and `UPSTREAM_KEY` an own provider that refuses every other key.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { CrelayError, exec, start } from "crelay";

const { UPSTREAM: upstream, UPSTREAM_KEY: apiKey } = process.env;
const ANYWHERE = ["--skip-git-repo-check"];

/** What the model says to a greeting, or the status of a refusal. */
async function ask(relay, token, model = "demo") {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const body = JSON.stringify({ model, input: "greet: me" });
  const answer = await fetch(`${relay.baseUrl}/responses`, { method: "POST", headers, body });
  if (!answer.ok) return answer.status;
  const { output } = await answer.json();
  return output.filter(({ type }) => type === "message").flatMap(({ content }) => content)[0].text;
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits for a process that is nobody's child here. */
async function gone(pid) {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function processes() {
  const { stdout } = await promisify(execFile)("ps", ["axeww", "-o", "args"], { maxBuffer: 1 << 26 });
  return stdout.split("\n");
}

/** A Node of its own that runs `script`. */
function node(script) {
  const options = { stdio: ["ignore", "pipe", "inherit"], cwd: fileURLToPath(new URL(".", import.meta.url)) };
  return spawn(process.execPath, ["--input-type=module", "-e", script], options);
}

test("a relay serves until it is told to end", async () => {
  const relay = await start({ provider: "demo" });
  assert.equal(relay.baseUrl, `http://127.0.0.1:${relay.port}/v1`);
  assert.equal(relay.poll(), null);
  assert.match(await ask(relay, relay.token), /crelay/);
  assert.equal(await ask(relay), 401);
  assert.equal(await ask(relay, "f".repeat(32)), 401);
  relay.terminate();
  assert.equal(await relay.wait(), 0);
  assert.equal(relay.poll(), 0);
  assert.equal(isAlive(relay.pid), false);
});

test("a relay ends with its block", async () => {
  const relay = await start({ provider: "demo", token: "f".repeat(32) });
  assert.equal(relay.token, "f".repeat(32));
  assert.match(await ask(relay, relay.token), /crelay/);
  // `await using` calls it; this Node may not know the words yet.
  await relay[Symbol.asyncDispose]();
  assert.equal(isAlive(relay.pid), false);
});

test("a relay at a port that was chosen asks for no token", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address();
  free.close();
  await once(free, "close");
  const relay = await start({ port, upstream, apiKey });
  assert.equal(relay.port, port);
  assert.equal(await ask(relay, undefined, "my-model"), "Hello.");
  assert.equal(await ask(relay, apiKey, "my-model"), "Hello.");
  await assert.rejects(start({ port, provider: "demo" }), ({ message, hint }) => {
    return message.includes(`\`127.0.0.1:${port}\``) && hint.includes("--port");
  });
  relay.terminate();
  await relay.wait();
});

test("a key is seen neither among the processes nor in the environment", async () => {
  const relay = await start({ upstream, apiKey, modelMap: { "gpt-*": "my-model" } });
  assert.equal(await ask(relay, relay.token, "gpt-6"), "Hello.");
  const ours = (await processes()).filter((line) => line.includes(`--base-url=${upstream}`));
  assert.ok(ours.length > 0);
  // What this test was given itself is in its environment, and so in the relay's.
  const own = ours.map((line) => line.replace(`UPSTREAM_KEY=${apiKey}`, ""));
  assert.deepEqual(own.filter((line) => line.includes(apiKey)), []);
  relay.terminate();
  await relay.wait();
});

test("what cannot be served is an error with a hint", async () => {
  await assert.rejects(start({ provider: "nobody" }), (error) => {
    assert.ok(error instanceof CrelayError);
    assert.equal(error.exitCode, 125);
    assert.match(error.message, /^there is no provider `nobody`/);
    assert.match(error.hint, /crelay providers/);
    return true;
  });
  await assert.rejects(start({ provider: "demo", arguments: ["--no-such-option"] }), { exitCode: 2 });
});

test("a program that cannot be run is an error, and nothing else ends", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "crelay-test-"));
  const packages = path.join(folder, "node_modules");
  await cp(fileURLToPath(new URL("node_modules/crelay", import.meta.url)), path.join(packages, "crelay"), { recursive: true });
  const program = path.join(packages, `@crelay/${process.platform}-${process.arch}`);
  await mkdir(path.join(program, "bin"), { recursive: true });
  await writeFile(path.join(program, "package.json"), "{}");
  await writeFile(path.join(program, "bin/crelay"), "", { mode: 0o644 });
  const broken = await import(pathToFileURL(path.join(packages, "crelay/index.js")));
  for (const refused of [broken.start({ provider: "demo" }), broken.exec("show me", { provider: "demo" })]) {
    await assert.rejects(refused, { name: "CrelayError", exitCode: 126, message: /^cannot run `/ });
  }
  await rm(folder, { recursive: true });
});

test("a process ends though its relay serves, and a killed one leaves none", async () => {
  const begin = 'import { start } from "crelay"; const { pid } = await start({ provider: "demo" }); console.log(pid);';
  const ended = node(begin);
  const [first] = await once(ended.stdout.setEncoding("utf8"), "data");
  assert.deepEqual(await once(ended, "exit"), [0, null]);
  await gone(Number(first));
  const killed = node(`${begin} setInterval(() => {}, 1000);`);
  const [second] = await once(killed.stdout.setEncoding("utf8"), "data");
  assert.ok(isAlive(Number(second)));
  killed.kill("SIGKILL");
  await gone(Number(second));
});

test("a task has a text, events and what it used", async () => {
  const result = await exec("show me", { provider: "demo", arguments: ANYWHERE });
  assert.equal(result.exitCode, 0, result.stderr);
  assert.match(result.text, /That was the whole path/);
  const kinds = result.events.map(({ type }) => type);
  assert.deepEqual([kinds[0], kinds.at(-1)], ["thread.started", "turn.completed"]);
  const told = result.events.at(-1).usage;
  assert.deepEqual(result.usage, {
    requests: 2,
    failed: 0,
    inputTokens: told.input_tokens,
    cachedInputTokens: told.cached_input_tokens,
    outputTokens: told.output_tokens,
    reasoningOutputTokens: told.reasoning_output_tokens,
    cost: 0,
  });
});

test("a task and a key go through a pipe", async () => {
  // The words look like an option, and are longer than an argument may be.
  const task = `--long: ${"so long ".repeat(20_000)}`;
  const result = await exec(task, { upstream, apiKey, model: "my-model", arguments: ANYWHERE });
  assert.deepEqual([result.exitCode, result.text], [0, "I have heard all of it."], result.stderr);
});

test("a task that fails tells it by its code, and one that cannot begin rejects", async () => {
  const refused = await exec("refuse: this", { upstream, apiKey, model: "my-model", arguments: ANYWHERE });
  assert.deepEqual([refused.exitCode, refused.text, refused.usage.failed], [1, "", 1], refused.stderr);
  await assert.rejects(exec("show me", { provider: "nobody" }), { name: "CrelayError", exitCode: 125 });
  const nowhere = { provider: "demo", cwd: "/no/folder" };
  await assert.rejects(exec("show me", nowhere), { name: "CrelayError", exitCode: 126, message: /in `\/no\/folder`/ });
  const missing = { provider: "demo", arguments: ["--codex", "/no/codex"] };
  await assert.rejects(exec("show me", missing), { name: "CrelayError", exitCode: 127 });
});

test("a task ends when it is aborted", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = `http://127.0.0.1:${silent.address().port}/v1`;
  const abort = new AbortController();
  silent.once("connection", () => abort.abort(new Error("enough")));
  const options = { upstream: address, model: "my-model", arguments: ANYWHERE, signal: abort.signal };
  await assert.rejects(exec("hi", options), { message: "enough" });
  assert.deepEqual((await processes()).filter((line) => line.includes(`--base-url=${address}`)), []);
  silent.close();
});

test("it can be required", { skip: !process.features.require_module }, () => {
  const { exec: required } = createRequire(import.meta.url)("crelay");
  assert.equal(required, exec);
});
