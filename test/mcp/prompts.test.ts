import { expect, test } from "bun:test";
import { entriesOf } from "../../core/capabilities.ts";
import { PROFILES } from "../../core/kernel/config.ts";
import { connectMcp, makeServices } from "../support/mcp.ts";

test("every prompt names a tool of the profile and arguments that the tool takes", async () => {
  for (const profile of PROFILES) {
    const client = await connectMcp(makeServices, { profile });
    const { tools } = await client.listTools();

    const { prompts } = await client.listPrompts();

    expect(prompts.map(({ name }) => name)).toContain("quick_search");
    for (const { name, arguments: args = [] } of prompts) {
      const tool = tools.find((candidate) => candidate.name === name);
      expect(Object.keys(tool?.inputSchema.properties ?? {})).toEqual(
        expect.arrayContaining(args.map((arg) => arg.name)),
      );
      // What the tool needs, the prompt asks for.
      const needed = args.filter((arg) => arg.required).map((arg) => arg.name);
      expect(needed).toEqual(expect.arrayContaining(tool?.inputSchema.required ?? []));
    }
  }
});

test("a prompt of a larger profile is not offered", async () => {
  const offered = entriesOf("core").map(({ name }) => name);
  expect(offered).not.toContain("reflection_stats");
  const client = await connectMcp(makeServices, { profile: "core" });

  const { prompts } = await client.listPrompts();

  expect(prompts.map(({ name }) => name)).not.toContain("reflection_stats");
  await expect(client.getPrompt({ name: "reflection_stats" })).rejects.toMatchObject({
    code: -32602,
  });
});

test("a prompt tells which tool to call with what", async () => {
  const client = await connectMcp(makeServices);

  const prompt = await client.getPrompt({
    name: "store_reflection",
    arguments: { content: ' Use "WAL" ', tags: "sqlite, storage,," },
  });

  expect(prompt.messages).toEqual([
    {
      role: "user",
      content: {
        type: "text",
        text: 'Call the tool `store_reflection` of the MCP server session-buddy with the arguments {"content":"Use \\"WAL\\"","tags":["sqlite","storage"]}. Then say that it is stored, or that it was known already.',
      },
    },
  ]);
});

test("an optional argument may be left out", async () => {
  const client = await connectMcp(makeServices);

  const { messages } = await client.getPrompt({ name: "checkpoint", arguments: { name: " " } });

  expect(messages[0]?.content).toMatchObject({
    text: expect.stringMatching(/^Call the tool `checkpoint` .* without arguments\. /),
  });
});

test.each([
  ["an unknown prompt", { name: "weather" }],
  ["no name", {}],
  ["a missing argument", { name: "quick_search" }],
  ["a blank argument", { name: "quick_search", arguments: { query: "  " } }],
  ["an argument that is no text", { name: "quick_search", arguments: { query: 5 } }],
])("%s is refused as invalid parameters", async (_case, params) => {
  const client = await connectMcp(makeServices);

  await expect(client.getPrompt(params as never)).rejects.toMatchObject({ code: -32602 });
});
