import { describe, expect, test } from "bun:test";
import { TOOL_OUTPUT_CHARS } from "../../core/transcript/model.ts";
import { FILE_MODIFIED_AT, readAll, spoken } from "../support/read-transcript.ts";
import { TRANSCRIPT_START, Transcript } from "../support/transcript.ts";

test("an exchange holds what was asked and all that was answered until the next prompt", () => {
  const t = new Transcript({ noise: "small" });
  const asked = t.prompt("Why does login fail?");
  t.tool({ name: "Bash", input: { command: "bun test" }, output: "1 fail" }, "I will look.");
  t.answer("The pool was closed too early.", {
    input: 1,
    output: 2,
    cacheCreation: 30,
    cacheRead: 400,
  });
  t.prompt("Thanks");
  t.answer("You are welcome.");

  const { exchanges, pass } = readAll(t);

  expect(exchanges[0]).toMatchObject({
    id: asked,
    sessionId: t.sessionId,
    cwd: "/home/dev/auth-service",
    branch: "main",
    model: "claude-opus-5-5",
    startedAt: TRANSCRIPT_START,
    usage: { input: 11, output: 22, cacheCreation: 35, cacheRead: 500 },
    contextTokens: 431,
  });
  expect(spoken(exchanges)).toEqual([
    [
      "user: Why does login fail?",
      "assistant: I will look.",
      "assistant: The pool was closed too early.",
    ],
    ["user: Thanks", "assistant: You are welcome."],
  ]);
  expect(pass.counts).toEqual({ rows: t.lines.length, badRows: 0, unknownRows: 0 });
});

test("a detached head is no branch", () => {
  const t = new Transcript({ branch: "HEAD" });
  t.prompt("Question");

  expect(readAll(t).exchanges[0]).not.toHaveProperty("branch");
});

test("each passage carries the uuid of the row that said it", () => {
  const t = new Transcript();
  const asked = t.prompt("Why?");
  const answered = t.answer("Because.");

  const [exchange] = readAll(t).exchanges;

  expect(exchange?.passages.map(({ uuid }) => uuid)).toEqual([asked, answered]);
});

describe("what nobody typed is neither kept nor opens an exchange", () => {
  const said = (content: unknown) => ({ message: { role: "user", content } });
  test.each([
    ["isMeta", { isMeta: true }],
    ["isCompactSummary", { isCompactSummary: true }],
    ["isVisibleInTranscriptOnly", { isVisibleInTranscriptOnly: true }],
    ["turnCompanion", { turnCompanion: { kind: "x" } }],
    ["isVirtual", { isVirtual: true }],
    ["a tool's result text", { toolUseResult: "Error: no" }],
    ["a machine origin", { origin: { kind: "task" } }],
    ["a task notification", said("<task-notification>\ndone</task-notification>")],
    ["a command's output", said("<local-command-stdout>Compacted</local-command-stdout>")],
    ["a caveat", said("<local-command-caveat>…</local-command-caveat>")],
    ["a shell line", said("<bash-input>ls</bash-input>")],
    ["an interruption", said([{ type: "text", text: "[Request interrupted by user]" }])],
    ["only a reminder", said("<system-reminder>Be brief.</system-reminder>\n")],
    ["nothing", said("")],
    ["no content", said(undefined)],
  ])("%s", (_case, extra) => {
    const t = new Transcript();
    t.prompt("Question");
    t.chain("user", { ...said("written by a machine"), ...extra });
    t.answer("Answer");

    expect(spoken(readAll(t).exchanges)).toEqual([["user: Question", "assistant: Answer"]]);
  });
});

test("reminders are cut out of a prompt, images leave a mark, blocks are joined", () => {
  const t = new Transcript();
  t.prompt([
    {
      type: "text",
      text: "Look<system-reminder>a</system-reminder> at <system-reminder>b</system-reminder>this",
    },
    { type: "image", source: { type: "base64", data: "aGk=" } },
    { type: "text", text: "<system-reminder>c</system-reminder>" },
  ]);

  expect(spoken(readAll(t).exchanges)).toEqual([["user: Look at this\n\n[image]"]]);
});

