import { expect, test } from "bun:test";
import { join } from "node:path";
import { redactionCounts } from "../../core/storage/redaction-counts.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";
import { Transcript } from "../support/transcript.ts";

const ALL = { kind: "all" } as const;
const PAGE = { limit: 10, maxTokens: 8000 };

function insight(body: string): string {
  return `\`★ Insight ${"─".repeat(37)}\`\n${body}\n\`${"─".repeat(49)}\``;
}

function id(n: number): string {
  return `0d6f1f6a-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

function write(world: World, talk: Transcript): void {
  talk.writeTo(join(world.claude, "projects"));
}

test("a second ingest reads nothing, and an appended exchange only itself", () => {
  using world = makeWorld();
  const talk = new Transcript({ cwd: world.home, noise: "small" });
  talk.prompt("How are retries bounded?");
  talk.answer("By a budget for each host.");
  write(world, talk);
  const { ingest } = world.services;
  const lines = talk.lines.length;

  const first = ingest.run(ALL);
  const second = ingest.run(ALL);
  talk.prompt("And the backoff?");
  talk.answer("Doubles to a minute.");
  write(world, talk);
  const third = ingest.run(ALL);

  expect(first).toMatchObject({ files: 1, rows: lines, bad_rows: 0, documents: 1 });
  expect(second).toMatchObject({ files: 0, rows: 0, documents: 0, skipped: 1 });
  expect(third).toMatchObject({ files: 1, rows: talk.lines.length - lines, documents: 1 });
});

test("a transcript that shrinks, and one that is deleted, take nothing away", () => {
  using world = makeWorld();
  const whole = new Transcript({ cwd: world.home });
  whole.prompt("Why was the echidna release late?");
  const short = [...whole.lines];
  whole.answer("The platypus job waited for a lock.");
  write(world, whole);
  const { ingest, search } = world.services;
  ingest.run(ALL);

  whole.lines.splice(0, whole.lines.length, ...short);
  write(world, whole);
  ingest.run(ALL);

  const { hits } = search.search({ query: "platypus lock", ...PAGE });
  expect(hits).toHaveLength(1);
  expect(hits[0]?.snippet).toContain("echidna");
});

test("an insight in two projects is kept once, named after where it was seen first", async () => {
  using world = makeWorld();
  const body = "Bound every retry by a budget, because a storm of retries outlives its cause.";
  const later = new Transcript({
    sessionId: id(1),
    cwd: join(world.home, "later"),
    start: NOW - 1_000_000,
  });
  later.answer(insight(body));
  const earlier = new Transcript({
    sessionId: id(2),
    cwd: join(world.home, "earlier"),
    start: NOW - 9_000_000,
  });
  earlier.answer(insight(body.toUpperCase()));
  const { ingest, insight: insights } = world.services;
  write(world, later);
  ingest.run(ALL);
  write(world, earlier);
  ingest.run(ALL);

  const all = await insights.list({ query: "*", limit: 10, maxTokens: 9000 });
  const there = await insights.list({
    query: "retry budget",
    project: "later",
    limit: 10,
    maxTokens: 9000,
  });

  expect(all.insights).toMatchObject([
    {
      content: body,
      project: "earlier",
      projects: ["earlier", "later"],
      seen_count: 2,
      captured_at: new Date(NOW - 9_000_000).toISOString(),
      source: { session_id: id(2) },
    },
  ]);
  expect(there.total).toBe(1);
});

test("a note does not hide an insight with the same words, nor is either shown twice", async () => {
  using world = makeWorld();
  const body = "Close the pool before the process exits, because sockets outlive it.";
  const { ingest, insight: insights, search } = world.services;
  const note = insights.storeReflection(body, { tags: ["pool"] });
  const talk = new Transcript({ cwd: world.home });
  talk.answer(insight(body));
  write(world, talk);

  const report = ingest.run(ALL);

  expect(report.insights).toBe(1);
  expect((await insights.list({ query: "*", limit: 10, maxTokens: 9000 })).total).toBe(1);
  expect(insights.storeReflection(body, {})).toEqual({ id: note.id, duplicate: true });
  const kinds = search.search({ query: "pool sockets", ...PAGE }).hits.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind !== "exchange")).toHaveLength(1);
});

test("what was redacted is counted by rule", () => {
  using world = makeWorld();
  const talk = new Transcript({ cwd: world.home });
  talk.prompt("Use <private>the word is xyzzy</private> as ever");
  talk.answer("Done.");
  write(world, talk);
  const { ingest, ports } = world.services;

  ingest.run(ALL);
  ingest.run(ALL);

  expect(redactionCounts(ports.db)).toEqual({ private: 1 });
});

test("lines that are no object are counted and what they hold is used", () => {
  using world = makeWorld();
  const talk = new Transcript({ cwd: world.home });
  talk.prompt("What survives a crash?");
  const glued = talk.lines.pop() ?? "";
  talk.raw(`{"type":"pr-link","prNu${glued}`);
  talk.raw("");
  talk.raw("[1, 2]");
  talk.raw("null");
  talk.raw("\u0000\u0000\u0000");
  talk.row({ type: "of-the-future", value: 1 });
  talk.answer("What was written before it.");
  write(world, talk);

  const report = world.services.ingest.run(ALL);

  expect(report).toMatchObject({ rows: 2, bad_rows: 4, unknown_rows: 1, documents: 1 });
  expect(world.services.search.search({ query: "survives", ...PAGE }).total).toBe(1);
});

