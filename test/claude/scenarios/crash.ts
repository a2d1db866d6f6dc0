import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { say, toolResults, use } from "../api.ts";
import { until } from "../check.ts";
import { type Lab, mcpTool } from "../lab.ts";
import type { Scenario } from "../scenario.ts";
import { killWhileAnswering } from "../transcripts.ts";

/** How long `sb mcp` may outlive a killed client, in milliseconds. */
const FAREWELL_MS = 2_000;
const Started = z.looseObject({
  previous_session: z
    .looseObject({ recovered: z.boolean(), handoff_path: z.string().nullable() })
    .optional(),
});

export const crash: Scenario = {
  name: "crash",
  shows: "the start after a kill -9 gives back a recovered hand-off",
  async run(lab, check) {
    const project = lab.project("glacier");
    const { servers } = await killWhileAnswering(lab, project, "moraine");

    const left = await sbLeftAlive(lab);
    const previous = await previousSession(lab, project);

    check.equal("sb processes before the kill", servers.length, 1);
    check.equal("sb processes two seconds after the kill", left, []);
    check.equal("previous_session is marked as recovered", previous?.recovered, true);
    const handoff = textOf(project, previous?.handoff_path);
    check.that("the hand-off tells of the killed session's work", handoff.includes("moraine"), {
      expected: "a file, named by handoff_path, that holds the word moraine",
      saw: { previous: previous ?? "none", handoff },
    });
  },
};

async function sbLeftAlive(lab: Lab): Promise<readonly string[]> {
  const gone = () => (lab.sbProcesses().length === 0 ? true : undefined);
  try {
    await until("the end of sb mcp", gone, FAREWELL_MS);
    return [];
  } catch {
    return lab.sbProcesses();
  }
}

/** What the tool `start` tells the model in the client's next run. */
async function previousSession(lab: Lab, project: string) {
  const prompt = "Take up the work again.";
  const tool = mcpTool("start");
  lab.api.script(prompt, [use(tool, { working_directory: project }), say("I know where we were.")]);
  await lab.turn(project, { prompt, allow: [tool] });
  const [text = ""] = toolResults(lab.api.requestsFor(prompt)[1]);
  try {
    return Started.parse(JSON.parse(text)).previous_session;
  } catch (error) {
    throw new Error(`start answered: ${text}`, { cause: error });
  }
}

/** The hand-off at `path`, which may be told from the project's folder on. */
function textOf(project: string, path: string | null | undefined): string {
  if (!path || !existsSync(resolve(project, path))) return `no file at ${path}`;
  return readFileSync(resolve(project, path), "utf8");
}
