import { expect, test } from "bun:test";
import { connectMcp, makeServices } from "../support/mcp.ts";

test("two resources have an address, two take an id", async () => {
  const client = await connectMcp(makeServices);

  const { resources } = await client.listResources();
  const { resourceTemplates } = await client.listResourceTemplates();

  expect(resources.map(({ uri }) => uri)).toEqual(["sb://session/current", "sb://handoff/latest"]);
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
    "sb://insight/{id}",
    "sb://memory/{id}",
  ]);
});

test("the current session is what status says", async () => {
  const services = makeServices();
  const client = await connectMcp(() => services);

  const { contents } = await client.readResource({ uri: "sb://session/current" });
  const { structuredContent } = await client.callTool({ name: "status" });

  const [content] = contents;
  expect(content?.mimeType).toBe("application/json");
  expect(Object.keys(JSON.parse(textOf(content)))).toEqual(
    Object.keys(structuredContent as object),
  );
});

test("a stored insight and its document can be read by id", async () => {
  const services = makeServices();
  const client = await connectMcp(() => services);
  const stored = await client.callTool({
    name: "store_insight",
    arguments: { content: "SQLite in WAL mode lets many processes read while one writes." },
  });
  const { id } = stored.structuredContent as { id: string };

  const { contents } = await client.readResource({ uri: `sb://insight/${id}` });

  const [content] = contents;
  expect(JSON.parse(textOf(content))).toMatchObject({
    id,
    content: expect.stringContaining("WAL mode"),
  });
});

test("a stored note can be read whole by its id", async () => {
  const services = makeServices();
  const client = await connectMcp(() => services);
  const stored = await client.callTool({
    name: "store_reflection",
    arguments: { content: "We deploy on Thursdays." },
  });
  const { id } = stored.structuredContent as { id: string };

  const { contents } = await client.readResource({ uri: `sb://memory/${id}` });

  const [content] = contents;
  expect(JSON.parse(textOf(content))).toMatchObject({ id, content: "We deploy on Thursdays." });
});

test.each([
  "sb://insight/nothing",
  "sb://memory/nothing",
  "sb://insight/",
  "sb://insight/%zz",
  "sb://handoff/latest",
  "sb://weather",
  "file:///etc/passwd",
  "",
])("%p names nothing here: resource not found", async (uri) => {
  const client = await connectMcp(makeServices);

  await expect(client.readResource({ uri })).rejects.toMatchObject({
    code: -32002,
    data: { uri },
  });
});

test("a request without an address has invalid parameters", async () => {
  const client = await connectMcp(makeServices);

  await expect(client.readResource({} as never)).rejects.toMatchObject({ code: -32602 });
});

function textOf(content: object | undefined): string {
  return content && "text" in content ? String(content.text) : "";
}