test("a message written again and again as it grew is one sighting of its insight, over passes too", async () => {
  using world = makeWorld();
  const body = "Bound every retry by a budget, because a storm of retries outlives its cause.";
  const talk = new Transcript({ cwd: world.home });
  talk.prompt("What bounds a retry?");
  const grow = (text: string) =>
    talk.chain("assistant", {
      message: { id: "msg_growing", role: "assistant", content: [{ type: "text", text }] },
    });
  grow(insight(body));
  write(world, talk);
  const { ingest, insight: insights } = world.services;
  ingest.run(ALL);
  grow(`${insight(body)}\n\nAnd more.`);
  write(world, talk);

  ingest.run(ALL);

  expect((await insights.list({ query: "*", limit: 10, maxTokens: 9000 })).insights).toMatchObject([
    { seen_count: 1 },
  ]);
});

test("a project's poll leaves other projects' files alone, and finds what is new in its own", () => {
  using world = makeWorld();
  const talks = ["api", "web"].map((name, n) => {
    const talk = new Transcript({ cwd: join(world.home, name), sessionId: id(n) });
    talk.prompt(`What does ${name} cache?`);
    talk.answer("Sessions, for a minute.");
    write(world, talk);
    return talk;
  });
  const { ingest, project } = world.services;
  const near = { kind: "near", identity: project.identify(join(world.home, "api")) } as const;
  ingest.run(ALL);
  const first = ingest.run(near);

  for (const talk of talks) {
    talk.prompt("And tokens?");
    talk.answer("For an hour.");
    write(world, talk);
  }
  const fresh = new Transcript({ cwd: join(world.home, "api"), sessionId: id(2) });
  fresh.prompt("Who clears it?");
  fresh.answer("The janitor.");
  write(world, fresh);
  const second = ingest.run(near);
  const rest = ingest.run(ALL);

  expect(first).toMatchObject({ files: 0, skipped: 1 });
  expect(second).toMatchObject({ files: 2, documents: 2 });
  expect(rest).toMatchObject({ files: 1, documents: 1 });
});

test("readings of one file at the same time count its rows once, in all and each for itself", () => {
  using world = makeWorld();
  const talk = new Transcript({ cwd: world.home, noise: "small" });
  for (let n = 0; n < 5; n += 1) {
    talk.prompt(`How are retries ${n} bounded?`);
    talk.answer("By a budget for each host.");
  }
  write(world, talk);
  const written = talk.lines.length;
  const readers = [world.services, world.another(), world.another()];
  const readings = readers.map(({ ingest }) => ingest.steps(ALL));
  for (const reading of readings) reading.next();
  talk.prompt("And the backoff?");
  talk.answer("Doubles to a minute.");
  write(world, talk);
  const late = world.another().ingest.run(ALL);

  const rows = readings.map((reading) => {
    for (;;) {
      const step = reading.next();
      if (step.done) return step.value.rows;
    }
  });
  const rest = world.services.ingest.run(ALL);

  const counted = world.services.ports.db.query("SELECT sum(rows) AS rows FROM transcript_file");
  expect(counted.get()).toEqual({ rows: talk.lines.length });
  expect(late.rows).toBe(talk.lines.length);
  expect(rows).toEqual([0, 0, 0]);
  expect(rest).toMatchObject({ files: 0, rows: 0 });
  expect(written).toBeLessThan(talk.lines.length);
});

test("in steps no more is written at a stretch than one small batch, however dense a file is", () => {
  using world = makeWorld();
  const talk = new Transcript({ cwd: world.home });
  for (let n = 0; n < 400; n += 1) {
    talk.prompt(`How is part ${n} bounded?`);
    talk.answer(`By budget ${n}.`);
  }
  write(world, talk);

  const steps = [...world.services.ingest.steps(ALL)].map(({ documents }) => documents);

  const written = steps.map((documents, n) => documents - (steps[n - 1] ?? 0));
  expect(Math.max(...written)).toBe(64);
  expect(world.services.search.search({ query: "budget", ...PAGE }).total).toBe(400);
});

test("a short conversation is kept to its last words, however little time there is", () => {
  using world = makeWorld();
  const talk = new Transcript({ cwd: world.home, sessionId: id(1) });
  talk.prompt("When does the numbat sing?");
  talk.answer("At dawn.");
  write(world, talk);
  const { ingest, search } = world.services;

  ingest.runFor({ kind: "conversation", sessionId: id(1) }, 0);

  expect(search.search({ query: "numbat", ...PAGE }).hits[0]?.snippet).toContain("At dawn");
});

test("what failed in one reading and is mended in the next is a fix", () => {
  using world = makeWorld();
  const { ingest } = world.services;
  const talk = new Transcript({ cwd: world.home });
  const fixes = () =>
    world.services.ports.db.query("SELECT title FROM document WHERE kind = 'fix'").all();
  const call = { name: "Bash", input: { command: "npm test" } };
  talk.prompt("Make the tests pass");
  talk.tool({ ...call, output: "TypeError: pool.close is not a function", isError: true });
  talk.answer("The pool is closed in another way.");
  write(world, talk);
  ingest.run(ALL);
  expect(fixes()).toEqual([]);

  talk.prompt("Go on");
  const change = { file_path: join(world.home, "pool.ts"), old_string: "close", new_string: "end" };
  talk.tool({ name: "Edit", input: change, output: "ok" });
  talk.tool({ ...call, output: "12 passing" });
  talk.answer("The driver has end, not close.");
  write(world, talk);
  ingest.run(ALL);

  expect(fixes()).toEqual([{ title: "TypeError: pool.close is not a function" }]);
});
