import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { statusOf } from "../../core/session/status.ts";
import { makeRepository } from "../support/repository.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";
import { Transcript } from "../support/transcript.ts";

const INSIGHT = [
  `\`★ Insight ${"─".repeat(37)}\``,
  "Close the pool before the process exits, because its sockets outlive it.",
  `\`${"─".repeat(49)}\``,
].join("\n");

const MINUTE = 60_000;

/** A conversation in `cwd` where the client puts it with `CLAUDE_CODE_PROJECT_DIR_NAME=named`. */
function converse(world: World, cwd: string, n: number, words = INSIGHT): void {
  const sessionId = `0d6f1f6a-0000-4000-8000-${String(n).padStart(12, "0")}`;
  const talk = new Transcript({ cwd, sessionId, start: NOW + n * MINUTE });
  talk.prompt("Why does the login test fail?");
  talk.answer(words);
  const folder = join(world.claude, "projects", "named");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${sessionId}.jsonl`), talk.text());
}

test("a start reads the project's transcripts in whatever folder they lie, and status sees them", async () => {
  using world = makeWorld();
  using repository = makeRepository();
  converse(world, repository.folder, 1);
  const services = world.another({ cwd: repository.folder });

  const { brief } = await services.session.start();
  const { links } = statusOf(services.ports).recording;

  expect(brief.text).toContain("Close the pool");
  expect(links.find(({ name }) => name === "transcript")?.detail).toStartWith("newest transcript");
});

test.each(["checkpoint", "end"] as const)(
  "so does a %s, whatever was looked at before",
  async (act) => {
    using world = makeWorld();
    using repository = makeRepository();
    const services = world.another({ cwd: repository.folder });
    await services.session.start();
    converse(world, repository.folder, 1);
    world.pass(10 * MINUTE);

    const { captured } = await (act === "end"
      ? services.session.end()
      : services.session.checkpoint({ dryRun: false }));

    expect(captured).toBe(1);
  },
);

test("heads of other projects' files are looked at once, by whichever process comes first", () => {
  using world = makeWorld();
  const own = join(world.home, "own");
  mkdirSync(own);
  const poll = (kind: "near" | "project") => {
    const { ingest, project } = world.another({ cwd: own });
    return ingest.run({ kind, identity: project.identify() }).documents;
  };
  for (let n = 2; n < 7; n += 1) converse(world, join(world.home, `other-${n}`), n);
  converse(world, own, 1);

  expect(poll("near")).toBe(1);
  // Another head than the one that was looked at: who looks again finds it.
  for (let n = 2; n < 7; n += 1) converse(world, own, n);
  expect(poll("near")).toBe(0);
  expect(poll("project")).toBe(5);
});
