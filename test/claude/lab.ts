import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type ModelApi, startModelApi } from "./api.ts";
import { claudeClient } from "./client.ts";
import { type Finished, finish, launch, processesWith, type Running } from "./processes.ts";
import { startTmux, type Terminal } from "./terminal.ts";

/** The name under which the client knows `sb mcp`; it is part of every tool's name. */
export const SERVER = "session-buddy";
/** What the client calls the tool `name` of `sb mcp`. */
export const mcpTool = (name: string): string => `mcp__${SERVER}__${name}`;

/** How the client is to run a prompt. */
export interface Turn {
  readonly prompt: string;
  /** Tools that run without a question. */
  readonly allow?: readonly string[];
  /** The session to go on with; `latest` is the newest one of the folder. */
  readonly resume?: string;
  /** Go on in a copy with an id of its own. */
  readonly fork?: boolean;
}

/** What the client says at the end of a run with `-p`. */
const TurnResult = z.looseObject({
  session_id: z.string(),
  result: z.string(),
  is_error: z.boolean(),
});
export type TurnResult = z.infer<typeof TurnResult>;

export interface Lab {
  readonly root: string;
  /** The lab's CLAUDE_CONFIG_DIR. */
  readonly config: string;
  /** The whole environment of the client and of `sb`. */
  readonly env: Readonly<Record<string, string>>;
  readonly api: ModelApi;
  /** Makes a git repository with one commit and, mostly, `sb mcp` as its MCP server; gives its path. */
  project(name: string): string;
  /** Runs the client to its end. @throws Error when it fails or takes over a minute. */
  turn(project: string, turn: Turn): Promise<TurnResult>;
  /** Starts the client on a prompt and does not wait. */
  begin(project: string, turn: Turn): Running;
  /** Runs the client with plain arguments, such as `mcp list`. */
  client(project: string, args: readonly string[]): Promise<Finished>;
  /** Opens the client's terminal UI; the tools in `allow` run without a question. */
  terminal(project: string, allow?: readonly string[]): Promise<Terminal>;
  /** Runs `sb` with the lab's configuration and gives what its stdout parses to. */
  sb(project: string, args: readonly string[]): Promise<unknown>;
  /** The same for a call that may fail: what it printed, and its exit code. */
  sbCall(project: string, args: readonly string[]): Promise<Finished>;
  /** The transcript files of main conversations, subagents' left out. */
  transcripts(): string[];
  /** The `sb` processes alive that belong to this lab. */
  sbProcesses(): string[];
  /** Ends every process of the lab and removes its folder unless it is to be kept. */
  close(): Promise<void>;
}

/** A made-up key, 20 characters long: the client stores approved keys by their last 20. */
const API_KEY = "offline-lab-key-0000";
const CLIENT_LIMIT_MS = 60_000;
const SB_LIMIT_MS = 30_000;

/** Where the binary under test is to be: `SB_BINARY`, else the build in `dist/`. */
const SB_PATH = resolve(process.env["SB_BINARY"] ?? join(import.meta.dirname, "../../dist/sb"));

/** The binary under test. @throws Error when it is not there. */
export function sbBinary(): string {
  if (!existsSync(SB_PATH)) throw new Error(`no sb at ${SB_PATH}: build it, or set SB_BINARY`);
  return SB_PATH;
}

/** What may differ from one lab to the next. */
export interface LabOptions {
  /** The lab's folder; a temporary one without it. */
  readonly root?: string;
  /** Leave the folder where it is at the end. */
  readonly keep?: boolean;
  readonly outputStyle?: string;
  /** Leave `sb mcp` out of the projects: the client then writes transcripts that nothing has read. */
  readonly withoutServer?: boolean;
}

/**
 * A clean home, config folder and model stand-in. Nothing of the caller's own Claude Code is read
 * or written.
 */
