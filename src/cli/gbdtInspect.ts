import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { usageError } from '../core/errors.ts';
import type { FeatureImportance } from '../report/boosting/importances.ts';
import type { ModelSummary } from '../report/boosting/modelSummary.ts';
import { wholeNumber } from './forecastOptions.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';
import { textTable } from './textTable.ts';

interface InspectFlags {
  readonly tree?: string;
  readonly svg?: string;
  readonly importancesSvg?: string;
  readonly top: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `trainyard gbdt inspect MODEL`: what a model is, which features matter to it, and its trees. */
export function gbdtInspectCommand(): Command {
  const command = new Command('inspect')
    .summary('look at a model: features that matter, and its trees')
    .description(
      'Sums up a model of Trainyard or LightGBM and shows which features matter to it; draws its trees.',
    )
    .argument('<model>', 'model file')
    .option('--tree <n>', 'draw this tree, from 0, as text (and by --svg)')
    .option('--svg <file>', 'draw a tree as SVG (default: tree 0)')
    .option('--importances-svg <file>', 'draw the importances as SVG')
    .option('--top <n>', 'features to show', '30')
    .option('--json', 'print the whole structure as JSON on stdout, in the form of LightGBM’s dump_model');
  return addCommonOptions(command).action((model: string, flags: InspectFlags) =>
    runCommand(flags, (context) => inspect(model, flags, context)),
  );
}

async function inspect(path: string, flags: InspectFlags, { terminal }: CommandContext): Promise<void> {
  const [{ loadModel }, { importancesOf, importancesSvg }, { summariseModel }, { treeText }, { treeSvg }] =
    await Promise.all([
      import('../gbdt/modelFiles.ts'),
      import('../report/boosting/importances.ts'),
      import('../report/boosting/modelSummary.ts'),
      import('../report/boosting/treeText.ts'),
      import('../report/boosting/treeSvg.ts'),
    ]);
  const tree = flags.tree === undefined ? undefined : wholeNumber('--tree', flags.tree, 0);
  const top = wholeNumber('--top', flags.top, 1);
  for (const out of [flags.svg, flags.importancesSvg]) {
    if (out === undefined) continue;
    if (!out.endsWith('.svg')) {
      throw usageError(`cannot tell the form of ${out} from its ending`, 'end it in .svg');
    }
    if (resolve(out) === resolve(path)) {
      throw usageError(`${out} is both read and written`, 'choose another output path');
    }
  }
  const model = await loadModel(path);
  const drawings: [string, string][] = [];
  if (flags.svg !== undefined) drawings.push([flags.svg, treeSvg(model, tree ?? 0)]);
  if (flags.importancesSvg !== undefined)
    drawings.push([flags.importancesSvg, importancesSvg(model, { top })]);
  const drawn = tree === undefined ? undefined : treeText(model, tree);
  const { writeFileAtomically } = await import('../core/outputFiles.ts');
  for (const [file, svg] of drawings) {
    await writeFileAtomically(file, (temporary) => writeFile(temporary, svg));
  }
  if (flags.json) {
    const { dumpModel } = await import('../gbdt/dumpModel.ts');
    terminal.data(JSON.stringify(dumpModel(model), null, 2));
  } else if (drawn !== undefined) terminal.data(drawn);
  else {
    const summary = summariseModel(model);
    terminal.data(summaryText(summary));
    if (summary.usedFeatures > 0) terminal.data(`\n${importancesText(importancesOf(model), top)}`);
  }
  for (const [file] of drawings) terminal.info(`wrote ${file}`);
}

function summaryText(summary: ModelSummary): string {
  const { least, mean, most } = summary.leavesPerTree;
  const lines = [
    ['objective', summary.objective],
    ...(summary.classes > 1 ? [['classes', String(summary.classes)]] : []),
    ['iterations', String(summary.iterations)],
    ['trees', String(summary.trees)],
    ['leaves', `${summary.leaves} (${least} to ${most} a tree, ${mean.toFixed(1)} on average)`],
    ['depth', String(summary.depth)],
    ['features', `${summary.features} (${summary.usedFeatures} used)`],
    ...(summary.categoricalSplits > 0 ? [['splits on categories', String(summary.categoricalSplits)]] : []),
    ...(summary.rows > 0 ? [['rows of the first tree', String(summary.rows)]] : []),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function importancesText(importances: readonly FeatureImportance[], top: number): string {
  const shown = importances.slice(0, top);
  const most = {
    gain: Math.max(...shown.map(({ share }) => share)),
    splits: Math.max(...shown.map(({ splits }) => splits)),
  };
  const rows = shown.map(({ name, share, splits }) => [
    name,
    `${(100 * share).toFixed(1)}%`,
    bar(share, most.gain),
    String(splits),
    bar(splits, most.splits),
  ]);
  const rest = importances.length - shown.length;
  const table = textTable(['feature', 'gain', '', 'splits', ''], rows);
  return rest > 0 ? `${table}\nand ${rest} more (--top ${importances.length} shows all)` : table;
}

// Eighths of a block, so that small bars differ too.
function bar(value: number, most: number): string {
  const eighths = value > 0 ? Math.max(1, Math.round((value / most) * 20 * 8)) : 0;
  const part = eighths % 8;
  return '█'.repeat(Math.floor(eighths / 8)) + (part === 0 ? '' : '▏▎▍▌▋▊▉'[part - 1]);
}
