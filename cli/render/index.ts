import type { Io } from "../io.ts";
import type { Presenter, View } from "./presenter.ts";
import { printable } from "./printable.ts";
import { styleOf } from "./style.ts";

/** The presenters of each domain, by tool name. */
const DOMAINS: readonly (() => Promise<Readonly<Record<string, Presenter>>>)[] = [
  async () => (await import("./session.ts")).sessionPresenters,
  async () => (await import("./search.ts")).searchPresenters,
  async () => (await import("./insight.ts")).insightPresenters,
  async () => (await import("./permission.ts")).permissionPresenters,
  async () => (await import("./project.ts")).projectPresenters,
  async () => (await import("./worktree.ts")).worktreePresenters,
  async () => (await import("./reminder.ts")).reminderPresenters,
  async () => (await import("./error.ts")).errorPresenters,
  async () => (await import("./context.ts")).contextPresenters,
];

/** The answer of `tool` as text for a terminal; indented JSON where it has no presenter. */
export async function render(
  tool: string,
  output: unknown,
  io: Pick<Io, "color" | "columns">,
): Promise<string> {
  const view: View = { ...styleOf(io.color), width: io.columns };
  const clean = printable(output);
  for (const load of DOMAINS) {
    const presenter = (await load())[tool];
    if (presenter) return presenter(clean, view);
  }
  return `${JSON.stringify(clean, null, 2)}\n`;
}
