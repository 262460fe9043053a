import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    // Worker threads inherit these flags, so the pool runs our TypeScript sources in tests.
    execArgv: ['--import', './scripts/registerTypeScript.mjs'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
