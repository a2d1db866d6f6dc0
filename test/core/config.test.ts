import { expect, test } from "bun:test";
import fc from "fast-check";
import { DEFAULT_SETTINGS, hidingFault } from "../../core/kernel/config.ts";
import { loadConfig } from "../../core/kernel/load-config.ts";

const fileOf = (path: string, value: object | undefined) =>
  value && { path, text: JSON.stringify(value) };
const load = (user: object | undefined, project: object | undefined, env = {}) =>
  loadConfig({ env, user: fileOf("/u.json", user), project: fileOf("/p.json", project) });

test("without any file everything is at its default", () => {
  expect(load(undefined, undefined)).toEqual({
    ignore: [],
    checkpoint: { git: "snapshot" },
    brief: { max_tokens: 800 },
    search: { half_life_days: 30 },
    retention: { max_db_mb: 0, tool_output_days: 0 },
    profile: "standard",
    faults: [],
  });
});

test("a project has no say in what is forgotten", () => {
  const config = load({ retention: { max_db_mb: 500 } }, { retention: { max_db_mb: 1 } });

  expect(config.retention).toEqual({ max_db_mb: 500, tool_output_days: 0 });
});

test("a variable wins over the project, the project over the user, key by key", () => {
  const config = load(
    { profile: "core", brief: { max_tokens: 100 }, search: { half_life_days: 7 } },
    { profile: "full", brief: { max_tokens: 0 } },
    { SB_PROFILE: "standard" },
  );

  expect(config).toMatchObject({
    profile: "standard",
    brief: { max_tokens: 0 },
    search: { half_life_days: 7 },
  });
});

test("a project adds to what the user ignores and takes nothing from it", () => {
  expect(load({ ignore: ["~/private"] }, { ignore: [] }).ignore).toEqual(["~/private"]);
  expect(load({ ignore: ["~/a"] }, { ignore: ["~/b"] }).ignore).toEqual(["~/a", "~/b"]);
});

test.each([
  ["snapshot", {}, "commit"],
  ["off", { checkpoint: { git: "off" } }, "commit"],
  ["commit", { checkpoint: { git: "commit" } }, "commit"],
  ["off", { checkpoint: { git: "commit" } }, "off"],
])("commits are %p where the user says %j and the project %p", (git, user, theirs) => {
  expect(load(user, { checkpoint: { git: theirs } }).checkpoint.git).toBe(git as "off");
});

test.each([
  ["{", undefined, "not JSON"],
  ["[]", undefined, "not a JSON object"],
  ['{"ignore": "~/private"}', "ignore", "Invalid input: expected array, received string"],
  ['{"ignore": ["~/private", 5]}', "ignore", "Invalid input: expected string, received number"],
  ['{"ingore": ["~/private"]}', "ingore", 'Unrecognized key: "ingore"'],
  ['{"brief": {"exclude": true}}', "brief.exclude", 'Unrecognized key: "exclude"'],
])("with %p everything is left alone, since that may be what it said", (text, key, why) => {
  const config = loadConfig({ env: {}, user: { path: "/u.json", text } });

  expect(config.faults).toEqual([
    { source: "/u.json", ...(key === undefined ? {} : { key }), why, hides: true },
  ]);
  expect(hidingFault(config)).toBe(config.faults[0]);
});

test("a file that cannot be read hides, and a missing one is no fault", () => {
  const user = { path: "/u.json", unreadable: "cannot be read (EACCES)" };

  expect(loadConfig({ env: {}, user }).faults).toEqual([
    { source: "/u.json", why: "cannot be read (EACCES)", hides: true },
  ]);
  expect(loadConfig({ env: {} }).faults).toEqual([]);
});

test("beside a bad value the good ones hold, and in its place the cautious one", () => {
  const user = {
    nope: 1,
    brief: { max_tokens: -1 },
    search: { half_life_days: 7 },
    checkpoint: { git: "of" },
    retention: { max_db_mb: 5, tool_output_days: "1" },
    ignore: ["~/private"],
  };

  const config = load(user, undefined, { SB_PROFILE: "most" });

  expect(config).toMatchObject({
    brief: { max_tokens: 800 },
    search: { half_life_days: 7 },
    checkpoint: { git: "off" },
    retention: { max_db_mb: 5, tool_output_days: 0 },
    ignore: ["~/private"],
    profile: "standard",
  });
  expect(config.faults.map(({ source, key, hides }) => [source, key, hides]).sort()).toEqual([
    ["/u.json", "brief.max_tokens", false],
    ["/u.json", "checkpoint.git", false],
    ["/u.json", "nope", false],
    ["/u.json", "retention.tool_output_days", false],
    ["SB_PROFILE", "profile", false],
  ]);
});

test("a slip beside checkpoint.git leaves its value in force", () => {
  const config = load({ checkpoint: { git: "commit", gti: 1 } }, undefined);

  expect(config.checkpoint.git).toBe("commit");
});

test("a bad value of a project's file leaves the user's in force", () => {
  const config = load({ brief: { max_tokens: 100 } }, { brief: { max_tokens: "many" } });

  expect(config.brief.max_tokens).toBe(100);
});

test("whatever a file holds, every setting has a value of its kind", () => {
  const value = fc.oneof(fc.jsonValue(), fc.record({ git: fc.jsonValue() }));
  const keys = fc.constantFrom("ignore", "checkpoint", "brief", "search", "profile", "other");
  fc.assert(
    fc.property(fc.dictionary(keys, value), (user) => {
      const { faults, ...settings } = load(user, undefined);
      const again = load(settings, undefined);

      expect(again.faults).toEqual([]);
      expect(Object.keys(settings).sort()).toEqual(Object.keys(DEFAULT_SETTINGS).sort());
    }),
  );
});
