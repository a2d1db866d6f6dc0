import type { Database } from "bun:sqlite";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isoTime } from "../kernel/text.ts";
import type { Link } from "./recording.ts";

/** A settings file of more bytes than this is not looked into by a status; `sb doctor` does. */
const MOST_BYTES = 256 * 1024;

/** A transcript may grow for so long without a hook: an answer that takes its time. In milliseconds. */
const QUIET_MS = 3_600_000;

/** A file that is this far ahead of the clock was dated by another one. In milliseconds. */
const SKEW_MS = 60_000;

/** The events without which a conversation is not met, or what was said is read late. */
const NEEDED = ["SessionStart", "Stop"] as const;

/** What the client's settings say of our hooks, by their text: parsing them is left to `sb doctor`. */
type Registration =
  | {
      readonly kind: "on";
      readonly since: number;
      readonly program?: string;
      readonly lost?: string;
    }
  | { readonly kind: "plugin" | "off" | "missing" | "unknown" };

/**
 * Whether hooks tell of what is said. Where they were never set up, conversations are read behind
 * the work of `sb mcp` and of each command: later, and kept all the same; the link holds then, and
 * says so. Once set up, a hook that is gone or stays away is a broken link.
 */
export function hookLink(
  db: Database,
  { claude, now, changedAt }: { claude: string; now: number; changedAt: number | undefined },
): Link {
  const last = lastFired(db);
  const link = { name: "hook" as const, lastAt: last?.at ?? null };
  const broken = (detail: string): Link => ({ ...link, ok: false, detail });
  const registered = registration(join(claude, "settings.json"));
  const fired = last ? `last fired: ${last.event} ${isoTime(last.at)}` : "none has fired yet";
  if (registered.kind === "off") {
    return broken("hooks are switched off (disableAllHooks): take it out of settings.json");
  }
  if (registered.kind === "missing") {
    if (existsSync(join(claude, "data", "backups", "setup.json"))) {
      return broken("the hooks are gone from settings.json: run sb setup");
    }
    const detail = "not set up: read by sb mcp and by each command, later than at once; sb setup";
    return { ...link, ok: true, detail };
  }
  if (registered.kind === "on" && registered.lost) {
    return broken(`the ${registered.lost} hook is gone from settings.json: run sb setup`);
  }
  if (registered.kind === "on" && registered.program && !existsSync(registered.program)) {
    return broken(`the hooks start ${registered.program}, which is not there: run sb setup`);
  }
  const since = Math.max(last?.at ?? 0, registered.kind === "on" ? registered.since : 0);
  const isDated = changedAt !== undefined && changedAt < now + SKEW_MS;
  if (isDated && since > 0 && changedAt - since > QUIET_MS) {
    return broken(
      `a conversation went on at ${isoTime(changedAt)} without a hook; ${fired}: run sb doctor`,
    );
  }
  const by = registered.kind === "plugin" ? "by the plugin, " : "";
  return { ...link, ok: true, detail: `${by}${fired}` };
}

function lastFired(db: Database): { event: string; at: number } | undefined {
  return (
    db
      .query<{ event: string; at: number }, []>(
        "SELECT event, last_at AS at FROM hook_event ORDER BY last_at DESC LIMIT 1",
      )
      .get() ?? undefined
  );
}

function registration(path: string): Registration {
  let text: string;
  let since: number;
  try {
    // Told apart without an error: making one takes longer than the look.
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return { kind: "missing" };
    const { size, mtimeMs } = stat;
    if (size > MOST_BYTES) return { kind: "unknown" };
    since = Math.trunc(mtimeMs);
    text = readFileSync(path, "utf8");
  } catch {
    return { kind: "missing" };
  }
  if (/"disableAllHooks"\s*:\s*true\b/.test(text)) return { kind: "off" };
  if (/"session-buddy@[^"]*"\s*:\s*(?!false\b)/.test(text)) return { kind: "plugin" };
  // As `sb setup` writes it: the program, then its arguments, the first of which is `hook`.
  const [, program] =
    /"command"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"args"\s*:\s*\[\s*"hook"/.exec(text) ?? [];
  if (program === undefined) return { kind: /\[\s*"hook"/.test(text) ? "unknown" : "missing" };
  const lost = NEEDED.find((event) => !new RegExp(`\\[\\s*"hook"\\s*,\\s*"${event}"`).test(text));
  if (lost) return { kind: "on", since, lost };
  try {
    return { kind: "on", since, program: String(JSON.parse(program)) };
  } catch {
    return { kind: "on", since };
  }
}
