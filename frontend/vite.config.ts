import { minify } from "terser";
import { defineConfig } from "vitest/config";

// TensorBoard imports one ES module and serves nothing beside it: styles travel inside (`?inline`).
export default defineConfig({
  plugins: [
    {
      // Two per cent smaller than what Vite minifies by itself.
      name: "terser",
      apply: "build",
      renderChunk: async (code) =>
        (await minify(code, { module: true, ecma: 2020, compress: { passes: 3 } })).code ?? null,
    },
  ],
  build: {
    target: "es2022",
    outDir: "../tb_lrfinder/server/static",
    // The bundle holds code of others, whose licences ask to be handed on with it.
    license: { fileName: "licenses.md" },
    emptyOutDir: true,
    rolldownOptions: {
      // What both modules share lies in the first.
      preserveEntrySignatures: "allow-extension",
      output: { minify: true, comments: { annotation: false }, chunkFileNames: "[name].js" },
    },
    lib: { entry: "src/index.tsx", formats: ["es"], fileName: () => "index.js" },
  },
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    // One worker runs many files, which is a third faster: every file puts back what it replaces.
    isolate: false,
    unstubGlobals: true,
    // Hardly a test waits for anything: one that takes longer than the usual 5 s runs on a busy machine.
    // Fuzzers that are told to try harder take as long as that takes.
    testTimeout: process.env.FUZZ_RUNS ? 7_200_000 : 30_000,
    // Dates are written as is usual where the tab is looked at; the tests expect English.
    env: { LC_ALL: "en_US.UTF-8" },
  },
});
