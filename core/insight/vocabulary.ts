import type { InsightType } from "./model.ts";

/**
 * The words that `classify.ts` knows, as data. Terms are separated by commas. A term in lower case
 * matches whole words in any case, the last with or without an "s"; one with a capital only
 * as it is written ("CI" is not the Italian "ci"). Words of a term may be joined in the text by any
 * sign ("type-safe", "type/safe"). Japanese, Chinese and Korean terms match as `classify.ts` says.
 */
export interface TypeTerms {
  readonly type: Exclude<InsightType, "general">;
  readonly weight: number;
  readonly terms: string;
}

/** Weight by kind: 5 names it, 3 to 4 is typical of it, 1 to 2 hints at it. */
export const TYPE_TERMS: readonly TypeTerms[] = [
  {
    type: "gotcha",
    weight: 5,
    terms:
      "gotcha, pitfall, footgun, foot gun, common mistake, common error, common trap, 落とし穴, 陷阱, 함정, errore comune, insidia",
  },
  {
    type: "gotcha",
    weight: 4,
    terms:
      "watch out, be careful, beware, caveat, trap, easy to miss, 罠, 踩坑, 주의, attenzione, trappola",
  },
  {
    type: "gotcha",
    weight: 3,
    terms:
      "surprisingly, counterintuitive, counterintuitively, counter intuitive, trips up, bites, silently, 注意",
  },
  {
    type: "gotcha",
    weight: 2,
    terms:
      "careful, surprising, surprise, subtle, unexpected, unexpectedly, mistake, warning, edge case, mistakenly, 気をつけ, 小心, 조심",
  },
  {
    type: "best_practice",
    weight: 5,
    terms:
      "best practice, good practice, ベストプラクティス, 最佳实践, 最佳實踐, 모범, buona pratica, buone pratiche, migliore pratica",
  },
  {
    type: "best_practice",
    weight: 3,
    terms: "rule of thumb, guideline, bad practice, 推奨, 권장",
  },
  {
    type: "best_practice",
    weight: 2,
    terms:
      "always, never, should, must, avoid, prefer, preferred, recommend, recommended, make sure, べき, 必ず, 避け, 应该, 應該, 建议, 建議, 避免, 推荐, 推薦, 始终, 务必, 항상, 반드시, 피해야, sempre, evita, evitare, dovrebbe, preferire, preferisci, consigliato",
  },
  { type: "best_practice", weight: 1, terms: "instead of, ensure, rather than" },
  {
    type: "architecture",
    weight: 4,
    terms:
      "architecture, architectural, separation of concerns, アーキテクチャ, 架构, 架構, 아키텍처, architettura",
  },
  {
    type: "architecture",
    weight: 3,
    terms:
      "decouple, decoupled, decoupling, coupling, monolith, microservice, dependency injection, single source of truth, layered, 解耦, 分层, 疎結合",
  },
  {
    type: "architecture",
    weight: 2,
    terms:
      "design, layer, structure, boundary, boundaries, abstraction, tradeoff, trade off, component, 設計, 设计, 結構, 结构, 構造, 설계, 구조, 계층, progettazione, struttura",
  },
  { type: "architecture", weight: 1, terms: "module, interface, モジュール, 模块, 모듈, modulo" },
  { type: "pattern", weight: 4, terms: "design pattern, anti pattern, antipattern, 设计模式" },
  { type: "pattern", weight: 3, terms: "pattern, idiom, idiomatic, パターン, 模式, 패턴" },
  {
    type: "pattern",
    weight: 2,
    terms:
      "approach, approaches, strategy, strategies, technique, convention, trick, 手法, 策略, 戦略, 전략, approccio, strategia, tecnica",
  },
];

/** Words that tell the reader what to do. */
export const ADVICE_TERMS =
  "always, never, use, avoid, should, must, recommend, recommended, prefer, ensure, make sure, do not, don t, べき, 必ず, 避け, 使う, 推奨, 应该, 應該, 使用, 避免, 建议, 建議, 推荐, 务必, 항상, 반드시, 사용, 피해야, 권장, usa, usare, sempre, mai, evita, evitare, dovrebbe, preferire, preferisci";

/** Words that give a reason. */
export const REASON_TERMS =
  "because, reason, so that, therefore, due to, why, hence, thus, otherwise, to prevent, to avoid, which means, that means, ため, ので, なぜなら, 理由, 因为, 因為, 因此, 所以, 由于, 由於, 때문, 따라서, 이유, perché, poiché, quindi, altrimenti";

