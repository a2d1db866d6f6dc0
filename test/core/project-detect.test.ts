import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import fc from "fast-check";
import { detectProject, normaliseRemote } from "../../core/project/detect.ts";
import { makeRepository, repositoryAt, type TestRepository } from "../support/repository.ts";

const made: TestRepository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.remove();
});

function repo(options?: Parameters<typeof makeRepository>[0]): TestRepository {
  const repository = makeRepository(options);
  made.push(repository);
  return repository;
}

/** A repository with one commit. */
function started(): TestRepository {
  const repository = repo();
  repository.write("a.txt", "a\n");
  repository.commitAll("first");
  return repository;
}

const REMOTE = "git@github.com:org/auth-service.git";

describe("one repository is one project", () => {
  test("in its root, in a sub-folder, through a symbolic link and in a sub-folder that is gone", () => {
    const { folder, write } = started();
    write("src/deep/x.ts", "");
    symlinkSync(join(folder, "src"), `${folder}-link`);

    const project = detectProject(folder);

    expect(project).toEqual({
      key: expect.stringMatching(/^git:[0-9a-f]{32}$/),
      name: basename(folder),
      root: folder,
      vcs: "git",
      commonDir: join(folder, ".git"),
      branch: "main",
    });
    expect(detectProject(join(folder, "src/deep"))).toEqual(project);
    expect(detectProject(`${folder}-link/deep`)).toEqual(project);
    expect(detectProject(join(folder, "gone/for/good"))).toEqual(project);
    expect(detectProject(join(folder, ".git/hooks"))).toEqual(project);
  });

  test("in a linked work tree, which has its own root and branch", () => {
    const { folder, git } = started();
    const linked = `${folder}-fix`;
    git("worktree", "add", "--quiet", "-b", "fix/login", linked);

    const main = detectProject(folder);

    expect(detectProject(join(linked, "gone"))).toEqual({
      ...main,
      root: linked,
      branch: "fix/login",
    });
  });

  test("in two clones of one remote, however its address is written", () => {
    const [one, two] = [started(), started()];
    one.git("remote", "add", "origin", REMOTE);
    two.git("remote", "add", "origin", "https://ada:s3cret@GitHub.com:443/org/auth-service/");

    const [first, second] = [detectProject(one.folder), detectProject(two.folder)];

    expect(second.key).toBe(first.key);
    expect(second).toMatchObject({ name: "auth-service", remote: "github.com/org/auth-service" });
    expect(JSON.stringify(second)).not.toContain("s3cret");
  });

  test("before and after a branch is left: a detached HEAD has no branch", () => {
    const { folder, git } = started();
    const { branch: _branch, ...rest } = detectProject(folder);

    git("checkout", "--quiet", "--detach");

    expect(detectProject(folder)).toEqual(rest);
  });

  test("in a bare repository and in the work trees made from it", () => {
    const bare = repo({ bare: true });
    const source = started();
    source.git("push", "--quiet", bare.folder, "main");
    const linked = `${bare.folder}-main`;
    bare.git("worktree", "add", "--quiet", linked, "main");

    const project = detectProject(bare.folder);

    expect(project).toMatchObject({ vcs: "git", root: bare.folder, name: basename(bare.folder) });
    expect(detectProject(linked)).toEqual({ ...project, root: linked });
  });
});

