import { expect, test } from "bun:test";
import { readTrees } from "../../core/worktree/model.ts";

const HEAD = "a".repeat(40);

test.each(["\0", "\n"] as const)("reads every kind of work tree, lines ending with %j", (end) => {
  const output = [
    ["worktree /r/shop.git", "bare"],
    ["worktree /r/new ünï", `HEAD ${HEAD}`, "branch refs/heads/feature/x.1", "locked"],
    ["worktree /r/lone", `HEAD ${HEAD}`, "detached", "locked on a stick"],
    ["worktree /r/gone", `HEAD ${HEAD}`, "detached", "prunable gitdir file points nowhere"],
    ["worktree /r/unborn", `HEAD ${"0".repeat(40)}`, "branch refs/heads/main"],
  ]
    .map((lines) => lines.map((line) => `${line}${end}`).join("") + end)
    .join("");

  const no = { isBare: false, isDetached: false };
  expect(readTrees(output, end)).toEqual([
    { path: "/r/shop.git", isBare: true, isDetached: false },
    { path: "/r/new ünï", ...no, head: HEAD, branch: "feature/x.1", locked: "" },
    { path: "/r/lone", ...no, isDetached: true, head: HEAD, locked: "on a stick" },
    {
      path: "/r/gone",
      ...no,
      isDetached: true,
      head: HEAD,
      prunable: "gitdir file points nowhere",
    },
    { path: "/r/unborn", ...no, branch: "main" },
  ]);
});

test.each(["", "\0\0", "nonsense\0"])("finds no work tree in %j", (output) => {
  expect(readTrees(output, "\0")).toEqual([]);
});
