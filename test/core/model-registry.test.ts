import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authorizationFor, parseNpmrc } from "../../core/embedding/fetch/npmrc.ts";
import { SOURCES } from "../../core/embedding/fetch/pins.ts";
import { findTarball } from "../../core/embedding/fetch/registry.ts";
import { type FileServer, type Reply, serveFiles } from "../support/file-server.ts";

const PATIENCE = {
  ...{ answerMs: 2_000, pieceMs: 2_000, pausesMs: [] },
  slowest: { bytes: 1, inMs: 2_000 },
};
const METADATA_PATH = "/@lat.md%2fembed-minilm-fp16";

/** A home without settings, and no program on PATH. */
function makeHome() {
  const home = mkdtempSync(join(Bun.env["HOME"] ?? tmpdir(), "sb-registry-"));
  const bin = join(home, "bin");
  mkdirSync(bin);
  const write = (name: string, text: string) => writeFileSync(join(home, name), text);
  return { home, bin, write, env: { HOME: home, PATH: bin } };
}

/** A registry that has the package at `tarball`, or at an address of its own. */
function serveRegistry(tarball?: string): FileServer {
  const server: FileServer = serveFiles(() => ({
    body: metadata(tarball ?? `${server.url}/t.tgz`),
  }));
  return server;
}

function metadata(tarball: string): string {
  return JSON.stringify({ versions: { "0.1.0": { dist: { tarball } } } });
}

function find(home: ReturnType<typeof makeHome>, env: Record<string, string> = {}) {
  const world = { env: { ...home.env, ...env }, folder: home.home };
  return findTarball(SOURCES.npm, world, PATIENCE);
}

describe("the registry is the one that", () => {
  test.each(["npm_config_registry", "NPM_CONFIG_REGISTRY", "BUN_CONFIG_REGISTRY"])(
    "%s names",
    async (name) => {
      using registry = serveRegistry();

      const tarball = await find(makeHome(), { [name]: `${registry.url}/npm` });

      expect(tarball).toEqual({ url: `${registry.url}/t.tgz`, authorization: undefined });
      expect(registry.asked.map(({ path }) => path)).toEqual([`/npm${METADATA_PATH}`]);
    },
  );

  test("the user's .npmrc names, with the token for it", async () => {
    using registry = serveRegistry();
    const home = makeHome();
    const place = registry.url.replace("http:", "");
    home.write(
      ".npmrc",
      `registry = ${registry.url}/npm/\n${place}/npm/:_authToken = "\${TOKEN}"\n`,
    );

    const tarball = await find(home, { TOKEN: "secret" });

    expect(registry.asked[0]?.headers["authorization"]).toBe("Bearer secret");
    // The tarball lies outside the path that the token is for.
    expect(tarball).toEqual({ url: `${registry.url}/t.tgz`, authorization: "Bearer secret" });
  });

  test("the scope has, before the general one of a variable, as with npm", async () => {
    using registry = serveRegistry();
    const home = makeHome();
    home.write(".npmrc", `@lat.md:registry=${registry.url}\n`);

    await find(home, { npm_config_registry: "http://127.0.0.1:1/" });

    expect(registry.asked).toHaveLength(1);
  });

  test("npm_config_userconfig leads to", async () => {
    using registry = serveRegistry();
    const home = makeHome();
    home.write("own-npmrc", `registry=${registry.url}\n`);

    await find(home, { npm_config_userconfig: join(home.home, "own-npmrc") });

    expect(registry.asked).toHaveLength(1);
  });

  test.each([
    ["as text", (url: string) => `[install]\nregistry = "${url}"\n`, undefined],
    [
      "with a token",
      (url: string) => `[install]\nregistry = { url = "${url}", token = "$TOKEN" }\n`,
      "Bearer secret",
    ],
    [
      "for the scope",
      (url: string) =>
        `[install.scopes]\n"@lat.md" = { url = "${url}", username = "ada", password = "pw" }\n`,
      `Basic ${btoa("ada:pw")}`,
    ],
  ])(".bunfig.toml names %s", async (_how, text, authorization) => {
    using registry = serveRegistry();
    const home = makeHome();
    home.write(".bunfig.toml", text(registry.url));

    await find(home, { TOKEN: "secret" });

    expect(registry.asked[0]?.headers["authorization"]).toBe(authorization);
  });

  test("npm says, where nothing is written down", async () => {
    using registry = serveRegistry();
    const home = makeHome();
    const npm = join(home.bin, "npm");
    writeFileSync(
      npm,
      `#!/bin/sh\necho "@lat.md:registry=undefined"\necho "registry=${registry.url}/"\n`,
    );
    chmodSync(npm, 0o755);

    await find(home);

    expect(registry.asked).toHaveLength(1);
  });
});

