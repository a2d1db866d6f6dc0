import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { runBinary, type World } from "../support/harness.ts";
import { connectBinary } from "../support/mcp.ts";
import { callTool, type FoundPage, failTool, makeHistory } from "../support/recall.ts";

const sb = binary();
let world: World;

const CACHE = [
  "The cache is invalidated by a version in the key, so eviction never serves stale rows",
  "Our cache keys carry the tenant, and eviction follows the memory limit of redis",
  "Eviction in redis is least recently used; the cache key holds the schema version",
  "After the deploy the cache was cold and redis eviction spiked for an hour",
];
const NOTE =
  "Restart the ingest worker after changing the schema, because it keeps prepared statements open; when it is not restarted, the first batch after the change fails, the queue grows, and somebody has to drain it by hand.";

beforeAll(async () => {
  world = await makeHistory([
    ...CACHE.map((words, n) => ({
      project: "api",
      at: `2025-12-0${n + 1}T10:00:00Z`,
      branch: n < 2 ? "feature/cache" : "main",
      tell(t: import("../support/transcript.ts").Transcript, cwd: string) {
        t.prompt(`Question ${n}: how do we handle the cache?`);
        t.tool({
          name: "Edit",
          input: { file_path: join(cwd, "src/cache.ts"), new_string: `${n}` },
        });
        t.answer(words);
      },
    })),
    {
      project: "web",
      at: "2025-12-20T10:00:00Z",
      tell(t) {
        t.prompt("Why is redis full?");
        t.answer("Nothing expires there: eviction was turned off.");
        for (let n = 0; n < 12; n += 1) {
          t.prompt(`Something else entirely, number ${n}`);
          t.answer(`An answer about gardening and weather, number ${n}`);
        }
      },
    },
    {
      project: "secret",
      at: "2026-01-01T12:00:00Z",
      tell(t, cwd) {
        t.prompt("The xylophone cache, classified");
        t.tool({ name: "Read", input: { file_path: join(cwd, "src/xylophone.ts") } });
        t.answer(`Xylophone eviction. ${NOTE}`);
      },
    },
  ]);
  await runBinary(["memory", "store", NOTE, "--tags", "ops", "--tags", "Ingest"], world);
  await runBinary(
    ["memory", "store", NOTE.replace("changing", "altering"), "--project", "web"],
    world,
  );
  await callTool(world, "store_insight", { content: NOTE });
  await runBinary(`pause --project ${join(world.project, "../secret")}`, world);
});

test("a concept is found in its own words and in those that go with it here", async () => {
  const { hits, related_terms, mode } = await callTool(world, "search_by_concept", {
    concept: "cache",
  });

  expect(mode).toBe("text");
  expect(related_terms).toContain("eviction");
  expect(hits.slice(0, 4).every(({ project }) => project === "api")).toBe(true);
  expect(hits.slice(4).map(({ snippet }) => snippet)).toEqual([
    expect.stringContaining("Why is redis full?"),
  ]);
  expect(hits[0]?.files).toMatchObject([{ action: "edit", times: 1 }]);
});

test("without files, and in words that nobody used", async () => {
  const bare = await callTool(world, "search_by_concept", {
    concept: "cache",
    include_files: false,
  });
  const none = await callTool(world, "search_by_concept", { concept: "quaternion" });

  expect(bare.hits.every(({ files }) => files === undefined)).toBe(true);
  expect([none.total, none["related_terms"]]).toEqual([0, []]);
});

interface Advanced extends FoundPage {
  readonly facets: Record<"kind" | "project" | "tag" | "branch", Record<string, number>>;
}
const advanced = (input: object) => callTool<Advanced>(world, "advanced_search", input);

test("every facet narrows, and is counted over all that was found", async () => {
  const all = await advanced({ query: "cache eviction", limit: 1 });
  const branch = await advanced({ query: "cache", branch: "feature/cache" });

  expect(all.facets).toEqual({
    kind: { exchange: 5 },
    project: { api: 4, web: 1 },
    tag: {},
    branch: { main: 3, "feature/cache": 2 },
  });
  expect([all.total, all.hits.length, branch.total]).toEqual([5, 1, 2]);
  expect((await advanced({ tag: ["OPS", "ingest"] })).facets.tag).toEqual({ Ingest: 1, ops: 1 });
  expect((await advanced({ kind: ["insight"] })).facets.kind).toEqual({ insight: 1 });
  expect((await advanced({ file: "cache.ts", time: "2025-12-02" })).total).toBe(1);
  expect((await advanced({ file: "nowhere.ts" })).total).toBe(0);
  expect((await advanced({ kind: ["reflection"], query: "kind:insight" })).total).toBe(0);
});

