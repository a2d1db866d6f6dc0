import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findEntry } from "../../core/capabilities.ts";
import { type Env, resolvePaths } from "../../core/kernel/paths.ts";
import type { Services } from "../../core/services.ts";
import type { Invocation } from "../command.ts";
import type { Io } from "../io.ts";
import { render } from "../render/index.ts";
import { styleOf } from "../render/style.ts";
import { DAY_MS, PAST, placeSample, TODAY } from "./demo/sample.ts";

/** Where the demonstration plays. */
interface Stage {
  /** Removed at the end, with everything in it. */
  readonly folder: string;
  /** Holds the three projects. */
  readonly work: string;
  /** The project that is worked on. */
  readonly project: string;
  readonly env: Env;
}

/** One step: a tool as a user calls it. */
interface Step {
  readonly title: string;
  readonly command: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What happens on the stage before it. */
  readonly before?: (stage: Stage) => void;
}

const SEARCHED = "401 jwt issued in the future";
const NAME = "clock skew fixed";

const STEPS: readonly Step[] = [
  {
    title: "Read the conversations of three projects that Claude Code left behind",
    command: "sb ingest --all",
    tool: "ingest_transcripts",
    input: { all: true },
    before: placePast,
  },
  {
    title: "The insights captured from them",
    command: "sb insight search",
    tool: "search_insights",
    input: {},
  },
  {
    title: "A new day in user-service: the session starts with what is known",
    command: "sb start",
    tool: "start",
    input: {},
  },
  {
    title: "A test fails with 401: which project had that before?",
    command: `sb search "${SEARCHED}" --limit 2`,
    tool: "quick_search",
    input: { query: SEARCHED, limit: 2 },
  },
  {
    title: "The fix of auth-service was the right one here too: save the state",
    command: `sb checkpoint "${NAME}"`,
    tool: "checkpoint",
    input: { name: NAME },
    before: workToday,
  },
  {
    title: "The day ends",
    command: "sb end",
    tool: "end",
    input: {},
  },
];

/** Which project uses which: what the one learnt is recalled in the other. */
const USES: Readonly<Record<string, readonly string[]>> = {
  "user-service": ["auth-service"],
  "api-gateway": ["user-service"],
};

/** The file that is worked on, below its project. */
const SOURCE = "src/session.ts";
const BEFORE = "export const verify = (token: string) => jwt.verify(token, key);\n";
const AFTER =
  "export const verify = (token: string) => jwt.verify(token, key, { clockTolerance: 30 });\n";

/**
 * `sb demo`: the whole main job on sample conversations, in a folder of its own. It touches
 * nothing of the user's: neither settings nor store nor projects, nor git's configuration.
 */
export async function demonstrate({ host, json }: Invocation): Promise<undefined> {
  const { io } = host;
  const stage = setStage(host.env);
  host.control.atExit(() => rmSync(stage.folder, { recursive: true, force: true }));
  const began = performance.now();
  try {
    const { project: cwd, env } = stage;
    const opened = await host.open({ purpose: "write", cwd, env });
    const results: Played[] = [];
    try {
      const services = await opened.services();
      for (const [index, step] of STEPS.entries()) {
        const played = await play(step, stage, services);
        results.push(played);
        if (!json) io.out(await told(step, played, { number: index + 1, io }));
      }
    } finally {
      opened.close();
    }
    if (json) io.out(`${JSON.stringify({ steps: results })}\n`);
    else io.out(closing(results.at(-1), { ms: performance.now() - began, io }));
  } finally {
    rmSync(stage.folder, { recursive: true, force: true });
  }
  return undefined;
}

/** What came of a step. */
interface Played {
  readonly command: string;
  readonly ms: number;
  readonly result: Readonly<Record<string, unknown>>;
}

async function play(step: Step, stage: Stage, services: Services): Promise<Played> {
  step.before?.(stage);
  const began = performance.now();
  const capability = await findEntry(step.tool)?.load();
  if (!capability) throw new Error(`no tool ${step.tool}`);
  const result = await capability.call(services, step.input);
  const ms = Math.round((performance.now() - began) * 10) / 10;
  return { command: step.command, ms, result };
}

