/** A made-up credential: `value` as it would be planted, `canary` the part that must not survive. */
export interface Secret {
  readonly name: string;
  readonly value: string;
  readonly canary: string;
}

const HEX = "0123456789abcdef";
const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

let state = 0x5eed;

/** The next of a fixed row of numbers below `below` (mulberry32), the same in every run. */
function draw(below: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

function chars(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(draw(alphabet.length))).join("");
}

const hex = (length: number) => chars(HEX, length);
const word = (length: number) => chars(BASE62, length);
const digits = (length: number) => `1${chars("0123456789", length - 1)}`;
const uuid = () => [8, 4, 4, 4, 12].map(hex).join("-");
const base64url = (text: string) => Buffer.from(text).toString("base64url");

/** A credential that is caught wherever it stands. Its prefix comes in parts, for scanners' sake. */
function shape(name: string, ...parts: string[]): Secret {
  const value = parts.join("");
  return { name, value, canary: value };
}

/** A credential known only by what stands before it. */
function placed(name: string, before: string, canary: string, after = ""): Secret {
  return { name, value: `${before}${canary}${after}`, canary };
}

function jwt(): string {
  const claims = JSON.stringify({ sub: digits(10), name: word(8) });
  return [base64url('{"alg":"HS256","typ":"JWT"}'), base64url(claims), word(43)].join(".");
}

function pem(kind: string, newline: string, end = true): string {
  const body = Array.from({ length: 6 }, () => word(64));
  const rule = "-".repeat(5);
  const lines = [`${rule}BEGIN ${kind} KEY${rule}`, ...body, word(22)];
  return (end ? [...lines, `${rule}END ${kind} KEY${rule}`] : lines).join(newline);
}

/** A key block whose canary is the third line of its body: no part of it may be left. */
function keyBlock(name: string, newline: string, value: string): Secret {
  return { name, value, canary: value.split(newline)[3] ?? value };
}

function discord(): string {
  const id = Buffer.from(digits(18)).toString("base64").replaceAll("=", "");
  return `${id}.${word(6)}.${word(38)}`;
}

const PGP = "PGP PRIVATE";

