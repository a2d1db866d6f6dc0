import type { syncDependencies } from "../../core/project/toolchain/capabilities.ts";
import { durationText, localTime } from "./layout.ts";
import { type Presenter, present } from "./presenter.ts";

/** The texts of the project's capabilities, by tool. */
export const projectPresenters: Readonly<Record<string, Presenter>> = {
  sync_dependencies: present<typeof syncDependencies>(({ dependencies, synced, trusted }, view) => {
    if (dependencies.length === 0) return "No dependencies that sb knows.\n";
    const ran = synced.map(({ command, ms }) => `Ran ${command} in ${durationText(ms / 1000)}.\n`);
    const states = dependencies.map(({ manager, root, in_sync, reason, command, last_sync }) => {
      const state = in_sync === null ? "not known" : in_sync ? "as locked" : "out of step";
      const mark = in_sync === true ? view.green(state) : view.yellow(state);
      const next = in_sync === true ? "" : `  ${command}${trusted ? "" : " (not trusted here)"}\n`;
      const last = last_sync
        ? `  last ${last_sync.state}, ${localTime(last_sync.at)}${last_sync.state === "done" ? "" : `:\n${indented(last_sync.output)}`}\n`
        : "";
      return `${view.bold(manager)}  ${mark}: ${reason}\n  ${view.dim(root)}\n${next}${last}`;
    });
    return [...ran, ...states].join("");
  }),
};

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
