// Read by the compiler alone: what users write is what the types allow, and nothing else.

import { CrelayError, exec, start, type Event, type Relay, type Result } from "crelay";

const relay: Relay = await start({ provider: "deepseek", upstream: "http://localhost/v1", apiKey: "k", port: 0 });
const told: [string, string, number, number | null] = [relay.baseUrl, relay.token, relay.port, relay.poll()];
const ended: number = await relay.wait();

const mapped = await start({ modelMap: { "gpt-*": "deepseek-v4-pro" }, arguments: ["--also", "kimi"] as const });
await mapped[Symbol.asyncDispose]();

const result: Result = await exec("task", { provider: "demo", cwd: "/", arguments: ["--skip-git-repo-check"] });
const used: number = result.usage.inputTokens + result.usage.outputTokens;
const cost: number | undefined = result.usage.cost;
const kinds: string[] = result.events.map((event: Event) => event.type);

function explain(error: unknown): string | undefined {
  return error instanceof CrelayError ? `${error.message} (${error.exitCode}): ${error.hint}` : undefined;
}

// @ts-expect-error A port is a number.
await start({ port: "4446" });
// @ts-expect-error There is no such option.
await exec("task", { base_url: "http://localhost/v1" });
// @ts-expect-error It is not for writing.
relay.port = 1;

export { cost, ended, explain, kinds, told, used };
