import type { Env } from "../../kernel/paths.ts";

/** What an `.npmrc` says, by key as written there. */
export type Npmrc = ReadonlyMap<string, string>;

/**
 * Reads the ini form of npm: `key = value`, comments, quotes, `${VAR}` and `${VAR?}` from the
 * environment (https://docs.npmjs.com/cli/configuring-npm/npmrc). Lines that are none are left out.
 */
export function parseNpmrc(text: string, env: Env): Npmrc {
  const entries = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, key, value] = /^\s*([^\s;#[=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || value === undefined) return [];
    return [[expand(key, env), expand(unquoted(value), env)]];
  });
  return new Map(entries);
}

/**
 * The `Authorization` header for `address`: npm keeps credentials by host and path, and those of
 * the longest path that `address` lies under are meant. Undefined where there are none.
 */
export function authorizationFor(address: string, npmrc: Npmrc): string | undefined {
  const url = new URL(address);
  const steps = url.pathname.split("/");
  for (let count = steps.length; count > 0; count -= 1) {
    const path = steps.slice(0, count).join("/");
    for (const place of [`//${url.host}${path}/`, `//${url.host}${path}`]) {
      const found = credentials(place, npmrc);
      if (found) return found;
    }
  }
  return undefined;
}

function credentials(place: string, npmrc: Npmrc): string | undefined {
  const token = npmrc.get(`${place}:_authToken`);
  if (token) return `Bearer ${token}`;
  const basic = npmrc.get(`${place}:_auth`);
  if (basic) return `Basic ${basic}`;
  const user = npmrc.get(`${place}:username`);
  const password = npmrc.get(`${place}:_password`);
  if (!user || !password) return undefined;
  // The file has the password in base64; the header has both together.
  return basicAuthorization(user, Buffer.from(password, "base64").toString("utf8"));
}

/** RFC 7617. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function unquoted(value: string): string {
  const [, inner] = /^"(.*)"$|^'(.*)'$/.exec(value)?.filter((part) => part !== undefined) ?? [];
  return inner ?? value.replace(/\s[;#].*$/, "");
}

/** A variable that is not set stays as it is written; with `?` it becomes nothing. */
function expand(text: string, env: Env): string {
  return text.replace(/\$\{([^}?]+)(\?)?\}/g, (written, name: string, optional?: string) => {
    return env[name] ?? (optional ? "" : written);
  });
}
