import { arch, platform } from "node:os";
import { z } from "zod";
import { defineCapability } from "../capability.ts";
import { healthChecks } from "./health.ts";

export const ping = defineCapability({
  effect: "read",
  input: z.object({}),
  output: z.object({ pong: z.literal(true), version: z.string() }),
  run: ({ ports }) => ({ pong: true as const, version: ports.version }),
});

export const serverInfo = defineCapability({
  effect: "read",
  input: z.object({}),
  output: z.object({
    name: z.literal("session-buddy"),
    version: z.string(),
    bun: z.string(),
    platform: z.string(),
    paths: z.object({
      claude: z.string(),
      data: z.string(),
      database: z.string(),
      transcripts: z.string(),
      logs: z.string(),
    }),
  }),
  run({ ports: { version, paths } }) {
    const { claude, data, database, transcripts, logs } = paths;
    return {
      name: "session-buddy" as const,
      version,
      bun: Bun.version,
      platform: `${platform()}-${arch()}`,
      paths: { claude, data, database, transcripts, logs },
    };
  },
});

export const healthCheck = defineCapability({
  effect: "read",
  input: z.object({}),
  output: z.object({
    healthy: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  }),
  run: (services) => {
    const checks = healthChecks(services);
    return { healthy: checks.every(({ ok }) => ok), checks };
  },
});
