import { expect, test } from "bun:test";
import { loadConfig } from "../../core/kernel/load-config.ts";

const load = (user: object | undefined, project: object | undefined, env = {}) =>
  loadConfig({
    env,
    user: user && JSON.stringify(user),
    project: project && JSON.stringify(project),
  });

test("without any file everything is at its default", () => {
  expect(load(undefined, undefined)).toEqual({
    ignore: [],
    checkpoint: { git: "snapshot" },
    brief: { max_tokens: 800 },
    search: { half_life_days: 30 },
    retention: { max_db_mb: 0, tool_output_days: 0 },
    profile: "standard",
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
  ["{", "the user's session-buddy.json is not JSON"],
  ["[]", "the user's session-buddy.json is not a JSON object"],
  ['{"nope": 1}', 'the user\'s session-buddy.json: Unrecognized key: "nope"'],
  ['{"brief": {"max_tokens": -1}}', "the user's session-buddy.json: brief.max_tokens: Too small"],
])("%p is refused in one line that names the file", (user, message) => {
  expect(() => loadConfig({ env: {}, user })).toThrow(message);
});
