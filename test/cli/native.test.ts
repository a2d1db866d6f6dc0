import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { TOOLS } from "../../cli/tools.ts";
import { makeWorld, runCli } from "../support/harness.ts";

describe("sb call", () => {
  test("prints the tool's result as JSON on a terminal too", async () => {
    const world = makeWorld();

    const result = await runCli("call ping", world, { isTty: true });

    expect(result).toEqual({
      stdout: '{"pong":true,"version":"0.1.0"}\n',
      stderr: "",
      exitCode: 0,
    });
  });

  test("takes its arguments from the line or from standard input", async () => {
    const world = makeWorld();
    const note = '{"content": "Pools close first", "tags": ["pool"]}';

    const fromLine = await runCli(["call", "store_reflection", note], world);
    const fromInput = await runCli("call store_reflection -", world, { stdin: `${note}\n` });

    expect(JSON.parse(fromLine.stdout)).toMatchObject({ duplicate: false });
    expect(JSON.parse(fromInput.stdout)).toMatchObject({ duplicate: true });
  });

  test.each([
    ["an unknown tool", ["call", "pong"], 'unknown tool "pong"; did you mean "ping"?'],
    ["no JSON", ["call", "ping", "{a"], "the arguments are not JSON"],
    ["empty text", ["call", "ping", ""], "the arguments are not JSON"],
    ["a list", ["call", "ping", "[1]"], "the arguments are no JSON object"],
    ["null", ["call", "ping", "null"], "the arguments are no JSON object"],
    ["an unknown key", ["call", "ping", '{"loud": 1}'], 'unknown key "loud"'],
    [
      "a slip of a key",
      ["call", "quick_search", '{"qury": "x"}'],
      'query is missing; unknown key "qury"; did you mean "query"?',
    ],
    ["no tool", ["call"], "missing TOOL"],
  ])("refuses %s with exit 2", async (_what, argv, message) => {
    const { stdout, stderr, exitCode } = await runCli(argv, makeWorld());

    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(JSON.parse(stderr).error.message).toStartWith(message);
  });
});

describe("sb tools", () => {
  test("gives each tool's cost, and what each profile costs in all", async () => {
    const { stdout } = await runCli("tools --profile full", makeWorld());
    const { profile, tokens, tools, profiles } = JSON.parse(stdout);
    const costs: number[] = tools.map((tool: { tokens: number }) => tool.tokens);

    expect(profile).toBe("full");
    expect(tools).toHaveLength(TOOLS.length);
    expect(costs.reduce((sum, cost) => sum + cost, 0)).toBe(tokens);
    expect(profiles.full).toEqual({ tools: TOOLS.length, tokens });
  });

  test.each([
    ["the option", "tools --profile core", { SB_PROFILE: "full" }, "core"],
    ["the variable", "tools", { SB_PROFILE: "full" }, "full"],
    ["the default", "tools", {}, "standard"],
  ])("takes the profile from %s", async (_from, line, env, profile) => {
    const { stdout } = await runCli(line, makeWorld(env));

    expect(JSON.parse(stdout).profile).toBe(profile);
  });
});

describe("sb demo", () => {
  test("plays every step and leaves nothing behind", async () => {
    const world = makeWorld();
    const home = world.env["HOME"] ?? "";
    const inHome = { ...world, env: { ...world.env, TMPDIR: home } };
    const before = readdirSync(home);

    const { stdout, stderr, exitCode } = await runCli("demo", inHome);

    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    for (const step of [
      "1  Read the conversations of three projects",
      "   Read 3 transcripts",
      "   3 of 3 shown",
      "   Session started in user-service (main)",
      "   fix  auth-service",
      "`src/refresh.ts` now passes `clockTolerance: 30`",
      "   Checkpoint saved: clock skew fixed",
      "     Insights  1 new insight",
      "   Session ended after",
      "   # Hand-off: user-service",
      "   - Move the verification of tokens into a shared package",
    ]) {
      expect(stdout).toContain(step);
    }
    expect(readdirSync(home)).toEqual(before);
  });

  test("with --json gives each step's result and time", async () => {
    const { stdout } = await runCli("demo --json", makeWorld());
    const { steps } = JSON.parse(stdout);

    expect(steps.map(({ command }: { command: string }) => command.split(" ")[1])).toEqual([
      "ingest",
      "insight",
      "start",
      "search",
      "checkpoint",
      "end",
    ]);
    expect(steps[0].result).toMatchObject({ files: 3, bad_rows: 0 });
  });
});
