import type {
  insightsStatistics,
  rateInsight,
  searchInsights,
  storeInsight,
  storeReflection,
} from "../../core/insight/capabilities.ts";
import { excerpt, fields, localTime, moreBy } from "./layout.ts";
import { type OutputOf, type Presenter, present } from "./presenter.ts";
import { tallyText } from "./search.ts";

/** Lines of an insight that are shown; most have two or three. */
const CONTENT_LINES = 10;

/** What a rating means, as it is confirmed. */
const RATINGS: Readonly<Record<number, string>> = {
  [-1]: "Marked as wrong or useless: it is never shown unasked.\n",
  0: "The rating is taken back.\n",
  1: "Marked as useful.\n",
};

/** The texts of insights and notes, by tool. */
export const insightPresenters: Readonly<Record<string, Presenter>> = {
  search_insights: present<typeof searchInsights>(({ total, insights, cursor }, view) => {
    if (insights.length === 0) return "No insights found.\n";
    const shown = insights.map((insight) => {
      const { type, project, captured_at, confidence, content, topics, id } = insight;
      const kind = view.cyan(type.replaceAll("_", " "));
      const score = view.dim(confidence.toFixed(2));
      const body = excerpt(content, CONTENT_LINES).map((line) => `  ${line}\n`);
      const foot = [topics.join(", "), id].filter((part) => part !== "").join("  ");
      return `${kind}  ${project}  ${localTime(captured_at)}  ${score}\n${body.join("")}  ${view.dim(foot)}\n`;
    });
    const more = moreBy("insight search --cursor", cursor);
    return `${shown.join("\n")}\n${view.dim(`${insights.length} of ${total} shown${more}`)}\n`;
  }),
  insights_statistics: present<typeof insightsStatistics>((output, view) => {
    const { total, by_type, by_topic, by_project, confidence, captured_last_7_days } = output;
    if (total === 0) return "No insights yet.\n";
    return fields(
      [
        ["Insights", `${total.toLocaleString("en")}, ${captured_last_7_days} of the last 7 days`],
        ["Types", tallyText(by_type)],
        ["Topics", tallyText(by_topic)],
        ["Projects", tallyText(by_project)],
        [
          "Confidence",
          confidence.mean === null ? "none" : `${confidence.mean.toFixed(2)} on average`,
        ],
      ],
      view,
    );
  }),
  store_reflection: present<typeof storeReflection>(keptText),
  store_insight: present<typeof storeInsight>(keptText),
  rate_insight: present<typeof rateInsight>(({ rating }) => RATINGS[rating] ?? "Rated.\n"),
};

function keptText({ id, duplicate }: OutputOf<typeof storeReflection>): string {
  return duplicate ? `Known already: ${id}\n` : `Stored: ${id}\n`;
}
