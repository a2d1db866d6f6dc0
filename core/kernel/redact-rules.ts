import { PLACED } from "./redact-placed.ts";

/**
 * What counts as a credential, as data. `redact-scan.ts` finds the anchors, `redact.ts` applies
 * the patterns.
 *
 * Why an own table: `@secretlint/secretlint-rule-preset-recommend` 13.0.7, the best kept rule set on
 * npm, is asynchronous, knows 25 services and reads 32 MB/s where `JSON.parse` of the same sources
 * reads 408 MB/s and `redact` has to keep up with it (Bun 1.4.5, Linux x64).
 *
 * Every pattern is linear: repetitions are bounded, or of one class that nothing behind them needs.
 * Lengths are minima somewhat below the documented ones, so that a cut credential is caught too.
 */

/** What the found value must look like besides the pattern; see `CHECKS` in `redact-judge.ts`. */
export type Check = "dotted" | "random" | "drawn" | "password" | "assigned" | "basic" | "cookie";

/** One shape of credential. */
export interface Rule {
  /** Stands in the replacement `[redacted:id]`. */
  readonly id: string;
  /** Literals (with `[classes]`) the match begins with; four places are looked for, or three. */
  readonly anchors: readonly string[];
  /** Sticky, from the anchor on. Group `head` (in a lookbehind) goes too, group `keep` stays. */
  readonly pattern: RegExp;
  /** Where the format is described. */
  readonly source: string;
  readonly check?: Check;
  /** Whether the match is the credential from its first character on (no `head`, no `keep`). */
  readonly whole: boolean;
}

const GITLEAKS = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml";
const KINGFISHER =
  "https://github.com/mongodb/kingfisher/tree/main/crates/kingfisher-rules/data/rules";
const PARTNERS =
  "https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns";
const AWS_IDS =
  "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids";
const AZURE_STORAGE =
  "https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string";
const AZURE_SAS =
  "https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas#specify-the-signature";
const GITHUB =
  "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/";
const GITLAB = "https://docs.gitlab.com/security/tokens/#token-prefixes";
const SLACK = "https://docs.slack.dev/authentication/tokens";
const SLACK_HOOK = "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks";
const STRIPE = "https://docs.stripe.com/keys";
const GOOGLE_OAUTH = "https://developers.google.com/identity/protocols/oauth2";
const PYPI = "https://pypi.org/help/#apitoken";
const VAULT = "https://developer.hashicorp.com/vault/docs/concepts/tokens";
const DOPPLER = "https://docs.doppler.com/reference/auth-token-formats";
const DISCORD = "https://discord.com/developers/docs/reference#authentication";
const TELEGRAM = "https://core.telegram.org/bots/api#authorizing-your-bot";
const SENTRY = "https://docs.sentry.io/concepts/key-terms/dsn-explainer/";
const TENCENT = "https://cloud.tencent.com/document/api/213/30654";
const CEREBRAS = "https://inference-docs.cerebras.ai/api-reference/authentication";
const TOGETHER = "https://api.together.ai/settings/api-keys";
const LANGFUSE = "https://langfuse.com/docs/observability/get-started";
const WAKATIME = "https://wakatime.com/developers#authentication";
const FCM = "https://firebase.google.com/docs/cloud-messaging/http-server-ref";
const AGE = "https://github.com/C2SP/C2SP/blob/main/age.md";
const RFC_7519 = "https://www.rfc-editor.org/rfc/rfc7519";
const RFC_7468 = "https://www.rfc-editor.org/rfc/rfc7468";
const OPENSSH = "https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key";

/** A credential known by its shape: [id, anchors separated by commas, pattern, source]. */
export type Row = readonly [
  id: string,
  anchors: string,
  pattern: RegExp,
  source: string,
  check?: Check,
];

