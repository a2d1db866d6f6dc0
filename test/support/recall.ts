import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeWorld, runBinary, type World } from "./harness.ts";
import { Transcript } from "./transcript.ts";

/** A hit as the tools give it, as far as tests look at it. */
export interface FoundHit {
  readonly id: string;
  readonly kind: string;
  readonly project: string;
  readonly at: string;
  readonly score: number;
  readonly why: Readonly<Record<string, number | string>>;
  readonly snippet: string;
  readonly message_uuids?: readonly string[];
  readonly files?: readonly { path: string; action: string; times: number }[];
  readonly code?: Readonly<Record<string, unknown>>;
  readonly error?: Readonly<Record<string, unknown>>;
}

export interface FoundPage {
  readonly total: number;
  readonly hits: readonly FoundHit[];
  readonly cursor?: string;
  readonly mode: string;
  readonly tokens: number;
  readonly [more: string]: unknown;
}

/** What a tool of the built binary answers; a failure is thrown with what it printed. */
export async function callTool<T = FoundPage>(
  world: World,
  tool: string,
  input: object,
): Promise<T> {
  const { stdout, stderr, exitCode } = await runBinary(
    ["call", tool, JSON.stringify(input)],
    world,
  );
  if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** The failure of a tool of the built binary: its exit code and the error it printed. */
export async function failTool(world: World, tool: string, input: object | string) {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  const { stdout, stderr, exitCode } = await runBinary(["call", tool, "-"], world, text);
  if (exitCode === 0) throw new Error(`${tool} did not fail: ${stdout.slice(0, 200)}`);
  const { error } = JSON.parse(stderr) as {
    error: { code: string; message: string; hint?: string };
  };
  return { exitCode, stdout, ...error };
}

/** One conversation to be remembered: `tell` writes its rows. */
export interface Told {
  readonly project: string;
  /** ISO time of its first row. */
  readonly at: string;
  readonly branch?: string;
  readonly tell: (transcript: Transcript, cwd: string) => void;
}

/** A world whose binary has ingested `conversations`. Folders lie beside the world's own project. */
export async function makeHistory(conversations: readonly Told[]): Promise<World> {
  const world = makeWorld({ SB_MODEL: "off" });
  const projects = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects");
  conversations.forEach(({ project, at, branch, tell }, index) => {
    const cwd = join(world.project, "..", project);
    mkdirSync(cwd, { recursive: true });
    const transcript = new Transcript({
      cwd,
      sessionId: `0d6f1f6a-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
      start: Date.parse(at),
      ...(branch ? { branch } : {}),
    });
    tell(transcript, cwd);
    transcript.writeTo(projects);
  });
  const { exitCode, stderr } = await runBinary("ingest --all --json", world);
  if (exitCode !== 0) throw new Error(stderr);
  return world;
}
