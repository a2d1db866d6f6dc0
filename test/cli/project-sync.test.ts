import { expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, runCli, type World } from "../support/harness.ts";
import { connectBinary, startRaw } from "../support/mcp.ts";
import { repositoryAt } from "../support/repository.ts";

const sb = binary();

/** Background work begins after two seconds, and a machine may be busy. */
setDefaultTimeout(30_000);

/** A repository whose package-lock.json names one package of this disk, which is not installed. */
function makeProject(): World {
  const world = makeWorld();
  const env = { PATH: Bun.env["PATH"] ?? "", HOME: world.env["HOME"] ?? "" };
  repositoryAt(world.project, env).git("init", "--quiet", "--initial-branch=main");
  mkdirSync(join(world.project, "pool"));
  const put = (path: string, value: object) =>
    writeFileSync(join(world.project, path), JSON.stringify(value));
  put("pool/package.json", { name: "pool", version: "1.0.0" });
  const root = { name: "shop", version: "1.0.0", dependencies: { pool: "file:pool" } };
  put("package.json", root);
  const packages = {
    "": root,
    "node_modules/pool": { resolved: "pool", link: true },
    pool: { version: "1.0.0" },
  };
  put("package-lock.json", { ...root, lockfileVersion: 3, requires: true, packages });
  return world;
}

/** The same world with an `npm` that does what `script` says. */
function withNpm(world: World, script: string): World {
  const bin = join(world.env["HOME"] ?? "", "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "npm"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, "npm"), 0o755);
  return { ...world, env: { ...world.env, PATH: `${bin}:${world.env["PATH"]}` } };
}

const INSTALL =
  "mkdir -p node_modules/pool && cp package-lock.json node_modules/.package-lock.json";

function textsOf({ env }: World): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value ? [[key, value]] : [])),
  );
}

async function until(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return true;
    await Bun.sleep(100);
  }
  return false;
}

test("start says that the lock file is not installed, and runs nothing", async () => {
  const world = withNpm(makeProject(), "touch ran");

  const { dependencies } = JSON.parse((await runBinary("start", world)).stdout);
  const text = await runCli("start", world, { isTty: true });

  expect(dependencies).toEqual({
    manager: "npm",
    in_sync: false,
    synced: false,
    reason: "nothing is installed",
    command: "npm ci --no-audit --no-fund",
  });
  expect(text.stdout).toContain("npm out of step (nothing is installed)");
  expect(existsSync(join(world.project, "ran"))).toBe(false);
});

test("sync with the real npm brings it into step", async () => {
  const world = makeProject();

  const { stdout, exitCode } = await runBinary("project sync --yes", world);
  const { dependencies } = JSON.parse((await runBinary("start", world)).stdout);

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    trusted: false,
    dependencies: [{ manager: "npm", in_sync: true }],
    synced: [{ state: "done", exit_code: 0 }],
  });
  expect(dependencies).toMatchObject({ in_sync: true, synced: true });
  expect(existsSync(join(world.project, "node_modules/pool/package.json"))).toBe(true);
});

test("without trust or a yes nothing runs: not by a tool, not in a pipe, not after a no", async () => {
  const world = withNpm(makeProject(), "touch ran");

  const tool = await runBinary("call sync_dependencies", world);
  const pipe = await runBinary("project sync", world);
  const no = await runCli("project sync", world, { isTty: true, stdin: "n\n" });

  expect(JSON.parse(tool.stderr).error).toMatchObject({ code: "forbidden" });
  expect(tool.exitCode).toBe(5);
  expect(pipe).toMatchObject({ stdout: "", exitCode: 2 });
  expect(no.stderr).toContain("This runs npm ci --no-audit --no-fund in ");
  expect(no.exitCode).toBe(130);
  expect(existsSync(join(world.project, "ran"))).toBe(false);
});

test("a trusted project is not asked about", async () => {
  const world = withNpm(makeProject(), INSTALL);

  await runBinary("permissions trust dependency_sync", world);
  const { stdout } = await runBinary("call sync_dependencies", world);

  expect(JSON.parse(stdout)).toMatchObject({ trusted: true, synced: [{ state: "done" }] });
});

