import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      'cdk.out',
      '.local',
      'generated',
      'dist',
      'coverage',
      'web/dist',
      'test/site/web',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-shadow': 'error',
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // ports and stubs satisfy asynchronous interfaces without awaiting anything
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      eqeqeq: 'error',
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'take the clock as an argument (_kernel/clock.ts)' },
      ],
    },
  },
  {
    files: ['web/**'],
    languageOptions: { parserOptions: { project: './web/tsconfig.json' } },
  },
  {
    // what the outside world is made of at the edges: handlers, operators' commands, the local environment
    files: [
      'lambdas/**/*.handler.ts',
      'lambdas/_kernel/clock.ts',
      'lib/mtls/trust-store.ts',
      'local/**',
      'tools/**',
      'clients/**',
      'test/**',
      'bench/**',
      'web/**',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['lambdas/*/core/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'console', 'fetch', 'Date', 'crypto', 'setTimeout'].map((name) => ({
          name,
          message: 'core is pure: take it as an argument',
        })),
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
    },
  },
  {
    files: ['test/**/*.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      'jest/no-focused-tests': 'error',
      'jest/no-disabled-tests': 'error',
      'jest/expect-expect': [
        'error',
        {
          assertFunctionNames: [
            'expect',
            'expect*',
            'assert*',
            'fc.assert',
            '**.hasResource*',
            '**.resourceCountIs',
          ],
        },
      ],
      'jest/valid-title': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // CloudFront Functions: scripts without modules, joined with their data by lib/site/edge-files.ts
    files: ['lib/site/functions/*.js'],
    languageOptions: {
      sourceType: 'script',
      globals: Object.fromEntries(
        ['COOKIES', 'LOGIN_PATH', 'RULES', 'TEMPLATES', 'UNCLEAR', 'notFound'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
    rules: {
      'no-redeclare': ['error', { builtinGlobals: false }],
      'no-unused-vars': ['error', { varsIgnorePattern: '^(handler|UNCLEAR|notFound)$' }],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  prettier,
);
