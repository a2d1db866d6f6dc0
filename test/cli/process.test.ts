import { expect, test } from "bun:test";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, runCli, type World } from "../support/harness.ts";

binary();

test.each([
  ["a result", "ping", 0],
  ["a failure", "serch x", 2],
  ["a missing memory", "memory show nothing", 3],
  ["a call", "call ping '{}'", 0],
  ["help", "insight --help", 0],
])("the process answers %s as run() does", async (_what, line, exitCode) => {
  const world = makeWorld();
  const inside = await runCli(line, world);

  const outside = await runBinary(line, world);

  const version = /"version":"[^"]+"/;
  expect({ ...outside, stdout: outside.stdout.replace(version, "") }).toEqual({
    ...inside,
    stdout: inside.stdout.replace(version, ""),
  });
  expect(outside.exitCode).toBe(exitCode);
});

test("arguments come in on standard input", async () => {
  const result = await runBinary("call store_reflection -", makeWorld(), '{"content": "A note"}');

  expect(result).toMatchObject({ stderr: "", exitCode: 0 });
  expect(JSON.parse(result.stdout).duplicate).toBe(false);
});

test("a reader that goes away ends it without a word", async () => {
  const world = makeWorld();
  const { stderr, stdout } = start(`"${binary()}" --help | true; "${binary()}" ping`, world);

  expect(await stderr.text()).toBe("");
  expect(await stdout.text()).toContain("pong");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s while it waits ends it with %d", async (signal, exitCode) => {
  const world = makeWorld();
  const child = Bun.spawn([binary(), "call", "ping", "-"], {
    cwd: world.project,
    env: { ...world.env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  // More than a pipe holds: once it is gone, the command reads, and its handlers stand.
  child.stdin.write(" ".repeat(1_000_000));
  await child.stdin.flush();

  child.kill(signal);

  expect({ exitCode: await child.exited, signal: child.signalCode }).toEqual({
    exitCode,
    signal: null,
  });
});

function start(script: string, world: World) {
  return Bun.spawn(["sh", "-c", script], {
    cwd: world.project,
    env: { ...world.env },
    stdout: "pipe",
    stderr: "pipe",
  });
}