test("results are sorted as asked, and pages keep the order", async () => {
  const oldest = await advanced({ query: "cache", sort: "oldest", limit: 2 });
  const rest = await advanced({ query: "cache", cursor: oldest.cursor, limit: 10 });
  const newest = await advanced({ query: "cache", sort: "newest" });

  const days = [...oldest.hits, ...rest.hits].map(({ at }) => at.slice(0, 10));
  expect(days).toEqual(["2025-12-01", "2025-12-02", "2025-12-03", "2025-12-04"]);
  expect(newest.hits.map(({ at }) => at.slice(0, 10))).toEqual(days.toReversed());
});

interface Suggestions {
  readonly suggestions: readonly { text: string; field: string; documents: number }[];
}
const suggest = async (query: string, more = {}) =>
  (await callTool<Suggestions>(world, "search_suggestions", { query, ...more })).suggestions.map(
    ({ text, field, documents }) => `${field} ${text} ${documents}`,
  );

test.each<[query: string, more: object, expected: string[]]>([
  ["evict", {}, ["term eviction 5"]],
  ["evictio", {}, ["term eviction 5"]],
  ["In", { field: "tag" }, ["tag Ingest 1"]],
  ["we", { field: "project" }, ["project web 14"]],
  ["gardening and we", { field: "term" }, ["term weather 12"]],
  ["xylo", {}, []],
  ["secr", {}, []],
  ["classi", {}, []],
  ["", {}, []],
  ["🙂", {}, []],
  ["日本", {}, []],
  ["(?:+)+", {}, []],
  ["%", {}, []],
  ['"*', {}, []],
])("%j with %j suggests %j", async (query, more, expected) => {
  expect(await suggest(query, more)).toEqual(expected);
});

test("files are suggested by their names and by their folders", async () => {
  const [byName] = await suggest("cach", { field: "file" });
  const [byFolder] = await suggest("src/cach", { field: "file" });

  expect(byName).toEndWith("/api/src/cache.ts 4");
  expect(byFolder).toBe(byName ?? "");
});

interface Duplicates {
  readonly total: number;
  readonly groups: readonly {
    similarity: number;
    count: number;
    documents: readonly { kind: string; id: string }[];
  }[];
  readonly cursor?: string;
}

test("equal and nearly equal documents are found, in projects that may be seen", async () => {
  const equal = await callTool<Duplicates>(world, "find_duplicates", { threshold: 1 });
  const near = await callTool<Duplicates>(world, "find_duplicates", {
    threshold: 0.7,
    kind: ["reflection"],
  });

  expect(
    equal.groups.map(({ similarity, documents }) => [
      similarity,
      documents.map(({ kind }) => kind).sort(),
    ]),
  ).toEqual([[1, ["insight", "reflection"]]]);
  expect(near.total).toBe(1);
  expect(near.groups[0]?.similarity).toBeWithin(0.7, 0.95);
  expect(near.groups[0]?.count).toBe(2);
});

test("groups are paged", async () => {
  for (const words of ["alpha beta", "gamma delta"]) {
    for (const kind of ["store_reflection", "store_insight"]) {
      await callTool(world, kind, {
        content: `Note on ${words}: keep the order of the steps as it is.`,
      });
    }
  }
  const seen: string[] = [];
  let page = await callTool<Duplicates>(world, "find_duplicates", { threshold: 1, limit: 1 });
  for (;;) {
    seen.push(...page.groups.flatMap(({ documents }) => documents.map(({ id }) => id)));
    if (!page.cursor) break;
    page = await callTool<Duplicates>(world, "find_duplicates", { limit: 1, cursor: page.cursor });
  }

  expect(page.total).toBe(3);
  expect([seen.length, new Set(seen).size]).toEqual([6, 6]);
});

