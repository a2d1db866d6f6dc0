/** What can be recalled. Every kind lies in the one document index. Apart, so that no schema is loaded. */
export const DOCUMENT_KINDS = ["exchange", "reflection", "insight", "handoff", "fix"] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];
