import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWorld, type World } from "../support/services.ts";
import { Transcript } from "../support/transcript.ts";

const ALL = { kind: "all" } as const;
const PAGE = { limit: 10, maxTokens: 8000 };
const WORD = "quokkasecret";

/** Writes `lines` where the client would for a folder it names as it likes. */
function write(world: World, lines: readonly string[], folder = "named"): void {
  const path = join(world.claude, "projects", folder);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "0d6f1f6a-0000-4000-8000-000000000001.jsonl"), `${lines.join("\n")}\n`);
}

function talkIn(cwd: string): Transcript {
  const talk = new Transcript({ cwd });
  talk.prompt(`What does the ${WORD} eat?`);
  talk.answer(`The ${WORD} eats leaves.`);
  return talk;
}

const found = ({ services }: World) => services.search.search({ query: WORD, ...PAGE }).total;

/** Whether any table holds the word, in whatever form the row has it. */
function isKept({ services: { ports } }: World): boolean {
  return ports.db.serialize().includes(WORD);
}

/** As another program than the client would write it: blanks behind colons and commas. */
const spaced = (line: string) =>
  line.replaceAll('":', '": ').replaceAll(',"', ', "').replaceAll("\\u0020", " ");

/** The first prompt has a picture before its words, and the folder stands behind both. */
function withPicture([first = "", ...rest]: readonly string[]): string[] {
  const { message, cwd, ...envelope } = JSON.parse(first) as Record<string, unknown>;
  const text = (message as { content: string }).content;
  const source = { type: "base64", media_type: "image/png", data: "A".repeat(1_500_000) };
  const content = [
    { type: "image", source },
    { type: "text", text },
  ];
  return [JSON.stringify({ ...envelope, message: { role: "user", content }, cwd }), ...rest];
}

const HEADS = [
  ["as the client writes it", (lines: readonly string[]) => lines],
  ["with blanks behind colons", (lines: readonly string[]) => lines.map(spaced)],
  ["behind a large picture", withPicture],
] as const;

test.each(HEADS)(
  "the folder %s is seen: a paused project is not read, later it is",
  (_case, as) => {
    using world = makeWorld();
    const cwd = join(world.home, "quiet");
    mkdirSync(cwd);
    const { ingest, project } = world.services;
    project.setPaused(cwd, true);
    write(world, as(talkIn(cwd).lines));

    const paused = ingest.run(ALL);
    const isKeptWhilePaused = isKept(world);
    project.setPaused(cwd, false);
    const open = ingest.run({ kind: "project", identity: project.identify(cwd) });

    expect(paused).toMatchObject({ files: 0, skipped: 1 });
    expect(isKeptWhilePaused).toBe(false);
    expect(open).toMatchObject({ files: 1, documents: 1 });
    expect(found(world)).toBe(1);
  },
);

test.each([
  [
    "paused",
    (world: World, cwd: string) => {
      world.services.project.setPaused(cwd, true);
      return world.services;
    },
    (world: World, cwd: string) => {
      world.services.project.setPaused(cwd, false);
      return world.services;
    },
  ],
  [
    "ignored",
    (world: World, cwd: string) => world.another({ config: { ignore: [cwd] } }),
    (world: World) => world.another(),
  ],
] as const)(
  "what a conversation said in a project that was %s is read once it may be, and once",
  (_case, close, open) => {
    using world = makeWorld();
    const [here, quiet] = [join(world.home, "here"), join(world.home, "quiet")];
    mkdirSync(quiet);
    const talk = new Transcript({ cwd: here });
    talk.prompt("What does the numbat eat?");
    talk.answer("The numbat eats termites.");
    write(world, [...talk.lines, ...talkIn(quiet).lines].map(renumbered));

    const first = close(world, quiet).ingest.run(ALL);
    const again = close(world, quiet).ingest.run(ALL);
    const isKeptWhileLeft = isKept(world);
    const services = open(world, quiet);
    const later = services.ingest.run({ kind: "near", identity: services.project.identify(quiet) });
    const last = services.ingest.run(ALL);

    expect(first).toMatchObject({ files: 1, rows: 4, documents: 1 });
    expect(again).toMatchObject({ files: 0, skipped: 1 });
    expect(isKeptWhileLeft).toBe(false);
    expect(later).toMatchObject({ files: 1, rows: 0, documents: 1 });
    expect(last).toMatchObject({ files: 0, documents: 0 });
    expect(found(world)).toBe(1);
    const rows = services.ports.db.query("SELECT rows FROM transcript_file").get();
    expect(rows).toEqual({ rows: 4 });
  },
);

/** A row of an id of its own, by its place. */
function renumbered(line: string, index: number): string {
  const row = JSON.parse(line) as Record<string, unknown>;
  return JSON.stringify({
    ...row,
    uuid: `0d6f1f6a-0000-4000-9000-${String(index).padStart(12, "0")}`,
  });
}
