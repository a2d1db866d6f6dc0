#!/usr/bin/env node
// Runs a task of package.json on a machine that has Node 20 or newer, npm and nothing else of ours:
// brings the pinned Bun and the locked dependencies when they are missing, then hands over to Bun.
// Plain JavaScript without imports from packages, because it runs before there are any.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, "node_modules");
const DIST = join(ROOT, "dist");
const WINDOWS = process.platform === "win32";
const SB = join(DIST, WINDOWS ? "sb.exe" : "sb");

/** Longest time to wait for another set-up or build of this folder, in milliseconds. */
const LOCK_TIMEOUT_MS = 300_000;

/** A failure that the person at the terminal can act on. */
class SetupError extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

const TASKS = {
  start(args) {
    build(["--if-stale"]);
    return run(SB, ["demo", ...args]);
  },
  test: check,
  check,
  build,
  release: (args) => build(["--release", ...args]),
  bench: (args) => bun(["test/bench/run.ts", ...args]),
  docs: (args) => bun(["cli/docs.ts", ...args]),
  "test:claude": (args) => bun(["test/claude/run.ts", ...args]),
};

function main([task = "", ...args]) {
  const action = Object.hasOwn(TASKS, task) ? TASKS[task] : undefined;
  if (!action) {
    throw new SetupError(`no task "${task}"`, `one of: ${Object.keys(TASKS).join(", ")}`);
  }
  setUp();
  return action(args);
}

/**
 * Types, lint, a fresh binary and all tests, each of them even when an earlier one fails.
 * The last line on stdout is `N passed, N failed`: the tests, and one for each of the three others.
 */
function check(args) {
  const steps = [
    ["types", () => bun([packageBin("typescript", "tsc"), "-p", ".", "--noEmit"])],
    ["lint", () => bun([packageBin("@biomejs/biome", "biome"), "check", "--error-on-warnings"])],
    ["build", () => build(["--if-stale"])],
  ];
  const failed = steps.filter(([name, step]) => {
    say(name);
    return step() !== 0;
  });
  for (const [name] of failed) say(`${name} failed`);
  const tests = runTests(args);
  const passed = tests.passed + steps.length - failed.length;
  const broken = tests.failed + failed.length;
  process.stdout.write(`${passed} passed, ${broken} failed\n`);
  return broken === 0 ? 0 : 1;
}

/** A test that hangs; Bun's 5 s end a sound one, too, where the machine has other work. */
const TEST_TIMEOUT_MS = 60_000;

/** Runs `bun test` and counts from its JUnit report. A run that ends badly without one is a failure. */
function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), "sb-test-"));
  const report = join(folder, "junit.xml");
  try {
    say("tests");
    const reporter = ["--reporter=junit", `--reporter-outfile=${report}`];
    const code = bun(["test", `--timeout=${TEST_TIMEOUT_MS}`, ...reporter, ...args]);
    const head = existsSync(report)
      ? /<testsuites [^>]*>/.exec(readFileSync(report, "utf8"))
      : null;
    const count = (name) => Number(new RegExp(`${name}="(\\d+)"`).exec(head?.[0] ?? "")?.[1] ?? 0);
    const failed = count("failures") + count("errors");
    const passed = count("tests") - failed - count("skipped");
    // An error outside any test (a file that does not load) is in the exit code only.
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function build(args) {
  return locked(".build.lock", () => bun(["cli/build.ts", ...args]));
}

/** Brings the locked dependencies, and with them the pinned Bun, unless they are there already. */
function setUp() {
  if (isSetUp()) return;
  locked(".setup.lock", () => {
    if (isSetUp()) return; // another process did it while this one waited
    const temporary = mkdtempSync(join(tmpdir(), "sb-setup-"));
    try {
      install(findBun(MODULES) ?? (process.versions.bun ? process.execPath : fetchBun(temporary)));
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    if (!findBun(MODULES)) {
      throw new SetupError(
        `the dependencies hold no Bun for ${process.platform}-${process.arch}`,
        "see bun.com/docs/installation for the platforms it runs on",
      );
    }
    writeFileSync(stampFile(), lockHash());
  });
}

function isSetUp() {
  return (
    existsSync(stampFile()) &&
    readFileSync(stampFile(), "utf8") === lockHash() &&
    findBun(MODULES) !== undefined
  );
}

function stampFile() {
  return join(MODULES, ".sb-stamp");
}

/** The content decides, not the time: a checkout sets times at will. */
function lockHash() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "bun.lock"]) hash.update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}

function install(bunPath) {
  say("installing the locked dependencies");
  const args = ["install", "--frozen-lockfile"];
  const stdio = ["ignore", 2, 2]; // stdout belongs to what was asked for
  if (run(bunPath, args, { stdio }) === 0) return;
  const env = npmSettings();
  if (env && run(bunPath, args, { stdio, env }) === 0) return;
  throw new SetupError(
    "the dependencies could not be installed",
    "check the network and `npm config get registry`; if the lock file is out of date, run `node_modules/.bin/bun install`",
  );
}

