import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BackgroundServices, background } from "../../mcp/background.ts";
import { debugLog } from "../../mcp/debug-log.ts";
import { watchParent } from "../../mcp/watch.ts";
import { makeHome, recordingLogger } from "../support/mcp.ts";

/** Services that note what is asked of them; `slices` is how much there is to read. */
function recordingServices(
  slices: number,
  autoStart: () => unknown = () => undefined,
  embed: () => Promise<boolean> = () => Promise.resolve(false),
) {
  const calls: string[] = [];
  const read = Promise.withResolvers<void>();
  let left = slices;
  const services: BackgroundServices = {
    session: {
      autoStart() {
        calls.push("start");
        return autoStart();
      },
    },
    backfill: {
      step(budgetMs) {
        calls.push(`step ${budgetMs}`);
        left -= 1;
        if (left <= 0) read.resolve();
        return left > 0;
      },
      isWaiting: () => false,
    },
    upkeep: {
      step(budgetMs) {
        calls.push(`upkeep ${budgetMs}`);
        return false;
      },
      rest() {
        calls.push("rest");
      },
    },
    semantic: {
      step() {
        calls.push("embed");
        return embed();
      },
      stop() {
        calls.push("stop");
      },
    },
  };
  return { calls, read: read.promise, services: () => Promise.resolve(services) };
}

test("the session starts once, then transcripts are read in slices of 20 ms until all is read", async () => {
  const { calls, read, services } = recordingServices(3);
  const work = background({ resident: () => 0, services, log: recordingLogger() });

  work.begin();
  await Promise.all([work.started(), work.started()]);
  await read;
  work.stop();

  const last = ["step 20", "upkeep 20", "rest", "embed"];
  expect(calls).toEqual(["start", "step 20", "step 20", ...last, "stop"]);
  expect(work.hasStarted()).toBe(true);
});

test("memory is given back amidst the work where much is taken, seldom", async () => {
  const { calls, services } = recordingServices(50);
  const work = background({ resident: () => 300e6, services, log: recordingLogger() });

  work.begin();
  await work.started();
  for (let n = 0; n < 200 && calls.length < 20; n += 1) {
    await Bun.sleep(5);
    work.touch();
  }
  work.stop();

  expect(calls.indexOf("rest")).toBe(1);
  expect(calls.slice(0, 20).filter((call) => call === "rest")).toHaveLength(1);
});

test("what requests took is given back once nobody has asked for a while", async () => {
  const { calls, services } = recordingServices(1);
  const work = background({ resident: () => 0, services, log: recordingLogger() });

  work.begin();
  await work.started();
  work.touch();
  for (let n = 0; n < 2_000 && !calls.includes("rest"); n += 1) await Bun.sleep(5);
  work.stop();

  expect(calls).toContain("rest");
}, 30_000);

test("what reading needed is given back once, before anything is embedded", async () => {
  const { calls, services } = recordingServices(3);
  const work = background({ resident: () => 0, services, log: recordingLogger() });

  work.begin();
  for (let n = 0; n < 200 && !calls.includes("rest"); n += 1) await Bun.sleep(5);
  await Bun.sleep(50);
  work.stop();

  expect(calls.filter((call) => call === "rest")).toHaveLength(1);
  expect(calls.indexOf("rest")).toBe(calls.indexOf("embed") - 1);
});

test("without a call the session starts by itself soon after the hand-shake", async () => {
  const { calls, read, services } = recordingServices(1);
  const work = background({ resident: () => 0, services, log: recordingLogger() });

  work.begin();
  expect(calls).toEqual([]);
  await read;
  work.stop();

  expect(calls).toEqual(["start", "step 20", "upkeep 20", "embed", "stop"]);
});

test("between two slices other work has its turn", async () => {
  const { calls, read, services } = recordingServices(3);
  const work = background({ resident: () => 0, services, log: recordingLogger() });
  const other = setInterval(() => calls.push("other"), 1);

  await work.started();
  await read;
  clearInterval(other);
  work.stop();

  const steps = calls.filter((call) => call !== "start").join(" ");
  expect(steps).toMatch(/step 20 (other )+step 20 (other )+step 20/);
});

test("once all is read documents are embedded, a turn at a time, and new transcripts come first", async () => {
  const embedded = Promise.withResolvers<void>();
  let turns = 0;
  const { calls, services } = recordingServices(2, undefined, async () => {
    turns += 1;
    if (turns === 3) embedded.resolve();
    return turns < 3;
  });
  const work = background({ resident: () => 0, services, log: recordingLogger() });

  await work.started();
  await embedded.promise;
  work.stop();

  const look = ["step 20", "upkeep 20"];
  const turn = [...look, "embed"];
  expect(calls).toEqual(["start", "step 20", ...look, "rest", "embed", ...turn, ...turn, "stop"]);
});

