import { Database } from "bun:sqlite";
import type { Dialogue } from "./locomo.ts";
import type { Recall } from "./retrieval-score.ts";

/** Words that are not searched for: the list that the floor was published with. */
const STOP_WORDS = new Set(
  `a an the of to in on at for and or is are was were be been do does did has have had what when
where who whom which why how that this it its i you he she they we his her their my your me him them
us with by from as about into than then there so if not no any some can could would should will may
might much many more most did`.split(/\s+/),
);

/** Most windows looked at for one question. */
const MOST_ROWS = 200;

interface Row {
  readonly session: string;
  readonly turns: string;
  readonly text: string;
}

/**
 * What the product is compared with: FTS5 alone over windows of three turns, each with its session's
 * date before it, any word but stop words, ranked by BM25.
 */
export function floor(dialogues: readonly Dialogue[]): Recall {
  const db = new Database(":memory:", { strict: true });
  db.run(
    "CREATE VIRTUAL TABLE turn USING fts5(session UNINDEXED, turns UNINDEXED, text, tokenize = 'porter unicode61')",
  );
  db.transaction(() => {
    for (const dialogue of dialogues) fill(db, dialogue);
  })();
  const find = db.query<Row, [string, number]>(
    "SELECT session, turns, text FROM turn WHERE turn MATCH ? ORDER BY bm25(turn) LIMIT ?",
  );
  return (query, { limit }) =>
    find.all(expression(query), Math.min(limit, MOST_ROWS)).map(({ session, turns, text }) => ({
      session,
      turns: turns.split(" "),
      bytes: Buffer.byteLength(JSON.stringify({ session, turns: turns.split(" "), text })),
    }));
}

function fill(db: Database, { name, sessions }: Dialogue): void {
  const insert = db.query("INSERT INTO turn VALUES (?, ?, ?)");
  for (const { id, date, turns } of sessions) {
    for (const at of turns.keys()) {
      const window = turns.slice(Math.max(0, at - 1), at + 2);
      const words = window.map(({ speaker, text }) => `${speaker}: ${text.replaceAll("\n", " ")} `);
      const ids = window.map((turn) => `${name}/${turn.id}`).join(" ");
      insert.run(`${name}/${id}`, ids, `${date} ${words.join(" ")}`);
    }
  }
}

/** Any word of `query` but stop words, as FTS5 takes it. */
export function expression(query: string): string {
  const words = query.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const kept = words.filter((word) => !STOP_WORDS.has(word));
  return [...new Set(kept.length > 0 ? kept : words)].map((word) => `"${word}"`).join(" OR ");
}
