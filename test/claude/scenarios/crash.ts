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
const Started = z.looseObject({ previous_session: z.record(z.string(), z.unknown()).optional() });

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
    const told = JSON.stringify(previous ?? "no previous_session");
    check.that("previous_session says it was recovered", isRecovered(previous), {
      expected: '"recovered": true, or a field with the value "recovered"',
      saw: told,
    });
    const path = handoffPath(project, previous);
    const handoff = path === undefined ? "no such file" : readFileSync(path, "utf8");
    check.that("the hand-off tells of the killed session's work", handoff.includes("moraine"), {
      expected: "a file named in previous_session that holds the word moraine",
      saw: `${path}\n${handoff}`,
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

function isRecovered(previous: Readonly<Record<string, unknown>> | undefined): boolean {
  return Object.entries(previous ?? {}).some(
    ([key, value]) => value === "recovered" || (key === "recovered" && value === true),
  );
}

/** The file that a value of `previous` names, absolute or from the project's folder. */
function handoffPath(
  project: string,
  previous: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  return Object.values(previous ?? {})
    .filter((value) => typeof value === "string" && value.endsWith(".md"))
    .map((value) => resolve(project, String(value)))
    .find((path) => existsSync(path));
}
