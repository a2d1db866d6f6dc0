import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { resolvePaths } from "../../core/kernel/paths.ts";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { INITIALIZE, type RawServer, startRaw } from "../support/mcp.ts";
import { preparedModels } from "../support/model.ts";
import { Transcript } from "../support/transcript.ts";

const models = await preparedModels();
const sb = binary();

const servers: RawServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.kill("SIGKILL");
});

const TURNS = [
  [
    "Why do logins fail after an hour?",
    "The refresh token expired: the clock of the server was wrong.",
  ],
  ["Which colour shall the button have?", "Dark green, as in the style guide."],
  ["How are database connections limited?", "By a pool of twenty; more callers wait in line."],
] as const;

/** A world with the real model and a transcript of `rounds` times three exchanges. */
function withTranscript(rounds: number): World {
  const world = makeWorld({ SB_MODEL_DIR: models });
  const transcript = new Transcript({ cwd: world.project });
  for (let round = 0; round < rounds; round += 1) {
    for (const [question, answer] of TURNS) {
      transcript.prompt(rounds > 1 ? `${question} (${round})` : question);
      transcript.answer(answer);
    }
  }
  transcript.writeTo(join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects"));
  return world;
}

function store({ env }: World): Database {
  return new Database(resolvePaths(env).database, { readonly: true });
}

/** How many vectors there are, and how many documents have one. */
function embedded(world: World): { vectors: number; documents: number } {
  using db = store(world);
  const row = db
    .query<{ vectors: number; documents: number }, []>(
      "SELECT count(*) AS vectors, count(DISTINCT document_rowid) AS documents FROM embedding",
    )
    .get();
  return row ?? { vectors: 0, documents: 0 };
}

async function serve(world: World): Promise<RawServer> {
  const env = Object.fromEntries(Object.entries(world.env).filter(([, value]) => value)) as Record<
    string,
    string
  >;
  const server = startRaw([sb, "mcp"], { folder: world.project, env });
  servers.push(server);
  await server.request("initialize", INITIALIZE);
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  return server;
}

interface Memory {
  readonly documents: number;
  readonly embedded: number;
}

async function memoryOf(server: RawServer): Promise<Memory> {
  const { result } = await server.request("tools/call", { name: "status" });
  const status = result?.["structuredContent"] as { memory: Memory } | undefined;
  return status?.memory ?? { documents: 0, embedded: 0 };
}

/** Asks for the status until `enough` of it holds. */
async function until(server: RawServer, enough: (memory: Memory) => boolean) {
  for (;;) {
    const memory = await memoryOf(server);
    if (enough(memory)) return memory;
    await Bun.sleep(50);
  }
}

test("sb ingest --embed embeds what it has read, counts it, and has nothing to do the next time", async () => {
  const world = withTranscript(1);

  const first = await runBinary("ingest --embed --json", world);
  const second = await runBinary("ingest --embed --json", world);
  const status = await runBinary("status --json", world);

  expect([first.exitCode, first.stderr]).toEqual([0, ""]);
  expect(JSON.parse(first.stdout)).toMatchObject({ documents: 3, embedded: 3 });
  expect(JSON.parse(second.stdout)).toMatchObject({ documents: 0, embedded: 0 });
  expect(JSON.parse(status.stdout).memory).toMatchObject({ documents: 3, embedded: 3 });
  expect(embedded(world)).toEqual({ vectors: 3, documents: 3 });
}, 60_000);

test("what the binary has embedded is found by what it means, in a shell and over MCP", async () => {
  const world = withTranscript(1);
  await runBinary("ingest --embed", world);
  const query = "people get signed out because of wrong time on the machine";
  const nothing = "zebra migration in the savannah";

  const found = JSON.parse((await runBinary(["search", query, "--json"], world)).stdout);
  const silent = JSON.parse((await runBinary(["search", nothing, "--json"], world)).stdout);
  const server = await serve(world);
  const { result } = await server.request("tools/call", {
    name: "quick_search",
    arguments: { query },
  });
  const off = { ...world, env: { ...world.env, SB_MODEL: "off" } };
  const words = JSON.parse((await runBinary(["search", query, "--json"], off)).stdout);

  expect(found.mode).toBe("hybrid");
  expect(found.hits[0].snippet).toContain("the clock of the server was wrong");
  expect(found.hits[0].why.semantic).toBeGreaterThan(0.3);
  expect(result?.["structuredContent"]).toMatchObject({
    mode: "hybrid",
    hits: [{ id: found.hits[0].id }],
  });
  expect(silent).toMatchObject({ mode: "hybrid", total: 0 });
  expect(words.mode).toBe("text");
}, 60_000);

test("with the model in use nothing is left beside the data folder: no identifier, no telemetry", async () => {
  const world = withTranscript(1);
  await runBinary("ingest --embed", world);

  const found = await runBinary(["search", "sessions at the same time", "--json"], world);

  expect(JSON.parse(found.stdout).mode).toBe("hybrid");
  expect(readdirSync(world.env["HOME"] ?? "").sort()).toEqual(["claude", "user-service"]);
}, 60_000);

test("without a model sb ingest --embed reads, and says what to do", async () => {
  const world = withTranscript(1);
  const without = { ...world, env: { ...world.env, SB_MODEL_DIR: join(world.project, "none") } };

  const { stdout, stderr, exitCode } = await runBinary("ingest --embed", without);
  const status = await runBinary("status --json", without);

  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 6 });
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: "unavailable",
      message: "there is no model to embed with",
      hint: "sb model pull, then sb ingest --embed",
    },
  });
  expect(JSON.parse(status.stdout).memory).toMatchObject({ documents: 3, embedded: 0 });
});

test("a running server embeds all it has read; another goes on where one was killed", async () => {
  const world = withTranscript(40);
  const first = await serve(world);
  await until(first, (memory) => memory.embedded > 0);
  first.kill("SIGKILL");
  await first.exited;
  const atKill = embedded(world);

  const second = await serve(world);
  const memory = await until(
    second,
    ({ documents, embedded }) => documents === 120 && embedded === documents,
  );

  expect(atKill.vectors).toBeLessThan(120);
  expect(memory).toMatchObject({ documents: 120, embedded: 120 });
  expect(embedded(world)).toEqual({ vectors: 120, documents: 120 });
}, 120_000);

test("two servers on one store embed each text once, and end at once in the middle of it", async () => {
  const world = withTranscript(60);
  const [first, second] = await Promise.all([serve(world), serve(world)]);
  await until(second, (memory) => memory.embedded > 8);

  const ended = performance.now();
  first.closeInput();
  const exitCode = await first.exited;
  const took = performance.now() - ended;
  await until(second, ({ documents, embedded }) => documents === 180 && embedded === documents);

  expect(exitCode).toBe(0);
  expect(took).toBeLessThan(1_500);
  using db = store(world);
  // An id is never given twice: as many were given as there are vectors.
  expect(db.query("SELECT max(id) AS ids, count(*) AS vectors FROM embedding").get()).toEqual({
    ids: 180,
    vectors: 180,
  });
}, 120_000);
