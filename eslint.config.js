import js from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

// each layer may import from those after it
const LAYERS = ['browser', 'src', 'engine', 'tts', 'codecs', 'kernels', 'base'];

const BROWSER_GLOBALS = [
  'AbortController',
  'AudioBufferSourceNode',
  'AudioContext',
  'Blob',
  'Option',
  'ResizeObserver',
  'TextDecoderStream',
  'TransformStream',
  'URL',
  'URLSearchParams',
  'WebSocket',
  'atob',
  'clearTimeout',
  'devicePixelRatio',
  'document',
  'fetch',
  'getComputedStyle',
  'location',
  'matchMedia',
  'performance',
  'requestAnimationFrame',
  'setTimeout',
];

// the one module that imports it sees to it first that it sends no usage data
const RUNTIME = {
  name: 'onnxruntime-node',
  message: 'Import kernels/runtime/onnxruntime.ts, which turns telemetry off first.',
};

// what runs in browsers too
const PORTABLE = [
  'browser/*.ts',
  'codecs/lnt/*.ts',
  'codecs/streaming/{decoder-stream,frame-codec,serial}.ts',
  'codecs/{checks,codes,contract,described,exported-decoder}.ts',
  'base/{arrays,crc32,errors,hex}.ts',
];

const NODE_ONLY = {
  regex:
    '^node:|^(\\.\\./)+(src|engine|tts|kernels|codecs/(linnet|index))\\b|/(config-file|package-root)\\.js$',
  message: 'This module runs in browsers too.',
};

const restrictImports = (layer, patterns = []) => ({
  'no-restricted-imports': [
    'error',
    {
      paths: [RUNTIME],
      patterns: [
        ...patterns,
        ...LAYERS.slice(0, Math.max(0, LAYERS.indexOf(layer))).map((above) => ({
          regex: `^(\\.\\./)+${above}/`,
          message: `${layer}/ must not import from ${above}/: imports run downwards.`,
        })),
      ],
    },
  ],
});

const layerRules = [
  ...[...LAYERS, 'bench', 'test'].map((layer) => ({
    files: [`${layer}/**/*.ts`],
    ignores: ['kernels/runtime/onnxruntime.ts'],
    rules: restrictImports(layer),
  })),
  ...PORTABLE.map((files) => ({
    files: [files],
    rules: {
      ...restrictImports(files.split('/')[0], [NODE_ONLY]),
      'no-restricted-globals': ['error', 'Buffer', 'process', 'setImmediate'],
    },
  })),
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'training', '.carry', 'shared'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js', 'bin/*.js'] } },
    },
    rules: {
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/prefer-readonly': 'error',
    },
  },
  ...layerRules,
  {
    files: ['index.ts', `{${LAYERS.join(',')}}/**/*.ts`],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: { ClassDeclaration: true, FunctionDeclaration: true, MethodDefinition: false },
          contexts: [
            // what overrides a method is described where that method is
            'MethodDefinition:not([override=true]) > FunctionExpression',
            'ExportNamedDeclaration > TSTypeAliasDeclaration',
            'ExportNamedDeclaration > TSInterfaceDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
        },
      ],
    },
  },
  { files: ['*.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    // what browsers run as it is
    files: ['src/server/page/*.js', 'examples/browser/page.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      parserOptions: { projectService: false },
      globals: Object.fromEntries(BROWSER_GLOBALS.map((name) => [name, 'readonly'])),
    },
  },
  {
    files: ['examples/browser/serve.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      parserOptions: { projectService: false },
      globals: Object.fromEntries(
        ['AbortController', 'console', 'fetch', 'process'].map((name) => [name, 'readonly']),
      ),
    },
  },
);
