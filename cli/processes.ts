import { readFileSync } from "node:fs";
import type { Env } from "../core/kernel/paths.ts";
import type { Processes, ProcessRef } from "../core/kernel/ports.ts";

/** What only the entry point can tell of processes. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: () => number;
  /** Whether a process of that number exists, ours or another user's. */
  readonly exists: (pid: number) => boolean;
}

/**
 * Processes, told apart by number and start. The owner is Claude Code where it says who it is
 * (`CLAUDE_PID`, given to hooks and to shells it starts), else the parent.
 */
export function systemProcesses(facts: ProcessFacts, env: Env): Processes {
  const client = Number(env["CLAUDE_PID"]);
  const refTo = (pid: number): ProcessRef => ({ pid, startedAt: look(pid)?.startedAt ?? 0 });
  return {
    self: () => refTo(facts.pid),
    owner: () => refTo(client > 1 && facts.exists(client) ? client : facts.parentPid()),
    isAlive({ pid, startedAt }) {
      if (!facts.exists(pid)) return false;
      const seen = look(pid);
      if (seen === undefined) return process.platform !== "linux";
      return !seen.isDead && (startedAt === 0 || startedAt === seen.startedAt);
    },
  };
}

interface Sight {
  readonly startedAt: number;
  /** It has ended and its parent has not asked for its exit code yet. */
  readonly isDead: boolean;
}

/** What the system shows of `pid`; undefined where it shows nothing. */
function look(pid: number): Sight | undefined {
  if (process.platform === "linux") return lookInProc(pid);
  return process.platform === "win32" ? undefined : askPs(pid);
}

/** `/proc/<pid>/stat` (proc(5)): state is field 3, the start in clock ticks since boot field 22. */
function lookInProc(pid: number): Sight | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in field 2 is in brackets and may itself hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const state = fields[0] ?? "";
    return { startedAt: Number(fields[19] ?? 0), isDead: state === "Z" || state === "X" };
  } catch {
    return undefined;
  }
}

/** `ps`, where there is no `/proc`: the start in seconds since 1970. */
function askPs(pid: number): Sight | undefined {
  const { stdout, success } = Bun.spawnSync(["ps", "-o", "state=,lstart=", "-p", String(pid)], {
    env: { PATH: "/bin:/usr/bin", LC_ALL: "C" },
    stderr: "ignore",
  });
  const [, state, start] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout.toString()) ?? [];
  if (!success || state === undefined || start === undefined) return undefined;
  const epochMs = Date.parse(start);
  return {
    startedAt: Number.isNaN(epochMs) ? 0 : epochMs / 1000,
    isDead: state.startsWith("Z"),
  };
}
