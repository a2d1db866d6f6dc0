import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { Host, Io } from "../../cli/io.ts";
import { openPorts } from "../../cli/ports.ts";
import { run } from "../../cli/run.ts";
import type { Env } from "../../core/kernel/paths.ts";
import { binary } from "./binary.ts";

/** What a command left behind. */
export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A home and a project folder of a test's own, under the run's home, which is removed after it. */
export interface World {
  /** Absolute; in no repository. */
  readonly project: string;
  readonly env: Env;
}

/** The world's clock in every test: 2026-01-02T03:04:05Z. It runs, so only its minute is certain. */
export const NOW = "2026-01-02T03:04:05Z";

export function makeWorld(env: Env = {}): World {
  const home = mkdtempSync(join(Bun.env["HOME"] ?? tmpdir(), "sb-world-"));
  const project = join(home, "user-service");
  mkdirSync(project);
  const own = { HOME: home, CLAUDE_CONFIG_DIR: join(home, "claude"), SB_NOW: NOW, TZ: "UTC" };
  return { project, env: { PATH: Bun.env["PATH"], ...own, ...env } };
}

/** The terminal or pipe that a command is run at. */
export interface Terminal {
  /** A terminal, with a person at it; default: a pipe. */
  readonly isTty?: boolean;
  readonly color?: boolean;
  /** What comes in on standard input. */
  readonly stdin?: string;
}

/** Runs a command line in this process, over the real services of `world`. */
export async function runCli(
  line: string | readonly string[],
  world: World,
  terminal: Terminal = {},
): Promise<CliResult> {
  const written = { stdout: "", stderr: "" };
  const io = capturedIo(written, terminal);
  const argv = typeof line === "string" ? wordsOf(line) : line;
  const exitCode = await run(argv, hostOf(world, io));
  return { ...written, exitCode };
}

/** Runs a command line with the compiled binary. Its streams are pipes. */
export async function runBinary(
  line: string | readonly string[],
  world: World,
  stdin = "",
): Promise<CliResult> {
  const argv = typeof line === "string" ? wordsOf(line) : line;
  const child = Bun.spawn([binary(), ...argv], {
    cwd: world.project,
    env: { ...world.env },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

/** `text` without what differs from run to run: ids, this world's folder, how long it took. */
export function stable(text: string, { env }: World): string {
  return text
    .replaceAll(env["HOME"] ?? "", "~")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replace(/\b\d+(\.\d+)? ms\b/g, "<ms>");
}

/** The words of a line as a shell splits them: at blanks, quotes hold together. */
export function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

function hostOf({ project, env }: World, io: Io): Host {
  const log = { debug() {}, warn() {}, error() {} };
  return {
    io,
    env,
    cwd: project,
    version: "0.1.0",
    log,
    async open(request) {
      const processes = { pid: process.pid, parentPid: () => process.ppid, exists: () => true };
      return openPorts(request, { log, version: "0.1.0", processes });
    },
    control: {
      stdin: Readable.from([]),
      stdout: new Writable(),
      signals() {},
      pid: 1000,
      program: "/usr/local/bin/sb",
      atExit() {},
      parentPid: () => 1,
      exit() {},
    },
  };
}

function capturedIo(
  written: { stdout: string; stderr: string },
  { isTty = false, color = false, stdin = "" }: Terminal,
): Io {
  return {
    isTty,
    canAsk: isTty,
    showsProgress: false,
    color,
    columns: 80,
    out(text) {
      written.stdout += text;
    },
    err(text) {
      written.stderr += text;
    },
    readAll: async () => stdin,
    readLine: async () => stdin.split("\n")[0],
  };
}
