import { basename, join } from "node:path";
import type { Paths } from "../../core/kernel/paths.ts";
import { readText } from "../../core/storage/text-file.ts";
import { hasPlugin, withHooks, withoutHooks, withoutServer, withServer } from "./claude-json.ts";
import { commandFiles, isOurCommand, isReplaceable } from "./commands.ts";
import { type Manifest, wasBefore } from "./manifest.ts";

/** A file as it is and as it is to be; undefined where there is none. */
export interface Change {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** `before` without what an earlier setup put there; the same where it put nothing. */
  readonly base?: string | undefined;
}

/** What is to be done, and what the user should know. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

/** The client's own files. */
export interface ClientFiles {
  /** `.claude.json`, which holds the servers. */
  readonly state: string;
  readonly settings: string;
  readonly commands: string;
}

/** Where the client keeps what setup changes. With `CLAUDE_CONFIG_DIR` all of it lies in there. */
export function clientFiles(paths: Paths, env: Readonly<Record<string, string | undefined>>) {
  const isMoved = Boolean(env["CLAUDE_CONFIG_DIR"]);
  const state = join(isMoved ? paths.claude : join(paths.claude, ".."), ".claude.json");
  return {
    state,
    settings: join(paths.claude, "settings.json"),
    commands: paths.commands,
  };
}

/**
 * What makes the client use `binary`: its server, its hooks, its slash commands. What is so already
 * is no change. With our plugin on, server and hooks are the plugin's.
 * @throws SbError `conflict` for a file that is not to be understood.
 */
export function planSetup(files: ClientFiles, binary: string): Plan {
  const state = readText(files.state);
  const settings = readText(files.settings);
  const server = { path: files.state, text: state ?? "" };
  const hooks = { path: files.settings, text: settings ?? "" };
  const isPlugin = hasPlugin(hooks);
  const bare = {
    state: unlessMissing(withoutServer(server), state),
    settings: unlessMissing(withoutHooks(hooks), settings),
  };
  const commands = planCommands(files.commands, isPlugin);
  const changes: Change[] = [
    {
      path: files.state,
      before: state,
      base: bare.state,
      after: isPlugin ? bare.state : withServer(server, binary),
    },
    {
      path: files.settings,
      before: settings,
      base: bare.settings,
      after: isPlugin ? bare.settings : withHooks(hooks, binary),
    },
    ...commands.changes,
  ];
  return {
    changes: changes.filter(({ before, after }) => before !== after),
    notes: [...(isPlugin ? [PLUGIN_NOTE] : []), ...commands.notes],
  };
}

const PLUGIN_NOTE =
  "the session-buddy plugin is on and brings server and hooks: only the short commands are added";

/** The slash commands; the plugin has the long ones itself. A file of the user's own stays. */
export function planCommands(folder: string, isPlugin: boolean): Plan {
  const changes: Change[] = [];
  const notes: string[] = [];
  for (const { path, text } of commandFiles()) {
    const place = join(folder, path);
    const before = readText(place);
    if (isPlugin && path.includes("/")) {
      // One from before the plugin would stand beside the plugin's own.
      const isLeft = before !== undefined && (before === text || isReplaceable(before));
      if (isLeft) changes.push({ path: place, before, after: undefined });
      continue;
    }
    if (before === undefined || isReplaceable(before)) {
      changes.push({ path: place, before, after: text });
    } else if (!isOurCommand(before)) {
      const ours = `/session-buddy:${basename(path, ".md")}`;
      notes.push(`${place} is a command of your own: it stays, ${ours} is ours`);
    }
  }
  return { changes, notes };
}

/**
 * What takes setup back. A file that is as setup left it becomes what it was before, to the byte;
 * from one that was changed since, only what is ours is taken. A command that the user changed is
 * theirs: it stays.
 */
export function planRemoval(files: ClientFiles, manifest: Manifest): Plan {
  const written = new Map(
    commandFiles().map(({ path, text }) => [join(files.commands, path), text]),
  );
  const notes: string[] = [];
  const taken = (path: string, text: string): string | undefined => {
    if (path === files.state) return withoutServer({ path, text });
    if (path === files.settings) return withoutHooks({ path, text });
    if (isOurCommand(text) && written.get(path) === text) return undefined;
    if (isOurCommand(text)) notes.push(`${path} was changed by you: it stays`);
    return text;
  };
  const paths = new Set([
    files.state,
    files.settings,
    ...written.keys(),
    ...manifest.files.map(({ path }) => path),
  ]);
  const changes = [...paths].map((path): Change => {
    const before = readText(path);
    if (before === undefined) return { path, before, after: undefined };
    const earlier = wasBefore(manifest, path, before);
    return { path, before, after: earlier ? earlier.text : taken(path, before) };
  });
  return { changes: changes.filter(({ before, after }) => before !== after), notes };
}

/** A file that was not there is not made for the sake of nothing. */
function unlessMissing(text: string, before: string | undefined): string | undefined {
  return before === undefined ? undefined : text;
}