/** One of each shape: at least sixty, seeded, assembled here so that none lies in the source. */
export const SECRETS: readonly Secret[] = [
  shape("aws access key id", "AK", "IA", chars(UPPER, 16)),
  shape("aws temporary key id", "AS", "IA", chars(UPPER, 16)),
  placed("aws secret access key", "aws_secret_access_key = ", word(40)),
  shape("aws session token", "IQoJ", "b3JpZ2luX2Vj", word(200)),
  shape("github personal token", "gh", "p_", word(36)),
  shape("github oauth token", "gh", "o_", word(36)),
  shape("github user token", "gh", "u_", word(36)),
  shape("github server token", "gh", "s_", word(36)),
  shape("github refresh token", "gh", "r_", word(76)),
  shape("github fine-grained token", "github", "_pat_", word(22), "_", word(59)),
  shape("gitlab personal token", "gl", "pat-", word(20)),
  shape("gitlab runner token", "gl", "rt-", word(20)),
  shape("slack bot token", "xo", "xb-", digits(12), "-", digits(12), "-", word(24)),
  shape("slack user token", "xo", "xp-", digits(12), "-", digits(12), "-", hex(32)),
  shape("slack app token", "xa", "pp-1-A", digits(10), "-", digits(13), "-", hex(64)),
  placed(
    "slack webhook",
    "https://hooks.slack.com/services/",
    `T${word(8)}/B${word(10)}/${word(24)}`,
  ),
  shape("stripe live key", "sk", "_live_", word(24)),
  shape("stripe restricted key", "rk", "_test_", word(24)),
  shape("stripe webhook secret", "wh", "sec_", word(32)),
  shape("anthropic key", "sk-", "ant-api03-", word(93), "AA"),
  shape("openai key", "sk", "-", word(20), "T3Blbk", "FJ", word(20)),
  shape("openai project key", "sk-", "proj-", word(74), "T3Blbk", "FJ", word(74)),
  shape("openrouter key", "sk-", "or-v1-", hex(64)),
  shape("google api key", "AI", "za", word(35)),
  shape("google oauth access token", "ya", "29.", word(68)),
  shape("google oauth client secret", "GOC", "SPX-", word(28)),
  keyBlock(
    "gcp service account key",
    "\\n",
    `{"type":"service_account","private_key":"${pem("PRIVATE", "\\n")}\\n"}`,
  ),
  placed(
    "azure storage connection string",
    "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=",
    `${word(86)}==`,
    ";EndpointSuffix=core.windows.net",
  ),
  placed(
    "azure sas signature",
    "https://shop.blob.core.windows.net/c?sv=2022-11-02&sig=",
    `${word(43)}%3D`,
  ),
  shape("azure client secret", word(3), "8Q", "~", word(34)),
  shape("npm token", "np", "m_", word(36)),
  placed("npmrc token", "//npm.example.com/:_authToken=", uuid()),
  shape("pypi token", "py", "pi-AgEIcHlwaS5vcmc", word(120)),
  shape("docker token", "dckr", "_pat_", word(27)),
  shape("hugging face token", "h", "f_", chars(LETTERS, 34)),
  shape("twilio key", "S", "K", hex(32)),
  shape("sendgrid key", "S", "G.", word(22), ".", word(43)),
  shape("mailgun key", "ke", "y-", hex(32)),
  shape("mailchimp key", hex(32), "-u", "s12"),
  shape("brevo key", "xkey", "sib-", hex(64), "-", word(16)),
  shape("digitalocean token", "do", "p_v1_", hex(64)),
  shape("heroku key", "HR", "KU-", uuid()),
  shape("shopify token", "shp", "at_", hex(32)),
  shape("square token", "sq0", "atp-", word(22)),
  shape("telegram bot token", digits(10), ":A", "A", word(33)),
  shape("discord bot token", discord()),
  placed("discord webhook", `https://discord.com/api/webhooks/${digits(18)}/`, word(68)),
  shape("json web token", jwt()),
  keyBlock("rsa private key", "\n", pem("RSA PRIVATE", "\n")),
  keyBlock("ec private key, escaped", "\\n", pem("EC PRIVATE", "\\n")),
  keyBlock("private key, cut", "\n", pem("PRIVATE", "\n", false)),
  keyBlock("openssh private key", "\n", pem("OPENSSH PRIVATE", "\n")),
  keyBlock("pgp private key", "\n", pem(PGP, "\n").replaceAll(" KEY-", " KEY BLOCK-")),
  placed("postgres url", "postgres://shop:", word(18), "@db.example.com:5432/shop"),
  placed("amqp url", "amqps://shop:", word(18), "@mq.example.com/vhost"),
  placed("redis url", "redis://:", word(18), "@cache.example.com:6379/0"),
  placed("basic-auth url", "https://deploy:", word(14), "@git.example.com/shop.git"),
  placed("bearer header", "Authorization: Bearer ", word(40)),
  placed(
    "basic header",
    "Authorization: Basic ",
    Buffer.from(`shop:${word(14)}`).toString("base64"),
  ),
  placed("cookie header", "Cookie: theme=dark; sid=", word(40)),
  placed("netrc", "machine api.example.com login shop password ", word(16)),
  shape("terraform cloud token", word(14), ".atlas", "v1.", word(67)),
  shape("vault service token", "hv", "s.", word(95)),
  placed("datadog key", "DD_API_KEY=", hex(32)),
  shape("new relic key", "NR", "AK-", chars(UPPER, 27)),
  placed("sentry dsn", "https://", hex(32), `@o${digits(6)}.ingest.sentry.io/${digits(7)}`),
  shape("sentry user token", "snt", "ryu_", hex(64)),
  shape("linear key", "lin", "_api_", word(40)),
  shape("notion token", "nt", "n_", word(46)),
  shape("airtable token", "pa", "t", word(14), ".", hex(64)),
  shape("atlassian token", "ATA", "TT3", word(186)),
  shape("figma token", "fi", "gd_", word(40)),
  shape("postman key", "PM", "AK-", hex(24), "-", hex(34)),
  shape("databricks token", "da", "pi", hex(32)),
  shape("supabase token", "sb", "p_", hex(40)),
  shape("planetscale token", "psc", "ale_tkn_", word(43)),
  shape("doppler token", "dp", ".pt.", word(43)),
  shape("fly token", "fo", "1_", word(43)),
  shape("age secret key", "AGE-", "SECRET-KEY-1", chars(UPPER, 58)),
  shape("grafana token", "gl", "sa_", word(32), "_", hex(8)),
  shape("cloudflare origin key", "v1", ".0-", hex(24), "-", hex(146)),
  placed("algolia key", "ALGOLIA_ADMIN_KEY=", hex(32)),
  placed("fastly token", "Fastly-Key: ", word(32)),
  shape("pulumi token", "pu", "l-", hex(40)),
  shape("tailscale key", "ts", "key-auth-", word(16), "-", word(32)),
  shape("groq key", "gs", "k_", word(52)),
  shape("nvidia key", "nv", "api-", word(64)),
  shape("posthog key", "ph", "x_", word(43)),
  shape("firecrawl key", "fc", "-", hex(32)),
  shape("together key", "tg", "p_v1_", word(43)),
  shape("cerebras key", "cs", "k-", chars(LOWER, 48)),
  shape("jina key", "ji", "na_", word(60)),
  shape("vercel blob token", "vercel_", "blob_rw_", word(16), "_", word(30)),
  shape("vercel token", "vc", "p_", word(56)),
  shape("tencent key id", "AK", "ID", word(32)),
  shape("figma oauth token", "fi", "go_", word(40)),
  shape("langfuse key", "sk-", "lf-", uuid()),
  shape("wakatime key", "wa", "ka_", uuid()),
  shape("firebase server key", "AA", "AA", word(7), ":APA", "91b", word(134)),
  placed("password in an environment", "export DB_PASSWORD=", word(12)),
  placed("token in json", '{"api_token": "', word(32), '"}'),
  placed("password option", "mysqldump --password ", word(12)),
  placed("mysql option", "mysql -u root -p", word(10), " shop"),
  placed("mysqldump option in quotes", "mysqldump --quick -p'", `${word(6)} ${word(6)}`, "' shop"),
  placed("mariadb option", "mariadb-dump -h db -p", word(10), " shop"),
  placed("docker login", "docker login -u ada -p ", word(10), " registry.example.com"),
  placed("podman login", "podman login --password ", word(10), " registry.example.com"),
  placed("redis option", "redis-cli -h cache -a ", word(10), " ping"),
  placed("mongo option", "mongosh --host db -u ada -p ", word(10), " shop"),
  placed("ldap option", "ldapsearch -x -D cn=ada -w ", word(10), " -b dc=example"),
  placed("curl user", "curl -sSu ada:", word(10), " https://example.com"),
  placed("sshpass", "sshpass -p ", word(10), " ssh ada@host"),
  placed("postgres password", "PGPASSWORD=", word(10), " psql -h db"),
  placed("secret in toml", 'client_secret = "', chars(LOWER, 30), '"'),
];
