import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { modelFetch } from "../../mcp/model-fetch.ts";
import { makeModels } from "../support/hub.ts";
import { recordingLogger } from "../support/mcp.ts";

const processes = {
  self: () => ({ pid: 42, startedAt: 7 }),
  owner: () => ({ pid: 1, startedAt: 0 }),
  isAlive: () => true,
};

const isAllowed = async () => true;

/** Waits until `lines` has one, at most five seconds. */
async function untilLogged(lines: readonly string[]): Promise<void> {
  for (let looks = 0; looks < 250 && lines.length === 0; looks += 1) await Bun.sleep(20);
}

test("a fetch that fails costs one line of the log and is not tried again at once", async () => {
  const { world } = makeModels("http://127.0.0.1:1");
  const log = recordingLogger();
  const fetching = modelFetch({
    ports: async () => ({ ...world, processes }),
    isAllowed,
    log,
    delayMs: 5,
  });

  fetching.begin();
  await untilLogged(log.lines);
  await Bun.sleep(200);
  fetching.stop();

  expect(log.lines).toEqual([
    expect.stringMatching(/^warn the model could not be fetched: no source has the model: 127/),
  ]);
});

test("in a folder that cannot be written neither", async () => {
  const { world } = makeModels("http://127.0.0.1:1");
  const log = recordingLogger();
  const ports = { ...world, paths: { models: "/dev/null/models" }, processes };
  const fetching = modelFetch({ ports: async () => ports, isAllowed, log, delayMs: 5 });

  fetching.begin();
  await untilLogged(log.lines);
  await Bun.sleep(200);
  fetching.stop();

  expect(log.lines).toEqual([
    "warn the model could not be fetched: the model's folder cannot be written: /dev/null/models",
  ]);
});

test("stopped before its time it does nothing, and services that fail cost a line", async () => {
  const { world, folder } = makeModels("http://127.0.0.1:1");
  const log = recordingLogger();
  const stopped = modelFetch({
    ports: async () => ({ ...world, processes }),
    isAllowed,
    log,
    delayMs: 30,
  });
  const broken = modelFetch({
    ports: () => Promise.reject(new Error("damaged")),
    isAllowed,
    log,
    delayMs: 5,
  });

  stopped.begin();
  stopped.stop();
  broken.begin();
  await untilLogged(log.lines);
  await Bun.sleep(100);

  expect(log.lines).toEqual(["warn model: internal: damaged"]);
  expect(existsSync(folder)).toBe(false);
});

test("where its download is not trusted nothing is asked of any source", async () => {
  const { world, folder } = makeModels("http://127.0.0.1:1");
  const log = recordingLogger();
  const ports = async () => ({ ...world, processes });
  const refused = modelFetch({ ports, isAllowed: async () => false, log, delayMs: 5 });

  refused.begin();
  await untilLogged(log.lines);
  refused.stop();

  expect(log.lines).toEqual(["debug model: its download is not trusted"]);
  expect(existsSync(folder)).toBe(false);
});
