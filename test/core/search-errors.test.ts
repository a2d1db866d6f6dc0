import { expect, test } from "bun:test";
import { makeWorld, NOW, type World } from "../support/services.ts";

const PAGE = { limit: 50, maxTokens: 50_000 };

/** Stores a prompt that tells of each error. */
function told({ services }: World, lines: Readonly<Record<string, string>>): void {
  for (const [id, line] of Object.entries(lines)) {
    const projectKey = services.project.keyForWriting();
    const body = `${line}\n\nWhat now?`;
    services.search.put({ id, kind: "exchange", projectKey, at: NOW, body });
  }
}

const UNRELATED = Object.fromEntries(
  ["map", "filter", "sort", "join", "slice", "some", "every", "find", "keys", "values"].map(
    (name, n) => [`other-${n}`, `TypeError: app.${name}Rows is not a function of the module`],
  ),
);

test("an error that shares but a common word with what is asked is neither shown nor counted", () => {
  using world = makeWorld();
  told(world, {
    ...UNRELATED,
    empty: "TypeError: Reduce of empty array with no initial value",
    long: "RangeError: Invalid array length after reduce",
  });

  const { total, hits } = world.services.find.byError({
    query: "TypeError: reduce function got an empty array",
    ...PAGE,
  });

  expect(hits.map(({ id }) => id)).toEqual(["empty", "long"]);
  expect(total).toBe(2);
  for (const { why } of hits) expect(why.text).toBeGreaterThan(0.1);
});

test("a word that all errors have finds them where nothing else is asked for", () => {
  using world = makeWorld();
  told(world, UNRELATED);

  const { total } = world.services.find.byError({ query: "function module", ...PAGE });

  expect(total).toBe(10);
});
