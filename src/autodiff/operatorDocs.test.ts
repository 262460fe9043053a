import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { operatorDocs, operatorPage } from '../../scripts/operatorDocs.ts';
import { operatorTable } from '../graph/operatorTable.ts';
import { gradientTable } from './gradientTable.ts';

describe('the page of operators', () => {
  it('is what the code says; scripts/operatorDocs.ts writes it anew', () => {
    expect(readFileSync(operatorPage, 'utf8')).toBe(operatorDocs());
  });

  it('names every operator once', () => {
    const named = [...operatorDocs().matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual(Object.keys(operatorTable).toSorted());
  });

  it('has a gradient rule, or the word that there is none to have, for all of them', () => {
    expect(Object.keys(operatorTable).filter((name) => !gradientTable[name])).toEqual([]);
    expect(Object.keys(gradientTable).filter((name) => !operatorTable[name])).toEqual([]);
  });
});
