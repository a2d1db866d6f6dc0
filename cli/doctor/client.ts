import { accessSync, constants, readFileSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { HOOK_EVENTS } from "../../core/hook/model.ts";
import { resolvePaths } from "../../core/kernel/paths.ts";
import { isoTime } from "../../core/kernel/text.ts";
import { recording } from "../../core/session/overview.ts";
import { readText } from "../../core/storage/text-file.ts";
import { hookLogPath } from "../native/hook.ts";
import { plural } from "../render/layout.ts";
import { hasPlugin, hookCommands, serverCommand, settingOf } from "../setup/claude-json.ts";
import { clientFiles, planCommands } from "../setup/plan.ts";
import { type Check, checkOf, messageOf, quotedPath, type Ward } from "./check.ts";

const DAY_MS = 86_400_000;

/** How long a failure of a hook is worth a word. */
const RECENT_MS = 7 * DAY_MS;

/** Settings that an administrator sets for everyone on the machine. */
const MANAGED = [
  "/etc/claude-code/managed-settings.json",
  "/Library/Application Support/ClaudeCode/managed-settings.json",
];

/** What the client is configured to do with `sb`. */
export interface Registered {
  readonly isPlugin: boolean;
  /** The program of each event's hook. */
  readonly hooks: ReadonlyMap<string, string>;
  readonly server: string | undefined;
}

/** What the client's files say. @throws SbError `conflict` for one that is no JSON, `unavailable`. */
export function registeredIn({ host }: Ward["invocation"]): Registered {
  const files = clientFiles(resolvePaths(host.env), host.env);
  const settings = { path: files.settings, text: readText(files.settings) ?? "" };
  const state = { path: files.state, text: readText(files.state) ?? "" };
  return {
    isPlugin: hasPlugin(settings),
    hooks: hookCommands(settings),
    server: serverCommand(state),
  };
}

/** Whether the client tells `sb` of what happens: each event, its program, and when it last came. */
export async function hooksCheck(ward: Ward): Promise<Check> {
  const { ok, broken } = checkOf("hooks");
  const off = switchedOff(ward);
  if (off)
    return broken(`hooks are switched off in ${off}`, `take "disableAllHooks" out of ${off}`);
  let registered: Registered;
  try {
    registered = registeredIn(ward.invocation);
  } catch (error) {
    return broken(messageOf(error), "mend that file by hand, then sb doctor --fix");
  }
  const { isPlugin, hooks } = registered;
  if (!isPlugin) {
    if (hooks.size === 0) return broken("none is registered in settings.json", "sb setup");
    const missing = HOOK_EVENTS.filter((event) => !hooks.has(event));
    if (missing.length > 0) return broken(`no hook for ${missing.join(", ")}`, "sb setup");
  }
  const programs = isPlugin ? ["sb"] : [...new Set(hooks.values())];
  for (const program of programs) {
    const problem = await programProblem(program, ward);
    if (problem) return broken(problem, isPlugin ? onPath(ward) : "sb setup");
  }
  const silent = unheard(ward);
  if (silent) return broken(silent, "end Claude Code and start it anew: it reads its hooks then");
  const by = isPlugin
    ? "by the plugin"
    : `${plural(hooks.size, "event")} to ${programs.join(", ")}`;
  return ok(`${by}; ${lastFired(ward)}`);
}

/** Whether a conversation of this project went on without a hook. */
function unheard({ services, invocation: { cwd } }: Ward): string | undefined {
  if (!services) return undefined;
  const { ports, project } = services;
  const link = recording(ports, project, project.identify(cwd)).links.find(
    ({ name }) => name === "hook",
  );
  return link && !link.ok ? link.detail : undefined;
}

/** Where hooks are switched off, if anywhere. */
function switchedOff({ invocation: { host, cwd } }: Ward): string | undefined {
  const { settings } = clientFiles(resolvePaths(host.env), host.env);
  const local = ["settings.json", "settings.local.json"].map((name) => join(cwd, ".claude", name));
  return [settings, ...local, ...MANAGED].find((path) => {
    try {
      return settingOf({ path, text: readText(path) ?? "" }, "disableAllHooks") === true;
    } catch {
      return false; // what is wrong with our own file is said below
    }
  });
}

/** What makes the plugin find its program: setup leaves that to the plugin. */
function onPath({ invocation: { host } }: Ward): string {
  const link = `ln -sf ${quotedPath(host.control.program)} ~/.local/bin/sb`;
  return `${link}, with ~/.local/bin on Claude Code's PATH`;
}

/** Why `program` cannot be started as this `sb`; undefined when it can. */
async function programProblem(program: string, { invocation }: Ward): Promise<string | undefined> {
  const { host } = invocation;
  const path = isAbsolute(program) ? program : Bun.which(program, { PATH: host.env["PATH"] ?? "" });
  if (path === null) return `${program} is not on PATH`;
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? `${path} is not there` : `${path} cannot be run (${code})`;
  }
  const { exitCode, stdout } = await run([path, "--version"], host.env);
  const version = stdout.trim();
  if (exitCode !== 0) return `${path} does not run (exit ${exitCode})`;
  return version === host.version ? undefined : `${path} is sb ${version}, this is ${host.version}`;
}

