import type { Check } from "../check.ts";
import { memory } from "../memory.ts";
import type { Scenario } from "../scenario.ts";
import { type Conversation, makeTranscripts } from "../transcripts.ts";

export const transcripts: Scenario = {
  name: "transcripts",
  shows: "resumed, forked, cleared, compacted and killed sessions are each read once",
  // Its template of an insight then stands in rows that are no answer.
  outputStyle: "Explanatory",
  async run(lab, check) {
    const conversations = await makeTranscripts(lab);
    const [first] = conversations;
    if (!first) throw new Error("no conversation was made");
    const stored = memory(lab, first.project);

    const { bad_rows } = await stored.ingest();
    const insights = await stored.insights();

    check.equal("bad rows", bad_rows, 0);
    for (const conversation of conversations) {
      checkInsights(check, conversation, insights);
      await checkExchanges(check, conversation, stored.exchanges);
    }
    const expected = conversations.flatMap((conversation) => conversation.insights).length;
    check.equal("insights in all", insights.length, expected);
  },
};

function checkInsights(
  check: Check,
  { kind, insights: words }: Conversation,
  insights: Awaited<ReturnType<ReturnType<typeof memory>["insights"]>>,
): void {
  for (const word of words) {
    const seen = insights
      .filter(({ content }) => content.includes(`A ${word} connection`))
      .map(({ seen_count }) => seen_count);
    check.equal(`${kind}: seen_count of each insight about ${word}`, seen, [1]);
  }
}

async function checkExchanges(
  check: Check,
  { kind, words, subagentWords }: Conversation,
  exchanges: (word: string) => Promise<readonly unknown[]>,
): Promise<void> {
  for (const word of words) {
    const hits = await exchanges(word);
    check.that(`${kind}: exchanges about ${word}`, hits.length === 1, {
      expected: "exactly one",
      saw: hits,
    });
  }
  for (const word of subagentWords) {
    const hits = await exchanges(word);
    check.that(`${kind}: exchanges about ${word}, the subagent's`, hits.length > 0, {
      expected: "at least one",
      saw: hits,
    });
  }
}
