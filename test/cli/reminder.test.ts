import { expect, test } from "bun:test";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, runCli, type World } from "../support/harness.ts";
import { repositoryAt } from "../support/repository.ts";

binary();

/** The same world at a later time of 2026-01-02, UTC. */
function at(world: World, clock: string): World {
  return {
    ...world,
    env: { ...world.env, SB_NOW: clock.includes("T") ? clock : `2026-01-02T${clock}:00Z` },
  };
}

function repository(): World {
  const world = makeWorld();
  const git = repositoryAt(world.project, { PATH: Bun.env["PATH"] ?? "", HOME: world.project });
  git.git("init", "--quiet", "--initial-branch=main");
  return world;
}

async function remind(world: World, title: string, when: string, ...more: string[]) {
  const { stdout } = await runBinary(["reminder", "add", title, when, "--json", ...more], world);
  return JSON.parse(stdout) as { reminder_id: string; due_at: string; recurrence: string | null };
}

async function hook(world: World, event: string, conversation: string, more: object = {}) {
  const base = { session_id: conversation, cwd: world.project, hook_event_name: event };
  const input = JSON.stringify({ ...base, source: "startup", ...more });
  return (await runBinary(["hook", event], world, input)).stdout;
}

const prompt = (world: World, conversation: string, id: string) =>
  hook(world, "UserPromptSubmit", conversation, { prompt: "go on", source: "user", prompt_id: id });

test("a reminder is told at its time in the first conversation, once, and is done with that", async () => {
  const world = repository();
  const { due_at } = await remind(world, "Rotate the signing key", "in 2 hours");

  const early = await prompt(at(world, "04:00"), "c-1", "1");
  const due = await prompt(at(world, "05:10"), "c-1", "2");
  const again = await prompt(at(world, "05:20"), "c-1", "3");
  const other = await prompt(at(world, "05:30"), "c-2", "4");
  const receipts = await runBinary(["call", "explain_injection", '{"conversation":"c-1"}'], world);
  const list = await runBinary("reminder list --include-done --json", at(world, "06:00"));

  expect(due_at.slice(0, 16)).toBe("2026-01-02T05:04");
  expect([early, again, other]).toEqual(["", "", ""]);
  expect(JSON.parse(due).hookSpecificOutput.additionalContext).toContain(
    "Due reminders:\n- Rotate the signing key",
  );
  expect(Buffer.byteLength(JSON.parse(due).hookSpecificOutput.additionalContext)).toBeLessThan(
    1_200,
  );
  expect(JSON.parse(receipts.stdout).injections[0].items).toMatchObject([
    { kind: "reminder", reason: "the person asked to be reminded; due 2026-01-02T05:04Z" },
  ]);
  expect(JSON.parse(list.stdout).reminders).toMatchObject([{ state: "done" }]);
});

test("the brief begins with what is due; start and status say it too", async () => {
  const world = repository();
  await remind(world, "Send the invoice", "at 8:00", "--description", "to Acme, net 30");
  const later = at(world, "09:00");

  const status = await runBinary("status --json", later);
  const brief = await hook(later, "SessionStart", "c-1");
  const start = await runBinary("start --json", later);
  const text = await runCli("status", at(world, "09:05"), { isTty: true });

  const due = [{ title: "Send the invoice", description: "to Acme, net 30", recurrence: null }];
  expect(JSON.parse(status.stdout).due_reminders).toMatchObject(due);
  expect(JSON.parse(brief).hookSpecificOutput.additionalContext).toMatch(
    /^[^\n]*\n(?:[^\n]*\n)?Due reminders:\n- Send the invoice: to Acme, net 30/,
  );
  expect(JSON.parse(start.stdout).due_reminders).toMatchObject(due);
  expect(text.stdout).toContain("Send the invoice");
});

test("one that comes again is told once each time, however many times went by", async () => {
  const world = repository();
  await remind(world, "Stretch", "every day at 9");

  const first = await prompt(at(world, "2026-01-02T09:30:00Z"), "c-1", "1");
  const twice = await prompt(at(world, "2026-01-02T10:30:00Z"), "c-1", "2");
  const later = await prompt(at(world, "2026-01-06T09:30:00Z"), "c-1", "3");
  const list = await runBinary("reminder list --json", at(world, "2026-01-06T10:00:00Z"));

  expect([first, later].map((text) => text.match(/Stretch/g)?.length)).toEqual([1, 1]);
  expect(twice).toBe("");
  expect(JSON.parse(list.stdout).reminders[0]).toMatchObject({
    due_at: "2026-01-07T09:00:00.000Z",
    state: "open",
    recurrence: "FREQ=DAILY;INTERVAL=1",
  });
});

test("a cancelled one is never told, nor one of another, paused or forgotten project", async () => {
  const world = repository();
  const { reminder_id } = await remind(world, "Cancelled", "in 1 hour");
  await remind(world, "Elsewhere", "in 1 hour", "--project", "billing");
  await remind(world, "Here", "in 1 hour", "--project", world.project);

  const cancelled = await runBinary(["reminder", "cancel", reminder_id, "--json"], world);
  const twice = await runBinary(["reminder", "cancel", reminder_id, "--json"], world);
  await runBinary("pause", world);
  const paused = await prompt(at(world, "05:00"), "c-1", "1");
  const hidden = await runBinary("reminder list --json", at(world, "05:00"));
  await runBinary("unpause", world);
  const told = await prompt(at(world, "06:00"), "c-1", "2");
  await runBinary(["forget", "--project", "billing", "--yes", "--json"], at(world, "06:10"));
  const left = await runBinary("reminder list --include-done --json", at(world, "06:20"));

  expect(JSON.parse(cancelled.stdout)).toMatchObject({ state: "cancelled", was: "open" });
  expect(JSON.parse(twice.stdout).was).toBe("cancelled");
  expect(paused).toBe("");
  expect(JSON.parse(hidden.stdout).reminders).toMatchObject([{ title: "Elsewhere" }]);
  expect(told).toContain("Here");
  expect(told).not.toMatch(/Elsewhere|Cancelled/);
  const titles = JSON.parse(left.stdout).reminders.map(({ title }: { title: string }) => title);
  expect(titles.sort()).toEqual(["Cancelled", "Here"]);
});

test.each([
  [
    "a time that is not understood",
    '{"title":"x","time_expression":"soon"}',
    2,
    "every weekday at 9",
  ],
  ["a past time", '{"title":"x","time_expression":"yesterday"}', 2, "is past"],
  ["an empty title", '{"title":" ","time_expression":"in 1 hour"}', 2, "title"],
  ["no time", '{"title":"x"}', 2, "time_expression"],
])("%s is refused with the next step", async (_case, input, exitCode, why) => {
  const result = await runBinary(["call", "create_natural_reminder", input], makeWorld());

  expect(result).toMatchObject({ stdout: "", exitCode });
  expect(result.stderr).toContain(why);
});

test("an unknown id is not found, and a secret in a title never reaches the disk", async () => {
  const world = makeWorld();
  const secret = `ghp_${"A1b2C3d4E5f6".repeat(3)}`;

  const unknown = await runBinary("reminder cancel nope", world);
  await remind(world, `Revoke ${secret}`, "in 1 hour", "--description", secret);

  expect(unknown.exitCode).toBe(3);
  const file = Bun.file(join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data", "session-buddy.db"));
  const wal = Bun.file(`${file.name}-wal`);
  const bytes = (await file.text()) + ((await wal.exists()) ? await wal.text() : "");
  expect(bytes).toContain("Revoke");
  expect(bytes).not.toContain(secret);
});
