import { say, toolResults, use } from "../api.ts";
import { mcpTool } from "../lab.ts";
import { Found, memory } from "../memory.ts";
import type { Scenario } from "../scenario.ts";
import { exchange } from "../transcripts.ts";

const WORDS = ["clover", "thistle", "bramble"] as const;

export const several: Scenario = {
  name: "several",
  shows: "three clients at once share one store",
  async run(lab, check) {
    const tool = mcpTool("quick_search");
    const projects = WORDS.map((word) => ({ word, project: lab.project(`${word}-farm`) }));

    const answers = await Promise.all(
      projects.map(async ({ word, project }) => {
        await lab.turn(project, { prompt: exchange(lab, word) });
        const prompt = `Search for ${word} again.`;
        lab.api.script(prompt, [use(tool, { query: word }), say("Done.")]);
        await lab.turn(project, { prompt, allow: [tool] });
        return toolResults(lab.api.requestsFor(prompt)[1]).join("\n");
      }),
    );

    for (const answer of answers) {
      check.that("quick_search in each client", isFound(answer), {
        expected: "a search result",
        saw: answer,
      });
    }
    const stored = memory(lab, projects[0]?.project ?? lab.root);
    await stored.ingest();
    for (const { word } of projects) {
      const hits = await stored.exchanges(`${word} service`);
      check.equal(`exchanges about the ${word} service`, hits.length, 1);
    }
    check.equal("integrity of the store", await stored.integrity(), "ok");
  },
};

function isFound(answer: string): boolean {
  try {
    return Found.safeParse(JSON.parse(answer)).success;
  } catch {
    return false;
  }
}
