/** The service's own pages, into the Python package that serves them. */
import { defineConfig } from "vite";

export default defineConfig({
  root: "pages",
  base: "/",
  build: {
    target: "es2022",
    outDir: "../../core/src/flatbed/web",
    emptyOutDir: true,
    // A strict Content-Security-Policy: nothing stands within the pages themselves.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["pages/consent.html", "pages/scan.html", "pages/status.html"] },
  },
});