test("a failed sync tells the exit code and its last words, redacted, and is kept", async () => {
  const token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
  const world = withNpm(makeProject(), `echo npm ERR! 401 with ${token}; exit 7`);

  const failed = await runBinary("project sync --yes", world);
  const look = await runBinary("project sync --dry-run", world);
  const status = await runBinary("status", world);

  expect(failed.exitCode).toBe(6);
  expect(JSON.parse(failed.stderr).error.message).toBe(
    "npm ci --no-audit --no-fund failed with exit code 7: npm ERR! 401 with [redacted:github]",
  );
  expect(JSON.parse(look.stdout).dependencies).toMatchObject([
    { last_sync: { state: "failed", exit_code: 7 } },
  ]);
  expect(JSON.parse(status.stdout).dependency_syncs).toMatchObject([{ state: "failed" }]);
  expect(look.stdout + status.stdout).not.toContain(token);
});

test("a sync that takes too long is ended with all that it started", async () => {
  const world = withNpm(makeProject(), "sleep 60 & echo $! > child; wait");

  const { stderr } = await runBinary(
    ["call", "sync_dependencies", '{"confirm":true,"timeout_s":1}'],
    world,
  );

  const child = readFileSync(join(world.project, "child"), "utf8").trim();
  expect(JSON.parse(stderr).error.message).toContain("took longer than 1 s and was ended");
  expect(await until(() => !isRunning(child))).toBe(true);
});

test("a manager that is not installed, and a project without one, get one line", async () => {
  const world = makeProject();
  const empty = makeWorld();
  const bare = { ...world, env: { ...world.env, PATH: "/nowhere" } };

  const missing = await runBinary("project sync --yes", bare);
  const none = await runBinary("project sync --yes", empty);

  expect(JSON.parse(missing.stderr).error).toMatchObject({
    code: "unavailable",
    message: "npm is not installed",
  });
  expect(JSON.parse(none.stderr).error).toMatchObject({ code: "not_found" });
});

test("a server installs in the background of a trusted project, and tells it", async () => {
  const world = withNpm(makeProject(), INSTALL);
  await runBinary("permissions trust dependency_sync", world);
  const client = await connectBinary(sb, { folder: world.project, env: textsOf(world) });
  const ask = async (name: string) =>
    JSON.parse(JSON.stringify((await client.callTool({ name, arguments: {} })).structuredContent));

  const isDone = await until(async () => {
    const { dependency_syncs } = await ask("status");
    return dependency_syncs[0]?.state === "done";
  });
  const { dependencies } = await ask("start");
  await client.close();

  expect(isDone).toBe(true);
  expect(dependencies).toMatchObject({ in_sync: true, synced: true });
});

test("what a server runs dies with it, however it dies; without trust it runs nothing", async () => {
  const script = 'sleep 60 & echo "$! $$" > running; wait';
  const [trusted, untrusted] = [withNpm(makeProject(), script), withNpm(makeProject(), script)];
  await runBinary("permissions trust dependency_sync", trusted);
  const servers = [trusted, untrusted].map((world) =>
    startRaw([sb, "mcp"], { folder: world.project, env: textsOf(world) }),
  );
  for (const server of servers) {
    const hello = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    };
    await server.request("initialize", hello);
    server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  }
  const marker = join(trusted.project, "running");

  const hasBegun = await until(
    () => existsSync(marker) && readFileSync(marker, "utf8").endsWith("\n"),
  );
  for (const server of servers) server.kill("SIGKILL");
  const pids = readFileSync(marker, "utf8").trim().split(" ");
  const areGone = await until(() => pids.every((pid) => !isRunning(pid)));
  const status = await runBinary("status", trusted);

  expect([hasBegun, areGone]).toEqual([true, true]);
  expect(JSON.parse(status.stdout).dependency_syncs).toMatchObject([{ state: "stopped" }]);
  expect(existsSync(join(untrusted.project, "running"))).toBe(false);
});

/** Whether a process runs: one that waits for its parent to ask is dead. */
function isRunning(pid: string): boolean {
  const { stdout } = Bun.spawnSync(["ps", "-o", "state=", "-p", pid], {
    env: { PATH: "/bin:/usr/bin" },
  });
  const state = stdout.toString().trim();
  return state !== "" && !state.startsWith("Z");
}
