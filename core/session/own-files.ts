import { sha256 } from "../kernel/text.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import type { ProjectService } from "../project/service.ts";
import type { TranscriptFile } from "../transcript/locate.ts";
import type { TranscriptService } from "../transcript/service.ts";
import { projectSlug } from "../transcript/slug.ts";
import type { Head, Sight } from "../transcript/store.ts";

/** Characters of a slug that are the path's own: a longer one ends in a hash. */
const HINT_CHARS = 190;

/**
 * Longest that the heads of unknown files are looked at where somebody waits, in milliseconds: some
 * hundred of them, the newest first. What a look told is kept, so the next one goes on from there.
 */
const LOOK_MS = 10;

/** Tells which transcripts are a project's: their folder's name hints, their rows decide. */
export function ownFiles(deps: { project: ProjectService; transcript: TranscriptService }) {
  const { project, transcript } = deps;
  let elsewhere: { readonly key: string; readonly paths: Set<string> } | undefined;

  /**
   * Paths that are known to be another project's than `key`, the last one asked for: a server asks
   * for the same every few seconds, and a look at each of thousands of files is all it would ever do.
   */
  function others(key: string): Set<string> {
    if (elsewhere?.key !== key) elsewhere = { key, paths: new Set() };
    return elsewhere.paths;
  }

  /** What the head of `file` says now. */
  function look(file: TranscriptFile): Head {
    const cwd = transcript.cwdOf(file);
    const projectHash = cwd === undefined ? undefined : sha256(project.identify(cwd).key);
    return { projectHash, size: file.size };
  }

  /** Whether a file that was read is the project's, or has to be read again to tell. */
  function isReadAs({ projectKey, leftOut }: Sight, key: string): boolean {
    return projectKey === key || (leftOut !== undefined && leftOut !== project.rules());
  }

  return {
    others,

    /** Those of `files` that are the project's: for certain, or as far as there is time to look. */
    of(
      files: readonly TranscriptFile[],
      { key, root }: ProjectIdentity,
      certainty: "project" | "near",
    ): TranscriptFile[] {
      const sights = transcript.sights(files);
      const [hash, slug] = [sha256(key), projectSlug(root).slice(0, HINT_CHARS)];
      const isSure = certainty === "project";
      const deadline = isSure ? Number.POSITIVE_INFINITY : performance.now() + LOOK_MS;
      const looked = new Map<string, Head>();
      const own = files.filter((file) => {
        const sight = sights.get(file.path) ?? {};
        if (sight.projectKey !== undefined) {
          const isOwn = isReadAs(sight, key);
          if (!isOwn && sight.leftOut === undefined) others(key).add(file.path);
          return isOwn;
        }
        const isHinted = file.slug.startsWith(slug);
        let head = isSure ? undefined : knownHead(sight, file);
        if (!head && !isHinted && performance.now() >= deadline) return false;
        if (!head) {
          head = look(file);
          looked.set(file.path, head);
        }
        if (head.projectHash === undefined) return isHinted;
        if (head.projectHash !== hash) others(key).add(file.path);
        return head.projectHash === hash;
      });
      transcript.keepHeads(looked);
      return own;
    },
  };
}

/** What an earlier look told, unless there was no folder to be seen and the file has changed since. */
function knownHead({ head }: Sight, { size }: TranscriptFile): Head | undefined {
  return head && (head.projectHash !== undefined || head.size === size) ? head : undefined;
}
