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
const SQL_USER = "https://dev.mysql.com/doc/refman/8.4/en/create-user.html";
const GH_SECRET = "https://cli.github.com/manual/gh_secret_set";
const ADD_MASK =
  "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log";
const SMB = "https://www.samba.org/samba/docs/current/man-html/smbclient.1.html";
const SUDO = "https://www.sudo.ws/docs/man/sudo.man/#S";
const OPENSSL = "https://docs.openssl.org/master/man1/openssl-enc/";
const HTPASSWD = "https://httpd.apache.org/docs/current/programs/htpasswd.html";
const MINIO = "https://min.io/docs/minio/linux/reference/minio-mc/mc-alias-set.html";
const RABBITMQ = "https://www.rabbitmq.com/docs/man/rabbitmqctl.8#add_user";
const GO_DSN = "https://github.com/go-sql-driver/mysql#dsn-data-source-name";
const ORACLE =
  "https://docs.oracle.com/en/database/oracle/oracle-database/19/jjdbc/data-sources-and-URLs.html";
const EXPECT = "https://core.tcl-lang.org/expect/index";
const BIP_39 = "https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki";
const CRYPT = "https://manpages.debian.org/unstable/libcrypt-dev/crypt.5.en.html";

/** The begin of a URL's authority, also where JSON escapes the slashes. */
const URL_ANCHORS = "://[\\w:%.],:\\/\\";

/** What may stand between a program and its option: the rest of one command, over escaped line ends. */
const SAME_COMMAND = String.raw`[^\r\n;&|]|;(?!\s)|&(?!&)|\|(?![\s|])`;

/** The value behind `before`, which stays; in quotes or not; `lead` stands inside the quotes and stays. */
function valueAfter(before: string, lead = ""): RegExp {
  const quote = String.raw`(?<quote>\\{0,15}["'])?`;
  const value = String.raw`(?:(?!\k<quote>)[^\r\n])+|(?![-"'])[^\s"'\x60\\;|&<>]{3,}`;
  return new RegExp(`(?<keep>${before}${quote}${lead})(?:${value})`, "y");
}

/** The value of an option of `program`. */
function option(program: string, flag: string, { line = SAME_COMMAND, lead = "" } = {}): RegExp {
  const before = String.raw`${program}(?=\s|["'])(?:${line}|(?<=\\)\r?\n){0,300}?[\s"'\x60]${flag}`;
  return valueAfter(before, lead);
}

/** The password of an SQL account; it begins within "identified", behind the account's name. */
function sqlUser(quote: string, value: string): RegExp {
  const account = String.raw`(?:\b(?:user|role|to)|,)\s{1,4}(?:if\s{1,4}not\s{1,4}exists\s{1,4})?\S{1,128}\s{1,8}`;
  const by = String.raw`fied\s{1,8}(?:with\s{1,4}\S{1,64}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?`;
  return new RegExp(`(?<keep>${by}(?<=${account}identi${by})${quote})(?:${value})`, "iy");
}

