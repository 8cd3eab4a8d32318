// Makes the npm packages of programs that were built:
//
//     node packaging/npm/assemble.mjs --out FOLDER linux-x64=target/release/crelay …
//
// FOLDER gets `crelay` and a package for each platform, as `npm publish` wants them, with the version of Cargo.toml.
// `--partial` allows that platforms are missing.

import { chmod, copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "../..");

/** What all packages say alike, as the section `[package]` of Cargo.toml has it. */
async function common() {
  const manifest = await readFile(path.join(root, "Cargo.toml"), "utf8");
  const [section] = manifest.slice(manifest.indexOf("[package]") + 1).split("\n[");
  const value = (name) => {
    const found = new RegExp(`^${name} = "([^"]+)"$`, "m").exec(section);
    if (found === null) throw new Error(`Cargo.toml has no ${name}`);
    return found[1];
  };
  const repository = value("repository");
  return {
    version: value("version"),
    license: value("license"),
    homepage: repository,
    // Provenance is refused to packages that do not say so.
    repository: { type: "git", url: `git+${repository}.git` },
    // Else what has a scope is private.
    publishConfig: { access: "public" },
  };
}

/** What a program is made for, by its own head, and whether it needs a library of glibc beside it. */
function kind(program) {
  if (program.subarray(0, 4).toString("latin1") === "\x7fELF") {
    const cpu = { 0x3e: "x64", 0xb7: "arm64" }[program.readUInt16LE(18)];
    return { platform: `linux-${cpu}`, needsGlibc: program.includes("/ld-linux-") };
  }
  if (program.readUInt32LE(0) === 0xfeedfacf) {
    const cpu = { 0x01000007: "x64", 0x0100000c: "arm64" }[program.readUInt32LE(4)];
    return { platform: `darwin-${cpu}`, needsGlibc: false };
  }
  return { platform: "nothing that is known", needsGlibc: false };
}

async function write(folder, described) {
  await writeFile(path.join(folder, "package.json"), `${JSON.stringify(described, null, 2)}\n`);
  await copyFile(path.join(root, "LICENSE"), path.join(folder, "LICENSE"));
}

/** The package that holds one program. */
async function platformPackage(out, alike, platform, program) {
  const { platform: found, needsGlibc } = kind(await readFile(program));
  if (found !== platform) throw new Error(`\`${program}\` is for ${found}, not for ${platform}`);
  const [os, cpu] = platform.split("-");
  const folder = path.join(out, "@crelay", platform);
  await mkdir(path.join(folder, "bin"), { recursive: true });
  await copyFile(program, path.join(folder, "bin/crelay"));
  await chmod(path.join(folder, "bin/crelay"), 0o755);
  const description = `The program of \`crelay\` for ${platform}`;
  await writeFile(path.join(folder, "README.md"), `# @crelay/${platform}\n\n${description}, which installs it.\n`);
  await write(folder, {
    name: `@crelay/${platform}`,
    ...alike,
    description,
    files: ["bin"],
    os: [os],
    cpu: [cpu],
    ...(needsGlibc ? { libc: ["glibc"] } : {}),
    preferUnplugged: true,
  });
  return folder;
}

/** The package that people install. */
async function mainPackage(out, alike, platforms) {
  const folder = path.join(out, "crelay");
  await cp(path.join(here, "crelay"), folder, { recursive: true });
  await copyFile(path.join(here, "README.md"), path.join(folder, "README.md"));
  const { name, ...described } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const needed = platforms.map((platform) => [`@crelay/${platform}`, alike.version]);
  await write(folder, { name, ...alike, ...described, optionalDependencies: Object.fromEntries(needed) });
  return folder;
}

const { values, positionals } = parseArgs({
  options: { out: { type: "string" }, partial: { type: "boolean", default: false } },
  allowPositionals: true,
});
const programs = positionals.map((word) => /^([^=]+)=(.+)$/.exec(word)?.slice(1) ?? [word, ""]);
const given = programs.map(([platform]) => platform);
const missing = PLATFORMS.filter((platform) => !given.includes(platform));
const unknown = given.filter((platform) => !PLATFORMS.includes(platform));
if (values.out === undefined || unknown.length > 0 || (missing.length > 0 && !values.partial)) {
  console.error(`error: ${unknown.length > 0 ? `unknown: ${unknown}` : `missing: ${missing}`}`);
  console.error(`usage: node assemble.mjs --out FOLDER [--partial] ${PLATFORMS.map((each) => `${each}=FILE`).join(" ")}`);
  process.exit(2);
}
const alike = await common();
await rm(values.out, { recursive: true, force: true });
for (const [platform, program] of programs) {
  console.log(await platformPackage(values.out, alike, platform, program));
}
// The last, because it needs the others.
console.log(await mainPackage(values.out, alike, given));
