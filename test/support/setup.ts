// Preloaded before every test file: nothing of the developer's own environment reaches a test.
import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Variables that would change what sb, git or a renderer does. */
const FOREIGN = /^(SB_|CLAUDE|GIT_|XDG_|HF_)|^(NO_COLOR|FORCE_COLOR)$/;

for (const name of Object.keys(Bun.env)) {
  if (FOREIGN.test(name)) delete Bun.env[name];
}

const home = mkdtempSync(join(tmpdir(), "sb-home-"));
Bun.env["HOME"] = home;
Bun.env["USERPROFILE"] = home;
// Stores, models and histories of a whole run take their time on a busy disk.
afterAll(() => rmSync(home, { recursive: true, force: true }), 120_000);