/** Topic names and their terms. */
export const TOPIC_TERMS: Readonly<Record<string, string>> = {
  algorithms:
    "algorithm, big o, time complexity, recursion, recursive, dynamic programming, binary search, アルゴリズム, 算法, 알고리즘, algoritmo, algoritmi",
  api: "api, endpoint, REST, RESTful, graphql, grpc, openapi, swagger, webhook, エンドポイント, 엔드포인트, 接口",
  architecture:
    "architecture, architectural, microservice, monolith, dependency injection, separation of concerns, decoupling, layered, hexagonal, design pattern, アーキテクチャ, 架构, 架構, 아키텍처, architettura",
  async:
    "async, await, asynchronous, asynchronously, asyncio, promise, event loop, coroutine, callback, non blocking, 非同期, 异步, 非同步, 비동기, asincrono, asincrona",
  build:
    "bundler, webpack, vite, esbuild, rollup, makefile, cmake, compiler, build step, build time, build system, build tool, build script, build output, build process, build pipeline, tree shaking, ビルド, 构建, 빌드",
  bun: "bun, bunx, bunfig",
  caching:
    "cache, cached, caching, memoize, memoization, memoized, memoisation, redis, lru, キャッシュ, 缓存, 快取, 캐시",
  ci: "CI, continuous integration, github action, gitlab ci, jenkins, circleci, ci cd",
  concurrency:
    "concurrency, concurrent, concurrently, mutex, mutexes, deadlock, race condition, thread, threading, semaphore, atomic, parallel, parallelism, goroutine, data race, 並行, 并发, 並發, スレッド, 线程, 執行緒, 동시성, 스레드, concorrenza",
  config:
    "config, configuration, configure, environment variable, env, dotenv, yaml, toml, 設定, 配置, 설정, configurazione",
  css: "css, flexbox, tailwind, sass, scss, media query, media queries, css grid, stylesheet",
  database:
    "database, sql, sqlite, postgres, postgresql, mysql, mariadb, mongodb, duckdb, query, queries, transaction, orm, wal, fts5, foreign key, primary key, データベース, クエリ, 数据库, 資料庫, 查询, 事务, 데이터베이스, 쿼리, 트랜잭션, トランザクション",
  dependencies:
    "dependency, dependencies, lockfile, package manager, semver, transitive dependency, 依存関係, 依赖, 의존성, dipendenza, dipendenze",
  deployment:
    "deploy, deployed, deployment, rollout, rollback, blue green, canary, terraform, デプロイ, 部署, 배포",
  docker: "docker, dockerfile, docker compose, podman, kubernetes, k8s, helm",
  "error-handling":
    "error, exception, error handling, try catch, fallback, retry, retries, stack trace, エラー, 例外, 错误, 錯誤, 异常, 에러, 예외, 오류, errore, errori, eccezione, eccezioni",
  filesystem:
    "filesystem, file system, fs, symlink, inode, fsync, directory, directories, file descriptor, chmod, ファイルシステム, 文件系统, 檔案系統",
  git: "git, rebase, merge conflict, pull request, gitignore, worktree, cherry pick, github, gitlab",
  go: "golang, goroutine, gofmt, go mod, go module, in go, go code, go channel, go interface, go runtime, go compiler, go routine, Go s, Go is, Go has, Go uses, Go does",
  java: "java, jvm, maven, gradle, spring boot, hibernate",
  javascript: "javascript, js, ecmascript, esm, commonjs, jsdoc",
  logging:
    "logging, logger, log level, log file, structured log, logs, log message, stderr, ログ, 日志, 日誌, 로깅",
  memory:
    "memory, heap, memory leak, garbage collection, garbage collector, gc, oom, stack overflow, メモリ, 内存, 記憶體, 메모리, memoria",
  networking:
    "http, https, tcp, udp, dns, websocket, socket, network, networking, proxy, tls, ネットワーク, 网络, 網路, 네트워크, rete",
  node: "node js, nodejs, npm, npx, pnpm, libuv, node modules, Node",
  parsing: "parser, parse, parsing, tokenizer, lexer, ast, grammar, 解析, 파싱",
  performance:
    "performance, performant, latency, throughput, optimize, optimized, optimization, optimise, optimised, optimisation, profiling, profiler, benchmark, bottleneck, hot path, パフォーマンス, 性能, 성능, prestazioni",
  python: "python, pip, django, flask, fastapi, asyncio, pydantic, numpy, pandas, pytest, py",
  react:
    "React, react hook, react component, react dom, reactjs, jsx, tsx, usestate, useeffect, usememo, usecallback, useref, next js, nextjs",
  regex: "regex, regexes, regexp, regular expression, 正規表現, 正则, 정규식",
  rust: "rust, cargo, crate, borrow checker, tokio, serde, rustc",
  security:
    "security, secure, auth, authentication, authorization, oauth, jwt, csrf, xss, cors, sql injection, encryption, encrypt, credential, password, vulnerability, vulnerabilities, sanitize, セキュリティ, 認証, 安全性, 认证, 認證, 보안, 인증, sicurezza, autenticazione",
  shell: "bash, zsh, shell, posix, shellcheck, stdin, stdout",
  testing:
    "test, testing, tested, tdd, unit test, unittest, pytest, jest, vitest, mock, mocking, mocked, fixture, assertion, test coverage, e2e, playwright, property based, テスト, 测试, 測試, 테스트",
  time: "timestamp, timezone, time zone, utc, datetime, epoch, daylight saving, dst, monotonic clock, タイムゾーン, 时区, 時區, 시간대, 时间戳",
  types:
    "type safety, type safe, typed, untyped, generics, type inference, type guard, type system, type narrowing, union type, discriminated union, type parameter, static typing, type checker, type checking, type error, type annotation, 型安全, 类型, 型推論, 타입",
  typescript: "typescript, tsconfig, tsc, ts, tsx",
  unicode: "unicode, utf 8, utf 16, code point, grapheme, mojibake, normalization form",
  validation:
    "validation, validate, validated, validator, zod, json schema, バリデーション, 校验, 驗證, 유효성",
};
