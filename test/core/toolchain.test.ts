import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { detectToolchains } from "../../core/project/toolchain/detect.ts";
import { type SyncState, syncCommand } from "../../core/project/toolchain/model.ts";
import { syncState } from "../../core/project/toolchain/state.ts";

type Files = Readonly<Record<string, string | object>>;

/** A folder with these files; objects are JSON. */
function makeFolder(files: Files): string {
  const folder = realpathSync(mkdtempSync(join(Bun.env["HOME"] ?? tmpdir(), "sb-toolchain-")));
  for (const [path, content] of Object.entries(files)) put(folder, path, content);
  return folder;
}

function put(folder: string, path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(
    join(folder, path),
    typeof content === "string" ? content : JSON.stringify(content),
  );
}

/** The state of the one manager in a folder with these files. */
function stateOf(files: Files): SyncState {
  const folder = makeFolder(files);
  const [toolchain] = detectToolchains(folder);
  if (!toolchain) throw new Error("no manager was found");
  return syncState(toolchain, { HOME: join(folder, "home") });
}

const NPM = { version: "4.1.2", integrity: "sha512-a" };
const NPM_LOCK = {
  lockfileVersion: 3,
  packages: {
    "": { dependencies: { chalk: "4.1.2" } },
    "node_modules/chalk": NPM,
    "node_modules/@esbuild/aix-ppc64": { version: "0.21.5", optional: true },
  },
};
const npm = (installed: object, more: Files = {}): Files => ({
  "package.json": { dependencies: { chalk: "4.1.2" } },
  "package-lock.json": NPM_LOCK,
  "node_modules/chalk/package.json": { version: "4.1.2" },
  "node_modules/.package-lock.json": { packages: installed },
  ...more,
});

const PNPM_LOCK = `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      chalk: {specifier: 4.1.2, version: 4.1.2}
packages:
  chalk@4.1.2: {resolution: {integrity: sha512-a}}
  fsevents@2.3.3: {resolution: {integrity: sha512-b}}
snapshots:
  chalk@4.1.2: {}
  fsevents@2.3.3: {optional: true}
`;

const YARN_LOCK = `# yarn lockfile v1


"chalk@4.1.2", chalk@^4:
  version "4.1.2"
  resolved "https://example.org/chalk-4.1.2.tgz#aa"
`;
const integrity = (resolved: string) => ({
  lockfileEntries: { "chalk@4.1.2": resolved, "chalk@^4": resolved },
});

const BERRY_LOCK = `__metadata:
  version: 8

"debug@npm:^4":
  version: 4.4.3
  resolution: "debug@npm:4.4.3"
  linkType: hard

"fsevents@npm:2":
  version: 2.3.3
  resolution: "fsevents@npm:2.3.3"
  conditions: os=darwin
  linkType: hard

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  linkType: soft
`;

const BUN_LOCK = `{
  "lockfileVersion": 1,
  "workspaces": { "": { "dependencies": { "chalk": "4.1.2" } } },
  "packages": {
    "chalk": ["chalk@4.1.2", "", { "dependencies": { "color": "1" } }, "sha512-a"],
    "chalk/color": ["color@1.0.0", "", {}, "sha512-b"],
    "@esbuild/aix-ppc64": ["@esbuild/aix-ppc64@0.21.5", "", { "os": "aix", "cpu": "ppc64" }, "x"],
  }
}`;
const bun = (chalk: string, color?: string): Files => ({
  "package.json": { dependencies: { chalk: "4.1.2" } },
  "bun.lock": BUN_LOCK,
  "node_modules/chalk/package.json": { version: chalk },
  ...(color ? { "node_modules/chalk/node_modules/color/package.json": { version: color } } : {}),
});

