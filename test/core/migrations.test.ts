import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { migrate, schemaVersion } from "../../core/storage/migrate.ts";
import { MIGRATIONS } from "../../core/storage/migrations/index.ts";

const FOLDER = join(import.meta.dir, "../../core/storage/migrations");
const RELEASED = join(import.meta.dir, "../fixtures/migrations.sha256");

test("every file of the folder is registered, numbered from 1 without a gap", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".sql"));

  expect(MIGRATIONS.map(({ name }) => `${name}.sql`)).toEqual(files.toSorted());
  expect(MIGRATIONS.map(({ version, name }) => [version, Number(name.slice(0, 4))])).toEqual(
    MIGRATIONS.map((_, index) => [index + 1, index + 1]),
  );
});

test("a released step never changes: a store in the field has already taken it", () => {
  const kept = readFileSync(RELEASED, "utf8").trim().split("\n");

  const now = MIGRATIONS.slice(0, kept.length).map(({ name, sql }) => {
    const hash = new Bun.CryptoHasher("sha256").update(sql).digest("hex");
    return `${hash}  ${name}.sql`;
  });

  expect(now).toEqual(kept);
});

test("every table is strict, but for the ones that SQLite makes itself", () => {
  const db = new Database(":memory:");
  migrate(db);

  const loose = db
    .query<{ name: string }, []>(
      `SELECT name FROM pragma_table_list
       WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'`,
    )
    .all();

  expect(loose).toEqual([]);
});

test("a store is migrated from any earlier version with what it holds", () => {
  for (let version = 1; version < MIGRATIONS.length; version += 1) {
    const db = new Database(":memory:");
    migrate(db, MIGRATIONS.slice(0, version));
    db.run("INSERT INTO setting (name, value) VALUES ('kept', 'yes')");

    migrate(db);

    expect(schemaVersion(db)).toBe(MIGRATIONS.length);
    expect(db.query("SELECT value FROM setting WHERE name = 'kept'").get()).toEqual({
      value: "yes",
    });
  }
});

test("a step that fails leaves the store at the version it had, whole", () => {
  const db = new Database(":memory:");
  const broken = {
    version: 2,
    name: "0002_broken",
    sql: "CREATE TABLE a (b); CREATE TABLE a (b);",
  };
  migrate(db, MIGRATIONS.slice(0, 1));

  expect(() => migrate(db, [...MIGRATIONS.slice(0, 1), broken])).toThrow();

  expect(schemaVersion(db)).toBe(1);
  expect(db.query("SELECT name FROM sqlite_schema WHERE name = 'a'").all()).toEqual([]);
});
