import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { createDataset } from '../../gbdt/dataset.ts';
import { predict } from '../../gbdt/predict.ts';
import { train } from '../../gbdt/train.ts';
import { createPanel, type Panel, slicePanel } from '../../panel/panel.ts';
import { imputePanel, parseSteps } from '../chain.ts';
import { trainImputers } from './trainImputers.ts';

const missing = Number.NaN;
const quick = 'neighbours:minRows=50:numIterations=20';

/** Stations that share weather, each with a level and noise of its own; some cells missing. */
function city(stations = 4, length = 400, seed = 1): Panel {
  const ids = Array.from({ length: stations }, (_, s) => `s${s}`);
  const panel = createPanel({
    start: Date.UTC(2018, 0, 1),
    length,
    series: ids.map((id) => ({
      id: `${id}#PM2.5`,
      station: id,
      measure: 'PM2.5',
      city: 'Utopia',
      unit: 'ug/m3',
    })),
  });
  const weather = randomStream(seed, 'weather');
  const shared = Array.from({ length }, () => 40 + 15 * weather.normal());
  for (const [s, { values, id }] of panel.series.entries()) {
    const random = randomStream(seed, id);
    for (let i = 0; i < length; i++) values[i] = shared[i] * (1 + s / 4) + random.normal();
    for (let i = 0; i < length; i++) if (random.uniform() < 0.1) values[i] = missing;
  }
  return panel;
}

const fill = (panel: Panel, steps = quick) =>
  imputePanel(panel, parseSteps(steps)).series.map(({ values }) => [...values]);

describe('neighbours', () => {
  it('predict what boosting on the other stations predicts', () => {
    const panel = city();
    const [target, ...others] = panel.series.map(({ values }) => [...values]);
    const spoke = (i: number) => others.filter((other) => Number.isNaN(other[i])).length < 1.5;
    const rows = target.map((_, i) => i).filter((i) => !Number.isNaN(target[i]) && spoke(i));
    const data = {
      columns: others.map((other) => rows.map((i) => other[i])),
      label: rows.map((i) => target[i]),
    };
    const parameters = {
      objective: 'regressionL1',
      numIterations: 20,
      seed: 1,
      histogram: 'packed',
    } as const;
    const { model } = train(createDataset(data, parameters), parameters);
    const gaps = target.map((_, i) => i).filter((i) => Number.isNaN(target[i]) && spoke(i));
    const expected = predict(model, { columns: others.map((other) => gaps.map((i) => other[i])) });
    expect(gaps.length).toBeGreaterThan(20);
    expect(gaps.map((i) => fill(panel)[0][i])).toEqual([...expected]);
  });

  it('come near to what was hidden', () => {
    const panel = city(6, 1000);
    const truth = city(6, 1000);
    panel.series[2].values.fill(missing, 300, 400);
    const [, , filled] = fill(panel, 'neighbours');
    const errors = filled
      .slice(300, 400)
      .map((value, i) => Math.abs(value - truth.series[2].values[300 + i]));
    const known = errors.filter((error) => !Number.isNaN(error));
    // The noise of readings is 1 and their spread 22.
    expect(known.reduce((sum, error) => sum + error, 0) / known.length).toBeLessThan(3);
  });

  it('are asked only where fewer of them than told are missing', () => {
    const panel = city(5);
    for (const s of [0, 1, 2]) panel.series[s].values.fill(missing, 100, 110);
    const blank = (steps: string) => fill(panel, steps)[0].slice(100, 110).filter(Number.isNaN).length;
    expect(blank(`${quick}:maxMissing=2`)).toBe(10);
    expect(blank(`${quick}:maxMissing=0.5`)).toBeGreaterThan(0);
    expect(blank(`${quick}:maxMissing=4`)).toBe(0);
  });

  it('leave to the next step what none of them knows', () => {
    const panel = city(3);
    for (const { values } of panel.series) values.fill(missing, 50, 60);
    const filled = imputePanel(panel, parseSteps(`${quick}:maxMissing=9,linear:any`));
    expect([...(filled.series[0].filledBy ?? [])].slice(50, 60)).toEqual(new Array(10).fill(2));
  });

  it('do not speak for another measure, unit or city', () => {
    const panel = city(2);
    const [first, second] = panel.series;
    for (const other of [{ measure: 'O3' }, { unit: 'ppb' }, { city: 'Erewhon' }]) {
      const apart = { ...panel, series: [first, { ...second, ...other }] };
      expect(imputePanel(apart, parseSteps(quick)).series).toEqual(apart.series);
    }
  });

  it('are readings only, not what another step filled in', () => {
    const panel = city();
    const after = imputePanel(panel, parseSteps(`mean,${quick}`));
    expect(after.series.map(({ filledBy }) => Math.max(...(filledBy ?? [])))).toEqual([1, 1, 1, 1]);
    const guessed = imputePanel(slicePanel(panel, 0, 400), parseSteps('mean'));
    const blank = { ...guessed, series: guessed.series.map((one) => ({ ...one })) };
    blank.series[0] = { ...blank.series[0], values: panel.series[0].values, filledBy: undefined };
    expect([...imputePanel(blank, parseSteps(quick)).series[0].values]).toEqual(fill(panel)[0]);
  });

  it('know nothing of what comes after the panel they are given', () => {
    const panel = city();
    const alone = createPanel({ ...panel, length: 300 });
    for (const [s, { values }] of alone.series.entries()) values.set(panel.series[s].values.subarray(0, 300));
    for (const steps of [quick, `${quick}:inputs=own+hour+month`]) {
      expect(fill(slicePanel(panel, 0, 300), steps)).toEqual(fill(alone, steps));
    }
  });

  it('say the same in whatever order the series stand', () => {
    const panel = city();
    const turned = { ...panel, series: [...panel.series].reverse() };
    for (const steps of [quick, `${quick}:inputs=own:featureFraction=0.5`]) {
      expect(fill(turned, steps).reverse()).toEqual(fill(panel, steps));
    }
  });

  it('take other inputs when told', () => {
    const panel = city();
    const beside = panel.series.map((one) => ({ ...one, id: `${one.station}#PM10`, measure: 'PM10' }));
    const both = {
      ...panel,
      series: [...panel.series.map((one, s) => ({ ...one, latitude: s, longitude: 0 })), ...beside],
    };
    const plain = fill(both)[0];
    for (const inputs of ['own', 'hour', 'month', 'measures', 'distance', 'own+hour+measures']) {
      const filled = fill(both, `${quick}:inputs=${inputs}`)[0];
      expect(filled.some((value, i) => Math.abs(value - plain[i]) > 1e-9)).toBe(inputs !== 'month');
    }
  });

  it('stay silent where there is nothing to learn', () => {
    expect(fill(city(1))).toEqual(fill(city(1), 'none'));
    const empty = city(3);
    empty.series[0].values.fill(missing);
    expect(fill(empty)[0].every(Number.isNaN)).toBe(true);
    const short = city(3, 60);
    expect(fill(short, 'neighbours:minRows=100')).toEqual(fill(short, 'none'));
  });

  it('cope with constants, copies and infinities', () => {
    const panel = city(4);
    panel.series[1].values.fill(7);
    panel.series[2].values.set(panel.series[3].values);
    panel.series[3].values[5] = Number.POSITIVE_INFINITY;
    panel.series[1].values[9] = missing;
    const filled = fill(panel);
    expect(filled[1][9]).toBe(7);
    for (const values of filled)
      expect(values.filter((value) => Math.abs(value) > 1e4).length).toBeLessThan(2);
  });
});