test("what embedding needed is given back once, when nothing is left to embed", async () => {
  let left = 3;
  const { calls, services } = recordingServices(1, undefined, async () => {
    left -= 1;
    return left > 0;
  });
  const work = background({ resident: () => 0, services, log: recordingLogger() });

  await work.started();
  for (let n = 0; n < 200 && !calls.includes("rest"); n += 1) await Bun.sleep(5);
  await Bun.sleep(50);
  work.stop();

  expect(calls.filter((call) => call === "rest")).toHaveLength(1);
  expect(calls.indexOf("rest")).toBe(calls.lastIndexOf("embed") + 1);
});

test("embedding that fails is logged once, and reading goes on without it", async () => {
  const log = recordingLogger();
  const { calls, read, services } = recordingServices(1, undefined, () =>
    Promise.reject(new Error("no memory")),
  );
  const work = background({ resident: () => 0, services, log });

  await work.started();
  await read;
  await Bun.sleep(20);
  work.stop();

  expect(calls).toEqual(["start", "step 20", "upkeep 20", "embed", "stop"]);
  expect(log.lines).toEqual(["warn background embedding: internal: no memory"]);
});

test("stopping ends it between two slices", async () => {
  const { calls, services } = recordingServices(1_000_000);
  const work = background({ resident: () => 0, services, log: recordingLogger() });
  await work.started();
  await Bun.sleep(20);

  work.stop();
  const before = calls.length;
  await Bun.sleep(30);

  expect(calls.length).toBe(before);
});

test("stopped while the services are being opened, it does nothing with them", async () => {
  const { calls, services } = recordingServices(1);
  const work = background({ resident: () => 0, services, log: recordingLogger() });

  const started = work.started();
  work.stop();
  await started;
  await Bun.sleep(20);

  expect(calls).toEqual([]);
});

test("a start that fails is logged, and reading goes on", async () => {
  const log = recordingLogger();
  const { calls, read, services } = recordingServices(1, () => {
    throw new Error("no repository");
  });
  const work = background({ resident: () => 0, services, log });

  await work.started();
  await read;
  work.stop();

  expect(calls).toEqual(["start", "step 20", "upkeep 20", "embed", "stop"]);
  expect(log.lines).toEqual(["warn automatic start: internal: no repository"]);
  expect(work.hasStarted()).toBe(false);
});

test("services that cannot be opened cost a line of the log", async () => {
  const log = recordingLogger();
  const work = background({
    resident: () => 0,
    services: () => Promise.reject(new Error("damaged")),
    log,
  });

  await work.started();
  await Bun.sleep(20);
  work.stop();

  expect(log.lines).toEqual([
    "warn automatic start: internal: damaged",
    "warn background reading: internal: damaged",
  ]);
});

test("a new parent means that the old one has died", async () => {
  let parent = 100;
  const died = Promise.withResolvers<void>();
  const watch = watchParent(() => parent, died.resolve);
  expect(watch.isAlive()).toBe(true);

  parent = 1;
  await died.promise;

  expect(watch.isAlive()).toBe(false);
});

test("the debug log takes every level, for its owner alone, and hands warnings on", () => {
  const under = recordingLogger();
  const path = join(makeHome().folder, "logs", "sb.log");

  const log = debugLog(path, under);
  log.debug("one");
  log.warn("two");
  log.error("three\n  at here");

  const lines = readFileSync(path, "utf8").replaceAll(/^\S+Z /gm, "");
  expect(lines).toBe("debug one\nwarn two\nerror three\n    at here\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(under.lines).toEqual(["warn two", "error three\n  at here"]);
});

test("a debug log that has grown large is put aside", () => {
  const path = join(makeHome().folder, "sb.log");
  writeFileSync(path, Buffer.alloc(5 * 1024 * 1024));

  debugLog(path, recordingLogger()).debug("next");

  expect(statSync(`${path}.1`).size).toBe(5 * 1024 * 1024);
  expect(readFileSync(path, "utf8")).toEndWith("debug next\n");
});

test("a debug log that cannot be written costs its lines and nothing else", () => {
  const under = recordingLogger();
  const { folder } = makeHome();
  writeFileSync(join(folder, "file"), "");
  const path = join(folder, "file", "sb.log");

  debugLog(path, under).debug("lost");

  expect(existsSync(path)).toBe(false);
  expect(under.lines[0]).toStartWith("warn debug log: ");
});
