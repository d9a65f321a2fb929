/** `dist/elements.js`: the elements as a module beside the library, with all that they need. */
import { defineConfig } from "vite";

/** One client for page and elements: theirs is the page's. */
const CLIENT = "./flatbed.js";

export default defineConfig({
  // Libraries of two kinds look there; a browser has no `process`.
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false,
    sourcemap: true,
    lib: {
      entry: "src/elements/index.ts",
      formats: ["es"],
      fileName: () => "elements.js",
    },
    rolldownOptions: {
      external: /src\/index\.(js|ts)$|^\.\.\/index\.js$/,
      output: { minify: true, paths: () => CLIENT },
    },
  },
});
