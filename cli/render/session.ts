import type {
  checkpoint,
  end,
  getSession,
  listSessions,
  sessionWelcome,
  start,
} from "../../core/session/capabilities.ts";
import type { captureInsights, ingestTranscripts } from "../../core/session/ingest-capabilities.ts";
import type { explainInjection } from "../../core/session/injection-capabilities.ts";
import type { healthCheck, ping, serverInfo } from "../../core/session/server-capabilities.ts";
import type { status } from "../../core/session/status-capabilities.ts";
import {
  bytesText,
  durationText,
  fields,
  localTime,
  moreBy,
  oneLine,
  plural,
  table,
} from "./layout.ts";
import { modelText } from "./model.ts";
import { type OutputOf, type Presenter, present, type View } from "./presenter.ts";

type Start = OutputOf<typeof start>;
type Status = OutputOf<typeof status>;
type Quality = Start["quality"];

/** The texts of the session's capabilities, by tool. */
export const sessionPresenters: Readonly<Record<string, Presenter>> = {
  start: present<typeof start>(startText),
  session_welcome: present<typeof sessionWelcome>((output, view) =>
    output.start ? startText(output.start, view) : "No session was started here.\n",
  ),
  checkpoint: present<typeof checkpoint>((output, view) => {
    const { context, git } = output;
    const title = output.checkpoint_id === null ? "Would save a checkpoint" : "Checkpoint saved";
    const lines = [
      ["Quality", qualityText(output.quality)],
      ["Insights", plural(output.insights_captured, "new insight")],
      ["Git", gitText(git)],
      ...leftOutLines(git),
      ["Context", contextText(context)],
      ...output.recommendations.map((line) => ["Next", line]),
    ];
    return `${view.bold(title)}${output.name ? `: ${output.name}` : ""}\n${fields(lines, view)}`;
  }),
  end: present<typeof end>((output, view) => {
    const { learned } = output;
    const lines = [
      ["Quality", qualityText(output.quality)],
      ["Changed", `${plural(learned.files, "file")}, ${plural(learned.commits, "commit")}`],
      ...learned.insights.map((text) => ["Learned", oneLine(text)]),
      ...learned.open.map((text) => ["Open", oneLine(text)]),
      ["Hand-off", output.handoff_path ?? "not written"],
    ];
    return `${view.bold("Session ended")} after ${durationText(output.duration_s)}\n${fields(lines, view)}`;
  }),
  status: present<typeof status>(statusText),
  explain_injection: present<typeof explainInjection>(({ injections, left_out, cursor }, view) => {
    if (injections.length === 0) return "Nothing was injected.\n";
    const shown = injections.map(({ at, project, event, tokens, items }) => {
      const head = `${localTime(at)}  ${project}  ${view.cyan(event)}  ${plural(tokens, "token")}`;
      const lines = items.map(
        (item) =>
          `  ${oneLine(item.text)}\n  ${view.dim(`${item.reason}; ${item.tokens} tokens`)}\n`,
      );
      return `${head}\n${lines.join("")}`;
    });
    const more =
      left_out > 0
        ? `\n${view.dim(`${left_out} more${moreBy("session explain --cursor", cursor)}`)}\n`
        : "";
    return `${shown.join("\n")}${more}`;
  }),
  list_sessions: present<typeof listSessions>((output, view) => {
    const { total, sessions, conversations, cursor } = output;
    if (sessions.length + conversations.length === 0) return "No sessions yet.\n";
    const told = sessions.map((session) => [
      localTime(session.started_at),
      session.project,
      session.state,
      session.session_id,
    ]);
    const read = conversations.map((conversation) => [
      localTime(conversation.started_at),
      conversation.project,
      conversation.conversation,
      oneLine(conversation.title ?? ""),
    ]);
    const shown = sessions.length + conversations.length;
    return [
      told.length > 0 ? `${view.bold("Sessions")}\n${table(told, view)}` : "",
      told.length > 0 && read.length > 0 ? "\n" : "",
      read.length > 0 ? `${view.bold("Conversations")}\n${table(read, view)}` : "",
      cursor
        ? `\n${view.dim(`${shown} of ${total} shown${moreBy("session list --cursor", cursor)}`)}\n`
        : "",
    ].join("");
  }),
  get_session: present<typeof getSession>((output, view) => {
    const { session, moments, total, files, usage, cursor } = output;
    const head = session
      ? `${view.bold(session.project)}  ${session.state}  ${localTime(session.started_at)}  ${view.dim(session.session_id)}\n`
      : "";
    const rows = moments.map(({ at, kind, text }) => [
      localTime(at),
      kind.replaceAll("_", " "),
      oneLine(text),
    ]);
    const changed = files.filter(({ writes }) => writes > 0).map(({ path }) => ["", path]);
    const spent = usage.input + usage.output + usage.cache_creation + usage.cache_read;
    return [
      head,
      rows.length > 0 ? table(rows, view) : "Nothing has happened in it yet.\n",
      cursor
        ? view.dim(
            `${moments.length} of ${total} moments shown${moreBy("session show --cursor", cursor)}\n`,
          )
        : "",
      changed.length > 0 ? `\n${view.bold("Changed files")}\n${table(changed, view)}` : "",
      spent > 0
        ? `\n${plural(spent, "token")}, ${usage.output.toLocaleString("en")} of them written\n`
        : "",
    ].join("");
  }),
  health_check: present<typeof healthCheck>(({ checks }, view) =>
    table(
      checks.map(({ name, ok, detail }) => [mark(ok, view), name, detail]),
      view,
    ),
  ),
  server_info: present<typeof serverInfo>(({ version, bun, platform, paths }, view) => {
    const where = Object.entries(paths).map(([name, path]) => [name, path]);
    return `${view.bold(`sb ${version}`)} (Bun ${bun}, ${platform})\n${fields(where, view)}`;
  }),
  ping: present<typeof ping>(({ version }) => `pong from sb ${version}\n`),
  ingest_transcripts: present<typeof ingestTranscripts>((report) => {
    const { files, rows, documents, insights, bad_rows, unknown_rows, skipped, ms } = report;
    const embedded =
      report.embedded === undefined ? "" : `${plural(report.embedded, "document")} embedded.\n`;
    if (files === 0) {
      return `Nothing new: ${plural(skipped, "transcript")} already read.\n${embedded}`;
    }
    const odd = [
      bad_rows > 0 ? `${bad_rows.toLocaleString("en")} unreadable` : "",
      unknown_rows > 0 ? `${unknown_rows.toLocaleString("en")} of unknown types` : "",
    ].filter((part) => part !== "");
    return [
      `Read ${plural(files, "transcript")}, ${plural(rows, "row")}`,
      odd.length > 0 ? ` (${odd.join(", ")})` : "",
      ` in ${durationText(ms / 1000)}: `,
      `${plural(documents, "new document")}, ${plural(insights, "new insight")}.\n`,
      embedded,
    ].join("");
  }),
  capture_insights: present<typeof captureInsights>(
    ({ captured, total }) =>
      `${plural(captured, "new insight")}, ${plural(total, "insight")} in all.\n`,
  ),
};

