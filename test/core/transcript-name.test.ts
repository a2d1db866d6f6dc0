import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWorld } from "../support/services.ts";
import { Transcript } from "../support/transcript.ts";

const KEY = `ghp_${"A1b2".repeat(9)}`;

test.each([
  ["line ends", "a\nb"],
  ["colours of a terminal", "\u001b[31mred\u0007"],
  ["a credential", KEY],
  ["no id of its rows, and 200 characters", "x".repeat(200)],
])("a file whose name has %s is read, and the name is stored nowhere", (_case, name) => {
  using world = makeWorld();
  const t = new Transcript({ cwd: world.home });
  t.prompt("Why does the wombat dig?", { sessionId: undefined });
  const folder = join(world.claude, "projects", "-p");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.jsonl`), t.text());
  const { ingest, search, transcript } = world.services;

  const report = ingest.run({ kind: "all" });

  expect(report).toMatchObject({ files: 1, rows: 1, documents: 1 });
  const { hits } = search.search({ query: "wombat", limit: 5, maxTokens: 2_000 });
  expect(hits[0]?.session_id).toMatch(/^x-[0-9a-f]{32}$/);
  expect(transcript.conversations(9).map(({ sessionId }) => sessionId)).toEqual([
    hits[0]?.session_id ?? "",
  ]);
  const [file] = transcript.locate().files;
  const shown = file === undefined ? "" : transcript.shownPath(file);
  expect(shown).toEndWith(".jsonl");
  expect(shown).not.toMatch(/\p{Cc}/u);
  expect(shown).not.toContain(KEY);
  expect(ingest.run({ kind: "all" })).toMatchObject({ files: 0, skipped: 1 });
});
