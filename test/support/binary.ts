import { platform } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "../..");

let fresh: string | undefined;

/**
 * Path of the compiled `sb`, built first if a source has changed. Runs that ask at the same time
 * share one build. Call it at the top of a test file, not in a test: a build outlasts a test's time.
 *
 * @throws Error with the compiler's messages when it does not build.
 */
export function binary(): string {
  fresh ??= build();
  return fresh;
}

function build(): string {
  const command = [process.execPath, "cli/bootstrap.mjs", "build", "--if-stale"];
  const { success, stderr } = Bun.spawnSync(command, {
    cwd: ROOT,
    env: Bun.env,
    stderr: "pipe",
  });
  if (!success) throw new Error(`dist/sb does not build:\n${stderr.toString()}`);
  return join(ROOT, "dist", platform() === "win32" ? "sb.exe" : "sb");
}
