import transcript from "./0001_transcript.sql" with { type: "text" };
import document from "./0002_document.sql" with { type: "text" };
import insight from "./0003_insight.sql" with { type: "text" };
import session from "./0004_session.sql" with { type: "text" };
import dependency from "./0005_dependency.sql" with { type: "text" };
import transcriptCounts from "./0006_transcript_counts.sql" with { type: "text" };
import hook from "./0007_hook.sql" with { type: "text" };
import recall from "./0008_recall.sql" with { type: "text" };
import tombstone from "./0009_tombstone.sql" with { type: "text" };
import derived from "./0010_derived.sql" with { type: "text" };
import sketch from "./0011_sketch.sql" with { type: "text" };
import fix from "./0012_fix.sql" with { type: "text" };
import context from "./0013_context.sql" with { type: "text" };
import embedding from "./0014_embedding.sql" with { type: "text" };
import reminder from "./0015_reminder.sql" with { type: "text" };
import ranking from "./0016_ranking.sql" with { type: "text" };
import use from "./0017_use.sql" with { type: "text" };
import page from "./0018_page.sql" with { type: "text" };
import leftOut from "./0019_left_out.sql" with { type: "text" };

/** One step of the schema. Released steps never change. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Every step, in order, without a gap. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: "0001_transcript", sql: transcript },
  { version: 2, name: "0002_document", sql: document },
  { version: 3, name: "0003_insight", sql: insight },
  { version: 4, name: "0004_session", sql: session },
  { version: 5, name: "0005_dependency", sql: dependency },
  { version: 6, name: "0006_transcript_counts", sql: transcriptCounts },
  { version: 7, name: "0007_hook", sql: hook },
  { version: 8, name: "0008_recall", sql: recall },
  { version: 9, name: "0009_tombstone", sql: tombstone },
  { version: 10, name: "0010_derived", sql: derived },
  { version: 11, name: "0011_sketch", sql: sketch },
  { version: 12, name: "0012_fix", sql: fix },
  { version: 13, name: "0013_context", sql: context },
  { version: 14, name: "0014_embedding", sql: embedding },
  { version: 15, name: "0015_reminder", sql: reminder },
  { version: 16, name: "0016_ranking", sql: ranking },
  { version: 17, name: "0017_use", sql: use },
  { version: 18, name: "0018_page", sql: page },
  { version: 19, name: "0019_left_out", sql: leftOut },
];
