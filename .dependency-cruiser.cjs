// The floors of the house, lowest first. A file imports from its own floor or from the floors listed for it,
// and reaches another floor only through that floor's files, never upwards or sideways.
const mayImport = {
  core: [],
  gbdt: ['core'],
  graph: ['core'],
  files: ['core', 'graph'],
  runtime: ['core', 'graph'],
  autodiff: ['core', 'graph'],
  optim: ['core', 'graph', 'runtime'],
  nn: ['core', 'graph'],
  samples: ['core', 'graph'],
  train: ['core', 'graph', 'runtime', 'autodiff', 'optim', 'samples'],
  prophet: ['core'],
  tables: ['core'],
  panel: ['core', 'tables'],
  metrics: ['core', 'panel'],
  impute: ['core', 'gbdt', 'panel'],
  forecast: ['core', 'prophet', 'tables', 'panel', 'metrics', 'impute'],
  report: ['core', 'gbdt', 'panel', 'metrics', 'impute', 'forecast'],
  cli: ['core', 'gbdt', 'tables', 'panel', 'metrics', 'impute', 'forecast', 'report'],
};

const floors = Object.entries(mayImport).map(([floor, below]) => ({
  name: `${floor}-imports-downwards`,
  comment: `src/${floor} may import from: ${[floor, ...below].join(', ')}`,
  severity: 'error',
  // Tests may look at the whole house: gradients are checked by running them.
  from: { path: `^src/${floor}/`, pathNot: ['\\.test\\.ts$', '/testing/'] },
  to: { path: '^src/', pathNot: [floor, ...below].map((name) => `^src/${name}/`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floors,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-library-imports-of-public-files-inside',
      comment: 'index.ts is for users of the package; inside, import the file that defines the thing',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: 'index\\.ts$' },
      to: { path: ['^src/index\\.ts$', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'no-dev-dependencies-in-product',
      severity: 'error',
      from: { path: '^src', pathNot: ['\\.test\\.ts$', '^src/report/client/', '/testing/'] },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      from: { path: '^src', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: { path: ['\\.test\\.ts$', '/testing/'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
};