test("a slash command is kept as it was typed", () => {
  const t = new Transcript();
  t.command("session-buddy:start", "alpha beta");
  t.answer("Started.");
  t.command("review");
  t.answer("Reviewed.");

  expect(spoken(readAll(t).exchanges)).toEqual([
    ["user: /session-buddy:start alpha beta", "assistant: Started."],
    ["user: /review", "assistant: Reviewed."],
  ]);
});

test("a command that only the client answered leaves nothing", () => {
  const t = new Transcript();
  t.command("model");
  t.chain("user", {
    message: { role: "user", content: "<local-command-stdout>ok</local-command-stdout>" },
  });

  expect(readAll(t).exchanges).toEqual([]);
});

test("a prompt typed while the model worked opens an exchange of its own", () => {
  const t = new Transcript();
  t.prompt("First");
  t.answer("Working.");
  const queued = t.queued("Also check the logs");
  t.attachment("queued_command", {
    prompt: "A task is done",
    commandMode: "task-notification",
  });
  t.answer("Checked.");

  const { exchanges } = readAll(t);

  expect(spoken(exchanges)).toEqual([
    ["user: First", "assistant: Working."],
    ["user: Also check the logs", "assistant: Checked."],
  ]);
  expect(exchanges[1]?.id).toBe(queued);
});

test("thinking, API errors and the client's own words are not the model's", () => {
  const t = new Transcript();
  t.prompt("Question");
  t.message([{ type: "thinking", thinking: "secret thought" }]);
  t.message([{ type: "redacted_thinking", data: "x" }]);
  t.message([{ type: "text", text: "API Error: 529" }], {}, { isApiErrorMessage: true });
  t.chain("assistant", {
    message: { model: "<synthetic>", content: [{ type: "text", text: "No response requested." }] },
  });

  expect(spoken(readAll(t).exchanges)).toEqual([["user: Question"]]);
});

test("an answer whose content is a plain text is read", () => {
  const t = new Transcript();
  t.chain("assistant", { message: { role: "assistant", content: "From an old client" } });

  expect(spoken(readAll(t).exchanges)).toEqual([["assistant: From an old client"]]);
});

test("answers before any prompt are an exchange of their own", () => {
  const t = new Transcript();
  const first = t.answer("Resumed.");
  t.prompt("Go on");

  const { exchanges } = readAll(t);

  expect(spoken(exchanges)).toEqual([["assistant: Resumed."], ["user: Go on"]]);
  expect(exchanges[0]?.id).toBe(first);
});

test("usage counts once for each message, by its last row, with or without a request id", () => {
  const t = new Transcript();
  t.prompt("Question");
  for (const output of [1, 5, 42]) {
    t.chain("assistant", {
      message: {
        id: "msg_1",
        content: [{ type: "text", text: "The pool".slice(0, 3 + output) }],
        usage: { input_tokens: 10, output_tokens: output, cache_read_input_tokens: "many" },
      },
    });
  }

  const [exchange] = readAll(t).exchanges;

  expect(exchange?.usage).toEqual({ input: 10, output: 42, cacheCreation: 0, cacheRead: 0 });
  expect(exchange?.passages.map(({ text }) => text)).toEqual(["Question", "The pool"]);
});

test("compaction is counted, its summary is not a prompt, and the exchange goes on", () => {
  const t = new Transcript();
  t.prompt("Question");
  t.compact();
  t.answer("Answer");

  const { exchanges, pass } = readAll(t);

  expect(spoken(exchanges)).toEqual([["user: Question", "assistant: Answer"]]);
  expect(pass.facts).toEqual({ compactions: 1 });
});

test("a fork's copied exchanges are those of its origin, what comes after is its own", () => {
  const origin = new Transcript();
  origin.prompt("Question");
  origin.answer("Answer");
  const fork = origin.fork("f0000000-0000-4000-8000-000000000002");
  fork.prompt("Another way");

  const before = readAll(origin).exchanges;
  const after = readAll(fork).exchanges;

  expect(after[0]).toEqual(before[0] as never);
  expect(after.map(({ sessionId }) => sessionId)).toEqual([origin.sessionId, fork.sessionId]);
});

