import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { resolvePaths } from "../../core/kernel/paths.ts";
import { missingFolders, pruneFolders } from "../../core/storage/text-file.ts";
import { projectSlug } from "../../core/transcript/slug.ts";
import { hookLogPath } from "../native/hook.ts";
import { type Check, checkOf, messageOf, type Ward } from "./check.ts";
import { type Registered, registeredIn } from "./client.ts";
import { entriesOf } from "./store.ts";

/** How long one step may take, in milliseconds. */
const STEP_MS = 15_000;

/** A client's folder of its own, with a project and a conversation. */
interface Stage {
  readonly folder: string;
  readonly project: string;
  readonly env: Record<string, string | undefined>;
  readonly conversation: string;
  /** A word that stands nowhere else. */
  readonly word: string;
}

/**
 * A conversation goes the whole way: the registered commands are started as the client starts them,
 * told of a session and of the end of a turn, and then asked for what was said. All of it in a folder
 * that is removed again; that of a killed run is removed by the next one.
 */
export async function canaryCheck(ward: Ward): Promise<Check> {
  const { ok, warn, broken } = checkOf("canary");
  const { host } = ward.invocation;
  let stage: Stage | undefined;
  const made = missingFolders(join(resolvePaths(host.env).data, "canary"));
  const clean = () => {
    if (stage) rmSync(stage.folder, { recursive: true, force: true });
    pruneFolders(made);
  };
  host.control.atExit(clean);
  try {
    sweep(ward);
    stage = setStage(ward);
    const began = performance.now();
    const { problem, isLate } = await perform(stage, programsOf(ward));
    if (problem) return broken(problem, "sb setup, then sb doctor");
    const took = Math.round(performance.now() - began);
    const way = `hook → transcript → memory → search in ${took} ms, ${byWhom(ward)}`;
    return isLate ? warn(`${way}; the hook had no time to read, the next command did`) : ok(way);
  } catch (error) {
    return broken(`it cannot be made: ${messageOf(error)}`, "mend the database, then sb doctor");
  } finally {
    clean();
  }
}

/** Trial folders: of which process, and when that was started. */
const TRIAL_FOLDER = /^canary-(\d+)-(\d+)$/;

/** Removes the trial folders of runs that were killed. */
function sweep({ services, invocation: { host } }: Ward): void {
  const { data } = resolvePaths(host.env);
  for (const name of entriesOf(data)) {
    const [, pid, startedAt] = TRIAL_FOLDER.exec(name) ?? [];
    if (pid === undefined) continue;
    const owner = { pid: Number(pid), startedAt: Number(startedAt) };
    if (services?.ports.processes.isAlive(owner)) continue;
    rmSync(join(data, name), { recursive: true, force: true });
  }
}

interface Programs {
  readonly start: string;
  readonly stop: string;
}

function registeredOf(ward: Ward): Registered | undefined {
  try {
    return registeredIn(ward.invocation);
  } catch {
    return undefined;
  }
}

/** What the client would start; this very program where nothing is registered. */
function programsOf(ward: Ward): Programs {
  const { control, env } = ward.invocation.host;
  const own = control.program;
  const registered = registeredOf(ward);
  if (registered?.isPlugin) {
    const found = Bun.which("sb", { PATH: env["PATH"] ?? "" }) ?? "sb";
    return { start: found, stop: found };
  }
  const { hooks } = registered ?? {};
  return { start: hooks?.get("SessionStart") ?? own, stop: hooks?.get("Stop") ?? own };
}

function byWhom(ward: Ward): string {
  const registered = registeredOf(ward);
  if (registered?.isPlugin) return "as the plugin calls it";
  return registered?.hooks.has("Stop") ? "as registered" : "by this sb: none is registered";
}

