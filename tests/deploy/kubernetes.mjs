// Checks manifests against the types of the Kubernetes API, strictly: the YAML documents on stdin become literals of their
// types, which the TypeScript compiler checks. Unknown and misspelled fields, wrong types and missing fields fail.
//
//   kubectl kustomize docker/kubernetes | node tests/deploy/kubernetes.mjs MODULES    (`./dev deploy kubernetes`)
//
// MODULES: a node_modules folder with kubernetes-models, js-yaml and typescript. It also checks itself: each document with a
// misspelled field must fail.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const modules = resolve(process.argv[2]);
const yaml = createRequire(join(modules, 'x.js'))('js-yaml');
const documents = yaml.loadAll(readFileSync(0, 'utf8')).filter(Boolean);
if (documents.length === 0) throw new Error('there are no documents');

// Exit code and output of the compiler for these documents, each by its name.
function check(sources) {
  const folder = mkdtempSync(join(tmpdir(), 'minnow_kubernetes_'));
  try {
    symlinkSync(modules, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const files = sources.map(([name, document]) => {
      const type = `import type { I${document.kind} as T } from 'kubernetes-models/${document.apiVersion}/${document.kind}';`;
      writeFileSync(join(folder, `${name}.ts`), `${type}\nexport const document: T = ${JSON.stringify(document, null, 1)};\n`);
      return `${name}.ts`;
    });
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--moduleResolution', 'nodenext'];
    const done = spawnSync(process.execPath, [join(modules, 'typescript/bin/tsc'), ...flags, ...files], { cwd: folder, encoding: 'utf8' });
    return { code: done.status, output: done.stdout + done.stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const nameOf = (document) => `${document.kind}-${document.metadata.name}`;
const good = check(documents.map((document) => [nameOf(document), document]));
if (good.code !== 0) {
  console.error(good.output);
  process.exit(1);
}
const misspelled = documents.filter((document) => document.spec)
    .map((document) => [nameOf(document), { ...document, spec: { ...document.spec, minReadySecond: 1 } }]);
const bad = check(misspelled);
for (const [name] of misspelled) {
  if (!bad.output.includes(`${name}.ts`)) {
    console.error(`a misspelled field of ${name} was not found`);
    process.exit(1);
  }
}
console.log(`${documents.length} documents have the types of the Kubernetes API: ${documents.map(nameOf).join(', ')}`);