describe('trainImputers', () => {
  const steps = parseSteps(`${quick},mean`);
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'imputers-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives the models that filling would train, whatever the number of workers', async () => {
    const panel = city();
    const expected = imputePanel(panel, steps);
    for (const workers of [0, 2]) {
      const { models, trained } = await trainImputers(panel, steps, { workers });
      expect(trained).toBe(4);
      expect(imputePanel(panel, steps, { models })).toEqual(expected);
    }
  });

  it('uses saved models as long as data and settings are the same', async () => {
    const panel = city();
    const first = await trainImputers(panel, steps, { folder, workers: 0 });
    const again = await trainImputers(panel, steps, { folder, workers: 0 });
    expect([first.trained, first.reused, again.trained, again.reused]).toEqual([4, 0, 0, 4]);
    expect(imputePanel(panel, steps, again)).toEqual(imputePanel(panel, steps));
    const others = await trainImputers(panel, parseSteps(`${quick}:numLeaves=9`), { folder, workers: 0 });
    expect([others.trained, others.reused]).toEqual([4, 0]);
    panel.series[1].values[3] = 99;
    const changed = await trainImputers(panel, steps, { folder, workers: 0 });
    expect([changed.trained, changed.reused]).toEqual([4, 0]);
  });

  it('uses yesterday’s models on today’s data where that is asked for', async () => {
    const today = city();
    const yesterday = slicePanel(today, 0, 376);
    await trainImputers(yesterday, steps, { folder, workers: 0 });
    const reused = await trainImputers(today, steps, { folder, refit: 'never', workers: 0 });
    expect(reused.reused).toBe(4);
    const { models } = await trainImputers(yesterday, steps, { workers: 0 });
    expect(imputePanel(today, steps, reused)).toEqual(imputePanel(today, steps, { models }));
    // A new station is a new input.
    const grown = await trainImputers(city(5), steps, { folder, refit: 'never', workers: 0 });
    expect([grown.trained, grown.reused]).toEqual([5, 0]);
  });

  it('trains anew what is damaged, and says so', async () => {
    const panel = city();
    await trainImputers(panel, steps, { folder, workers: 0 });
    const [cut, changed, foreign] = readdirSync(folder).map((name) => join(folder, name));
    writeFileSync(cut, readFileSync(cut, 'utf8').slice(0, 500));
    writeFileSync(changed, readFileSync(changed, 'utf8').replace('leaf_value=', 'leaf_value=1'));
    writeFileSync(foreign, 'something else');
    for (const refit of ['changed', 'never'] as const) {
      const { trained, reused, warnings } = await trainImputers(panel, steps, { folder, refit, workers: 0 });
      if (refit === 'changed') {
        expect([trained, reused]).toEqual([3, 1]);
        expect([...warnings].sort()).toEqual(
          [cut, changed, foreign].map((path) => `${path} is damaged; its model is trained anew`).sort(),
        );
      } else {
        expect([trained, reused, warnings]).toEqual([0, 4, []]);
      }
    }
  });

  it('keeps what it has trained when it is stopped', async () => {
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done === 2) stop.abort();
    };
    const run = trainImputers(city(), steps, { folder, workers: 0, signal: stop.signal, onProgress });
    await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
    expect(readdirSync(folder)).toHaveLength(2);
  });
});
