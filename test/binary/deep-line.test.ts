import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../../core/kernel/paths.ts";
import { binary } from "../support/binary.ts";
import { makeWorld } from "../support/harness.ts";

const sb = binary();

const MB = 1024 * 1024;
/** What a transcript of one row takes is some 70 MB, a long line some 30 MB more. */
const MOST_RESIDENT = 200 * MB;

/** Run by a process of its own: what a child has had resident counts in what its parent had. */
const MEASURE = `
  const command = [${JSON.stringify(sb)}, "ingest", "--all", "--json"];
  const { stdout, resourceUsage } = Bun.spawnSync(command, { env: Bun.env });
  const measured = { answer: JSON.parse(stdout.toString()), resident: resourceUsage.maxRSS };
  await Bun.write(Bun.stdout, JSON.stringify(measured));
`;

function ingested(env: Env): { answer: unknown; resident: number } {
  const { stdout } = Bun.spawnSync([process.execPath, "-e", MEASURE], { env: { ...env } });
  return JSON.parse(stdout.toString());
}

/** Lines of more nesting than any parser should be given. */
const LINES: Readonly<Record<string, () => string>> = {
  "5 million brackets": () => "[".repeat(5_000_000),
  "3.9 million brackets": () => "[".repeat(3_900_000),
  "stubs of rows one in another": () => `${'{"type":'.repeat(480_000)}}`,
  "stubs behind an open string": () => `{"type":"x${'{"type":'.repeat(480_000)}}`,
  "brackets behind a NUL": () => `"\0${"[".repeat(3_900_000)}`,
  "brackets behind escaped quotes": () => `{"a":"\\\\\\"","b":${"[".repeat(3_900_000)}`,
};

for (const [name, line] of Object.entries(LINES)) {
  test(`a line of ${name} is bad, costs little memory, and the next one is read`, () => {
    const { env, project } = makeWorld();
    const folder = join(env["CLAUDE_CONFIG_DIR"] ?? "", "projects", "-deep");
    mkdirSync(folder, { recursive: true });
    const row = {
      type: "user",
      uuid: "00000001-0000-4000-8000-000000000000",
      timestamp: "2026-01-02T03:04:05.000Z",
      sessionId: "s",
      cwd: project,
      message: { role: "user", content: `${"[{".repeat(5_000)} is what a file held` },
    };
    const file = join(folder, "0000000b-1111-4111-8111-111111111111.jsonl");
    writeFileSync(file, `${line()}\n${JSON.stringify(row)}\n`);

    const { answer, resident } = ingested(env);

    expect(answer).toMatchObject({ rows: 1, bad_rows: 1 });
    expect(resident).toBeLessThan(MOST_RESIDENT);
  });
}
