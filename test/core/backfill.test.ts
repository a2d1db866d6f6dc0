import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Services } from "../../core/services.ts";
import { backfillState } from "../../core/session/backfill.ts";
import { statusOf } from "../../core/session/status.ts";
import { makeWorld, type World } from "../support/services.ts";
import { Transcript } from "../support/transcript.ts";

const FIRST = { pid: 201, startedAt: 1 };
const SECOND = { pid: 202, startedAt: 2 };
const PROJECTS = ["api", "web", "cli"];

/** Three projects, one conversation each, and two servers in the first one. */
function twoServers(): { world: World; first: Services; second: Services } {
  const world = makeWorld();
  for (const [n, name] of PROJECTS.entries()) {
    const sessionId = `0d6f1f6a-0000-4000-8000-${String(n).padStart(12, "0")}`;
    const talk = new Transcript({ cwd: join(world.home, name), sessionId });
    talk.prompt(`What does the ${name} cache?`);
    talk.answer("Sessions, for a minute.");
    talk.writeTo(join(world.claude, "projects"));
  }
  world.alive.add(FIRST.pid).add(SECOND.pid);
  const cwd = join(world.home, "api");
  const first = world.another({ self: FIRST, cwd });
  const second = world.another({ self: SECOND, cwd });
  return { world, first, second };
}

/** Works until nothing is left to do now. */
function workOff({ backfill }: Services): void {
  for (let n = 0; n < 10_000 && backfill.step(20); n += 1);
}

const read = ({ ports }: Services) => statusOf(ports).memory.documents;

test("while one server reads the history another reads its own project, and calls nothing done", () => {
  const { world, first, second } = twoServers();
  using _ = world;
  first.backfill.step(0);

  workOff(second);

  expect(read(second)).toBe(1);
  expect(backfillState(second.ports).state).not.toBe("done");
  expect(second.backfill.isWaiting()).toBe(true);

  workOff(first);

  expect(read(first)).toBe(PROJECTS.length);
  expect(backfillState(first.ports)).toMatchObject({ state: "done", files_done: 3 });
  expect(first.backfill.isWaiting()).toBe(false);

  workOff(second);

  expect(second.backfill.isWaiting()).toBe(false);
  expect(backfillState(second.ports)).toMatchObject({ state: "done", files_done: 3 });
});

test.each([
  ["that was killed", (_: Services, world: World) => void world.alive.delete(FIRST.pid)],
  ["that ended in good order", (server: Services) => server.backfill.stop()],
  ["that was silent for long", (_: Services, world: World) => world.pass(16_000)],
])("the history of a server %s falls to the next one at its first look", (_case, end) => {
  const { world, first, second } = twoServers();
  using _ = world;
  first.backfill.step(0);
  workOff(second);

  end(first, world);
  workOff(second);

  expect(read(second)).toBe(PROJECTS.length);
  expect(backfillState(second.ports)).toMatchObject({ state: "done", files_done: 3 });
});

test("a server that was silent so long that another took over leaves it the work", () => {
  const { world, first, second } = twoServers();
  using _ = world;
  first.backfill.step(0);
  world.pass(16_000);
  second.backfill.step(0);

  workOff(first);

  expect(first.backfill.isWaiting()).toBe(true);
  expect(backfillState(first.ports).state).not.toBe("done");

  workOff(second);

  expect(read(second)).toBe(PROJECTS.length);
});

test("nobody reads the history once the process that did has ended", () => {
  const { world, first } = twoServers();
  using _ = world;
  first.backfill.step(0);
  first.backfill.step(20);
  world.alive.delete(FIRST.pid);
  const { ports } = first;
  ports.db.run(
    "UPDATE setting SET value = replace(value, 'done', 'running') WHERE name = 'backfill'",
  );

  expect(backfillState(ports).state).toBe("pending");
});