test("a token goes to no other host that the registry sends to", async () => {
  using away = serveFiles(() => ({}));
  using registry = serveRegistry(`${away.url}/t.tgz`);
  const address = registry.url.replace("//", "//ada:pw@");

  const tarball = await find(makeHome(), { npm_config_registry: address });

  expect(registry.asked[0]?.headers["authorization"]).toBe(`Basic ${btoa("ada:pw")}`);
  expect(tarball).toEqual({ url: `${away.url}/t.tgz`, authorization: undefined });
});

test.each<[string, Reply, string]>([
  ["does not have the package", { status: 404, body: "{}" }, "answered 404"],
  ["has other versions", { body: '{"versions":{"9.9.9":{}}}' }, "does not offer"],
  ["answers with something else", { body: "<html>" }, "does not offer"],
  ["is busy", { status: 503, body: "" }, "answered 503"],
])("a registry that %s is named, without its credentials", async (_case, reply, text) => {
  using registry = serveFiles(() => reply);
  const address = registry.url.replace("//", "//ada:pw@");

  const failure = await find(makeHome(), { npm_config_registry: address }).catch((e: unknown) => e);

  expect(String(failure)).toContain(`${registry.url.slice(7)} ${text}`);
  expect(String(failure)).not.toContain("pw");
});

test("a registry that is no address is said to be so", async () => {
  await expect(find(makeHome(), { npm_config_registry: "file:///x" })).rejects.toMatchObject({
    code: "unavailable",
    message: "the configured package registry is no address",
  });
});

/** How an `.npmrc` writes a variable. */
const variable = (name: string) => ["$", "{", name, "}"].join("");

test("an .npmrc is read as npm reads it", () => {
  const text = [
    "; a comment = none",
    "# another = none",
    "[section]",
    "registry=https://one.example/ ; said later",
    'quoted = "a;b"',
    `unset=${variable("NOT_SET")}`,
    `empty=${variable("NOT_SET?")}`,
    "no value",
    "a=b=c",
  ].join("\r\n");

  expect([...parseNpmrc(text, {})]).toEqual([
    ["registry", "https://one.example/"],
    ["quoted", "a;b"],
    ["unset", variable("NOT_SET")],
    ["empty", ""],
    ["a", "b=c"],
  ]);
});

test.each([
  ["https://h.example/npm/pkg", "Bearer npm"],
  ["https://h.example/npm/", "Bearer npm"],
  ["https://h.example/other", "Bearer host"],
  ["https://h.example:8443/npm/pkg", undefined],
  ["https://u.example/x", `Basic ${btoa("ada:pw")}`],
  ["https://b.example/x", "Basic YWRhOnB3"],
  ["https://evil.example/h.example/npm/", undefined],
])("credentials for %s are %p", (url, expected) => {
  const npmrc = parseNpmrc(
    [
      "//h.example/:_authToken=host",
      "//h.example/npm/:_authToken=npm",
      "//u.example/:username=ada",
      `//u.example/:_password=${btoa("pw")}`,
      "//b.example/:_auth=YWRhOnB3",
    ].join("\n"),
    {},
  );

  expect(authorizationFor(url, npmrc)).toBe(expected);
});