describe("another repository is another project", () => {
  test("without a remote each has its own key", () => {
    expect(detectProject(started().folder).key).not.toBe(detectProject(started().folder).key);
  });

  test("a submodule is not its superproject", () => {
    const [outer, inner] = [started(), started()];
    outer.git("submodule", "add", "--quiet", inner.folder, "libs/inner");

    const submodule = detectProject(join(outer.folder, "libs/inner"));

    expect(submodule.root).toBe(join(outer.folder, "libs/inner"));
    expect(submodule.commonDir).toBe(join(outer.folder, ".git/modules/libs/inner"));
    expect(submodule.key).not.toBe(detectProject(outer.folder).key);
  });

  test("the variable GIT_DIR is not asked", () => {
    const [one, other] = [started(), started()];
    const script = `import { detectProject } from "./core/project/detect.ts";
      Bun.write(Bun.stdout, detectProject(${JSON.stringify(one.folder)}).root);`;

    const run = Bun.spawnSync([Bun.argv[0] ?? "bun", "-e", script], {
      env: { ...one.env, GIT_DIR: join(other.folder, ".git"), GIT_WORK_TREE: other.folder },
    });

    expect(run.stdout.toString()).toBe(one.folder);
  });

  test("a home that is a repository takes what has no repository of its own", () => {
    const home = started();
    mkdirSync(join(home.folder, "notes"));
    const inner = repositoryAt(join(home.folder, "notes"), home.env);

    expect(detectProject(inner.folder).root).toBe(home.folder);
    inner.git("init", "--quiet");
    expect(detectProject(inner.folder).root).toBe(inner.folder);
  });
});

describe("git's own files, read by hand", () => {
  test.each([
    ["tabs and capitals", `[Remote "origin"]\n\tURL\t=\t${REMOTE}\n`],
    ["one line", `[remote "origin"] url = ${REMOTE}`],
    ["quotes and a comment", `[remote "origin"] # mine\n url = "${REMOTE}" ; the usual\n`],
    ["a broken line", `[remote "origin"]\n url = git@github.com:\\\norg/auth-service.git\n`],
    ["the old form", `[remote.origin]\nurl=${REMOTE}\n`],
    ["Windows line ends", `[core]\r\nbare = false\r\n[remote "origin"]\r\nurl = ${REMOTE}\r\n`],
    ["a second address", `[remote "origin"]\nurl = ${REMOTE}\nurl = https://mirror/x\n`],
    ["another remote first", `[remote "fork"]\nurl=https://h/f\n[remote "origin"]\nurl=${REMOTE}`],
    ["another section's url", `[remote "origin"]\nurl=${REMOTE}\n[lfs]\nurl=https://lfs/x\n`],
  ])("a config with %s gives the address that git gives", (_case, config) => {
    const { folder, git, write } = started();
    write(".git/config", config);

    expect(git("remote", "get-url", "origin")).toBe(REMOTE);
    expect(detectProject(folder).remote).toBe("github.com/org/auth-service");
  });

  test("without origin the first remote counts", () => {
    const { folder, git } = started();
    git("remote", "add", "upstream", "https://example.org/up.git");
    git("remote", "add", "fork", "https://example.org/fork.git");

    expect(detectProject(folder).remote).toBe("example.org/up");
  });

  test.each([
    ["empty", ""],
    ["no link", "hello"],
    ["a link to nowhere", "gitdir: /no/such/place"],
    ["a link to a folder that is no repository", "gitdir: .."],
    ["bytes", "\0\u{fffd}\xff"],
  ])("a .git file that is %s is no repository, and no error", (_case, text) => {
    const { folder } = repo({ git: false });
    writeFileSync(join(folder, ".git"), text);

    expect(detectProject(folder)).toMatchObject({ vcs: "none", root: folder });
  });

  test("a .git folder without a repository in it is passed over, as git does", () => {
    const { folder } = started();
    mkdirSync(join(folder, "src/.git"), { recursive: true });

    expect(detectProject(join(folder, "src")).root).toBe(folder);
  });

  test("a config that cannot be read and a HEAD that names no branch only lose those facts", () => {
    const { folder } = started();
    rmSync(join(folder, ".git/config"));
    mkdirSync(join(folder, ".git/config"));
    writeFileSync(join(folder, ".git/HEAD"), "ref: refs/heads/.invalid\n"); // what reftable writes

    const project = detectProject(folder);

    expect(project).toMatchObject({ vcs: "git", root: folder });
    expect(project).not.toHaveProperty("branch");
    expect(project).not.toHaveProperty("remote");
  });
});

