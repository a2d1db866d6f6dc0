import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  DIMENSIONS,
  locateModel,
  MODEL_NAME,
  modelFiles,
  type Precision,
} from "../../core/embedding/model.ts";
import { openSession, type Session } from "../../core/embedding/onnx.ts";
import type { Graph } from "../../core/embedding/onnx-format.ts";
import { modelGraph } from "../../core/embedding/onnx-writer.ts";
import { bytes, int } from "../../core/embedding/protobuf.ts";
import { quantise } from "../../core/embedding/quantise.ts";
import { readSafetensors } from "../../core/embedding/safetensors.ts";
import { type Encode, openTokenizer } from "../../core/embedding/tokenizer.ts";
import {
  cosine,
  exportedGraph,
  preparedModels,
  publishedWeights,
  WEIGHTS,
  writeGraph,
} from "../support/model.ts";

const models = await preparedModels();
const SENTENCES = [
  "That is a happy person",
  "That is a happy dog",
  "That is a very happy person",
  "Today is a sunny day",
];

let native: string;
let encode: Encode;
const sessions = {} as Record<Precision, Session>;

beforeAll(() => {
  native = mkdtempSync(join(tmpdir(), "sb-embedding-"));
  encode = openTokenizer(modelFiles(models, "int8").tokenizer);
  for (const precision of ["int8", "fp32"] as const) {
    sessions[precision] = openSession({
      graph: modelFiles(models, precision).graph,
      origin: "sb",
      native,
      threads: 2,
    });
  }
});
afterAll(() => {
  for (const session of Object.values(sessions)) session.close();
  rmSync(native, { recursive: true, force: true });
});

describe("what is computed", () => {
  // The figures of the model's card: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
  test("fp32 gives the similarities that the model's card states", () => {
    const [first, ...others] = SENTENCES.map((text) => sessions.fp32.run(encode(text)));

    const similarities = others.map((vector) => cosine(first, vector).toFixed(4));

    expect(similarities).toEqual(["0.6946", "0.9429", "0.2568"]);
  });

  test("int8 gives them within two hundredths", () => {
    const [first, ...others] = SENTENCES.map((text) => sessions.int8.run(encode(text)));

    const similarities = others.map((vector) => cosine(first, vector));

    expect(similarities[0]).toBeWithin(0.681, 0.721);
    expect(similarities[1]).toBeWithin(0.903, 0.943);
    expect(similarities[2]).toBeWithin(0.249, 0.289);
  });

  test("int8 is near fp32 over a thousand real sentences", () => {
    const texts = realSentences(1000);

    const similarities = texts.map((text) => {
      const pieces = encode(text);
      return cosine(sessions.int8.run(pieces), sessions.fp32.run(pieces));
    });

    similarities.sort((a, b) => a - b);
    const mean = similarities.reduce((sum, one) => sum + one, 0) / similarities.length;
    expect(texts).toHaveLength(1000);
    expect(mean).toBeGreaterThanOrEqual(0.99);
    expect(similarities[20]).toBeGreaterThanOrEqual(0.98);
    expect(similarities[0]).toBeGreaterThanOrEqual(0.95);
  }, 60_000);
});

describe("what is written", () => {
  test("says in its first bytes who wrote it, and is located by that", () => {
    expect(locateModel(models)).toEqual({
      id: "all-MiniLM-L6-v2/int8/sb",
      precision: "int8",
      origin: "sb",
      graph: join(models, MODEL_NAME, "int8.onnx"),
      tokenizer: join(models, MODEL_NAME, "tokenizer.json"),
    });
    expect(locateModel(models, "fp32")?.id).toBe("all-MiniLM-L6-v2/fp32/sb");
  });

  test("a file by anyone else has an id of its own", () => {
    const folder = join(native, MODEL_NAME);
    mkdirSync(folder);
    writeFileSync(join(folder, "tokenizer.json"), "{}");
    writeFileSync(join(folder, "int8.onnx"), Buffer.from("\b\b\x12\nonnx.quantize"));

    expect(locateModel(native)?.id).toBe("all-MiniLM-L6-v2/int8/export");
    expect(locateModel(native, "fp32")).toBeUndefined();
  });

  test("a folder without a model, or with half of one, has none", () => {
    const half = join(native, "half");
    mkdirSync(join(half, MODEL_NAME), { recursive: true });
    writeFileSync(join(half, MODEL_NAME, "int8.onnx"), "");

    expect(locateModel(half)).toBeUndefined();
    expect(locateModel(join(native, "absent"))).toBeUndefined();
  });

  test.each(["int8", "fp32"] as const)("%s is no larger than it need be", (precision) => {
    const megabytes = statSync(modelFiles(models, precision).graph).size / 1e6;

    expect(megabytes).toBeLessThan({ int8: 24, fp32: 67 }[precision]);
  });
});

