import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { segmentsOf } from "../../core/storage/fts-format.ts";
import { postings } from "../../core/storage/postings.ts";

const WORDS = ["pool", "pools", "poolside", "token", "a", "cache", "cachet", "zürich", "x1"];
const TOOLS = 2;

/** An index as the store has it; on small pages lists and places run over from one to the next. */
function makeIndex(pageBytes: number, path = ":memory:"): Database {
  const db = new Database(path);
  db.run(`CREATE VIRTUAL TABLE doc USING fts5 (title, body, tools, parts,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0')`);
  db.run(`INSERT INTO doc (doc, rank) VALUES ('pgsz', ${pageBytes})`);
  db.run("INSERT INTO doc (doc, rank) VALUES ('automerge', 2)");
  return db;
}

type Texts = readonly [title: string, body: string, tools: string, parts: string];

const put = (db: Database, rowid: number, texts: Texts) =>
  db
    .query("INSERT INTO doc (rowid, title, body, tools, parts) VALUES (?, ?, ?, ?, ?)")
    .run(rowid, ...texts);

/** The lists as `MATCH` finds them. */
function byMatch(db: Database, word: string) {
  const found = (match: string) =>
    db
      .query<{ rowid: number }, [string]>("SELECT rowid FROM doc WHERE doc MATCH ? ORDER BY rowid")
      .all(match)
      .map(({ rowid }) => rowid);
  const others = found(`{title body parts} : ("${word}")`);
  const isOther = new Set(others);
  return { others, apart: found(`{tools} : ("${word}")`).filter((rowid) => !isOther.has(rowid)) };
}

function byPages(read: ReturnType<typeof postings>, word: string) {
  const found = read(word);
  return found && { others: [...found.others.toSorted()], apart: [...found.apart] };
}

/** Words said again and again, and some far apart: their distance takes two bytes. */
const text = fc
  .array(
    fc.tuple(
      fc.constantFrom(...WORDS),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(1, 1, 1, 125, 126, 127),
    ),
    { maxLength: 4 },
  )
  .map((said) =>
    said.map(([word, times, gap]) => `${word} `.repeat(times) + "and ".repeat(gap)).join(""),
  );
const rowid = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 70_000 }),
  fc.constantFrom(5_000_000, 400_000_000),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: rowid, texts: fc.tuple(text, text, text, text) }) },
  { weight: 2, arbitrary: fc.record({ remove: rowid }) },
  { weight: 1, arbitrary: fc.constantFrom("('merge', 2)", "('merge', -500)", "('optimize', 0)") },
);

test("a word's documents are those that MATCH finds, after changes, deletions and merges", () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 30 }),
      fc.oneof(fc.integer({ min: 40, max: 260 }), fc.constant(4_050)),
      (steps, pageBytes) => {
        using db = makeIndex(pageBytes);
        const read = postings(db, "doc", TOOLS);
        const there = new Set<number>();
        const remove = (rowid: number) => {
          if (there.delete(rowid)) db.query("DELETE FROM doc WHERE rowid = ?").run(rowid);
        };
        for (const [index, one] of steps.entries()) {
          if (typeof one === "string") db.run(`INSERT INTO doc (doc, rank) VALUES ${one}`);
          else if ("remove" in one) remove(one.remove);
          else {
            remove(one.put);
            put(db, one.put, one.texts);
            there.add(one.put);
          }
          const word = WORDS[index % WORDS.length] ?? "";
          expect(byPages(read, word)).toEqual(byMatch(db, word));
        }
        for (const word of [...WORDS, "absent", "poo", "poolsides"]) {
          expect(byPages(read, word)).toEqual(byMatch(db, word));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a list of thousands over many pages is read whole, and those written again in their order", () => {
  using db = makeIndex(4_050);
  const read = postings(db, "doc", TOOLS);
  const fill = (from: number, to: number) =>
    db.transaction(() => {
      for (let n = from; n < to; n += 1) {
        const said = n % 3 === 0 ? "" : `token ${n}`;
        put(db, n, ["", said, `${"token ".repeat(n % 50)}pool`, n % 9 === 0 ? "token" : ""]);
      }
    })();
  fill(1, 9_000);
  db.run("DELETE FROM doc WHERE rowid IN (10, 20, 30)");
  fill(20, 21);
  fill(9_000, 12_000);

  const found = byPages(read, "token");

  expect(found).toEqual(byMatch(db, "token"));
  expect(found?.apart.length).toBeGreaterThan(2_000);
  expect(byPages(read, "pool")?.apart.length).toBe(11_997);
});

