import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { truncate, writeFile } from "node:fs/promises";
import { platform, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { extractNative } from "../../core/storage/native.ts";
import { nativeFile } from "../../core/storage/native-embedded.ts";
import {
  contentHash,
  fileHash,
  locateNative,
  nativeSources,
} from "../../core/storage/native-files.ts";

/** The smaller of the two libraries. */
const NAME = "onnxruntimeBinding";
const original = nativeFile(NAME);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sb-native-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a library is placed whole in a folder of its version, for its owner alone", () => {
  const path = extractNative(NAME, dir);

  expect(path).toBe(join(dir, "dev", original?.fileName ?? ""));
  expect(readFileSync(path)).toEqual(readFileSync(original?.source ?? ""));
  if (platform() !== "win32") {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  }
});

test("a library that is there already is not written again", () => {
  const path = extractNative(NAME, dir);
  const before = statSync(path);

  extractNative(NAME, dir);

  expect(statSync(path).ino).toBe(before.ino);
});

test.each([
  ["cut off", (path: string) => truncate(path, 1000)],
  ["empty", (path: string) => truncate(path, 0)],
  [
    "changed at equal size",
    (path: string) => writeFile(path, new Uint8Array(original?.bytes ?? 0)),
  ],
])("a library that is %s is replaced", async (_how, damage) => {
  const path = extractNative(NAME, dir);
  await damage(path);

  extractNative(NAME, dir);

  expect(readFileSync(path)).toEqual(readFileSync(original?.source ?? ""));
  expect(readdirSync(dirname(path))).toEqual([basename(path)]);
});

test("ten processes that need it at once all get it whole, and leave nothing else", async () => {
  const script = `
    import { extractNative } from ${JSON.stringify(join(import.meta.dir, "../../core/storage/native.ts"))};
    const path = extractNative("${NAME}", ${JSON.stringify(dir)});
    const hash = new Bun.CryptoHasher("sha256").update(await Bun.file(path).bytes()).digest("hex");
    await Bun.write(Bun.stdout, hash);
  `;
  const children = Array.from({ length: 10 }, () =>
    Bun.spawn([process.execPath, "-e", script], { env: Bun.env, stderr: "inherit" }),
  );

  const hashes = await Promise.all(children.map((child) => child.stdout.text()));

  const whole = await Bun.file(original?.source ?? "").bytes();
  const hash = new Bun.CryptoHasher("sha256").update(whole).digest("hex");
  expect(hashes).toEqual(Array(10).fill(hash));
  expect(readdirSync(join(dir, "dev"))).toEqual([original?.fileName ?? ""]);
}, 30_000);

test.each([
  ["linux", "x64", "libonnxruntime.so.1"],
  ["linux", "arm64", "libonnxruntime.so.1"],
  ["darwin", "arm64", "libonnxruntime.1.dylib"],
  ["win32", "x64", "onnxruntime.dll"],
  ["win32", "arm64", "onnxruntime.dll"],
  ["darwin", "x64", undefined],
])(
  "the model's runtime for %s-%s is %p, with its binding or not at all",
  (platform, arch, file) => {
    const found = nativeSources({ platform, arch })
      .map((source) => locateNative(source, import.meta.dir))
      .map((path) => path && basename(path));

    expect(found).toEqual([file, file && "onnxruntime_binding.node"]);
  },
);

test("a file's hash is that of its content, at every length around a slice", async () => {
  const path = join(dir, "content");
  const slice = 1024 * 1024;
  for (const length of [0, 1, slice - 1, slice, slice + 1, 2 * slice]) {
    const content = Uint8Array.from({ length }, (_, at) => at % 251);
    await writeFile(path, content);

    expect(fileHash(path)).toBe(contentHash(content));
  }
});

describe("where nothing can be written", () => {
  test("a file in the folder's place is unavailable, with what to do", async () => {
    const blocked = join(dir, "file");
    await writeFile(blocked, "");

    expect(() => extractNative(NAME, blocked)).toThrow(
      expect.objectContaining({
        code: "unavailable",
        message: `${NAME} could not be put into ${join(blocked, "dev")}`,
        hint: "make that folder writable, or name one that is in SB_DATA_DIR",
      }),
    );
  });
});
