import type { forgetMemory } from "../../core/archive/capabilities.ts";
import { findEntry } from "../../core/capabilities.ts";
import type { Services } from "../../core/services.ts";
import type { Invocation } from "../command.ts";
import { confirm } from "../confirm.ts";
import { EXIT_INTERRUPTED } from "../errors.ts";
import { localTime, oneLine, plural } from "../render/layout.ts";
import type { OutputOf } from "../render/presenter.ts";
import { printable } from "../render/printable.ts";
import { tallyText } from "../render/search.ts";

type Answer = OutputOf<typeof forgetMemory>;

/** Shows what would go, asks, and forgets exactly that. */
export async function forgetInDialog(invocation: Invocation): Promise<number | undefined> {
  const { host, open } = invocation;
  const { dry_run, ...input } = invocation.input;
  const services = await (await open("write")).services();
  const preview = await call(services, input);
  if (dry_run === true) {
    show(invocation, preview);
    return undefined;
  }
  if (!(isNothing(preview) || (await isAgreed(invocation, preview)))) {
    host.io.err("sb: cancelled, nothing was changed\n");
    return EXIT_INTERRUPTED;
  }
  // Where nothing is left to forget, this scrubs what an earlier run could not.
  show(invocation, await call(services, { ...input, confirm: true, token: preview.token }));
  return undefined;
}

function isAgreed({ yes, host: { io } }: Invocation, preview: Answer): Promise<boolean> {
  if (!yes && io.canAsk) io.err(previewText(preview));
  return confirm(`Forget ${plural(preview.total, "memory", "memories")}.`, { yes, io });
}

async function call(services: Services, input: object): Promise<Answer> {
  const capability = await findEntry("forget_memory")?.load();
  return (await capability?.call(services, input)) as Answer;
}

function show({ json, host }: Invocation, answer: Answer): void {
  if (json) host.io.out(`${JSON.stringify(answer)}\n`);
  else {
    const isDone = answer.forgotten && !isNothing(answer);
    host.io.out(isDone ? doneText(answer) : previewText(answer));
  }
}

function isNothing({ total, insights_kept, conversations, sessions, ...more }: Answer) {
  const others = (more.tool_outputs ?? 0) + (more.reminders ?? 0);
  return total + insights_kept + conversations + sessions + others === 0;
}

function outputsText({ tool_outputs }: Answer): string {
  return tool_outputs ? `Tool outputs of ${plural(tool_outputs, "exchange")}.\n` : "";
}

function remindersText({ reminders }: Answer): string {
  return reminders ? `${plural(reminders, "reminder")} of the project.\n` : "";
}

function previewText(raw: Answer): string {
  const answer = printable(raw) as Answer;
  const { total, by_kind, examples, handoff_files, insights_kept, backups } = answer;
  if (isNothing(answer)) {
    return "Nothing to forget.\n";
  }
  const lines = examples.map(
    ({ kind, project, at, text }) => `  ${kind}  ${project}  ${localTime(at)}  ${oneLine(text)}\n`,
  );
  return [
    `This would forget ${plural(total, "memory", "memories")}${total > 0 ? ` (${tallyText(by_kind)})` : ""}.\n`,
    outputsText(answer),
    remindersText(answer),
    ...lines,
    total > examples.length && examples.length > 0 ? "  …\n" : "",
    insights_kept > 0
      ? `${plural(insights_kept, "insight")} met elsewhere too stay; where they were met here goes.\n`
      : "",
    ...handoff_files.map((path) => `Hand-off file: ${path} (stays unless --files is given)\n`),
    backups > 0 ? `${plural(backups, "backup")} in the data folder keep what they have.\n` : "",
  ].join("");
}

function doneText(answer: Answer): string {
  const { total, by_kind, files_deleted, scrubbed, insights_kept } = answer;
  return [
    `Forgot ${plural(total, "memory", "memories")}${total > 0 ? ` (${tallyText(by_kind)})` : ""}.\n`,
    outputsText(answer),
    remindersText(answer),
    insights_kept > 0 ? `${plural(insights_kept, "insight")} stay.\n` : "",
    ...(files_deleted ?? []).map((path) => `Deleted ${path}\n`),
    scrubbed?.ok === false
      ? `The text may still lie in free parts of the file: ${scrubbed.reason}. The next sb forget or sb mcp clears it.\n`
      : "",
  ].join("");
}
