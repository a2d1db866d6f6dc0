import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { userTexts } from "../api.ts";
import { type Lab, sbBinary } from "../lab.ts";
import type { Scenario } from "../scenario.ts";

export const prompt: Scenario = {
  name: "prompt",
  shows: "/mcp__session-buddy__start puts the text of our prompt before the model",
  async run(lab, check) {
    const project = lab.project("meadow");
    const opening = await openingOfStart(lab, project);

    await lab.turn(project, { prompt: "/mcp__session-buddy__start" });

    const seen = userTexts(lab.api.requests.at(-1)).at(-1) ?? "";
    check.that("what the model read", opening !== "" && seen.includes(opening), {
      expected: `the opening of the prompt: ${opening}`,
      saw: seen.slice(-1_000),
    });
  },
};

/** The first line of the prompt `start`, asked for without the client. */
async function openingOfStart(lab: Lab, cwd: string): Promise<string> {
  const client = new Client({ name: "rig", version: "1.0.0" });
  const server = { command: sbBinary(), args: ["mcp"], cwd, env: { ...lab.env } };
  await client.connect(new StdioClientTransport({ ...server, stderr: "ignore" }));
  try {
    const { messages } = await client.getPrompt({ name: "start" });
    const content = messages[0]?.content;
    return content?.type === "text" ? (content.text.trim().split("\n")[0] ?? "") : "";
  } finally {
    await client.close();
  }
}