test("what is on no page yet, and an index of another form, are left to MATCH", () => {
  using db = makeIndex(4_050);
  const read = postings(db, "doc", TOOLS);
  put(db, 1, ["", "token", "", ""]);
  db.run("CREATE VIRTUAL TABLE plain USING fts5 (body)");
  db.run("INSERT INTO plain (body) VALUES ('token')");

  const inside = db.transaction(() => {
    put(db, 2, ["", "token", "", ""]);
    return read("token");
  })();

  expect(inside).toBeUndefined();
  expect(byPages(read, "token")?.others).toEqual([1, 2]);
  expect(postings(db, "plain", 0)("token")).toBeUndefined();
});

/** An index over several pages and segments, with tombstones. */
function makeLarge(): Database {
  const db = makeIndex(200);
  for (let n = 1; n <= 400; n += 1) put(db, n, ["", `token ${n}`, "pool", "cache"]);
  db.run("DELETE FROM doc WHERE rowid % 7 = 0");
  return db;
}

test("whatever stands in the structure record, reading it ends", () => {
  using db = makeLarge();
  const { block } = db.query("SELECT block FROM doc_data WHERE id = 10").get() as {
    block: Uint8Array;
  };
  for (let at = 8; at < block.length; at += 1) {
    const head = block.subarray(0, at);
    const huge = Buffer.concat([head, Buffer.from("ffffffffffff7f", "hex"), block.subarray(at)]);
    expect([at, segmentsOf(huge)]).toEqual([at, undefined]);
    expect([at, segmentsOf(head)]).toEqual([at, undefined]);
  }
  expect(segmentsOf(block)?.length).toBeGreaterThan(0);
});

/** The tables that an index lies in, as tables that can be damaged. */
function copyOf(db: Database, path = ":memory:"): Database {
  const copy = new Database(path);
  copy.run("CREATE TABLE doc_data (id INTEGER PRIMARY KEY, block BLOB)");
  copy.run("CREATE TABLE doc_idx (segid, term, pgno, PRIMARY KEY (segid, term)) WITHOUT ROWID");
  fillFrom(db, copy);
  return copy;
}

function fillFrom(db: Database, copy: Database): void {
  const copied = { doc_data: "?, ?", doc_idx: "?, ?, ?" };
  for (const [table, values] of Object.entries(copied)) {
    copy.run(`DELETE FROM ${table}`);
    const into = copy.query(`INSERT INTO ${table} VALUES (${values})`);
    for (const row of db.query(`SELECT * FROM ${table}`).values()) into.run(...(row as string[]));
  }
}

test.each([
  ["a page that is a text", "UPDATE doc_data SET block = 'x' WHERE id > 1000 AND id & 3 = 2"],
  ["pages that are gone", "DELETE FROM doc_data WHERE id > 1000 AND id & 3 = 2"],
  ["a structure that is a number", "UPDATE doc_data SET block = 5 WHERE id = 10"],
  ["a list that breaks off", "DELETE FROM doc_data WHERE id > (1 << 37) + 4"],
])("%s leaves the answer to MATCH", (_case, sql) => {
  using db = makeLarge();
  db.run("INSERT INTO doc (doc) VALUES ('optimize')");
  using copy = copyOf(db);
  expect(byPages(postings(copy, "doc", TOOLS), "token")).toEqual(byMatch(db, "token"));

  copy.run(sql);

  expect(postings(copy, "doc", TOOLS)("token")).toBeUndefined();
});

test("an index that another process made anew is read anew, though its record is the same", () => {
  const path = join(mkdtempSync(join(tmpdir(), "sb-postings-")), "copy.db");
  const without = (gone: number) => {
    const db = makeIndex(4_050);
    db.transaction(() => {
      for (const n of [1, 2, 3]) put(db, n, ["", "token", "", ""]);
    })();
    db.run(`DELETE FROM doc WHERE rowid = ${gone}`);
    return db;
  };
  const record = (db: Database) => db.query("SELECT block FROM doc_data WHERE id = 10").values();
  using first = without(1);
  using second = without(3);
  using copy = copyOf(first, path);
  using other = new Database(path);
  const read = postings(copy, "doc", TOOLS);
  expect(byPages(read, "token")?.others).toEqual([2, 3]);

  fillFrom(second, other);

  expect(record(other)).toEqual(record(first));
  expect(byPages(read, "token")?.others).toEqual([1, 2]);
});
