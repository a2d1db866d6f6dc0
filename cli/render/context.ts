import type {
  autoCompact,
  getInterruptionHistory,
  getInterruptionStatistics,
  getTokenUsageStats,
  preserveCurrentContext,
  restoreSessionContext,
} from "../../core/context/capabilities.ts";
import { fields, localTime, moreBy, oneLine, plural, table } from "./layout.ts";
import { type OutputOf, type Presenter, present, type View } from "./presenter.ts";

type Saved = OutputOf<typeof preserveCurrentContext>;
type Usage = OutputOf<typeof getTokenUsageStats>["total"];

/** The texts of saved contexts, interruptions and usage, by tool. */
export const contextPresenters: Readonly<Record<string, Presenter>> = {
  auto_compact: present<typeof autoCompact>(({ tokens, window, reason, saved, next }, view) => {
    const used = tokens === null ? "not known" : tokens.toLocaleString("en");
    const head = fields([["Context", `${used} of ${plural(window, "token")}: ${reason}`]], view);
    return `${head}${saved ? savedText(saved, view) : ""}${next}\n`;
  }),
  preserve_current_context: present<typeof preserveCurrentContext>(savedText),
  restore_session_context: present<typeof restoreSessionContext>(({ saved }, view) =>
    savedText(saved, view),
  ),
  get_interruption_history: present<typeof getInterruptionHistory>(
    ({ total, interruptions, cursor }, view) => {
      if (interruptions.length === 0) return "Nothing broke a conversation off.\n";
      const rows = interruptions.map(({ at, kind, project, detail }) => [
        ...[localTime(at), kind, project],
        oneLine(detail),
      ]);
      const more = moreBy("context history --cursor", cursor);
      return `${table(rows, view)}\n${view.dim(`${interruptions.length} of ${total} shown${more}`)}\n`;
    },
  ),
  get_interruption_statistics: present<typeof getInterruptionStatistics>((stats, view) =>
    fields(
      [
        ["Broken off", plural(stats.total, "time")],
        ["By kind", countsText(stats.by_kind)],
        ["By project", countsText(stats.by_project)],
        ["Sessions", stats.sessions.toLocaleString("en")],
        ...(stats.killed_share === null
          ? []
          : [["Killed", `${Math.round(stats.killed_share * 100)} % of them`]]),
      ].filter(([, value]) => value !== ""),
      view,
    ),
  ),
  get_token_usage_stats: present<typeof getTokenUsageStats>((usage, view) => {
    const rows = [
      ["", "messages", "input", "cache read", "cache written", "output"],
      ...Object.entries(usage.by_project).map(([name, one]) => usageRow(name, one)),
      ...Object.entries(usage.by_day).map(([day, one]) => usageRow(day, one)),
      usageRow("all", usage.total),
    ];
    const told = `${plural(usage.injected, "token")} of memory told unasked`;
    return `${table(rows, { ...view, right: [1, 2, 3, 4, 5] })}${view.dim(told)}\n`;
  }),
};

function savedText({ project, at, reason, context }: Saved, view: View): string {
  const rows = [
    ...(context.goal ? [["Goal", context.goal]] : []),
    ...context.failing.map(({ command, error }) => ["Failing", `${command}: ${error}`]),
    ...context.decisions.map((text) => ["Decided", text]),
    ...context.open_questions.map((text) => ["Question", text]),
    ...context.next_steps.map((text) => ["Next", text]),
    ...(context.files.length > 0 ? [["Changed", context.files.join(", ")]] : []),
  ];
  const head = `${view.bold(`Context of ${project}`)}  ${reason}, ${localTime(at)}\n`;
  return `${head}${fields(
    rows.map(([name = "", text = ""]) => [name, oneLine(text)]),
    view,
  )}`;
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function usageRow(name: string, usage: Usage): string[] {
  const numbers = [
    ...[usage.messages, usage.input, usage.cache_read, usage.cache_creation, usage.output],
  ];
  return [name, ...numbers.map((number) => number.toLocaleString("en"))];
}