const UV_LOCK = `version = 1
[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "requests" }, { name = "colorama", marker = "sys_platform == 'win32'" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "requests"
version = "2.32.0"
dependencies = [{ name = "Charset_Normalizer" }]
[[package]]
name = "charset-normalizer"
version = "3.3.2"
[[package]]
name = "colorama"
version = "0.4.6"
[[package]]
name = "pytest"
version = "8.0.0"
`;
const POETRY_LOCK = `[[package]]
name = "requests"
version = "2.32.0"
[package.dependencies]
idna = ">=2"
colorama = { version = "*", markers = "sys_platform == \\"win32\\"" }
[[package]]
name = "idna"
version = "3.7"
[[package]]
name = "colorama"
version = "0.4.6"
`;
const PYPROJECT = `[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "^3.11"
requests = "^2"
`;
const site = (...names: string[]): Files =>
  Object.fromEntries(
    names.map((name) => [`.venv/lib/python3.12/site-packages/${name}.dist-info/METADATA`, ""]),
  );

const CRATE = (name: string) =>
  `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "registry+https://example.org"\n`;
const crate = (name: string): Files => ({
  [`home/.cargo/registry/src/index-1/${name}-1.0.0/Cargo.toml`]: "",
});

const GO_MOD = `module example.org/shop
require (
	example.org/Pool v1.2.0
	example.org/sockets v0.1.0 // indirect
	example.org/here v0.0.0
)
replace example.org/here => ../here
`;
const module = (path: string): Files => ({ [`home/go/pkg/mod/example.org/${path}/go.mod`]: "" });