async function told(
  { title, tool, command }: Step,
  { ms, result }: Played,
  { number, io }: { number: number; io: Io },
): Promise<string> {
  const { bold, dim, cyan } = styleOf(io.color);
  const text = await render(tool, result, { ...io, columns: io.columns - INDENT.length });
  const head = `${bold(`${number}  ${title}`)}  ${dim(`${ms} ms`)}\n${INDENT}${cyan(`$ ${command}`)}\n`;
  return `${head}${indented(text)}\n`;
}

const INDENT = "   ";

function indented(text: string): string {
  return text.replace(/^(?=[^\n])/gm, INDENT);
}

/** The hand-off that the last step wrote, and what to do next. */
function closing(last: Played | undefined, { ms, io }: { ms: number; io: Io }): string {
  const { bold, dim, cyan } = styleOf(io.color);
  const path = last?.result["handoff_path"];
  const handoff =
    typeof path === "string"
      ? `${bold("The hand-off for the next session")}\n${indented(withoutFrontMatter(readFileSync(path, "utf8")))}\n`
      : "";
  const time = dim(`${Math.round(ms)} ms in all, in a folder that is removed again`);
  const next = `To begin in earnest: ${cyan("sb setup")}\n`;
  return `${handoff}${time}\n${next}`;
}

function withoutFrontMatter(markdown: string): string {
  return markdown.replace(/^---\n.*?\n---\n+/s, "");
}

/** Makes the folders: three projects, the one worked on a git repository where git is there. */
function setStage(userEnv: Env): Stage {
  const base = userEnv["TMPDIR"] || userEnv["TEMP"] || "/tmp";
  const folder = realpathSync(mkdtempSync(join(base, "sb-demo-")));
  const work = join(folder, "work");
  const project = join(work, "user-service");
  const env = {
    PATH: userEnv["PATH"],
    HOME: folder,
    CLAUDE_CONFIG_DIR: join(folder, "claude"),
    CLAUDE_CODE_SESSION_ID: TODAY.sessionId,
    SB_MODEL: "off",
  };
  for (const name of new Set(PAST.map((sample) => sample.project))) {
    mkdirSync(join(work, name, "src"), { recursive: true });
    const dependencies = Object.fromEntries(
      (USES[name] ?? []).map((used) => [used, `file:../${used}`]),
    );
    const manifest = JSON.stringify({ name, dependencies });
    writeFileSync(join(work, name, "package.json"), `${manifest}\n`);
  }
  writeFileSync(join(project, SOURCE), BEFORE);
  writeFileSync(join(project, ".gitignore"), ".claude/\n");
  makeRepository(project, env);
  return { folder, work, project, env };
}

/** A repository with one commit of yesterday, so that the session has made none yet. */
function makeRepository(cwd: string, userEnv: Env): void {
  const author = ["-c", "user.name=Sample", "-c", "user.email=sample@example.invalid"];
  const yesterday = new Date(Date.now() - DAY_MS).toISOString();
  const env = { ...userEnv, GIT_AUTHOR_DATE: yesterday, GIT_COMMITTER_DATE: yesterday };
  for (const args of [
    ["init", "--quiet", "--initial-branch=main"],
    ["add", "."],
    [...author, "commit", "--quiet", "--message=List open sessions"],
  ]) {
    const git = Bun.which("git", { PATH: userEnv["PATH"] ?? "" });
    if (git) Bun.spawnSync([git, ...args], { cwd, env, stderr: "ignore" });
  }
}

function placePast(stage: Stage): void {
  for (const sample of PAST) place(sample, stage);
}

function workToday(stage: Stage): void {
  place(TODAY, stage);
  writeFileSync(join(stage.project, SOURCE), AFTER);
}

function place(sample: typeof TODAY, { work, env }: Stage): void {
  const { transcripts } = resolvePaths(env);
  placeSample(sample, { work, transcripts, now: Date.now() });
}
