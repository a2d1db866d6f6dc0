import { memory } from "../memory.ts";
import type { Scenario } from "../scenario.ts";
import { exchange } from "../transcripts.ts";

export const remember: Scenario = {
  name: "remember",
  shows: "an insight in an answer is captured once",
  async run(lab, check) {
    const project = lab.project("meadow");
    await lab.turn(project, { prompt: exchange(lab, "clover") });
    const { ingest, insights } = memory(lab, project);

    // `sb mcp` may have captured it while the client ran: what counts is that it is there once.
    const first = await ingest();
    const captured = (await insights()).filter(({ content }) => content.includes("clover"));
    const second = await ingest();

    check.equal("insights about clover", captured.length, 1);
    check.equal("times it was seen", captured[0]?.seen_count, 1);
    check.equal("bad rows", first.bad_rows, 0);
    check.equal("rows of a second ingest", second.rows, 0);
    check.equal("insights of a second ingest", second.insights, 0);
  },
};