function setStage({ services, invocation: { host } }: Ward): Stage {
  const { data } = resolvePaths(host.env);
  const self = services?.ports.processes.self() ?? { pid: host.control.pid, startedAt: 0 };
  const folder = join(data, `canary-${self.pid}-${self.startedAt}`);
  const project = join(folder, "project");
  mkdirSync(project, { recursive: true, mode: 0o700 });
  const { SB_DATA_DIR: _data, SB_HOOK: _hook, CLAUDE_PID: _pid, ...env } = host.env;
  return {
    folder,
    project,
    env: { ...env, CLAUDE_CONFIG_DIR: folder, SB_MODEL: "off" },
    conversation: crypto.randomUUID(),
    word: `canary${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`,
  };
}

/** What went wrong, if anything; or that it took more than the hook, which reads for a moment only. */
interface Outcome {
  readonly problem?: string;
  readonly isLate?: boolean;
}

async function perform(stage: Stage, { start, stop }: Programs): Promise<Outcome> {
  const started = await deliver(stage, start, "SessionStart");
  if (started) return { problem: started };
  writeTranscript(stage);
  const stopped = await deliver(stage, stop, "Stop");
  if (stopped) return { problem: stopped };
  if (await isFound(stage, stop)) return {};
  // On a busy machine a hook ends before it has read: what comes next reads it then.
  await run(stage, [stop, "ingest", "--all", "--json"], "");
  if (await isFound(stage, stop)) return { isLate: true };
  return { problem: "what was said is not found after the Stop hook" };
}

async function isFound(stage: Stage, program: string): Promise<boolean> {
  const { stdout, exitCode } = await run(stage, [program, "search", stage.word, "--json"], "");
  return exitCode === 0 && (JSON.parse(stdout) as { total: number }).total > 0;
}

async function deliver(stage: Stage, program: string, event: string): Promise<string | undefined> {
  const { conversation, project } = stage;
  const input = {
    session_id: conversation,
    transcript_path: transcriptPath(stage),
    cwd: project,
    hook_event_name: event,
    ...(event === "SessionStart" ? { source: "startup" } : { stop_hook_active: false }),
  };
  const { exitCode } = await run(stage, [program, "hook", event], JSON.stringify(input));
  if (exitCode !== 0) return `${program} hook ${event} ends with ${exitCode}`;
  return failureIn(stage);
}

/** A hook ends with 0 whatever happens: its log says what did. */
function failureIn(stage: Stage): string | undefined {
  try {
    const path = hookLogPath(resolvePaths(stage.env));
    return readFileSync(path, "utf8")
      .split("\n")
      .find((line) => / warn /.test(line))
      ?.slice(0, 300);
  } catch {
    return undefined;
  }
}

async function run(stage: Stage, command: string[], input: string) {
  try {
    const child = Bun.spawn(command, {
      cwd: stage.project,
      env: stage.env,
      stdin: new Blob([input]),
      stdout: "pipe",
      stderr: "ignore",
      timeout: STEP_MS,
    });
    return { stdout: await child.stdout.text(), exitCode: await child.exited };
  } catch (error) {
    return { stdout: "", exitCode: messageOf(error) };
  }
}

function transcriptPath({ folder, project, conversation }: Stage): string {
  return join(folder, "projects", projectSlug(project), `${conversation}.jsonl`);
}

/** One question and its answer, as Claude Code 2.1 writes them. */
function writeTranscript(stage: Stage): void {
  const { project: cwd, conversation: sessionId, word } = stage;
  const ids = [crypto.randomUUID(), crypto.randomUUID()];
  const row = (at: 0 | 1, type: string, message: object) => ({
    parentUuid: at === 0 ? null : ids[0],
    isSidechain: false,
    type,
    uuid: ids[at],
    timestamp: new Date().toISOString(),
    userType: "external",
    entrypoint: "cli",
    cwd,
    sessionId,
    version: "2.1.330",
    gitBranch: "",
    message,
  });
  const text = `The ${word} sings at dawn.`;
  const answer = { id: `msg_${word}`, type: "message", role: "assistant", model: "canary" };
  const rows = [
    row(0, "user", { role: "user", content: "When does it sing?" }),
    row(1, "assistant", { ...answer, content: [{ type: "text", text }], stop_reason: "end_turn" }),
  ];
  const path = transcriptPath(stage);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, rows.map((each) => `${JSON.stringify(each)}\n`).join(""), { mode: 0o600 });
}
