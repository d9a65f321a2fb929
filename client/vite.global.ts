/** `dist/flatbed.global.js`: the library as one file for `<script>`, which makes `FlatbedClient`. */
import { defineConfig } from "vite";

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
  },
});
