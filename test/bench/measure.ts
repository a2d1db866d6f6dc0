import { readFileSync } from "node:fs";
import { platform } from "node:os";

/** How a program is started for a measurement. */
export interface Program {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One run of a program from start to end. */
export interface Run {
  readonly wallMs: number;
  /** Most resident memory in bytes, looked at every few milliseconds; 0 where there is no /proc. */
  readonly peakBytes: number;
  readonly stdout: string;
}

/** How often a running program's memory is looked at, in milliseconds. */
const WATCH_MS = 20;

/** Runs `program` to its end. @throws Error when it fails. */
export async function run(program: Program, watch: "time" | "memory" = "time"): Promise<Run> {
  const started = performance.now();
  const child = spawn(program, "ignore");
  let peakBytes = 0;
  const look = () => {
    peakBytes = Math.max(peakBytes, memoryOf(child.pid)?.peakBytes ?? 0);
  };
  const timer = watch === "memory" ? setInterval(look, WATCH_MS) : undefined;
  const stdout = await new Response(child.stdout).text();
  const exitCode = await child.exited;
  const wallMs = performance.now() - started;
  clearInterval(timer);
  if (exitCode !== 0) throw new Error(`${program.command.join(" ")} ended with ${exitCode}`);
  return { wallMs, peakBytes, stdout };
}

/**
 * Waits until what was written lies on the disk: a program that makes its own data safe would wait
 * for that, and one that only reads beside it would not.
 */
export function settle(): void {
  if (platform() !== "win32") Bun.spawnSync(["sync"]);
}

/** Starts `program` with its output in our hands. */
export function spawn<In extends "pipe" | "ignore">({ command, cwd, env }: Program, stdin: In) {
  return Bun.spawn([...command], { cwd, env, stdin, stdout: "pipe", stderr: "ignore" });
}

/** Resident memory of a process now and at its highest, in bytes; undefined without /proc. */
export function memoryOf(pid: number): { bytes: number; peakBytes: number } | undefined {
  const status = readProc(`/proc/${pid}/status`);
  const size = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status ?? "")?.[1] ?? 0) * 1024;
  return status === undefined ? undefined : { bytes: size("VmRSS"), peakBytes: size("VmHWM") };
}

/** Processor time that a process has used, in milliseconds; undefined without /proc. */
export function cpuOf(pid: number): number | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the name in brackets, which may hold spaces: see proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Length of a clock tick: 100 a second on every Linux that Bun runs on. */
const TICK_MS = 10;

function readProc(path: string): string | undefined {
  if (platform() !== "linux") return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // ended meanwhile
  }
}

/** The value that a share of `values` does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
export const p95 = (values: readonly number[]): number => quantile(values, 0.95);

/**
 * Measures several things in turn, `rounds` times over, so that whatever else the machine does
 * meets all of them. One round before it is thrown away.
 * @returns the values of each, in the order given.
 */
export async function inTurn(
  rounds: number,
  things: readonly (() => Promise<number>)[],
): Promise<number[][]> {
  const values: number[][] = things.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, measureOne] of things.entries()) {
      const value = await measureOne();
      if (round >= 0) values[index]?.push(value);
    }
  }
  return values;
}