/** npm's registry and certificates for Bun, which does not read npm's global settings; or undefined. */
function npmSettings() {
  const registry = npmValue("registry");
  const cafile = npmValue("cafile");
  if (!registry && !cafile) return undefined;
  say("trying again with npm's own registry settings");
  return {
    ...process.env,
    ...(registry && { npm_config_registry: registry }),
    ...(cafile && { NODE_EXTRA_CA_CERTS: cafile }),
  };
}

function npmValue(key) {
  const { status, stdout } = npm(["config", "get", key], { stdio: ["ignore", "pipe", "ignore"] });
  const value = status === 0 ? String(stdout).trim() : "";
  return value === "null" || value === "undefined" ? "" : value;
}

/** Puts the pinned Bun into `folder` with npm and returns the path of its executable. */
function fetchBun(folder) {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const wanted = `bun@${devDependencies.bun}`;
  say(`fetching ${wanted} with npm`);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // Lifecycle scripts may be blocked and are not needed: the platform's package holds the executable.
  // No --prefix: it would also move where npm looks for its global settings.
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = npm(["install", ...flags, wanted], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  if (error) {
    throw new SetupError(
      `npm does not start (${error.message})`,
      "install Node 20 or newer with npm",
    );
  }
  if (status !== 0) {
    throw new SetupError(
      `npm could not fetch ${wanted}`,
      "check the network and `npm config get registry`, then run this again",
    );
  }
  verifyIntegrity(join(folder, "node_modules"));
  const found = findBun(join(folder, "node_modules"));
  if (found) return found;
  throw new SetupError(
    `${wanted} has no executable for ${process.platform}-${process.arch}`,
    "see bun.com/docs/installation for the platforms it runs on",
  );
}

/** What npm fetched must be what bun.lock names, since it is run before Bun can check anything. */
function verifyIntegrity(modules) {
  const lock = readFileSync(join(ROOT, "bun.lock"), "utf8");
  const fetched = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")).packages;
  for (const [path, { integrity }] of Object.entries(fetched)) {
    if (integrity?.startsWith("sha512-") && !lock.includes(`"${integrity}"`)) {
      throw new SetupError(
        `${path} is not the package that bun.lock names`,
        "the registry serves another file under this version: do not run it",
      );
    }
  }
}

/**
 * The Bun executable in a node_modules folder: moved to `bun/bin/` by the package's own script,
 * left in the platform's package when scripts do not run. Undefined when there is none.
 */
function findBun(modules) {
  const platform = join(modules, "@oven");
  const packages = existsSync(platform)
    ? readdirSync(platform).map((name) => join(platform, name))
    : [];
  return [join(modules, "bun"), ...packages]
    .flatMap((folder) => [join(folder, "bin", "bun.exe"), join(folder, "bin", "bun")])
    .find(isExecutable);
}

/** The `bun` package holds a script of 450 bytes under the executable's name until it is replaced. */
function isExecutable(path) {
  return existsSync(path) && statSync(path).size > 1_000_000;
}

function bun(args) {
  const found = findBun(MODULES);
  if (!found)
    throw new SetupError("node_modules holds no Bun", "remove node_modules and run this again");
  return run(found, args);
}

/** The script behind a package's command, to be run by Bun: no shell, no PATH, the same on Windows. */
function packageBin(name, command) {
  const { bin } = JSON.parse(readFileSync(join(MODULES, name, "package.json"), "utf8"));
  return join(MODULES, name, bin[command]);
}

/** Runs a program in the root; returns its exit code. What it prints goes where `options` say. */
function run(program, args, options) {
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: "inherit", ...options });
  if (error)
    throw new SetupError(`${program} does not start (${error.message})`, "run npm run build");
  return status ?? 1;
}

function npm(args, options) {
  const script = process.env.npm_execpath ?? "";
  if (basename(script) === "npm-cli.js")
    return spawnSync(process.execPath, [script, ...args], options);
  // On Windows npm is a .cmd file, which only a shell starts.
  return spawnSync("npm", args, { ...options, shell: WINDOWS });
}

/** Runs `action` while no other process of this folder holds the lock `name`. */
function locked(name, action) {
  mkdirSync(DIST, { recursive: true });
  const path = join(DIST, name);
  takeLock(path);
  try {
    return action();
  } finally {
    rmSync(path, { force: true });
  }
}

function takeLock(path) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  try {
    for (let told = false; !isLinked(own, path); ) {
      const owner = lockOwner(path);
      if (owner && !told)
        say(`waiting for process ${owner}, which sets up or builds the same folder`);
      told ||= owner !== undefined;
      if (Date.now() > deadline) {
        throw new SetupError(`process ${owner} still holds ${path}`, "end it or remove that file");
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Makes `path` a link to `own`, which appears with its content or not at all; false when taken. */
function isLinked(own, path) {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** The process that holds a lock, or undefined when it let go. The lock of a dead one is removed. */
function lockOwner(path) {
  let owner;
  try {
    owner = readFileSync(path, "utf8");
    process.kill(Number(owner), 0);
  } catch (error) {
    if (error.code === "ESRCH") rmSync(path, { force: true });
    if (error.code === "ESRCH" || error.code === "ENOENT") return undefined;
  }
  return owner;
}

function say(text) {
  process.stderr.write(`sb: ${text}\n`);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`sb: ${error.message}\n    ${error.hint}\n`);
  process.exitCode = 1;
}
