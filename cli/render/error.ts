import type {
  getCausalChain,
  querySimilarErrors,
  recordFixSuccess,
} from "../../core/error/capabilities.ts";
import { durationText, excerpt, localTime, oneLine, paragraph, table } from "./layout.ts";
import { type Presenter, present } from "./presenter.ts";

/** Lines of a fix that a list shows; `sb session chain` shows all. */
const FIX_LINES = 6;

/** The texts of errors and what mended them, by tool. */
export const errorPresenters: Readonly<Record<string, Presenter>> = {
  query_similar_errors: present<typeof querySimilarErrors>(({ total, fixes, cursor }, view) => {
    if (fixes.length === 0) return "No fix of this error is known.\n";
    const shown = fixes.map(({ id, error, project, fix, fixed_at, certainty }) => {
      const head = `${view.bold(oneLine(error))}\n`;
      const about = `${project}  ${localTime(fixed_at)}  certainty ${certainty.toFixed(2)}`;
      const lines = excerpt(fix, FIX_LINES).map((line) => paragraph(line, view.width, 2));
      return `${head}${view.dim(about)}\n${lines.join("")}  ${view.dim(id)}\n`;
    });
    // The command itself is the error's own line: too long to be said again.
    const more = cursor ? `; more: the same with --cursor ${cursor}` : "";
    return `${shown.join("\n")}\n${view.dim(`${fixes.length} of ${total} shown${more}`)}\n`;
  }),
  record_fix_success: present<typeof recordFixSuccess>(
    ({ id }, view) => `Kept; it is told when the error comes back.\n${view.dim(id)}\n`,
  ),
  get_causal_chain: present<typeof getCausalChain>((chain, view) => {
    const rows = [
      ...chain.attempts.map(({ at, error }) => [localTime(at), "failed", oneLine(error)]),
      [
        localTime(chain.fixed_at),
        "mended",
        chain.resolution_minutes > 0
          ? `after ${durationText(chain.resolution_minutes * 60)}`
          : "within a minute",
      ],
    ];
    const lines = chain.fix.split("\n").map((line) => paragraph(line, view.width, 2));
    return `${view.bold(oneLine(chain.error))}\n${table(rows, { ...view, indent: 2 })}\n${lines.join("")}`;
  }),
};
