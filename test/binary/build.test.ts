import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBinary, HOST, STAMP, type Stamp } from "../../cli/build.ts";
import { nativeFile } from "../../core/storage/native-embedded.ts";
import { version } from "../../package.json";
import { binary } from "../support/binary.ts";

const ROOT = join(import.meta.dir, "../..");
const sb = binary();
const { outputs } = (await Bun.file(STAMP).json()) as Stamp;

/** What costs start-up time: schemas, protocol, terminal interface, native code. */
const HEAVY =
  /node_modules\/(zod|@modelcontextprotocol|ajv|ink|react|yoga-layout|onnxruntime\S*)\/|core\/storage\/native|core\/embedding\/(onnx|worker)/;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sb-build-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("start-up", () => {
  test("what the entry point imports at once holds nothing heavy", () => {
    const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === "cli/main.ts");

    const sources = sourcesOf(statically(entry ?? ""));

    expect(sources).toContain("cli/main.ts");
    expect(sources.filter((path) => HEAVY.test(path))).toEqual([]);
  });

  test("--version evaluates nothing heavy and no domain", () => {
    const sources = evaluated(["--version"]);

    expect(sources).toContain("cli/main.ts");
    expect(sources.filter((path) => HEAVY.test(path) || isDeclaration(path))).toEqual([]);
  });

  test("status evaluates its own domain, but no declaration, schema, protocol or interface", () => {
    const sources = evaluated(["status", "--json"]);

    expect(sources).toContain("core/session/status.ts");
    expect(sources.filter((path) => HEAVY.test(path) || isDeclaration(path))).toEqual([]);
  });
});

describe("the binary", () => {
  test("says the version of package.json", () => {
    expect(run(["--version"]).stdout.toString().trim()).toEndWith(version);
  });

  test.skipIf(HOST.platform !== "linux" || HOST.arch !== "x64")("weighs at most 125 MiB", () => {
    expect(statSync(sb).size).toBeLessThanOrEqual(125 * 1024 * 1024);
  });

  test("takes neither code nor variables from the folder it is run in", async () => {
    const project = join(dir, "project");
    await Bun.write(join(project, "bunfig.toml"), 'preload = ["./foreign.ts"]\n');
    await Bun.write(join(project, "foreign.ts"), 'await Bun.write("ran", "");\n');
    await Bun.write(join(project, ".env"), "SB_PROFILE=none\n");
    await Bun.write(join(project, "tsconfig.json"), "not JSON");

    const { exitCode, stderr } = run(["status", "--json"], { cwd: project });

    expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
    expect(readdirSync(project)).not.toContain("ran");
  });

  test("is not built again when nothing has changed", () => {
    const before = statSync(sb);

    const again = Bun.spawnSync([process.execPath, "cli/build.ts", "--if-stale"], {
      cwd: ROOT,
      env: Bun.env,
    });

    expect(again.exitCode).toBe(0);
    expect(statSync(sb).ino).toBe(before.ino);
  });
});

test("ten binaries that unpack the same embedded library at once all get it whole", async () => {
  const entry = join(dir, "unpack.ts");
  const native = JSON.stringify(join(ROOT, "core/storage/native.ts"));
  await Bun.write(
    entry,
    `import { extractNative } from ${native};
     const path = extractNative("onnxruntimeBinding", ${JSON.stringify(join(dir, "native"))});
     await Bun.write(Bun.stdout, String(Bun.hash.xxHash3(await Bun.file(path).bytes())));`,
  );
  const outfile = join(dir, HOST.platform === "win32" ? "unpack.exe" : "unpack");
  await compileBinary({
    entrypoints: [entry],
    outfile,
    machine: HOST,
    packages: ROOT,
  });

  const children = Array.from({ length: 10 }, () =>
    Bun.spawn([outfile], { env: Bun.env, stderr: "inherit" }),
  );
  const hashes = await Promise.all(children.map((child) => child.stdout.text()));

  const whole = await Bun.file(nativeFile("onnxruntimeBinding")?.source ?? "").bytes();
  expect(hashes).toEqual(Array(10).fill(String(Bun.hash.xxHash3(whole))));
  expect(readdirSync(join(dir, "native", version))).toHaveLength(1);
}, 60_000);

/** Runs the binary with a Claude folder of its own. */
function run(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  return Bun.spawnSync([sb, ...args], {
    cwd: options.cwd ?? dir,
    env: { ...Bun.env, CLAUDE_CONFIG_DIR: join(dir, "claude"), ...options.env },
  });
}

/** The sources that a command evaluates, as Bun's module loader reports them on stderr. */
function evaluated(args: string[]): string[] {
  const { stderr } = run(args, { env: { BUN_JSC_dumpModuleLoadingState: "1" } });
  const paths = [...stderr.toString().matchAll(/^Loader \[evaluate\] .*[\\/]([^\\/\n]+)$/gm)];
  return sourcesOf(paths.map(([, name]) => `./${name}`));
}

/** The chunk `path` and all that it imports statically. */
function statically(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  for (const { path: next, kind } of outputs[path]?.imports ?? []) {
    if (kind === "import-statement") statically(next, seen);
  }
  return [...seen];
}

function sourcesOf(chunks: readonly string[]): string[] {
  return chunks.flatMap((path) => outputs[path]?.sources ?? []);
}

function isDeclaration(path: string): boolean {
  return /core\/\w+\/[\w-]*capabilities\.ts$/.test(path);
}