test.each<[tool: string, input: object, message: RegExp]>([
  ["search_by_concept", {}, /concept/],
  ["search_by_concept", { concept: "x".repeat(10 * 1024 * 1024) }, /concept/],
  ["search_by_concept", { concept: "x", include_files: "yes" }, /include_files/],
  ["advanced_search", { kind: ["rumour"] }, /kind/],
  ["advanced_search", { sort: "best" }, /sort/],
  ["advanced_search", { time: "xyzzy" }, /"xyzzy" is not understood as a time/],
  ["advanced_search", { query: "x".repeat(10 * 1024 * 1024) }, /query/],
  ["advanced_search", { cursor: "%%%" }, /cursor/],
  ["search_suggestions", { query: "x".repeat(201) }, /query/],
  ["search_suggestions", { query: "x", field: "colour" }, /field/],
  ["find_duplicates", { threshold: 0.1 }, /threshold/],
  ["find_duplicates", { threshold: "high" }, /threshold/],
  ["find_duplicates", { cursor: "nonsense" }, /cursor/],
  ["quick_search", { query: "x", cursor: "nonsense" }, /cursor/],
])("%s refuses bad input, case %#", async (tool, input, message) => {
  const failure = await failTool(world, tool, input);

  expect(failure).toMatchObject({ exitCode: 2, code: "invalid_input", stdout: "" });
  expect(failure.message).toMatch(message);
});

test("a project that is paused after the first page is not on the next", async () => {
  const first = await callTool(world, "quick_search", {
    query: "number",
    project: "web",
    limit: 1,
  });
  await runBinary(`pause --project ${join(world.project, "../web")}`, world);

  const next = await callTool(world, "quick_search", {
    query: "number",
    cursor: first.cursor,
    limit: 20,
  });
  await runBinary(`unpause --project ${join(world.project, "../web")}`, world);

  expect([first.hits.length, next.hits.length]).toEqual([1, 0]);
});

test.each([200, 300, 1000])("no answer is longer than %d tokens", async (max_tokens) => {
  for (const [tool, input] of [
    ["search_by_concept", { concept: "cache" }],
    ["advanced_search", { query: "cache eviction number" }],
    ["search_suggestions", { query: "e", limit: 100 }],
    ["find_duplicates", { threshold: 0.7 }],
  ] as const) {
    const answer = await callTool<{ tokens: number }>(world, tool, { ...input, max_tokens });

    const cost = Math.ceil(Buffer.byteLength(JSON.stringify(answer)) / 4);
    expect([tool, cost <= max_tokens, answer.tokens]).toEqual([tool, true, cost]);
  }
});

test("a person sees facets, suggestions and groups", async () => {
  const text = async (line: string) => (await runBinary(`${line} --no-json`, world)).stdout;

  expect(await text("memory find cache --branch main")).toMatch(/Branches +main 2/);
  expect(await text("memory suggest evict")).toMatch(/^term +5 +eviction\n$/);
  expect(await text("memory duplicates --threshold 1")).toContain("2 documents, the same");
  expect(await text("find concept cache")).toMatch(/looked for too: .*eviction/);
});

test("the same over MCP, with prompts for the tools that the profile has", async () => {
  const home = { folder: world.project, env: world.env as Record<string, string> };
  const client = await connectBinary(sb, home, ["--profile", "full"]);
  const found = await client.callTool({
    name: "search_by_concept",
    arguments: { concept: "cache" },
  });
  const refused = await client.callTool({ name: "advanced_search", arguments: { sort: "best" } });
  const prompt = await client.getPrompt({
    name: "search_by_concept",
    arguments: { concept: "caching" },
  });
  const { prompts } = await client.listPrompts();
  await client.close();

  expect(found.structuredContent).toMatchObject({ mode: "text" });
  expect(refused).toMatchObject({ isError: true });
  expect(JSON.stringify(prompt)).toContain("search_by_concept");
  expect(prompts.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "search_by_file",
      "search_by_concept",
      "search_code",
      "search_errors",
      "search_temporal",
    ]),
  );
});

test("a query without a word says so in every tool that takes words, and a listing does not", async () => {
  for (const words of ["🚀", "***", "\u200d"]) {
    for (const [tool, asked] of [
      ["quick_search", { query: words }],
      ["get_more_results", { query: words, offset: 0 }],
      ["search_by_concept", { concept: words }],
      ["search_temporal", { time_expression: "in December", query: words }],
    ] as const) {
      const page = await callTool<FoundPage & { note?: string }>(world, tool, asked);
      expect([tool, page.total, page.note]).toEqual([
        tool,
        0,
        "the query holds no word to look for",
      ]);
    }
  }
  const listed = await callTool<FoundPage & { note?: string }>(world, "search_temporal", {
    time_expression: "in December",
  });
  expect(listed.note).toBeUndefined();
});
