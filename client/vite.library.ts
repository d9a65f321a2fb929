/** `dist/flatbed.js`: the library as a module; what it loads on demand lies beside it. */
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: true,
    lib: {
      entry: { flatbed: "src/index.ts", "flatbed.mock": "src/mock/connection.ts" },
      formats: ["es"],
      fileName: (_, name) => `${name}.js`,
    },
    rolldownOptions: { output: { minify: true, chunkFileNames: "flatbed.[name].js" } },
  },
});