function startText(output: Start, view: View): string {
  const branch = output.branch ? ` (${output.branch})` : "";
  const before = output.previous_session;
  const lines = [
    ...(before ? [["Before", previousText(before)]] : []),
    ...(output.recovered_sessions > 0
      ? [["Recovered", `${plural(output.recovered_sessions, "session")} that had no end`]]
      : []),
    ["Known", `${plural(output.insights, "insight")} of this project`],
    ["Quality", qualityText(output.quality)],
    ...dependencyLines(output.dependencies),
    ...brokenLinks(output.recording, view),
  ];
  const title = `${output.resumed ? "Session goes on in" : "Session started in"} ${output.project}`;
  const brief = output.brief === "" ? "" : `\n${output.brief}\n`;
  return `${view.bold(title)}${branch}\n${fields(lines, view)}${brief}`;
}

function dependencyLines({ others = [], ...first }: Start["dependencies"]): string[][] {
  return [first, ...others].flatMap(({ manager, in_sync, reason, command }) => {
    if (manager === null) return [];
    const state = in_sync === true ? "as locked" : in_sync === null ? "not known" : "out of step";
    const next = in_sync === false && command ? `: sb project sync runs ${command}` : "";
    return [["Installed", `${manager} ${state}${reason ? ` (${reason})` : ""}${next}`]];
  });
}

