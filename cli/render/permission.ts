import type { permissions } from "../../core/permission/capabilities.ts";
import { localTime, plural, table } from "./layout.ts";
import { type OutputOf, type Presenter, present, type View } from "./presenter.ts";

type Answer = OutputOf<typeof permissions>;

/** The texts of the trust list, by tool. */
export const permissionPresenters: Readonly<Record<string, Presenter>> = {
  permissions: present<typeof permissions>((answer, view) =>
    answer.suggestions ? suggestionText(answer.suggestions, view) : trustText(answer, view),
  ),
};

function trustText({ operations, file, project }: Answer, view: View): string {
  const lines = operations.map(({ operation, trusted, by_default, grants, summary }) => {
    const how = grants.length === 0 ? (by_default ? ", by default" : "") : "";
    const state = trusted ? view.green(`trusted${how}`) : view.yellow("not trusted");
    const told = grants.map(
      ({ where, trusted: yes, at }) =>
        `    ${yes ? "trusted" : "revoked"} ${where === project ? "here" : where}${at ? `, ${localTime(at)}` : ""}\n`,
    );
    return `${view.bold(operation)}  ${state}\n  ${summary}\n${told.join("")}`;
  });
  const unknown =
    file.unknown.length > 0 ? `Not known to sb, allows nothing: ${file.unknown.join(", ")}\n` : "";
  const problem = file.problem ? `${view.red("Nothing is trusted")}: ${file.problem}\n` : "";
  return `${lines.join("")}${unknown}${problem}${view.dim(file.path)}\n`;
}

function suggestionText(seen: NonNullable<Answer["suggestions"]>, view: View): string {
  const { prompts, transcripts, rules, total, unsuited, skipped } = seen;
  const head = `${plural(prompts, "prompt")} in ${plural(transcripts, "transcript")}`;
  const left = skipped > 0 ? `, ${skipped} not read` : "";
  if (rules.length === 0) return `${head}${left}: no rule would have saved any.\n`;
  const rows = rules.map(({ rule, count, ours }) => [String(count), rule, ours ? "sb" : ""]);
  const more = total > rules.length ? `${total - rules.length} more\n` : "";
  const odd = unsuited > 0 ? `${plural(unsuited, "prompt")} that no exact rule fits\n` : "";
  const next = rules.some(({ ours }) => ours)
    ? "sb permissions suggest --write adds those for sb's read-only tools\n"
    : "";
  return `${view.bold(`${head}${left}`)}\n${table(rows, { width: view.width, right: [0], indent: 2 })}${more}${odd}${view.dim(next)}`;
}
