/**
 * Makes a folder of transcripts with the real client, for a run of `sb ingest` over them:
 * `bun test/claude/make-transcripts.ts DIR`, then
 * `CLAUDE_CONFIG_DIR=DIR/config sb ingest --all --json`. What must be found is in
 * `DIR/manifest.json`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLab } from "./lab.ts";
import { makeTranscripts } from "./transcripts.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: bun test/claude/make-transcripts.ts DIR\n");
  process.exit(2);
}
// The Explanatory style puts the template of an insight into rows that are no answer.
const lab = openLab({
  root: folder,
  keep: true,
  outputStyle: "Explanatory",
  withoutServer: true,
});
try {
  const conversations = await makeTranscripts(lab);
  const manifest = join(lab.root, "manifest.json");
  writeFileSync(manifest, `${JSON.stringify(conversations, undefined, 2)}\n`);
  for (const { kind, sessionId } of conversations) {
    process.stdout.write(`${kind.padEnd(10)} ${sessionId}\n`);
  }
  process.stdout.write(`CLAUDE_CONFIG_DIR=${lab.config}\n`);
} finally {
  await lab.close();
}