describe("the usual export's kind of graph", () => {
  test("is asked with its inputs, and its word pieces' mean is the vector", () => {
    const graph = join(native, "export.onnx");
    writeGraph(graph, exported(DIMENSIONS));
    const session = openSession({ graph, origin: "export", native, threads: 1 });

    const vector = session.run([3, 0, 1]);

    // Rows 3, 0 and 1 of the table hold 3, 0 and 1 at their first place and 1 elsewhere.
    const mean = [4 / 3, ...Array(DIMENSIONS - 1).fill(1)];
    const norm = Math.hypot(...mean);
    expect([...vector].map((value) => value.toFixed(6))).toEqual(
      mean.map((value) => (value / norm).toFixed(6)),
    );
    session.close();
  });

  test.each(["int8", "fp32"] as const)(
    "gives the vectors that our own kind gives, in %s",
    async (precision) => {
      const graph = join(native, "whole.onnx");
      writeGraph(graph, exportedGraph(modelGraph(await publishedWeights(), precision)));
      const session = openSession({ graph, origin: "export", native, threads: 1 });

      const similarities = SENTENCES.map((text) => {
        const pieces = encode(text);
        return cosine(session.run(pieces), sessions[precision].run(pieces));
      });

      for (const similarity of similarities) expect(similarity).toBeGreaterThan(0.99999);
      session.close();
    },
  );

  test("with vectors of another length is another model's", () => {
    const graph = join(native, "narrow.onnx");
    writeGraph(graph, exported(16));

    expect(() => openSession({ graph, origin: "export", native, threads: 1 })).toThrow(
      expect.objectContaining({ code: "corrupt", message: "the model's file is another model's" }),
    );
  });

  test.each([
    ["empty", () => Buffer.alloc(0)],
    ["text", () => Buffer.from("<html>not found</html>")],
    ["cut off", () => readFileSync(modelFiles(models, "int8").graph).subarray(0, 1_000_000)],
  ])("a file that is %s is damaged, with what to do", (_how, content) => {
    const graph = join(native, "damaged.onnx");
    writeFileSync(graph, content());

    expect(() => openSession({ graph, origin: "export", native, threads: 1 })).toThrow(
      expect.objectContaining({ code: "corrupt", hint: "fetch it again: sb model pull" }),
    );
  });
});

describe("the parts", () => {
  test("numbers and lengths of protobuf are those of its documentation", () => {
    // https://protobuf.dev/programming-guides/encoding/
    expect(Buffer.concat(int(1, 150)).toString("hex")).toBe("089601");
    expect(Buffer.concat(bytes(2, "testing")).toString("hex")).toBe("120774657374696e67");
    expect(Buffer.concat(bytes(3, [int(1, 150)])).toString("hex")).toBe("1a03089601");
  });

  test("no value is rounded by more than half a step, whichever way scales lie", () => {
    const matrix = fc.record({
      rows: fc.integer({ min: 1, max: 6 }),
      columns: fc.integer({ min: 1, max: 6 }),
      values: fc.array(fc.float({ noNaN: true, min: -8, max: 8 }), {
        minLength: 36,
        maxLength: 36,
      }),
    });
    fc.assert(
      fc.property(matrix, fc.constantFrom("row" as const, "column" as const), (given, per) => {
        const { rows, columns, values } = given;
        const data = Float32Array.from(values.slice(0, rows * columns));
        const whole = quantise({ shape: [rows, columns], data }, per);
        for (const [at, value] of data.entries()) {
          const line = per === "row" ? Math.floor(at / columns) : at % columns;
          const scale = whole.scales[line] ?? Number.NaN;
          expect(Math.abs((whole.data[at] ?? Number.NaN) * scale - value)).toBeLessThanOrEqual(
            scale / 2 + 1e-6,
          );
        }
      }),
    );
  });

  test.each([
    ["is empty", Buffer.alloc(0)],
    ["is no such file", Buffer.from("PK\x03\x04 some archive")],
    ["is cut off", readFileSync(join(WEIGHTS, "model.fp16.safetensors")).subarray(0, 1_000_000)],
  ])("a file of weights that %s is damaged", (_how, file) => {
    expect(() => readSafetensors(file).floats("encoder.layer.5.output.dense.weight")).toThrow(
      expect.objectContaining({ code: "corrupt" }),
    );
  });
});

/** A graph with the inputs and the output of the usual export, which looks word pieces up in a table. */
function exported(width: number): Graph {
  const table = Float32Array.from({ length: 4 * width }, (_, at) =>
    at % width === 0 ? at / width : 1,
  );
  const shape = ["batch_size", "sequence_length"];
  const port = (name: string) => ({ name, type: "int64" as const, shape });
  return {
    producer: "onnx.quantize",
    version: "1",
    name: "export",
    inputs: ["input_ids", "attention_mask", "token_type_ids"].map(port),
    outputs: [{ name: "last_hidden_state", type: "float", shape: [...shape, width] }],
    steps: [
      {
        op: "Add",
        in: ["input_ids", "token_type_ids"],
        out: ["sum"],
        fused: false,
        attributes: {},
      },
      { op: "Mul", in: ["sum", "attention_mask"], out: ["all"], fused: false, attributes: {} },
      {
        op: "Gather",
        in: ["table", "all"],
        out: ["last_hidden_state"],
        fused: false,
        attributes: {},
      },
    ],
    constants: { table: { type: "float", shape: [4, width], data: table } },
  };
}

/** Sentences of the texts that packages come with: English, with code and names in it. */
function realSentences(count: number): string[] {
  const modules = join(import.meta.dir, "../../node_modules");
  const found = new Set<string>();
  for (const path of [...new Bun.Glob("**/*.md").scanSync(modules)].sort()) {
    const text = readFileSync(join(modules, path), "utf8").replace(/```[\s\S]*?```/gu, "\n\n");
    for (const [sentence] of text.matchAll(/[A-Z][^.!?\n|<>]{20,60}[.!?](?=\s)/gu)) {
      found.add(sentence);
      if (found.size === count) return [...found];
    }
  }
  return [...found];
}