async function run(command: string[], env: Readonly<Record<string, string | undefined>>) {
  try {
    const child = Bun.spawn(command, {
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      timeout: 10_000,
    });
    return { stdout: await child.stdout.text(), exitCode: await child.exited };
  } catch (error) {
    return { stdout: "", exitCode: messageOf(error) };
  }
}

function lastFired({ services }: Ward): string {
  if (!services) return "when they last fired is in the database";
  const rows = services.ports.db
    .query<{ event: string; at: number }, []>(
      "SELECT event, last_at AS at FROM hook_event ORDER BY last_at DESC",
    )
    .all();
  if (rows.length === 0) return "none has fired yet: they do from the client's next start on";
  return `last fired: ${rows.map(({ event, at }) => `${event} ${isoTime(at).slice(0, 16)}Z`).join(", ")}`;
}

/** Whether the client starts our MCP server, in which scope, and which program. */
export async function serverCheck(ward: Ward): Promise<Check> {
  const { ok, warn, broken } = checkOf("server");
  let registered: Registered;
  let inProject: string | undefined;
  try {
    registered = registeredIn(ward.invocation);
    const path = join(ward.invocation.cwd, ".mcp.json");
    inProject = serverCommand({ path, text: readText(path) ?? "" });
  } catch (error) {
    return broken(messageOf(error), "mend that file by hand, then sb doctor --fix");
  }
  const { isPlugin, server } = registered;
  const program = isPlugin ? "sb" : (server ?? inProject);
  if (program === undefined) return broken("no MCP server is registered", "sb setup");
  const where = isPlugin ? "the plugin" : server ? "the user's scope" : "the project's .mcp.json";
  const problem = await programProblem(program, ward);
  if (problem) return broken(`${where}: ${problem}`, isPlugin ? onPath(ward) : "sb setup");
  const isTwice = inProject !== undefined && (isPlugin || server !== undefined);
  if (!isTwice) return ok(`${where}: ${program}`);
  return warn(`${where}: ${program}; once more in the project's .mcp.json, which comes first here`);
}

/** Whether the slash commands are there and of this version. */
export function commandsCheck({ invocation: { host } }: Ward): Check {
  const { ok, warn } = checkOf("commands");
  try {
    const files = clientFiles(resolvePaths(host.env), host.env);
    const settings = { path: files.settings, text: readText(files.settings) ?? "" };
    const { changes } = planCommands(files.commands, hasPlugin(settings));
    if (changes.length === 0) return ok(`slash commands in ${files.commands}`);
    const missing = changes.filter(({ before }) => before === undefined).length;
    const old = changes.length - missing;
    return warn(`${missing} slash commands missing, ${old} outdated`, "sb setup");
  } catch (error) {
    return warn(messageOf(error));
  }
}

/** Whether Claude Code itself is found: it may be an application without a command. */
export function claudeCheck({ invocation: { host } }: Ward): Check {
  const { ok, warn } = checkOf("claude");
  const path = Bun.which("claude", { PATH: host.env["PATH"] ?? "" });
  return path ? ok(path) : warn("claude is not on PATH: nothing of sb's needs it there");
}

/** Failures of hooks that nobody saw. */
export function hookLogCheck({ invocation: { host } }: Ward): Check {
  const { ok, warn } = checkOf("hook log");
  const path = hookLogPath(resolvePaths(host.env));
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return ok("no failures");
  }
  const since = isoTime(Date.now() - RECENT_MS);
  const recent = text
    .split("\n")
    .filter((line) => / warn /.test(line) && line.slice(0, 24) > since);
  const last = recent.at(-1);
  if (last === undefined) return ok("no failures in the last week");
  const shown = `${basename(path)}: ${plural(recent.length, "failure")} in a week, the last ${last.slice(0, 200)}`;
  return warn(shown, `rm ${path}`);
}