describe("subagents", () => {
  test("a subagent's file begins with the task it was given", () => {
    const t = new Transcript({ agentId: "a1b2" });
    const task = t.prompt("Find the flaky test", { origin: { kind: "agent" } });
    t.answer("It is login.test.ts.");

    const { exchanges } = readAll(t);

    expect(exchanges[0]).toMatchObject({ id: task, agentId: "a1b2", sessionId: t.sessionId });
    expect(spoken(exchanges)).toEqual([
      ["user: Find the flaky test", "assistant: It is login.test.ts."],
    ]);
  });

  test.each([
    ["named", { isSidechain: true, agentId: "a1" }, "a1"],
    ["unnamed", { isSidechain: true }, "sidechain"],
  ])("%s rows inside the parent's file do not mix with the parent's", (_case, fields, agentId) => {
    const t = new Transcript();
    t.prompt("Question");
    t.message([{ type: "tool_use", id: "task", name: "Task", input: { prompt: "Search" } }]);
    t.chain("user", { message: { content: "Search" }, ...fields });
    t.message([{ type: "text", text: "Found it." }], {}, fields);
    t.result("task", { output: "Found it." });
    t.answer("Here it is.");

    const { exchanges } = readAll(t);

    expect(spoken(exchanges)).toEqual([
      ["user: Question", "assistant: Here it is."],
      ["user: Search", "assistant: Found it."],
    ]);
    expect(exchanges.map((exchange) => exchange.agentId)).toEqual([undefined, agentId]);
    expect(exchanges[0]?.tools).toMatchObject([
      { name: "Task", output: "Found it.", failed: false },
    ]);
  });
});

describe("tools", () => {
  test.each([
    ["Read", { file_path: "/a.ts" }, [{ path: "/a.ts", action: "read" }]],
    ["Edit", { file_path: "/a.ts", new_string: "x" }, [{ path: "/a.ts", action: "edit" }]],
    ["Write", { file_path: "/a.ts", content: "x" }, [{ path: "/a.ts", action: "write" }]],
    ["MultiEdit", { file_path: "/a.ts", edits: [] }, [{ path: "/a.ts", action: "edit" }]],
    ["NotebookEdit", { notebook_path: "/a.ipynb" }, [{ path: "/a.ipynb", action: "edit" }]],
    ["Glob", { pattern: "*", path: "/src" }, [{ path: "/src", action: "read" }]],
    ["Grep", { pattern: "x" }, []],
    ["mcp__files__write_file", { path: "/a.ts" }, [{ path: "/a.ts", action: "write" }]],
    ["mcp__files__show", { file_path: "/a.ts" }, [{ path: "/a.ts", action: "read" }]],
    ["Odd", { file_path: 7, path: ["/a"] }, []],
  ])("%s with %j touches %j", (name, input, files) => {
    const t = new Transcript();
    t.tool({ name, input });

    expect(readAll(t).exchanges[0]?.tools).toMatchObject([{ name, files }]);
  });

  test("a call keeps its command, the text it wrote, and whether it failed", () => {
    const t = new Transcript();
    t.tool({ name: "Bash", input: { command: "ls /none" }, output: "No such file", isError: true });
    t.tool({
      name: "MultiEdit",
      input: {
        file_path: "/a.ts",
        edits: [{ new_string: "const a" }, null, { new_string: "const b" }],
      },
    });
    t.message([{ type: "tool_use", id: "open", name: "Bash", input: { command: "sleep 9" } }]);

    const { tools = [] } = readAll(t).exchanges[0] ?? {};

    expect(tools).toMatchObject([
      { command: "ls /none", failed: true, output: "No such file" },
      { input: "const a\nconst b", failed: false },
      { command: "sleep 9", output: "" },
    ]);
    expect(tools[2]).not.toHaveProperty("failed");
  });

  test.each([
    ["a text", "done", undefined, "done"],
    [
      "blocks",
      [{ type: "text", text: "a" }, { type: "image" }, { type: "text", text: "b" }],
      {},
      "a\n[image]\nb",
    ],
    ["a text beside toolUseResult as an array", "done", [{ type: "text" }], "done"],
    ["a text beside toolUseResult as a text", "done", "Error: x", "done"],
  ])("a result given as %s is read", (_case, output, toolUseResult, expected) => {
    const t = new Transcript();
    t.tool({ name: "Bash", input: {}, output, toolUseResult });

    expect(readAll(t).exchanges[0]?.tools[0]?.output).toBe(expected);
  });

  test("a long result keeps head and tail, cut between words, and the hash of the whole", () => {
    const whole = `${"head ".repeat(1_000)}${"tail ".repeat(1_000)}`.trim();
    const t = new Transcript();
    t.tool({ name: "Bash", input: {}, output: whole });

    const call = readAll(t).exchanges[0]?.tools[0];
    const [head = "", tail = ""] =
      call?.output.split(/\n\[\.\.\. \d+ characters left out \.\.\.\]\n/) ?? [];
    const left = Number(/\d+/.exec(call?.output ?? "")?.[0]);

    expect(head.length + tail.length).toBeLessThanOrEqual(TOOL_OUTPUT_CHARS);
    expect(head.length + tail.length + left).toBe(whole.length);
    expect([head.endsWith("head"), tail.startsWith("tail")]).toEqual([true, true]);
    expect(call?.outputHash).toBe(new Bun.CryptoHasher("sha256").update(whole).digest("hex"));
  });

  test.each(["mcp__session-buddy__quick_search", "mcp__plugin_session-buddy_sb__quick_search"])(
    "a call of %s leaves nothing, so that memory does not remember itself",
    (name) => {
      const t = new Transcript();
      t.prompt("Question");
      t.tool({ name, input: { query: "x" }, output: "RECALLED" });
      t.answer("Answer");

      expect(readAll(t).exchanges[0]?.tools).toEqual([]);
    },
  );

  test("parallel calls get their own results, in whatever order these come", () => {
    const t = new Transcript();
    const call = (id: string) => ({ type: "tool_use", id, name: "Read", input: { file_path: id } });
    t.message([call("one"), call("two")]);
    t.result("two", { output: "second" });
    t.result("one", { output: "first" });

    expect(readAll(t).exchanges[0]?.tools.map(({ output }) => output)).toEqual(["first", "second"]);
  });
});

