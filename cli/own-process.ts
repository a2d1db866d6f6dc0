import { writeSync } from "node:fs";
import type { ProcessFacts } from "./processes.ts";

/** What this process knows of itself and its neighbours. */
export function processFacts(): ProcessFacts {
  return { pid: process.pid, parentPid: () => process.ppid, exists };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Writes all of `text`, however slowly its reader takes it. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") Bun.sleepSync(1);
      else {
        leaveQuietly(error as NodeJS.ErrnoException);
        return;
      }
    }
  }
}

/** A reader that goes away (`sb … | head`) has what it wanted: no message, no failure. */
export function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}
