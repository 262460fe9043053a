// Writes docs/engine-operators.md from the operators, their functions and their gradient rules, as the code has them.
//
//   node --import ./scripts/registerTypeScript.mjs scripts/operatorDocs.ts
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { noGradient } from '../src/autodiff/gradientRule.ts';
import { gradientTable } from '../src/autodiff/gradientTable.ts';
import type { OperatorRule } from '../src/graph/operator.ts';
import { operatorTable } from '../src/graph/operatorTable.ts';

const root = resolve(import.meta.dirname, '..');
/** Where the table stands. */
export const operatorPage = join(root, 'docs', 'engine-operators.md');

const operatorFiles = join(root, 'src', 'graph', 'operators');
const ruleFiles = join(root, 'src', 'autodiff', 'rules');
// A rule that is not longer than this is shown as it is.
const longestRule = 110;

/** What the rules refuse: they say so when they are asked. */
const limits: Readonly<Record<string, string>> = {
  BatchNormalization: 'by given statistics; for training `batchNormalizationTraining`',
  Conv: 'pads known before the graph runs',
  ConvTranspose: 'pads known before the graph runs',
  Dropout: 'as in a trained model, where it changes nothing; for training `dropout`',
  GRU: 'usual activations, no clip; number of steps known',
  LSTM: 'usual activations, no clip, no peepholes; number of steps known',
  ScatterElements: 'what is put or added; not mul, max, min',
  ScatterND: 'what is put or added; not mul, max, min',
  TopK: 'of the values',
};

/** The page as it should be. */
export function operatorDocs(): string {
  const families = readdirSync(operatorFiles)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFamily(file, readFileSync(join(operatorFiles, file), 'utf8')));
  const rules = ruleSources();
  const all = Object.keys(operatorTable);
  const unknown = Object.keys(limits).find((name) => !all.includes(name));
  if (unknown) throw new Error(`limits of ${unknown}, which is no operator`);
  const withRule = all.filter((name) => gradientTable[name] && gradientTable[name] !== noGradient);
  const flat = all.filter((name) => gradientTable[name] === noGradient);
  const without = all.filter((name) => !gradientTable[name]);
  const sections = families
    // Files without operators are tools, but for those of one function of their name.
    .filter(
      ({ file, operators, functions }) =>
        operators.length > 0 || functions.some(({ name }) => file === `${name}.ts`),
    )
    .map((family) => formatFamily(family, rules));
  const missing = without.length > 0 ? `; ${without.map(code).join(', ')} have none yet` : '';
  return `# Operators and gradients

Graphs consist of ONNX's operators. ${all.length} of them are known: ${withRule.length} have a gradient rule, ${flat.length} are flat wherever they
have a derivative (comparisons, rounding, shapes, indices)${missing}. Every rule is checked against
finite differences. Rules are made of operators themselves, so gradients can be differentiated again.

In the rules below \`g\` is the cotangent of the first output, and the result lists the cotangents of the inputs.
Longer rules stand in the file that is named. This page is written by \`scripts/operatorDocs.ts\` from the code.

${sections.join('\n\n')}
`;
}

interface Family {
  readonly file: string;
  readonly about: string;
  readonly operators: readonly string[];
  /** Public functions, with the operator that each applies; those of several operators have none. */
  readonly functions: readonly { readonly name: string; readonly operator: string | undefined }[];
}

function readFamily(file: string, source: string): Family {
  const [, about = '', family = ''] =
    /\/\*\* ([^\n]*) \*\/\nexport const (\w+) = operatorFamily\(/.exec(source) ?? [];
  const operators = Object.entries(operatorTable).flatMap(([name, rule]) =>
    family !== '' && isOwnRule(source, family, rule) ? [name] : [],
  );
  const documented =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:const|function) (\w+)([\s\S]*?)\n(?=\n|\/\*\*|export )/g;
  const found = [...source.matchAll(documented)]
    .filter(([, comment, name]) => !comment.includes('@internal') && name !== family)
    .map(([, , name, body]) => ({
      name,
      applied: family === '' ? undefined : new RegExp(`\\b${family}\\.(\\w+)`).exec(body)?.[1],
      handedTo: /\n {2}return (\w+)\(/.exec(body)?.[1],
    }));
  const functions = found.map(({ name, applied, handedTo }) => ({
    name,
    operator: applied ?? found.find((one) => one.name === handedTo)?.applied,
  }));
  return { file, about, operators, functions };
}

function isOwnRule(source: string, family: string, rule: OperatorRule | undefined): boolean {
  const table = source.slice(source.indexOf(`export const ${family} =`), source.indexOf('\n});'));
  return rule !== undefined && new RegExp(`\\n {2}${rule.name}: \\{`).test(table);
}

/** For each operator where its rule stands, and the rule itself where it fits on a line. */
function ruleSources(): ReadonlyMap<string, { readonly file: string; readonly rule: string | undefined }> {
  const found = new Map<string, { file: string; rule: string | undefined }>();
  for (const file of readdirSync(ruleFiles).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  )) {
    const source = readFileSync(join(ruleFiles, file), 'utf8');
    const table =
      /Gradients: Readonly<Record<string, GradientRule>> = \{\n([\s\S]*?)\n\};/.exec(source)?.[1] ?? '';
    for (const [, name, text] of table.matchAll(
      /^ {2}(\w+): ([\s\S]*?),$(?=\n {2}(?:\w+:|\/\/)|\n\n|(?![\s\S]))/gm,
    )) {
      const rule = text
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/([[(]) /g, '$1')
        .replaceAll(/,? ([\])])/g, '$1');
      const isFormula = rule.startsWith('(') && !rule.includes('=> {') && rule.length <= longestRule;
      found.set(name, { file, rule: isFormula ? rule : undefined });
    }
  }
  return found;
}

function formatFamily(
  { file, about, operators, functions }: Family,
  rules: ReturnType<typeof ruleSources>,
): string {
  const title = file
    .replace('.ts', '')
    .replaceAll(/([A-Z])/g, ' $1')
    .toLowerCase();
  const lines = [`## ${title.charAt(0).toUpperCase()}${title.slice(1)}`];
  if (about) lines.push('', about);
  if (operators.length > 0) {
    lines.push('', '| operator | function | gradient |', '|---|---|---|');
    for (const operator of operators) {
      const names = functions.filter((one) => one.operator === operator).map(({ name }) => code(name));
      lines.push(`| ${code(operator)} | ${names.join(', ')} | ${gradientCell(operator, rules)} |`);
    }
  }
  const composed = functions.filter(({ operator }) => operator === undefined).map(({ name }) => code(name));
  if (composed.length > 0) lines.push('', `Made of several operators: ${composed.join(', ')}.`);
  return lines.join('\n');
}

function gradientCell(operator: string, rules: ReturnType<typeof ruleSources>): string {
  const rule = gradientTable[operator];
  if (!rule) return 'none yet';
  if (rule === noGradient) return 'flat';
  const source = rules.get(operator);
  if (!source) throw new Error(`the rule of ${operator} stands in no file of src/autodiff/rules`);
  const shown = source.rule
    ? code(source.rule.replaceAll('|', '\\|'))
    : `[${source.file}](../src/autodiff/rules/${source.file})`;
  return limits[operator] ? `${shown}; ${limits[operator]}` : shown;
}

function code(text: string): string {
  return `\`${text}\``;
}

if (process.argv[1] === import.meta.filename) writeFileSync(operatorPage, operatorDocs());
