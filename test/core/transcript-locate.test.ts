import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { locateSession, locateTranscripts, nameTranscript } from "../../core/transcript/locate.ts";
import { projectSlug } from "../../core/transcript/slug.ts";

let projects: string;

beforeEach(() => {
  projects = mkdtempSync(join(tmpdir(), "sb-projects-"));
});
afterEach(() => rmSync(projects, { recursive: true, force: true }));

function put(path: string, modifiedAt = 1_000): string {
  const whole = join(projects, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, "{}\n");
  utimesSync(whole, modifiedAt, modifiedAt);
  return whole;
}

test("sessions and subagents in all three layouts are found, the latest changed first", () => {
  const main = put("-home-dev-auth/s1.jsonl", 10);
  const beside = put("-home-dev-auth/agent-a1.jsonl", 40);
  const below = put("-home-dev-auth/s1/subagents/agent-a2.jsonl", 30);
  const deeper = put("-home-dev-auth/s1/subagents/flow/step/agent-a3.jsonl", 20);

  const { files, unreadable } = locateTranscripts(projects);

  const slug = "-home-dev-auth";
  expect(unreadable).toBe(0);
  expect(files).toEqual([
    { path: beside, sessionId: "", agentId: "a1", slug, modifiedAt: 40_000, size: 3 },
    { path: below, sessionId: "s1", agentId: "a2", slug, modifiedAt: 30_000, size: 3 },
    { path: deeper, sessionId: "s1", agentId: "a3", slug, modifiedAt: 20_000, size: 3 },
    { path: main, sessionId: "s1", slug, modifiedAt: 10_000, size: 3 },
  ]);
});

test.each([
  "stray.jsonl",
  "-p/notes.txt",
  "-p/s1.jsonl.compact.tmp.4711",
  "-p/memory/note.jsonl",
  "-p/s1/tool-results/big.jsonl",
  "-p/s1/subagents/agent-a1.meta.json",
  "-p/s1/subagents/other.jsonl",
])("%s is no transcript", (path) => {
  put(path);

  expect(locateTranscripts(projects).files).toEqual([]);
});

test("links are not followed, so nothing outside is read and no circle is walked", () => {
  const outside = mkdtempSync(join(tmpdir(), "sb-outside-"));
  writeFileSync(join(outside, "secret.jsonl"), "{}\n");
  mkdirSync(join(projects, "-p/s1"), { recursive: true });
  symlinkSync(outside, join(projects, "-linked"));
  symlinkSync(join(outside, "secret.jsonl"), join(projects, "-p/s2.jsonl"));
  symlinkSync(outside, join(projects, "-p/s1/subagents"));
  symlinkSync(projects, join(projects, "-p/circle"));

  expect(locateTranscripts(projects)).toEqual({ files: [], unreadable: 0 });
  rmSync(outside, { recursive: true });
});

test("a missing projects folder holds nothing", () => {
  expect(locateTranscripts(join(projects, "none"))).toEqual({ files: [], unreadable: 0 });
});

test("a folder that cannot be read is counted", () => {
  const circle = join(projects, "circle");
  symlinkSync(circle, circle);

  expect(locateTranscripts(circle)).toEqual({ files: [], unreadable: 1 });
});

test("a session is found by its id in any project, or by the path a hook gave", () => {
  const main = put("-home-dev-auth/s1.jsonl", 20);
  const agent = put("-home-dev-auth/s1/subagents/agent-a2.jsonl", 10);
  put("-home-dev-auth/s2.jsonl");

  const byId = locateSession(projects, { sessionId: "s1" });
  const byPath = locateSession(projects, { transcriptPath: main });

  expect(byId.files.map(({ path }) => path)).toEqual([main, agent]);
  expect(byPath).toEqual(byId);
});

test.each([
  { sessionId: "../s1" },
  { sessionId: "deeper/s1" },
  { sessionId: "" },
  { transcriptPath: "/etc/passwd" },
  { transcriptPath: "/none/of/this.jsonl" },
  {},
])("%j names no session", (session) => {
  put("s1.jsonl");
  put("-p/deeper/s1.jsonl");

  expect(locateSession(projects, session).files).toEqual([]);
});

test.each([
  ["/c/projects/-p/abc.jsonl", { sessionId: "abc", slug: "-p" }],
  ["/c/projects/-p/agent-x1.jsonl", { sessionId: "", agentId: "x1", slug: "-p" }],
  ["/c/projects/-p/abc/subagents/agent-x1.jsonl", { sessionId: "abc", agentId: "x1", slug: "-p" }],
  [
    "/c/projects/-p/abc/subagents/w/agent-x1.jsonl",
    { sessionId: "abc", agentId: "x1", slug: "-p" },
  ],
])("%s tells session, agent and project folder", (path, name) => {
  expect(nameTranscript(path)).toEqual({ path, ...name });
});

const KEY = `ghp_${"A1b2".repeat(9)}`;

test.each([
  ["line ends", "a\nb"],
  ["colours of a terminal", "\u001b[31mred"],
  ["a credential", KEY],
  ["5,000 characters", "x".repeat(5_000)],
  ["spaces and quotes", `it's "this"`],
])("of a name with %s only the hash becomes an id, the same each time", (_case, name) => {
  const main = nameTranscript(`/c/projects/-p/${name}.jsonl`);
  const agent = nameTranscript(`/c/projects/-p/${name}/subagents/agent-${name}.jsonl`);
  const beside = nameTranscript(`/c/projects/-p/agent-${name}.jsonl`);

  expect(main.sessionId).toMatch(/^x-[0-9a-f]{32}$/);
  expect(agent.sessionId).toBe(main.sessionId);
  expect(agent.agentId).toBe(main.sessionId);
  expect(beside).toMatchObject({ sessionId: "", agentId: main.sessionId });
});

test("a working folder's slug is the client's", () => {
  expect(projectSlug("/tmp/cc-lab/real dir/é.b_c")).toBe("-tmp-cc-lab-real-dir---b-c");
});

test("a long working folder's slug is cut and ends in the client's hash of the whole path", () => {
  const parts = Array.from({ length: 18 }, (_, index) => {
    return `/part-${String(index + 1).padStart(2, "0")}-é_x`;
  });

  // As Claude Code 2.1.330 named the folder for this very path.
  expect(projectSlug(`/tmp/tr/long${parts.join("")}`)).toEndWith("---x-part-15---x-part-16-qtphn2");
});