const PREFIXED: readonly Row[] = [
  ["1password", "ops_", /ops_eyJ[A-Za-z0-9+/=_-]{40,}/y, GITLEAKS],
  ["adobe", "p8e-", /p8e-[A-Za-z0-9-]{30,}/y, GITLEAKS],
  ["age", "AGE-", /AGE-SECRET-KEY-1[0-9A-Z]{50,}/y, AGE],
  ["airtable", "pat", /pat[A-Za-z0-9]{14}\.[0-9a-f]{60,}/y, PARTNERS],
  ["alibaba", "LTAI", /LTAI[A-Za-z0-9]{12,}/y, GITLEAKS],
  ["anthropic", "sk-a", /sk-ant-[\w-]{16,}/y, GITLEAKS],
  ["artifactory", "AKCp", /AKCp[A-Za-z0-9]{60,}/y, GITLEAKS],
  ["asana", "[12]/1[0-9]", /[12]\/1\d{11,20}(?:\/\d{12,20})?:[0-9a-f]{32}/y, PARTNERS],
  ["atlassian", "ATAT,ATCT,ATBB", /AT(?:ATT3|CTT3|BB)[\w=.-]{20,}/y, PARTNERS],
  ["aws-key-id", "A[KSBC][ICA]A", /A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}(?![A-Za-z0-9])/y, AWS_IDS],
  ["aws-bedrock", "ABSK", /ABSK[A-Za-z0-9+/=]{60,}/y, GITLEAKS],
  // Base64 of "\n\torigin_ec" and of the older token header: how every session token begins.
  ["aws-session", "IQoJ,FwoG", /(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdz)[A-Za-z0-9+/=%]{40,}/y, AWS_IDS],
  ["azure-client", "[0-9]Q~", /(?<=(?<head>[\w~.]{3}))\dQ~[\w~.-]{28,36}/y, GITLEAKS],
  ["brevo", "xkey,xsmt", /(?:xkeysib|xsmtpsib)-[0-9a-f]{40,}(?:-[A-Za-z0-9]{8,})?/y, GITLEAKS],
  ["buildkite", "bkua", /bkua_[0-9a-f]{30,}/y, PARTNERS],
  ["cerebras", "csk-", /csk-[a-z0-9]{40,}/y, CEREBRAS],
  ["circleci", "CCIP", /CCIP(?:AT|RJ)_[A-Za-z0-9]{16,}_[0-9a-f]{30,}/y, PARTNERS],
  ["clickhouse", "4b1d", /4b1d[A-Za-z0-9]{38}(?![A-Za-z0-9])/y, GITLEAKS],
  ["clojars", "CLOJ", /CLOJARS_[A-Za-z0-9]{50,}/y, GITLEAKS],
  ["cloudflare-origin", "v1.0", /v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}/y, GITLEAKS],
  ["contentful", "CFPA", /CFPAT-[\w-]{40,}/y, PARTNERS],
  ["databricks", "dapi", /dapi[0-9a-f]{32}(?:-\d)?/y, GITLEAKS],
  ["digitalocean", "do[oprt]_", /do[oprt]_v1_[0-9a-f]{50,}/y, GITLEAKS],
  ["docker", "dckr", /dckr_(?:pat|oat)_[\w-]{20,}/y, PARTNERS],
  [
    "doppler",
    "dp.[a-z]",
    /dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{36,}/y,
    DOPPLER,
  ],
  ["dropbox", "sl.[A-Za-z0-9]", /sl\.(?:u\.)?[\w-]{100,}/y, GITLEAKS],
  ["duffel", "duff", /duffel_(?:test|live)_[\w=-]{36,}/y, GITLEAKS],
  ["dynatrace", "dt0[cs]", /dt0[cs]\d\d\.[A-Z0-9]{8,24}\.[A-Z0-9]{60,}/y, GITLEAKS],
  ["easypost", "EZ[AT]K", /EZ[AT]K[A-Za-z0-9]{50,}/y, GITLEAKS],
  ["facebook", "EAA[MC]", /EAA[MC][A-Za-z0-9]{80,}/y, GITLEAKS],
  ["figma", "figd,figo", /fig[do]_[\w-]{36,}/y, PARTNERS],
  ["firebase", ":APA", /(?<=(?<head>AAAA[\w-]{7})):APA91b[\w-]{100,}/y, FCM],
  ["firecrawl", "fc-[0-9a-f]", /fc-[0-9a-f]{32}(?![0-9A-Za-z])/y, KINGFISHER],
  ["flutterwave", "FLWS", /FLWSECK(?:_TEST)?-[0-9a-hA-H]{12,32}(?:-X)?/y, GITLEAKS],
  ["flyio", "fo1_,fm1[ar],fm2_", /(?:fo1_[\w-]{40,}|fm(?:1[ar]|2)_[\w+/=-]{80,})/y, GITLEAKS],
  ["frameio", "fio-", /fio-u-[\w=-]{50,}/y, GITLEAKS],
  ["github", "gh[pousr]_", /gh[pousr]_[A-Za-z0-9]{30,}/y, GITHUB],
  ["github-fine-grained", "gith", /github_pat_\w{40,}/y, GITHUB],
  [
    "gitlab",
    "glpa,gldt,glrt,glpt,glft,glso,glim,glag,glcb,gloa,glff",
    /gl(?:pat|dt|rt|rtr|ptt|ft|soat|imt|agent|cbt|oas|ffct)-[\w.-]{18,}/y,
    GITLAB,
  ],
  ["google-api-key", "AIza", /AIza[\w-]{30,}/y, GITLEAKS],
  ["google-oauth", "ya29", /ya29\.[\w-]{20,}/y, GOOGLE_OAUTH],
  ["google-client", "GOCS", /GOCSPX-[\w-]{24,}/y, GOOGLE_OAUTH],
  ["google-refresh", "1//0", /1\/\/0[\w-]{36,}/y, GOOGLE_OAUTH],
  [
    "grafana",
    "glsa,glc_",
    /(?:glsa_[A-Za-z0-9]{28,}_[0-9a-f]{8}|glc_[A-Za-z0-9+/=]{32,})/y,
    GITLEAKS,
  ],
  ["groq", "gsk_", /gsk_[A-Za-z0-9]{40,}/y, PARTNERS],
  ["harness", "[ps]at.", /[ps]at\.[\w-]{20,24}\.[0-9a-fA-F]{24}\.[A-Za-z0-9]{18,}/y, GITLEAKS],
  ["heroku", "HRKU", /HRKU-[\w-]{30,}/y, PARTNERS],
  ["honeycomb", "hca[ilm]", /hca[ilm][kc]_[a-z0-9]{50,}/y, PARTNERS],
  ["hubspot", "pat-", /pat-(?:na|eu)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/iy, PARTNERS],
  ["huggingface", "hf_[A-Za-z],api_", /(?:hf_|api_org_)[A-Za-z]{30,}/y, GITLEAKS],
  ["infracost", "ico-", /ico-[A-Za-z0-9]{30,}/y, GITLEAKS],
  ["jina", "na_[0-9A-Za-z]", /(?<=(?<head>ji))na_[A-Za-z0-9]{50,}/y, KINGFISHER],
  ["jwt", "eyJ[A-Za-z0-9]", /eyJ[\w-]{8,}(?:\.[\w-]*){0,4}/y, RFC_7519, "dotted"],
  ["langfuse", "sk-l", /sk-lf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/y, LANGFUSE],
  ["langsmith", "lsv2", /lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{8,}/y, PARTNERS],
  [
    "launchdarkly",
    "[asm][pdo][ikb]-",
    /(?:api|sdk|mob)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/y,
    PARTNERS,
  ],
  ["linear", "lin_", /lin_(?:api|oauth)_[A-Za-z0-9]{36,}/y, GITLEAKS],
  ["mailchimp", "-us[0-9]", /(?<=(?<head>[0-9a-f]{32}))-us\d{1,2}(?!\d)/y, GITLEAKS],
  ["mailgun", "key-", /key-[0-9a-f]{32}(?![0-9a-f])/y, GITLEAKS],
  ["mapbox", "[sp]k.e", /[sp]k\.eyJ[\w-]{40,}\.[\w-]{16,}/y, PARTNERS],
  ["maxmind", "_mmk", /(?<=(?<head>[A-Za-z0-9]{6}_[A-Za-z0-9]{29}))_mmk/y, GITLEAKS],
  ["neon", "napi", /napi_[a-z0-9]{60,}/y, PARTNERS],
  ["netlify", "nf[pcou]_", /nf[pcou]_[A-Za-z0-9]{36,}/y, PARTNERS],
  ["new-relic", "NR[AIJR][KILSN]", /NR(?:AK|AL|II|JS|RA)-[A-Za-z0-9-]{19,}/y, GITLEAKS],
  ["notion", "ntn_,secr", /(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})/y, PARTNERS],
  ["npm", "npm_", /npm_[A-Za-z0-9]{30,}/y, PARTNERS],
  ["nuget", "oy2[a-z0-9]", /oy2[a-z0-9]{43}(?![A-Za-z0-9])/y, PARTNERS],
  ["nvidia", "vapi", /(?<=(?<head>n))vapi-[\w-]{50,}/y, KINGFISHER],
  ["octopus", "API-", /API-[A-Z0-9]{25,}/y, GITLEAKS],
  ["openai", "sk-[psaN]", /sk-(?:proj|svcacct|admin|None)-[\w-]{20,}/y, GITLEAKS],
  ["openai-legacy", "sk-[A-Za-z0-9]", /sk-[A-Za-z0-9]{32,}/y, GITLEAKS],
  ["openrouter", "sk-o", /sk-or-v1-[0-9a-f]{40,}/y, PARTNERS],
  ["openshift", "sha2", /sha256~[\w-]{40,}/y, GITLEAKS],
  ["perplexity", "pplx", /pplx-[A-Za-z0-9]{40,}/y, PARTNERS],
  ["pinecone", "pcsk", /pcsk_\w{40,}/y, PARTNERS],
  [
    "plaid",
    "acce",
    /access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f-]{20,}/y,
    GITLEAKS,
  ],
  ["planetscale", "psca", /pscale_(?:tkn|pw|oauth)_[\w=.-]{28,}/y, GITLEAKS],
  ["posthog", "ph[asrx]_", /ph[asrx]_[A-Za-z0-9]{38,}/y, KINGFISHER],
  ["postman", "PMAK", /PMAK-[0-9a-fA-F]{24}-[0-9a-fA-F]{30,}/y, GITLEAKS],
  ["prefect", "pn[ub]_", /pn[ub]_[A-Za-z0-9]{34,}/y, GITLEAKS],
  ["pulumi", "pul-", /pul-[0-9a-f]{40}/y, GITLEAKS],
  ["pypi", "pypi", /pypi-[\w-]{50,}/y, PYPI],
  ["razorpay", "rzp_", /rzp_(?:live|test)_[A-Za-z0-9]{14,}/y, PARTNERS],
  ["readme", "rdme", /rdme_[a-z0-9]{60,}/y, GITLEAKS],
  ["replicate", "r8_[A-Za-z0-9]", /r8_[A-Za-z0-9]{36,}/y, PARTNERS],
  ["resend", "re_[A-Za-z0-9]", /re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}/y, PARTNERS],
  ["rubygems", "ruby", /rubygems_[0-9a-f]{40,}/y, GITLEAKS],
  ["scalingo", "tk-u", /tk-us-[\w-]{40,}/y, GITLEAKS],
  ["sendgrid", "SG.[A-Za-z0-9]", /SG\.[\w-]{16,32}\.[\w-]{30,}/y, GITLEAKS],
  ["sentry", "sntr", /sntry(?:s_[\w+/=-]{40,}|[ua]_[0-9a-f]{60,})/y, GITLEAKS],
  ["settlemint", "sm_[aps]", /sm_[aps]at_[A-Za-z0-9]{16,}/y, GITLEAKS],
  ["shippo", "ship", /shippo_(?:live|test)_[0-9a-fA-F]{36,}/y, GITLEAKS],
  ["shopify", "shp[acsp]", /shp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{28,}/y, GITLEAKS],
  ["slack", "xox[a-z]", /xox[abeoprsc](?:\.xox[bp])?-[A-Za-z0-9-]{10,}/y, SLACK],
  ["slack-app", "xapp", /xapp-\d-[A-Za-z0-9]{6,}-\d{6,}-[A-Za-z0-9]{20,}/y, SLACK],
  ["sonarqube", "sq[pua]_", /sq[pua]_[0-9a-f]{36,}/y, PARTNERS],
  ["sourcegraph", "sgp_", /sgp_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}/y, GITLEAKS],
  ["square", "EAAA,sq0[aci]", /(?:EAAA|sq0(?:atp|csp|idp)-)[\w-]{22,}/y, GITLEAKS],
  ["stripe", "[srp]k_[lpt]", /[sr]k_(?:live|test|prod)_[A-Za-z0-9]{16,}/y, STRIPE],
  ["stripe-webhook", "whse", /whsec_[A-Za-z0-9+/=]{24,}/y, STRIPE],
  ["supabase", "sbp_,sb_s", /(?:sbp_(?:oauth_)?[0-9a-f]{36,}|sb_secret_[\w-]{20,})/y, PARTNERS],
  ["tailscale", "tske", /tskey-(?:[a-z]{2,12}-)?[A-Za-z0-9]{8,}-[A-Za-z0-9]{16,}/y, PARTNERS],
  ["tavily", "tvly", /tvly-(?:dev-|prod-)?[A-Za-z0-9-]{28,}/y, PARTNERS],
  ["telegram", ":AA[A-Za-z0-9_\\-]", /(?<=(?<head>\d{8,10})):AA[\w-]{32,}/y, TELEGRAM],
  ["tencent", "AKID", /AKID[A-Za-z0-9]{28,}/y, TENCENT],
  ["terraform", ".atl", /(?<=(?<head>[A-Za-z0-9]{14}))\.atlasv1\.[\w=-]{56,}/y, GITLEAKS],
  ["together", "tgp_", /tgp_v1_[\w-]{38,}/y, TOGETHER],
  ["trello", "ATTA", /ATTA[0-9a-f]{60,}/y, PARTNERS],
  ["twilio", "SK[0-9a-f]", /SK[0-9a-f]{32}(?![0-9A-Za-z])/y, GITLEAKS],
  ["typeform", "tfp_", /tfp_[\w.=-]{40,}/y, GITLEAKS],
  ["vault", "hv[sbr].", /hv[sbr]\.[\w-]{20,}/y, VAULT],
  [
    "vercel",
    "vc[iapkr]_,_rw_",
    /(?:vc[iapkr]_[\w-]{50,}|(?<=(?<head>vercel_blob))_rw_\w{20,})/y,
    KINGFISHER,
  ],
  ["wakatime", "aka_", /(?<=(?<head>w))aka_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/y, WAKATIME],
  ["xai", "xai-", /xai-[A-Za-z0-9]{60,}/y, PARTNERS],
  [
    "yandex",
    "AQVN,t1.[0-9A-Za-z]",
    /(?:AQVN[\w-]{35,}|t1\.[\w=-]{8,}\.[\w-]{80,}={0,2})/y,
    GITLEAKS,
  ],
  // Base64 of the digits of a user id, a time and a signature: the id gives M, N or O as first letter.
  [
    "discord",
    "[MNO][DTjz][AEIMQUYcgk]",
    /[MNO][DTjz][AEIMQUYcgk][w-z0-5][A-Za-z0-9]{18,26}\.[\w-]{6}\.[\w-]{27,}/y,
    DISCORD,
  ],
  ["discord-webhook", "webh", /(?<keep>webhooks\/\d{16,20}\/)[\w-]{50,}/y, DISCORD],
  [
    "slack-webhook",
    "hook",
    /(?<keep>hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w+/]{20,}/y,
    SLACK_HOOK,
  ],
  ["teams-webhook", "webh", /(?<keep>webhook\.office\.com\/webhookb2\/)[\w@/-]{60,}/y, GITLEAKS],
  ["zapier-webhook", "hook", /(?<keep>hooks\.zapier\.com\/hooks\/catch\/)[\w/]{10,}/y, PARTNERS],
  ["azure-storage", "Acco", /(?<keep>AccountKey=)[A-Za-z0-9+/]{40,}={0,2}/y, AZURE_STORAGE],
  [
    "azure-service-bus",
    "Shar",
    /(?<keep>SharedAccessKey=)[A-Za-z0-9+/]{40,}={0,2}/y,
    AZURE_STORAGE,
  ],
  ["azure-sas", "sig=", /(?<keep>sig=)[A-Za-z0-9%+/-]{40,}={0,2}/y, AZURE_SAS],
  ["aws-signature", "Sign", /(?<keep>Signature=)[0-9a-f]{64}/y, AWS_IDS],
  [
    "sentry-dsn",
    "://[0-9a-f]",
    /(?<keep>:\/\/)[0-9a-f]{32}(?::[0-9a-f]{32})?(?=@[\w.-]{1,80}\/\d)/y,
    SENTRY,
  ],
  // Each PEM line may be numbered, quoted, indented or joined by escaped newlines; the end may be cut.
  [
    "private-key",
    "BEGI",
    /(?<=(?<head>-{4,5} ?))BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)? ?-{4,5}(?:(?:\\[rnt]?|[^A-Za-z0-9=/\\]){1,40}(?:\d{1,6}[\s→:|]{1,4})?(?:[A-Za-z0-9+/=]{16,}|[A-Z][A-Za-z-]{2,20}: [^\r\n\\]{1,120})){1,400}(?:(?:\\[rnt]?|[^A-Za-z0-9=/\\-]){1,40}(?:\d{1,6}[\s→:|]{1,4})?[A-Za-z0-9+/=]{1,15}(?=[\r\n"'`\\]|$))?(?:(?:(?:\\[rnt]?|[^A-Za-z0-9=/\\-]){1,40}=[A-Za-z0-9+/]{4})?(?:\\[rnt]?|[^A-Za-z0-9=/\\-]){0,40}(?:\d{1,6}[\s→:|]{1,4})?-{4,5} ?END [A-Z0-9 ]{1,60}-{4,5})?/y,
    RFC_7468,
  ],
  [
    "private-key",
    "END ",
    /(?<=(?<head>(?:[A-Za-z0-9+/=]{16,200}(?:\\+[rnt]|[^A-Za-z0-9=/\\-]){1,8}){1,400}(?:[A-Za-z0-9+/=]{1,15}(?:\\+[rnt]|\s){1,4})?-{5}))END (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-{5}/y,
    RFC_7468,
  ],
  [
    "openssh-key",
    "b3Bl",
    /b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=]{20,}(?:(?:\\+[rnt]|\s){1,8}[A-Za-z0-9+/=]{40,}){0,400}/y,
    OPENSSH,
  ],
  [
    "putty-key",
    "Priv",
    /(?<keep>Private-Lines: \d{1,3}(?:\\+[rn]|\s){1,4})[A-Za-z0-9+/=]{16,}(?:(?:\\+[rn]|\s){1,4}[A-Za-z0-9+/=]{16,}){0,400}/y,
    OPENSSH,
  ],
];

/** The rules, in the order in which they are tried where several begin at one place. */
export const RULES: readonly Rule[] = [...PREFIXED, ...PLACED].map(
  ([id, anchors, pattern, source, check]) => ({
    id,
    anchors: anchors.split(","),
    pattern,
    source,
    whole: !/\(\?<(?:head|keep)>/.test(pattern.source),
    ...(check && { check }),
  }),
);

/** Begins of names whose value is a secret; of a word in another language, the rarest part. */
export const NAME_ANCHORS = [
  "[pP][aA][sS][sS]",
  "[pP][wW][dD]",
  "[sS][eE][cC][rR]",
  "[tT][oO][kK][eE]",
  "[cC][rR][eE][dD]",
  "[kK][eE][yY]",
  "seña", // contraseña
  "nnwo", // Kennwort
  "chtw", // wachtwoord
  "nha:", // senha
  "nha=",
  'nha"',
  "asło", // hasło
  "арол", // пароль
  "パスワー",
  "비밀번호",
  "密码：",
  "密码:",
  "密码是",
  "密码为",
  "密碼：",
  "密碼:",
  "密碼是",
];
