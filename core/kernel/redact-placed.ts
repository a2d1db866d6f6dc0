import type { Row } from "./redact-rules.ts";

const RFC_3986 = "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1";
const RFC_6265 = "https://www.rfc-editor.org/rfc/rfc6265";
const RFC_9110 = "https://www.rfc-editor.org/rfc/rfc9110#name-authorization";
const NETRC = "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html";
const CURL = "https://curl.se/docs/manpage.html#-u";
const SSHPASS = "https://manpages.debian.org/unstable/sshpass/sshpass.1.en.html";
const MYSQL = "https://dev.mysql.com/doc/refman/8.4/en/connecting.html";
const DOCKER_LOGIN = "https://docs.docker.com/reference/cli/docker/login/";
const REDIS = "https://redis.io/docs/latest/develop/tools/cli/";
const MONGO = "https://www.mongodb.com/docs/mongodb-shell/reference/options/";
const LDAP = "https://www.openldap.org/software/man.cgi?query=ldapsearch";
const NPMRC = "https://docs.npmjs.com/cli/configuring-npm/npmrc";
const CRYPT = "https://manpages.debian.org/unstable/libcrypt-dev/crypt.5.en.html";

/** The begin of a URL's authority, also where JSON escapes the slashes. */
const URL_ANCHORS = "://[\\w:%.],:\\/\\";

/** What may stand between a program and its option: the rest of one command, over escaped line ends. */
const SAME_COMMAND = String.raw`[^\r\n;&|]|;(?!\s)|&(?!&)|\|(?![\s|])`;

/** The value of an option of `program`, in quotes or not; `lead` stands before it and stays. */
function option(program: string, flag: string, { line = SAME_COMMAND, lead = "" } = {}): RegExp {
  const quote = String.raw`(?<quote>\\{0,15}["'])?`;
  const before = String.raw`${program}(?=\s|["'])(?:${line}|(?<=\\)\r?\n){0,300}?[\s"'\x60]${flag}${quote}${lead}`;
  const value = String.raw`(?:(?!\k<quote>)[^\r\n])+|(?![-"'])[^\s"'\x60\\;|&<>]{3,}`;
  return new RegExp(`(?<keep>${before})(?:${value})`, "y");
}

/** An anchor for a word in capitals, in small letters or both. */
function anyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** Credentials known by where they stand; the check keeps words, examples and references. */
export const PLACED: readonly Row[] = [
  [
    "bearer",
    anyCase("bear"),
    /(?<keep>bearer(?:\s{1,4}|%20))[\w.~+/=-]{16,}/iy,
    RFC_9110,
    "random",
  ],
  [
    "basic-auth",
    anyCase("basi"),
    /(?<keep>basic(?:\s{1,4}|%20))[\w+/]{8,}={0,2}/iy,
    RFC_9110,
    "basic",
  ],
  [
    "basic-auth",
    "auth,Auth,AUTH",
    /(?<keep>auth\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?)[\w+/]{8,}={0,2}/iy,
    NPMRC,
    "basic",
  ],
  [
    "authorization",
    anyCase("auth"),
    /(?<keep>authorization\\*["'`]?\s{0,4}[:=,]\s{0,4}\\*["'`]?(?:(?:AWS4-HMAC-SHA256|[A-Za-z-]{3,20})\s{1,4})?)(?!AWS4-)[\w.~+/=:-]{8,}/iy,
    RFC_9110,
    "random",
  ],
  [
    "cookie",
    anyCase("cook"),
    /(?<keep>cookies?\\*["'`]?\s{0,4}[:=,]\s{0,4}\\*["'`]?)[\w.-]{1,80}=[^\r\n"'`\\]{8,}/iy,
    RFC_6265,
    "cookie",
  ],
  [
    "session-cookie",
    "PHPS,JSES,NET_,ct.s,l_se,b_se",
    /(?<keep>(?:PHPSESSID|JSESSIONID|NET_SessionId|ct\.sid|l_session|b_session)=)[\w.%:+/-]{16,}/y,
    RFC_6265,
    "random",
  ],
  [
    "url-password",
    URL_ANCHORS,
    /(?<keep>:(?:\\?\/){2}[^\s"'`<>/:@\\]{0,128}:)[^\s"'`<>/\\]+(?=@[\w.[$-])/y,
    RFC_3986,
    "password",
  ],
  ["url-user", URL_ANCHORS, /(?<keep>:(?:\\?\/){2})[\w.~-]{20,}(?=@[\w.[$-])/y, RFC_3986, "random"],
  [
    "curl-user",
    "curl",
    option("curl", "(?:-[a-zA-Z]{0,6}[uU]|--(?:proxy-)?user)[ \\t=]{0,4}", {
      line: "[^\\r\\n]",
      lead: "[^\\s\"'`\\\\:]{0,64}:",
    }),
    CURL,
    "password",
  ],
  [
    "netrc",
    "logi",
    /(?<keep>login\s{1,4}\S{1,128}\s{1,8}password\s{1,4})[^\s"'\\]{4,}/y,
    NETRC,
    "password",
  ],
  ["sshpass", "sshp", option("sshpass", "-p[ \\t]{0,4}"), SSHPASS, "password"],
  // With a space behind it, `-p` asks for the password and the next word is a database.
  [
    "mysql",
    "mysq,mari",
    option("(?:mysql(?:[a-z]{2,7}|_upgrade)?|mariadb(?:-[a-z]{2,10})?)", "-p"),
    MYSQL,
    "password",
  ],
  [
    "login",
    "logi",
    option(
      "(?<=(?:\\b|\\\\[nrt])(?:docker|podman|nerdctl|buildah|skopeo|oras|az|oc|cf|helm registry) {1,4})login",
      "(?:-p[ \\t=]{0,4}|--password(?:=|[ \\t]{1,4}))",
    ),
    DOCKER_LOGIN,
    "password",
  ],
  [
    "redis",
    "redi,valk",
    option("(?:redis|valkey)-cli", "(?:-a|--pass)[ \\t]{1,4}"),
    REDIS,
    "password",
  ],
  ["mongo", "mong", option("mongo(?:[a-z]{2,7})?", "-p[ \\t]{0,4}"), MONGO, "password"],
  ["ldap", "ldap", option("ldap[a-z]{3,10}", "-w[ \\t]{0,4}"), LDAP, "password"],
  [
    "password-hash",
    "$2[aby]$,$5$[\\w./],$6$[\\w./],$y$[\\w./],$arg",
    /\$(?:2[aby]|5|6|y|argon2(?:id|i|d))\$[\w./,=$+-]{40,}/y,
    CRYPT,
  ],
];
