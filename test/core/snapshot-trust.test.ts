import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gitFacts, type SnapshotOptions, takeSnapshot } from "../../core/session/snapshot.ts";
import {
  makeRepository,
  photograph,
  repositoryAt,
  type TestRepository,
} from "../support/repository.ts";

let repo: TestRepository;
beforeEach(() => {
  repo = makeRepository();
});
afterEach(() => repo.remove());

function usual(): SnapshotOptions {
  return { mode: "snapshot", message: "checkpoint", env: repo.env, now: 0 };
}

/** Gives HEAD's commit a signature, which a git that is told to show signatures would have checked. */
function signHead(): void {
  const [header = "", ...rest] = repo.git("cat-file", "commit", "HEAD").split("\n\n");
  const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----";
  repo.write(".git/signed", `${header}\n${signature}\n\n${rest.join("\n\n")}\n`);
  const hash = repo.git("hash-object", "-t", "commit", "-w", ".git/signed");
  repo.git("update-ref", "HEAD", hash);
}

test("no program that a repository names is run, neither for a snapshot nor for facts", async () => {
  repo.write(".gitattributes", "*.txt filter=evil diff=evil\n");
  repo.write("a.txt", "a\n");
  repo.write("run.sh", "#!/bin/sh\n");
  repo.commitAll("first");
  signHead();
  repo.write("a.txt", "changed\n");
  const [mark, program] = [`${repo.folder}-was-run`, `${repo.folder}-program`];
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${mark}'\ncat\n`, { mode: 0o755 });
  for (const hook of ["post-index-change", "reference-transaction", "pre-commit", "post-commit"]) {
    repo.write(`.git/hooks/${hook}`, `#!/bin/sh\nexec '${program}' ${hook}\n`, {
      executable: true,
    });
  }
  const settings = {
    "core.fsmonitor": program,
    "core.pager": program,
    "core.editor": program,
    "filter.evil.clean": program,
    "filter.evil.smudge": program,
    "filter.evil.process": program,
    "filter.evil.required": "true",
    "diff.evil.textconv": program,
    "diff.evil.command": program,
    "diff.external": program,
    "commit.gpgSign": "true",
    "log.showSignature": "true",
    "gpg.program": program,
  };
  appendFileSync(
    join(repo.folder, ".git/config"),
    Object.entries(settings)
      .map(([key, value]) => {
        const [section, ...rest] = key.split(".");
        const name = rest.pop();
        return `[${section}${rest.length > 0 ? ` "${rest.join(".")}"` : ""}]\n${name} = ${value}\n`;
      })
      .join(""),
  );
  repo.write("run.sh", "changed\n");

  const result = await takeSnapshot(repo.folder, usual());
  const facts = await gitFacts(repo.folder, { since: 0 }, repo.env);

  expect(existsSync(mark)).toBe(false);
  // a.txt has a filter that was not run, so it is not stored as it is.
  expect(result).toMatchObject({ kind: "taken", files: 1, leftOut: 1 });
  expect(facts.changed.map((change) => change.path)).toEqual(["a.txt", "run.sh"]);
  expect(facts.commits).toHaveLength(1);
});

test("variables that point git elsewhere are not followed", async () => {
  repo.write("a.txt", "a\n");
  repo.commitAll("first");
  repo.write("a.txt", "changed\n");
  const other = makeRepository();
  const before = photograph(other);
  const env = {
    ...repo.env,
    GIT_DIR: join(other.folder, ".git"),
    GIT_WORK_TREE: other.folder,
    GIT_INDEX_FILE: join(other.folder, ".git/elsewhere"),
    GIT_OBJECT_DIRECTORY: join(other.folder, ".git/objects"),
  };

  const result = await takeSnapshot(repo.folder, { ...usual(), env });
  const facts = await gitFacts(repo.folder, { since: 0 }, env);

  if (result.kind !== "taken") throw new Error(JSON.stringify(result));
  expect(repo.git("show", `${result.commit}:a.txt`)).toBe("changed");
  expect(facts.head).toBe(repo.git("rev-parse", "HEAD"));
  expect(photograph(other)).toEqual(before);
  other.remove();
});

test("a partial clone fetches nothing of what it lacks", async () => {
  repo.write("a.txt", "a\n");
  repo.commitAll("first");
  repo.git("config", "uploadpack.allowFilter", "true");
  const folder = `${repo.folder}-clone`;
  const options = ["--quiet", "--filter=blob:none", "--no-checkout"];
  repo.git("clone", ...options, `file://${repo.folder}`, folder);
  const clone = repositoryAt(folder, repo.env);
  clone.git("config", "protocol.file.allow", "always");
  clone.git("read-tree", "HEAD");
  clone.write("a.txt", "changed\n");
  const missing = () =>
    clone.git("rev-list", "--objects", "--missing=print", "HEAD").match(/\?\w+/g);
  expect(missing()).toHaveLength(1);

  const result = await takeSnapshot(folder, usual());
  const facts = await gitFacts(folder, { since: 0 }, repo.env);

  expect(missing()).toHaveLength(1);
  expect(result).toMatchObject({ kind: "taken", files: 1 });
  expect(facts.changed).toEqual([{ path: "a.txt", state: "modified" }]);
});
