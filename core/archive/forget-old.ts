import { SbError } from "../kernel/errors.ts";
import { isScrubDue, scrub } from "../storage/scrub.ts";
import { planRetention, type RetentionDeps, retain } from "./retention.ts";

/**
 * Shows what the configured retention no longer keeps; with the `token` of what was shown, does it.
 * @throws SbError `invalid_input` when none is configured, `conflict` when the plan has changed.
 */
export async function forgetByRetention(deps: RetentionDeps, token: string | undefined) {
  const plan = planRetention(deps);
  const answer = {
    token: plan.token,
    total: plan.exchanges,
    tool_outputs: plan.tool_outputs,
    by_kind: plan.exchanges > 0 ? { exchange: plan.exchanges } : {},
    insights_kept: 0,
    conversations: 0,
    sessions: 0,
    examples: [],
    handoff_files: [],
    backups: 0,
  };
  if (token === undefined) return { forgotten: false, ...answer };
  if (token !== plan.token) {
    throw new SbError("conflict", "what retention would clear has changed", {
      hint: "look at the preview again, and give its token",
    });
  }
  const running = retain(deps);
  let step = running.next();
  for (; !step.done; step = running.next()) await new Promise((resolve) => setImmediate(resolve));
  const { outputs, exchanges } = step.value;
  return {
    ...{ forgotten: true, ...answer, total: exchanges, tool_outputs: outputs },
    by_kind: exchanges > 0 ? { exchange: exchanges } : {},
    scrubbed: isScrubDue(deps.ports.db) ? scrub(deps.ports.db) : { ok: true as const },
  };
}
