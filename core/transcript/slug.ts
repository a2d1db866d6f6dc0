/** Characters of a slug before it is cut and a hash of the path added (Claude Code 2.1.330). */
const SLUG_CHARS = 200;

/**
 * The folder below `projects` that Claude Code gives the working folder `realCwd`. Many folders may
 * share one, and `CLAUDE_CODE_PROJECT_DIR_NAME` overrides it: a hint where to look first, no more.
 */
export function projectSlug(realCwd: string): string {
  const slug = realCwd.replace(/[^a-zA-Z0-9]/g, "-");
  if (slug.length <= SLUG_CHARS) return slug;
  let hash = 0;
  for (let index = 0; index < realCwd.length; index += 1) {
    hash = ((hash << 5) - hash + realCwd.charCodeAt(index)) | 0;
  }
  return `${slug.slice(0, SLUG_CHARS)}-${Math.abs(hash).toString(36)}`;
}
