import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { SECRETS } from "../support/secrets.ts";
import { Transcript } from "../support/transcript.ts";

binary();

/** Every file below `folder`, as bytes. */
function* files(folder: string): Generator<{ path: string; bytes: Buffer }> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield { path, bytes: readFileSync(path) };
  }
}

/** A conversation that holds each secret in every place where text comes in. */
function plant(world: World): void {
  const projects = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects");
  SECRETS.forEach(({ value }, index) => {
    const talk = new Transcript({
      sessionId: `0d6f1f6a-0000-4000-8000-${String(index).padStart(12, "0")}`,
      cwd: world.project,
      branch: `feature/${value}`,
    });
    talk.prompt(`Deploy it, the key is ${value} as ever`);
    talk.tool({
      name: "Write",
      input: {
        file_path: `/srv/${value}/config.ts`,
        content: `export const key = ${JSON.stringify(value)};`,
      },
      output: "written",
    });
    talk.tool({
      name: "Bash",
      input: { command: `deploy --with '${value}'` },
      output: `Error: refused\n${value}\n`,
      isError: true,
    });
    talk.answer(
      [
        `Stored ${value}.`,
        `\`★ Insight ${"─".repeat(37)}\``,
        `The deployment reads the key ${value} before it starts, number ${index}.`,
        `\`${"─".repeat(49)}\``,
      ].join("\n"),
    );
    talk.row({ type: "custom-title", customTitle: `About ${value}`, sessionId: talk.sessionId });
    talk.writeTo(projects);
    if (value.includes("/") || value.includes("\n")) return; // no name of a folder
    const inside = new Transcript({
      sessionId: `1d6f1f6a-0000-4000-8000-${String(index).padStart(12, "0")}`,
      cwd: join(world.project, `clone-${value}`),
    });
    inside.prompt("What is in this folder?");
    inside.answer("Nothing yet.");
    inside.writeTo(projects);
  });
}

/** How Claude Code spells a folder in the name of its transcripts' folder. */
function slugOf(path: string): string {
  return path.replace(/[^a-zA-Z0-9]/g, "-");
}

test("no secret of sixty shapes, planted in every place, reaches the data folder or an answer", async () => {
  const world = makeWorld();
  plant(world);

  const answers = [
    await runBinary("ingest --all", world),
    await runBinary("start", world),
    await runBinary(["checkpoint", SECRETS[0]?.value ?? ""], world),
    await runBinary(["memory", "store", `Remember ${SECRETS[1]?.value}`], world),
    await runBinary("search deployment --limit 100 --max-tokens 50000", world),
    await runBinary("insight search --limit 100", world),
    await runBinary("session list --limit 100", world),
    await runBinary("session show", world),
    await runBinary("end", world),
  ];

  expect(answers.map(({ exitCode }) => exitCode)).toEqual(answers.map(() => 0));
  const { documents } = JSON.parse(answers[0]?.stdout ?? "");
  expect(SECRETS.length).toBeGreaterThanOrEqual(60);
  expect(documents).toBeGreaterThan(SECRETS.length);
  const stored = [
    ...files(join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data")),
    ...files(world.project),
    ...answers.map(({ stdout, stderr }, n) => ({
      path: `answer ${n}`,
      bytes: Buffer.from(stdout + stderr),
    })),
  ];
  const leaks = SECRETS.flatMap(({ name, canary }) =>
    stored
      .filter(({ bytes }) => [canary, slugOf(canary)].some((form) => bytes.includes(form)))
      .map(({ path }) => `${name} in ${path}`),
  );
  expect(leaks).toEqual([]);
}, 120_000);
