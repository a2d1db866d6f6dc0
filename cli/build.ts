import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { arch, availableParallelism, platform } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { constants, zstdCompressSync } from "node:zlib";
import {
  contentHash,
  locateNative,
  type Machine,
  type NativeFile,
  nativeSources,
} from "../core/storage/native-files.ts";
import { version } from "../package.json";

const ROOT = resolve(import.meta.dir, "..");
const DIST = join(ROOT, "dist");
/** Packed libraries and the packages of other platforms, kept between builds. */
const CACHE = join(DIST, ".cache");
/** Where `Stamp` is kept. */
export const STAMP = join(DIST, ".stamp.json");

/** Most a linux-x64 binary may weigh. */
const SIZE_LIMIT_BYTES = 125 * 1024 * 1024;

/** Files that shape the binary without being bundled into it. */
const SETTINGS = ["package.json", "bun.lock", "tsconfig.json", "cli/build.ts"];

/** Packing the 46 MB of libonnxruntime pays; below this a library is embedded as it is. */
const PACK_FROM_BYTES = 1024 * 1024;

/** What the folder of a running build begins with. */
const TEMPORARY = ".build-";

/** Age at which a folder of a build counts as left over, in milliseconds. */
const LEFTOVER_MS = 10 * 60 * 1000;

/**
 * zstd level for embedded libraries. libonnxruntime 1.30 for linux-x64 becomes 13.5 MB in 19 s on two
 * cores; level 9 takes 1.6 s and 15.2 MB, which the size limit does not bear.
 */
const PACK_LEVEL = 19;

/** The platforms of a release, by Bun's names. */
const TARGETS = [
  { name: "bun-linux-x64", platform: "linux", arch: "x64" },
  { name: "bun-linux-arm64", platform: "linux", arch: "arm64" },
  { name: "bun-darwin-x64", platform: "darwin", arch: "x64" },
  { name: "bun-darwin-arm64", platform: "darwin", arch: "arm64" },
  { name: "bun-windows-x64", platform: "win32", arch: "x64" },
  { name: "bun-windows-arm64", platform: "win32", arch: "arm64" },
] as const;

/** Imported by Ink where `process.env.DEV` asks for it, which the build denies; not installed. */
const DEVELOPMENT_ONLY = ["react-devtools-core"];

/** What one binary is made of. */
export interface Recipe {
  readonly entrypoints: readonly string[];
  readonly outfile: string;
  readonly machine: Machine;
  /** Where node_modules of that machine's packages are looked for. */
  readonly packages: string;
}

export type Metafile = NonNullable<Bun.BuildOutput["metafile"]>;

/** A chunk of the binary, the sources in it, and the chunks it imports. */
export interface Chunk {
  /** Paths from the root. */
  readonly sources: readonly string[];
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
  /** The source whose import loads this chunk. */
  readonly entryPoint?: string;
}

/** Which files the last `dist/sb` was made of, and how its chunks hang together. */
export interface Stamp {
  readonly bun: string;
  /** Path from the root to `contentHash`. */
  readonly sources: Record<string, string>;
  /** By the chunk's name in the binary. */
  readonly outputs: Record<string, Chunk>;
}

/** The machine this runs on. */
export const HOST: Machine = { platform: platform(), arch: arch() };

/**
 * Compiles one binary under a temporary name and puts it in place, so that a running or parallel
 * reader sees the old one or the new one.
 *
 * `splitting` with `bytecode` is what makes the start cheap: a chunk that is not imported is not
 * parsed. Nothing is loaded from the folder sb is run in: a project's .env or bunfig.toml is not ours.
 */
