import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import type { Clock, Embedder, Processes } from "../kernel/ports.ts";
import { type VectorHit, type VectorIndex, vectorIndex } from "../storage/vectors.ts";
import { chunksOf } from "./chunk.ts";
import { countDocuments, countDue } from "./count.ts";
import {
  type EmbeddedDocument,
  type EmbeddingStore,
  embeddingStore,
  vectorFilter,
} from "./embedding-store.ts";
import type { Filter } from "./filter.ts";

/** Documents embedded in one turn: some hundred milliseconds of work, written together. */
const BATCH = 8;

/** Pause while others are at work on the last documents, in milliseconds. */
const WAIT_MS = 200;

/** Stands for how texts are cut: another way of cutting makes vectors that must be made anew. */
const CUT = "c1";

/** How far the embedding of all documents is. */
export interface EmbeddingProgress {
  readonly done: number;
  readonly total: number;
}

/** A document's chunk that is most like a query. */
export type SemanticMatch = Pick<VectorHit, "similarity" | "start" | "end">;

/** What is like a text. */
export interface Nearest {
  /** The documents most like it, the best first. */
  readonly found: Map<number, SemanticMatch>;
  /** Nothing is, since the vectors of all documents are gone, damaged or of another model. */
  readonly isLost: boolean;
  /** How like it others are: those of `rowids` that have a vector. */
  readonly of: (rowids: readonly number[]) => Map<number, SemanticMatch>;
}

export type SemanticService = ReturnType<typeof semanticService>;

