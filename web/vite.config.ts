import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // The Content-Security-Policy lets nothing be inlined.
    chunkSizeWarningLimit: 700,
  },
  worker: { format: "es" },
  test: { include: ["src/**/*.test.ts"] },
});