describe("times", () => {
  test.each([
    ["missing", undefined],
    ["no time", "yesterday"],
    ["an object", {}],
    ["the epoch", "1970-01-01T00:00:00Z"],
    ["far in the future", "2999-01-01T00:00:00Z"],
  ])("where every time is %s, the file's own stands in", (_case, timestamp) => {
    const t = new Transcript();
    t.chain("user", { message: { content: "Question" }, timestamp });

    expect(readAll(t).exchanges[0]).toMatchObject({
      startedAt: FILE_MODIFIED_AT,
      endedAt: FILE_MODIFIED_AT,
    });
  });

  test("a row without a time does not hide the others', and order is the file's", () => {
    const t = new Transcript();
    t.chain("user", { message: { content: "Question" }, timestamp: null });
    t.answer("Later");
    t.chain("assistant", {
      message: { content: "Earlier by its clock" },
      timestamp: new Date(TRANSCRIPT_START - 5_000).toISOString(),
    });

    const { exchanges } = readAll(t);

    expect(exchanges[0]).toMatchObject({
      startedAt: TRANSCRIPT_START + 1_000,
      endedAt: TRANSCRIPT_START + 1_000,
    });
    expect(spoken(exchanges)[0]?.at(-1)).toBe("assistant: Earlier by its clock");
  });
});

describe("titles", () => {
  test("the person's title stands above the client's and above a summary", () => {
    const t = new Transcript();
    const leafUuid = t.prompt("Question");
    t.row({ type: "custom-title", customTitle: "Old name" });
    t.row({ type: "custom-title", customTitle: "My name" });
    t.row({ type: "ai-title", aiTitle: "Its name" });
    t.row({ type: "summary", summary: "A summary", leafUuid });

    expect(readAll(t).pass.facts).toEqual({
      title: "My name",
      titleSource: "custom",
      compactions: 0,
    });
  });

  test("a summary is a title only where the file holds its leaf", () => {
    const t = new Transcript();
    const leafUuid = t.prompt("Question");
    t.row({ type: "summary", summary: "This session", leafUuid });
    t.row({ type: "summary", summary: "Another session", leafUuid: "elsewhere" });

    expect(readAll(t).pass.facts).toMatchObject({ title: "This session", titleSource: "summary" });
  });

  test("a file of another session's summaries has no exchange and no title", () => {
    const t = new Transcript();
    t.row({ type: "summary", summary: "Another session", leafUuid: "elsewhere" });

    expect(readAll(t)).toMatchObject({ exchanges: [], pass: { facts: { compactions: 0 } } });
    expect(readAll(t).pass.facts).not.toHaveProperty("title");
  });
});
