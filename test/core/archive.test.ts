import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import fc from "fast-check";
import { cleanRecord } from "../../core/archive/clean.ts";
import { exportLines } from "../../core/archive/export.ts";
import { foreignFormat } from "../../core/archive/lines.ts";
import { redact } from "../../core/kernel/redact.ts";
import type { PassageRow } from "../../core/search/model.ts";
import { migrate } from "../../core/storage/migrate.ts";
import { makeWorld, NOW } from "../support/services.ts";

const SECRET = `ghp_${"A1b2C3d4E5f6".repeat(3)}`;
const clean = (text: string) => redact(text).text;

test("a passage keeps its place when text before it or in it is redacted", () => {
  const said = fc.constantFrom("", "ask ", `key ${SECRET} `, "漢字🙂 ", "a".repeat(40));
  fc.assert(
    fc.property(fc.array(said, { maxLength: 8 }), (texts) => {
      let content = "";
      const passages = texts.map((text, n): PassageRow => {
        if (content !== "") content += "\n\n";
        const start = content.length;
        content += text;
        return [`u${n}`, "user", start, content.length];
      });

      const record = cleanRecord({ content, passages, title: SECRET }, clean);

      const body = String(record["content"]);
      const rows = record["passages"] as PassageRow[];
      expect(rows.map(([, , from, to]) => body.slice(from, to))).toEqual(texts.map(clean));
      expect(JSON.stringify(record)).not.toContain(SECRET);
      expect(cleanRecord(record, clean)).toEqual(record);
    }),
  );
});

test("what an older sb stored unredacted does not leave the store", () => {
  using world = makeWorld();
  const { services } = world;
  const projectKey = services.project.keyForWriting();
  const start = "The key is ".length;
  services.search.put({
    id: "e1",
    kind: "exchange",
    projectKey,
    at: NOW,
    title: SECRET,
    body: `The key is ${SECRET}\n\nNoted.`,
    passages: [
      ["u1", "user", 0, start + SECRET.length],
      ["u2", "assistant", start + SECRET.length + 2, start + SECRET.length + 8],
    ],
    detail: { cwd: `/srv/${SECRET}`, tools: [{ name: "Bash", output: SECRET }] },
    files: [{ path: `/srv/${SECRET}`, action: "read" }],
  });

  const lines = [...exportLines(services, {})];

  const record = JSON.parse(lines.at(-1) ?? "");
  const [, , from, to] = record.passages[1];
  expect(lines.join("")).not.toContain(SECRET);
  expect(record.content.slice(from, to)).toBe("Noted.");
});

test.each([
  [Bun.gzipSync("x"), /gzip/],
  [Buffer.from("{}"), undefined],
  [Buffer.alloc(0), undefined],
] as const)("a foreign file is known by its first bytes", (bytes, expected) => {
  const found = foreignFormat(Buffer.from(bytes));

  if (expected) expect(found).toMatch(expected);
  else expect(found).toBeUndefined();
});

const EXPORTED = [
  ...["document", "document_file", "message", "insight", "insight_sighting", "conversation"],
  ...["session", "checkpoint", "project", "project_dependency", "tombstone"],
];
const NOT_EXPORTED = [
  /^document_fts|^(code_block|document_error|derive_queue|document_sketch)$/, // made from the documents
  /^embedding/, // made from the documents by a model
  /^(transcript_file|transcript_head|setting)$/, // facts about this machine's files and this store
  /^result_set$/, // lasts a day
  /^document_use$/, // how often this machine's people opened a document
  /^reminder$/, // of days to come in this person's own calendar, not of what was
  /^saved_context$/, // drawn from exchanges, for a conversation that goes on here
  /^(client|hook_event|hook_seen|injection|injected_item)$/, // what this machine's client was told
];

test("every table is exported, or it is said here why not", () => {
  const db = new Database(":memory:");
  migrate(db);
  const tables = db
    .query<{ name: string }, []>(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND type = 'table'",
    )
    .all()
    .map(({ name }) => name);

  const open = tables.filter((name) => !NOT_EXPORTED.some((pattern) => pattern.test(name)));

  expect(open.sort()).toEqual(EXPORTED.sort());
});
