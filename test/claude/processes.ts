import { readdirSync, readFileSync } from "node:fs";

/** A finished process. */
export interface Finished {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** A process that may still be at work. */
export interface Running {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** Sends SIGKILL to this process alone, not to its children. */
  kill(): void;
}

export interface Launch {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** After an exit, how long a child that still holds the pipes may delay the reading of output. */
const OUTPUT_GRACE_MS = 1_000;

/** Starts `command` with exactly `env`: nothing of the surrounding environment leaks in. */
export function launch(command: readonly string[], { cwd, env }: Launch): Running {
  const startedAt = performance.now();
  const child = Bun.spawn([...command], {
    cwd,
    env: { ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const finished = child.exited.then(async (): Promise<Finished> => {
    const ms = Math.round(performance.now() - startedAt);
    await Promise.race([Promise.all([stdout.ended, stderr.ended]), Bun.sleep(OUTPUT_GRACE_MS)]);
    return {
      exitCode: child.exitCode ?? undefined,
      stdout: stdout.text(),
      stderr: stderr.text(),
      ms,
    };
  });
  return { pid: child.pid, finished, kill: () => child.kill("SIGKILL") };
}

/**
 * Waits for the end of `running`.
 *
 * @throws Error with the output so far when it takes longer than `limitMs`; the process is killed.
 */
export async function finish(what: string, running: Running, limitMs: number): Promise<Finished> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    running.kill();
  }, limitMs);
  const result = await running.finished;
  clearTimeout(timer);
  if (late) {
    throw new Error(`${what}: not done in ${limitMs} ms\n${result.stdout}\n${result.stderr}`);
  }
  return result;
}

/** A process as the system lists it. */
export interface Listed {
  readonly pid: number;
  readonly command: string;
}

/** The living processes whose environment holds `entry` (`NAME=value`), this one left out. */
export function processesWith(entry: string): Listed[] {
  const listed = process.platform === "linux" ? fromProc(entry) : fromPs(entry);
  return listed.filter(({ pid }) => pid !== process.pid);
}

function fromProc(entry: string): Listed[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
        if (!environment.includes(entry)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return [{ pid: Number(name), command }];
      } catch {
        return []; // It ended in between, or is another user's.
      }
    });
}

function fromPs(entry: string): Listed[] {
  const { stdout } = Bun.spawnSync(["ps", "-AEww", "-o", "pid=,command="]);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line.includes(entry))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim() }));
}

function collect(stream: ReadableStream<Uint8Array>): {
  readonly ended: Promise<void>;
  text(): string;
} {
  const decoder = new TextDecoder();
  let text = "";
  const read = async () => {
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  };
  return { ended: read(), text: () => text };
}
