/** A project and the projects in folders beside it that its package.json depends on. */
export interface ProjectPlan {
  readonly name: string;
  readonly uses: readonly string[];
}

/** Thirty projects of one team; libraries are used by services, services by what people see. */
export const PROJECTS: readonly ProjectPlan[] = [
  { name: "auth-gateway", uses: ["session-store", "config-client"] },
  { name: "session-store", uses: [] },
  { name: "billing-api", uses: ["ledger-core", "proto-schemas", "config-client"] },
  { name: "ledger-core", uses: ["proto-schemas"] },
  { name: "checkout-web", uses: ["ui-kit", "billing-api"] },
  { name: "search-indexer", uses: ["queue-worker"] },
  { name: "media-pipeline", uses: ["queue-worker"] },
  { name: "mail-relay", uses: ["queue-worker", "config-client"] },
  { name: "notify-hub", uses: ["mail-relay"] },
  { name: "inventory-sync", uses: ["proto-schemas"] },
  { name: "pricing-engine", uses: ["ledger-core"] },
  { name: "report-builder", uses: ["pdf-renderer"] },
  { name: "etl-runner", uses: ["cron-runner"] },
  { name: "metrics-agent", uses: [] },
  { name: "log-shipper", uses: ["metrics-agent"] },
  { name: "feature-flags", uses: ["config-client"] },
  { name: "config-client", uses: [] },
  { name: "ui-kit", uses: ["design-tokens"] },
  { name: "design-tokens", uses: [] },
  { name: "mobile-app", uses: ["design-tokens", "proto-schemas"] },
  { name: "admin-console", uses: ["ui-kit", "feature-flags"] },
  { name: "docs-site", uses: ["ui-kit"] },
  { name: "release-tools", uses: [] },
  { name: "proto-schemas", uses: [] },
  { name: "db-migrations", uses: [] },
  { name: "queue-worker", uses: [] },
  { name: "cron-runner", uses: [] },
  { name: "geo-lookup", uses: [] },
  { name: "pdf-renderer", uses: ["design-tokens"] },
  { name: "chat-bot", uses: ["search-indexer"] },
];