/** Embeds documents, and finds those most like a text. Without a model it does nothing. */
export function semanticService(deps: {
  ports: {
    db: Database;
    clock: Clock;
    processes: Processes;
    /** Looked up at each use: a model may come while a server runs. */
    readonly embedder: Embedder | undefined;
  };
}) {
  const { ports } = deps;
  const { pid, startedAt } = ports.processes.self();
  const worker = `${pid}:${startedAt}`;
  let current: { model: string; store: EmbeddingStore } | undefined;
  let index: { model: string; vectors: VectorIndex } | undefined;
  let isStopped = false;

  /** The model that is there now, and the store for it, its queue made ready. */
  function opened(): Work | undefined {
    const { embedder } = ports;
    if (!embedder) return undefined;
    const model = nameOf(embedder);
    if (current?.model !== model) {
      current = { model, store: embeddingStore(ports.db, { model, worker }) };
      current.store.adopt();
      current.store.enqueueUncounted();
    }
    return { embedder, store: current.store };
  }

  /** Whether another living process is embedding; what a dead one left is given back. */
  function isTaken(store: EmbeddingStore): boolean {
    let isAnyAlive = false;
    for (const other of store.others(ports.clock.now())) {
      const [pid = 0, startedAt = 0] = other.split(":").map(Number);
      if (ports.processes.isAlive({ pid, startedAt })) isAnyAlive = true;
      else store.release(other);
    }
    return isAnyAlive;
  }

  /** Embeds the newest documents that wait. @returns how many were taken on and how many written. */
  async function embedSome({ embedder, store }: Work) {
    const claimed = store.claim(ports.clock.now(), BATCH);
    const cut = claimed.map((document) => ({ document, chunks: chunksOf(document) }));
    const texts = cut.flatMap(({ document, chunks }) =>
      chunks.map(({ start, end }) => document.body.slice(start, end)),
    );
    const vectors = texts.length > 0 ? await embedder.embed(texts, "document") : [];
    if (isStopped) return { taken: 0, written: 0 };
    let next = 0;
    const embedded: EmbeddedDocument[] = cut.map(({ document, chunks }) => ({
      rowid: document.rowid,
      chunks: chunks.map((chunk) => ({ ...chunk, vector: vectors[next++] ?? NO_VECTOR })),
    }));
    return { taken: claimed.length, written: store.write(embedded) };
  }

  /** Embeds until nothing waits. @returns how many documents this process embedded. */
  async function embedWaiting(
    work: Work,
    onProgress?: (progress: EmbeddingProgress) => void,
  ): Promise<number> {
    const { store } = work;
    const total = store.waiting();
    let embedded = 0;
    try {
      for (let left = total; left > 0; left = store.waiting()) {
        onProgress?.({ done: Math.max(0, total - left), total });
        isTaken(store);
        const { taken, written } = await embedSome(work);
        embedded += written;
        if (taken === 0) await Bun.sleep(WAIT_MS);
      }
    } finally {
      store.release();
    }
    return embedded;
  }

  /** What is left to do once nothing waits: packs, and vectors of another model. */
  function tidy(store: EmbeddingStore): boolean {
    store.dropOthers();
    return store.tidy();
  }

  /** Whether vectors were made once, and none of any document can be compared. */
  function areLost(vectors: VectorIndex, query: Float32Array): boolean {
    if (countDue(ports.db) >= countDocuments(ports.db)) return false;
    return vectors.search({ query, limit: 1 }).length === 0;
  }

  return {
    /**
     * One turn in the background of a server: embeds some documents unless another process does.
     * A document that cannot be embedded is left alone for a minute.
     * @returns whether there is more to do now.
     */
    async step(): Promise<boolean> {
      const work = isStopped ? undefined : opened();
      if (!work) return false;
      if (work.store.waiting() === 0) return tidy(work.store);
      if (isTaken(work.store)) return false;
      return (await embedSome(work)).taken > 0;
    },

    /**
     * Embeds everything that waits; beside other processes, what they have not taken on.
     * @returns how many documents this process embedded.
     * @throws SbError `unavailable` without a model.
     */
    async run(onProgress?: (progress: EmbeddingProgress) => void): Promise<number> {
      const work = opened();
      if (!work) {
        throw new SbError("unavailable", "there is no model to embed with", {
          hint: "sb model pull, then sb ingest --embed",
        });
      }
      work.store.adopt();
      work.store.enqueueLost();
      // What tidying finds damaged waits again: a second round mends it.
      const first = await embedWaiting(work, onProgress);
      while (tidy(work.store));
      const second = await embedWaiting(work, onProgress);
      while (tidy(work.store));
      return first + second;
    },

    /**
     * The documents most like `text`, each with its chunk that is; undefined without a model.
     * @throws what the embedder rejects with.
     */
    async near(
      text: string,
      { limit, filter = {} }: { readonly limit: number; readonly filter?: Filter },
    ): Promise<Nearest | undefined> {
      const { embedder } = ports;
      if (!embedder) return undefined;
      const [query] = await embedder.embed([text], "query");
      if (!query) return undefined;
      const model = nameOf(embedder);
      if (index?.model !== model) index = { model, vectors: vectorIndex(ports.db, model) };
      const { vectors } = index;
      const found = byRowid(
        vectors.search({ query, limit, filter: vectorFilter(ports.db, filter) }),
      );
      const isLost = found.size === 0 && areLost(vectors, query);
      return { found, isLost, of: (rowids) => byRowid(vectors.compare(query, rowids)) };
    },

    /** Takes on nothing any more, and writes nothing of what is under way. */
    stop(): void {
      isStopped = true;
    },
  };
}

function byRowid(hits: readonly VectorHit[]): Map<number, SemanticMatch> {
  return new Map(hits.map(({ documentRowid, ...match }) => [documentRowid, match]));
}

/** A model and what is to be done for it. */
interface Work {
  readonly embedder: Embedder;
  readonly store: EmbeddingStore;
}

/** What vectors are filed under: the model, and how texts are cut for it. */
function nameOf({ modelId }: Embedder): string {
  return `${modelId}/${CUT}`;
}

/** In place of a vector that the model did not give: it is refused when it is written. */
const NO_VECTOR = new Float32Array(0);
