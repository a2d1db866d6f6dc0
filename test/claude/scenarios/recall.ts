import { say, toolResults, use } from "../api.ts";
import { mcpTool } from "../lab.ts";
import { memory } from "../memory.ts";
import type { Scenario } from "../scenario.ts";
import { exchange } from "../transcripts.ts";

export const recall: Scenario = {
  name: "recall",
  shows: "the model gets an earlier project's insight from quick_search",
  async run(lab, check) {
    const earlier = lab.project("meadow");
    await lab.turn(earlier, { prompt: exchange(lab, "clover") });
    await memory(lab, earlier).ingest();
    const project = lab.project("pasture");
    const prompt = "Look up what outlives a request.";
    const tool = mcpTool("quick_search");
    lab.api.script(prompt, [use(tool, { query: "clover connection" }), say("There it is.")]);

    await lab.turn(project, { prompt, allow: [tool] });

    const [asked, answered] = lab.api.requestsFor(prompt);
    const tools = asked?.body.tools.map(({ name }) => name) ?? [];
    check.that("tools offered to the model", tools.includes(tool), { expected: tool, saw: tools });
    const seen = toolResults(answered).join("\n");
    check.that("what the model read", seen.includes("clover connection outlives the request"), {
      expected: "the insight about clover",
      saw: seen,
    });
  },
};
