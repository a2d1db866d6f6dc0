import type {
  gitWorktreeAdd,
  gitWorktreeList,
  gitWorktreeRemove,
  gitWorktreeSwitch,
} from "../../core/worktree/capabilities.ts";
import { fields, moreBy, plural, table } from "./layout.ts";
import { type OutputOf, type Presenter, present } from "./presenter.ts";

type Tree = OutputOf<typeof gitWorktreeList>["worktrees"][number];

/** The texts of git's work trees, by tool. */
export const worktreePresenters: Readonly<Record<string, Presenter>> = {
  git_worktree_list: present<typeof gitWorktreeList>(({ worktrees, total, cursor }, view) => {
    const rows = worktrees.map((tree) => [
      tree.is_current ? "*" : " ",
      tree.branch ?? (tree.is_bare ? "(bare)" : "(detached)"),
      (tree.head ?? "").slice(0, 8),
      notesOf(tree).join(", "),
      tree.path,
    ]);
    const more = `${rows.length} of ${total} shown${moreBy("worktree list --cursor", cursor)}`;
    return `${table(rows, view)}${cursor ? `${view.dim(more)}\n` : ""}`;
  }),
  git_worktree_add: present<typeof gitWorktreeAdd>((added, view) => {
    const where = added.branch ?? `detached at ${(added.head ?? "").slice(0, 8)}`;
    const made = added.created_branch ? "new branch " : "";
    const follows = added.tracking ? `, follows ${added.tracking}` : "";
    const warning = added.warning ? `${view.yellow("Warning")}: ${added.warning}\n` : "";
    return `${view.bold("Added")} ${added.path} (${made}${where}${follows})\n${warning}`;
  }),
  git_worktree_remove: present<typeof gitWorktreeRemove>((removed, view) => {
    const lost = [
      ...(removed.lost.total > 0 ? [plural(removed.lost.total, "changed file")] : []),
      ...(removed.lost.commits.length > 0 ? [plural(removed.lost.commits.length, "commit")] : []),
    ];
    const lines = [
      ...(removed.branch ? [["Branch", `${removed.branch} stays`]] : []),
      ...(lost.length > 0 ? [["Lost", lost.join(", ")]] : []),
      ...(removed.snapshot ? [["Kept", removed.snapshot]] : []),
      ...(removed.ignored.length > 0 ? [["Ignored", removed.ignored.join(", ")]] : []),
    ];
    return `${view.bold("Removed")} ${removed.path}\n${fields(lines, view)}`;
  }),
  git_worktree_switch: present<typeof gitWorktreeSwitch>((switched, view) => {
    const where = switched.branch ? ` (${switched.branch})` : "";
    const lines = [
      ["Session", switched.session_id ? "goes on there" : "none was open"],
      ["Saved", switched.saved_context ? "what this was about" : "nothing was said yet"],
      ["Next", switched.next],
    ];
    const brief = switched.brief === "" ? "" : `\n${switched.brief}\n`;
    return `${view.bold("Switched to")} ${switched.to}${where}\n${fields(lines, view)}${brief}`;
  }),
};

function notesOf(tree: Tree): string[] {
  return [
    ...(tree.is_main ? ["main"] : []),
    ...(tree.dirty ? [`${tree.dirty} changed`] : []),
    ...(tree.has_session ? ["session"] : []),
    ...(tree.locked === null ? [] : [`locked${tree.locked ? `: ${tree.locked}` : ""}`]),
    ...(tree.prunable === null ? [] : ["gone"]),
  ];
}
