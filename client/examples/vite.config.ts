/** The examples that need a build, into `build/examples/`. */
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const pathTo = (path: string): string =>
  decodeURIComponent(new URL(path, import.meta.url).pathname);

export default defineConfig({
  root: pathTo("."),
  // So that they work in any folder of a server.
  base: "./",
  resolve: {
    // Only here, within the package: others have it from `npm install flatbed`.
    alias: [
      { find: /^flatbed$/, replacement: pathTo("../dist/flatbed.js") },
      { find: /^flatbed\/elements$/, replacement: pathTo("../dist/elements.js") },
    ],
  },
  plugins: [
    vue({
      template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("flatbed-") } },
    }),
  ],
  build: {
    target: "es2022",
    outDir: "../../build/examples",
    emptyOutDir: true,
    // A strict Content-Security-Policy: nothing stands within the pages themselves.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [pathTo("react/index.html"), pathTo("vue/index.html")] },
  },
});