test.each<[string, Files, boolean | null, RegExp]>([
  ["npm: as locked", npm({ "node_modules/chalk": NPM }), true, /^3? ?2 packages$/],
  [
    "npm: another version",
    npm({ "node_modules/chalk": { ...NPM, version: "4.0.0" } }),
    false,
    /another version: chalk/,
  ],
  ["npm: missing", npm({}), false, /not installed: chalk/],
  [
    "npm: one too many",
    npm({ "node_modules/chalk": NPM, "node_modules/x": {} }),
    false,
    /not in the lock file: node_modules\/x/,
  ],
  [
    "npm: a stale lock",
    npm({ "node_modules/chalk": NPM }, { "package.json": { dependencies: { chalk: "5" } } }),
    false,
    /asks for chalk 5/,
  ],
  ["npm: nothing", { "package-lock.json": NPM_LOCK }, false, /^nothing is installed$/],
  ["npm 6", { "package-lock.json": { lockfileVersion: 1, dependencies: {} } }, null, /npm 6/],
  ["npm: a broken lock", { "package-lock.json": "{" }, null, /./],
  ["npm: a conflict", { "package-lock.json": "{\n<<<<<<< HEAD\n}" }, null, /merge conflict/],
  ["no lock", { "package.json": { dependencies: { a: "1" } } }, null, /no lock file/],
  [
    "pnpm: as locked",
    { "pnpm-lock.yaml": PNPM_LOCK, "node_modules/.pnpm/lock.yaml": PNPM_LOCK },
    true,
    /installed from/,
  ],
  [
    "pnpm: without an optional one",
    {
      "pnpm-lock.yaml": PNPM_LOCK,
      "node_modules/.pnpm/lock.yaml": PNPM_LOCK.replace(/.*fsevents.*\n/g, ""),
    },
    true,
    /2 packages/,
  ],
  [
    "pnpm: another version",
    {
      "pnpm-lock.yaml": PNPM_LOCK,
      "node_modules/.pnpm/lock.yaml": PNPM_LOCK.replaceAll("4.1.2", "4.0.0"),
    },
    false,
    /not installed: chalk@4.1.2/,
  ],
  [
    "pnpm: another range",
    {
      "pnpm-lock.yaml": PNPM_LOCK,
      "node_modules/.pnpm/lock.yaml": PNPM_LOCK.replace("specifier: 4.1.2", "specifier: ^4"),
    },
    false,
    /has changed/,
  ],
  ["pnpm: nothing", { "pnpm-lock.yaml": PNPM_LOCK }, false, /nothing/],
  [
    "yarn 1: as locked",
    {
      "yarn.lock": YARN_LOCK,
      "node_modules/.yarn-integrity": integrity("https://example.org/chalk-4.1.2.tgz#aa"),
    },
    true,
    /2 packages/,
  ],
  [
    "yarn 1: another version",
    {
      "yarn.lock": YARN_LOCK,
      "node_modules/.yarn-integrity": integrity("https://example.org/chalk-4.0.0.tgz#bb"),
    },
    false,
    /another version: chalk@4.1.2/,
  ],
  [
    "yarn 4: as locked, with peers",
    {
      "yarn.lock": BERRY_LOCK,
      "node_modules/.yarn-state.yml": '"debug@virtual:0af1#npm:4.4.3":\n  locations:\n',
    },
    true,
    /2 packages/,
  ],
  [
    "yarn 4: missing",
    { "yarn.lock": BERRY_LOCK, "node_modules/.yarn-state.yml": "" },
    false,
    /debug@npm:4.4.3/,
  ],
  ["yarn 4: Plug'n'Play", { "yarn.lock": BERRY_LOCK, ".pnp.cjs": "" }, null, /only yarn can tell/],
  ["bun: as locked", bun("4.1.2", "1.0.0"), true, /3 packages/],
  ["bun: another version", bun("4.0.0", "1.0.0"), false, /chalk 4.0.0, locked 4.1.2/],
  ["bun: a nested one missing", bun("4.1.2"), false, /not installed: chalk\/color/],
  ["bun: binary", { "bun.lockb": "\0" }, null, /binary/],
  [
    "uv: as locked",
    { "uv.lock": UV_LOCK, ...site("requests-2.32.0", "charset_normalizer-3.3.2", "pytest-8.0.0") },
    true,
    /4 packages/,
  ],
  [
    "uv: a dependency's dependency missing",
    { "uv.lock": UV_LOCK, ...site("requests-2.32.0", "pytest-8.0.0") },
    false,
    /not installed: charset-normalizer/,
  ],
  [
    "uv: another version",
    { "uv.lock": UV_LOCK, ...site("requests-2.31.0", "charset_normalizer-3.3.2", "pytest-8.0.0") },
    false,
    /requests 2.31.0, locked 2.32.0/,
  ],
  ["uv: no environment", { "uv.lock": UV_LOCK }, false, /nothing is installed/],
  [
    "poetry: as locked",
    {
      "poetry.lock": POETRY_LOCK,
      "pyproject.toml": PYPROJECT,
      ...site("requests-2.32.0", "idna-3.7"),
    },
    true,
    /3 packages/,
  ],
  [
    "poetry: missing",
    { "poetry.lock": POETRY_LOCK, "pyproject.toml": PYPROJECT, ...site("requests-2.32.0") },
    false,
    /not installed: idna/,
  ],
  [
    "poetry: a stale lock",
    {
      "poetry.lock": POETRY_LOCK,
      "pyproject.toml": `${PYPROJECT}flask = "3"\n`,
      ...site("idna-3.7"),
    },
    false,
    /does not know flask/,
  ],
  ["poetry: an environment elsewhere", { "poetry.lock": POETRY_LOCK }, null, /outside the project/],
  [
    "pip: pinned",
    {
      "requirements.txt": "Requests==2.32.0 # http\n-r more.txt\n",
      "more.txt": "idna==3.7\n",
      ...site("requests-2.32.0", "idna-3.7"),
    },
    true,
    /2 packages/,
  ],
  [
    "pip: another version",
    { "requirements.txt": "requests==2.32.0\n", ...site("requests-2.31.0") },
    false,
    /requests 2.31.0/,
  ],
  [
    "pip: ranges",
    { "requirements.txt": "requests>=2\n", ...site("requests-2.31.0") },
    null,
    /no exact version/,
  ],
  [
    "pip: addresses",
    { "requirements.txt": "git+https://example.org/x\n", ...site("requests-2.31.0") },
    null,
    /not compared/,
  ],
  ["pip: no environment", { "requirements.txt": "requests\n" }, null, /no \.venv/],
  ["cargo: fetched", { "Cargo.lock": CRATE("serde"), ...crate("serde") }, true, /1 packages/],
  ["cargo: none fetched", { "Cargo.lock": CRATE("serde") }, false, /serde-1.0.0/],
  [
    "cargo: some fetched",
    { "Cargo.lock": CRATE("serde") + CRATE("winapi"), ...crate("serde") },
    null,
    /1 of 2 crates/,
  ],
  [
    "go: in the cache",
    { "go.mod": GO_MOD, ...module("!pool@v1.2.0"), ...module("sockets@v0.1.0") },
    true,
    /2 packages/,
  ],
  [
    "go: a direct one missing",
    { "go.mod": GO_MOD, ...module("sockets@v0.1.0") },
    false,
    /Pool v1.2.0/,
  ],
  [
    "go: an indirect one missing",
    { "go.mod": GO_MOD, ...module("!pool@v1.2.0") },
    null,
    /1 indirect/,
  ],
  [
    "go: vendored",
    {
      "go.mod": GO_MOD,
      "vendor/modules.txt": "# example.org/Pool v1.2.0\n# example.org/sockets v0.1.0\n",
    },
    true,
    /in vendor/,
  ],
])("%s", (_case, files, wanted, reason) => {
  const { inSync, reason: told } = stateOf(files);

  expect([inSync, told]).toEqual([wanted, expect.stringMatching(reason)]);
});

