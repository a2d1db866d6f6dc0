import type { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { openDatabase } from "../../core/storage/database.ts";
import { exactScan } from "../../core/storage/vector-exact.ts";
import { packStore } from "../../core/storage/vector-pack-store.ts";
import { packedScan } from "../../core/storage/vector-scan.ts";
import { type VectorFilter, vectorIndex } from "../../core/storage/vectors.ts";
import { type Placed, putVectors, wordVector } from "../support/vectors.ts";

const folder = mkdtempSync(join(tmpdir(), "sb-vectors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WORDS = "pool token cache login retry index schema lock queue parser socket border".split(
  " ",
);

/** Three words a document, so that similarities vary; documents from 1 on. */
function sample(count: number): Placed[] {
  return Array.from({ length: count }, (_, index) => {
    const words = [index % 12, (index * 7) % 11, (index * 5 + 3) % 12].map((at) => WORDS[at]);
    return {
      rowid: index + 1,
      vector: wordVector(`${words.join(" ")} ${index % 97}`),
      project: `p${index % 5}`,
      kind: index % 3 === 0 ? "insight" : "exchange",
      at: index * 1_000,
    };
  });
}

/** The answer by definition, over the vectors as they were given. */
function byHand(all: readonly Placed[], query: Float32Array, filter: VectorFilter = {}): number[] {
  const { projectKeys, hiddenKeys, kinds, since = 0, before = Infinity, rowids } = filter;
  return all
    .filter(({ rowid, project = "", kind = "", at = 0 }) => {
      const isSeen = projectKeys?.includes(project) ?? true;
      return (
        isSeen &&
        !hiddenKeys?.includes(project) &&
        (kinds?.includes(kind) ?? true) &&
        at >= since &&
        at < before &&
        (rowids?.includes(rowid) ?? true)
      );
    })
    .map(({ rowid, vector }) => ({
      rowid,
      similarity: vector.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0),
    }))
    .sort((a, b) => b.similarity - a.similarity)
    .map(({ similarity }) => similarity);
}

describe.each([
  ["the exact scan", exactScan],
  ["the scan of sign bits", packedScan],
] as const)("%s", (_name, open) => {
  function filled(all: readonly Placed[]): Database {
    const db = openDatabase(":memory:");
    putVectors(db, all);
    return db;
  }

  test("finds the documents most like the query, with their chunk's place", () => {
    const db = filled([
      { rowid: 1, vector: wordVector("connection pool exhausted") },
      { rowid: 2, vector: wordVector("something else entirely") },
      { rowid: 2, chunk: 1, vector: wordVector("pool exhausted again") },
    ]);

    const hits = open(db, "words").search({ query: wordVector("pool exhausted"), limit: 5 });

    expect(hits.map(({ documentRowid, start, end }) => [documentRowid, start, end])).toEqual([
      [2, 100, 200],
      [1, 0, 100],
    ]);
    expect(hits[0]?.similarity).toBeCloseTo(0.8, 0);
  });

  test("an empty store, and a limit of none, find nothing", () => {
    const query = wordVector("pool");

    expect(open(openDatabase(":memory:"), "words").search({ query, limit: 5 })).toEqual([]);
    expect(open(filled(sample(10)), "words").search({ query, limit: 0 })).toEqual([]);
  });

  test("under any filter the best of what it allows are found, as many as are asked for", () => {
    const all = sample(3_000);
    const index = open(filled(all), "words");
    const keys = fc.subarray(["p0", "p1", "p2", "p3", "p4"]);
    const some = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

    fc.assert(
      fc.property(
        fc.subarray(WORDS, { minLength: 1, maxLength: 4 }),
        fc.record({
          projectKeys: some(keys),
          hiddenKeys: some(keys),
          kinds: some(fc.subarray(["exchange", "insight", "fix"])),
          since: some(fc.integer({ min: 0, max: 3_000_000 })),
          before: some(fc.oneof(fc.integer({ min: 0, max: 3_000_000 }), fc.constant(Infinity))),
          rowids: some(fc.array(fc.integer({ min: 1, max: 3_100 }), { maxLength: 300 })),
        }),
        (words, filter) => {
          const query = wordVector(words.join(" "));
          const expected = byHand(all, query, filter).slice(0, 10);

          const hits = index.search({ query, limit: 10, filter });

          expect(hits).toHaveLength(expected.length);
          // Equal words make equal vectors: what is compared is how like they are.
          for (const [at, { similarity }] of hits.entries()) {
            expect(Math.abs(similarity - (expected[at] ?? 0))).toBeLessThan(0.002);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("what is added, changed, moved and removed later is seen, whoever does it", () => {
    const path = join(folder, `${_name}.db`);
    const db = openDatabase(path);
    const other = openDatabase(path);
    putVectors(db, sample(1_500));
    const index = open(db, "words");
    const query = wordVector("zebra crossing");
    const found = (filter?: VectorFilter) =>
      index.search({ query, limit: 1, ...(filter ? { filter } : {}) })[0];
    expect(found()?.similarity).toBeLessThan(0.5);

    putVectors(other, [{ rowid: 9_000, vector: query, project: "p9" }]);
    expect(found()).toMatchObject({ documentRowid: 9_000, similarity: expect.closeTo(1, 1) });

    other.run("UPDATE document SET project_key = 'p8' WHERE rowid = 9000");
    expect(found({ projectKeys: ["p9"] })).toBeUndefined();
    expect(found({ projectKeys: ["p8"] })?.documentRowid).toBe(9_000);

    other.run("UPDATE document SET body = 'another' WHERE rowid = 9000");
    expect(found()?.documentRowid).not.toBe(9_000);

    putVectors(db, [{ rowid: 9_000, vector: query }]);
    expect(found()?.documentRowid).toBe(9_000);

    other.run("DELETE FROM document WHERE rowid = 9000");
    expect(found()?.documentRowid).not.toBe(9_000);
    db.close();
    other.close();
  });

  test("vectors of another model and damaged ones are passed over", () => {
    const query = wordVector("pool");
    const db = filled([
      { rowid: 1, vector: query, model: "other" },
      { rowid: 2, vector: query },
      { rowid: 3, vector: query },
      { rowid: 4, vector: query },
    ]);
    db.run("UPDATE embedding SET vector = x'00' WHERE document_rowid = 2");
    db.run("UPDATE embedding SET vector = randomblob(580) WHERE document_rowid = 3");

    const hits = open(db, "words").search({ query, limit: 9 });

    expect(hits.map(({ documentRowid }) => documentRowid)).toEqual([4]);
    expect(open(db, "unknown").search({ query, limit: 9 })).toEqual([]);
  });

  test("a query of another dimension finds nothing and harms nothing", () => {
    const index = open(filled(sample(5)), "words");

    expect(index.search({ query: new Float32Array(3), limit: 2 })).toEqual([]);
    expect(index.search({ query: new Float32Array(768).fill(1), limit: 2 })).toEqual([]);
    expect(index.search({ query: new Float32Array(384).fill(Number.NaN), limit: 2 })).toEqual([]);
    expect(index.search({ query: wordVector("pool"), limit: 2 })).toHaveLength(2);
  });
});

test("packs give what the vectors themselves give, and a damaged pack is made anew", () => {
  const db = openDatabase(":memory:");
  putVectors(db, sample(2_500));
  const search = () =>
    packedScan(db, "words").search({ query: wordVector("pool lock"), limit: 20 });
  const before = search();
  const store = packStore(db, "words");

  while (store.packOne());

  expect(db.query("SELECT count(*) AS n FROM embedding_pack").get()).toEqual({ n: 3 });
  expect(search()).toEqual(before);
  db.run("UPDATE embedding_pack SET packed = substr(packed, 1, 100) WHERE block = 0");
  db.run("UPDATE embedding_pack SET packed = CAST(packed || 'x' AS BLOB) WHERE block = 1");
  expect(search()).toEqual(before);
});

test("a pack that is out of date is not used, in a process that starts now neither", () => {
  const db = openDatabase(":memory:");
  putVectors(db, sample(1_100));
  const store = packStore(db, "words");
  while (store.packOne());
  const query = wordVector("zebra crossing");

  putVectors(db, [{ rowid: 5_000, vector: query }]);

  const [hit] = packedScan(db, "words").search({ query, limit: 1 });
  expect(hit?.documentRowid).toBe(5_000);
});

test("nothing of a removed vector stays in a pack", () => {
  const db = openDatabase(":memory:");
  putVectors(db, sample(20));
  const store = packStore(db, "words");
  while (store.packOne());

  db.run("DELETE FROM document WHERE rowid = 7");

  expect(db.query("SELECT count(*) FROM embedding WHERE document_rowid = 7").values()).toEqual([
    [0],
  ]);
  expect(db.query("SELECT count(*) FROM embedding_pack").values()).toEqual([[0]]);
});

test("a block that is empty for good goes; the one that vectors still come into stays", () => {
  const db = openDatabase(":memory:");
  putVectors(db, sample(2_100));
  const store = packStore(db, "words");
  while (store.packOne());

  db.run("DELETE FROM document WHERE rowid < 1024");
  db.run("DELETE FROM document WHERE rowid >= 2048");
  while (store.packOne());

  expect(db.query("SELECT block FROM embedding_block ORDER BY 1").values()).toEqual([[1], [2]]);
  expect(db.query("SELECT block FROM embedding_pack ORDER BY 1").values()).toEqual([[1], [2]]);
});

test("a small store and a large one answer alike", () => {
  const all = sample(4_000);
  const db = openDatabase(":memory:");
  const request = { query: wordVector("retry queue"), limit: 10 };
  putVectors(db, all.slice(0, 900));
  const index = vectorIndex(db, "words");

  const small = index.search(request);
  putVectors(db, all.slice(900));
  const large = index.search(request);

  expect(small).toEqual(exactScan(openedWith(all.slice(0, 900)), "words").search(request));
  expect(large.map(({ similarity }) => similarity)).toEqual(
    exactScan(db, "words")
      .search(request)
      .map(({ similarity }) => similarity),
  );
});

test("given documents are compared by their best chunk, those without a vector are not told of", () => {
  const all = sample(3_000);
  const again = { rowid: 1_500, chunk: 1, vector: wordVector("retry queue retry") };
  const db = openedWith([...all, again]);
  const query = wordVector("retry queue");
  const asked = [17, 1_500, 2_999, 9_999];

  const hits = vectorIndex(db, "words").compare(query, asked);

  const rowids = hits.map(({ documentRowid }) => documentRowid);
  expect(rowids.toSorted((a, b) => a - b)).toEqual([17, 1_500, 2_999]);
  expect(hits).toEqual(
    exactScan(db, "words").search({ query, limit: 3, filter: { rowids: asked } }),
  );
  expect(vectorIndex(db, "words").compare(new Float32Array(384), asked)).toEqual([]);
});

function openedWith(all: readonly Placed[]): Database {
  const db = openDatabase(":memory:");
  putVectors(db, all);
  return db;
}