export function openLab(options: LabOptions = {}): Lab {
  const root = labFolder(options.root);
  const config = join(root, "config");
  for (const folder of ["home", "config", "projects"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeSettings(config, options.outputStyle);
  const api = startModelApi();
  const env = labEnvironment(root, api.url);
  const started = processPool(env);
  const tmux = lazily(() => startTmux(join(root, "tmux"), env));
  const claude = claudeClient();
  return {
    root,
    config,
    env,
    api,
    ...actions({ claude, started }),
    project: (name) => makeProject(join(root, "projects", name), { env, ...options }),
    terminal: (project, allow = []) => tmux.get().open([claude, ...allowing(allow)], project),
    transcripts: () =>
      [...new Bun.Glob("projects/*/*.jsonl").scanSync(config)].map((path) => join(config, path)),
    sbProcesses: () =>
      labProcesses(config)
        .filter(({ command }) => command.includes(SB_PATH))
        .map(({ pid, command }) => `${pid} ${command}`),
    async close() {
      tmux.made()?.close();
      started.killAll();
      for (const { pid } of labProcesses(config)) kill(pid);
      await api.stop();
      if (!options.keep) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type ProcessPool = ReturnType<typeof processPool>;

/** Starts processes with `env` and knows which of them are still at work. */
function processPool(env: Readonly<Record<string, string>>) {
  const running = new Set<Running>();
  return {
    start(command: readonly string[], cwd: string): Running {
      const child = launch(command, { cwd, env });
      running.add(child);
      void child.finished.then(() => running.delete(child));
      return child;
    },
    killAll() {
      for (const child of running) child.kill();
    },
  };
}

/** What runs as a process of its own, to its end or until it is killed. */
function actions({
  claude,
  started,
}: {
  readonly claude: string;
  readonly started: ProcessPool;
}): Pick<Lab, "begin" | "turn" | "client" | "sb" | "sbCall"> {
  const sbCall: Lab["sbCall"] = (project, args) =>
    finish(`sb ${args.join(" ")}`, started.start([sbBinary(), ...args], project), SB_LIMIT_MS);
  const begin: Lab["begin"] = (project, turn) =>
    started.start([claude, ...turnArguments(turn)], project);
  return {
    begin,
    async turn(project, turn) {
      const what = `claude -p "${turn.prompt}"`;
      return parsed(TurnResult, what, await finish(what, begin(project, turn), CLIENT_LIMIT_MS));
    },
    client(project, args) {
      const child = started.start([claude, ...args], project);
      return finish(`claude ${args.join(" ")}`, child, CLIENT_LIMIT_MS);
    },
    async sb(project, args) {
      return parsed(z.unknown(), `sb ${args.join(" ")}`, await sbCall(project, args));
    },
    sbCall,
  };
}

function labFolder(root: string | undefined): string {
  if (root === undefined) return realpathSync(mkdtempSync(join(tmpdir(), "sb-claude-lab-")));
  mkdirSync(root, { recursive: true });
  return realpathSync(root);
}

/** The client's own files: first questions answered, and the project's server approved. */
function writeSettings(config: string, outputStyle: string | undefined): void {
  const state = {
    hasCompletedOnboarding: true,
    customApiKeyResponses: { approved: [API_KEY], rejected: [] },
  };
  const settings = {
    enabledMcpjsonServers: [SERVER],
    ...(outputStyle === undefined ? {} : { outputStyle }),
  };
  writeFileSync(join(config, ".claude.json"), JSON.stringify(state));
  writeFileSync(join(config, "settings.json"), JSON.stringify(settings));
}

function labEnvironment(root: string, apiUrl: string): Record<string, string> {
  return {
    PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}`,
    HOME: join(root, "home"),
    CLAUDE_CONFIG_DIR: join(root, "config"),
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    ANTHROPIC_BASE_URL: apiUrl,
    ANTHROPIC_API_KEY: API_KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    // The scripted model calls an MCP tool without looking it up first.
    ENABLE_TOOL_SEARCH: "false",
    SB_MODEL: "off",
  };
}

interface ProjectOptions extends LabOptions {
  readonly env: Readonly<Record<string, string>>;
}

function makeProject(path: string, { env, withoutServer }: ProjectOptions): string {
  mkdirSync(path, { recursive: true });
  const mcpServers = withoutServer ? {} : { [SERVER]: { command: sbBinary(), args: ["mcp"] } };
  writeFileSync(join(path, ".mcp.json"), JSON.stringify({ mcpServers }));
  for (const args of [
    ["init", "--quiet", "--initial-branch=main"],
    ["config", "user.name", "Lab"],
    ["config", "user.email", "lab@example.invalid"],
    ["add", ".mcp.json"],
    ["commit", "--quiet", "--message", "Begin"],
  ]) {
    const { exitCode, stderr } = Bun.spawnSync(["git", ...args], { cwd: path, env: { ...env } });
    if (exitCode !== 0) throw new Error(`git ${args[0]} in ${path}: ${stderr.toString()}`);
  }
  return path;
}

/** The prompt comes first, since `--allowedTools` takes every word that follows it. */
function turnArguments({ prompt, allow = [], resume, fork }: Turn): string[] {
  const args = ["-p", prompt, "--output-format", "json"];
  if (resume !== undefined)
    args.push(...(resume === "latest" ? ["--continue"] : ["--resume", resume]));
  if (fork) args.push("--fork-session");
  return [...args, ...allowing(allow)];
}

function allowing(tools: readonly string[]): string[] {
  return tools.length > 0 ? ["--allowedTools", ...tools] : [];
}

function parsed<T>(schema: z.ZodType<T>, what: string, done: Finished): T {
  const told = `${what}: exit ${done.exitCode}\nstdout: ${done.stdout}\nstderr: ${done.stderr}`;
  if (done.exitCode !== 0) throw new Error(told);
  try {
    return schema.parse(JSON.parse(done.stdout));
  } catch (error) {
    throw new Error(`${told}\n${String(error)}`, { cause: error });
  }
}

/** Whatever was started with the lab's config folder in its environment. */
function labProcesses(config: string) {
  return processesWith(`CLAUDE_CONFIG_DIR=${config}`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended in between.
  }
}

function lazily<T>(make: () => T): { get(): T; made(): T | undefined } {
  let value: T | undefined;
  return {
    get() {
      value ??= make();
      return value;
    },
    made: () => value,
  };
}
