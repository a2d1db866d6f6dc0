import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CAPABILITIES, entriesOf } from "../../core/capabilities.ts";
import { PROFILES } from "../../core/kernel/config.ts";
import { SbError } from "../../core/kernel/errors.ts";
import { VERSION } from "../../core/kernel/version.ts";
import { failureText } from "../../mcp/from-capability.ts";
import { instructionsFor } from "../../mcp/instructions.ts";
import { connectMcp, makeServices, recordingLogger } from "../support/mcp.ts";

test.each([...PROFILES])("profile %s lists its capabilities, in order", async (profile) => {
  const client = await connectMcp(makeServices, { profile });

  const { tools } = await client.listTools();

  expect(tools.map((tool) => tool.name)).toEqual(entriesOf(profile).map(({ name }) => name));
});

test("a tool's hints say what its capability may change", async () => {
  const client = await connectMcp(makeServices);

  const { tools } = await client.listTools();

  for (const entry of CAPABILITIES) {
    const { effect } = await entry.load();
    expect(tools.find(({ name }) => name === entry.name)?.annotations).toEqual({
      readOnlyHint: effect === "read",
      destructiveHint: effect === "destroy",
      openWorldHint: false,
    });
  }
});

test("the first message of Claude Code, a probe, is an unknown method", async () => {
  const client = await connectMcp(makeServices);

  const probe = client.request({ method: "server/discover" } as never, {} as never);

  await expect(probe).rejects.toMatchObject({ code: -32601 });
});

test("a result is the same object as text and as structure", async () => {
  const client = await connectMcp(makeServices);

  const result = await client.callTool({ name: "ping" });

  expect(result).toEqual({
    content: [{ type: "text", text: JSON.stringify({ pong: true, version: VERSION }) }],
    structuredContent: { pong: true, version: VERSION },
  });
});

test.each([
  ["an unknown key", { name: "ping", arguments: { loud: true } }, /^invalid_input: .*loud/],
  [
    "a path that holds a NUL",
    { name: "status", arguments: { working_directory: "a\0b" } },
    /^invalid_input: .*NUL/,
  ],
  ["a list for arguments", { name: "ping", arguments: [] }, /^invalid_input: /],
  ["text for arguments", { name: "ping", arguments: "loud" }, /^invalid_input: /],
  ["no name", {}, /^invalid_input: /],
  ["a number for a name", { name: 7 }, /^invalid_input: /],
  ["an unknown tool", { name: "weather" }, /^invalid_input: unknown tool weather$/],
  ["a slip", { name: "pnig" }, /^invalid_input: unknown tool pnig \(did you mean ping\)$/],
  ["a very long name", { name: "x".repeat(1_000_000) }, /^invalid_input: unknown tool x{63}…$/],
  ["a name of every object", { name: "constructor" }, /^invalid_input: unknown tool constructor/],
])("%s is a result that says why", async (_case, params, expected) => {
  const client = await connectMcp(makeServices);

  const result = await client.callTool(params as never);

  expect(result).toEqual({
    isError: true,
    content: [{ type: "text", text: expect.stringMatching(expected) }],
  });
});

test("a tool of a larger profile is unknown, and the hint names the profile", async () => {
  const client = await connectMcp(makeServices, { profile: "core" });

  const result = await client.callTool({ name: "ping" });

  expect(result).toEqual({
    isError: true,
    content: [
      {
        type: "text",
        text: "invalid_input: unknown tool ping (it is in profile full: start the server with --profile full)",
      },
    ],
  });
});

test("services that cannot be opened fail the call, not the server", async () => {
  const broken = () => {
    throw new SbError("corrupt", "the database is damaged", { hint: "restore a backup" });
  };
  const client = await connectMcp(broken);

  const result = await client.callTool({ name: "server_info" });

  expect(result).toEqual({
    isError: true,
    content: [{ type: "text", text: "corrupt: the database is damaged (restore a backup)" }],
  });
  expect((await client.listTools()).tools.length).toBe(CAPABILITIES.length);
});

test("a fault of ours shows its message to the model and its stack to the log only", async () => {
  const log = recordingLogger();
  const client = await connectMcp(
    () => {
      throw new TypeError("no such thing");
    },
    { log },
  );

  const result = await client.callTool({ name: "ping" });

  expect(result).toEqual({
    isError: true,
    content: [{ type: "text", text: "internal: no such thing" }],
  });
  expect(log.lines.find((line) => line.startsWith("error"))).toMatch(/tool ping: [\s\S]*\n\s+at /);
});

test("a failure reads `code: message (hint)`", () => {
  expect(failureText(new SbError("conflict", "taken"))).toBe("conflict: taken");
  expect(failureText(new SbError("conflict", "taken", { hint: "choose another" }))).toBe(
    "conflict: taken (choose another)",
  );
  expect(failureText("odd")).toBe("internal: odd");
});

test("the instructions stay under 2 KB, tools to come included, and name only what is offered", async () => {
  const source = readFileSync(join(import.meta.dir, "../../mcp/instructions.ts"), "utf8");
  const names = CAPABILITIES.map(({ name }) => name).filter((name) => name.includes("_"));

  expect(
    Buffer.byteLength(source.slice(source.indexOf("const LINES"), source.indexOf("];"))),
  ).toBeLessThan(2_800);
  for (const profile of PROFILES) {
    const text = instructionsFor(profile);
    const offered = entriesOf(profile).map(({ name }) => name);
    expect(Buffer.byteLength(text)).toBeLessThan(2_048);
    expect(names.filter((name) => text.includes(name) && !offered.includes(name))).toEqual([]);
  }
});