describe("a package of a monorepo", () => {
  test.each([
    ["npm", "package.json", '{"workspaces":["packages/*"]}', "package.json", '{"name":"@org/api"}'],
    ["pnpm", "pnpm-workspace.yaml", "packages:\n", "package.json", '\uFEFF{"name":"api"}'],
    ["Cargo", "Cargo.toml", "[workspace]\n", "Cargo.toml", '[package]\nname = "api"\n'],
    ["Go", "go.work", "go 1.22\n", "go.mod", "module api\n"],
    ["uv", "pyproject.toml", "[tool.uv.workspace]\n", "pyproject.toml", "[project]\n"],
  ])("is its own project in a workspace of %s", (_kind, rootFile, rootText, file, text) => {
    const { folder, git, write } = started();
    git("remote", "add", "origin", REMOTE);
    write(rootFile, rootText);
    write(join("packages/api", file), text);
    write("packages/api/src/x", "");
    write("docs/x", "");

    const whole = detectProject(folder);
    const api = detectProject(join(folder, "packages/api/src"));

    expect(api).toMatchObject({
      name: "auth-service/api",
      root: join(folder, "packages/api"),
      packagePath: "packages/api",
      remote: "github.com/org/auth-service",
    });
    expect(api.key).not.toBe(whole.key);
    expect(detectProject(join(folder, "packages/api/gone"))).toEqual(api);
    expect(detectProject(join(folder, "docs"))).toEqual(whole);
  });

  test("is the same project in a linked work tree", () => {
    const { folder, git, write, commitAll } = started();
    write("go.work", "go 1.22\n");
    write("api/go.mod", "module api\n");
    commitAll("packages");
    git("worktree", "add", "--quiet", `${folder}-fix`);

    expect(detectProject(`${folder}-fix/api`).key).toBe(detectProject(join(folder, "api")).key);
  });

  test.each([
    ["the root declares no workspace", '{"name":"root"}', "api"],
    ["the root's package.json is broken", '{"workspaces":[', "api"],
    ["it is an installed dependency", '{"workspaces":["api"]}', "node_modules/api"],
  ])("is none when %s", (_case, rootText, place) => {
    const { folder, write } = started();
    write("package.json", rootText);
    write(join(place, "package.json"), '{"name":"api"}');

    expect(detectProject(join(folder, place))).toEqual(detectProject(folder));
  });

  test("is none when its manifest has no name", () => {
    const { folder, write } = started();
    write("package.json", '{"workspaces":["*"]}');
    write("scratch/package.json", '{"type":"module"}');

    expect(detectProject(join(folder, "scratch"))).toEqual(detectProject(folder));
  });
});

describe("outside git", () => {
  test("the nearest known folder upwards is the project, else the folder itself", () => {
    const { folder } = repo({ git: false });
    const deep = join(folder, "a/b/c");
    mkdirSync(deep, { recursive: true });
    const known = new Set([folder, join(folder, "a")]);

    expect(detectProject(deep)).toMatchObject({ name: "c", root: deep, vcs: "none" });
    expect(detectProject(deep, (dir) => known.has(dir)).root).toBe(join(folder, "a"));
  });

  test("a folder keeps its project when it is deleted, also behind a symbolic link", () => {
    const { folder } = repo({ git: false });
    const gone = join(folder, "gone");
    mkdirSync(gone);
    symlinkSync(folder, `${folder}-link`);
    const before = detectProject(gone);

    rmSync(gone, { recursive: true });

    expect(detectProject(gone)).toEqual(before);
    expect(detectProject(`${folder}-link/gone`)).toEqual(before);
  });

  test("the root of the disk is nobody's project but its own", () => {
    const gone = detectProject("/no-such-folder-anywhere/x", () => true);

    expect(gone).toMatchObject({ root: "/no-such-folder-anywhere/x", vcs: "none" });
    expect(detectProject("/no-such-folder-anywhere", (dir) => dir === "/").name).toBe(
      "no-such-folder-anywhere",
    );
    expect(detectProject("/")).toMatchObject({ name: "/", root: "/" });
  });

  test("a path of another system stands for itself", () => {
    expect(detectProject("C:\\Users\\Ada\\api")).toMatchObject({
      name: "api",
      root: "C:\\Users\\Ada\\api",
      vcs: "none",
    });
  });

  test("no text makes it throw, and every way upwards ends", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(detectProject(`/${text}`).key).toMatch(/^(dir|git):[0-9a-f]{32}$/);
      }),
    );
  });
});