export async function compileBinary(recipe: Recipe): Promise<Metafile> {
  const native = await nativeModule(recipe);
  // A folder of its own, not a name of its own: the name is compiled in and must stay the same.
  const folder = join(dirname(recipe.outfile), `${TEMPORARY}${crypto.randomUUID()}`);
  const temporary = join(folder, basename(recipe.outfile));
  try {
    const result = await Bun.build({
      entrypoints: [...recipe.entrypoints],
      files: native,
      target: "bun",
      format: "esm",
      splitting: true,
      bytecode: true,
      minify: true,
      metafile: true,
      external: DEVELOPMENT_ONLY,
      define: {
        SB_VERSION: JSON.stringify(version),
        "process.env.NODE_ENV": '"production"',
        "process.env.DEV": '"false"',
      },
      compile: {
        ...(isHost(recipe.machine) ? {} : { target: compileTarget(recipe.machine) }),
        outfile: temporary,
        autoloadDotenv: false,
        autoloadBunfig: false,
        autoloadTsconfig: false,
        autoloadPackageJson: false,
      },
    });
    if (!result.metafile) throw new Error("Bun.build gave no metafile");
    await rename(temporary, recipe.outfile);
    return result.metafile;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The module that takes the place of `native-embedded.ts`, and the libraries it embeds: what
 * `Bun.build` is to find in memory. From disk it would not see a file packed a moment ago.
 */
async function nativeModule(recipe: Recipe): Promise<Record<string, string | Uint8Array>> {
  const embedded: Record<string, Uint8Array> = {};
  const lines: string[] = ["const FILES = {};"];
  for (const { name, ...source } of nativeSources(recipe.machine)) {
    const path = locateNative({ name, ...source }, recipe.packages);
    if (path === undefined) {
      say(`no ${name} for ${recipe.machine.platform}-${recipe.machine.arch}: left out`);
      continue;
    }
    const content = await readFile(path);
    const packing = content.length < PACK_FROM_BYTES ? "none" : "zstd";
    const file: Omit<NativeFile, "source"> = {
      fileName: basename(path),
      bytes: content.length,
      hash: contentHash(content),
      packing,
    };
    const place = join(CACHE, "embedded", `${name}.${packing === "zstd" ? "zst" : "bin"}`);
    embedded[place] = packing === "zstd" ? await packed(content) : content;
    lines.unshift(`import ${name} from ${JSON.stringify(place)} with { type: "file" };`);
    lines.push(`FILES.${name} = { source: ${name}, ...${JSON.stringify(file)} };`);
  }
  lines.push("export const nativeFile = (name) => FILES[name];", "");
  return { ...embedded, [join(ROOT, "core/storage/native-embedded.ts")]: lines.join("\n") };
}

/** `content` packed with zstd, from the cache when it was packed before. */
async function packed(content: Uint8Array): Promise<Uint8Array> {
  const path = join(CACHE, `${contentHash(content)}-${PACK_LEVEL}.zst`);
  if (existsSync(path)) return readFile(path);
  say(`packing ${content.length} bytes`);
  // Not the asynchronous form: with workers, that of Bun 1.4.5 gives an empty result.
  const result = zstdCompressSync(content, {
    params: {
      [constants.ZSTD_c_compressionLevel]: PACK_LEVEL,
      [constants.ZSTD_c_nbWorkers]: availableParallelism(),
    },
  });
  if (contentHash(Bun.zstdDecompressSync(result)) !== contentHash(content)) {
    throw new Error("a packed library does not unpack to what it was");
  }
  await mkdir(CACHE, { recursive: true });
  const temporary = `${path}.${crypto.randomUUID()}`;
  await writeFile(temporary, result);
  await rename(temporary, path);
  return result;
}

/**
 * Installs the locked packages of another machine into the cache and returns that folder. The lock
 * file's hashes are checked, and the registry is the one Bun is configured with.
 */
async function packagesFor(machine: Machine): Promise<string> {
  if (isHost(machine)) return ROOT;
  const folder = join(CACHE, `${machine.platform}-${machine.arch}`);
  await mkdir(folder, { recursive: true });
  for (const file of ["package.json", "bun.lock"]) await cp(join(ROOT, file), join(folder, file));
  const flags = ["--frozen-lockfile", "--production", "--ignore-scripts", "--silent"];
  const child = Bun.spawn(
    [process.execPath, "install", ...flags, `--os=${machine.platform}`, `--cpu=${machine.arch}`],
    { cwd: folder, stdout: "inherit", stderr: "inherit" },
  );
  if ((await child.exited) === 0) return folder;
  throw new Error(`the packages for ${machine.platform}-${machine.arch} could not be installed`);
}

function isHost(machine: Machine): boolean {
  return machine.platform === HOST.platform && machine.arch === HOST.arch;
}

/** "bun-linux-arm64" and the like, as Bun names its targets. */
function compileTarget({ platform, arch }: Machine): Bun.Build.CompileTarget {
  const target = TARGETS.find((t) => t.platform === platform && t.arch === arch);
  if (!target) throw new Error(`sb is not built for ${platform}-${arch}`);
  return target.name;
}

function extension(machine: Machine): string {
  return machine.platform === "win32" ? ".exe" : "";
}

/** The sources of a build with their hashes; packages count through bun.lock, embedded ones too. */
async function sourcesOf(metafile: Metafile): Promise<Record<string, string>> {
  const own = Object.keys(metafile.inputs)
    .map(rootPath)
    .filter((path) => !/(^|[\\/])node_modules[\\/]|^\.\.|^dist[\\/]/.test(path));
  const sources: Record<string, string> = {};
  for (const path of [...own, ...SETTINGS].sort()) {
    sources[path] = contentHash(await readFile(join(ROOT, path)));
  }
  return sources;
}

/** `outputs` with every source named from the root. */
function fromRoot(outputs: Metafile["outputs"]): Stamp["outputs"] {
  const named = Object.entries(outputs).map(([path, { inputs, imports, entryPoint }]) => {
    const chunk = { sources: Object.keys(inputs).map(rootPath), imports };
    return [path, entryPoint ? { ...chunk, entryPoint: rootPath(entryPoint) } : chunk] as const;
  });
  return Object.fromEntries(named);
}

/** A path of the metafile, which is relative to the current folder, from the root instead. */
function rootPath(path: string): string {
  return relative(ROOT, resolve(path)).replaceAll("\\", "/");
}

/** Whether `dist/sb` exists and nothing it was made of has changed since. */
async function isFresh(outfile: string): Promise<boolean> {
  try {
    const stamp = JSON.parse(await readFile(STAMP, "utf8")) as Stamp;
    if (!existsSync(outfile) || stamp.bun !== Bun.version) return false;
    for (const [path, hash] of Object.entries(stamp.sources)) {
      if (contentHash(await readFile(join(ROOT, path))) !== hash) return false;
    }
    return true;
  } catch {
    return false; // never built, or a source is gone
  }
}

/** The entry point, and the workers: threads start from an entry of their own. */
async function entrypoints(): Promise<string[]> {
  const workers = await Array.fromAsync(new Bun.Glob("core/**/worker.ts").scan(ROOT));
  return ["cli/main.ts", ...workers.sort()].map((path) => join(ROOT, path));
}

/** Removes what killed builds left behind, once it is too old to belong to one that runs. */
async function sweep(): Promise<void> {
  for (const name of await readdir(DIST)) {
    const path = join(DIST, name);
    const isOurs = name.startsWith(TEMPORARY) || name.endsWith(".bun-build");
    if (isOurs && Date.now() - (await stat(path)).mtimeMs > LEFTOVER_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function build(machine: Machine, outfile: string): Promise<void> {
  const started = performance.now();
  const packages = await packagesFor(machine);
  const metafile = await compileBinary({
    entrypoints: await entrypoints(),
    outfile,
    machine,
    packages,
  });
  const bytes = Bun.file(outfile).size;
  const mib = (bytes / 1024 / 1024).toFixed(1);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${relative(ROOT, outfile)}: ${bytes} bytes (${mib} MiB) in ${seconds} s`);
  if (machine.platform === "linux" && machine.arch === "x64" && bytes > SIZE_LIMIT_BYTES) {
    throw new Error(`over the limit of ${SIZE_LIMIT_BYTES} bytes`);
  }
  if (outfile !== hostOutfile()) return;
  const stamp: Stamp = {
    bun: Bun.version,
    sources: await sourcesOf(metafile),
    outputs: fromRoot(metafile.outputs),
  };
  await writeFile(STAMP, JSON.stringify(stamp));
}

function hostOutfile(): string {
  return join(DIST, `sb${extension(HOST)}`);
}

function say(text: string): void {
  process.stderr.write(`sb: ${text}\n`);
}

/**
 * `build.ts [--if-stale]` makes `dist/sb` for this machine; `--target bun-<os>-<arch>`, any number
 * of times, or `--release` for all, make `dist/sb-<os>-<arch>`.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      "if-stale": { type: "boolean" },
      release: { type: "boolean" },
      target: { type: "string", multiple: true },
    },
  });
  await mkdir(DIST, { recursive: true });
  process.chdir(DIST); // Bun writes the binary in the current folder first, and a kill leaves it there
  if (values["if-stale"] && (await isFresh(hostOutfile()))) return;
  await sweep();
  const targets = values.release ? TARGETS.map((target) => target.name) : values.target;
  if (!targets) return build(HOST, hostOutfile());
  for (const name of targets) {
    const target = TARGETS.find((t) => t.name === name);
    if (!target) {
      throw new Error(`no target "${name}"; one of: ${TARGETS.map((t) => t.name).join(", ")}`);
    }
    const file = `${name.replace("bun-", "sb-")}${extension(target)}`;
    await build(target, join(DIST, file));
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    say(`build failed: ${Bun.inspect(error)}`);
    process.exitCode = 1;
  }
}