/** With `b` among its flags the last argument is the password; with `n` none of them is a file. */
function htpasswd(): RegExp {
  const flags = String.raw`(?:\s{1,4}-[A-Za-z]{1,8}(?:\s{1,4}\d{1,2}(?=\s))?){1,6}`;
  const argument = String.raw`\s{1,4}[^\s-]\S{0,200}`;
  const has = (flag: string) => String.raw`(?=[^\r\n;|&]{0,80}\s-[A-Za-z]{0,8}${flag})`;
  const operands = `(?:${has("n")}${flags}|${flags}${argument})${argument}`;
  return valueAfter(String.raw`htpasswd${has("b")}${operands}\s{1,4}`);
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
    "smb",
    "smbc,smbg,smbm,rpcc",
    option("(?:smb(?:client|get|map)|rpcclient)", "(?:-U|--user=?)[ \\t]{0,4}", {
      lead: "[^\\s\"'%]{1,64}%",
    }),
    SMB,
    "password",
  ],
  [
    "gh-secret",
    "secr",
    option("(?<=gh )secret {1,4}set", "(?:-b|--body)[ \\t=]{0,4}"),
    GH_SECRET,
    "password",
  ],
  [
    "openssl",
    "ssl ",
    option(
      "(?<=open)ssl {1,4}(?:enc|aes|aria|bf|camellia|cast|des|rc|sm4)[\\w-]{0,20}",
      "-[kK][ \\t]{1,4}",
    ),
    OPENSSL,
    "password",
  ],
  ["htpasswd", "htpa", htpasswd(), HTPASSWD, "password"],
  [
    "minio",
    "alia",
    valueAfter(
      "(?<=\\bmc(?:li)? )alias {1,4}set {1,4}\\S{1,64} {1,4}\\S{1,200} {1,4}\\S{3,128} {1,4}",
    ),
    MINIO,
    "password",
  ],
  [
    "rabbitmq",
    "tmqc",
    valueAfter(
      "(?<=rabbi)tmqctl(?: {1,4}-[^\\r\\n;|&]{1,80})? {1,4}(?:add_user|change_password|authenticate_user) {1,4}\\S{1,128} {1,4}",
    ),
    RABBITMQ,
    "password",
  ],
  [
    "sudo",
    "sudo",
    valueAfter("sudo\\s(?:[^\\r\\n;&|<]){0,80}?-\\w{0,4}S\\s[^\\r\\n;&|<]{0,120}<<<\\s?"),
    SUDO,
    "password",
  ],
  [
    "sudo",
    "echo",
    /(?<keep>echo\s{1,4}(?:-\w{1,3}\s{1,4})?(?<q>\\{0,15}["'])?)(?:(?:(?!\k<q>)[^\r\n\\]){3,128}|(?<!["'])[^\s;&|"'\\<>]{3,128})(?=\k<q>\s{0,4}\|\s{0,4}sudo\s[^\r\n|;&]{0,80}?-\w{0,4}S\b)/y,
    SUDO,
    "password",
  ],
  [
    "go-dsn",
    "@tcp",
    /(?<=[\w.-]{1,64}:(?<head>[^\s"'`@:/[\]]{3,128}))(?=@tcp\d?\()/y,
    GO_DSN,
    "password",
  ],
  [
    "oracle",
    "jdbc",
    /(?<keep>jdbc:oracle:\w{3,5}:[^\s/"'@]{1,64}\/)[^\s"'@]{2,}(?=@)/y,
    ORACLE,
    "password",
  ],
  [
    "oracle",
    "sqlp",
    /(?<keep>sqlplus\s{1,4}(?:-\w{1,4}\s{1,4}){0,4}["']?[\w$#]{1,64}\/)[^\s"'@/]{3,}/y,
    ORACLE,
    "password",
  ],
  // A word may be the password where it is quoted; without quotes only what looks like one.
  [
    "sql-user",
    "fied,FIED",
    sqlUser(String.raw`\\{0,15}["']`, String.raw`[^\r\n"'\\]{3,}`),
    SQL_USER,
    "password",
  ],
  ["sql-user", "fied,FIED", sqlUser("", String.raw`[^\s"'\\;]{6,}`), SQL_USER, "assigned"],
  [
    "expect",
    '\\r",\\\\r\\',
    /(?<=send\s{1,2}(?:--?\s{1,2})?\\{0,15}"(?<head>[^\s"'\\]{6,128}))(?=\\{1,16}r\\{0,15}")/y,
    EXPECT,
    "assigned",
  ],
  ["actions-mask", ":add", /(?<keep>(?<=:):add-mask::)[^\s"'`\\]{3,}/y, ADD_MASK, "password"],
  // Twelve words or more, none of them a word that the list of 2,048 lacks and prose cannot do without.
  [
    "seed-phrase",
    "moni,MONI,rase,RASE,[sS]eed,SEED",
    /(?<keep>(?:(?<=mne)monic(?:[ _-]?(?:phrase|words?))?|seed(?:[ _-]?(?:phrase|words?))?|(?<=(?:recovery|secret|backup|wallet)[ _-]?ph)rase)\\{0,15}["'`]?\s{0,4}(?::|=|：|is\s)\s{0,4}\\{0,15}["'`]?)(?:(?!(?:the|and|for|with|are|your|from|not|was|were|has|but|our|its|their|which|should|would|could|than|them|these|those|words)\b)(?:\d{1,2}[.)]\s?)?[a-z]{3,8}(?:[ ,]{1,3}|(?![A-Za-z]))){12,24}/iy,
    BIP_39,
  ],
  [
    "password-hash",
    "$2[aby]$,$5$[\\w./],$6$[\\w./],$y$[\\w./],$arg",
    /\$(?:2[aby]|5|6|y|argon2(?:id|i|d))\$[\w./,=$+-]{40,}/y,
    CRYPT,
  ],
];