test("each ecosystem speaks for itself, and a package takes its workspace's lock", () => {
  const folder = makeFolder({
    "pnpm-lock.yaml": "",
    "uv.lock": "",
    "packages/api/package.json": { dependencies: { a: "1" } },
    "packages/api/requirements.txt": "",
    "packages/api/go.mod": "",
  });

  const found = detectToolchains(join(folder, "packages/api"), folder);
  rmSync(folder, { recursive: true });

  expect(found.map(({ manager, root }) => [manager, root])).toEqual([
    ["go", join(folder, "packages/api")],
    ["pip", join(folder, "packages/api")],
    ["pnpm", folder],
  ]);
});

test.each<[string, Files, string]>([
  ["uv", { "uv.lock": "" }, "uv sync --locked"],
  ["poetry", { "poetry.lock": "" }, "poetry install --no-interaction"],
  [
    "pip",
    { "requirements.txt": "" },
    ".venv/bin/python -m pip install --requirement requirements.txt",
  ],
  ["bun", { "bun.lock": "" }, "bun install --frozen-lockfile"],
  ["pnpm", { "pnpm-lock.yaml": "" }, "pnpm install --frozen-lockfile"],
  ["yarn 1", { "yarn.lock": "# yarn lockfile v1\n" }, "yarn install --frozen-lockfile"],
  ["yarn 4", { "yarn.lock": "__metadata:\n" }, "yarn install --immutable"],
  ["npm", { "package-lock.json": "" }, "npm ci --no-audit --no-fund"],
  [
    "npm without a lock",
    { "package.json": { dependencies: { a: "1" } } },
    "npm install --no-audit --no-fund",
  ],
  ["cargo", { "Cargo.lock": "" }, "cargo fetch --locked"],
  ["go", { "go.mod": "" }, "go mod download"],
])("%s is synced by a command that changes no lock file", (_case, files, command) => {
  expect(detectToolchains(makeFolder(files)).map((one) => syncCommand(one).join(" "))).toEqual([
    command,
  ]);
});

test("a lock file of 6 MB takes a moment, a longer one is not read", () => {
  const packages = Object.fromEntries(
    Array.from({ length: 40_000 }, (_, index) => [
      `node_modules/package-${index}`,
      {
        version: "1.0.0",
        resolved: `https://example.org/package-${index}.tgz`,
        integrity: "sha512-a",
      },
    ]),
  );
  const lock = { lockfileVersion: 3, packages };
  const files = { "package-lock.json": lock, "node_modules/.package-lock.json": { packages } };
  const huge = { "package-lock.json": `{"packages":{"":{"x":"${"x".repeat(9_000_000)}"}}}` };
  const began = performance.now();

  const { inSync } = stateOf(files);
  const took = performance.now() - began;

  expect(inSync).toBe(false);
  expect(took).toBeLessThan(3_000);
  expect(stateOf(huge)).toEqual({
    inSync: null,
    reason: "package-lock.json is longer than 8388608 bytes",
  });
});