describe("the normal form of a remote", () => {
  test.each([
    ["https://github.com/Org/Repo.git", "github.com/Org/Repo"],
    ["https://ghp_token@github.com/org/repo", "github.com/org/repo"],
    ["HTTPS://user:pa@ss@GitHub.com:443/org/repo.git/", "github.com/org/repo"],
    ["https://user:half/half@github.com/org/repo", "github.com/org/repo"],
    ["https://user:a#b?c@github.com/org/repo", "github.com/org/repo"],
    ["https://github.com/org/repo.git?token=s3cret#x", "github.com/org/repo"],
    ["git@github.com:org/repo.git", "github.com/org/repo"],
    ["github.com:org/repo", "github.com/org/repo"],
    ["user:pw@github.com:org/repo", "github.com/org/repo"],
    ["[git@github.com:2222]:org/repo", "github.com/org/repo"],
    ["git@[::1]:repo.git", "[::1]/repo"],
    ["ssh://git@[::1]:22/repo.git", "[::1]/repo"],
    ["ssh://git@github.com:2222/org/repo.git", "github.com/org/repo"],
    ["git://example.org:9418/~ada/repo", "example.org/~ada/repo"],
    ["https://example.org/@scope/repo", "example.org/@scope/repo"],
    ["file:///srv/git/repo.git", "/srv/git/repo"],
    ["/srv/git/repo.git", "/srv/git/repo"],
    ["../repo.git", "/base/repo"],
    ["C:\\git\\repo.git", "C:/git/repo"],
    ["file:///C:/git/repo.git", "C:/git/repo"],
    ["ext::ssh -i key host %S /repo", undefined],
    ["codecommit::repo", undefined],
    ["", undefined],
  ])("of %p is %p", (url, expected) => {
    expect(normaliseRemote(url, "/base/work")).toBe(expected as string);
  });

  const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);

  test("is the same for every way of writing host and path", () => {
    fc.assert(
      fc.property(part, part, part, fc.nat(65_535), (host, org, name, port) => {
        const forms = [
          `https://${host}/${org}/${name}`,
          `https://${host.toUpperCase()}:${port}/${org}/${name}.git`,
          `ssh://git@${host}:${port}/${org}/${name}/`,
          `git@${host}:${org}/${name}.git`,
        ];
        expect(forms.map((form) => normaliseRemote(form, "/"))).toEqual(
          forms.map(() => `${host}/${org}/${name}`),
        );
      }),
    );
  });

  test("never holds any of the password", () => {
    const password = fc.string({ minLength: 1, unit: "grapheme-ascii" });
    fc.assert(
      fc.property(part, password, (user, secret) => {
        fc.pre(!secret.includes("/") && secret.trim() === secret);
        const url = `https://${user}:${secret}@host.example/org/repo.git`;
        expect(normaliseRemote(url, "/")).toBe("host.example/org/repo");
      }),
    );
  });
});

test("a project's root is where its folder really lies", () => {
  const { folder } = started();
  symlinkSync(dirname(folder), `${folder}-up`);

  expect(detectProject(join(`${folder}-up`, basename(folder))).root).toBe(folder);
});
