import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { createPanel, type Panel } from '../../panel/panel.ts';
import { imputePanel, parseSteps } from '../chain.ts';
import { explainFills } from './explainFills.ts';
import { trainImputers } from './trainImputers.ts';

const steps = parseSteps('neighbours:inputs=own:minRows=50:numIterations=30,mean');

/** `b` says what `a` reads, `c` has nothing to do with it. */
function panelOf(): Panel {
  const panel = createPanel({
    start: 0,
    length: 400,
    series: ['a', 'b', 'c'].map((id) => ({ id, measure: 'O3' })),
  });
  const random = randomStream(1, 'explain');
  const [a, b, c] = panel.series.map(({ values }) => values);
  for (let i = 0; i < panel.length; i++) {
    b[i] = 50 + 10 * random.normal();
    a[i] = 2 * b[i] + random.normal();
    c[i] = random.normal();
    if (i % 20 === 3) a[i] = Number.NaN;
  }
  return panel;
}

describe('explainFills', () => {
  const filled = imputePanel(panelOf(), steps);
  const explained = explainFills(filled, steps, { cells: 7, parts: 2 });

  it('adds up to what was filled in', () => {
    expect(explained.map(({ step }) => step)).toEqual([263, 283, 303, 323, 343, 363, 383]);
    for (const { series, step, base, parts, rest } of explained) {
      const sum = parts.reduce((total, { added }) => total + added, base + rest);
      expect(sum).toBeCloseTo(filled.series[series].values[step], 9);
    }
  });

  it('names the station that spoke, and what it read', () => {
    for (const { step, parts } of explained) {
      expect(parts[0].input).toBe('b');
      expect(parts[0].reading).toBe(filled.series[1].values[step]);
      // Readings near the middle may move it either way.
      if (Math.abs(parts[0].reading - 50) > 5) {
        expect(Math.sign(parts[0].added)).toBe(Math.sign(parts[0].reading - 50));
      }
    }
  });

  it('asks the models that it is given', async () => {
    const { models } = await trainImputers(panelOf(), steps, { workers: 0 });
    expect(explainFills(filled, steps, { models, cells: 7, parts: 2 })).toEqual(explained);
  });

  it('has nothing to say where no neighbour filled anything', () => {
    expect(explainFills(imputePanel(panelOf(), parseSteps('mean')), parseSteps('mean'))).toEqual([]);
    expect(explainFills(panelOf(), steps)).toEqual([]);
  });
});