function previousText(before: NonNullable<Start["previous_session"]>): string {
  const ended = `${before.recovered ? "cut off" : "ended"} ${localTime(before.ended_at)}`;
  return [ended, before.goal ? oneLine(before.goal) : ""].filter((part) => part !== "").join("; ");
}

/** What was put into conversations unasked. */
function toldText({ today, session }: Status["injected"]): string {
  return `${plural(today, "token")} unasked today, ${plural(session, "token")} in this session`;
}

function statusText(output: Status, view: View): string {
  const { session, project, memory, injected, recording, history, model, storage } = output;
  const branch = project.branch ? ` (${project.branch})` : "";
  const since = session
    ? `${session.state} since ${localTime(session.started_at)}`
    : "none: sb start opens one";
  const last = recording.last_recorded_at;
  const kept = last ? `last recorded ${localTime(last)}` : "nothing recorded yet";
  const isRead = history.state === "done" || history.files_total === 0;
  const lines = [
    ["Session", since],
    ["Memory", `${plural(memory.documents, "document")}, ${plural(memory.insights, "insight")}`],
    ...output.due_reminders.map(({ title, due_at }) => [
      "Due",
      `${oneLine(title)} ${view.dim(localTime(due_at))}`,
    ]),
    ["Recording", `${mark(recording.ok, view)}, ${kept}`],
    ...brokenLinks(recording, view),
    ...output.dependency_syncs.map(({ command, state, at }) => [
      "Sync",
      `${command} ${state}, ${localTime(at)}`,
    ]),
    ...(isRead
      ? []
      : [
          ["History", `${history.files_done} of ${plural(history.files_total, "transcript")} read`],
        ]),
    ["Told", toldText(injected)],
    ["Model", modelText(model)],
    ["Store", `${bytesText(storage.bytes)}, ${storage.integrity}`],
    ["", view.dim(storage.path)],
  ];
  return `${view.bold(project.name)}${branch}  ${view.dim(project.root)}\n${fields(lines, view)}`;
}

function brokenLinks(recording: Status["recording"], view: View): string[][] {
  const broken = recording.links.filter(({ ok }) => !ok);
  return broken.map(({ name, detail }) => [view.red("Broken"), `${name}: ${detail}`]);
}

function mark(ok: boolean, view: View): string {
  return ok ? view.green("ok") : view.red("not ok");
}

function qualityText({ total, previous, trend, unknown }: Quality): string {
  if (total === null) return "not known";
  const change = previous === undefined || trend === "same" ? "" : `, ${trend} from ${previous}`;
  const missing = unknown.length === 0 ? "" : `; not known: ${unknown.join(", ")}`;
  return `${total} of 100${change}${missing.replaceAll("_", " ")}`;
}

/** What became of the snapshot, by the outcome's own name. */
function gitText(git: OutputOf<typeof checkpoint>["git"]): string {
  const files = typeof git["files"] === "number" ? plural(git["files"], "file") : "";
  const commit = typeof git["commit"] === "string" ? git["commit"].slice(0, 10) : "";
  switch (git.kind) {
    case "taken":
      return `snapshot ${commit} of ${files}; index, files and branch untouched`;
    case "committed":
      return `commit ${commit} of ${files} on ${String(git["branch"])}`;
    case "unchanged":
      return `nothing changed since snapshot ${commit}`;
    case "planned":
      return `would take a ${String(git["mode"])} of ${files}`;
    case "clean":
      return "nothing to save: the work tree is clean";
    case "skipped":
      return `no snapshot: ${String(git["reason"])}`;
    default:
      return git.kind;
  }
}

function leftOutLines({ left_out = 0, left_out_paths = [] }: OutputOf<typeof checkpoint>["git"]) {
  const lines = left_out_paths.map(({ path, reason }) => oneLine(`${path}: ${reason}`));
  const more = left_out - lines.length;
  return [...lines, ...(more > 0 ? [`${more} more`] : [])].map((line) => ["Left out", line]);
}

function contextText({
  tokens,
  window,
  should_compact,
  reason,
}: OutputOf<typeof checkpoint>["context"]): string {
  if (tokens === null) return "not known";
  const share = Math.round((tokens / window) * 100);
  return `${tokens.toLocaleString("en")} tokens, ${share} %${should_compact ? `; ${reason}` : ""}`;
}
