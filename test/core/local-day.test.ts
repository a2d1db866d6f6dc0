import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { openDatabase } from "../../core/storage/database.ts";
import { lastMidnight } from "../../core/storage/local-day.ts";

const ROOT = join(import.meta.dir, "../..");

/** SQLite asks the C library, which knows the zones that the system has files of. */
const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"].filter(
  (zone) => existsSync(`/usr/share/zoneinfo/${zone}`),
);

/** Prints the instants of `TIMES` at which SQLite and JavaScript disagree on the day's start. */
const PROGRAM = `
  import { openDatabase } from "${join(ROOT, "core/storage/database.ts")}";
  import { lastMidnight } from "${join(ROOT, "core/storage/local-day.ts")}";
  const db = openDatabase(":memory:");
  const start = Date.UTC(2026, 0, 1);
  const times = Array.from({ length: 8_760 }, (_, hour) => start + hour * 3_600_000 + 1_234_567);
  const wrong = times.filter((at) => lastMidnight(db, at) !== new Date(at).setHours(0, 0, 0, 0));
  await Bun.write(Bun.stdout, \`\${times.length} \${JSON.stringify(wrong)}\\n\`);
`;

describe("lastMidnight", () => {
  test("is the midnight that JavaScript tells", () => {
    const db = openDatabase(":memory:");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), (now) => {
        expect(lastMidnight(db, now)).toBe(new Date(now).setHours(0, 0, 0, 0));
      }),
    );
  });

  // Each hour of a year: with the clock put forward and back, and with half an hour to UTC.
  test.each(["UTC", ...ZONES])("is so in %s, too", (zone) => {
    const { stdout } = Bun.spawnSync([process.execPath, "-e", PROGRAM], {
      env: { ...Bun.env, TZ: zone },
    });
    expect(stdout.toString()).toBe("8760 []\n");
  });
});
