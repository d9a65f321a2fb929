/** `dist/flatbed.global.js`: the library as one file for `<script>`, which makes `FlatbedClient`. */
import { defineConfig } from "vite";

/** Loaded from beside the file, and only where a page's tests ask for it. */
const MOCK = "./flatbed.mock.js";

export default defineConfig({
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false,
    sourcemap: true,
    lib: {
      entry: "src/index.ts",
      formats: ["iife"],
      name: "FlatbedClient",
      fileName: () => "flatbed.global.js",
    },
    rolldownOptions: {
      external: /\/mock\/connection\.js$/,
      output: { minify: true, paths: () => MOCK },
    },
  },
});
