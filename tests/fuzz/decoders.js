// Decodes what the server sends, as the page does. In: lines of JSON, {route, body} with the body in base64. Out: a line for
// each, the complaint, or an empty text.
import { createInterface } from "node:readline";
import * as page from "../../frontend/src/server/decode";

const json = (bytes) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
const buffer = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

const decoders = {
  traces: (bytes) => same(page.decodeTraces(json(bytes)).traces, json(bytes).traces),
  suggestions: (bytes) => same(page.decodeSuggestions(json(bytes)), json(bytes).suggestions),
  curves: (bytes) => same(page.decodeCurves(buffer(bytes)), directory(bytes)),
  slopes: (bytes) => same(page.decodeSlopes(buffer(bytes)), directory(bytes)),
  schedules: (bytes) => same(page.decodeSchedules(buffer(bytes)), directory(bytes)),
  probes: (bytes) => nested(page.decodeProbes(json(bytes)), json(bytes).probes, "points"),
  pairs: (bytes) => nested(page.decodePairs(json(bytes)), json(bytes).pairs, "pairs"),
  scalars: (bytes) => same(page.decodeScalars(json(bytes)), json(bytes).scalars),
  scalar: (bytes) => page.decodeScalar(json(bytes)),
  recipes: (bytes) => page.decodeRecipes(json(bytes)),
  recipe: (bytes) => page.decodeBuiltRecipe(json(bytes)),
};

function directory(bytes) {
  return json(bytes.subarray(8, 8 + bytes.readUInt32LE(4))).traces;
}

/** The page takes a malformed entry for a damaged one: what was sent as good must arrive as good. */
function same(decoded, sent) {
  if (decoded.length !== sent.length) throw new Error(`${decoded.length} of ${sent.length} entries arrived`);
  decoded.forEach((one, index) => {
    for (const field of ["id", "status", "error", "reason"])
      if (one[field] !== sent[index][field]) throw new Error(`${sent[index].id}: ${one.error ?? one.statusText ?? one.reason}`);
  });
}

/** Entries with a list each, of which the page leaves out what is malformed. */
function nested(decoded, sent, name) {
  const complaint = sent.find((one, index) => decoded[index]?.id !== one.id || decoded[index][name]?.length !== one[name].length);
  if (complaint) throw new Error(`${complaint.id}: not all of its ${name} arrived`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { route, body } = JSON.parse(line);
  let complaint = "";
  try {
    decoders[route](Buffer.from(body, "base64"));
  } catch (error) {
    complaint = String(error?.message ?? error) || "an error without words";
  }
  process.stdout.write(`${JSON.stringify(complaint)}\n`);
}
