import { statSync } from "node:fs";
import { resolve } from "node:path";
import { SbError } from "../core/kernel/errors.ts";
import { storageFailure } from "../core/storage/failure.ts";
import type { Command } from "./command.ts";
import { describeFailure } from "./errors.ts";
import type { Host, Opened } from "./io.ts";
import { parseLine } from "./parse.ts";
import { allCommands, locate } from "./tree.ts";

/**
 * Runs one command line and prints its result or its failure.
 * @returns the exit code. Never throws for what a user can do wrong.
 */
export async function run(argv: readonly string[], host: Host): Promise<number> {
  try {
    return await dispatch(argv, host);
  } catch (thrown) {
    const error = storageFailure(thrown);
    const { text, exitCode } = describeFailure(error, { json: wantsJson(argv) ?? !host.io.isTty });
    host.io.err(text);
    // The client takes 2 from a hook for "stop": a line it cannot read must not do that.
    return argv[0] === "hook" && !argv.includes("--strict") ? 0 : exitCode;
  }
}

async function dispatch(given: readonly string[], host: Host): Promise<number> {
  const { argv, folder } = takeFolder(given);
  const commands = allCommands();
  const isHelp = argv[0] === "help" || hasFlag(argv, ["--help", "-h"]);
  const place = locate(argv[0] === "help" ? argv.slice(1) : argv, commands);
  if (place.kind === "root" && hasFlag(argv, ["--version", "-v"])) {
    host.io.out(`${host.version}\n`);
    return 0;
  }
  if (place.kind === "root") refuseUnknown(place.rest);
  if (isHelp || place.kind !== "command") {
    const { helpFor } = await import("./help.ts");
    host.io.out(helpFor(place, commands, host));
    return 0;
  }
  const { input, yes } = parseLine(place.command, place.rest);
  const json = wantsJson(argv) ?? !(host.io.isTty || place.command.isText);
  return runCommand(place.command, { input, yes, json, cwd: directory(folder, host.cwd), host });
}

/** Options without a command: those that every line may have. */
function refuseUnknown(argv: readonly string[]): void {
  const unknown = argv.find((arg) => !/^(--help|-h|--json|--no-json)$/.test(arg));
  if (unknown === undefined) return;
  throw new SbError("invalid_input", `unknown option ${unknown}`, { hint: "sb --help" });
}

async function runCommand(
  command: Command,
  line: Omit<Parameters<Command["run"]>[0], "open">,
): Promise<number> {
  const opened: Opened[] = [];
  try {
    const exitCode = await command.run({
      ...line,
      async open(purpose, given = {}) {
        const env = { ...line.host.env, ...given.env };
        const fresh = await line.host.open({ cwd: line.cwd, ...given, purpose, env });
        opened.push(fresh);
        return fresh;
      },
    });
    return exitCode ?? 0;
  } finally {
    for (const { close } of opened) close();
  }
}

/** Takes `-C DIR`, `-C=DIR` and `-CDIR` out of a line, wherever they stand before `--`. */
function takeFolder(given: readonly string[]): { argv: string[]; folder: string | undefined } {
  const end = given.indexOf("--");
  const head = end < 0 ? [...given] : given.slice(0, end);
  const tail = end < 0 ? [] : given.slice(end);
  let folder: string | undefined;
  for (let i = head.findIndex(isFolderFlag); i >= 0; i = head.findIndex(isFolderFlag)) {
    const arg = head[i] ?? "";
    const inline = arg.slice(2).replace(/^=/, "");
    folder = inline || (arg === "-C" ? head[i + 1] : undefined);
    if (!folder) {
      throw new SbError("invalid_input", "-C needs a folder", { hint: "sb -C DIR …" });
    }
    head.splice(i, inline ? 1 : 2);
  }
  return { argv: [...head, ...tail], folder };
}

function isFolderFlag(arg: string): boolean {
  return arg.startsWith("-C");
}

function directory(folder: string | undefined, cwd: string): string {
  if (folder === undefined) return cwd;
  const path = resolve(cwd, folder);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return path;
  throw new SbError("not_found", `no folder ${path}`, { hint: "-C takes the project's folder" });
}

/** `--json` or `--no-json`, the last of them; undefined where neither is given. */
function wantsJson(argv: readonly string[]): boolean | undefined {
  const last = options(argv).findLast((arg) => arg === "--json" || arg === "--no-json");
  return last === undefined ? undefined : last === "--json";
}

function hasFlag(argv: readonly string[], flags: readonly string[]): boolean {
  return options(argv).some((arg) => flags.includes(arg));
}

/** What stands before `--`. */
function options(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}
