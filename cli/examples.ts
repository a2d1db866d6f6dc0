/** Lines shown in `--help`, by tool. Tests read each one as a command line. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  start: ["sb start", "sb -C ~/work/user-service start"],
  checkpoint: ["sb checkpoint", 'sb checkpoint "before the migration"', "sb checkpoint --dry-run"],
  end: ["sb end"],
  status: ["sb status", "sb status --json"],
  list_sessions: ["sb session list --limit 5", "sb session list --project user-service"],
  get_session: ["sb session show"],
  store_reflection: ['sb memory store "Tokens expire after 15 minutes" --tags auth --tags tokens'],
  quick_search: [
    'sb search "why does token refresh fail"',
    "sb search migration --scope project --limit 10",
    'sb search "connection pool" --project user-service --json',
  ],
  search_summary: ['sb memory summary "rate limit"'],
  get_memory: ["sb memory show 0198c0de-0000-7000-8000-000000000001"],
  forget_memory: [
    "sb forget 0198c0de-0000-7000-8000-000000000001",
    'sb forget --project user-service --before "last year"',
    'sb forget --query "internal host names" --dry-run',
    "sb forget --retention --dry-run",
  ],
  reset_reflection_database: ["sb memory reset session-buddy.db"],
  ingest_transcripts: ["sb ingest", "sb ingest --all"],
  search_insights: ["sb insight search", "sb insight search cache --insight-type gotcha"],
  store_insight: ['sb insight store "A closed pool answers with ECONNRESET, never a timeout"'],
  rate_insight: ["sb insight rate 0198c0de-0000-7000-8000-000000000001 1"],
};
