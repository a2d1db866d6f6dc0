import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { connectBinary } from "../support/mcp.ts";
import { repositoryAt } from "../support/repository.ts";
import { Transcript } from "../support/transcript.ts";

const sb = binary();
const BROKEN = '{"ignore": ["~/private"';
const BAD_VALUE = '{"brief": {"max_tokens": "many"}}';

/** A repository in which something was said, with `settings` as the user's file. */
function worldWith(settings: string): World {
  const world = makeWorld({ SB_MODEL: "off" });
  const git = repositoryAt(world.project, { PATH: Bun.env["PATH"] ?? "", HOME: world.project });
  git.git("init", "--quiet", "--initial-branch=main");
  const talk = new Transcript({ cwd: world.project, sessionId: "c-1" });
  talk.prompt("Which port does the gateway listen on?");
  talk.answer("It listens on port 8443, behind the wombat proxy.");
  talk.writeTo(join(claude(world), "projects"));
  write(world, settings);
  return world;
}

function claude({ env }: World): string {
  return env["CLAUDE_CONFIG_DIR"] ?? "";
}

function fileOf(world: World): string {
  return join(claude(world), "session-buddy.json");
}

function write(world: World, settings: string): void {
  mkdirSync(claude(world), { recursive: true });
  writeFileSync(fileOf(world), settings);
}

function deliver(world: World, event: string, more = {}) {
  const input = { session_id: "c-1", cwd: world.project, hook_event_name: event, ...more };
  return runBinary(["hook", event], world, JSON.stringify(input));
}

async function total(world: World): Promise<number> {
  return JSON.parse((await runBinary("search wombat --json", world)).stdout).total;
}

function connect({ project: folder, env }: World) {
  return connectBinary(sb, { folder, env: { ...env } as Record<string, string> });
}

test("a server serves whatever the settings are, and its first words name the file", async () => {
  const world = worldWith(BROKEN);
  const client = await connect(world);

  const status = await client.callTool({ name: "status", arguments: {} });
  const search = await client.callTool({ name: "quick_search", arguments: { query: "wombat" } });
  const note = { content: "Port 8443 is the gateway's" };
  const stored = await client.callTool({ name: "store_reflection", arguments: note });
  const instructions = client.getInstructions();
  write(world, "{}");
  let mended = search;
  for (let tries = 0; mended.isError === true && tries < 100; tries += 1) {
    await Bun.sleep(50);
    mended = await client.callTool({ name: "quick_search", arguments: { query: "gateway" } });
  }
  await client.close();

  expect(instructions).toStartWith(`Tell the user: ${fileOf(world)}: not JSON; until`);
  expect(status.structuredContent).toMatchObject({
    recording: { ok: false, links: [{ name: "settings", ok: false }, {}, {}, {}, {}] },
  });
  expect(JSON.stringify(status.structuredContent)).toContain(`${fileOf(world)}: not JSON`);
  expect([search.isError, stored.isError]).toEqual([true, undefined]);
  expect(mended.structuredContent).toMatchObject({ hits: [{ kind: "reflection" }] });
  expect(JSON.stringify(search.content)).toContain(`invalid_input: ${fileOf(world)}: not JSON`);
});

test("what cannot be told to be private is not recorded, and is once the file is mended", async () => {
  const world = worldWith(BROKEN);

  const start = await deliver(world, "SessionStart", { source: "startup" });
  const stop = await deliver(world, "Stop");
  const ingest = await runBinary("ingest --all", world);
  const health = await runBinary("session health --json", world);
  write(world, "{}");
  const before = await total(world);
  await deliver(world, "Stop", { prompt_id: "2" });

  expect(JSON.parse(start.stdout)).toEqual({
    systemMessage: `sb: ${fileOf(world)}: not JSON; until it is mended, nothing is recorded or recalled`,
  });
  expect(stop).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  expect(JSON.parse(ingest.stdout).documents).toBe(0);
  expect(health.stdout).toContain(`${fileOf(world)}: not JSON`);
  expect([before, await total(world)]).toEqual([0, 1]);
});

test("beside one bad value hooks and commands go on, and tell of it", async () => {
  const world = worldWith(BAD_VALUE);

  const start = await deliver(world, "SessionStart", { source: "startup" });
  await deliver(world, "Stop");
  const search = await runBinary("search wombat --json", world);
  const status = await runBinary("status --json", world);
  const doctor = JSON.parse((await runBinary("doctor --json", world)).stdout);

  expect(JSON.parse(start.stdout).systemMessage).toStartWith(
    `sb: ${fileOf(world)}: brief.max_tokens: `,
  );
  expect(JSON.parse(search.stdout).total).toBe(1);
  expect(search.stderr).toContain(`${fileOf(world)}: brief.max_tokens: `);
  expect(JSON.parse(status.stdout).recording.links[0]).toMatchObject({
    name: "settings",
    ok: true,
  });
  expect(doctor.checks.find(({ name }: { name: string }) => name === "config")).toMatchObject({
    state: "warn",
    mend: `mend or remove brief.max_tokens in ${fileOf(world)}`,
  });
});
