import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeFileAtomically } from '../core/outputFiles.ts';
import { packageVersion } from '../core/version.ts';
import { fingerprint, type Panel } from '../panel/panel.ts';
import type { FoldPlan } from './folds.ts';

/** Keeps the results of finished folds on disk. */
export interface FoldStore {
  /** Puts kept folds into the output of the plan and returns their positions. */
  load(plan: FoldPlan): Promise<number[]>;
  save(plan: FoldPlan, position: number): Promise<void>;
  /** Removes everything kept, once the results are written. */
  clear(): Promise<void>;
}

/**
 * A store in `directory/.resume/<key>/`, the key made of data, settings and version: folds of another run are never
 * taken for those of this one. Files that are damaged are ignored and made anew.
 */
export function openFoldStore(
  directory: string,
  panel: Panel,
  onResume: (kept: number, folds: number) => void = () => {},
): FoldStore {
  const root = join(directory, '.resume');
  const data = identityOf(panel);
  const folderOf = (plan: FoldPlan) => {
    const identity = JSON.stringify([packageVersion(), data, plan.settings, plan.groups]);
    return join(root, createHash('sha256').update(identity).digest('hex').slice(0, 16));
  };

  async function load(plan: FoldPlan): Promise<number[]> {
    const kept: number[] = [];
    for (const { position } of plan.folds) {
      const parts = partsOf(plan, position);
      const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
      const file = await readFile(join(folderOf(plan), `${position}.bin`)).catch(() => undefined);
      if (
        file?.byteLength !== bytes + checksumLength ||
        !checksum(file.subarray(checksumLength)).equals(file.subarray(0, checksumLength))
      ) {
        continue;
      }
      let offset = checksumLength;
      for (const part of parts) {
        new Uint8Array(part.buffer, part.byteOffset, part.byteLength).set(
          file.subarray(offset, offset + part.byteLength),
        );
        offset += part.byteLength;
      }
      kept.push(position);
    }
    if (kept.length > 0) onResume(kept.length, plan.folds.length);
    return kept;
  }

  async function save(plan: FoldPlan, position: number): Promise<void> {
    const folder = folderOf(plan);
    await makeFolder(folder);
    const content = Buffer.concat(
      partsOf(plan, position).map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)),
    );
    await writeFileAtomically(join(folder, `${position}.bin`), (temporary) =>
      writeFile(temporary, Buffer.concat([checksum(content), content])),
    );
  }

  async function clear(): Promise<void> {
    await rm(root, { recursive: true, force: true });
  }

  return { load, save, clear };
}

// Cities and measures matter besides the numbers: models may treat them differently. So do marks of filled cells.
function identityOf(panel: Panel): string {
  const hash = createHash('sha256').update(fingerprint(panel)).update(JSON.stringify(panel.fillSteps));
  for (const { values, filledBy, ...attributes } of panel.series) {
    hash.update(JSON.stringify(attributes));
    if (filledBy) hash.update(new Uint8Array(filledBy.buffer, filledBy.byteOffset, filledBy.byteLength));
  }
  return hash.digest('hex');
}

const checksumLength = 32;

function checksum(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

function partsOf({ folds, output }: FoldPlan, position: number): Float64Array[] {
  const points = output.points.length / folds.length;
  const series = output.difficulty.length / folds.length;
  return [
    output.points.subarray(position * points, (position + 1) * points),
    output.difficulty.subarray(position * series, (position + 1) * series),
  ];
}
