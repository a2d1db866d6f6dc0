import { resolvePaths } from "../../core/kernel/paths.ts";
import { isoTime } from "../../core/kernel/text.ts";
import { USUAL_DAYS, unkept } from "../../core/session/history-guard.ts";
import { isLate, parserLink } from "../../core/session/recording.ts";
import { readText } from "../../core/storage/text-file.ts";
import { fileTotals } from "../../core/transcript/totals.ts";
import { bytesText, plural } from "../render/layout.ts";
import { settingOf } from "../setup/claude-json.ts";
import { clientFiles } from "../setup/plan.ts";
import { type Check, checkOf, messageOf, NOT_LOOKED_AT, quotedPath, type Ward } from "./check.ts";

/** Days ahead that the guard of the history looks. */
const WITHIN_DAYS = 7;

/** Whether the transcripts are found, and read as they grow. */
export function transcriptsCheck({ services, invocation: { host } }: Ward): Check {
  const { ok, warn, broken } = checkOf("transcripts");
  const { transcripts } = resolvePaths(host.env);
  if (!services) return warn(NOT_LOOKED_AT);
  const { transcript, ports, project } = services;
  const { files, unreadable } = transcript.locate();
  if (unreadable > 0) {
    const what = `${plural(unreadable, "folder or file", "folders and files")} cannot be read`;
    return broken(`${what} in ${transcripts}`, `chmod -R u+rX ${quotedPath(transcripts)}`);
  }
  const [newest] = files;
  if (!newest) return warn(`none in ${transcripts} yet`);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const { lastReadAt } = fileTotals(ports.db);
  const read = lastReadAt === null ? "never" : isoTime(lastReadAt).slice(0, 16);
  const detail = `${plural(files.length, "file")}, ${bytesText(bytes)}; newest changed ${isoTime(newest.modifiedAt).slice(0, 16)}, last read ${read}`;
  const late = transcript
    .changed(files)
    .filter((file) => {
      const lag = { changedAt: file.modifiedAt, readAt: transcript.readAt(file) };
      return isLate(lag, ports.clock.now());
    })
    .filter((file) => !project.isLeftAlone(project.identify(transcript.cwdOf(file))));
  if (late.length === 0) return ok(detail);
  return broken(
    `${detail}; ${plural(late.length, "file")} not read for an hour and more`,
    "sb ingest --all",
  );
}

/** Whether what is read is of a format that is known. */
export function parserCheck({ services }: Ward): Check {
  const { ok, warn, broken } = checkOf("parser");
  if (!services) return warn(NOT_LOOKED_AT);
  const link = parserLink(fileTotals(services.ports.db));
  return link.ok
    ? ok(link.detail)
    : broken(link.detail, "install a newer sb, then sb ingest --all");
}

/** What the client's own purge would take that is not kept yet. */
export function historyCheck({ services, invocation: { host } }: Ward): Check {
  const { ok, warn, broken } = checkOf("history");
  if (!services) return warn(NOT_LOOKED_AT);
  const { settings } = clientFiles(resolvePaths(host.env), host.env);
  let days = USUAL_DAYS;
  try {
    const said = settingOf({ path: settings, text: readText(settings) ?? "" }, "cleanupPeriodDays");
    if (typeof said === "number" && said >= 0) days = said;
  } catch (error) {
    return broken(messageOf(error), "mend that file by hand");
  }
  const { files, soon, unread, sessions, firstAt } = unkept(services, {
    days,
    withinDays: WITHIN_DAYS,
  });
  const rule = `Claude Code deletes transcripts after ${plural(days, "day")}`;
  if (soon === 0) {
    return ok(
      `${rule}; ${files === 0 ? "all are kept here" : `${plural(files, "file")} not kept yet, none of them soon`}`,
    );
  }
  const first = firstAt === undefined ? "" : `, the first ${isoTime(firstAt).slice(0, 10)}`;
  const of = (count: number) => `${plural(count, "transcript")} of ${plural(sessions, "session")}`;
  const when = `within ${WITHIN_DAYS} days${first}`;
  if (unread === 0) {
    return warn(
      `${rule}: the end of ${of(soon)} is not kept yet and goes ${when}`,
      "sb ingest --all",
    );
  }
  return broken(`${rule}: ${of(soon)} not kept yet go ${when}`, "sb ingest --all");
}
