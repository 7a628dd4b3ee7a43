/** Jest runs what the compiler made; `npm test` compiles first. */
export default {
  roots: ['<rootDir>/dist/test'],
  testMatch: ['**/*.test.js'],
  testEnvironment: './jest.environment.js',
  testTimeout: 30_000,
  transform: {},
  maxWorkers: 2,
};
